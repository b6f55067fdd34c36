"""A form with some answers: which pages come, which questions are asked, what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.engines.feel import UNKNOWN, Evaluation, Expression, Scope, Value
from commonweal.kernel.base.expressions import Verdict, judge, new_evaluation, run
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.forms.answers.reading import Translate, Wrong, is_blank, missing, read, same
from commonweal.kernel.forms.answers.values import absent_to_feel, to_feel
from commonweal.kernel.forms.types.answers import Answers, Problems
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.schema import GroupQuestion

_MOST_STRANGERS = 20

NOT_GIVEN: Any = object()
"""Stands for an answer that was not sent at all, as opposed to a blank one."""

Given = Callable[[CompiledQuestion], Any]


@dataclass
class FormState:
    """A form evaluated over answers, question by question in the order of the form.

    Conditions see only what was asked before them. What is not asked counts as blank; what has not been
    answered yet is unknown. A condition that gives neither true, false nor unknown is a fault: the question
    is asked, and the fault is noted for an officer.

    Attributes:
        form: The form.
        answers: Stored answers; not changed.
        evaluation: The FEEL run.
        frame: Values of all questions, by slot.
        shown: Verdict for each page, by key.
        asked: Verdict for each question, by key.
        faults: Conditions and rules that failed to give an answer, by place.
        is_part: Whether what was left out is simply not known, and nothing is missed.
        left_out: Questions that are not asked because their answers could no longer matter; their values are unknown.
    """

    form: CompiledForm
    answers: Answers
    evaluation: Evaluation
    frame: list[Value]
    shown: dict[str, Verdict] = field(default_factory=dict)
    asked: dict[str, Verdict] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    is_part: bool = False
    left_out: frozenset[str] = frozenset()

    def copy(self) -> FormState:
        """Return the same, for somebody who reads answers into it; with no faults noted yet."""
        return replace(self, frame=[*self.frame], shown={**self.shown}, asked={**self.asked}, faults={})

    def pages(self) -> list[CompiledPage]:
        """Return the pages that come, as far as is known; one whose questions are all left out does not."""
        return [
            page
            for page in self.form.pages
            if self.shown[page.key] is Verdict.TRUE and not self._is_left_out(page)
        ]

    def questions(self, page: CompiledPage) -> list[CompiledQuestion]:
        """Return the questions of a page that are asked, as far as is known."""
        return [
            question
            for question in page.questions
            if self.asked[question.key] is Verdict.TRUE and question.key not in self.left_out
        ]

    def unasked(self) -> list[tuple[CompiledPage, CompiledQuestion]]:
        """Return the questions that would come if their answers could still matter."""
        return [
            (page, question)
            for page in self.form.pages
            for question in page.questions
            if question.key in self.left_out and self.asked[question.key] is Verdict.TRUE
        ]

    def leave_out(self, keys: frozenset[str]) -> None:
        """Take questions out, instead of those taken out before: whoever reads their answers sees that they are unknown."""
        before, self.left_out = self.left_out, keys
        for question in self.form.questions if keys or before else ():
            if question.key in keys:
                self.put(question, UNKNOWN)
            elif question.key in before:
                self.put(question, _value(self, question))

    def bring_in(self, page: CompiledPage) -> None:
        """Ask the questions of a page even where their answers can no longer matter."""
        self.leave_out(self.left_out.difference(question.key for question in page.questions))

    def _is_left_out(self, page: CompiledPage) -> bool:
        """Whether every question of a page that would come is left out."""
        if not self.left_out:
            return False
        coming = [
            question.key for question in page.questions if self.asked[question.key] is not Verdict.FALSE
        ]
        return bool(coming) and self.left_out.issuperset(coming)

    def facts(self) -> dict[str, Value]:
        """Return every question's answer as FEEL sees it, by key."""
        scope = self.form.scope
        return {name: self.frame[slot] for name, slot in scope.slots.items()}

    def condition(self, expression: Expression | None, place: str) -> Verdict:
        """Judge a condition; a fault is noted and counts as true."""
        if expression is None:
            return Verdict.TRUE
        judgement = judge(expression, self.frame, self.evaluation)
        if judgement.verdict is Verdict.FAULT:
            self.faults[place] = judgement.reason
            return Verdict.TRUE
        return judgement.verdict

    def is_required(self, question: CompiledQuestion, place: str) -> bool:
        """Whether a question has to be answered, given the answers before it."""
        if self.is_part:
            return False
        if isinstance(question.required, bool):
            return question.required
        judgement = judge(question.required, self.frame, self.evaluation)
        if judgement.verdict is Verdict.FAULT:
            self.faults[f"{place}.required"] = judgement.reason
        return judgement.verdict is Verdict.TRUE

    def put(self, question: CompiledQuestion, value: Value, scope: Scope | None = None) -> None:
        """Make a value known to the expressions that follow."""
        self.frame[(scope or self.form.scope).slots[question.spec.key]] = value

    def broken_rule(self, question: CompiledQuestion, place: str) -> str:
        """Return the message of the first rule that an answer breaks, or an empty text."""
        for number, rule in enumerate(question.rules, start=1):
            judgement = judge(rule.that, self.frame, self.evaluation)
            if judgement.verdict is Verdict.FALSE:
                return rule.message
            if judgement.verdict is Verdict.FAULT:
                self.faults[f"{place}.valid[{number}]"] = judgement.reason
        return ""


