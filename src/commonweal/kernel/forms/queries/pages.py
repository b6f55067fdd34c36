"""What the pages of a form show, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_symbol
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.kernel.base.expressions import Verdict
from commonweal.kernel.base.jinja import drawing, reader
from commonweal.kernel.base.jurisdiction import current, root, wordings
from commonweal.kernel.base.templates import long_date, money
from commonweal.kernel.base.templates import number as written_number
from commonweal.kernel.base.types import Money
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.catalogue.types import Translator
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.queries import endings, kept_files
from commonweal.kernel.files.types import KeptFile
from commonweal.kernel.forms.answers.collecting import typed
from commonweal.kernel.forms.answers.prefill import Known, Prefilled, offered, prefilled, wants_facts
from commonweal.kernel.forms.answers.state import (
    FormState,
    item_questions,
    item_title,
    walk_problems,
)
from commonweal.kernel.forms.answers.values import ADDRESS_PARTS
from commonweal.kernel.forms.errors import PageNotFound
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.sheets import state_of
from commonweal.kernel.forms.types.answers import Answers, Problems, RawAnswers, Sources
from commonweal.kernel.forms.types.compiled import CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.schema import (
    ChoiceQuestion,
    FileQuestion,
    GroupQuestion,
    LongTextQuestion,
    MoneyQuestion,
    NumberQuestion,
    Simple,
    TextQuestion,
)
from commonweal.kernel.forms.types.views import (
    ChoiceView,
    FileView,
    GroupItemView,
    GroupView,
    KnownAnswer,
    LeftOut,
    PageView,
    ProgressStep,
    Provenance,
    QuestionView,
    Review,
    ReviewAnswer,
    ReviewGroup,
)
from commonweal.kernel.people.queries import facts_about

SOURCES = {"check": gettext_lazy("what you told us in the check")}
"""Sources of answers that are no register, by the key that is stored."""
_CHOICE = 2
"""So many awards leave a choice; one alone is filled in."""
NEW_ITEM = -1
"""Stands for an item of a group that is being added."""


def page_view(
    sheet: Sheet,
    page_key: str,
    language: str,
    *,
    at: datetime,
    raw: RawAnswers | None = None,
    errors: Problems | None = None,
    item: int | None = None,
    anyway: bool = False,
) -> PageView:
    """Return what a page of a form shows.

    Args:
        sheet: From :func:`~commonweal.kernel.forms.queries.sheets.open_sheet`.
        page_key: The page.
        language: The reader's.
        at: When.
        raw: What was just typed and refused; shown again, so that nothing is lost.
        errors: What is wrong with it, by question.
        item: Of a repeating group, the index of the item to show, or ``NEW_ITEM``; without it the list is shown.
        anyway: Whether to show questions of the page that can no longer matter; one that holds no others shows them
            in any case.

    Raises:
        PageNotFound: There is no such page or item, or it does not come with these answers.
    """
    state = state_of(sheet, at=at)
    page = page_of(state, page_key, anyway=anyway)
    with drawing():
        return viewer(sheet, state, _translator(sheet, language), raw, errors or {}).page(page, item)


def next_page(sheet: Sheet, *, at: datetime, after: str = "") -> str | None:
    """Return the key of the next page that has not been answered, or None where all have been.

    Args:
        sheet: The sheet.
        at: When.
        after: Look behind this page first, then from the beginning.
    """
    state = state_of(sheet, at=at)
    pages = state.pages()
    keys = [page.key for page in pages]
    start = keys.index(after) + 1 if after in keys else 0
    ordered = pages[start:] + pages[:start]
    return next((page.key for page in ordered if not is_done(state, page, sheet.done_pages)), None)


def next_question(sheet: Sheet, language: str, *, at: datetime) -> tuple[PageView, str] | None:
    """Return the next question that has not been answered: the page with all its texts, and the question's key.

    None where every question has been answered. A question for files is one of them, though only a file answers it.
    """
    state = state_of(sheet, at=at)
    for page in state.pages():
        for question in state.questions(page):
            if question.key not in state.answers:
                return _Viewer(sheet, state, _translator(sheet, language), None, {}).page(
                    page, None
                ), question.key
    return None


def progress(sheet: Sheet, language: str, *, at: datetime) -> list[ProgressStep]:
    """Return the pages that come, and which have been answered."""
    state = state_of(sheet, at=at)
    translate = _translator(sheet, language)
    return [
        ProgressStep(page.key, translate(page.spec.title), is_done(state, page, sheet.done_pages))
        for page in state.pages()
    ]


def review(sheet: Sheet, language: str, *, at: datetime) -> Review:
    """Return every answer for a last look, with what is still missing or has become wrong."""
    state = state_of(sheet, at=at)
    shower = viewer(sheet, state, _translator(sheet, language), None, {})
    wrong = {page.key: problems for page, problems in walk_problems(state.copy())}
    groups, problems = [], {}
    with drawing():
        for page in state.pages():
            done = is_done(state, page, sheet.done_pages)
            groups.append(shower.review_group(page, wrong.get(page.key, {}), done=done))
            if not done:
                problems[page.key] = _("Answer the questions under “{title}”.").format(
                    title=shower.translate(page.spec.title)
                )
            elif wrong.get(page.key):
                problems[page.key] = next(iter(wrong[page.key].values()))
    left_out = _left_out(state, shower.translate)
    return Review(tuple(groups), not problems, sheet.revision, problems, shower.shows_known, left_out)


def answers_sent(sheet: Sheet, language: str) -> tuple[ReviewGroup, ...]:
    """Return every answer of a sheet that was sent, page by page, as it was accepted then."""
    assert sheet.submitted_at is not None
    state = state_of(sheet, at=sheet.submitted_at)
    viewer = _Viewer(sheet, state, _translator(sheet, language), None, {})
    return tuple(viewer.review_group(page, {}, done=True) for page in state.pages())


def _left_out(state: FormState, translate: Translator) -> tuple[LeftOut, ...]:
    """Return what was not asked; a page that does not come at all stands for its questions."""
    if not state.left_out:
        return ()
    coming = {page.key for page in state.pages()}
    found: dict[str, LeftOut] = {}
    for page, question in state.unasked():
        before = found.get(page.key, LeftOut(page.key, translate(page.spec.title)))
        labels = (*before.labels, translate(question.spec.label)) if page.key in coming else ()
        found[page.key] = replace(before, labels=labels)
    return tuple(found.values())


def known_answer(
    sheet: Sheet,
    key: str,
    language: str,
    *,
    at: datetime,
    raw: RawAnswers | None = None,
    errors: Problems | None = None,
) -> KnownAnswer:
    """Return what a record says where a question asks, with the field for another answer.

    Args:
        sheet: From :func:`~commonweal.kernel.forms.queries.sheets.open_sheet`.
        key: Of the question, or of a repeating group.
        language: The reader's.
        at: When.
        raw: What was just typed and refused.
        errors: What is wrong with it, by question.

    Raises:
        PageNotFound: There is no such question, it does not come, or no record says anything of it.
    """
    state = state_of(sheet, at=at)
    page, question = _asking(state, key)
    shower = viewer(sheet, state, _translator(sheet, language), raw, errors or {})
    found = prefilled(state, question, known_facts(sheet, page))
    if found is None:
        raise PageNotFound
    spec = question.spec
    given = state.answers.get(key)
    is_other = key in state.answers and given != found.answer
    view = None
    if not isinstance(spec, GroupQuestion):
        shown = shower._question(question, {key: given} if is_other else {}, Known(), key)  # noqa: SLF001 - its own module's
        view = replace(shown, prefilled=None)
    return KnownAnswer(
        key=key,
        label=shower.translate(spec.label),
        page_key=page.key,
        answer=found.answer,
        lines=_known_lines(state, question, found.answer, shower.translate),
        provenance=found.provenance,
        question=view,
        own_lines=shown_lines(spec, given, shower.translate) if view is not None and is_other else (),
    )


def in_words(sheet: Sheet, key: str, answer: Any, language: str = "") -> tuple[str, ...]:
    """Return an answer to a question of a sheet as people read it, in lines."""
    form = compiled(sheet.version_id).sections["form"]
    spec = next(question.spec for question in form.questions if question.key == key)
    return shown_lines(spec, answer, _translator(sheet, language))


def _asking(state: FormState, key: str) -> tuple[CompiledPage, CompiledQuestion]:
    """Return a question that comes, with its page."""
    for page in state.form.pages:
        for question in page.questions:
            if question.key == key:
                return page_of(state, page.key, anyway=True), question
    raise PageNotFound


def _known_lines(
    state: FormState, question: CompiledQuestion, answer: Any, translate: Translator
) -> tuple[str, ...]:
    if not isinstance(question.spec, GroupQuestion):
        return shown_lines(question.spec, answer, translate)
    return tuple(
        "; ".join(
            f"{translate(inner.spec.label)}: {', '.join(shown_lines(inner.spec, item[inner.key], translate))}"
            for inner in question.items
            if item.get(inner.key) is not None
        )
        for item in answer
    )


def page_of(state: FormState, key: str, *, anyway: bool = False) -> CompiledPage:
    """Return a page that comes with these answers, or that somebody wants to answer although it cannot matter.

    Args:
        state: The form with its answers; questions that are to be asked anyway are brought in.
        key: The page.
        anyway: Whether to ask questions of the page that can no longer matter, beside those that can.

    Raises:
        PageNotFound: There is none, or it does not come.
    """
    page = state.form.page(key)
    if page is None or state.shown[key] is not Verdict.TRUE:
        raise PageNotFound
    if anyway or page not in state.pages():
        state.bring_in(page)
    return page


def is_done(state: FormState, page: CompiledPage, done_pages: list[str]) -> bool:
    """Whether a page was answered, and nothing on it has been brought up since."""
    return page.key in done_pages and all(question.key in state.answers for question in state.questions(page))


def known_facts(sheet: Sheet, page: CompiledPage) -> Known:
    """Return what is known about the owner, if the page has use for it."""
    if sheet.owner_id is None or not wants_facts(page):
        return Known()
    is_about_owner = any(
        question.spec.prefill is not None and question.spec.prefill.fact is not None
        for question in page.questions
    )
    return Known(sheet.owner_id, facts_about(sheet.owner_id) if is_about_owner else {})


def group_items(
    state: FormState, group: CompiledQuestion, known: Known
) -> tuple[list[dict[str, Any]], Provenance | None]:
    """Return a group's items: those given, else those known, with where the known ones come from."""
    if group.key in state.answers:
        return list(state.answers[group.key] or []), None
    found = prefilled(state, group, known)
    return (list(found.answer), found.provenance) if found else ([], None)


