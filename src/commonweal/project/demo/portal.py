"""Pages of the practice city: who to sign in as, what to look at, and the e-mails that were caught."""

from __future__ import annotations

import re

from django.http import HttpResponse
from markupsafe import Markup

from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.mailbox.markup import to_html
from commonweal.project.demo.city import City
from commonweal.project.demo.identities import PASSWORD
from commonweal.project.demo.mail_catcher import caught
from commonweal.project.demo.tour import ADDRESS, STEPS, sign_ins

_ADDRESS = re.compile(r"https?://[^\s,]+[^\s,.]")


@route(allows=anyone, discloses=NOTHING)
def start(request: ActorRequest) -> HttpResponse:
    """Say who lives here whom a visitor may be, and what to try."""
    here = request.build_absolute_uri("/").rstrip("/")
    steps = [_drawn(step.replace(ADDRESS, here)) for step in STEPS]
    return page(request, "demo/start.html", {"sign_ins": sign_ins(), "password": PASSWORD, "steps": steps})


def _drawn(step: str) -> Markup:
    """Return a step of the tour as HTML, its addresses as links."""
    return Markup(to_html(_ADDRESS.sub(r"<\g<0>>", step)))  # noqa: S704 - our own text, raw HTML is off in it


@route(allows=anyone, discloses=NOTHING)
def mail(request: ActorRequest) -> HttpResponse:
    """Show the e-mails that were caught; everybody in them is invented."""
    return page(request, "demo/mail.html", {"mails": list(caught(City.of_repository().mails))})
