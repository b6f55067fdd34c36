"""How a service declares what it grants, and what that comes to in a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator

from commonweal.engines import feel
from commonweal.kernel.awards.enums import Period
from commonweal.kernel.awards.errors import TermsUnclear
from commonweal.kernel.awards.types import Amendment, Terms
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.types import Money

Feel = Annotated[str, Field(min_length=1, max_length=2_000)]


EXPECTED: Mapping[str, feel.Type] = {
    "starts_on": feel.DATE,
    "ends_on": feel.DATE,
    "amount": feel.NUMBER,
    "holder": feel.STRING,
    "item": feel.STRING,
    "pool": feel.STRING,
    "capacity": feel.NUMBER,
    "units": feel.NUMBER,
}
"""What each expression has to give."""


class AwardSource(Declared):
    """What a granting outcome grants. All but ``period`` is FEEL over answers, look-ups, ``case`` and ``decision``.

    Attributes:
        starts_on: First day.
        ends_on: Last day; left out where it runs on.
        amount: In major units; left out where it is no amount.
        period: What the amount is for.
        holder: What it counts for besides the person, for example the dwelling.
        item: What it is for, for example the vehicle.
        pool: Key of the pool whose capacity it uses.
        capacity: How many units the pool holds; needed with a pool.
        units: How many this award uses; one if left out.
        label: What it is for, as its holder knows it, for example plate and zone. Also over ``award`` (``item``, ``holder``) as it
            stands when it is named: letters about what was granted, and pages. No words that would have to be translated.
    """

    starts_on: Feel
    ends_on: Feel | None = None
    amount: Feel | None = None
    period: Period = Period.ONCE
    holder: Feel | None = None
    item: Feel | None = None
    pool: Feel | None = None
    capacity: Feel | None = None
    units: Feel | None = None
    label: Feel | None = None

    @model_validator(mode="after")
    def _pool_has_capacity(self) -> AwardSource:
        if (self.pool is None) != (self.capacity is None):
            raise ValueError("a pool needs a capacity, and a capacity a pool")
        return self

    def expressions(self) -> dict[str, str]:
        """Return the FEEL to compile, by field."""
        written = {name: getattr(self, name) for name in EXPECTED}
        return {name: text for name, text in written.items() if text is not None}


@dataclass(frozen=True, slots=True)
class CompiledAward:
    """The section with its expressions."""

    spec: AwardSource
    expressions: Mapping[str, feel.Expression] = field(compare=False)
    currency: str
    label: feel.Expression | None = field(default=None, compare=False)

    @property
    def is_limited(self) -> bool:
        """Whether there may be none left to grant."""
        return self.spec.pool is not None


def terms_of(award: CompiledAward, names: Mapping[str, Any], *, at: datetime) -> Terms:
    """Return what is to be granted.

    Args:
        award: As declared.
        names: What FEEL may name.
        at: When; ``today()`` is the day in the jurisdiction.

    Raises:
        TermsUnclear: An expression gives no value of the right kind; nothing is granted by guess.
    """
    value = {
        name: expression.evaluate(names, new_evaluation(at)) for name, expression in award.expressions.items()
    }
    amount = _number(value, "amount")
    return Terms(
        starts_on=_day(value, "starts_on"),
        ends_on=_day(value, "ends_on") if "ends_on" in value else None,
        amount=None if amount is None else Money.of(amount, award.currency),
        period=award.spec.period,
        holder=_text(value, "holder"),
        item=_text(value, "item"),
        pool=_text(value, "pool"),
        capacity=_whole(value, "capacity"),
        units=_whole(value, "units") or 1,
    )


def label_of(award: CompiledAward, names: Mapping[str, Any], *, at: datetime) -> str:
    """Return what an award is for, as its holder knows it; empty where that is not declared or cannot be told.

    Args:
        award: As declared.
        names: What FEEL may name, ``award`` too.
        at: When.
    """
    value = award.label.evaluate(names, new_evaluation(at)) if award.label is not None else None
    return value if isinstance(value, str) else ""


CHANGES: Mapping[str, feel.Type] = {
    "last_day": feel.DATE,
    "from_on": feel.DATE,
    "item": feel.STRING,
    "holder": feel.STRING,
    "amount": feel.NUMBER,
}
"""What each expression of a change has to give."""


class ChangeSource(Declared):
    """What a granting outcome changes about an award that the applicant holds already. All but ``award`` is FEEL.

    A service that has this section is what somebody asks of an award: to give it up, to have it for another vehicle, to
    have it longer. It is a service like any other, with a form, a decision, a letter.

    Attributes:
        award: Name of the look-up that finds the award: one with ``award``.
        when: The change is made only where it is true; always if left out.
        last_day: New last day.
        from_on: First day of what is new; left out where the award ends.
        item: What it is for from now on.
        holder: What it counts for from now on.
        amount: In major units, from ``from_on`` on.
    """

    award: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    when: Feel | None = None
    last_day: Feel | None = None
    from_on: Feel | None = None
    item: Feel | None = None
    holder: Feel | None = None
    amount: Feel | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeSource:
        written = self.expressions()
        if not written:
            raise ValueError(f"a change needs one of: {', '.join(CHANGES)}")
        if "amount" in written and "from_on" not in written:
            raise ValueError("a new amount needs 'from_on', its first day")
        return self

    def expressions(self) -> dict[str, str]:
        """Return the FEEL to compile, by field; ``when`` apart."""
        written = {name: getattr(self, name) for name in CHANGES}
        return {name: text for name, text in written.items() if text is not None}


@dataclass(frozen=True, slots=True)
class CompiledChange:
    """The section ``change`` with its expressions."""

    spec: ChangeSource
    when: feel.Expression | None = field(compare=False)
    expressions: Mapping[str, feel.Expression] = field(compare=False)
    currency: str


def amendment_of(change: CompiledChange, names: Mapping[str, Any], *, at: datetime) -> Amendment | None:
    """Return what is to change about the award; None where the declaration says that nothing does.

    Args:
        change: As declared.
        names: What FEEL may name.
        at: When.

    Raises:
        TermsUnclear: An expression gives no value of the right kind; nothing is changed by guess.
    """
    if change.when is not None and change.when.evaluate(names, new_evaluation(at)) is not True:
        return None
    value = {
        name: expression.evaluate(names, new_evaluation(at))
        for name, expression in change.expressions.items()
    }
    amount = _number(value, "amount")
    return Amendment(
        last_day=_day(value, "last_day") if "last_day" in value else None,
        from_on=_day(value, "from_on") if "from_on" in value else None,
        item=_text(value, "item") if "item" in value else None,
        holder=_text(value, "holder") if "holder" in value else None,
        amount=None if amount is None else Money.of(amount, change.currency),
    )


def _day(value: Mapping[str, Any], name: str) -> date:
    found = value[name]
    if not isinstance(found, feel.Date):
        raise TermsUnclear(field=name)
    return date(found.year, found.month, found.day)


def _number(value: Mapping[str, Any], name: str) -> Decimal | None:
    found = value.get(name)
    if name in value and not isinstance(found, Decimal):
        raise TermsUnclear(field=name)
    return found


def _whole(value: Mapping[str, Any], name: str) -> int | None:
    found = _number(value, name)
    return None if found is None else int(found)


def _text(value: Mapping[str, Any], name: str) -> str:
    if name in value and not isinstance(value[name], str):
        raise TermsUnclear(field=name)
    return str(value.get(name, ""))
