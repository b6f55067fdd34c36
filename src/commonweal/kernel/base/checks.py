"""System checks of the ground floor (ids ``base.E…``)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

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
