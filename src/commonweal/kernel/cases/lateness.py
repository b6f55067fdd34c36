"""What follows where nobody decides in time, and the law grants nothing by silence."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.deciding import applicant_card
from commonweal.kernel.cases.flow import stages_of
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox


def note_lateness(case: Case, *, on: date, by: Actor, at: datetime) -> bool:
    """Note, once, that an undecided case's last day has passed; False where it has not, or no rule says what follows.

    Args:
        case: Locked; whoever calls saves it.
        on: The day.
        by: Who noticed.
        at: When.
    """
    if case.late_on is not None or case.decision_id is not None or case.due_on >= on:
        return False
    if stages_of(catalogue.compiled(case.version_id)).silence is None:
        return False
    case.late_on = on
    record(
        "cases.became_late",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        due_on=case.due_on.isoformat(),
    )
    return True


def write_late_letter(case: Case, *, by: Actor, at: datetime) -> None:
    """Tell the applicant that the time is over, what that means, and where they may complain."""
    service = catalogue.compiled(case.version_id)
    silence = stages_of(service).silence
    assert silence is not None
    card = applicant_card(case, at=at)
    translate = service.translator(card.language)
    with translation.override(card.language):
        title = _("We did not decide in time")
        said = {"reference": case.reference, "service": translate(service.info.name)}
        day = {"day": long_date(case.due_on)}
        lines = [
            _("This is about your application %(reference)s: %(service)s.") % said,
            _("We had to decide by %(day)s, and have not done so. We are sorry.") % day,
            translate(silence.text),
            _("The decision still comes. You need to do nothing for it."),
            _("Legal ground: %(rule)s") % {"rule": silence.legal_basis},
        ]
    mailbox.write(
        case.applicant_id,
        case,
        title=title,
        text="\n\n".join(lines),
        by=by,
        at=at,
        unique_key=f"cases.late:{case.pk}",
        card=card,
    )
