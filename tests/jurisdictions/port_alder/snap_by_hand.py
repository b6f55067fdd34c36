"""SNAP in Washington worked out a second time, from the fact sheet alone.

Nothing here reads the decision model or the parameters: figures and steps are written down again, in another
form (guidelines and rates instead of published tables where the sheet gives the rule), so that a slip in one
shows up against the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any


def money(value: int | str | Decimal | Fraction) -> Fraction:
    return Fraction(value) if not isinstance(value, Decimal) else Fraction(str(value))


GUIDELINE = {
    2022: (13590, 4720),
    2023: (14580, 5140),
    2024: (15060, 5380),
    2025: (15650, 5500),
    2026: (15960, 5680),
}
THRIFTY = {
    2023: ([281, 516, 740, 939, 1116, 1339, 1480, 1691], 211, 23, None),
    2024: ([291, 535, 766, 973, 1155, 1386, 1532, 1751], 219, 23, None),
    2025: ([292, 536, 768, 975, 1158, 1390, 1536, 1756], 220, 23, None),
    2026: ([298, 546, 785, 994, 1183, 1421, 1571, 1789], 218, 24, 3777),
    2027: ([306, 562, 808, 1023, 1217, 1463, 1616, 1841], 225, 25, 3887),
}
STANDARD = {
    2023: (193, 193, 225, 258), 2024: (198, 208, 244, 279), 2025: (204, 217, 254, 291), 2026: (209, 223, 261, 299),
    2027: (217, 229, 268, 308),
}  # fmt: skip
CAP = {2023: 624, 2024: 672, 2025: 712, 2026: 744, 2027: 769}
HOMELESS = {2023: "166.81", 2024: "179.66", 2025: "190.30", 2026: "198.99", 2027: "205.66"}
RESOURCES = {
    2023: (2750, 4250),
    2024: (2750, 4250),
    2025: (3000, 4500),
    2026: (3000, 4500),
    2027: (3000, 4750),
}
UTILITIES = {2023: (462, 365, 59), 2024: (483, 383, 58), 2025: (502, 396, 56), 2026: (515, 406, 58)}
UNEARNED = (
    "social_security_retirement", "social_security_disability", "ssi", "tanf", "unemployment", "other_unearned",
)  # fmt: skip


class NotKnownError(Exception):
    """The sheet has no figure for the month."""


@dataclass
class Sheet:
    """The sheet's steps for one household in one month."""

    household: dict[str, Any]
    on: date
    each_step: bool = False
    figures: dict[str, Any] = field(default_factory=dict)

    def step(self, value: Fraction) -> Fraction:
        """Round a step of the working-out to whole dollars where the state rounds each."""
        return Fraction(half_up(value)) if self.each_step else value

    @property
    def fiscal_year(self) -> int:
        return self.on.year + (self.on.month >= 10)

    def work_out(self) -> dict[str, Any]:
        self.income()
        self.deductions()
        self.tests()
        self.benefit()
        return self.figures

    def income(self) -> None:
        members, put = self.household["members"], self.figures
        put["unit_size"] = len(members)
        put["elderly_or_disabled"] = any(is_protected(member) for member in members)
        put["earned_income"] = sum((earnings(member) for member in members), Fraction())
        put["unearned_income"] = sum((amount(m, key) for m in members for key in UNEARNED), Fraction())
        put["child_support_excluded"] = sum((amount(m, "child_support_paid") for m in members), Fraction())
        put["gross_income"] = (
            self.step(put["earned_income"])
            + self.step(put["unearned_income"])
            - self.step(put["child_support_excluded"])
        )

    def deductions(self) -> None:
        put, year, household = self.figures, self.fiscal_year, self.household
        size = put["unit_size"]
        put["standard_deduction"] = STANDARD[year][min(max(size - 3, 0), 3)]
        put["earned_income_deduction"] = self.step(self.step(put["earned_income"]) / 5)
        put["dependent_care_deduction"] = self.step(amount(household, "dependent_care"))
        medical = sum(
            (amount(m, "medical_expenses") for m in household["members"] if is_protected(m)), Fraction()
        )
        put["medical_deduction"] = self.step(max(medical - 35, Fraction()))
        before = (
            put["gross_income"]
            - put["standard_deduction"]
            - put["earned_income_deduction"]
            - put["dependent_care_deduction"]
            - put["medical_deduction"]
        )
        put["income_before_shelter"] = max(before, Fraction())
        self.shelter()
        put["total_deductions"] = put["gross_income"] - before + put["shelter_deduction"]
        put["net_income"] = half_up(max(before - put["shelter_deduction"], Fraction()))

    def shelter(self) -> None:
        put, year, household = self.figures, self.fiscal_year, self.household
        utilities, rent = household["utilities"], amount(household, "rent_or_mortgage")
        deemed = self.on < date(2025, 8, 1) or put["elderly_or_disabled"]
        if utilities["heating_or_cooling"] or deemed:
            kind = "SUA"
        elif utilities["kinds"] >= 2:
            kind = "LUA"
        else:
            kind = "TUA" if utilities["telephone"] else "NONE"
        put["utility_allowance_type"] = kind
        if kind != "NONE" and year not in UTILITIES:
            raise NotKnownError(kind)
        put["utility_allowance"] = 0 if kind == "NONE" else UTILITIES[year][("SUA", "LUA", "TUA").index(kind)]
        put["shelter_cost"] = self.step(rent + put["utility_allowance"])
        excess = max(put["shelter_cost"] - self.step(put["income_before_shelter"] / 2), Fraction())
        if not put["elderly_or_disabled"]:
            excess = min(excess, Fraction(CAP[year]))
        has_own_cost = rent > 0 or any(utilities[key] for key in ("heating_or_cooling", "kinds", "telephone"))
        put["homeless_deduction_used"] = (
            household["all_members_homeless"]
            and put["shelter_cost"] > 0
            and has_own_cost
            and money(HOMELESS[year]) > excess
        )
        flat = self.step(money(HOMELESS[year]))
        put["shelter_deduction"] = flat if put["homeless_deduction_used"] else excess

    def tests(self) -> None:
        put, year, size = self.figures, self.fiscal_year, self.figures["unit_size"]
        members = self.household["members"]
        spring = GUIDELINE[self.on.year - (self.on.month < 4)]
        put["limit_200"] = Fraction((spring[0] + (size - 1) * spring[1]) * 2, 12)
        put["categorically_eligible"] = (
            put["gross_income"] <= put["limit_200"]
            or all(amount(member, "ssi") > 0 for member in members)
            or any(amount(member, "tanf") > 0 for member in members)
        )
        put["gross_limit_130"] = standard(Fraction(13, 10), size, year)
        put["net_limit_100"] = standard(Fraction(1), size, year)
        put["gross_test"] = put["elderly_or_disabled"] or put["gross_income"] <= put["gross_limit_130"]
        put["net_test"] = put["net_income"] <= put["net_limit_100"]
        limit = RESOURCES[year][1 if put["elderly_or_disabled"] else 0]
        put["resource_test"] = amount(self.household, "resources") <= limit
        put["eligible"] = put["categorically_eligible"] or (
            put["gross_test"] and put["net_test"] and put["resource_test"]
        )

    def benefit(self) -> None:
        put, size = self.figures, self.figures["unit_size"]
        table, step, least, cap = THRIFTY[self.fiscal_year]
        most = table[min(size, 8) - 1] + max(size - 8, 0) * step
        put["maximum_allotment"] = min(most, cap) if cap else most
        put["minimum_allotment"] = least if size <= 2 else 0
        put["contribution"] = math.ceil(put["net_income"] * 3 / 10)
        formula = put["maximum_allotment"] - put["contribution"]
        put["allotment"] = max(put["minimum_allotment"], formula, 0) if put["eligible"] else 0
        is_emergency = self.on < date(2023, 3, 1) and put["allotment"] > 0
        put["emergency_allotment"] = (
            max(95, put["maximum_allotment"] - put["allotment"]) if is_emergency else 0
        )
        first = math.floor(Fraction(put["allotment"] * (31 - min(self.on.day, 30)), 30))
        put["first_month_allotment"] = first if first >= 10 else 0
        put["reason"] = self.reason(formula)
        ends = {"CE_ZERO": "DENIED_ZERO", "TESTS_ZERO": "DENIED_ZERO"}
        plain = put["reason"] if put["reason"].startswith("DENIED") else "ELIGIBLE"
        put["outcome"] = ends.get(put["reason"], plain)

    def reason(self, formula: Fraction) -> str:
        put = self.figures
        if not put["eligible"]:
            failed = next(name for name in ("gross", "net", "resource") if not put[f"{name}_test"])
            return {"gross": "DENIED_GROSS", "net": "DENIED_NET", "resource": "DENIED_RESOURCES"}[failed]
        way = "CE" if put["categorically_eligible"] else "TESTS"
        if put["allotment"] == 0:
            return f"{way}_ZERO"
        return f"{way}_MIN" if put["allotment"] > formula else way


