from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from tests.factories.people import make_person
from tests.kernel.forms.conftest import AT, KEY, City, resident, sheet
from tests.kernel.forms.test_actions import LATER, PERSON, _answer, _fill, _item

from commonweal.kernel.base.types import Actor
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.errors import AnswersInvalid, PageNotFound, SheetExpired, SheetNotFound
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries import (
    draft_of,
    drafts_of,
    next_page,
    open_sheet,
    page_view,
    progress,
    review,
    sheet_by_token,
    submitted_sheet,
)
from commonweal.kernel.forms.queries.pages import NEW_ITEM, shown_lines
from commonweal.kernel.forms.rules import allows, visible
from commonweal.kernel.forms.types.schema import NumberQuestion

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(city: City) -> Actor:
    return resident(make_person(birth_date="1980-02-29", household=[{"member_name": "Bo", "age": 9}]).pk)


@pytest.fixture
def started(ada: Actor) -> UUID:
    return start_sheet(KEY, by=ada, at=AT).sheet_id


def _render(template: str, **context: Any) -> str:
    request = RequestFactory().get("/drafts/x/")
    request.actor = Actor.guest()  # type: ignore[attr-defined]  # the middleware sets it
    defaults = {
        "errors": {},
        "service_name": "Library card",
        "back_url": "/back",
        "review_url": "",
        "save_url": "/save",
        "notice": "",
    }
    return render_to_string(template, defaults | context, request)


def test_a_page_shows_its_questions_and_what_is_known(started: UUID) -> None:
    view = page_view(sheet(), "person", "en", at=AT)

    assert (view.title, view.guidance, view.number, view.total, view.previous_key) == (
        "About you",
        ("First paragraph, one line.", "Second paragraph."),
        1,
        3,
        None,
    )
    assert (view.most, view.most_may_change) == (4, True)  # whoever rents is asked who lives there
    name, birth = view.questions
    assert (name.label, name.type, name.value, name.is_required, name.prefilled) == (
        "What is your name?",
        "text",
        "",
        True,
        None,
    )
    assert birth.value == {"day": "29", "month": "2", "year": "1980"}
    assert birth.prefilled is not None
    assert birth.prefilled.source == "tests"


def test_what_was_typed_is_shown_again_beside_its_error(started: UUID) -> None:
    raw = QueryDict("name=&birth_date-day=31&birth_date-month=feb&birth_date-year=")
    errors = {"name": "Enter your name.", "birth_date": "The date must include a year."}

    view = page_view(sheet(), "person", "en", at=AT, raw=raw, errors=errors)

    assert [(question.value, question.error) for question in view.questions] == [
        ("", "Enter your name."),
        ({"day": "31", "month": "feb", "year": ""}, "The date must include a year."),
    ]
    assert view.errors == tuple(errors.items())


def test_a_page_that_does_not_come_is_not_found(started: UUID) -> None:
    for key in ("household", "none"):
        with pytest.raises(PageNotFound):
            page_view(sheet(), key, "en", at=AT)


def test_the_list_of_a_group_shows_what_is_known_and_what_was_given(started: UUID, ada: Actor) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)
    known = page_view(sheet(), "household", "en", at=AT)
    _item(started, None, {"member_name": "Cy", "age": "30", "pay": "1200"}, ada)
    given = page_view(sheet(), "household", "en", at=AT)

    assert known.group is not None
    assert [(item.title, item.facts, item.prefilled is not None) for item in known.group.items] == [
        ("Bo", (("Name", "Bo"), ("Age", "9")), True)
    ]
    assert given.group is not None
    assert [item.title for item in given.group.items] == ["Bo", "Cy"]
    assert given.group.items[1].facts == (("Name", "Cy"), ("Age", "30"), ("Pay", "$1,200.00"))
    assert given.group.may_add


