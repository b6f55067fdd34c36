"""What every public site has to say about itself: accessibility, privacy, and who answers for it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.pages import NavigationItem, navigation, page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone


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


for _order, _key, _label in (
    (910, "accessibility", _("Accessibility")),
    (920, "privacy", _("Privacy")),
    (930, "imprint", _("Who runs this site")),
):
    navigation.register(NavigationItem(f"base.{_key}", "footer", _label, f"base:{_key}", _order, anyone))