def may_be_separate(asking: dict[str, Any], on: date) -> bool:
    """Whether somebody elderly and disabled may be a household apart from the others in the home."""
    year = on.year + (on.month >= 10)
    within = amount(asking, "others_income") <= standard(Fraction(165, 100), asking["others"], year)
    return bool(
        asking["age"] >= 60 and asking["permanently_disabled"] and asking["cannot_prepare_meals"] and within
    )


def amount(thing: dict[str, Any], key: str) -> Fraction:
    return money(thing.get(key, 0))


def is_protected(member: dict[str, Any]) -> bool:
    return (
        member["age"] >= 60
        or member.get("receives_disability_benefit", False)
        or amount(member, "ssi") > 0
        or amount(member, "social_security_disability") > 0
    )


def earnings(member: dict[str, Any]) -> Fraction:
    if member.get("in_school", False) and member["age"] < 18:
        return Fraction()
    receipts, costs = amount(member, "self_employment_receipts"), amount(member, "self_employment_costs")
    return amount(member, "earned") + max(Fraction(), receipts - max(receipts / 2, costs))


def standard(rate: Fraction, size: int, fiscal_year: int) -> int:
    first, further = GUIDELINE[fiscal_year - 1]
    base = math.ceil(rate * (first + (min(size, 8) - 1) * further) / 12)
    return base + max(size - 8, 0) * math.ceil(rate * further / 12)


def half_up(value: Fraction) -> int:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
