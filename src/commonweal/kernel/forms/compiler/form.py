"""Compiles pages and questions: types for FEEL, expressions, and what can never work."""

from __future__ import annotations

from collections.abc import Iterator

from commonweal.engines.feel import ANY, BOOLEAN, STRING, Expression, Scope, Type
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.forms.answers.reading import Wrong, read
from commonweal.kernel.forms.answers.values import feel_type
from commonweal.kernel.forms.compiler.reach import check_reach
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion, CompiledRule
from commonweal.kernel.forms.types.schema import (
    ChoiceQuestion,
    Form,
    GroupQuestion,
    Page,
    Prefill,
    Question,
    Simple,
)
from commonweal.kernel.registers.queries import declared_in

_ANSWERED_BY = {
    "text": {"text", "long_text", "choice", "email", "phone"},
    "number": {"number", "money"},
    "boolean": {"boolean"},
    "date": {"date"},
    "choice": {"choice", "text"},
}
"""Which types of questions a field of a register answers as it is."""


def compile_form(source: Source, compilation: Compilation) -> CompiledForm:
    """Compile a form; problems go to the compilation."""
    return _FormCompiler(source, compilation).compile()


class _FormCompiler:
    """One form on its way.

    ``asked`` grows with each question, so that an expression that names a later one is found out.
    """

    def __init__(self, source: Source, compilation: Compilation) -> None:
        self.source = source
        self.compilation = compilation
        self.form: Form = source.value
        self.scope = Scope(
            {question.key: feel_type(question) for page in self.form.pages for question in page.questions}
        )
        self.fact_scope = Scope({"fact": ANY}, parent=self.scope)
        self.item_scopes: dict[str, Scope] = {}
        self.asked: set[str] = set()
        self.later = set(self.scope.names)

    def compile(self) -> CompiledForm:
        self._refuse_twice()
        pages = tuple(self._page(page, ("pages", at)) for at, page in enumerate(self.form.pages))
        form = CompiledForm(
            self.form,
            pages,
            self.scope,
            self.item_scopes,
            self.fact_scope,
            may_skip=frozenset(_skippable(self.form)) - _held(pages),
        )
        check_reach(form, self.source, self.compilation)
        self._about(form)
        return form

    def _about(self, form: CompiledForm) -> None:
        """Refuse a name of what a form is about that no answer can give."""
        files = form.file_questions
        known = [question.key for question in form.questions if question.key not in files]
        for at, key in enumerate(self.form.about):
            if key not in known:
                message = f"No question '{key}' is asked whose answer can be shown in a list."
                self._problem(("about", at), "form.about", message, closest(key, known))

    def _page(self, page: Page, path: Path_) -> CompiledPage:
        when = self._condition(page.when, (*path, "when"))
        questions = tuple(
            self._question(question, (*path, "questions", at)) for at, question in enumerate(page.questions)
        )
        return CompiledPage(page, when, questions)

    def _question(self, question: Simple | GroupQuestion, path: Path_) -> CompiledQuestion:
        when = self._condition(question.when, (*path, "when"))
        required = self._required(question, path)
        self.asked.add(question.key)
        self.later.discard(question.key)
        items, title = self._items(question, path) if isinstance(question, GroupQuestion) else ((), None)
        self._default(question, path)
        return CompiledQuestion(
            spec=question,
            when=when,
            required=required,
            rules=self._rules(question, self.scope, path),
            prefill=self._prefill(question, path),
            prefill_key=self._prefill_key(question, path),
            items=items,
            title=title,
        )

    def _items(
        self, group: GroupQuestion, path: Path_
    ) -> tuple[tuple[CompiledQuestion, ...], Expression | None]:
        scope = Scope({item.key: feel_type(item) for item in group.questions}, parent=self.scope)
        self.item_scopes[group.key] = scope
        if group.minimum > group.maximum:
            self._problem((*path, "min"), "form.min", "'min' is larger than 'max'.", "Swap the two.")
        later = {item.key for item in group.questions}
        items = []
        for at, item in enumerate(group.questions):
            inner = (*path, "questions", at)
            when = self._condition(item.when, (*inner, "when"), scope, later)
            required = self._required(item, inner, scope, later)
            later.discard(item.key)
            if item.prefill:
                message = "Questions inside a group are not prefilled one by one."
                self._problem((*inner, "prefill"), "form.prefill", message, "Prefill the group.")
            if item.ask:
                message = "Questions inside a group are asked or left out together."
                self._problem((*inner, "ask"), "form.ask", message, "Write 'ask' on the group.")
            self._default(item, inner)
            rules = self._rules(item, scope, inner, later)
            items.append(CompiledQuestion(spec=item, when=when, required=required, rules=rules))
        title = self._feel(group.title, (*path, "title"), scope, STRING) if group.title else None
        return tuple(items), title

    def _required(
        self, question: Question, path: Path_, scope: Scope | None = None, later: set[str] | None = None
    ) -> bool | Expression:
        if isinstance(question.required, bool):
            return question.required
        return self._condition(question.required, (*path, "required"), scope, later) or False

    def _rules(
        self, question: Question, scope: Scope, path: Path_, later: set[str] | None = None
    ) -> tuple[CompiledRule, ...]:
        rules = []
        for at, rule in enumerate(question.valid):
            that = self._condition(rule.that, (*path, "valid", at, "that"), scope, later)
            if that is not None:
                rules.append(CompiledRule(that, rule.message))
        return tuple(rules)

    def _prefill(self, question: Question, path: Path_) -> Expression | None:
        if question.prefill is None:
            return None
        place = (*path, "prefill", "value")
        return compile_feel(
            question.prefill.value,
            self.fact_scope,
            source=self.source,
            path=place,
            compilation=self.compilation,
            is_loose=True,
        )

    def _prefill_key(self, question: Simple | GroupQuestion, path: Path_) -> Expression | None:
        """Compile what names a register's entry, and look whether its field can be an answer."""
        spec = question.prefill
        if spec is None or spec.register_key is None or spec.key is None:
            return None
        place = (*path, "prefill")
        self._look_at_field(question, spec, place)
        expression = self._feel(spec.key, (*place, "key"), self.scope, STRING)
        for name in sorted((expression.names if expression else frozenset()) & (self.later | {question.key})):
            message = f"'{name}' is asked later, so its answer is not known here."
            self._problem((*place, "key"), "form.later", message, "Move the question before this place.")
        return expression

    def _look_at_field(self, question: Simple | GroupQuestion, spec: Prefill, place: Path_) -> None:
        declared = declared_in(self.compilation.root)
        register = declared.get(str(spec.register_key))
        if register is None:
            message = f"There is no register '{spec.register_key}'."
            hint = closest(spec.register_key, list(declared))
            self._problem((*place, "register"), "form.prefill-register", message, hint)
            return
        field = next((each for each in register.fields if each.key == spec.field), None)
        if field is None:
            message = f"The register '{register.key}' has no field '{spec.field}'."
            hint = closest(spec.field, [each.key for each in register.fields])
            self._problem((*place, "field"), "form.prefill-field", message, hint)
            return
        if spec.value != "fact":
            return
        if question.type not in _ANSWERED_BY[field.type]:
            message = (
                f"A {field.type} of a register is no answer to a question of the type '{question.type}'."
            )
            hint = "Ask a question of the same type, or write 'value' with FEEL that makes the answer."
            self._problem((*place, "field"), "form.prefill-type", message, hint)
        elif isinstance(question, ChoiceQuestion):
            missing = sorted(set(field.options) - {option.key for option in question.options})
            if field.type == "choice" and missing:
                message = f"The register knows '{missing[0]}', which cannot be chosen here."
                self._problem((*place, "field"), "form.prefill-option", message, "Add the option.")

    def _condition(
        self, text: str | None, path: Path_, scope: Scope | None = None, later: set[str] | None = None
    ) -> Expression | None:
        """Compile a condition, and refuse one that names a later question."""
        if text is None:
            return None
        expression = self._feel(text, path, scope or self.scope, BOOLEAN)
        if expression is None:
            return None
        for name in sorted(expression.names & (self.later | (later or set()))):
            message = f"'{name}' is asked later, so its answer is not known here."
            self._problem(path, "form.later", message, "Move the question before this place.")
        return expression

    def _feel(self, text: str, path: Path_, scope: Scope, expects: Type) -> Expression | None:
        return compile_feel(
            text, scope, source=self.source, path=path, compilation=self.compilation, expects=expects
        )

    def _default(self, question: Simple | GroupQuestion, path: Path_) -> None:
        """Refuse a default that could not be an answer."""
        if question.default is None:
            return
        try:
            read(question, question.default)
        except Wrong as wrong:
            self._problem((*path, "default"), "form.default", f"This cannot be an answer: {wrong}", "")

    def _refuse_twice(self) -> None:
        seen: dict[str, Path_] = {}
        for key, path in self._keys():
            if key in seen:
                message = f"The key '{key}' is taken already."
                self._problem((*path, "key"), "form.key-twice", message, "Choose another one.")
            seen[key] = path
        pages: set[str] = set()
        for at, page in enumerate(self.form.pages):
            if page.key in pages:
                message = f"There is another page '{page.key}'."
                self._problem(("pages", at, "key"), "form.page-twice", message, "Choose another key.")
            pages.add(page.key)

    def _keys(self) -> Iterator[tuple[str, Path_]]:
        for at, page in enumerate(self.form.pages):
            for number, question in enumerate(page.questions):
                path: Path_ = ("pages", at, "questions", number)
                yield question.key, path
                if isinstance(question, GroupQuestion):
                    for inner, item in enumerate(question.questions):
                        yield item.key, (*path, "questions", inner)

    def _problem(self, path: Path_, code: str, message: str, hint: str) -> None:
        self.compilation.problems.append(self.source.problem(path, code, message, hint))


def _skippable(form: Form) -> Iterator[str]:
    """Yield the questions that are declared to be asked only while they matter."""
    for page in form.pages:
        for question in page.questions:
            if (question.ask or form.ask) == "when it matters":
                yield question.key


def _held(pages: tuple[CompiledPage, ...]) -> frozenset[str]:
    """Return the questions that other questions are checked, filled in or titled by; these have to be asked."""
    return frozenset().union(*(_held_by(question) for page in pages for question in page.questions))


def _held_by(question: CompiledQuestion) -> frozenset[str]:
    """Return the other questions that a question needs, besides those on which it depends whether it comes."""
    own = {question.key} | {item.key for item in question.items}
    parts: list[object] = [item.when for item in question.items]
    for part in (question, *question.items):
        parts += [
            part.prefill,
            part.prefill_key,
            part.required,
            part.title,
            *(rule.that for rule in part.rules),
        ]
    found = frozenset(name for part in parts if isinstance(part, Expression) for name in part.names)
    return found - own
