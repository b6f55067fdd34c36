"""Holds programmes of law against their second working-out on random households; seeded, so that each can be repeated."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.jurisdictions.port_alder import meals_by_hand, ssi_by_hand
from tests.jurisdictions.port_alder.households import meals_facts, snap_facts, ssi_facts, wic_facts
from tests.jurisdictions.port_alder.snap_by_hand import NotKnownError, Sheet

from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.programmes.reading import Programme, read_programme

Facts = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """A programme, how households are drawn for it, and its second working-out.

    Attributes:
        programme: Folder of the law.
        draw: Facts for a day.
        work_out: Figures of the second working-out.
        first: First day that is drawn.
        days: How many days from there.
        may_miss: Figures that the record does not hold.
    """

    programme: str
    draw: Callable[[random.Random, date], Facts]
    work_out: Callable[[Facts, date], Facts]
    first: date
    days: int
    may_miss: frozenset[str] = frozenset()


@dataclass
class Findings:
    """What a comparison came to.

    Attributes:
        total: Households compared.
        unknown: Of them, those for which a figure is not known, as it has to be.
        wrong: What differs, in words; at most twenty.
        failed: How many differ.
    """

    total: int = 0
    unknown: int = 0
    failed: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Count a household, and keep what is wrong with it."""
        self.total += 1
        if problem:
            self.failed += 1
            self.wrong = [*self.wrong, problem][:20]


ALLOWANCES = frozenset(f"law.{kind}_utility_allowance" for kind in ("standard", "limited", "telephone"))
CLAIMS = {
    "snap": Claim(
        "snap",
        snap_facts,
        lambda facts, on: Sheet(facts["Household"], on).work_out(),
        date(2022, 10, 1),
        1_630,
        ALLOWANCES,
    ),
    "ssi": Claim(
        "ssi", ssi_facts, ssi_by_hand.work_out, date(2023, 1, 1), 1_826, frozenset({"law.sga"})
    ),
    "school_meals": Claim("school-meals", meals_facts, meals_by_hand.meals, date(2022, 7, 1), 1_826),
    "wic": Claim("wic", wic_facts, meals_by_hand.wic, date(2022, 7, 1), 1_826),
}  # fmt: skip


def compare(name: str, count: int, *, seed: int = 2026) -> Findings:
    """Draw households and compare every figure of the second working-out with the model's, to the cent."""
    claim, chance, findings = CLAIMS[name], random.Random(seed), Findings()
    law, _ = read_programme(root(), claim.programme)
    assert law is not None
    for number in range(count):
        on = claim.first + timedelta(days=chance.randrange(claim.days))
        facts = claim.draw(chance, on)
        try:
            expected: Facts | None = claim.work_out(facts, on)
        except NotKnownError:
            expected, findings.unknown = None, findings.unknown + 1
        problem = difference(law, facts, on, expected, claim.may_miss)
        findings.add(f"{number} on {on}: {problem} {facts}" if problem else "")
    return findings


def difference(
    law: Programme,
    facts: Facts,
    on: date,
    expected: Facts | None,
    may_miss: frozenset[str] = frozenset(),
    figures: Mapping[str, object] | None = None,
) -> str:
    """Say where the model and the second working-out part; empty where they agree.

    Args:
        law: The programme.
        facts: What goes in.
        on: The day whose law applies.
        expected: Figures to the cent; None where a figure of the law is missing.
        may_miss: Figures that may be missing.
        figures: What takes the place of figures of the law.
    """
    model = law.model_on(on)
    assert model is not None
    known = {**law.parameters.at(on).context(UNKNOWN), **(figures or {})}
    result = model.compiled.decide("Determination", {**facts, "law": known}, now=on, unknown=True)
    if result.warnings:
        return str(result.warnings)
    missing = {path for path in result.missing if path.startswith("law.")}
    if expected is None:
        return "" if missing and missing <= may_miss else f"missing is {sorted(missing)}"
    if not isinstance(result.value, dict):
        return f"no result, missing is {sorted(missing)}"
    actual = {name: to_cents(result.value[name]) for name in expected}
    wanted = {name: to_cents(value) for name, value in expected.items()}
    return "; ".join(
        f"{name} is {actual[name]}, not {wanted[name]}" for name in wanted if actual[name] != wanted[name]
    )


def to_cents(value: object) -> object:
    """Round a number to the cent; anything else stays."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    if value is None or isinstance(value, bool | str):
        return value
    return Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
