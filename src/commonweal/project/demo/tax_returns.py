"""Who in the city files a tax return, when, and with which answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from commonweal.project.demo.population import Household, Resident

FILING_YEARS: Final = (2026, 2025, 2024)
FILING_DAYS: Final = 80
"""Returns of the year before come in from 1 February to the middle of April."""


def filings(households: Sequence[Household], random: Random, total: int) -> list[tuple[date, Household]]:
    """Draw who files on which day: whoever lives on wages, at most once a year. That may come to fewer than wanted."""
    filers = [household for household in households if _lives_on_wages(household)]
    wanted = [(year, household) for year in FILING_YEARS for household in filers][:total]
    return [
        (date(year, 2, 1) + timedelta(days=random.randrange(FILING_DAYS)), household)
        for year, household in wanted
    ]


def _lives_on_wages(household: Household) -> bool:
    head = household.head
    return head.earned > 0 and not (head.self_employed or head.retirement or head.unemployment)


def tax_answers(household: Household, year: int, random: Random) -> dict[str, Any]:
    """Return a household's answers about the return of a year."""
    head = household.head
    spouse = next((member for member in household.members if member.relation == "spouse"), None)
    children = [
        _child(member, year, random, is_joint=spouse is not None)
        for member in household.members
        if member.relation == "child" and head.birth_on.year < member.birth_on.year <= year
    ]
    wages, others = 12 * head.earned, 12 * spouse.earned if spouse else 0
    answers: dict[str, Any] = {
        "tax_year": str(year),
        "filing_status": "J" if spouse else "H" if children else "S",
        "birth_date": head.birth_on.isoformat(),
        "has_ssn": True,
        "can_be_claimed": False,
        "wages": wages,
        "withheld": round((wages + others) * random.uniform(0.04, 0.12)),
        "interest": random.choice((0, 0, 12, 85, 240)),
        "has_dependents": bool(children),
        "email": head.email or "nobody@example.org",
    }
    if spouse:
        answers["spouse_birth_date"] = spouse.birth_on.isoformat()
        answers |= {"spouse_has_ssn": True, "spouse_wages": others, "spouse_signs": "otherwise"}
    return answers | ({"dependents": children} if children else {})


def _child(member: Resident, year: int, random: Random, *, is_joint: bool) -> dict[str, Any]:
    age = year - member.birth_on.year
    is_student = 19 <= age <= 23 and random.random() < 0.6
    is_grown_up = age >= 19 and not is_student and not member.disability
    asked = {
        "agreement": (not is_joint, "none"),
        "is_student": (19 <= age <= 23, is_student),
        "is_disabled": (age >= 19, bool(member.disability)),
        "pays_own_support": (age >= 14, member.earned > 1500),
        "files_jointly": (age >= 16, False),
        "is_supported": (is_grown_up, member.earned < 400),
        "person_income": (is_grown_up and member.earned < 400, 12 * member.earned),
    }
    return {
        "person_name": member.name,
        "person_birth_date": member.birth_on.isoformat(),
        "relation": "child",
        "months": 12,
        "person_number": "ssn",
        **{key: answer for key, (is_asked, answer) in asked.items() if is_asked},
    }
