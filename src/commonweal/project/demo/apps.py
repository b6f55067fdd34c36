"""The pages of the practice city; the app is installed only there."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.kernel.base.pages import PageSlot, slots


class DemoConfig(AppConfig):
    """Adds links to the bar that says that nothing here is real."""

    name = "commonweal.project.demo"
    label = "demo"

    def ready(self) -> None:
        """Fill the slot of the bar."""
        slots.register(PageSlot("demo", links))


def links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the links of the bar."""
    return [
        {"href": reverse("demo:start"), "label": _("Who to sign in as")},
        {"href": reverse("demo:mail"), "label": _("E-mails caught")},
    ]
