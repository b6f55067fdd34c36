from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from commonweal.engines import feel
from commonweal.kernel.awards.errors import TermsUnclear
from commonweal.kernel.awards.plugins import AwardSection
from commonweal.kernel.awards.sections import AwardSource, CompiledAward, terms_of
from commonweal.kernel.awards.types import Terms
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Money

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