def evaluate(
    form: CompiledForm, answers: Answers, *, at: datetime, unanswered: Collection[str] = ()
) -> FormState:
    """Evaluate a form over stored answers.

    Args:
        form: The form.
        answers: Stored answers.
        at: When.
        unanswered: Questions that count as not answered yet, so that they are unknown even where they may stay blank.
    """
    state = FormState(form, answers, new_evaluation(at), form.scope.frame(missing=UNKNOWN))
    for page in form.pages:
        state.shown[page.key] = state.condition(page.when, f"page {page.key}")
        for question in page.questions:
            _settle(state, page, question)
            if question.key in unanswered and state.asked[question.key] is not Verdict.FALSE:
                state.put(question, UNKNOWN)
    return state


def after_answers(state: FormState, answered: str, answers: Answers) -> FormState:
    """Return a form once the answers of one page have changed; pages before it stand, for they see no later answer.

    Behind it, only conditions are judged anew that depend on a question which may have changed. The faults are
    those that this finds, and not all there are.

    Args:
        state: From :func:`evaluate`, or as :func:`read_page` left it; not to be used any more.
        answered: Key of the page.
        answers: All stored answers, of which only those of this page differ from the state's.
    """
    after = FormState(state.form, answers, state.evaluation, state.frame, state.shown, state.asked)
    pages = state.form.pages
    first = [page.key for page in pages].index(answered)
    changed = {question.key for question in pages[first].questions}
    for page in pages[first:]:
        is_new = page.key == answered
        if page.when is not None and page.when.names & changed:
            before, after.shown[page.key] = (
                after.shown[page.key],
                after.condition(page.when, f"page {page.key}"),
            )
            is_new |= after.shown[page.key] is not before
        for question in page.questions:
            if is_new or question.is_group or (question.when is not None and question.when.names & changed):
                _settle(after, page, question)
                changed.add(question.key)
    return after


def _settle(state: FormState, page: CompiledPage, question: CompiledQuestion) -> None:
    """Note whether a question is asked, and make its value known to those behind it."""
    state.asked[question.key] = _asked(state, page, question)
    state.put(question, _value(state, question))


def _asked(state: FormState, page: CompiledPage, question: CompiledQuestion) -> Verdict:
    if state.shown[page.key] is not Verdict.TRUE:
        return state.shown[page.key]
    return state.condition(question.when, question.key)


def _value(state: FormState, question: CompiledQuestion) -> Value:
    verdict = state.asked[question.key]
    if verdict is Verdict.FALSE:
        return to_feel(question.spec, None)
    if question.key in state.answers and question.is_group:
        return items_to_feel(state, question, state.answers[question.key])
    return absent_to_feel(question.spec, state.answers)


def items_to_feel(state: FormState, group: CompiledQuestion, items: Any) -> Value:
    """Turn a group's items into FEEL; what is not asked of an item counts as blank."""
    if items is None:
        return None
    scope = state.form.item_scopes[group.key]
    values: list[Value] = []
    for number, item in enumerate(items, start=1):
        context: dict[str, Value] = {}
        for question in group.items:
            verdict = state.condition(question.when, f"{group.key}[{number}].{question.key}")
            is_out = verdict is Verdict.FALSE
            context[question.key] = (
                to_feel(question.spec, None) if is_out else absent_to_feel(question.spec, item)
            )
            state.put(question, context[question.key], scope)
        values.append(context)
    return values


