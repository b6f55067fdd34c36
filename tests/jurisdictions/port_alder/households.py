"""Random households for the programmes of law: plain ones, and ones that stand on a limit or a cent beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.jurisdictions.port_alder import meals_by_hand, ssi_by_hand
from tests.jurisdictions.port_alder.snap_by_hand import (
    GUIDELINE,
    RESOURCES,
    STANDARD,
    NotKnownError,
    Sheet,
    standard,
)

CENT = Decimal("0.01")
NO_BARS = {
    "immigration_question": False,
    "student_in_higher_education": False,
    "work_rules_question": False,
    "disqualified_member": False,
    "lottery_or_gambling_win": False,
    "on_strike": False,
}


@dataclass
class Sample:
    """Draws amounts and truths for one household.

    Attributes:
        chance: Seeded.
        has_cents: Whether amounts have cents.
    """

    chance: random.Random
    has_cents: bool

    def money(self, most: int, likely: float = 1.0) -> Decimal:
        """Draw an amount below a bound, nought unless it is likely."""
        if self.chance.random() >= likely:
            return Decimal(0)
        most = max(most, 1)
        return (
            Decimal(self.chance.randrange(most * 100)) / 100
            if self.has_cents
            else Decimal(self.chance.randrange(most))
        )

    def yes(self, likely: float = 0.5) -> bool:
        """Draw a truth."""
        return self.chance.random() < likely

    def beside(self) -> Decimal:
        """Draw the place beside a limit: a cent under, on it, a cent over."""
        return self.chance.choice([-CENT, Decimal(0), CENT])


def sample(chance: random.Random) -> Sample:
    """Return what draws one household; three in ten have cents."""
    return Sample(chance, chance.random() < 0.3)


def exact(value: int | Fraction) -> Decimal:
    """Return a limit in whole cents, rounded down."""
    return Decimal((Fraction(value) * 100).__floor__()) / 100


# ---- SNAP --------------------------------------------------------------------------------------


def snap_facts(chance: random.Random, on: date) -> dict[str, Any]:
    """Return the facts of one household for SNAP; one in three stands on a limit."""
    draw = sample(chance)
    household = snap_household(draw)
    if draw.yes(0.33):
        chance.choice([_on_gross_limit, _on_spring_limit, _on_resource_limit, _on_net_limit])(
            draw, household, on
        )
    return {"Household": household, "Circumstances": NO_BARS, "Applied on": on}


def snap_household(draw: Sample) -> dict[str, Any]:
    chance = draw.chance
    size = chance.choice([1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 12, 19])
    kinds = chance.choice([0, 0, 1, 2, 3])
    return {
        "members": [_snap_member(draw) for _ in range(size)],
        "rent_or_mortgage": draw.money(2500, 0.8),
        "dependent_care": draw.money(900, 0.2),
        "utilities": {
            "heating_or_cooling": draw.yes(),
            "kinds": Decimal(kinds),
            "telephone": kinds > 0 and draw.yes(),
        },
        "all_members_homeless": draw.yes(0.1),
        "resources": draw.money(6000, 0.5),
    }


def _snap_member(draw: Sample) -> dict[str, Any]:
    age = draw.chance.randrange(95)
    return {
        "age": Decimal(age),
        "in_school": 5 <= age <= 19 and draw.yes(0.8),
        "receives_disability_benefit": draw.yes(0.06),
        "earned": draw.money(4000, 0.4 if age >= 14 else 0),
        "self_employment_receipts": draw.money(3000, 0.1 if age >= 14 else 0),
        "self_employment_costs": draw.money(2500, 0.1),
        "social_security_retirement": draw.money(2500, 0.7 if age >= 62 else 0),
        "social_security_disability": draw.money(1800, 0.04),
        "ssi": draw.money(990, 0.06),
        "tanf": draw.money(700, 0.03),
        "unemployment": draw.money(2000, 0.05),
        "other_unearned": draw.money(500, 0.1),
        "medical_expenses": draw.money(600, 0.2),
        "child_support_paid": draw.money(400, 0.05),
    }


def _gross_of(household: dict[str, Any], on: date) -> Decimal:
    sheet = Sheet(household, on)
    sheet.income()
    return exact(sheet.figures["gross_income"])


def _bring_gross_to(household: dict[str, Any], on: date, target: Decimal) -> None:
    """Raise or lower unearned income until the gross income is the target; child support paid lowers it."""
    gap = target - _gross_of(household, on)
    household["members"][0]["other_unearned" if gap > 0 else "child_support_paid"] += abs(gap)


def _fiscal_year(on: date) -> int:
    return on.year + (on.month >= 10)


def _on_gross_limit(draw: Sample, household: dict[str, Any], on: date) -> None:
    size = len(household["members"])
    _bring_gross_to(household, on, standard(Fraction(13, 10), size, _fiscal_year(on)) + draw.beside())


def _on_spring_limit(draw: Sample, household: dict[str, Any], on: date) -> None:
    first, further = GUIDELINE[on.year - (on.month < 4)]
    size = len(household["members"])
    _bring_gross_to(household, on, exact(Fraction((first + (size - 1) * further) * 2, 12)) + draw.beside())


def _on_resource_limit(draw: Sample, household: dict[str, Any], on: date) -> None:
    _bring_gross_to(household, on, _gross_of(household, on) + 2_000)
    household["resources"] = draw.chance.choice(RESOURCES[_fiscal_year(on)]) + draw.beside()


def _on_net_limit(draw: Sample, household: dict[str, Any], on: date) -> None:
    """Over the 200 % limit, no housing costs, and care that brings the net income to half a dollar over its limit."""
    size, year = len(household["members"]), _fiscal_year(on)
    for member in household["members"]:
        member |= {"age": Decimal(65), "tanf": Decimal(0), "medical_expenses": Decimal(0)}
    household |= {"rent_or_mortgage": Decimal(0), "dependent_care": Decimal(0), "all_members_homeless": False}
    target = exact(Fraction((GUIDELINE[year - 1][0] + (size - 1) * GUIDELINE[year - 1][1]) * 3, 12))
    _bring_gross_to(household, on, max(target, _gross_of(household, on)))
    sheet = Sheet(household, on)
    sheet.income()
    deductions = STANDARD[year][min(max(size - 3, 0), 3)] + sheet.figures["earned_income"] / 5
    net = exact(sheet.figures["gross_income"] - deductions)
    limit = standard(Fraction(1), size, year) + Decimal("0.5") + draw.beside()
    household["dependent_care"] = max(net - limit, Decimal(0))
    try:
        left = Sheet(household, on).work_out()["shelter_deduction"]
    except NotKnownError:
        return
    household["dependent_care"] = max(household["dependent_care"] - exact(left), Decimal(0))


# ---- SSI ---------------------------------------------------------------------------------------


def ssi_facts(chance: random.Random, on: date) -> dict[str, Any]:
    """Return the facts of one claim for SSI; some stand on a limit."""
    draw = sample(chance)
    single, pair = ssi_by_hand.RATES[on.year]
    me = _ssi_person(draw, chance.choice([7, 15, 17, 18, 21, 22, 40, 64, 65, 80]))
    spouse = _ssi_person(draw, chance.choice([20, 45, 64, 65, 70]))
    is_child = me["age"] < 18
    home = {
        "spouse": "NONE" if is_child else chance.choice(["NONE", "NONE", "CLAIMS", "DOES_NOT_CLAIM", "DOES_NOT_CLAIM"]),
        "living": chance.choice(["OWN_HOUSEHOLD"] * 6 + ["ANOTHERS_HOUSEHOLD", "MEDICAL_FACILITY"]),
        "in_kind_shelter": draw.money(600, 0.15),
        "in_kind_food": draw.money(300, 0.15),
        "resources": chance.choice([Decimal(0), draw.money(3500), 2000 + draw.beside(), 3000 + draw.beside()]),
        "burial_funds": chance.choice([Decimal(0), draw.money(2500), 1500 + draw.beside()]),
        "spouse_burial_funds": draw.money(2000, 0.2),
        "ineligible_children": [{"income": draw.money(600, 0.4)} for _ in range(chance.choice([0, 0, 1, 2, 3]))],
        "eligible_children": Decimal(chance.choice([1, 1, 2, 3])),
        "parents": Decimal(chance.choice([0, 1, 2])),
        "parents_earned": draw.money(6000, 0.7),
        "parents_unearned": draw.money(2500, 0.4),
        "parents_resources": chance.choice([draw.money(4500), 2000 + draw.beside(), 3000 + draw.beside()]),
        "supplement_group": draw.yes(),
    }  # fmt: skip
    if draw.yes(0.15):
        me |= {"wages": Decimal(2 * single + 85) + 2 * draw.beside(), "self_employment": Decimal(0)}
    if draw.yes(0.15):
        me["pension"] = Decimal(single + 20) + draw.beside()
    if draw.yes(0.15) and on.year in ssi_by_hand.GAINFUL:
        me |= {"wages": ssi_by_hand.GAINFUL[on.year] + draw.beside(), "self_employment": Decimal(0)}
    if draw.yes(0.15):
        spouse |= {"wages": Decimal(pair - single) + draw.beside(), "self_employment": Decimal(0)}
    return {
        "Claimant": me,
        "Spouse": spouse,
        "Household": home,
        "Month number": Decimal(chance.randrange(1, 30)),
    }


def _ssi_person(draw: Sample, age: int) -> dict[str, Any]:
    works = draw.yes(0.5)
    return {
        "age": Decimal(age),
        "blind": draw.yes(0.15),
        "disabled": draw.yes(0.6),
        "received_before": draw.yes(0.3),
        "citizen_or_qualified": draw.yes(0.93),
        "resident": draw.yes(0.97),
        "in_institution": draw.yes(0.03),
        "student": age <= 22 and draw.yes(0.6),
        "wages": draw.money(2600) if works else Decimal(0),
        "self_employment": draw.money(900, 0.2) - draw.money(700, 0.1),
        "student_exclusion_used": draw.money(10_000, 0.3),
        "impairment_work_costs": draw.money(300, 0.2),
        "blind_work_costs": draw.money(300, 0.2),
        "social_security": draw.money(900, 0.3),
        "pension": draw.money(500, 0.1),
        "unemployment": draw.money(900, 0.05),
        "interest": draw.money(40, 0.2),
        "child_support": draw.money(500, 0.15),
        "need_based_cash": draw.money(400, 0.1),
        "other_unearned": draw.money(100, 0.1),
    }


# ---- school meals and WIC ----------------------------------------------------------------------

_KINDS = (
    "WAGES",
    "WAGES",
    "SELF_EMPLOYMENT",
    "UNEMPLOYMENT",
    "CHILD_SUPPORT",
    "OTHER",
    "SNAP",
    "NON_CASH_AID",
)


def _incomes(draw: Sample, size: int, on: date) -> list[dict[str, Any]]:
    rhythms = list(meals_by_hand.TIMES)
    rhythm = draw.chance.choice(rhythms)
    if draw.yes(0.4):
        limit = meals_by_hand.limit(
            draw.chance.choice([130, 185]), size, rhythm, meals_by_hand.school_year(on)
        )
        return [{"kind": "WAGES", "amount": limit + draw.beside(), "frequency": rhythm}]
    found = []
    for _ in range(draw.chance.choice([0, 1, 1, 2, 3])):
        rhythm = rhythm if draw.yes(0.6) else draw.chance.choice(rhythms)
        money = draw.money((60_000 + 8_000 * size) // meals_by_hand.TIMES[rhythm])
        kind = draw.chance.choice(_KINDS)
        sign = -1 if kind == "SELF_EMPLOYMENT" and draw.yes(0.3) else 1
        found.append({"kind": kind, "amount": sign * money, "frequency": rhythm})
    return found


def meals_facts(chance: random.Random, on: date) -> dict[str, Any]:
    """Return the facts of one application for school meals; two in five stand on a limit."""
    draw, size = sample(chance), chance.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14])
    return {
        "Household": {
            "size": Decimal(size),
            "incomes": _incomes(draw, size, on),
            "snap": draw.yes(0.1),
            "tanf": draw.yes(0.05),
            "fdpir": draw.yes(0.03),
            "directly_certified": draw.yes(0.05),
            "declines": draw.yes(0.05),
        },
        "Children": [
            {key: draw.yes(0.08) for key in meals_by_hand.STATUSES}
            for _ in range(chance.choice([1, 1, 2, 3, 4]))
        ],
    }


def wic_facts(chance: random.Random, on: date) -> dict[str, Any]:
    """Return the facts of one application for WIC; two in five stand on a limit."""
    draw, members, expected = (
        sample(chance),
        chance.choice([1, 2, 3, 4, 6, 8, 9, 12]),
        chance.choice([0, 0, 1, 2]),
    )
    objects = draw.yes(0.2)
    risks = ["MEDICAL", "DIETARY", "MOTHER_IN_WIC", "HOMELESS_OR_MIGRANT", "WOULD_COME_BACK", "NONE"]
    return {
        "Applicant": {
            "age_months": Decimal(chance.choice([0, 5, 6, 11, 12, 40, 59, 60, 300, 300, 300, 300])),
            "pregnant": draw.yes(0.4),
            "pregnancy_ended": draw.yes(0.7),
            "months_since_pregnancy": chance.choice([Decimal(0), Decimal(6), Decimal("6.1"), Decimal(12), Decimal("12.1")]),
            "breastfeeding": draw.yes(),
            "several_infants_fully_breastfed": draw.yes(0.1),
            "lives_in_state": draw.yes(0.9),
            "snap": draw.yes(0.1),
            "tanf": draw.yes(0.05),
            "medicaid": draw.yes(0.1),
            "risk": chance.choice(risks),
        },
        "Family": {
            "members": Decimal(members),
            "expected_children": Decimal(expected),
            "objects_to_counting": objects,
            "snap": draw.yes(0.05),
            "tanf": draw.yes(0.05),
            "pregnant_or_infant_on_medicaid": draw.yes(0.05),
            "incomes": _incomes(draw, members + (0 if objects else expected), on),
        },
    }  # fmt: skip