def test_the_page_of_an_item_shows_its_answers(started: UUID, ada: Actor) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    known = page_view(sheet(), "household", "en", at=AT, item=0)
    new = page_view(sheet(), "household", "en", at=AT, item=NEW_ITEM)

    assert [(question.key, question.value) for question in known.questions] == [
        ("member_name", "Bo"),
        ("age", "9"),
        ("school", ""),
        ("pay", ""),
    ]
    assert [question.key for question in known.questions if question.prefilled] == ["member_name", "age"]
    assert [question.key for question in new.questions] == ["member_name", "age", "pay"]
    assert (known.item_index, new.item_index, new.is_item) == (0, None, True)
    with pytest.raises(PageNotFound):
        page_view(sheet(), "household", "en", at=AT, item=1)


def test_progress_and_next_page_follow_the_answers(started: UUID, ada: Actor) -> None:
    before = [(step.key, step.is_done) for step in progress(sheet(), "en", at=AT)]
    _answer(started, "home", {"has_home": "yes", "rent": "1"}, ada)
    after = [(step.key, step.is_done) for step in progress(sheet(), "en", at=AT)]

    assert before == [("person", False), ("home", False), ("more", False)]
    assert after == [("person", False), ("home", True), ("household", False), ("more", False)]
    assert next_page(sheet(), at=AT) == "person"
    assert next_page(sheet(), at=AT, after="home") == "household"
    assert next_page(sheet(), at=AT, after="more") == "person"


def test_the_review_shows_every_answer_as_people_read_it(started: UUID, ada: Actor) -> None:
    _fill(started, ada)

    seen = review(sheet(), "en", at=AT)

    assert seen.is_complete
    assert [(group.title, [answer.lines for answer in group.answers]) for group in seen.groups] == [
        ("About you", [("Ada Quill",), ("February 29, 1980",)]),
        ("Your home", [("Yes",), ("$850.00 a month",)]),
        ("Who lives with you", []),
        ("A few more things", [(), ()]),
    ]
    assert [title for title, _rows in seen.groups[2].items] == ["Bo", "Ada"]
    assert seen.groups[0].answers[1].prefilled is not None


def test_the_review_says_what_is_missing_or_has_become_wrong(started: UUID, ada: Actor, city: City) -> None:
    _answer(started, "person", PERSON | {"birth_date": "2026-09-15"}, ada)

    earlier = AT.replace(year=2025)
    seen = review(sheet(), "en", at=earlier)

    assert not seen.is_complete
    assert seen.problems == {
        "person": "This day is in the future.",
        "home": "Answer the questions under “Your home”.",
        "more": "Answer the questions under “A few more things”.",
    }
    assert seen.groups[0].answers[1].error == "This day is in the future."


def test_a_form_speaks_the_readers_language(city: City, ada: Actor) -> None:
    (city.folder / "service.yaml").write_text(
        (city.folder / "service.yaml").read_text().replace("[en]", "[en, es]")
    )
    (city.folder / "locale").mkdir()
    (city.folder / "locale" / "es.po").write_text(
        'msgid "About you"\nmsgstr "Sobre usted"\n\nmsgid "your name"\nmsgstr "su nombre"\n\n'
        'msgid "What is your name?"\nmsgstr "¿Cómo se llama?"\n'
    )
    city.publish()
    started = start_sheet(KEY, by=ada, at=AT).sheet_id

    view = page_view(sheet(), "person", "es-MX", at=AT)
    with translation.override("es"), pytest.raises(AnswersInvalid) as caught:
        _answer(started, "person", {}, ada)

    assert (view.title, view.questions[0].label) == ("Sobre usted", "¿Cómo se llama?")
    assert "su nombre" in caught.value.fields["name"]


