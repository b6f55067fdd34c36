"""Writing to neighbours, and taking in what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.references import new_reference
from commonweal.kernel.base.rows import insert_all
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import pass_over_stage, retry_stage
from commonweal.kernel.consultations.errors import CommentsOver, LettersPosted
from commonweal.kernel.consultations.models import Consultation, Neighbour
from commonweal.kernel.consultations.queries import KIND, code_hash, is_open, last_day, neighbour_with
from commonweal.kernel.ledger.actions import record

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

LONGEST = 4_000


@action
def consult(
    case: Case,
    *,
    stage: str,
    letter: str,
    place: str,
    about: Sequence[str],
    addresses: Sequence[str],
    days: int,
    by: Actor,
    at: datetime,
) -> Consultation:
    """Open a consultation about a case: each address gets a code of its own. Repeating it changes nothing.

    Args:
        case: Locked.
        stage: Key of its stage.
        letter: Key of the letter to the neighbours.
        place: The address that it is about.
        about: What the law makes public of it.
        addresses: Whom to write to, one line each.
        days: How long they may comment once their letters count as served.
        by: Who set the case going.
        at: When.
    """
    made, is_new = Consultation.objects.get_or_create(
        case=case,
        stage=stage,
        defaults={
            "letter": letter,
            "place": place,
            "about": list(about),
            "days": days,
            "opened_at": at,
        },
    )
    if not is_new:
        return made
    codes = [(address, new_reference()) for address in addresses]
    insert_all(
        [
            Neighbour(consultation=made, address=address, code=code, code_hash=code_hash(code))
            for address, code in codes
        ]
    )
    record(
        "consultations.opened",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        households=len(addresses),
        days=days,
    )
    return made


@action
def note_posted(case_id: UUID, *, revision: int, by: Actor, at: datetime) -> Case:
    """Note that the letters were posted today: the days run, and the case waits until they are over.

    Args:
        case_id: The row is locked until the transaction ends.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        LettersPosted: No letters wait.
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NotStuck: It has gone on.
        TakenByAnother: Another officer has it.
    """
    rows = Consultation.objects.select_for_update().filter(case=case_id, until_on=None)
    found = rows.order_by("-opened_at", "-id").first()
    if found is None:
        raise LettersPosted
    today = clock.local(at).date()
    found.posted_on, found.until_on = today, last_day(found, on=today)
    found.save(update_fields=["posted_on", "until_on"])
    case = retry_stage(case_id, revision=revision, by=by, at=at)
    record(
        "consultations.posted",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        posted_on=found.posted_on.isoformat(),
        until_on=found.until_on.isoformat(),
    )
    return case


@action
def go_on_without(case_id: UUID, *, reasons: str, revision: int, by: Actor, at: datetime) -> Case:
    """Go on with a case whose neighbours cannot be heard, for example because its address is in no register.

    Args:
        case_id: The row is locked until the transaction ends.
        reasons: Why nobody is heard, for the ledger.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NotStuck: It does not stand at such a stage, or waits for comments.
        TakenByAnother: Another officer has it.
        TextMissing: The reasons are empty or too long.
    """
    return pass_over_stage(case_id, kind=KIND, reasons=reasons, revision=revision, by=by, at=at)


@action
def comment(code: str, text: str, *, by: Actor, at: datetime) -> Neighbour:
    """Take in what a household says; until the last day it may be changed. The same text again changes nothing.

    Args:
        code: Of the letter, as it was typed.
        text: The comment.
        by: Whoever typed it; no sign-in is needed.
        at: When.

    Raises:
        CodeUnknown: Nobody was written to with this code.
        CommentsOver: The last day has passed, or the matter has been decided.
        Invalid: The text is empty or too long.
    """
    found = neighbour_with(code)
    neighbour = Neighbour.objects.select_for_update().get(pk=found.pk)
    if not is_open(found.consultation, on=clock.local(at).date()):
        raise CommentsOver
    clean = readable(text)
    if not clean:
        raise Invalid({"comment": _("Write what you want to say.")})
    if len(clean) > LONGEST:
        raise Invalid({"comment": _("Write at most %(count)s characters.") % {"count": LONGEST}})
    if clean == neighbour.comment:
        return neighbour
    neighbour.comment, neighbour.commented_at = clean, at
    neighbour.save(update_fields=["comment", "commented_at"])
    case = found.consultation.case
    record("consultations.commented", stream=case.stream, by=by, at=at, neighbour=neighbour.pk)
    return neighbour
