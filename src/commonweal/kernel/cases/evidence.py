"""Evidence that an officer asks for: which pieces, by which day, and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.cases.models import Case, Inquiry
from commonweal.kernel.cases.texts import accepted
from commonweal.kernel.cases.types import CompiledAsking
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.queries import kept_files
from commonweal.kernel.places import queries as places
from commonweal.kernel.places.errors import CalendarUnknown

MOST_PIECES = 10
MOST_FILES = 5
LONGEST_NAME = 200
LONGEST_DAYS = 365


def named_pieces(
    service: CompiledService, evidence: Sequence[str], others: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the pieces that an officer asks for, without files yet.

    Args:
        service: It declares the evidence.
        evidence: Keys of declared evidence.
        others: Pieces in the officer's own words; blank ones count for nothing.

    Raises:
        Invalid: A key is none of the service's, or there are too many pieces.
        TextMissing: A name is too long.
    """
    declared = {one.key for one in service.info.evidence}
    if not declared.issuperset(evidence):
        raise Invalid({"evidence": _("Choose from the list.")})
    words = [
        " ".join(accepted(text, "others", limit=LONGEST_NAME).split()) for text in others if text.strip()
    ]
    pieces = [{"key": key, "name": "", "files": []} for key in dict.fromkeys(evidence)]
    pieces += [{"key": "", "name": name, "files": []} for name in dict.fromkeys(words)]
    if len(pieces) > MOST_PIECES:
        message = _("Ask for at most %(most)d pieces at once.")
        raise Invalid({"others": message % {"most": MOST_PIECES}})
    return pieces


def answer_day(asking: CompiledAsking, wanted: date | None, *, today: date) -> date:
    """Return the last day for an answer: the day wanted, or the declared one; always a working day.

    Raises:
        Invalid: The day is not after today, or later than the law or the calendar allows.
    """
    if wanted is None:
        return places.deadline(today, asking.days_on(today))
    if wanted <= today:
        raise Invalid({"due_on": _("Choose a day after today.")})
    most = asking.most_on(today)
    latest = places.deadline(today, most) if most is not None else today + timedelta(days=LONGEST_DAYS)
    if wanted > latest:
        raise Invalid({"due_on": _("Choose a day up to %(day)s.") % {"day": long_date(latest)}})
    try:
        return places.deadline(wanted, 0)
    except CalendarUnknown as unknown:
        raise Invalid({"due_on": str(unknown)}) from unknown


def reminder_day(asking: CompiledAsking, due_on: date, *, today: date) -> date | None:
    """Return the day of the reminder; None where none is declared, or it would come with the question itself."""
    day = due_on - timedelta(days=asking.remind_days)
    return day if asking.remind_days and day > today else None


def words_for(piece: Mapping[str, Any], service: CompiledService, language: str) -> tuple[str, str]:
    """Return the name of a piece, and what counts as it, in the reader's language."""
    translate = service.translator(language)
    for one in service.info.evidence:
        if piece["key"] and one.key == piece["key"]:
            return translate(one.name), translate(one.description) if one.description else ""
    return piece["name"] or piece["key"], ""


def consequence(service: CompiledService, language: str) -> str:
    """Return what happens where no answer comes in time."""
    outcome = decisions.lapsed_outcome(service)
    if outcome is None:
        return _("If we have no answer by then, we decide with what we have.")
    label = service.translator(language)(decisions.outcomes_of(service)[outcome].label)
    return _("If we have no answer by then, your application ends: %(outcome)s.") % {"outcome": label}


def letter(
    case: Case, inquiry: Inquiry, service: CompiledService, language: str, *, is_reminder: bool
) -> tuple[str, str]:
    """Return title and text of the letter that asks, or reminds, in the applicant's language."""
    with override(language):
        title = (
            _("Please remember what we asked you for")
            if is_reminder
            else _("We need more for your application")
        )
        said = {"reference": case.reference, "service": service.translator(language)(service.info.name)}
        lines = [_("This is about your application %(reference)s: %(service)s.") % said]
        lines += [inquiry.question] if inquiry.question else []
        waiting = [
            words_for(piece, service, language)
            for piece in inquiry.pieces
            if not (is_reminder and piece["files"])
        ]
        if waiting:
            lines.append(_("Please hand in:"))
            lines += [f"• {name}. {about}" if about else f"• {name}" for name, about in waiting]
        link = settings.COMMONWEAL_URL.rstrip("/") + reverse(
            "cases:case", kwargs={"reference": case.reference}
        )
        day = {"day": long_date(inquiry.answer_due_on)}
        lines.append(_("We need your answer by %(day)s. Sign in, and answer here:") % day)
        lines += [link, consequence(service, language)]
        if inquiry.pieces:
            lines.append(_("If you cannot get something, tell us why on the same page."))
        return title, "\n\n".join(lines)


def evidence_files(inquiry: Inquiry) -> list[UUID]:
    """Return the files that were handed in for a question, in the order of its pieces."""
    return [UUID(file) for piece in inquiry.pieces for file in piece["files"]]


def problems_in(inquiry: Inquiry, *, lacks: bool) -> dict[str, str]:
    """Return what forbids to send an answer, by field: pieces without a file, and files that nobody can open.

    Args:
        inquiry: The question.
        lacks: Whether the applicant says that they cannot hand in everything.
    """
    known = kept_files(evidence_files(inquiry))
    problems = {}
    for number, piece in enumerate(inquiry.pieces):
        files = [known.get(UUID(file)) for file in piece["files"]]
        if any(file is None or file.is_deleted or file.scan is Scan.INFECTED for file in files):
            problems[f"piece-{number}"] = _(
                "One of the files is dangerous or gone. Remove it, and hand in another copy."
            )
        elif not files and not lacks:
            problems[f"piece-{number}"] = _("Hand in a file, or say below that you cannot.")
    return problems


def is_complete(inquiry: Inquiry) -> bool:
    """Whether there is a file for each piece."""
    return all(piece["files"] for piece in inquiry.pieces)