def item_questions(
    state: FormState, group: CompiledQuestion, item: Mapping[str, Any]
) -> list[CompiledQuestion]:
    """Return the questions that are asked of one item, given its answers so far."""
    scope = state.form.item_scopes[group.key]
    asked = []
    for question in group.items:
        verdict = state.condition(question.when, f"{group.key}.{question.key}")
        if verdict is Verdict.TRUE:
            asked.append(question)
        is_out = verdict is Verdict.FALSE
        value = to_feel(question.spec, None) if is_out else _so_far(question, item)
        state.put(question, value, scope)
    return asked


def item_title(state: FormState, group: CompiledQuestion, item: Mapping[str, Any], number: int) -> str:
    """Return what to call an item: its declared title, else its first text, else its number."""
    if group.title is not None:
        item_questions(state, group, item)
        title, _wrong = run(group.title, state.frame, state.evaluation)
        if isinstance(title, str) and title.strip():
            return title
    first = item.get(group.items[0].key)
    if isinstance(first, str) and group.items[0].spec.type == "text" and first:
        return first
    spec = group.spec
    assert isinstance(spec, GroupQuestion)
    return f"{spec.item} {number}"


def _so_far(question: CompiledQuestion, answers: Mapping[str, Any]) -> Value:
    return to_feel(question.spec, answers[question.key]) if question.key in answers else UNKNOWN


@dataclass
class Reading:
    """What a page's answers came to.

    Attributes:
        answers: Stored answers of the questions asked, by key.
        problems: What is wrong, by path.
        unasked: Questions that these answers have just brought up.
    """

    answers: Answers = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)
    unasked: list[str] = field(default_factory=list)


def read_page(
    state: FormState,
    page: CompiledPage,
    given: Given,
    *,
    before: Mapping[str, Verdict] | None,
    translate: Translate = same,
) -> Reading:
    """Read the answers of one page, in order, so that later conditions see earlier answers.

    Args:
        state: The form with the answers so far; takes the values read.
        page: An ordinary page, or a group's (whose items come as a list).
        given: Returns what was sent for a question, or ``NOT_GIVEN``.
        before: Which questions were asked when the page was shown: one that was not on it yet and was not sent
            is asked now instead of being held against the resident. None where every question has to be there.
        translate: Puts the declaration's texts into the reader's language.
    """
    reading = Reading()
    for question in page.questions:
        verdict = _asked(state, page, question)
        state.asked[question.key] = verdict
        if verdict is Verdict.FALSE:
            state.put(question, to_feel(question.spec, None))
            continue
        sent = given(question)
        if sent is NOT_GIVEN and question.key in state.left_out:
            continue
        was_there = before is None or before[question.key] is Verdict.TRUE
        if sent is NOT_GIVEN and (state.is_part or not was_there):
            if verdict is Verdict.TRUE:
                reading.unasked.append(question.key)
            continue
        _read_question(state, question, sent, reading, translate)
    return reading


def _read_question(
    state: FormState, question: CompiledQuestion, sent: Any, reading: Reading, translate: Translate
) -> None:
    if question.is_group:
        _read_group(state, question, sent, reading, translate)
        return
    try:
        reading.answers[question.key] = _accepted(state, question, question.key, sent, translate=translate)
    except Wrong as wrong:
        reading.problems[question.key] = str(wrong)


def _accepted(
    state: FormState,
    question: CompiledQuestion,
    place: str,
    sent: Any,
    *,
    translate: Translate,
    scope: Scope | None = None,
) -> Any:
    """Return an answer as it is stored, once its value is known to FEEL and its rules are satisfied.

    Raises:
        Wrong: It cannot be accepted.
    """
    answer = None if sent is NOT_GIVEN or is_blank(sent) else read(question.spec, sent, translate)
    if answer is None or answer in ("", []):
        if state.is_required(question, place):
            raise Wrong(missing(question.spec, translate))
        state.put(question, to_feel(question.spec, None), scope)
        return None
    state.put(question, to_feel(question.spec, answer), scope)
    message = state.broken_rule(question, place)
    if message:
        raise Wrong(translate(message))
    return answer


