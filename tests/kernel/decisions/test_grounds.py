"""The few steps that decided a case, found in its trace, through the real law of Port Alder."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml
from django.utils import translation

from commonweal.engines.dmn.facts import to_json
from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.cases.vocabulary import vocabulary_of
from commonweal.kernel.catalogue.queries import compile_service
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.programmes.cases import WorkedCases, with_defaults
from commonweal.kernel.decisions.programmes.evaluating import law_seen
from commonweal.kernel.decisions.programmes.explaining import Explainer, explainer, slim
from commonweal.kernel.decisions.programmes.grounds import grounds_of, groups_of, roots_of
from commonweal.kernel.decisions.programmes.reading import programme
from commonweal.kernel.decisions.queries import decision_of
from commonweal.kernel.decisions.types import Grounds, Heading, Reason, Step, StepGroup


@cache
def service(key: str) -> CompiledService:
    found, problems = compile_service(root(), f"services/{key}")
    assert found is not None, problems
    return found


@cache
def worked(key: str) -> WorkedCases:
    return WorkedCases.model_validate(yaml.safe_load((root() / "law" / key / "cases.yaml").read_text()))


def decided(
    key: str, case_id: str, language: str = "en", **changes: Any
) -> tuple[Explainer, Grounds, tuple[Step, ...]]:
    """Decide a worked case as a service does; what is changed are its facts."""
    declared = decision_of(service(key))
    law, written = programme(declared.spec.programme), worked(declared.spec.programme)
    case = next(case for case in written.cases if case.id == case_id)
    model, seen = (
        law.model_on(case.reference_on, case.known_on),
        law.parameters.at(case.reference_on, case.known_on),
    )
    assert model is not None
    facts = with_defaults(written.defaults, {**case.facts, **changes}) | {"law": seen.context(UNKNOWN)}
    result = model.compiled.decide(
        declared.spec.decision, facts, now=case.reference_on, unknown=True, trace=True
    )
    assert result.trace is not None
    ends = to_json(result.value)["outcome"]
    amount = declared.outcomes[ends].amounts.get("amount") if isinstance(ends, str) else None
    with translation.override(language):
        explains, words = explainer(law, model, "USD"), vocabulary_of(service(key), language)
        trace, values = slim(result.trace), law_seen(law, case.reference_on, case.known_on)
        grounds = grounds_of(
            explains,
            trace,
            values,
            outcome=roots_of(declared.outcome, declared.spec.decision),
            amount=roots_of(amount, declared.spec.decision) if amount else (),
            vocabulary=words,
            aside=frozenset(key for key, one in declared.spec.outcomes.items() if one.officer),
        )
        return explains, grounds, explains.steps(trace, values, words.called)


def told(reasons: tuple[Reason, ...]) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    return [(one.label, one.value, one.facts) for one in reasons]


def test_a_grant_names_the_condition_that_was_met_and_where_the_amount_comes_from() -> None:
    _, grounds, _ = decided("food-assistance", "W01")

    assert grounds.sentences == (
        "The household receives the benefit.",
        "Under the 200 % limit, or everybody receives SSI, or TANF is received.",
    )
    assert told(grounds.tests) == [
        (
            "Eligible without further tests",
            "yes",
            (("Gross income", "$1,850"), ("200 % limit", "$6,713.33")),
        )
    ]
    assert grounds.tests[0].why.startswith("No further test is made of a household under the 200 % limit")
    assert [(one.label, one.value) for one in grounds.figures] == [
        ("Monthly benefit", "$1,159"),
        ("Maximum benefit", "$1,339"),
        ("Expected contribution", "$180"),
        ("Net income", "$598"),
        ("Gross income", "$1,850"),
        ("Total deductions", "$1,252"),
    ]
    assert grounds.figures[0].facts == (("Maximum benefit", "$1,339"), ("Expected contribution", "$180"))
    assert grounds.figures[2].facts[1] == (
        "Share of net income that a household is expected to spend on food",
        "30%",
    )


def test_a_refusal_names_the_rule_the_figure_and_the_law() -> None:
    _, grounds, _ = decided("food-assistance", "W05")

    assert grounds.sentences == ("The gross income is over the limit.",)
    assert told(grounds.tests) == [
        ("Eligible without further tests", "no", (("Gross income", "$2,450"), ("200 % limit", "$2,430"))),
        (
            "Gross income test",
            "no",
            (
                ("Somebody is elderly or disabled", "no"),
                ("Gross income", "$2,450"),
                ("Gross income limit (130 %)", "$1,580"),
            ),
        ),
    ]
    assert [place.text for place in grounds.tests[1].citations] == ["7 CFR 273.9(a)(1)"]
    assert grounds.figures == ()


def test_a_refusal_for_a_figure_shows_where_the_figure_comes_from() -> None:
    _, grounds, _ = decided("food-assistance", "W08")

    assert grounds.tests[0].facts == (("Monthly benefit", "$0"),)
    assert told(grounds.figures)[0] == (
        "Monthly benefit",
        "$0",
        (
            ("Minimum benefit", "$0"),
            ("Maximum benefit", "$766"),
            ("Expected contribution", "$901"),
        ),
    )


def test_what_was_answered_is_called_as_the_form_calls_it() -> None:
    _, over, _ = decided("food-assistance", "W17")
    _, young, _ = decided("school-enrolment", "B02")
    _, lien, _ = decided("housing-repair", "B06")

    assert over.tests[1].facts[0] == ("How much money does your household have?", "$4,501.00")
    assert young.tests[0].facts[0] == ("When was your child born?", "September 1, 2022")
    assert lien.tests[0].facts == (
        ("Does the city have a lien on your home?", "Yes"),
        ("Do you pay it off by a plan, and keep to it?", "No"),
    )


def test_what_has_no_words_is_shown_by_its_computation() -> None:
    _, grounds, _ = decided("parking-permit", "F09")

    assert (grounds.tests[0].label, grounds.tests[0].how) == (
        "Fines are accepted",
        "2 < 3 and 150 < 150",
    )


def test_the_rule_for_all_other_cases_names_every_condition_that_was_met() -> None:
    _, grounds, _ = decided("parking-permit", "F01")

    assert [one.label for one in grounds.tests] == [
        "All tests are passed.",
        "Vehicle is accepted",
        "Size is accepted",
        "Fines are accepted",
        "Limit is kept",
        "Zone has room",
    ]
    assert [(one.label, one.value) for one in grounds.figures] == [
        ("Fee for a year", "$84"),
        ("Fee before reductions", "$84"),
    ]


def test_words_are_in_the_readers_language() -> None:
    _, spanish, steps = decided("school-enrolment", "K01", "es")
    school = next(step for step in steps if step.name == "Catchment")
    day = next(step for step in steps if step.name == "Offers on")

    assert spanish.tests[-1].facts[0][1] == "14 de marzo de 2022"
    assert (school.value, school.is_code) == ("Escuela Harbour", False)
    assert day.value == "16 de abril de 2027"


def test_days_and_what_is_not_there_are_worded() -> None:
    _, _, steps = decided("school-enrolment", "K01")
    said = {step.name: step.value for step in steps}

    assert said["Offers on"] == "April 16, 2027"
    assert said["Catchment"] == "Harbour School"
    assert said["Moved in on"] == "none"
    assert said["Refusal"] == "none"


def test_what_nobody_knows_did_not_decide() -> None:
    explains, grounds, steps = decided("food-assistance", "W09")
    groups = groups_of(explains, steps, grounds)

    assert Heading.UNKNOWN not in {group.heading for group in groups}
    unknown = tuple(
        Step(name=step.name, label=step.label, value="not known", tone="unknown")
        if step.name == "Shelter cost"
        else step
        for step in steps
    )
    last = groups_of(explains, unknown, grounds)[-1]
    assert (last.heading, [step.name for step in last.steps]) == (Heading.UNKNOWN, ["Shelter cost"])


def test_every_step_stands_once_below_the_deciding_step_that_needs_it() -> None:
    explains, grounds, steps = decided("food-assistance", "W01")
    groups = groups_of(explains, steps, grounds)

    shown = [step.name for group in groups for step in group.steps]
    assert sorted(shown) == sorted(step.name for step in steps)
    assert [group.heading for group in groups][-2:] == [Heading.OUTCOME, Heading.BESIDE]
    by_title = {group.title: [step.name for step in group.steps] for group in groups}
    assert by_title["Gross income"][-1] == "Gross income"
    assert "Shelter deduction" in by_title["Total deductions"]


def test_steps_without_grounds_stay_together() -> None:
    explains, _, steps = decided("food-assistance", "W01")

    assert groups_of(explains, steps, Grounds()) == (StepGroup(Heading.BESIDE, "", steps),)


@pytest.mark.parametrize(
    "key", ["property-tax", "dog-licence", "driving-licence", "small-works", "school-meals"]
)
def test_every_worked_case_of_a_law_has_grounds(key: str) -> None:
    law = decision_of(service(key)).spec.programme
    for case in worked(law).cases[:12]:
        if case.missing or (case.decision and case.decision != decision_of(service(key)).spec.decision):
            continue
        _, grounds, _ = decided(key, case.id)
        assert grounds.has_steps
        assert grounds.sentences or grounds.tests, case.id
