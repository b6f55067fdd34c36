"""Django's entry to the people app."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Persons, organisations, officers, teams and roles; accounts and sign-in."""

    name = "commonweal.kernel.people"
    label = "people"
