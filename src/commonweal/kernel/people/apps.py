"""Django's entry to the people app."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Persons, organisations, officers, teams and roles; accounts and sign-in."""

    name = "commonweal.kernel.people"
    label = "people"

    def ready(self) -> None:
        """Hang the account into every page."""
        from commonweal.kernel.people import api, plugins, tasks  # noqa: F401, PLC0415 - register on import, need apps
