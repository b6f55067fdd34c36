"""System checks of the ground floor (ids ``base.E…`` and ``base.W…``)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured

from commonweal.kernel.base import encryption
from commonweal.kernel.base.documents import Unreadable
from commonweal.kernel.base.jurisdiction import current


@register()
def jurisdiction_is_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start without a readable jurisdiction."""
    try:
        current()
    except Unreadable as error:
        return [
            Error(str(error), hint="Set COMMONWEAL_JURISDICTION to a jurisdiction's folder.", id="base.E001")
        ]
    return []


@register(deploy=True)
def keys_are_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a deployment without keys for the values that are encrypted at rest."""
    try:
        encryption.ring()
    except ImproperlyConfigured as error:
        hint = f"For example index:{encryption.new_key()},first:{encryption.new_key()}"
        return [Error(str(error), hint=hint, id="base.E002")]
    return []


@register()
def proxies_are_counted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a number of proxies that cannot be."""
    if settings.COMMONWEAL_PROXIES < 0:
        text = f"COMMONWEAL_PROXIES is {settings.COMMONWEAL_PROXIES}."
        return [Error(text, hint="Write how many proxies of yours stand in front: 0, 1, 2.", id="base.E003")]
    return []


@register(deploy=True)
def proxies_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn where a proxy has to stand in front, and none is counted: all people would share one limit of attempts."""
    if settings.SESSION_COOKIE_SECURE and not settings.COMMONWEAL_PROXIES:
        text = "COMMONWEAL_HTTPS is on, so a proxy stands in front, but COMMONWEAL_PROXIES is 0."
        hint = "Set it to the number of your proxies, or the proxy's own address is limited instead of each person's."
        return [Warning(text, hint=hint, id="base.W001")]
    return []
