"""A case's history in plain words, from its ledger stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.types import Happening
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.ledger.types import LedgerEvent

_WHAT: dict[str, Any] = {
    "cases.submitted": gettext_lazy("Application received"),
    "cases.applied_again": gettext_lazy(
        "Somebody applied for the same again, and was told that this is open"
    ),
    "cases.assigned": gettext_lazy("An officer took the case"),
    "cases.released": gettext_lazy("The case went back to the team"),
    "cases.asked": gettext_lazy("We asked for more information"),
    "cases.found_complete": gettext_lazy("An officer found the application complete"),
    "cases.became_late": gettext_lazy("The time for a decision is over"),
    "cases.evidence_handed_in": gettext_lazy("A file was handed in"),
    "cases.evidence_taken_back": gettext_lazy("A file was taken back"),
    "cases.reminded": gettext_lazy("We sent a reminder"),
    "cases.unanswered": gettext_lazy("No answer came in time"),
    "cases.answered": gettext_lazy("You answered our question"),
    "cases.signature_asked": gettext_lazy("We asked somebody to sign"),
    "cases.signature_asked_again": gettext_lazy("The invitation to sign was sent again"),
    "cases.signature_signed": gettext_lazy("Signed"),
    "cases.signature_declined": gettext_lazy("Not signed: declined"),
    "cases.signing_lapsed": gettext_lazy("Not signed in time"),
    "cases.withdrawn": gettext_lazy("Application withdrawn"),
    "cases.woken": gettext_lazy("The case went on"),
    "cases.closed": gettext_lazy("Case closed"),
    "cases.reassessed": gettext_lazy("Looked at again, because the law changed"),
    "cases.stage_retried": gettext_lazy("An officer tried a step again"),
    "cases.stage_passed_over": gettext_lazy("An officer went on without a step"),
    "cases.noted": gettext_lazy("An officer wrote a note"),
    "decisions.decided": gettext_lazy("Decision made"),
    "decisions.decided_by_hand": gettext_lazy("Decision made by an officer"),
    "decisions.decided_by_time": gettext_lazy("Decided by law, because time has passed"),
    "decisions.faulted": gettext_lazy("The law gave no answer by itself; an officer will look"),
    "mailbox.sent": gettext_lazy("Letter sent"),
}
_FOLLOWS = frozenset(
    {"cases.closed", "cases.signature_asked", "decisions.decided", "decisions.faulted", "mailbox.sent"}
)
"""What follows by itself from what an applicant did."""

_BY_SIGNERS = frozenset({"cases.signature_signed", "cases.signature_declined"})

_ONLY_FOR_OFFICERS = frozenset(
    {
        "cases.applied_again",
        "cases.noted",
        "cases.released",
        "cases.stage_passed_over",
        "cases.stage_retried",
    }
)


def history(stream: str, *, actor: Actor) -> list[Happening]:
    """Return what happened to a case, the newest first, as far as it concerns the reader.

    Args:
        stream: The case's ledger stream.
        actor: A resident does not see officers' notes and names.
    """
    for_officer = actor.kind is ActorKind.OFFICER
    who: Callable[[Actor], str] = _who_for_officers if for_officer else _who_for_residents
    events = events_of(stream)
    return [
        Happening(event.at, str(_WHAT[event.type]), _who(event, who), _detail(event))
        for event in reversed(events)
        if event.type in _WHAT and (for_officer or event.type not in _ONLY_FOR_OFFICERS)
    ]


def _who(event: LedgerEvent, who: Callable[[Actor], str]) -> str:
    return _("the person who was asked") if event.type in _BY_SIGNERS else who(_doer(event))


def _doer(event: LedgerEvent) -> Actor:
    if event.type in _FOLLOWS and (event.actor.kind is ActorKind.RESIDENT or event.actor.on_behalf_of):
        return Actor.system(event.type)
    return event.actor


def _detail(event: LedgerEvent) -> str:
    channel = (event.payload or {}).get("channel") if event.type == "cases.submitted" else None
    if channel in Channel.values and channel != Channel.ONLINE:
        return str(Channel(str(channel)).label)
    return "" if event.payload is None else str(event.payload.get("label", ""))


def _who_for_residents(actor: Actor) -> str:
    if actor.kind is ActorKind.RESIDENT:
        return _("you")
    if actor.on_behalf_of:
        return _("an officer, for you")
    return _("an officer") if actor.kind is ActorKind.OFFICER else _("automatically")


def _who_for_officers(actor: Actor) -> str:
    if actor.kind is ActorKind.RESIDENT:
        return _("the applicant")
    if actor.on_behalf_of:
        return _("an officer, for the applicant")
    return _("an officer") if actor.kind is ActorKind.OFFICER else _("automatically")
