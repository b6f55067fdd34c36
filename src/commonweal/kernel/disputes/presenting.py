"""Turns disputes into what pages show."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.kernel.base.templates import long_date, moment
from commonweal.kernel.disputes import queries
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.files.queries import files_of
from commonweal.kernel.mailbox import queries as mailbox
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.types import KnownFact


def rows(dispute: Dispute, language: str) -> list[dict[str, Any]]:
    """Return what was reported, for the component that draws answers."""
    basis = [dispute.legal_basis] if dispute.legal_basis else []
    found: list[dict[str, Any]] = [
        {"label": _("What it is about"), "value": queries.label_of(dispute, language)},
        {"label": _("Our records said"), "value": dispute.held.splitlines() or _("left blank")},
        {
            "label": _("Source"),
            "value": [f"{dispute.source}, {long_date(dispute.observed_at)}", *basis],
        },
        {"label": _("Reported as right"), "value": dispute.claimed.splitlines() or _("left blank")},
        {"label": _("Why"), "value": dispute.reason.splitlines()},
    ]
    files = [
        {
            "name": file.name,
            "size": "",
            "href": reverse("files:download", kwargs={"file_id": file.pk}),
            "note": "",
        }
        for file in files_of(dispute.stream)
    ]
    if files:
        found.append({"label": _("Files"), "value": "", "files": files})
    if dispute.corrected:
        found.append({"label": _("It says now"), "value": dispute.corrected.splitlines()})
    if dispute.reasons:
        found.append({"label": _("Why it was not changed"), "value": dispute.reasons.splitlines()})
        found.append({"label": _("Legal ground"), "value": dispute.legal_ground})
    return found


def known_fact(key: str, fact: KnownFact) -> dict[str, Any]:
    """Return what is held under a key, as the page shows it that asks what is wrong."""
    return {
        "label": people.fact_label(key),
        "lines": people.fact_lines(key, fact.value),
        "provenance": fact,
        "question": None,
        "page_key": "",
    }


def letters(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the letters about a dispute."""
    return [
        {"title": message.subject, "time": moment(message.sent_at), "id": message.id}
        for message in mailbox.messages_about(dispute.stream)
    ]
