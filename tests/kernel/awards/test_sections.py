from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from commonweal.engines import feel
from commonweal.kernel.awards.errors import TermsUnclear
from commonweal.kernel.awards.plugins import AwardSection, ChangeSection
from commonweal.kernel.awards.sections import (
    AwardSource,
    ChangeSource,
    CompiledAward,
    CompiledChange,
    amendment_of,
    label_of,
    terms_of,
)
from commonweal.kernel.awards.types import Amendment, Terms
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.look_ups import LookUps, LookUpSection

AT = datetime(2026, 9, 15, 16, 0, tzinfo=UTC)
NAMES = {"start_date": feel.DATE, "zone": feel.STRING, "limit": feel.NUMBER}
FULL = """
starts_on: start_date
ends_on: start_date + duration("P1Y") - duration("P1D")
amount: "84"
period: year
pool: '"parking:" + zone'
capacity: limit
"""


def compile_award(text: str) -> tuple[CompiledAward | None, Compilation]:
    document = parse_yaml(text.encode(), "services/x/award.yaml")
    compilation = Compilation(Path(), "services/x", "x", current(), files={"award.yaml": text})
    compilation.names |= NAMES
    source = Source(document, (), AwardSource.model_validate(document.data))
    return AwardSection().compile(source, compilation), compilation


def test_terms_are_worked_out_from_answers() -> None:
    award, compilation = compile_award(FULL)

    assert award is not None
    assert [problem for problem in compilation.problems if problem.is_error] == []
    names = {"start_date": date(2026, 10, 1), "zone": "Z2", "limit": Decimal(3100)}
    assert terms_of(award, names, at=AT) == Terms(
        date(2026, 10, 1),
        date(2027, 9, 30),
        amount=Money(8400, "USD"),
        period=award.spec.period,
        pool="parking:Z2",
        capacity=3100,
    )


@pytest.mark.parametrize("field", ["starts_on", "amount", "holder"])
def test_expression_without_a_value_grants_nothing_by_guess(field: str) -> None:
    written = {"starts_on": "start_date", field: "start_date" if field == "starts_on" else "null"}
    award, _ = compile_award("".join(f"{name}: '{text}'\n" for name, text in written.items()))

    assert award is not None
    start = None if field == "starts_on" else date(2026, 10, 1)
    with pytest.raises(TermsUnclear) as refused:
        terms_of(award, {"start_date": start}, at=AT)
    assert refused.value.data == {"field": field}


def test_wrong_type_and_unknown_name_are_problems_with_their_line() -> None:
    _, compilation = compile_award("starts_on: zone\nends_on: strat_date\n")

    assert [(problem.code, problem.line) for problem in compilation.problems if problem.is_error] == [
        ("feel.result-type", 1),
        ("feel.unknown-name", 2),
    ]


def test_pool_needs_a_capacity() -> None:
    with pytest.raises(ValidationError, match="a pool needs a capacity"):
        AwardSource.model_validate({"starts_on": "start_date", "pool": "zone"})


def test_service_without_the_section_grants_nothing() -> None:
    compilation = Compilation(Path(), "services/x", "x", current())

    assert AwardSection().compile(None, compilation) is None


def test_broken_expression_is_a_problem_and_the_others_are_still_checked() -> None:
    award, compilation = compile_award("starts_on: '1 +'\nends_on: zone\n")

    assert award is not None
    assert [problem.code for problem in compilation.problems if problem.is_error] == [
        "feel.syntax",
        "feel.result-type",
    ]


def compile_change(text: str) -> tuple[CompiledChange | None, Compilation]:
    document = parse_yaml(text.encode(), "services/x/change.yaml")
    compilation = Compilation(Path(), "services/x", "x", current(), files={"change.yaml": text})
    compilation.names |= NAMES
    source = Source(document, (), ChangeSource.model_validate(document.data))
    section = ChangeSection()
    compiled = section.compile(source, compilation)
    compilation.compiled["look_ups"] = LookUpSection().compile(LOOK_UPS, compilation)
    section.check(compiled, source, compilation)
    return compiled, compilation


LOOK_UPS = Source(
    parse_yaml(
        b"permit: {award: parking-permit, why: x}\nused: {pool: zone, why: x}", "services/x/service.yaml"
    ),
    (),
    LookUps.model_validate(
        {"permit": {"award": "parking-permit", "why": "x"}, "used": {"pool": "zone", "why": "x"}}
    ),
)


def test_a_change_is_worked_out_from_answers() -> None:
    change, compilation = compile_change(
        "award: permit\nlast_day: start_date\nfrom_on: start_date\nitem: zone\nholder: zone\namount: limit\n"
    )

    assert change is not None
    assert [problem for problem in compilation.problems if problem.is_error] == []
    on, names = date(2026, 10, 1), {"start_date": date(2026, 10, 1), "zone": "Z2", "limit": Decimal(84)}
    assert amendment_of(change, names, at=AT) == Amendment(on, on, "Z2", "Z2", Money(8400, "USD"))


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    change, _ = compile_change("award: permit\nitem: zone\n")

    assert change is not None
    assert amendment_of(change, {"zone": "Z2"}, at=AT) == Amendment(item="Z2")


@pytest.mark.parametrize("zone", ["Z1", None])
def test_a_change_is_made_only_where_its_condition_is_true(zone: str | None) -> None:
    change, _ = compile_change('award: permit\nwhen: zone = "Z2"\nitem: zone\n')

    assert change is not None
    assert amendment_of(change, {"zone": zone}, at=AT) is None


def test_a_change_without_a_value_changes_nothing_by_guess() -> None:
    change, _ = compile_change("award: permit\nlast_day: start_date\n")

    assert change is not None
    with pytest.raises(TermsUnclear):
        amendment_of(change, {"start_date": None}, at=AT)


@pytest.mark.parametrize("name", ["used", "nothing"])
def test_a_change_names_a_look_up_that_finds_an_award(name: str) -> None:
    _, compilation = compile_change(f"award: {name}\nitem: zone\n")

    assert [(found.code, found.hint) for found in compilation.problems if found.is_error] == [
        ("change.award", "Write one of: permit.")
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [("award: permit", "a change needs one of"), ("award: permit\namount: limit", "needs 'from_on'")],
)
def test_a_change_changes_something(text: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        compile_change(text)


@pytest.mark.parametrize(
    ("text", "label", "problems"),
    [
        ('substring after(award.item, ":") + " (" + zone + ")"', "ABC1234 (Z2)", []),
        ("award.holder + zone", "", []),  # null, and no guess
        ("7", "", ["feel.result-type"]),
        ("", "", []),
    ],
)
def test_a_label_names_what_the_award_is_for(text: str, label: str, problems: list[str]) -> None:
    written = FULL + (f"label: {text!r}\n" if text else "")
    award, compilation = compile_award(written)

    assert award is not None
    names = {"zone": "Z2", "award": {"item": "vehicle:ABC1234", "holder": None}}
    assert label_of(award, names, at=AT) == label
    assert [problem.code for problem in compilation.problems if problem.is_error] == problems