def _translator(sheet: Sheet, language: str) -> Translator:
    return compiled(sheet.version_id).translator(language)


def viewer(
    sheet: Sheet, state: FormState, translate: Translator, raw: RawAnswers | None, errors: Problems
) -> _Viewer:
    """Return what makes the views of a sheet, saved or not."""
    return _Viewer(sheet, state, translate, raw, errors)


class _Viewer:
    """Makes the views of one sheet in one language."""

    def __init__(
        self,
        sheet: Sheet,
        state: FormState,
        translate: Translator,
        raw: RawAnswers | None,
        errors: Problems,
    ) -> None:
        self.sheet = sheet
        self.state = state
        self.translate = translate
        self.raw = raw
        self.errors = errors
        self._facts: dict[str, Known] = {}
        self._found_items: dict[str, tuple[list[dict[str, Any]], Provenance | None]] = {}
        self.shows_known = False

    def _known(self, page: CompiledPage) -> Known:
        """Return what is known of the person, as far as the page asks for it; read once."""
        if page.key not in self._facts:
            self._facts[page.key] = known_facts(self.sheet, page)
        return self._facts[page.key]

    def _items(
        self, page: CompiledPage, group: CompiledQuestion
    ) -> tuple[list[dict[str, Any]], Provenance | None]:
        if group.key not in self._found_items:
            self._found_items[group.key] = group_items(self.state, group, self._known(page))
        items, provenance = self._found_items[group.key]
        self.shows_known |= provenance is not None
        return items, provenance

    def page(self, page: CompiledPage, item: int | None) -> PageView:
        """Return an ordinary page, a group's list, or one of its items."""
        pages = self.state.pages()
        at = pages.index(page)
        group: GroupView | None = None
        questions: tuple[QuestionView, ...] = ()
        title = self.translate(page.spec.title)
        if page.group is not None and item is not None:
            questions = self._item(page, page.group, item)
            title = self._item_title(page, page.group, item)
        elif page.group is not None:
            group = self._group(page, page.group)
        else:
            questions = self._questions(page)
        most = sum(verdict is not Verdict.FALSE for verdict in self.state.shown.values())
        return PageView(
            key=page.key,
            title=title,
            guidance=() if item is not None else _paragraphs(self.translate(page.spec.guidance)),
            questions=questions,
            group=group,
            item_index=item if item != NEW_ITEM else None,
            is_item=item is not None,
            revision=self.sheet.revision,
            errors=tuple(self._listed(page)),
            number=at + 1,
            total=len(pages),
            most=most,
            most_may_change=most > len(pages) or self._may_skip(pages[at:]),
            previous_key=pages[at - 1].key if at else None,
            is_known=self.shows_known,
            looked_up=frozenset().union(*(known.looked_up for known in self._facts.values())),
        )

    def _may_skip(self, pages: list[CompiledPage]) -> bool:
        """Whether one of these pages may yet be left out, because its answers can no longer matter."""
        skippable, answers = self.state.form.may_skip, self.state.answers
        return any(
            all(question.key in skippable and question.key not in answers for question in page.questions)
            for page in pages[1:]
        )

    def _item_title(self, page: CompiledPage, group: CompiledQuestion, index: int) -> str:
        spec = group.spec
        assert isinstance(spec, GroupQuestion)
        items, _provenance = self._items(page, group)
        if index == NEW_ITEM:
            text = _("Add another {item}") if items else _("Add the first {item}")
            return text.format(item=self.translate(spec.item))
        return self.translate(item_title(self.state, group, items[index], index + 1))

    def _listed(self, page: CompiledPage) -> Iterator[tuple[str, str]]:
        """Give what is wrong, for the list at the top; a number whose question has no noun is named by the question there."""
        own = (*page.questions, *(page.group.items if page.group else ()))
        unnamed = {
            each.key: self.translate(each.spec.label)
            for each in own
            if isinstance(each.spec, (NumberQuestion, MoneyQuestion)) and not each.spec.short
        }
        for path, text in self.errors.items():
            said = {"question": unnamed.get(path, ""), "problem": text}
            yield path, _("%(question)s: %(problem)s") % said if said["question"] else text

    def _questions(self, page: CompiledPage) -> tuple[QuestionView, ...]:
        known = self._known(page)
        return tuple(
            self._question(question, self.state.answers, known, question.key)
            for question in self.state.questions(page)
        )

    def _item(self, page: CompiledPage, group: CompiledQuestion, index: int) -> tuple[QuestionView, ...]:
        items, provenance = self._items(page, group)
        if index != NEW_ITEM and not 0 <= index < len(items):
            raise PageNotFound
        answers = {} if index == NEW_ITEM else items[index]
        asked = item_questions(self.state, group, answers)
        # Whoever vouches for a person of the household vouches only for what they said of that person.
        place = f"{group.key}[{index + 1}]" if index != NEW_ITEM else ""
        return tuple(
            self._question(
                question,
                answers,
                Known(),
                question.key,
                self._item_source(place, question, answers, provenance),
            )
            for question in asked
        )

    def _item_source(
        self, place: str, question: CompiledQuestion, item: Answers, provenance: Provenance | None
    ) -> Provenance | None:
        """Return where a value of an item comes from: of itself, or as part of an item that was known as a whole."""
        if not place:
            return None
        own = self._source(f"{place}.{question.key}", question.spec)
        if own is not None or item.get(question.key) is None:
            return own
        return provenance or self._source(place)

    def _group(self, page: CompiledPage, group: CompiledQuestion) -> GroupView:
        spec = group.spec
        assert isinstance(spec, GroupQuestion)
        items, provenance = self._items(page, group)
        return GroupView(
            key=group.key,
            label=self.translate(spec.label),
            hint=self.translate(spec.hint),
            item=self.translate(spec.item),
            items=tuple(self._group_item(group, item, at, provenance) for at, item in enumerate(items)),
            may_add=len(items) < spec.maximum,
            maximum=spec.maximum,
            error=self.errors.get(group.key, ""),
        )

    def _group_item(
        self, group: CompiledQuestion, item: dict[str, Any], at: int, provenance: Provenance | None
    ) -> GroupItemView:
        prefix = f"{group.key}[{at + 1}]"
        source = provenance or self._source(prefix)
        if source is not None:
            source = replace(source, source=self._called(source.source))
        given = [
            question
            for question in item_questions(self.state, group, item)
            if item.get(question.key) is not None
        ]
        facts = tuple(
            (self.translate(question.spec.label), ", ".join(self._lines(question.spec, item[question.key])))
            for question in given
        )
        parts = tuple(self._source(f"{prefix}.{question.key}", question.spec) for question in given)
        error = next((text for path, text in self.errors.items() if path.startswith(prefix)), "")
        title = self.translate(item_title(self.state, group, item, at + 1))
        return GroupItemView(at, title, facts, error, source, parts)

    def _question(
        self,
        question: CompiledQuestion,
        answers: Answers,
        known: Known,
        place: str,
        provenance: Provenance | None = None,
    ) -> QuestionView:
        spec = question.spec
        assert not isinstance(spec, GroupQuestion)
        found: Prefilled | None = None
        if question.key not in answers:
            found = prefilled(self.state, question, known)
        self.shows_known |= found is not None
        answer = found.answer if found else answers.get(question.key)
        source = found.provenance if found else provenance or self._source(place, spec)
        if source is not None:
            source = replace(source, source=self._called(source.source), why=self.translate(source.why))
        value = shown_value(spec, answer)
        if self.raw is not None and not isinstance(spec, FileQuestion):
            value, source = typed(self.raw, spec), None
        return QuestionView(
            key=question.key,
            name=question.key,
            type=spec.type,
            label=self.translate(spec.label),
            hint=self.translate(spec.hint),
            purpose=self.translate(spec.purpose),
            is_required=self.state.is_required(question, place),
            value=value if value is not None else _nothing(spec),
            choices=self._choices(spec, value) or self._offered(question, known, value),
            error=self.errors.get(question.key, ""),
            prefilled=source,
            autocomplete=spec.autocomplete,
            files=self._files(spec, answer),
            **self._field(spec),
        )

    def _files(self, spec: Simple | GroupQuestion, answer: Any) -> tuple[FileView, ...]:
        """Return the files that were handed in, with what there is to say of each."""
        if not isinstance(spec, FileQuestion) or not answer:
            return ()
        known = kept_files([UUID(file["id"]) for file in answer])
        return tuple(_file_view(file, known.get(UUID(file["id"]))) for file in answer)

    def _field(self, spec: Simple) -> dict[str, Any]:
        """Return what belongs to the kind of field."""
        if isinstance(spec, MoneyQuestion):
            return {"prefix": _symbol(), "suffix": self.translate(spec.per), "input_mode": "decimal"}
        if isinstance(spec, NumberQuestion):
            return {"suffix": spec.unit, "input_mode": "decimal" if spec.decimals else "numeric"}
        if isinstance(spec, LongTextQuestion):
            return {"max_length": spec.max_length}
        if isinstance(spec, FileQuestion):
            return {
                "accept": ",".join(endings(spec.kinds)),
                "max_bytes": spec.max_mb * 1024**2,
                "max_size": f"{spec.max_mb}\N{NO-BREAK SPACE}MB",
                "max_files": spec.max_files,
            }
        if isinstance(spec, TextQuestion):
            return {"is_upper": spec.upper}
        if isinstance(spec, ChoiceQuestion):
            return {"is_drop_down": spec.drop_down}
        return {}

    def _offered(self, question: CompiledQuestion, known: Known, value: Any) -> tuple[ChoiceView, ...]:
        """Return what a question of text can be answered with, where the applicant's awards say so; else nothing."""
        answers = [str(each.answer) for each in offered(self.state, question, known)]
        if len(answers) < _CHOICE or (value is not None and value not in answers):
            return ()
        self.shows_known = True
        return tuple(ChoiceView(answer, answer, "", answer == value) for answer in answers)

    def _choices(self, spec: Simple, value: Any) -> tuple[ChoiceView, ...]:
        if spec.type == "boolean":
            chosen = {True: "yes", False: "no"}.get(value, value) if value is not None else None
            return (
                ChoiceView("yes", _("Yes"), "", chosen == "yes"),
                ChoiceView("no", _("No"), "", chosen == "no"),
            )
        if not isinstance(spec, ChoiceQuestion):
            return ()
        chosen_keys = [value] if isinstance(value, str) else value or []
        return tuple(
            ChoiceView(
                option.key,
                self.translate(option.label),
                self.translate(option.hint),
                option.key in chosen_keys,
            )
            for option in spec.options
        )

    def review_group(self, page: CompiledPage, problems: Problems, *, done: bool) -> ReviewGroup:
        """Return the answers of one page."""
        title = self.translate(page.spec.title)
        if page.group is None:
            answers = tuple(
                self._review_answer(question, self.state.answers, question.key, problems)
                for question in self.state.questions(page)
            )
            return ReviewGroup(page.key, title, answers, (), done)
        group, items = page.group, []
        for number, item in enumerate(self.state.answers.get(page.group.key) or [], start=1):
            place = f"{group.key}[{number}]"
            rows = tuple(
                self._review_answer(question, item, f"{place}.{question.key}", problems, place)
                for question in item_questions(self.state, group, item)
                if item.get(question.key) is not None
                or f"{place}.{question.key}" in problems
                or f"{place}.{question.key}" in self.sheet.sources
            )
            items.append((self.translate(item_title(self.state, group, item, number)), rows))
        return ReviewGroup(page.key, title, (), tuple(items), done, problems.get(group.key, ""))

    def _review_answer(
        self,
        question: CompiledQuestion,
        answers: Answers,
        path: str,
        problems: Problems,
        source_path: str = "",
    ) -> ReviewAnswer:
        spec = question.spec
        return ReviewAnswer(
            key=question.key,
            label=self.translate(spec.label),
            lines=self._lines(spec, answers.get(question.key)),
            prefilled=self._source(path, spec) or (self._source(source_path, spec) if source_path else None),
            error=problems.get(path, ""),
            files=self._files(spec, answers.get(question.key)),
        )

    def _source(self, place: str, spec: Simple | GroupQuestion | None = None) -> Provenance | None:
        sources: Sources = self.sheet.sources
        found = sources.get(place)
        self.shows_known |= found is not None
        if not found:
            return None
        source = str(SOURCES.get(found["source"]) or self._called(found["source"]))
        says = self._lines(spec, found["says"]) if spec is not None and "says" in found else ()
        observed_at = datetime.fromisoformat(found["observed_at"])
        return Provenance(source, observed_at, found.get("legal_basis", ""), says, found.get("record", ""))

    def _called(self, source: str) -> str:
        """Return the name of a register, or of whoever else knows something, in the reader's language."""
        return wordings(root(), self.translate.language).get(source, source)

    def _lines(self, spec: Simple | GroupQuestion, answer: Any) -> tuple[str, ...]:
        return shown_lines(spec, answer, self.translate)


