"""The section `look_ups`: facts that the government already has, fetched by declared keys.

A look-up names a register's entry, the entries that match, the running awards of a holder, an award of the applicant's own,
what a pool has used, or how many wait for it.
Each sees the answers and the look-ups before it, so that the zone of a dwelling can name the pool of its permits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, RootModel, model_validator

from commonweal.engines import feel
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base.clock import local
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.cases.models import Place
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.people import queries as people
from commonweal.kernel.places import queries as places
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.registers import queries as registers
from commonweal.kernel.registers.types import Entry

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award

HIGHEST_RANK = 32_767
"""What the table of places holds."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class LookUp(Declared):
    """One fact to fetch; exactly one of the first six says from where. All but keys is FEEL.

    Attributes:
        register_key: Key of a register (written ``register``), with ``key`` or ``where``.
        awards: Key of a service whose running awards are counted, with ``holder`` or ``item``.
        award: Key of a service of which the applicant holds an award; with ``holder`` or ``item`` where there may be several.
            Given as a context: ``id``, ``outcome``, ``item``, ``holder``, ``starts_on``, ``ends_on``, ``amount``, ``units``,
            ``granted_on``, ``result``, what the law gave when it was granted, and ``changes``, the outcomes of what was asked
            about it since; null if there is none.
        anyone: Whether that award may be anybody's, with ``holder`` or ``item``: for what passes from one to another. Who held
            it is not given.
        resting: Whether awards that rest count too, with ``award`` or ``awards``: for what is used up, not for a right.
        since: A day; with ``award``, the last one that had not ended before it, though it may have run out since. With ``awards``,
            those that do not end before it are counted, also those that begin later; several for one item count once.
        pool: Key of a pool, of which the units used are given.
        waiting: Key of a pool, of which the number of cases on its waiting list before this one is given; with ``rank``.
        after: The day of an event, of which the end of a period is given: with ``days`` or ``working_days``.
        key: The key of the register's entry, which is given as a context, or null if there is none. Beside its fields it holds
            ``is_own``: true where the entry is about the applicant, false where about somebody else, null where it names nobody.
        where: By field; the register's entries that match are given as a list, likewise.
        holder: Whose awards count.
        item: For what the awards are.
        rank: The case's rank on the waiting list; lower ranks come first.
        days: How many calendar days; a period that ends on no working day ends on the next one.
        working_days: How many working days of the jurisdiction's calendar.
        counted_in: Key of one of the jurisdiction's ``other_days``, for example school days, that are counted instead.
        why: What it is needed for, for the person whom it concerns.
    """

    register_key: Key | None = Field(default=None, alias="register")
    awards: Key | None = None
    award: Key | None = None
    pool: str | None = None
    waiting: str | None = None
    after: str | None = None
    key: str | None = None
    where: dict[str, str] | None = None
    holder: str | None = None
    item: str | None = None
    rank: str | None = None
    since: str | None = None
    anyone: bool = False
    resting: bool = False
    days: str | None = None
    working_days: str | None = None
    counted_in: Key | None = None
    why: Annotated[str, Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _one_way(self) -> LookUp:
        given = {name for name in _PARTS if getattr(self, name) is not None}
        if given not in _WAYS:
            raise ValueError(
                "write a register with 'key' or 'where', awards with 'holder' or 'item', an award, a pool alone, "
                "waiting with 'rank', "
                "or after with 'days' or 'working_days'"
            )
        if self.anyone and given not in ({"award", "holder"}, {"award", "item"}):
            raise ValueError("'anyone' goes with an award, and one of 'holder' and 'item'")
        if self.resting and not given & {"award", "awards"}:
            raise ValueError("'resting' goes with 'award' or 'awards'")
        return self

    def expressions(self) -> Mapping[tuple[str, ...], str]:
        """Return the FEEL to compile, by its place."""
        single = {("pool",): self.pool, ("key",): self.key}
        more = {("holder",): self.holder, ("item",): self.item}
        more |= {("waiting",): self.waiting, ("rank",): self.rank, ("since",): self.since}
        more |= {("after",): self.after, ("days",): self.days, ("working_days",): self.working_days}
        written = {place: text for place, text in (single | more).items() if text}
        return written | {("where", name): text for name, text in (self.where or {}).items()}


_PARTS = (
    "register_key",
    "awards",
    "award",
    "pool",
    "waiting",
    "rank",
    "since",
    "after",
    "key",
    "where",
    "holder",
    "item",
    "days",
    "working_days",
    "counted_in",
)
_WAYS = (
    {"register_key", "key"},
    {"register_key", "where"},
    {"awards", "holder"},
    {"awards", "item"},
    {"awards", "since", "holder"},
    {"awards", "since", "item"},
    {"award"},
    {"award", "holder"},
    {"award", "item"},
    {"award", "since"},
    {"award", "since", "item"},
    {"award", "since", "holder"},
    {"pool"},
    {"waiting", "rank"},
    {"after", "days"},
    {"after", "working_days"},
    {"after", "working_days", "counted_in"},
)


class LookUps(RootModel[dict[Name, LookUp]]):
    """Facts to fetch, by the name under which FEEL sees them, in order."""


@dataclass(frozen=True, slots=True)
class CompiledLookUps:
    """Facts to fetch, each with its expressions by their place."""

    each: tuple[tuple[str, LookUp, Mapping[tuple[str, ...], feel.Expression]], ...]

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        for _name, spec, _expressions in self.each:
            yield spec.why


@sections.register
class LookUpSection(Section):
    """Facts that the government already has."""

    key = "look_ups"
    schema = LookUps
    order = 200

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledLookUps:
        """Compile each look-up over the answers and the look-ups before it."""
        if source is None:
            return CompiledLookUps(())
        each = []
        for name, spec in source.value.root.items():
            expressions = _compile(name, spec, compilation.scope(), source, (), compilation=compilation)
            each.append((name, spec, expressions))
            compilation.names[name] = _given(spec)
        return CompiledLookUps(tuple(each))


def compile_look_ups(
    specs: Mapping[str, LookUp], scope: feel.Scope, source: Source, path: Path_, compilation: Compilation
) -> CompiledLookUps:
    """Compile look-ups of another section.

    Args:
        specs: By name, in order.
        scope: What their expressions may name; with the names of the look-ups themselves.
        source: The section in which they stand.
        path: Where in it.
        compilation: What is wrong is added to its problems.
    """
    return CompiledLookUps(
        tuple(
            (name, spec, _compile(name, spec, scope, source, path, compilation=compilation))
            for name, spec in specs.items()
        )
    )


def _given(spec: LookUp) -> feel.Type:
    if spec.after:
        return feel.DATE
    return feel.NUMBER if spec.awards or spec.pool or spec.waiting else feel.ANY


def _compile(
    name: str, spec: LookUp, scope: feel.Scope, source: Source, path: Path_, *, compilation: Compilation
) -> dict[tuple[str, ...], feel.Expression]:
    known = sorted(registers.declared())
    if spec.register_key is not None and spec.register_key not in known:
        hint = f"Registers are declared in registers/: {', '.join(known)}."
        message = f"There is no register '{spec.register_key}'."
        compilation.problems.append(
            source.problem((*path, name, "register"), "look-ups.register", message, hint)
        )
    kinds = [days.key for days in compilation.jurisdiction.other_days]
    if spec.counted_in is not None and spec.counted_in not in kinds:
        message, hint = f"The jurisdiction counts no '{spec.counted_in}'.", closest(spec.counted_in, kinds)
        compilation.problems.append(
            source.problem((*path, name, "counted_in"), "look-ups.days", message, hint)
        )
    compiled = {}
    for place, text in spec.expressions().items():
        expression = compile_feel(
            text,
            scope,
            source=source,
            path=(*path, name, *place),
            compilation=compilation,
            expects=feel.NUMBER if place == ("rank",) else feel.ANY,
            is_loose=True,
        )
        if expression is not None:
            compiled[place] = expression
    return compiled


def changes_awards_of(service: CompiledService) -> str:
    """Return the key of the service whose awards a service changes at their holder's request; empty where of none."""
    change, look_ups = service.sections.get("change"), service.sections.get("look_ups")
    if change is None or look_ups is None:
        return ""
    found = (spec.award for name, spec, _ in look_ups.each if name == change.spec.award)
    return next(found, None) or ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who a fact is fetched for.

    Attributes:
        on: The day; awards of that day count.
        person_id: Who applies; nobody holds an award where None.
        case_id: The case, once there is one.
        reads: Names of the locks on the awards that are read; see :mod:`commonweal.kernel.base.locks`.
    """

    on: date
    person_id: UUID | None = None
    case_id: UUID | None = None
    reads: set[str] = field(default_factory=set)


def fetch(
    look_ups: CompiledLookUps,
    facts: Mapping[str, Any],
    *,
    at: datetime,
    person_id: UUID | None = None,
    case_id: UUID | None = None,
    reads: set[str] | None = None,
) -> dict[str, Any]:
    """Return the facts, by name.

    A key that is null or unknown finds nothing: null, an empty list or nought.

    Args:
        look_ups: Of the service.
        facts: Answers and whatever else FEEL may name.
        at: When; awards of that day count.
        person_id: Who applies; nobody holds an award where None.
        case_id: The case, once there is one.
        reads: Is filled with the names of the locks on the awards that are read; see :mod:`commonweal.kernel.base.locks`.
    """
    known = dict(facts)
    asker = Asker(local(at).date(), person_id, case_id, set() if reads is None else reads)
    for name, spec, expressions in look_ups.each:
        values = {
            place: expression.evaluate(known, new_evaluation(at)) for place, expression in expressions.items()
        }
        known[name] = _one(spec, values, asker)
    return {name: known[name] for name, _spec, _expressions in look_ups.each}


def _one(spec: LookUp, values: Mapping[tuple[str, ...], Any], asker: Asker) -> Any:
    if any(value in (None, "", feel.UNKNOWN) for value in values.values()):
        return _nothing(spec)
    if spec.register_key is not None:
        return _from_register(spec, spec.register_key, values, asker)
    if spec.after is not None:
        return _end_of(values, spec.counted_in or "")
    if spec.award is not None:
        return (_anyones if spec.anyone else _own)(spec, spec.award, values, asker)
    return _count(spec, values, asker)


def _nothing(spec: LookUp) -> Any:
    """Return what is found where a key is null or unknown: an empty list, null or nought."""
    if spec.where is not None:
        return []
    return None if spec.register_key or spec.after or spec.award else 0


def _count(spec: LookUp, values: Mapping[tuple[str, ...], Any], asker: Asker) -> int | None:
    if spec.pool is not None:
        return awards.capacity_used(values["pool",])
    if spec.waiting is not None:
        return _ahead(values, asker)
    assert spec.awards is not None
    since = _day(values.get(("since",)))
    named = {place[0]: value for place, value in values.items() if place != ("since",)}
    asker.reads.update(f"awards:{spec.awards}:{name}:{value}" for name, value in named.items())
    if since is not None:
        return awards.items_held_since(spec.awards, **named, since=since, on=asker.on, resting=spec.resting)
    return awards.held(spec.awards, **named, on=asker.on, resting=spec.resting).count()


def _ahead(values: Mapping[tuple[str, ...], Any], asker: Asker) -> int | None:
    """Return how many wait before; None where the rank is no rank."""
    rank = rank_of(values["rank",])
    if rank is None:
        return None
    return Place.objects.ahead(values["waiting",], rank, case_id=asker.case_id).count()


def rank_of(value: Any) -> int | None:
    """Return a rank on a waiting list; None where it is no whole number, or one that is not kept: 32,767 is the highest."""
    is_whole = isinstance(value, Decimal) and value == value.to_integral_value()
    return int(value) if is_whole and abs(value) <= HIGHEST_RANK else None


def _anyones(spec: LookUp, service: str, values: Mapping[tuple[str, ...], Any], asker: Asker) -> Any:
    """Return a running award of a holder or for an item, whoever holds it, as FEEL sees it; null where there is none."""
    asker.reads.update(f"awards:{service}:{place[0]}:{value}" for place, value in values.items())
    named = {place[0]: value for place, value in values.items()}
    award = awards.held(service, **named, on=asker.on, resting=spec.resting).first()
    return None if award is None else _told(award)


def _own(spec: LookUp, service: str, values: Mapping[tuple[str, ...], Any], asker: Asker) -> Any:
    """Return an award of the applicant's as FEEL sees it; null where there is none."""
    if asker.person_id is None:
        return None
    records = people.all_record_ids([asker.person_id])
    asker.reads.add(f"awards:{service}:person:{min(records)}")
    award = awards.own(
        records,
        service,
        holder=values.get(("holder",), ""),
        item=values.get(("item",), ""),
        on=asker.on,
        since=_day(values.get(("since",))),
        resting=spec.resting,
    )
    return None if award is None else _told(award)


def _told(award: Award) -> dict[str, Any]:
    return {
        "id": str(award.pk),
        "outcome": award.outcome,
        "item": award.item,
        "holder": award.holder,
        "starts_on": feel.to_value(award.starts_on),
        "ends_on": None if award.ends_on is None else feel.to_value(award.ends_on),
        "amount": None if award.money is None else award.money.amount,
        "units": Decimal(award.units),
        "granted_on": feel.to_value(local(award.granted_at).date()),
        "result": decisions.result_of(award.decision_id),
        "changes": _changes_of(award),
    }


def _changes_of(award: Award) -> list[str]:
    made = awards.changed_by(award)
    outcomes = decisions.outcomes_in(made) if made else {}
    return [outcomes[each] for each in made if each in outcomes]


def _day(value: Any) -> date | None:
    return date(value.year, value.month, value.day) if isinstance(value, feel.Date) else None


def _end_of(values: Mapping[tuple[str, ...], Any], other_days: str) -> Any:
    """Return the day on which a period ends; null where the calendar does not reach so far, or there is no period."""
    after, is_working = values["after",], ("working_days",) in values
    count = values["working_days",] if is_working else values["days",]
    if not isinstance(after, feel.Date) or not isinstance(count, Decimal) or count < 0:
        return None
    day = date(after.year, after.month, after.day)
    try:
        if is_working:
            return feel.to_value(places.add_working_days(day, int(count), other_days=other_days))
        return feel.to_value(places.deadline(day, int(count)))
    except (CalendarUnknown, KeyError, OverflowError, ValueError):
        return None


def _from_register(spec: LookUp, register: str, values: Mapping[tuple[str, ...], Any], asker: Asker) -> Any:
    if spec.key is not None:
        entry = registers.look_up(register, values["key",])
        return None if entry is None else _entry(entry, asker)
    exact = {place[-1]: value for place, value in values.items()}
    return [_entry(entry, asker) for entry in registers.search(register, **exact)]


def _entry(entry: Entry, asker: Asker) -> dict[str, Any]:
    """Return an entry as FEEL sees it, with ``is_own``: whether it is about the applicant; null where it names nobody."""
    return registers.feel_value(entry) | {"is_own": _is_own(entry.subject, asker.person_id)}


def _is_own(subject: UUID | None, person_id: UUID | None) -> bool | None:
    if subject is None:
        return None
    if person_id is None or subject == person_id:
        return person_id is not None
    return subject in people.all_record_ids([person_id])
