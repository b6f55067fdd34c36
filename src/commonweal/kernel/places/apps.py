"""Django's entry to the places app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class PlacesConfig(AppConfig):
    """Districts, addresses, and the calendar of working days."""

    name = "commonweal.kernel.places"
    label = "places"

    def ready(self) -> None:
        """Register the system check of the districts' file, and the link to them."""
        from commonweal.kernel.places import plugins  # noqa: F401, PLC0415 - registers, needs apps

        register(areas_are_readable)


def areas_are_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with districts that cannot be drawn."""
    from commonweal.kernel.base.documents import Unreadable  # noqa: PLC0415 - needs settings
    from commonweal.kernel.places.queries import areas  # noqa: PLC0415 - needs the models

    try:
        areas()
    except Unreadable as error:
        return [Error(str(error), hint="Mend the file named in jurisdiction.yaml.", id="places.E001")]
    return []
