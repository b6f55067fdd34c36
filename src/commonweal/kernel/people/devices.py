"""Where an account is signed in: each browser by a name that people know."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.views import ListUserSessionsView
from django.utils.translation import gettext as _
from ua_parser import parse


def device_name(user_agent: str) -> str:
    """Return browser and system as people call them.

    Example:
        >>> device_name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        'Firefox on Linux'
    """
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A device that we do not recognise")


class DevicesView(ListUserSessionsView):  # type: ignore[misc]  # allauth is untyped
    """allauth's page, with the devices' names."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sessions with their devices, this one first, then the latest."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        newest = sorted(context["sessions"], key=lambda one: (one.is_current(), one.created_at), reverse=True)
        context["devices"] = [(device_name(one.user_agent), one) for one in newest]
        return context