def test_pages_render_with_labels_errors_and_sources(started: UUID, ada: Actor) -> None:
    errors = {"name": "Enter your name."}
    view = page_view(sheet(), "person", "en", at=AT, errors=errors)

    text = _render("forms/page.html", page=view, errors=dict(view.errors), notice="Changed elsewhere.")

    assert "<title>Error: About you" in text
    assert '<a class="ds-link" href="#name">Enter your name.</a>' in text
    assert "Changed elsewhere." in text
    assert 'name="birth_date-day"' in text
    assert "We know this from: tests" in text
    assert 'name="revision" value="0"' in text


@pytest.mark.parametrize("review_url", ["", "/review"])
def test_the_list_of_a_group_renders(started: UUID, ada: Actor, review_url: str) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)
    view = page_view(sheet(), "household", "en", at=AT, errors={"members": "Add one."})

    text = _render(
        "forms/group.html",
        page=view,
        errors=dict(view.errors),
        add_url="/add",
        change_urls=["/change/0"],
        remove_urls=["/remove/0"],
        review_url=review_url,
    )

    assert 'href="/add"' in text
    assert 'action="/remove/0"' in text
    assert ("Save and go back to your answers" in text) == bool(review_url)


def test_the_review_renders_with_links_that_change(started: UUID, ada: Actor) -> None:
    _fill(started, ada)
    seen = review(sheet(), "en", at=AT)

    text = _render(
        "forms/review.html",
        review=seen,
        change_urls={group.page_key: f"/{group.page_key}?return=review" for group in seen.groups},
        declaration="Everything is true.",
    )

    assert "/person?return=review#name" in text
    assert "Ada Quill" in text
    assert "Everything is true." in text
    assert "Left blank" in text


ALL_TYPES = """\
pages:
  - key: all
    title: All kinds
    questions:
      - {key: a_text, type: text, label: Text, upper: true}
      - {key: a_long, type: long_text, label: Long, purpose: Because.}
      - {key: a_number, type: number, label: Number, unit: kg, decimals: 1}
      - {key: an_amount, type: money, label: Amount, per: a week}
      - {key: a_date, type: date, label: Date}
      - {key: a_truth, type: boolean, label: Truth}
      - {key: a_choice, type: choice, label: Choice, options: [{key: x, label: The X, hint: Hint}, {key: y, label: The Y}]}
      - {key: choices, type: choices, label: Choices, options: [{key: x, label: The X}, {key: y, label: The Y}]}
      - {key: mail, type: email, label: Mail, autocomplete: email}
      - {key: phone, type: phone, label: Phone}
      - {key: home, type: address, label: Home}
"""


def test_every_kind_of_question_renders_empty_filled_and_refused(city: City, ada: Actor) -> None:
    city.publish(ALL_TYPES)
    started = start_sheet(KEY, by=ada, at=AT).sheet_id
    empty = _render("forms/page.html", page=page_view(sheet(), "all", "en", at=AT))
    raw = {
        "a_text": "abc",
        "a_long": "one\ntwo",
        "a_number": "80.5",
        "an_amount": "12.30",
        "a_date": "2026-03-27",
        "a_truth": "no",
        "a_choice": "y",
        "choices": ["x", "y"],
        "mail": "Ada@Example.ORG",
        "phone": "555-0100",
        "home-street": "1 Quay",
        "home-unit": "2b",
        "home-city": "Port Alder",
        "home-postal_code": "98101",
    }
    _answer(started, "all", raw, ada)
    filled = _render("forms/page.html", page=page_view(sheet(), "all", "en", at=AT))
    refused = page_view(sheet(), "all", "en", at=AT, raw=raw, errors={"home": "No such street."})
    lines = [answer.lines for answer in review(sheet(), "en", at=AT).groups[0].answers]

    assert lines == [
        ("ABC",),
        ("one", "two"),
        ("80.5 kg",),
        ("$12.30 a week",),
        ("March 27, 2026",),
        ("No",),
        ("The Y",),
        ("The X", "The Y"),
        ("Ada@example.org",),
        ("555-0100",),
        ("1 Quay", "2b", "Port Alder 98101"),
    ]
    assert "checked" not in empty
    assert filled.count(" checked") == 4
    assert all(text in filled for text in ('value="80.5"', 'value="1 Quay"', "one\ntwo", "Why we ask this"))
    assert 'href="#home"' in _render("forms/page.html", page=refused, errors=dict(refused.errors))
    assert [question.input_mode for question in refused.questions][2:4] == ["decimal", "decimal"]


