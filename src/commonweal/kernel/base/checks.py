"""System checks of the ground floor (ids ``base.E…``)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
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
