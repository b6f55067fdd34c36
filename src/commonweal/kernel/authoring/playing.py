"""Plays a rehearsal: everything that was done in it happens once more, for real, and is undone.

The text goes on stage as the live version, an invented resident registers, answers and sends, an officer decides: all by
the actions that real applications go through. :func:`base.rehearsal.rehearsal` undoes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from commonweal.kernel.authoring.models import Rehearsal
from commonweal.kernel.authoring.residents import RESIDENTS
from commonweal.kernel.base import clock
from commonweal.kernel.base.rehearsal import rehearsal as undone
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases.queries import case_of_stream
from commonweal.kernel.cases.registry import nights
from commonweal.kernel.catalogue import actions as publishing
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.people import actions as people

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.forms.models import Sheet

R = TypeVar("R")
WAIT = "wait"
"""The step that lets days pass; the others are the officer's."""
STAGE = Actor.system("rehearsal")
MORNING = timedelta(hours=6)
"""When in a rehearsal the jobs of the night are done, and time goes on."""
_CAPABILITIES = frozenset({"cases.work", "cases.supervise", "cases.decide"})


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a rehearsal stands, while it is being played.

    Attributes:
        rehearsal: What was done.
        resident: The invented resident.
        sheet_id: The answers.
        revision: Of the answers.
        at: What the clock of the rehearsal says.
        case: The case, once the application was sent.
    """

    rehearsal: Rehearsal
    resident: Actor
    sheet_id: UUID
    revision: int
    at: datetime
    case: Case | None = None

    @property
    def officer(self) -> Actor:
        """Whoever rehearses, as an officer of the case's team; only this case is ever touched."""
        assert self.case is not None
        return Actor(
            ActorKind.OFFICER,
            self.rehearsal.officer,
            agency=self.case.agency,
            capabilities=_CAPABILITIES,
            teams=(self.case.team_id,),
        )

    @property
    def today(self) -> date:
        """The day of the rehearsal's clock."""
        return clock.local(self.at).date()

    def sheet(self) -> Sheet:
        """Return the answers as they stand."""
        return sheets.open_sheet(self.sheet_id, by=self.resident, at=self.rehearsal.began_at)


@contextmanager
def played(rehearsal: Rehearsal) -> Iterator[Scene]:
    """Play a rehearsal up to where it was left; what happens inside the block is undone with the rest.

    Raises:
        BrokenDeclaration: The text does not compile.
        CommonwealError: The text has changed, so that a step cannot be done any more.
    """
    files = text_of(rehearsal)
    at, stage = rehearsal.began_at, STAGE
    who = RESIDENTS[rehearsal.resident]
    law = rehearsal.law
    with (
        undone(),
        decisions.law_on_trial(law.service_key, law.files) if law is not None else nullcontext(),
    ):
        publishing.put_on_stage(
            rehearsal.service_key,
            files,
            agency=rehearsal.agency,
            beside=decisions.text_hash(law.files) if law is not None else "",
            by=stage,
            at=at,
        )
        person = people.register_person(
            who.name, email=who.email, language=rehearsal.language, by=stage, at=at
        )
        if who.facts:
            people.record_facts(
                person.pk,
                who.facts,
                source="Rehearsal",
                legal_basis="Rehearsal",
                observed_at=at,
                by=stage,
                at=at,
            )
        resident = Actor(ActorKind.RESIDENT, str(person.pk))
        sheet_id = forms.start_sheet(rehearsal.service_key, by=resident, at=at).sheet_id
        revision = forms.lay_out(
            sheet_id,
            answers=rehearsal.answers,
            sources=rehearsal.sources,
            done_pages=rehearsal.done_pages,
            by=resident,
            at=at,
        )
        scene = Scene(rehearsal, resident, sheet_id, revision, at)
        if rehearsal.is_sent:
            scene = sent(scene)
            for step in rehearsal.steps:
                scene = done(scene, step)
        yield scene


def text_of(rehearsal: Rehearsal) -> dict[str, str]:
    """Return the text that is rehearsed: the draft's as it is now, or that of the offered version."""
    if rehearsal.draft is not None:
        return dict(rehearsal.draft.files)
    offered = catalogue.offered_version(rehearsal.service_key)
    return dict(offered.files) if offered else {}


def sent(scene: Scene) -> Scene:
    """Send the application.

    Raises:
        AnswersInvalid: Something is missing.
    """
    case = cases.submit(
        scene.sheet_id,
        applicant_id=UUID(scene.resident.id),
        revision=scene.revision,
        by=scene.resident,
        at=scene.at,
    )
    return replace(scene, case=case)


def done(scene: Scene, step: dict[str, Any]) -> Scene:
    """Do what an officer did: confirm what the law says, decide by hand, ask the applicant; or let time pass.

    Raises:
        CommonwealError: It cannot be done.
    """
    if step["act"] == WAIT:
        return waited(scene, until=date.fromisoformat(step["until"]))
    case = scene.case
    assert case is not None
    common: dict[str, Any] = {"revision": case.revision, "by": scene.officer, "at": scene.at}
    acts: dict[str, Callable[[], object]] = {
        "confirm": lambda: cases.confirm_proposal(case.pk, **common),
        "decide": lambda: cases.decide_by_hand(
            case.pk,
            outcome=step["outcome"],
            reasons=step["reasons"],
            legal_ground=step["legal_ground"],
            **common,
        ),
        "ask": lambda: cases.ask_applicant(case.pk, step["question"], **common),
    }
    acts[step["act"]]()
    return _as_it_is(scene)


def due_next(scene: Scene) -> date | None:
    """Return the next day on which something happens to the case by itself; None where nothing is to come."""
    case = scene.case
    assert case is not None
    today = scene.today
    days = [night.due_on(case, at=scene.at) for night in nights]
    return min((day for day in days if day is not None and day > today), default=None)


def waited(scene: Scene, *, until: date) -> Scene:
    """Let days pass: of each on which something is due, the night is done, and that of the last one.

    Raises:
        CommonwealError: A job of the night cannot be done.
    """
    while scene.today < until:
        following = due_next(scene)
        scene = _night(scene, until if following is None else min(following, until))
    return scene


def _night(scene: Scene, day: date) -> Scene:
    at = clock.start_of(day) + MORNING
    for night in nights:
        case = scene.case
        assert case is not None
        night.act(case, on=day, by=STAGE, at=at)
        scene = _as_it_is(replace(scene, at=at))
    return scene


def _as_it_is(scene: Scene) -> Scene:
    assert scene.case is not None
    return replace(scene, case=case_of_stream(scene.case.stream))
