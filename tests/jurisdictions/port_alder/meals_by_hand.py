"""School meals and WIC worked out a second time, from the fact sheet alone; nothing here reads models or parameters."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import Any

from tests.jurisdictions.port_alder.snap_by_hand import GUIDELINE, NotKnownError, amount

TIMES = {"WEEKLY": 52, "EVERY_TWO_WEEKS": 26, "TWICE_A_MONTH": 24, "MONTHLY": 12, "YEARLY": 1}
LEFT_OUT = ("SNAP", "NON_CASH_AID")
STATUSES = ("foster", "homeless", "migrant", "runaway", "head_start")
LUNCH = {
    2022: "3.93 3.53 .37",
    2023: "4.25 3.85 .40",
    2024: "4.43 4.03 .42",
    2025: "4.60 4.20 .44",
    2026: "4.76 4.36 .45",
}


def school_year(on: date) -> int:
    year = on.year if on.month >= 7 else on.year - 1
    if year not in GUIDELINE:
        raise NotKnownError(str(year))
    return year


def income_of(incomes: list[dict[str, Any]]) -> tuple[Fraction, str]:
    """Return the income and the rhythm in which it is compared."""
    by: dict[str, Fraction] = {}
    for income in incomes:
        value = amount(income, "amount")
        if income["kind"] not in LEFT_OUT and value > 0:
            by[income["frequency"]] = by.get(income["frequency"], Fraction()) + value
    if len(by) == 1:
        (rhythm, value), = by.items()  # fmt: skip
        return value, rhythm
    return sum((value * TIMES[rhythm] for rhythm, value in by.items()), Fraction()), "YEARLY"


def limit(percent: int, size: int, rhythm: str, year: int) -> int:
    """The published table: whole dollars, rounded up for the year and again for the rhythm."""
    first, further = GUIDELINE[year]
    row = [math.ceil(Fraction(percent * (first + at * further), 100)) for at in range(8)]
    each = math.ceil(Fraction(percent * further, 100))
    columns = [math.ceil(Fraction(value, TIMES[rhythm])) for value in (*row, each)]
    return columns[size - 1] if size <= 8 else columns[7] + (size - 8) * columns[8]


def meals(facts: dict[str, Any], on: date) -> dict[str, Any]:
    home, children = facts["Household"], facts["Children"]
    year = school_year(on)
    income, rhythm = income_of(home["incomes"])
    limits = [limit(percent, int(home["size"]), rhythm, year) for percent in (130, 185)]
    has_case = any(home[key] for key in ("snap", "tanf", "fdpir", "directly_certified"))
    category = ("FREE", "REDUCED", "PAID")[sum(income > each for each in limits)]
    category = "FREE" if has_case else category
    category = "PAID" if home["declines"] else category
    alone = sum(any(child[key] for key in STATUSES) for child in children)
    kinds = {category} if alone < len(children) else set()
    kinds |= {"FREE"} if alone and not home["declines"] else set()
    return {
        "category": category,
        "outcome": "_AND_".join(kind for kind in ("FREE", "REDUCED", "PAID") if kind in kinds) or category
        if not home["declines"] else "PAID",
        "income": income,
        "period": rhythm,
        "free_limit": limits[0],
        "reduced_limit": limits[1],
        "free_children": alone,
        "other_children": len(children) - alone,
        "lunch_charge": None if category == "PAID" else 0,
        "lunch_payment": Fraction(LUNCH[year].split()[("FREE", "REDUCED", "PAID").index(category)]),
    }  # fmt: skip


def wic(facts: dict[str, Any], on: date) -> dict[str, Any]:
    person, family = facts["Applicant"], facts["Family"]
    size = int(family["members"] + (0 if family["objects_to_counting"] else family["expected_children"]))
    income, rhythm = income_of(family["incomes"])
    most = limit(185, size, rhythm, school_year(on))
    has_case = any(person[key] for key in ("snap", "tanf", "medicaid"))
    has_case = has_case or any(family[key] for key in ("snap", "tanf", "pregnant_or_infant_on_medicaid"))
    category = group(person)
    outcome = "ELIGIBLE"
    if person["risk"] == "NONE":
        outcome = "DENIED_RISK"
    if income > most and not has_case:
        outcome = "DENIED_INCOME"
    if not person["lives_in_state"]:
        outcome = "DENIED_RESIDENCE"
    if category == "NONE":
        outcome = "DENIED_CATEGORY"
    is_urgent = category == "PREGNANT" or person["age_months"] < 6
    return {
        "outcome": outcome,
        "category": category,
        "family_size": size,
        "income": income,
        "period": rhythm,
        "income_limit": most,
        "adjunct_eligible": has_case,
        "income_eligible": has_case or income <= most,
        "notice_days": 10 if is_urgent else 20,
    }


def group(person: dict[str, Any]) -> str:
    if person["age_months"] < 60:
        return "INFANT" if person["age_months"] < 12 else "CHILD"
    if person["pregnant"]:
        return "PREGNANT"
    since = person["months_since_pregnancy"] if person["pregnancy_ended"] else 999
    if since <= 12 and person["breastfeeding"]:
        return "BREASTFEEDING"
    return "POSTPARTUM" if since <= 6 else "NONE"
