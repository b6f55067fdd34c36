"""What counter mode hangs in: a role, a capability, the stand-in on a form's pages, the banner above them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.templates import address, moment
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.rules import SEND_FOR
from commonweal.kernel.counter.queries import running_for
from commonweal.kernel.counter.rules import HELP, may_help
from commonweal.kernel.people.queries import names
from commonweal.kernel.people.registry import (
    COUNTER,
    SUPERVISOR,
    Capability,
    StandIn,
    capabilities,
    stand_ins,
)

_DRAFT = re.compile(r"^/drafts/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")

capabilities.register(
    Capability(HELP, gettext_lazy("Fill in a form for somebody who agreed"), (COUNTER, SUPERVISOR))
)


def _sheet_at(path: str) -> UUID | None:
    found = _DRAFT.match(path)
    return UUID(found[1]) if found else None


def for_whom(path: str, actor: Actor) -> Actor:
    """Let an officer act for the person who agreed, on the pages of that one form and nowhere else."""
    sheet_id = _sheet_at(path) if actor.kind is ActorKind.OFFICER and may_help(actor) else None
    assistance = running_for(sheet_id, officer=actor, at=clock.now()) if sheet_id else None
    if assistance is None:
        return actor
    more = {SEND_FOR} if assistance.may_send else set[str]()
    return replace(
        actor, on_behalf_of=str(assistance.person_id), capabilities=frozenset(actor.capabilities | more)
    )


@dataclass(frozen=True)
class Banner:
    """What stands above a form that is filled in for somebody, or may be.

    Attributes:
        title: For whom, or an offer of help.
        text: More.
        href: Where it can be ended, or help be had.
        link: What the link says.
        is_help: Whether it is an offer to the person.
    """

    title: str
    text: str
    href: str
    link: str
    is_help: bool


def banner(request: HttpRequest) -> Banner | None:
    """Return what stands above the pages of a form."""
    actor: Actor = getattr(request, "actor", Actor.guest())
    sheet_id = _sheet_at(request.path)
    if sheet_id is None:
        return None
    if actor.kind is ActorKind.RESIDENT and not actor.on_behalf_of:
        if request.path.endswith("/help/"):
            return None
        href = address("counter:help", sheet_id=sheet_id)
        return Banner("", "", href, _("Fill this in together with an officer, by phone"), is_help=True)
    if actor.kind is not ActorKind.OFFICER or not actor.on_behalf_of:
        return None
    assistance = running_for(sheet_id, officer=actor, at=clock.now())
    if assistance is None:
        return None
    name = names([assistance.person_id]).get(assistance.person_id, "")
    return Banner(
        title=_("You fill this in for %(name)s") % {"name": name},
        text=_("%(channel)s, until %(time)s. What you do is recorded with your name.")
        % {"channel": assistance.get_channel_display(), "time": moment(assistance.ends_at)},
        href=address("counter:help-given", assistance_id=assistance.pk),
        link=_("About this help, and how to end it"),
        is_help=False,
    )


stand_ins.register(StandIn("counter", for_whom))
slots.register(PageSlot("helping", banner))
navigation.register(
    NavigationItem("counter.desk", "workbench", gettext_lazy("Counter"), "counter:desk", 40, may_help)
)
