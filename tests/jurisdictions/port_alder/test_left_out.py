"""Leaving out what cannot matter changes nothing: the city's own services, tried out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.queries import evaluate
from commonweal.kernel.forms.answers.mattering import interview
from commonweal.kernel.forms.types.answers import Answers
from commonweal.kernel.forms.types.compiled import CompiledForm

AT = datetime(2026, 9, 15, 19, 0, tzinfo=UTC)


def _service(key: str) -> CompiledService:
    service, problems = compile_service(root(), f"services/{key}")
    assert service is not None, [str(problem) for problem in problems]
    return service


@pytest.fixture(scope="module")
def food() -> CompiledService:
    return _service("food-assistance")


@pytest.fixture(scope="module")
def meals() -> CompiledService:
    return _service("school-meals")


def _walk(service: CompiledService, wanted: Answers) -> tuple[Answers, frozenset[str]]:
    """Answer page by page what is asked; return the answers, and what was left out in the end."""
    form: CompiledForm = service.sections["form"]
    answers: Answers = {}
    done: list[str] = []
    while True:
        state = interview(service, form, answers, at=AT, done_pages=done)
        page = next((page for page in state.pages() if page.key not in done), None)
        open_ = [
            question.key
            for shown in state.pages()
            for question in state.questions(shown)
            if question.key not in answers and shown.key in done
        ]
        if page is None and not open_:
            return answers, state.left_out
        keys = open_ if page is None else [question.key for question in state.questions(page)]
        answers |= {key: wanted[key] for key in keys}
        done += [] if page is None else [page.key]


def _whole(service: CompiledService, answers: Answers, left_out: frozenset[str]) -> tuple[Any, ...]:
    form: CompiledForm = service.sections["form"]
    state = interview(service, form, answers, at=AT, left_out=left_out)
    context = {"case": {"reference": "X", "submitted_on": AT.date()}, "applicant": {}}
    found = evaluate(service, state.facts(), context=context, trace=False)
    return found.outcome, found.is_fault, found.needs_officer, found.officer_reason, dict(found.amounts)


def _money(*extra: int) -> st.SearchStrategy[str]:
    return st.sampled_from([0, 40, 700, 1500, 2600, 4200, 9000, *extra]).map(str)


MEMBER = st.fixed_dictionaries(
    {
        "name": st.just("A"),
        "age": st.sampled_from(["3", "16", "35", "64"]),
        "earned": _money(),
        "ssi": _money(),
    },
    optional={
        "medical_expenses": _money(),
        "other_unearned": _money(),
        "receives_disability_benefit": st.booleans(),
    },
)
FOOD = st.fixed_dictionaries(
    {
        "members": st.lists(MEMBER, min_size=1, max_size=3),
        "rent_or_mortgage": _money(),
        "all_members_homeless": st.booleans(),
        "utilities_heating_or_cooling": st.booleans(),
        "utilities_kinds": st.sampled_from(["0", "1", "3"]),
        "utilities_telephone": st.booleans(),
        "dependent_care": _money(),
        "resources": _money(30_000),
        "circumstances": st.sampled_from([None, None, ["student"], ["strike", "win"]]),
        "email": st.just("a@example.org"),
        "phone": st.none(),
        "contact_language": st.just("en"),
    }
)
CHILD = st.fixed_dictionaries(
    {
        "name": st.just("B"),
        "school": st.none(),
        "status": st.sampled_from([None, ["foster"], ["homeless", "migrant"]]),
    }
)
INCOME = st.fixed_dictionaries(
    {
        "whose": st.just("A"),
        "kind": st.sampled_from(["WAGES", "SSI"]),
        "amount": _money(),
        "frequency": st.sampled_from(["WEEKLY", "MONTHLY", "YEARLY"]),
    }
)
MEALS = st.fixed_dictionaries(
    {
        "children": st.lists(CHILD, min_size=1, max_size=3),
        "household_cases": st.sampled_from([None, None, ["snap"]]),
        "household_size": st.sampled_from(["1", "3", "6"]),
        "incomes": st.lists(INCOME, max_size=3),
        "email": st.just("a@example.org"),
        "phone": st.none(),
        "contact_language": st.just("en"),
    }
)
TRIES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@TRIES
@given(wanted=FOOD, others=FOOD)
def test_food_assistance_comes_to_the_same_whatever_was_left_out(
    food: CompiledService, wanted: Answers, others: Answers
) -> None:
    _same(food, wanted, others)


@TRIES
@given(wanted=MEALS, others=MEALS)
def test_school_meals_come_to_the_same_whatever_was_left_out(
    meals: CompiledService, wanted: Answers, others: Answers
) -> None:
    _same(meals, wanted, others)


def _same(service: CompiledService, wanted: Answers, others: Answers) -> None:
    answers, left_out = _walk(service, wanted)
    short = _whole(service, answers, left_out)
    assert short[1] is False
    for rest in (wanted, others):
        full = answers | {key: rest[key] for key in left_out}
        assert _whole(service, full, frozenset()) == short


def test_who_earns_too_much_is_not_asked_for_costs(food: CompiledService) -> None:
    wanted = {
        "members": [{"name": "A", "age": "40", "earned": "9000"}],
        "circumstances": None,
        "email": "a@example.org",
        "phone": None,
        "contact_language": "en",
    }
    answers, left_out = _walk(food, wanted)
    assert left_out == {
        "rent_or_mortgage",
        "all_members_homeless",
        "utilities_heating_or_cooling",
        "utilities_kinds",
        "utilities_telephone",
        "dependent_care",
        "resources",
    }
    assert _whole(food, answers, left_out)[0] == "DENIED_GROSS"


def test_an_officer_sees_every_answer(food: CompiledService) -> None:
    wanted = {
        "members": [{"name": "A", "age": "40", "earned": "9000"}],
        "rent_or_mortgage": "500",
        "all_members_homeless": False,
        "utilities_heating_or_cooling": True,
        "utilities_kinds": "1",
        "utilities_telephone": True,
        "dependent_care": None,
        "resources": "100",
        "circumstances": ["strike"],
        "email": "a@example.org",
        "phone": None,
        "contact_language": "en",
    }
    answers, left_out = _walk(food, wanted)
    assert left_out == frozenset()
    assert list(answers)[:2] == ["members", "circumstances"]


def test_savings_are_not_asked_where_a_low_income_decides(food: CompiledService) -> None:
    wanted = {
        "members": [{"name": "A", "age": "40", "earned": "900"}],
        "rent_or_mortgage": "500",
        "all_members_homeless": False,
        "utilities_heating_or_cooling": True,
        "dependent_care": None,
        "circumstances": None,
        "email": "a@example.org",
        "phone": None,
        "contact_language": "en",
        "utilities_kinds": "1",
        "utilities_telephone": True,
    }
    _answers, left_out = _walk(food, wanted)
    assert left_out == {"resources"}


def test_income_is_not_asked_for_children_in_foster_care(meals: CompiledService) -> None:
    wanted = {
        "children": [{"name": "B", "school": None, "status": ["foster"]}],
        "household_cases": None,
        "email": "a@example.org",
        "phone": None,
        "contact_language": "en",
    }
    answers, left_out = _walk(meals, wanted)
    assert left_out == {"household_cases", "household_size", "incomes"}
    assert _whole(meals, answers, left_out)[0] == "FREE"
