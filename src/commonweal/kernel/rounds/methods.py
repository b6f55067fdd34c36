"""The methods that come with the house: a budget down a ranked list, and places by deferred acceptance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from commonweal.engines import allocation
from commonweal.kernel.base.jurisdiction import Declared, current
from commonweal.kernel.base.templates import money, number
from commonweal.kernel.base.types import Money
from commonweal.kernel.rounds.registry import NOBODY, Line, Method, Share, Standing, methods

Word = Annotated[str, StringConstraints(min_length=1, max_length=60)]


def _number_or_word(part: Any) -> Any:
    """Read a number that was stored as text; any other text is a word."""
    try:
        return Decimal(part)
    except (ArithmeticError, TypeError, ValueError):
        return part


OrderPart = Annotated[Decimal | Word, BeforeValidator(_number_or_word)]
_MOST = 10**11


class BudgetSettings(Declared):
    """What a budget's round shares out.

    Attributes:
        budget: In minor units.
    """

    budget: Annotated[int, Field(ge=0, le=_MOST)]


class BudgetEntry(Declared):
    """What a case has to say to a budget.

    Attributes:
        award: What the rules give, in major units.
        order: The smaller one goes first, from left to right; numbers, or words that sort as they are written.
        least_part: The least share of the award that is offered when not enough is left.
    """

    award: Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=2)]
    order: Annotated[tuple[OrderPart, ...], Field(min_length=1, max_length=10)]
    least_part: Annotated[Decimal, Field(ge=0)] = Decimal(2)


@methods.register
class Budget(Method):
    """A fixed sum, given out down a ranked list: who fits is funded, the first who fits in part is offered the rest."""

    key = "budget"
    label = gettext_lazy("a budget down a ranked list")
    settings = BudgetSettings
    details = ("amount_minor", "left_before_minor", "of")
    entry = BudgetEntry

    def hint(self) -> str:
        """Return how the budget is written."""
        return _("The budget of the round, for example 60000.")

    def read_settings(self, text: str) -> BudgetSettings:
        """Read the budget in major units."""
        clean = text.strip().lstrip("$").replace(",", "")
        if not clean.isascii() or not clean.isdigit() or int(clean[:15]) * 100 > _MOST:
            raise ValueError(_("Write the budget as a whole number, such as 60000."))
        return BudgetSettings(budget=int(clean) * 100)

    def work_out(  # noqa: PLR0917 - as the contract says
        self,
        settings: BudgetSettings,
        seed: str,
        entries: Mapping[str, BudgetEntry],
        held: Mapping[str, Standing],
        used: int,
        own: Mapping[str, Standing] = NOBODY,
        turn: int = 1,
    ) -> dict[str, Standing]:
        """Go down the list with what the pool and the held awards have left."""
        left = (
            settings.budget - used * 100 - sum(standing.detail["amount_minor"] for standing in held.values())
        )
        candidates = [
            allocation.Candidate(key, _sortable(entry.order), int(entry.award * 100))
            for key, entry in entries.items()
        ]
        least_part = Fraction(max((entry.least_part for entry in entries.values()), default=Decimal(0)))
        shares = allocation.ranked(candidates, max(0, left), least_part)
        return {share.key: _standing(share, len(entries)) for share in shares}

    def lines(self, settings: BudgetSettings, standings: Mapping[str, Standing]) -> list[Line]:
        """Return the budget, what was given, and how many got what."""
        currency = current().currency
        spent = sum(standing.detail["amount_minor"] for standing in standings.values() if standing.holds)
        holders = sum(standing.holds for standing in standings.values())
        counts = [
            (_("Granted in full"), "funded"),
            (_("Offered a part"), "partial"),
            (_("On the reserve list"), "reserve"),
        ]
        return [
            Line(_("Budget"), money(Money(settings.budget, currency))),
            Line(_("Granted or offered"), money(Money(spent, currency)), holders),
            *_counted(counts, standings),
        ]


def _counted(counts: Sequence[tuple[str, str]], standings: Mapping[str, Standing]) -> list[Line]:
    """Return a line for each result: how many got it."""
    found = Counter(standing.result for standing in standings.values())
    return [Line(label, number(found[result]), found[result], is_count=True) for label, result in counts]


def _sortable(order: tuple[Decimal | str, ...]) -> tuple[tuple[bool, Decimal, str], ...]:
    """Return an order in which numbers go before words, so that any two can be compared."""
    return tuple(
        (isinstance(part, str), Decimal(0), part) if isinstance(part, str) else (False, part, "")
        for part in order
    )


def _standing(share: allocation.Share, count: int) -> Standing:
    return Standing(
        share.result.value,
        holds=share.amount > 0,
        place=share.place,
        detail={"amount_minor": share.amount, "left_before_minor": share.left_before, "of": count},
    )


class PlacesSettings(Declared):
    """What a round of places shares out.

    Attributes:
        places: By key of the school.
        extra: How many claims of the first priority are kept above them.
    """

    places: Annotated[dict[Word, Annotated[int, Field(ge=0, le=10_000)]], Field(min_length=1, max_length=200)]
    extra: Annotated[int, Field(ge=0, le=20)] = 2


class SchoolClaim(Declared):
    """What a child has at one school.

    Attributes:
        school: Key.
        priority: From 1; the smaller one goes first, and 1 may be kept above the places.
        metres: From door to gate, rounded down.
        waiting_priority: On the waiting list, where it is another one, for example after a move.
        waiting_metres: Likewise.
    """

    school: Word
    priority: Annotated[int, Field(ge=1, le=9)]
    metres: Annotated[int, Field(ge=0, le=1_000_000)]
    waiting_priority: Annotated[int, Field(ge=1, le=9)] | None = None
    waiting_metres: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class PlacesEntry(Declared):
    """What a case has to say to schools.

    Attributes:
        choices: Keys of schools, the best first.
        claims: At every school, chosen or not.
        birth: The same for children of one birth; empty for a single child.
        is_late: Whether it came after the last day; it then goes behind all that came in time. On waiting lists time does
            not count.
    """

    choices: Annotated[tuple[Word, ...], Field(min_length=1, max_length=10)]
    claims: Annotated[tuple[SchoolClaim, ...], Field(min_length=1, max_length=200)]
    birth: Annotated[str, Field(max_length=100)] = ""
    is_late: bool = False


@methods.register
class Places(Method):
    """Places by deferred acceptance; whoever gets none of the chosen ones has the nearest with a free place."""

    key = "places"
    label = gettext_lazy("places by priority, distance and lottery")
    settings = PlacesSettings
    details = ("school", "choice", "lottery", "waiting")
    entry = PlacesEntry

    def hint(self) -> str:
        """Return how the places are written."""
        return _("One line each with its places, for example HP 54.")

    def read_settings(self, text: str) -> PlacesSettings:
        """Read a school and its places from each line."""
        found: dict[str, int] = {}
        for line in text.splitlines():
            school, _space, count = line.strip().rpartition(" ")
            if not line.strip():
                continue
            if not school.strip() or not count.isascii() or not count.isdigit() or school.strip() in found:
                raise ValueError(_("Write each once on a line of its own, with its places: HP 54."))
            found[school.strip()] = int(count[:6])
        if not found:
            raise ValueError(_("Write each once on a line of its own, with its places: HP 54."))
        return PlacesSettings(places=found)

    def work_out(  # noqa: PLR0917 - as the contract says
        self,
        settings: PlacesSettings,
        seed: str,
        entries: Mapping[str, PlacesEntry],
        held: Mapping[str, Standing],
        used: int,
        own: Mapping[str, Standing] = NOBODY,
        turn: int = 1,
    ) -> dict[str, Standing]:
        """Let the children ask the schools; then those without a place ask the nearest with a free one.

        In later turns the order of the waiting lists counts, and whoever has a place keeps it or gets a better one.
        """
        taken = Counter(standing.detail["school"] for standing in held.values())
        asking = [
            _child(key, entry, settings, seed, has=_school_of(own.get(key)), is_first=turn == 1)
            for key, entry in entries.items()
        ]
        wanted = allocation.places(asking, _schools(settings, taken))
        taken += Counter(wanted.placed.values())
        free = {school: count - taken[school] for school, count in settings.places.items()}
        without = [key for key in entries if key not in wanted.placed]
        others = [_looking(key, entries[key], free, seed, is_first=turn == 1) for key in without]
        left = [allocation.School(key, max(0, count)) for key, count in sorted(free.items())]
        nearest = allocation.places(others, left)
        return {
            key: _placed(key, entry, seed, wanted, nearest.placed.get(key)) for key, entry in entries.items()
        }

    def is_news(self, before: Standing, now: Standing) -> bool:
        """Whether it is another school, or the first."""
        return _school_of(before) != _school_of(now)

    def shares(self, settings: PlacesSettings, standings: Mapping[str, Standing]) -> list[Share]:
        """Return places, how many were given and how many children wait, school by school."""
        given = Counter(_school_of(standing) for standing in standings.values())
        waiting = Counter(
            one["school"] for standing in standings.values() for one in standing.detail["waiting"]
        )
        return [
            Share(school, count, given[school], waiting[school]) for school, count in settings.places.items()
        ]

    def lines(self, settings: PlacesSettings, standings: Mapping[str, Standing]) -> list[Line]:
        """Return places and how many got what."""
        counts = [
            (_("Places that were wished for"), "placed"),
            (_("The nearest free place instead"), "nearest"),
            (_("Without a place"), "none"),
        ]
        return [
            Line(_("Places"), number(sum(settings.places.values()))),
            *_counted(counts, standings),
        ]


def _school_of(standing: Standing | None) -> str | None:
    return standing.detail["school"] if standing is not None and standing.holds else None


def _child(
    key: str, entry: PlacesEntry, settings: PlacesSettings, seed: str, *, has: str | None, is_first: bool
) -> allocation.Child:
    """Return what a child asks for: the schools of its list, up to the one where it has a place already."""
    lot = allocation.lottery(seed, key)
    waiting = {claim.school: _on_waiting_list(claim, lot) for claim in entry.claims}
    claims = {
        claim.school: allocation.Claim(
            (entry.is_late, claim.priority, claim.metres, lot) if is_first else waiting[claim.school],
            may_exceed=claim.priority == 1,
        )
        for claim in entry.claims
    }
    choices = [one for one in entry.choices if one in claims and one in settings.places]
    if has is not None:
        choices = [*(choices[: choices.index(has)] if has in choices else choices), has]
        claims[has] = allocation.Claim((0,), is_held=True)
    return allocation.Child(key, tuple(choices), claims, entry.birth, waiting)


def _on_waiting_list(claim: SchoolClaim, lot: int) -> tuple[int, int, int]:
    """Return the order on a waiting list: no time, and the address that counts there."""
    priority = claim.priority if claim.waiting_priority is None else claim.waiting_priority
    metres = claim.metres if claim.waiting_metres is None else claim.waiting_metres
    return priority, metres, lot


def _looking(
    key: str, entry: PlacesEntry, free: Mapping[str, int], seed: str, *, is_first: bool
) -> allocation.Child:
    """Return what a child without a place asks for: every school with a free one, the nearest first."""
    lot = allocation.lottery(seed, key)
    orders = {
        claim.school: (claim.priority, claim.metres, lot) if is_first else _on_waiting_list(claim, lot)
        for claim in entry.claims
        if free.get(claim.school, 0) > 0
    }
    choices = sorted(orders, key=lambda school: (orders[school][1], school))
    late = entry.is_late and is_first
    claims = {school: allocation.Claim((late, *order)) for school, order in orders.items()}
    return allocation.Child(key, tuple(choices), claims, entry.birth)


def _schools(settings: PlacesSettings, taken: Mapping[str, int]) -> list[allocation.School]:
    """Return what each school has left; what was kept above the places comes off what may be."""
    return [
        allocation.School(
            key, max(0, count - taken[key]), max(0, settings.extra - max(0, taken[key] - count))
        )
        for key, count in sorted(settings.places.items())
    ]


def _placed(
    key: str, entry: PlacesEntry, seed: str, wanted: allocation.Placement, nearest: str | None
) -> Standing:
    chosen = wanted.placed.get(key)
    school = chosen or nearest
    waiting = [
        {"school": name, "place": wanted.waiting[name].index(key) + 1}
        for name in entry.choices
        if key in wanted.waiting.get(name, ())
    ]
    detail = {
        "school": school,
        "choice": entry.choices.index(chosen) + 1 if chosen in entry.choices else None,
        "lottery": allocation.lottery(seed, key),
        "waiting": waiting,
    }
    result = "placed" if chosen in entry.choices else "nearest" if school else "none"
    return Standing(result, holds=school is not None, place=None, detail=detail)


def settings_of(method: Method, written: Mapping[str, Any]) -> BaseModel:
    """Return stored settings as the method reads them."""
    return method.settings.model_validate(written)
