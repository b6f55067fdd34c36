"""The section `held`: of what a service grants, a person has one award at a time; near its end it can be had anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from pydantic import Field

from commonweal.engines import feel
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock, locks
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared, current
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.types import Actor
from commonweal.kernel.people import queries as people

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.catalogue.types import CompiledService


class HeldSource(Declared):
    """What nobody is granted twice for the same time. Who holds an award already reads so before filling in anything.

    An application that is sent in spite of it goes to an officer. With the section, FEEL knows ``case.begins_on``: the day of
    application, or the day after the award that the applicant holds.

    Attributes:
        renew_days: So many days before its end an award can be had anew.
        instead: What its holder does instead of applying again, in plain words.
        legal_basis: The rule of law.
        holder: FEEL over ``applicant``; what the award counts for besides the person, as under ``award``. Where somebody else
            holds one for the same, an officer looks at the application.
    """

    renew_days: Annotated[int, Field(ge=0, le=3_660)] = 0
    instead: Annotated[str, Field(min_length=1, max_length=1_000)]
    legal_basis: Annotated[str, Field(min_length=1, max_length=200)]
    holder: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None


@dataclass(frozen=True, slots=True)
class CompiledHeld:
    """The section with its expression."""

    spec: HeldSource
    holder: feel.Expression | None

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield self.spec.instead


@sections.register
class HeldSection(Section):
    """What nobody is granted twice for the same time."""

    key = "held"
    schema = HeldSource
    order = 160

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledHeld | None:
        """Compile the holder over what is known of the applicant."""
        if source is None:
            return None
        written: HeldSource = source.value
        holder = None
        if written.holder is not None:
            scope = compilation.scope()
            holder = compile_feel(
                written.holder,
                scope,
                source=source,
                path=("holder",),
                compilation=compilation,
                expects=feel.STRING,
                is_loose=True,
            )
        return CompiledHeld(written, holder)

    def check(self, compiled: Any, source: Source | None, compilation: Compilation) -> None:
        """Refuse the section in a service that grants nothing, or whose awards have no end to be renewed at."""
        if source is None:
            return
        award = compilation.compiled.get("award")
        if award is None or award.spec.ends_on is None:
            message = "'held' is about awards with an end, and this service grants none."
            hint = "Write a section 'award' with 'ends_on', or leave 'held' out."
            compilation.problems.append(source.problem((), "held.award", message, hint))


@dataclass(frozen=True, slots=True)
class Holding:
    """What somebody who applies holds already.

    Attributes:
        award: The applicant's own award, the last to begin; None where there is none.
        begins_on: The first day of what would be granted now.
        is_renewal: Whether the award is near enough to its end to be had anew.
        is_elsewhere: Whether somebody else holds one for the same thing.
    """

    award: Award | None
    begins_on: date
    is_renewal: bool
    is_elsewhere: bool = False

    @property
    def is_twice(self) -> bool:
        """Whether the same would be granted a second time."""
        return self.is_elsewhere or (self.award is not None and not self.is_renewal)

    @property
    def reason(self) -> str:
        """Why an officer has to look at it, in the main language; never shown to the applicant."""
        with translation.override(current().languages[0]):
            return self._reason()

    def _reason(self) -> str:
        if self.is_elsewhere and (self.award is None or self.is_renewal):
            return _("Somebody else holds this already at the same address. Are they one household?")
        text = _(
            "The applicant holds this already. It was granted from %(first)s; what is granted now begins on %(next)s."
        )
        assert self.award is not None
        return text % {"first": long_date(self.award.starts_on), "next": long_date(self.begins_on)}


def held_by(
    section: CompiledHeld,
    service_key: str,
    person_ids: Iterable[UUID],
    *,
    submitted_on: date,
    own_stream: str = "",
    holder: str = "",
) -> Holding:
    """Return what somebody holds who applies for a service on a day.

    Args:
        section: Of the service.
        service_key: The service.
        person_ids: The records of the applicant.
        submitted_on: The day of application.
        own_stream: Of the case; what was granted in it is no second award.
        holder: What the award would count for; others who hold one for it count where it is not empty.
    """
    persons = frozenset(person_ids)
    found = awards.standing(persons, service_key, holder=holder, on=submitted_on)
    granted = next((award for award in found if award.source_stream == own_stream), None)
    if granted is not None:
        return Holding(None, granted.starts_on, is_renewal=False)
    own = next((award for award in found if award.person_id in persons), None)
    others = any(award.person_id not in persons for award in found)
    if own is None:
        return Holding(None, submitted_on, is_renewal=False, is_elsewhere=others)
    last = own.ends_on
    begins_on = submitted_on if last is None else last + timedelta(days=1)
    is_renewal = last is not None and last - timedelta(days=section.spec.renew_days) <= submitted_on
    return Holding(own, begins_on, is_renewal, is_elsewhere=others)


def held_before(service: CompiledService, actor: Actor, *, at: datetime) -> Holding | None:
    """Return what a resident holds of a service before applying for it, nobody else's; None where nothing, or it may be had twice."""
    section: CompiledHeld | None = service.sections.get("held")
    if section is None:
        return None
    found = held_by(section, service.key, actor.person_ids, submitted_on=clock.local(at).date())
    return found if found.award is not None else None


def holding_of(
    service: CompiledService,
    applicant_id: UUID,
    facts: dict[str, Any],
    *,
    records: tuple[UUID, ...],
    own_stream: str,
    submitted_on: date,
    at: datetime,
) -> Holding | None:
    """Return what the applicant of a case holds already; None where the service does not ask.

    Args:
        service: The version of the case.
        applicant_id: Who applies.
        facts: What FEEL sees as ``applicant``.
        records: Of the applicant, where they are known already.
        own_stream: The case's.
        submitted_on: The day of application.
        at: When.
    """
    section: CompiledHeld | None = service.sections.get("held")
    if section is None:
        return None
    known = records if applicant_id in records else people.all_record_ids([applicant_id])
    holder = section.holder.evaluate({"applicant": facts}, new_evaluation(at)) if section.holder else ""
    return held_by(
        section,
        service.key,
        known,
        submitted_on=submitted_on,
        own_stream=own_stream,
        holder=holder if isinstance(holder, str) else "",
    )


def let_nobody_else_decide(service: CompiledService, applicant_id: UUID) -> None:
    """Let nobody else grant the same to an applicant until the transaction ends."""
    if service.sections.get("held") is not None and locks.are_needed():
        locks.take([f"held:{service.key}:{applicant_id}"])
