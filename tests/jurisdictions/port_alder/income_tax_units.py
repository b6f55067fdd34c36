"""Random tax units, seeded, and how the model is asked about them."""

from __future__ import annotations

import random
from dataclasses import asdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.jurisdictions.port_alder.income_tax_by_hand import ENDS, STATUSES, Person, Unit

from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.programmes.reading import Programme, read_programme

YEARS = (2023, 2024, 2025, 2026)
OPTIONS = ("whole_dollars", "tables")
COUNTS = (
    "Children for the child tax credit",
    "Other dependents",
    "Children for the earned income credit",
)


def programme() -> Programme:
    """The income tax, compiled."""
    found, problems = read_programme(root(), "income-tax")
    assert found is not None, problems
    return found


def facts_of(unit: Unit) -> dict[str, Any]:
    """A unit as the model takes it."""
    fields = {name: _plain(value) for name, value in asdict(unit).items() if name not in ("year", "people")}
    return {
        "Return": {name: value for name, value in fields.items() if name not in OPTIONS},
        "Dependents": [{name: _plain(value) for name, value in asdict(one).items()} for one in unit.people],
        "Options": {name: fields[name] for name in OPTIONS},
    }


def decide(law: Programme, unit: Unit, counts: tuple[int, int, int] | None = None) -> dict[str, Any]:
    """Decide one unit; with `counts`, those stand in for the steps that count children and dependents."""
    on = date(unit.year, 12, 31)
    model = law.model_on(on)
    assert model is not None
    facts = {**facts_of(unit), "law": law.parameters.at(on).context(UNKNOWN)}
    if counts is not None:
        facts |= {name: Decimal(count) for name, count in zip(COUNTS, counts, strict=True)}
    result = model.compiled.decide("Determination", facts, now=on, unknown=True)
    assert result.warnings == (), (unit, result.warnings)
    assert result.is_known, (unit, result.missing)
    value = result.value
    assert isinstance(value, dict)
    return value


def cents(value: Any) -> Any:
    """A figure to the cent."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    return value if isinstance(value, str) else Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _plain(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def random_unit(chance: random.Random) -> Unit:
    """A unit of any kind; amounts often lie near a threshold, some with cents."""
    year, status = chance.choice(YEARS), chance.choice(STATUSES)
    has_cents = chance.random() < 0.3

    def money(most: int) -> Fraction:
        return Fraction(chance.randrange(most * 100), 100) if has_cents else Fraction(chance.randrange(most))

    def wages() -> Fraction:
        kind = chance.random()
        if kind < 0.1:
            return Fraction(0)
        if kind < 0.2:  # round the ends of the bands
            return Fraction(
                chance.choice(ENDS[year, "J" if status == "W" else status]) + chance.randrange(20_000, 36_000)
            )
        return money(chance.choice([3_000, 12_000, 30_000, 60_000, 120_000, 250_000, 500_000, 900_000]))

    return Unit(
        year=year,
        filing_status=status,
        age=chance.choice([chance.randrange(18, 90), chance.choice([24, 25, 64, 65])]),
        spouse_age=chance.choice([chance.randrange(18, 90), chance.choice([24, 25, 64, 65])]),
        new_year_birthday=chance.random() < 0.1,
        spouse_new_year_birthday=chance.random() < 0.1,
        blind=chance.random() < 0.08,
        spouse_blind=chance.random() < 0.08,
        has_ssn=chance.random() < 0.93,
        spouse_has_ssn=chance.random() < 0.93,
        wages=wages(),
        spouse_wages=wages() if chance.random() < 0.6 else Fraction(0),
        interest=money(chance.choice([1, 500, 14_000])),
        withheld=money(chance.choice([1, 9_000])),
        estimated_payments=money(500) if chance.random() < 0.2 else Fraction(0),
        can_be_claimed_as_dependent=chance.random() < 0.1,
        spouse_itemises=chance.random() < 0.1,
        lives_apart=chance.random() < 0.5,
        people=[random_person(chance) for _ in range(chance.choice([0, 0, 1, 2, 3, 4, 5]))],
        whole_dollars=chance.random() < 0.4,
        tables=chance.random() < 0.4,
    )


def random_person(chance: random.Random) -> Person:
    """Somebody who lives with the filer or is supported by them."""
    age = chance.choice(
        [chance.randrange(0, 17), chance.choice([16, 17, 18, 19, 23, 24]), chance.randrange(25, 95)]
    )
    return Person(
        relation=chance.choice(["CHILD", "CHILD", "CHILD", "SIBLING", "RELATIVE", "OTHER"]),
        age=age,
        is_younger=chance.random() < (0.97 if age < 30 else 0.3),
        is_student=17 <= age <= 26 and chance.random() < 0.5,
        is_disabled=chance.random() < 0.1,
        months=chance.choice([12, 12, 12, 7, 6, 0]),
        number=chance.choice(["SSN", "SSN", "SSN", "SSN", "OTHER", "NONE"]),
        agreement=chance.choice(["NONE", "NONE", "NONE", "NONE", "GIVEN", "RECEIVED"]),
        is_us_person=chance.random() < 0.93,
        pays_own_support=chance.random() < 0.08,
        files_jointly=chance.random() < 0.05,
        is_supported=chance.random() < 0.4,
        income=Fraction(chance.choice([0, 0, 4699, 4700, 5050, 5199, 5200, 5300, 20_000])),
    )