def test_drafts_of_a_person_come_newest_first(city: City, ada: Actor) -> None:
    first = start_sheet(KEY, by=ada, at=AT).sheet_id
    _answer(first, "person", PERSON, ada)
    second = start_sheet(KEY, by=ada, at=LATER).sheet_id

    owner = UUID(ada.id)
    assert [draft.id for draft in drafts_of(owner, at=LATER)] == [second, first]
    newest = draft_of(owner, KEY, at=LATER)
    assert newest is not None
    assert newest.id == second
    assert draft_of(owner, "other", at=LATER) is None
    assert drafts_of(owner, at=AT.replace(year=2027)) == []


def test_sheets_are_opened_by_their_owner_or_their_link(city: City, started: UUID, ada: Actor) -> None:
    guest = start_sheet(KEY, by=Actor.guest(), at=AT)

    assert open_sheet(started, by=ada, at=AT).pk == started
    assert sheet_by_token(guest.token, at=AT).pk == guest.sheet_id
    for token in ("", "guessed", "\ud800"):
        with pytest.raises(SheetNotFound):
            sheet_by_token(token, at=AT)
    with pytest.raises(SheetNotFound):
        open_sheet(guest.sheet_id, by=ada, at=AT)
    with pytest.raises(SheetExpired):
        sheet_by_token(guest.token, at=AT.replace(year=2027))
    with pytest.raises(SheetNotFound):
        submitted_sheet(started)


def test_the_rule_for_one_sheet_and_for_many_agree(city: City, started: UUID, ada: Actor) -> None:
    guest = start_sheet(KEY, by=Actor.guest(), at=AT)
    actors = [ada, Actor.guest(), resident(), resident("no id")]

    for actor in actors:
        for token in ("", guest.token, "guessed"):
            one_by_one = {row.pk for row in Sheet.objects.all() if allows(actor, row, token)}
            assert {row.pk for row in visible(Sheet.objects.all(), actor, token)} == one_by_one


def test_a_page_takes_two_queries(
    started: UUID, ada: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page_view(sheet(), "person", "en", at=AT)

    with django_assert_num_queries(2):
        page_view(open_sheet(started, by=ada, at=AT), "more", "en", at=AT)
        progress(sheet(), "en", at=AT)


def test_the_number_of_steps_does_not_grow_and_is_said_plainly_once_it_is_known(
    started: UUID, ada: Actor
) -> None:
    first = _render("forms/page.html", page=page_view(sheet(), "person", "en", at=AT))
    _answer(started, "person", PERSON, ada)
    _answer(started, "home", {"has_home": "no"}, ada)
    last = _render("forms/page.html", page=page_view(sheet(), "more", "en", at=AT))

    assert "Step 1 of at most 4" in first
    assert "Step 3 of 3" in last


def test_a_year_has_no_mark_for_thousands() -> None:
    asked = {"key": "year", "type": "number", "label": "Which year?", "min": 2020, "max": 2100}
    limits = asked | {"min": 0, "max": 9000}

    assert shown_lines(NumberQuestion.model_validate(asked), "2026", str) == ("2026",)
    assert shown_lines(NumberQuestion.model_validate(limits), "2026", str) == ("2,026",)


def test_the_list_of_mistakes_names_a_number_whose_question_has_no_noun(started: UUID, ada: Actor) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)
    view = page_view(
        sheet(), "household", "en", at=AT, errors={"pay": "Enter an amount.", "age": "Enter the age."}
    )

    assert view.errors == (("pay", "Pay: Enter an amount."), ("age", "Enter the age."))