def shown_value(spec: Simple, answer: Any) -> Any:
    """Return a stored answer as its field shows it."""
    if answer is None:
        return None
    if spec.type == "date":
        year, month, day = answer.split("-")
        return {"day": str(int(day)), "month": str(int(month)), "year": year}
    if spec.type == "money":
        return answer.removesuffix(".00")
    return answer


_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def shown_lines(spec: Simple | GroupQuestion, answer: Any, translate: Translator) -> tuple[str, ...]:
    """Return a stored answer as people read it, in lines; nothing where it was left blank."""
    if answer is None:
        return ()
    if isinstance(spec, ChoiceQuestion):
        chosen = [answer] if isinstance(answer, str) else answer
        return tuple(translate(option.label) for option in spec.options if option.key in chosen)
    if spec.type == "address":
        lines = (answer.get("street"), answer.get("unit"), f"{answer['city']} {answer['postal_code']}")
        return tuple(line for line in lines if line)
    return tuple(line.strip() for line in _written(spec, answer, translate).split("\n") if line.strip())


def _written(spec: Simple | GroupQuestion, answer: Any, translate: Translator) -> str:
    if isinstance(spec, MoneyQuestion):
        return f"{money(Money.of(answer, current().currency))} {translate(spec.per)}"
    if isinstance(spec, NumberQuestion):
        written = answer if _is_year(spec) else written_number(Decimal(answer))
        return f"{written} {spec.unit}"
    if spec.type == "date":
        return long_date(date.fromisoformat(answer))
    if spec.type == "boolean":
        return _("Yes") if answer else _("No")
    if spec.type == "file":
        return "\n".join(file["name"] for file in answer)
    return str(answer)


