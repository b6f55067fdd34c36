"""What every public site has to say about itself: accessibility, privacy, and who answers for it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.pages import NavigationItem, navigation, page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone

_SECURITY_TERM = timedelta(days=90)


@route(allows=anyone, discloses=NOTHING)
def accessibility(request: ActorRequest) -> HttpResponse:
    """Say how far the site can be used by everybody, how that was tested, and whom to tell.

    Source: Directive (EU) 2016/2102, article 7, and the W3C's model of an accessibility statement.
    """
    return page(request, "base/about/accessibility.html")


@route(allows=anyone, discloses=NOTHING)
def privacy(request: ActorRequest) -> HttpResponse:
    """Say which data are kept, why, for how long, and how to see them."""
    return page(request, "base/about/privacy.html")


@route(allows=anyone, discloses=NOTHING)
def imprint(request: ActorRequest) -> HttpResponse:
    """Say who answers for the site, and what it runs on."""
    return page(request, "base/about/imprint.html")


@route(allows=anyone, discloses=NOTHING)
def security(request: ActorRequest) -> HttpResponse:
    """Say whom to tell of a weakness, in a form that programs know.

    It is written anew at each request from what the jurisdiction declares, so it is always good for the next months.

    Raises:
        NotFound: The jurisdiction names nobody.

    Source: RFC 9116.
    """
    declared = current().security
    if declared is None:
        raise NotFound
    expires = (clock.now() + _SECURITY_TERM).replace(hour=0, minute=0, second=0, microsecond=0)
    site = settings.COMMONWEAL_URL
    lines = [
        *(f"Contact: {contact}" for contact in declared.contacts),
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(current().languages)}",
        *([f"Canonical: {site}/.well-known/security.txt"] if site.startswith("https://") else []),
        *([f"Policy: {declared.policy}"] if declared.policy else []),
        *([f"Encryption: {declared.encryption}"] if declared.encryption else []),
        *([f"Acknowledgments: {declared.acknowledgments}"] if declared.acknowledgments else []),
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


for _order, _key, _label in (
    (910, "accessibility", _("Accessibility")),
    (920, "privacy", _("Privacy")),
    (930, "imprint", _("Who runs this site")),
):
    navigation.register(NavigationItem(f"base.{_key}", "footer", _label, f"base:{_key}", _order, anyone))