def read_item(
    state: FormState,
    group: CompiledQuestion,
    sent: Mapping[str, Any],
    *,
    place: str = "",
    before: Mapping[str, Any] | None = None,
    translate: Translate = same,
) -> Reading:
    """Read the answers about one item of a group.

    Args:
        state: The form with the answers so far.
        group: The repeating group.
        sent: What was sent, by the keys of the group's questions.
        place: Path of the item, for messages.
        before: The item as it stood when its page was shown; None where every question has to be there.
        translate: Puts the declaration's texts into the reader's language.
    """
    reading = Reading()
    asked_before = None
    if before is not None:
        asked_before = {question.key for question in item_questions(state, group, before)}
    for question in group.items:
        state.put(question, UNKNOWN, state.form.item_scopes[group.key])
    prefix = f"{place}." if place else ""
    for question in group.items:
        answer = sent.get(question.key, NOT_GIVEN)
        is_new = answer is NOT_GIVEN and (
            state.is_part or (asked_before is not None and question.key not in asked_before)
        )
        _read_item_answer(
            state, group, question, answer, prefix=prefix, is_new=is_new, reading=reading, translate=translate
        )
    known = [question.key for question in group.items]
    for key in strangers(sent, known):
        reading.problems[f"{prefix}{key}"] = unknown_answer(key, known)
    return reading


def strangers(sent: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """Return keys under which nothing is asked; the first few, for a program that sends many has mistaken the form."""
    return [str(key)[:60] for key in islice((key for key in sent if key not in known), _MOST_STRANGERS)]


def _read_item_answer(
    state: FormState,
    group: CompiledQuestion,
    question: CompiledQuestion,
    sent: Any,
    *,
    prefix: str,
    is_new: bool,
    reading: Reading,
    translate: Translate,
) -> None:
    """Read one answer about an item; ``is_new`` says that its question was not on the page yet."""
    path, scope = f"{prefix}{question.key}", state.form.item_scopes[group.key]
    verdict = state.condition(question.when, path)
    if verdict is Verdict.FALSE:
        state.put(question, to_feel(question.spec, None), scope)
        return
    if is_new:
        reading.unasked += [question.key] if verdict is Verdict.TRUE else []
        return
    try:
        answer = _accepted(state, question, path, sent, translate=translate, scope=scope)
    except Wrong as wrong:
        reading.problems[path] = str(wrong)
        return
    if answer is not None or sent is not NOT_GIVEN:
        reading.answers[question.key] = answer


def unknown_answer(key: str, known: list[str]) -> str:
    """Return what to say of an answer to a question that nobody asked."""
    return _("There is no such question.") + (f" {closest(key, known)}" if known else "")


def _read_group(
    state: FormState, group: CompiledQuestion, sent: Any, reading: Reading, translate: Translate
) -> None:
    spec = group.spec
    assert isinstance(spec, GroupQuestion)
    items = [] if sent is NOT_GIVEN or sent is None else sent
    if not isinstance(items, (list, tuple)):
        reading.problems[group.key] = _("Enter a list.")
        return
    wrong = count_problem(spec, len(items), translate)
    stored = []
    for number, item in enumerate(items[: spec.maximum], start=1):
        place = f"{group.key}[{number}]"
        if not isinstance(item, Mapping):
            reading.problems[place] = _("Answer the questions about this one.")
            continue
        inner = read_item(state, group, item, place=place, translate=translate)
        reading.problems |= inner.problems
        stored.append(inner.answers)
    if wrong:
        reading.problems[group.key] = wrong
    if not any(path.startswith(group.key) for path in reading.problems):
        reading.answers[group.key] = stored
        state.put(group, items_to_feel(state, group, stored))
        message = state.broken_rule(group, group.key)
        if message:
            reading.problems[group.key] = translate(message)


def count_problem(group: GroupQuestion, count: int, translate: Translate = same) -> str:
    """Return what to say where a group has too few or too many items, or an empty text."""
    item = translate(group.item)
    if count < group.minimum:
        return ngettext("Add at least one {item}.", "Add at least {count} ({item}).", group.minimum).format(
            count=group.minimum, item=item
        )
    if count > group.maximum:
        return _("At most {count} can be entered here ({item}).").format(count=group.maximum, item=item)
    return ""


def walk_problems(state: FormState) -> Iterator[tuple[CompiledPage, Problems]]:
    """Check stored answers once more, page by page, as they stand now; each page that comes, with its problems."""
    for page in state.pages():
        reading = read_page(
            state,
            page,
            lambda question: state.answers.get(question.key, NOT_GIVEN),
            before=None,
        )
        yield page, reading.problems