def _is_year(spec: NumberQuestion) -> bool:
    """Whether a number is a year, by its limits; years have no mark for thousands."""
    low, high = spec.minimum, spec.maximum
    return low is not None and high is not None and low >= _FIRST_YEAR and high <= _LAST_YEAR


def _file_view(file: Mapping[str, Any], known: KeptFile | None) -> FileView:
    size = filesizeformat(file["size_bytes"])
    notice = ""
    if known is None or known.is_deleted:
        notice = _("deleted, because its time was over")
    elif known.scan is Scan.INFECTED:
        notice = _("dangerous, so nobody can open it")
    elif not known.is_open:
        notice = _("being checked for viruses")
    return FileView(UUID(file["id"]), file["name"], size, notice, can_open=not notice)


def _nothing(spec: Simple) -> Any:
    if spec.type in {"date", "address"}:
        return dict.fromkeys(("day", "month", "year") if spec.type == "date" else ADDRESS_PARTS, "")
    return [] if spec.type == "choices" else ""


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def _symbol() -> str:
    return _symbol_of(current().currency, reader().language or "en")


@lru_cache(maxsize=256)
def _symbol_of(currency: str, language: str) -> str:
    return str(get_currency_symbol(currency, locale=translation.to_locale(language)))


__all__ = [
    "NEW_ITEM",
    "answers_sent",
    "in_words",
    "known_answer",
    "next_page",
    "next_question",
    "page_view",
    "progress",
    "review",
]
