"""Finds conditions that can never be met, or that say nothing, by trying every answer that matters.

Answers of yes-no and choice questions are tried one by one; all others are *unknown*, so that a verdict found
holds whatever they are. An answer counts only where its own question can be asked. Where there are too many
combinations, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

from commonweal.engines.feel import UNKNOWN, Evaluation, Expression, Scope, Value
from commonweal.engines.feel.syntax import Binary, In, Name, Node, StringLiteral, walk
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import Verdict, judge, new_evaluation
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.forms.answers.values import to_feel
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledQuestion
from commonweal.kernel.forms.types.schema import ChoiceQuestion

MOST_COMBINATIONS = 1_000
_ANY_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)


def check_reach(form: CompiledForm, source: Source, compilation: Compilation) -> None:
    """Report conditions that are never true, always true, or that compare with an option that does not exist."""
    reach = _Reach(form)
    for expression, path, scope in _conditions(form):
        compilation.problems += [
            source.problem(path, code, message, hint, is_error=is_error)
            for code, message, hint, is_error in reach.problems(expression, scope)
        ]


def _conditions(form: CompiledForm) -> Iterator[tuple[Expression, Path_, Scope]]:
    for at, page in enumerate(form.pages):
        if page.when is not None:
            yield page.when, ("pages", at, "when"), form.scope
        for number, question in enumerate(page.questions):
            path: Path_ = ("pages", at, "questions", number)
            yield from _of_question(question, path, form.scope)
            for inner, item in enumerate(question.items):
                yield from _of_question(item, (*path, "questions", inner), form.item_scopes[question.key])


def _of_question(
    question: CompiledQuestion, path: Path_, scope: Scope
) -> Iterator[tuple[Expression, Path_, Scope]]:
    if question.when is not None:
        yield question.when, (*path, "when"), scope
    if isinstance(question.required, Expression):
        yield question.required, (*path, "required"), scope


class _Reach:
    """A form's questions by name, each with the conditions under which it is asked."""

    def __init__(self, form: CompiledForm) -> None:
        self.asked: dict[tuple[Scope, str], tuple[CompiledQuestion, list[Expression]]] = {}
        self.outer = form.scope
        for page in form.pages:
            for question in page.questions:
                whens = [when for when in (page.when, question.when) if when is not None]
                self.asked[form.scope, question.key] = question, whens
                for item in question.items:
                    inner = [item.when] if item.when is not None else []
                    self.asked[form.item_scopes[question.key], item.key] = item, inner

    def problems(self, expression: Expression, scope: Scope) -> Iterator[tuple[str, str, str, bool]]:
        """Yield code, message, hint and whether it is an error."""
        strangers = list(self._strangers(expression, scope))
        for name, value, options in strangers:
            yield "form.option", f"'{value}' is not an option of '{name}'.", closest(value, options), True
        is_wrong = bool(strangers) or any(problem.is_error for problem in expression.problems)
        verdicts = set() if is_wrong else self._verdicts(expression, scope)
        if Verdict.FAULT in verdicts:
            message = (
                "This is neither true nor false, whatever the answers are."
                if verdicts == {Verdict.FAULT}
                else "For some answers this is neither true nor false, because one that it needs stays blank."
            )
            yield (
                "form.fault",
                message,
                "Compare with a value, such as `name = true` or `name != null`.",
                False,
            )
        if Verdict.FALSE in verdicts and verdicts <= {Verdict.FALSE, Verdict.FAULT}:
            message = "This is never true, whatever the answers are, so nobody will come here."
            yield "form.unreachable", message, "Remove it, or mend the condition.", True
        elif verdicts == {Verdict.TRUE}:
            message = "This is true whatever the answers are."
            yield "form.always", message, "Remove the condition, or mend it.", False

    def _question(self, name: str, scope: Scope) -> tuple[CompiledQuestion, list[Expression]] | None:
        return self.asked.get((scope, name)) or self.asked.get((self.outer, name))

    def _strangers(self, expression: Expression, scope: Scope) -> Iterator[tuple[str, str, list[str]]]:
        """Yield texts that a choice is compared with and that are none of its options."""
        for node in walk(expression.node):
            name, texts = _compared(node)
            found = self._question(name, scope)
            if found is not None and isinstance(found[0].spec, ChoiceQuestion):
                options = [option.key for option in found[0].spec.options]
                yield from ((name, text, options) for text in texts if text not in options)

    def _verdicts(self, expression: Expression, scope: Scope) -> set[Verdict]:
        """Return what a condition says over all combinations; nothing where there are too many."""
        names = self._closure(expression, scope)
        if names is None:
            return set()
        values = [_values(question) for question, _ in names.values()]
        evaluation, found = new_evaluation(_ANY_DAY), set[Verdict]()
        frame = scope.frame(missing=UNKNOWN)
        for combination in product(*values):
            for slot, value in zip(names, combination, strict=True):
                frame[slot] = value
            pairs = zip(names.values(), combination, strict=True)
            if all(_is_possible(*asked, value, frame, evaluation) for asked, value in pairs):
                found.add(judge(expression, frame, evaluation).verdict)
        return found

    def _closure(
        self, expression: Expression, scope: Scope
    ) -> dict[int, tuple[CompiledQuestion, list[Expression]]] | None:
        """Return by slot the questions that a condition depends on, with those that decide whether they are asked.

        None where their answers have too many combinations. The search ends there: in a long chain of conditions
        the last one depends on every question before it.
        """
        pending, found = sorted(expression.names), dict[int, tuple[CompiledQuestion, list[Expression]]]()
        combinations = 1
        while pending:
            name = pending.pop()
            slot, asked = scope.slot(name), self._question(name, scope)
            if slot is None or slot in found or asked is None:
                continue
            found[slot] = asked
            combinations *= len(_values(asked[0]))
            if combinations > MOST_COMBINATIONS:
                return None
            for condition in asked[1]:
                pending += sorted(condition.names)
        return found


def _compared(node: Node) -> tuple[str, list[str]]:
    """Return the name and the texts of a comparison such as ``name = "text"`` or ``name in ("a", "b")``."""
    parts: list[Node] = []
    if isinstance(node, Binary) and node.operator in {"=", "!="}:
        parts = [node.left, node.right]
    elif isinstance(node, In) and isinstance(node.value, Name):
        parts = [node.value, *(part for test in node.tests for part in walk(test))]
    names = [part.name for part in parts if isinstance(part, Name)]
    return (names[0] if names else "", [part.value for part in parts if isinstance(part, StringLiteral)])


def _values(question: CompiledQuestion) -> list[Value]:
    """Return every answer of a yes-no or choice question, and a blank one; else just unknown."""
    spec = question.spec
    if spec.type == "boolean":
        return [True, False, to_feel(spec, None)]
    if isinstance(spec, ChoiceQuestion) and spec.type == "choice":
        return [*(option.key for option in spec.options), to_feel(spec, None)]
    return [UNKNOWN]


def _is_possible(
    question: CompiledQuestion,
    asked_when: list[Expression],
    value: Value,
    frame: list[Value],
    evaluation: Evaluation,
) -> bool:
    """Whether a question can have this answer, given the answers that decide whether it is asked."""
    if value is UNKNOWN:
        return True
    verdicts = {judge(condition, frame, evaluation).verdict for condition in asked_when}
    is_blank = value == to_feel(question.spec, None)
    if Verdict.FALSE in verdicts:
        return is_blank
    may_stay_blank = question.required is not True or Verdict.UNKNOWN in verdicts
    return may_stay_blank or not is_blank
