"""The federal income tax worked out a second time, from the fact sheet alone.

Nothing here reads the decision model or the parameters. Figures are written down again, and steps take another form where
the sheet allows it: the tax as a sum of slices, the earned income credit as two straight lines, exact fractions
throughout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

STATUSES = "SJMHW"
RATES = (10, 12, 22, 24, 32, 35, 37)
# Standard deduction for S and M, J and W, H; additional for S and H, and for the others; floor and addition of dependents.
DEDUCTIONS = {
    2023: (13850, 27700, 20800, 1850, 1500, 1250, 400),
    2024: (14600, 29200, 21900, 1950, 1550, 1300, 450),
    2025: (15750, 31500, 23625, 2000, 1600, 1350, 450),
    2026: (16100, 32200, 24150, 2050, 1650, 1350, 450),
}
ENDS = {
    (2023, "S"): (11000, 44725, 95375, 182100, 231250, 578125),
    (2023, "J"): (22000, 89450, 190750, 364200, 462500, 693750),
    (2023, "M"): (11000, 44725, 95375, 182100, 231250, 346875),
    (2023, "H"): (15700, 59850, 95350, 182100, 231250, 578100),
    (2024, "S"): (11600, 47150, 100525, 191950, 243725, 609350),
    (2024, "J"): (23200, 94300, 201050, 383900, 487450, 731200),
    (2024, "M"): (11600, 47150, 100525, 191950, 243725, 365600),
    (2024, "H"): (16550, 63100, 100500, 191950, 243700, 609350),
    (2025, "S"): (11925, 48475, 103350, 197300, 250525, 626350),
    (2025, "J"): (23850, 96950, 206700, 394600, 501050, 751600),
    (2025, "M"): (11925, 48475, 103350, 197300, 250525, 375800),
    (2025, "H"): (17000, 64850, 103350, 197300, 250500, 626350),
    (2026, "S"): (12400, 50400, 105700, 201775, 256225, 640600),
    (2026, "J"): (24800, 100800, 211400, 403550, 512450, 768700),
    (2026, "M"): (12400, 50400, 105700, 201775, 256225, 384350),
    (2026, "H"): (17700, 67450, 105700, 201750, 256200, 640600),
}
# A child's credit, the refundable part of it, and the base of the social security tax.
CHILDREN = {2023: (2000, 1600, 160200), 2024: (2000, 1700, 168600), 2025: (2200, 1700, 176100), 2026: (2200, 1700, 184500)}  # fmt: skip
IN_RATES = (Fraction("0.0765"), Fraction("0.34"), Fraction("0.40"), Fraction("0.45"))
OUT_RATES = (Fraction("0.0765"), Fraction("0.1598"), Fraction("0.2106"), Fraction("0.2106"))
# Largest credit for 0, 1, 2, 3 children; start of the fall without and with children; joint addition likewise; limit of interest.
EARNED = {
    2023: ((600, 3995, 6604, 7430), (9800, 21560), (6570, 6560), 11000),
    2024: ((632, 4213, 6960, 7830), (10330, 22720), (6920, 6920), 11600),
    2025: ((649, 4328, 7152, 8046), (10620, 23350), (7110, 7120), 11950),
    2026: ((664, 4427, 7316, 8231), (10860, 23890), (7280, 7270), 12200),
}
RELATIVE_INCOME = {2023: 4700, 2024: 5050, 2025: 5200, 2026: 5300}


@dataclass
class Person:
    """Somebody who may count as a child or a dependent."""

    relation: str = "CHILD"
    age: int = 10
    is_younger: bool = True
    is_student: bool = False
    is_disabled: bool = False
    months: int = 12
    number: str = "SSN"
    agreement: str = "NONE"
    is_us_person: bool = True
    pays_own_support: bool = False
    files_jointly: bool = False
    is_supported: bool = False
    income: Fraction = Fraction(0)


@dataclass
class Unit:
    """One return: the filers, their income, and those who live with them."""

    year: int
    filing_status: str
    age: int = 30
    spouse_age: int = 0
    new_year_birthday: bool = False
    spouse_new_year_birthday: bool = False
    blind: bool = False
    spouse_blind: bool = False
    has_ssn: bool = True
    spouse_has_ssn: bool = True
    wages: Fraction = Fraction(0)
    spouse_wages: Fraction = Fraction(0)
    interest: Fraction = Fraction(0)
    withheld: Fraction = Fraction(0)
    estimated_payments: Fraction = Fraction(0)
    can_be_claimed_as_dependent: bool = False
    spouse_itemises: bool = False
    lives_apart: bool = False
    people: list[Person] = field(default_factory=list)
    whole_dollars: bool = False
    tables: bool = False


def half_up(amount: Fraction, digits: int = 0) -> Fraction:
    """Round half up, away from zero."""
    scaled = abs(amount) * 10**digits
    whole = Fraction(math.floor(scaled + Fraction(1, 2)), 10**digits)
    return whole if amount >= 0 else -whole


def middle(amount: Fraction, width: int, start: int = 0) -> Fraction:
    """The middle of the line of a table."""
    return start + ((amount - start) // width) * width + Fraction(width, 2)


class Return:
    """Works out one unit; `lines` holds every line by the name that the model gives it."""

    def __init__(self, unit: Unit, counts: tuple[int, int, int] | None = None) -> None:
        self.unit, self.year, self.is_joint = unit, unit.year, unit.filing_status == "J"
        self.nc, self.no, self.ne = counts or self.counted()
        self.lines: dict[str, Fraction | int | str] = {}
        self.work_out()

    def dollars(self, amount: Fraction) -> Fraction:
        return half_up(amount) if self.unit.whole_dollars else amount

    # ---- who counts ------------------------------------------------------------------------

    def counted(self) -> tuple[int, int, int]:
        unit = self.unit
        filer = unit.has_ssn or (self.is_joint and unit.spouse_has_ssn)
        children = others = earned = 0
        for person in unit.people:
            kin = person.relation in ("CHILD", "SIBLING")
            young = person.age < 19 or (person.is_student and person.age < 24)
            qualifies = kin and (person.is_disabled or (person.is_younger and young))
            earned += qualifies and person.months >= 7 and person.number == "SSN" and not person.files_jointly
            if unit.can_be_claimed_as_dependent or person.files_jointly or not person.is_us_person:
                continue
            if person.agreement == "GIVEN" or person.number == "NONE":
                continue
            own = qualifies and (person.months >= 7 or person.agreement == "RECEIVED")
            own = own and not person.pays_own_support
            poor = person.income < RELATIVE_INCOME[self.year]
            relative = person.is_supported and poor and (person.relation != "OTHER" or person.months == 12)
            if own and person.age < 17 and person.number == "SSN" and (filer or self.year < 2025):
                children += 1
            elif own or relative:
                others += 1
        return children, others, earned

    # ---- the lines -------------------------------------------------------------------------

    def work_out(self) -> None:
        unit = self.unit
        wages = self.dollars(unit.wages + (unit.spouse_wages if self.is_joint else 0))
        interest = self.dollars(unit.interest)
        agi = wages + interest
        deduction, senior = self.deduction(wages), self.senior(agi)
        taxable = max(Fraction(0), agi - deduction - senior)
        tax = self.tax(taxable)
        credit, _, _ = CHILDREN[self.year]
        before = Fraction(credit * self.nc + 500 * self.no)
        after = max(Fraction(0), before - self.reduction(agi))
        used = min(after, tax)
        earned = self.earned_income_credit(wages, agi, interest)
        refundable = self.refundable(after - used, wages, earned)
        cents = 0 if unit.whole_dollars else 2
        for_children = half_up(used * credit * self.nc / before, cents) if before else Fraction(0)
        paid = self.dollars(unit.withheld) + self.dollars(unit.estimated_payments)
        balance = half_up(tax - used - earned - refundable - paid, 2)
        self.lines = {
            "children_under_17": self.nc,
            "other_dependents": self.no,
            "earned_income_children": self.ne,
            "adjusted_gross_income": agi,
            "standard_deduction": deduction,
            "senior_deduction": senior,
            "taxable_income": taxable,
            "tax": tax,
            "child_tax_credit": for_children,
            "credit_for_other_dependents": used - for_children,
            "earned_income_credit": earned,
            "additional_child_tax_credit": refundable,
            "tax_after_credits": tax - used - earned - refundable,
            "refund": max(Fraction(0), -balance),
            "amount_due": max(Fraction(0), balance),
            "outcome": "NOTHING_DUE" if balance == 0 else ("REFUND" if balance < 0 else "AMOUNT_DUE"),
        }

    def seniors(self) -> list[bool]:
        """Whether each senior among the filers has a social security number."""
        unit = self.unit
        filers = [(unit.age + unit.new_year_birthday, unit.has_ssn)]
        if self.is_joint:
            filers.append((unit.spouse_age + unit.spouse_new_year_birthday, unit.spouse_has_ssn))
        return [has_ssn for age, has_ssn in filers if age >= 65]

    def deduction(self, wages: Fraction) -> Fraction:
        unit, status = self.unit, self.unit.filing_status
        if status == "M" and unit.spouse_itemises:
            return Fraction(0)
        single, joint, head, more_alone, more_others, floor, addition = DEDUCTIONS[self.year]
        basic = Fraction({"S": single, "M": single, "J": joint, "W": joint, "H": head}[status])
        if unit.can_be_claimed_as_dependent:
            basic = min(basic, max(Fraction(floor), wages + addition))
        marks = len(self.seniors()) + unit.blind + (self.is_joint and unit.spouse_blind)
        return basic + marks * (more_alone if status in "SH" else more_others)

    def senior(self, agi: Fraction) -> Fraction:
        if self.year < 2025 or self.unit.filing_status == "M":
            return Fraction(0)
        above = max(Fraction(0), agi - (150_000 if self.is_joint else 75_000))
        return self.dollars(sum(self.seniors()) * max(Fraction(0), 6000 - Fraction(6, 100) * above))

    def tax(self, taxable: Fraction) -> Fraction:
        by_table = self.unit.tables and taxable < 100_000
        base = taxable
        if by_table:
            start, width = next(
                line for line in ((3000, 50), (25, 25), (5, 10), (0, 5)) if taxable >= line[0]
            )
            base = middle(taxable, width, start)
        status = "J" if self.unit.filing_status == "W" else self.unit.filing_status
        edges = (0, *ENDS[self.year, status])
        tax = Fraction(0)
        for number, rate in enumerate(RATES):
            top = edges[number + 1] if number < 6 else base
            tax += Fraction(rate, 100) * max(Fraction(0), min(base, Fraction(top)) - edges[number])
        return half_up(tax) if by_table or self.unit.whole_dollars else tax

    def reduction(self, agi: Fraction) -> int:
        return 50 * max(0, math.ceil((agi - (400_000 if self.is_joint else 200_000)) / 1000))

    def may_have_earned_income_credit(self, interest: Fraction) -> bool:
        unit = self.unit
        if unit.can_be_claimed_as_dependent or interest > EARNED[self.year][3]:
            return False
        if unit.filing_status == "M" and not (unit.lives_apart and self.ne):
            return False
        if not unit.has_ssn or (self.is_joint and not unit.spouse_has_ssn):
            return False
        ages = [(unit.age, unit.new_year_birthday)]
        if self.is_joint:
            ages.append((unit.spouse_age, unit.spouse_new_year_birthday))
        return self.ne > 0 or any(age + early >= 25 and age < 65 for age, early in ages)

    def earned_income_credit(self, wages: Fraction, agi: Fraction, interest: Fraction) -> Fraction:
        if not self.may_have_earned_income_credit(interest) or wages == 0:
            return Fraction(0)
        kids = min(self.ne, 3)
        most, starts, joint, _ = EARNED[self.year]
        start = starts[kids > 0] + (joint[kids > 0] if self.is_joint else 0)

        def at(earnings: Fraction, income: Fraction) -> Fraction:
            up = min(IN_RATES[kids] * earnings, Fraction(most[kids]))
            return min(up, max(Fraction(0), most[kids] - OUT_RATES[kids] * max(Fraction(0), income - start)))

        if not self.unit.tables:
            return self.dollars(at(wages, agi))
        by_earnings = half_up(at(middle(wages, 50), middle(wages, 50)))
        return (
            min(by_earnings, half_up(at(middle(agi, 50), middle(agi, 50)))) if agi >= start else by_earnings
        )

    def refundable(self, left: Fraction, wages: Fraction, earned: Fraction) -> Fraction:
        _, most, base = CHILDREN[self.year]
        by_earnings = Fraction(15, 100) * max(Fraction(0), wages - 2500)
        if self.nc >= 3:
            filers = [self.unit.wages, self.unit.spouse_wages] if self.is_joint else [self.unit.wages]
            paid = sum(
                Fraction(62, 1000) * min(pay, Fraction(base)) + Fraction(145, 10_000) * pay for pay in filers
            )
            by_earnings = max(by_earnings, paid - earned)
        return self.dollars(min(left, Fraction(most * self.nc), by_earnings))
