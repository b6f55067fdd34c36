"""SSI worked out a second time, from the fact sheet alone, in fractions.

Nothing here reads the decision model or the parameters. Ages, incomes and the two ways of deeming follow the sheet's steps 1 to 14 and
the regulations that it names.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.jurisdictions.port_alder.snap_by_hand import NotKnownError, amount

RATES = {2023: (914, 1371), 2024: (943, 1415), 2025: (967, 1450), 2026: (994, 1491), 2027: (1029, 1544)}
STUDENTS = {
    2023: (2220, 8950),
    2024: (2290, 9230),
    2025: (2350, 9460),
    2026: (2410, 9730),
    2027: (2500, 10080),
}
GAINFUL = {2023: 1470, 2024: 1550, 2025: 1620, 2026: 1690}
UNEARNED = ("social_security", "pension", "unemployment", "interest", "other_unearned")


def work_out(facts: dict[str, Any], on: date) -> dict[str, Any]:
    """Return the figures of one claim in one month."""
    me, spouse, home = facts["Claimant"], facts["Spouse"], facts["Household"]
    single, pair = RATES[on.year]
    is_couple = (
        home["spouse"] == "CLAIMS" and qualifies(me, on) and qualifies(spouse, on)
    )  # fmt: skip
    people = [me, spouse] if is_couple else [me]
    full = Fraction(pair if is_couple else single)

    owned = amount(home, "resources") + over(amount(home, "burial_funds"), 1500)
    owned += over(amount(home, "spouse_burial_funds"), 1500) if home["spouse"] != "NONE" else 0
    with_parents = me["age"] < 18 and home["parents"] > 0 and home["living"] != "MEDICAL_FACILITY"
    if with_parents:
        owned += over(amount(home, "parents_resources"), 3000 if home["parents"] == 2 else 2000)
    may_own = 2000 if home["spouse"] == "NONE" else 3000

    unearned = sum((unearned_of(person, is_me=person is me) for person in people), Fraction())
    if home["living"] == "OWN_HOUSEHOLD":
        given = amount(home, "in_kind_shelter")
        given += amount(home, "in_kind_food") if on < date(2024, 9, 30) else 0
        unearned += min(given, cents(full / 3) + 20)
    aside = sum(
        (over(Fraction(pair - single), amount(c, "income")) for c in home["ineligible_children"]), Fraction()
    )
    if with_parents:
        unearned += from_parents(home, aside, single, pair)
    counted = countable(people, unearned, sum((earned_of(p) for p in people), Fraction()), people, on)

    rate = {
        "OWN_HOUSEHOLD": full,
        "ANOTHERS_HOUSEHOLD": cents(full * 2 / 3),
        "MEDICAL_FACILITY": Fraction(60 if is_couple else 30),
    }[home["living"]]
    left = over(rate, counted)
    if home["spouse"] != "NONE" and not is_couple and home["living"] != "MEDICAL_FACILITY":
        theirs = unearned_of(spouse, is_me=False)
        kept_unearned = over(theirs, aside)
        kept_earned = over(earned_of(spouse), over(aside, theirs))
        if kept_unearned + kept_earned > pair - single:
            both = countable([me], unearned + kept_unearned, earned_of(me) + kept_earned, [me], on)
            other = cents(Fraction(pair * 2, 3)) if home["living"] == "ANOTHERS_HOUSEHOLD" else Fraction(pair)
            left = min(left, over(other, both))

    outcome = outcome_of(me, on, is_rich=owned > may_own, left=left)
    pays = outcome == "ELIGIBLE"
    federal = cents(left / len(people)) if pays else Fraction()
    extra = Fraction()
    if pays and home["supplement_group"] and home["living"] == "OWN_HOUSEHOLD":
        extra = Fraction("38.25") if on < date(2024, 4, 1) else Fraction("35.5")
    number = facts["Month number"]
    return {
        "outcome": outcome,
        "couple": is_couple,
        "countable_resources": owned,
        "resource_limit": may_own,
        "unearned_income": unearned,
        "countable_income": counted,
        "rate": rate,
        "federal_payment": federal,
        "couple_payment": cents(left) if pays and is_couple else 0,
        "state_supplement": extra,
        "total_payment": federal + extra,
        "income_month": 1 if number <= 2 else number - 2,
    }


def outcome_of(me: dict[str, Any], on: date, *, is_rich: bool, left: Fraction) -> str:
    if not in_category(me, on):
        return "DENIED_CATEGORY"
    if not has_status(me):
        return "DENIED_STATUS"
    if is_rich:
        return "DENIED_RESOURCES"
    return "ELIGIBLE" if left > 0 else "DENIED_INCOME"


def over(value: Fraction, limit: Fraction | int) -> Fraction:
    return max(value - limit, Fraction())


def cents(value: Fraction) -> Fraction:
    """Round to the cent, half a cent up."""
    return Fraction((value * 100 + Fraction(1, 2)).__floor__(), 100)


def in_category(person: dict[str, Any], on: date) -> bool:
    if person["age"] >= 65 or person["blind"]:
        return True
    if not person["disabled"] or person["received_before"]:
        return bool(person["disabled"])
    works = (
        amount(person, "wages") + amount(person, "self_employment") - amount(person, "impairment_work_costs")
    )
    if works <= 0:
        return True
    if on.year not in GAINFUL:
        raise NotKnownError("sga")
    return works <= GAINFUL[on.year]


def has_status(person: dict[str, Any]) -> bool:
    return bool(person["citizen_or_qualified"] and person["resident"] and not person["in_institution"])


def qualifies(person: dict[str, Any], on: date) -> bool:
    return has_status(person) and in_category(person, on)


def unearned_of(person: dict[str, Any], *, is_me: bool) -> Fraction:
    support = amount(person, "child_support")
    if is_me and (person["age"] < 18 or (person["age"] < 22 and person["student"])):
        support = cents(support * 2 / 3)
    return sum((amount(person, key) for key in UNEARNED), support)


def earned_of(person: dict[str, Any]) -> Fraction:
    return over(amount(person, "wages") + amount(person, "self_employment"), 0)


def countable(
    people: list[dict[str, Any]],
    unearned: Fraction,
    earned: Fraction,
    with_costs: list[dict[str, Any]],
    on: date,
) -> Fraction:
    """Steps 5 to 8, for one person or for two together."""
    first = min(unearned, Fraction(20))
    monthly, yearly = STUDENTS[on.year]
    for person in people:
        if person["student"] and person["age"] < 22 and (person["blind"] or person["disabled"]):
            room = over(Fraction(yearly), amount(person, "student_exclusion_used"))
            earned -= min(earned_of(person), Fraction(monthly), room)
    disability = sum((amount(p, "impairment_work_costs") for p in with_costs if p["disabled"]), Fraction())
    blindness = sum((amount(p, "blind_work_costs") for p in with_costs if p["blind"]), Fraction())
    half = over(earned, 20 - first + 65 + disability) / 2
    return unearned - first + over(half, blindness)


def from_parents(home: dict[str, Any], aside: Fraction, single: int, pair: int) -> Fraction:
    unearned = over(amount(home, "parents_unearned"), aside)
    earned = over(amount(home, "parents_earned"), over(aside, amount(home, "parents_unearned")))
    first = min(unearned, Fraction(20))
    total = unearned - first + over(earned, 85 - first) / 2
    return cents(over(total, pair if home["parents"] == 2 else single) / int(home["eligible_children"]))
