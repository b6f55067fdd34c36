"""Answers about cases. Who may see what is part of the SQL."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.awards.enums import Status as AwardStatus
from commonweal.kernel.awards.queries import CompiledAward, label_of
from commonweal.kernel.base import clock
from commonweal.kernel.base.keyset import Behind
from commonweal.kernel.base.personal import Kept
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.references import normalise
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.deciding import Knowledge, told_by_letter
from commonweal.kernel.cases.enums import IN_QUEUE, SignatureAnswer, Status
from commonweal.kernel.cases.errors import CaseNotFound, NotDecidedYet, SignatureNotFound
from commonweal.kernel.cases.evidence import evidence_files
from commonweal.kernel.cases.flow import due_on, is_stuck, stage_of, stages_of
from commonweal.kernel.cases.look_ups import CompiledLookUps, LookUp, compile_look_ups
from commonweal.kernel.cases.look_ups import fetch as fetched
from commonweal.kernel.cases.models import Case, Inquiry, Note, Signature
from commonweal.kernel.cases.rules import allows, visible
from commonweal.kernel.cases.types import CaseResult, QueueRow
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.queries import silent_outcome
from commonweal.kernel.forms.rules import token_hash
from commonweal.kernel.people import queries as people
from commonweal.kernel.places import queries as places

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award

__all__ = [
    "CompiledLookUps",
    "LookUp",
    "ask_day",
    "case_for",
    "case_of_sheet",
    "case_of_stream",
    "cases_of",
    "compile_look_ups",
    "decision_context",
    "decision_id_of",
    "evidence_in",
    "fetched",
    "granted_label",
    "inquiries_in",
    "is_held_up",
    "is_invitation",
    "kept_cases",
    "knowledge_of",
    "latest_cases",
    "latest_results",
    "may_read",
    "names_as_they_are",
    "notes_on",
    "on_the_way_to",
    "open_cases",
    "open_inquiry",
    "own_cases",
    "queue_rows",
    "reference_of_sheet",
    "signature_asked_in",
    "signature_for",
    "signatures_asked_of",
    "signatures_in",
    "signs",
    "stage_kind",
    "stream_called",
    "told_by_letter",
]

MAX_ROWS = 100
_LATEST = 100

_INVITATIONS = 25
_latest_of = Prepared(
    lambda: Case.objects.filter(applicant=Given("applicant")).order_by("-opened_at", "-id")[:_LATEST]
)
_results_of = Prepared(
    lambda: _with_results(Case.objects.filter(applicant=Given("applicant")).order_by("-opened_at", "-id"))
)
_asked_to_sign = Prepared(lambda: _waiting_for_signature().filter(person=Given("person"))[:_INVITATIONS])
_case_called = Prepared(lambda: Case.objects.filter(reference=Given("reference")).order_by())
_case_of_sheet = Prepared(lambda: Case.objects.filter(sheet=Given("sheet")).order_by())
_open_inquiry = Prepared(lambda: Inquiry.objects.filter(case=Given("case"), answered_at=None).order_by())


def case_for(reference: str, *, actor: Actor) -> Case:
    """Return a case that an actor may see.

    Args:
        reference: As somebody typed it.
        actor: Who asks.

    Raises:
        CaseNotFound: There is none with this reference, or the actor may not see it.
    """
    stored = normalise(reference)
    return _seen(_case_called.one(reference=stored) if stored else None, actor)


def _seen(case: Case | None, actor: Actor) -> Case:
    if case is None or not allows(actor, case):
        raise CaseNotFound
    return case


def stream_called(text: str) -> str:
    """Return the ledger's stream of the case with a reference, as somebody typed it; empty where there is none."""
    stored = normalise(text)
    found = _case_called.one(reference=stored) if stored else None
    return found.stream if found else ""


def case_of_sheet(sheet_id: UUID, *, actor: Actor) -> Case:
    """Return the case that a sheet became.

    Raises:
        CaseNotFound: It became none, or the actor may not see it.
    """
    return _seen(_case_of_sheet.one(sheet=sheet_id), actor)


def reference_of_sheet(sheet_id: UUID) -> str:
    """Return the reference of the case that a sheet became, for whoever may see the sheet.

    Raises:
        CaseNotFound: It became none.
    """
    case = _case_of_sheet.one(sheet=sheet_id)
    if case is None:
        raise CaseNotFound
    return case.reference


def case_of_stream(stream: str) -> Case | None:
    """Return the case whose ledger stream this is; None where it is gone, or the stream is another's."""
    kind, _colon, text = stream.partition(":")
    try:
        case_id = UUID(text)
    except ValueError:
        return None
    return Case.objects.filter(pk=case_id).order_by("pk").first() if kind == "case" else None


def knowledge_of(case: Case, *, at: datetime) -> Knowledge:
    """Return what FEEL may name about a case: answers, ``case``, ``applicant``, what registers and awards know."""
    return Knowledge(case, catalogue.compiled(case.version_id), at)


def cases_of(actor: Actor) -> QuerySet[Case]:
    """Return the cases of a resident, the newest first."""
    return visible(Case.objects.all(), actor).order_by("-opened_at", "-id")


def latest_cases(actor: Actor) -> list[Case]:
    """Return the latest hundred cases of a resident, the newest first."""
    records = actor.person_ids
    if len(records) == 1:
        return _latest_of.all(applicant=records[0])
    return list(cases_of(actor)[:_LATEST])


def latest_results(actor: Actor) -> list[tuple[Case, CaseResult]]:
    """Return the latest hundred cases of a resident with what came of each so far, the newest first, in one statement."""
    records = actor.person_ids
    if len(records) == 1:
        found = _results_of.all(applicant=records[0])
    else:
        found = list(_with_results(cases_of(actor)))
    return [(case, _result_of(case)) for case in found]


def results_asked(applicant: UUID) -> list[Question]:
    """Return what :func:`latest_results` and :func:`signatures_asked_of` ask, to be asked together with others."""
    return [_results_of.given(applicant=applicant), _asked_to_sign.given(person=applicant)]


def _with_results(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.annotate(
        granted=awards.granted_in(person="applicant", service="service_key", case="pk"),
        amounts=decisions.amounts_in(decision="decision_id"),
    )[:_LATEST]


def _result_of(case: Any) -> CaseResult:
    granted = case.granted or {}
    minor, ends_on = granted.get("minor"), granted.get("ends_on")
    return CaseResult(
        amounts=decisions.read_amounts(case.amounts),
        is_granted=bool(granted),
        money=None if minor is None else Money(minor, granted["currency"]),
        period=granted.get("period", ""),
        ends_on=None if ends_on is None else date.fromisoformat(ends_on),
        is_over=bool(granted) and granted["status"] != AwardStatus.RUNNING,
        is_taken_back=bool(granted) and granted["status"] == AwardStatus.REVOKED,
    )


def own_cases(actor: Actor, *, cursor: str = "", limit: int = 25) -> tuple[list[Case], str | None]:
    """Return a stretch of a resident's cases, the newest first, and the cursor of the next.

    Args:
        actor: The resident.
        cursor: From the stretch before; a wrong one begins at the start.
        limit: At most 100.
    """
    rows = visible(Case.objects.all(), actor)
    after = _read_cursor(cursor)
    if after is not None:
        rows = rows.filter(pk__lt=after[1])
    return _stretch(rows.order_by("-pk"), limit)


def open_cases(
    actor: Actor,
    *,
    mine: bool = False,
    unassigned: bool = False,
    service_key: str = "",
    cursor: str = "",
    limit: int = 25,
) -> tuple[list[Case], str | None]:
    """Return a stretch of the open cases of an officer's teams, the most urgent first, and the cursor of the next.

    The work for a stretch does not grow with the number of cases: an index is read from the cursor on, and there is no
    total.

    Args:
        actor: The officer.
        mine: Only those which the officer has.
        unassigned: Only those which nobody has.
        service_key: Only those of one service.
        cursor: From the stretch before; a wrong one begins at the start.
        limit: At most 100.
    """
    wanted = [Status.UNASSIGNED] if unassigned else IN_QUEUE
    rows = visible(Case.objects.all(), actor).filter(status__in=wanted, closed_at=None)
    if mine:
        rows = rows.filter(worker=UUID(actor.id))
    if service_key:
        rows = rows.filter(service_key=service_key)
    after = _read_cursor(cursor)
    if after is not None:
        due_on, case_id = after
        rows = rows.filter(Behind(Case, due_on=due_on, id=case_id))
    return _stretch(rows.order_by("due_on", "pk"), limit, teams=() if mine else actor.teams)


def _stretch(
    rows: QuerySet[Case], limit: int, *, teams: Sequence[UUID] = ()
) -> tuple[list[Case], str | None]:
    """Return the first rows; of several teams each one's first, put together, for no index orders them as one."""
    limit = max(1, min(limit, MAX_ROWS))
    if len(teams) > 1:
        each = [list(rows.filter(team=team)[: limit + 1]) for team in teams]
        found = sorted(chain(*each), key=lambda case: (case.due_on, case.pk))[: limit + 1]
    else:
        found = list(rows[: limit + 1])
    return found[:limit], _write_cursor(found[limit - 1]) if len(found) > limit else None


def queue_rows(cases: list[Case], *, today: date, language: str = "") -> list[QueueRow]:
    """Return cases as lines of a queue, with the same number of queries for one and for a hundred.

    Args:
        cases: At most 100.
        today: The day that tells which are late.
        language: For the names of services.
    """
    names_of = people.names({case.applicant_id for case in cases})
    workers = people.officer_names({case.worker_id for case in cases if case.worker_id})
    names = {}
    for case in cases:
        if case.version_id not in names:
            service = catalogue.compiled(case.version_id)
            names[case.version_id] = service.translator(language)(service.info.name)
    return [
        QueueRow(
            reference=case.reference,
            service_name=names[case.version_id],
            applicant_id=case.applicant_id,
            applicant_name=names_of[case.applicant_id],
            status=Status(case.status),
            worker_name=workers.get(case.worker_id, "") if case.worker_id else "",
            opened_at=case.opened_at,
            due_on=None if case.due_on == date.max else case.due_on,
            is_late=case.due_on < today,
            ask_by=(ask_by := ask_day(case)),
            is_asking_late=ask_by is not None and ask_by < today,
            reason=case.status_reason,
        )
        for case in cases
    ]


def ask_day(case: Case) -> date | None:
    """Return until when an officer asks for what is missing in a case; None where none has to, or has looked already."""
    if case.checked_on or case.decision_id or case.status not in {Status.UNASSIGNED, Status.ASSIGNED}:
        return None
    days = stages_of(catalogue.compiled(case.version_id)).asking.ask_within_working_days
    if days is None:
        return None
    return places.add_working_days(clock.local(case.opened_at).date(), days)


def kept_cases(persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
    """Return what the law keeps of these persons' cases, the newest first: open ones, and closed ones for their time."""
    today = clock.local(at).date()
    rows = Case.objects.filter(applicant__in=persons).order_by("-opened_at", "-id")
    found = []
    for case in rows.exclude(dispose_on__lte=today):
        service = catalogue.compiled(case.version_id)
        name = service.translator(translation.get_language() or "")(service.info.name)
        what = _("%(service)s, reference %(reference)s") % {"service": name, "reference": case.reference}
        if case.dispose_on is None:
            reason = _("It has not been answered yet. It can be withdrawn.")
            found.append(Kept(what, case.stream, None, reason, is_open=True))
        else:
            rule = service.sections["stages"].retention_basis
            reason = _("Applications of this service are kept by %(rule)s.") % {"rule": rule}
            found.append(Kept(what, case.stream, case.dispose_on, reason))
    return found


def is_held_up(case: Case, kind: str) -> bool:
    """Whether a case waits for an officer because a stage of a kind could not be gone through."""
    return is_stuck(case) and stage_of(case).kind == kind


def stage_kind(case: Case) -> str:
    """Return the kind of the stage at which a case stands."""
    return stage_of(case).kind


def on_the_way_to(kind: str, service_key: str, *, after: date | None, until: date) -> QuerySet[Case]:
    """Return the open cases of a service that stand at its first stage of a kind, or have yet to come to it.

    Args:
        kind: Of the stage.
        service_key: The service.
        after: Only those sent after this day; None for no such bound.
        until: Only those sent on this day or before.
    """
    rows = Case.objects.filter(
        service_key=service_key, closed_at=None, opened_at__lt=clock.start_of(until + timedelta(days=1))
    )
    if after is not None:
        rows = rows.filter(opened_at__gte=clock.start_of(after + timedelta(days=1)))
    wanted = Q(pk__in=[])
    for version_id in rows.order_by("version").values_list("version", flat=True).distinct():
        stages = stages_of(catalogue.compiled(version_id)).stages
        kinds = [stage.kind for stage in stages]
        if kind in kinds:
            so_far = [stage.key for stage in stages[: kinds.index(kind) + 1]]
            wanted |= Q(version=version_id, stage__in=so_far)
    return rows.filter(wanted).order_by("opened_at", "id")


def names_as_they_are(case: Case, *, at: datetime) -> dict[str, Any]:
    """Return what FEEL may name about a case as registers know it now, with ``proposed``: what the law would decide."""
    known = Knowledge(case, catalogue.compiled(case.version_id), at)
    return {**known.names(), "proposed": known.names_as_proposed()["decision"]}


def granted_label(case: Case, award: Award, *, at: datetime) -> str:
    """Return what an award of a case is for, as its holder knows it; empty where the service does not say so."""
    declared: CompiledAward | None = catalogue.compiled(case.version_id).sections.get("award")
    if declared is None or declared.label is None:
        return ""
    about = {"item": award.item, "holder": award.holder}
    return label_of(declared, {**knowledge_of(case, at=at).names(), "award": about}, at=at)


def follows_silence(case: Case) -> bool:
    """Whether something follows where nobody decides a case in time: it is granted, or its applicant is told, once."""
    service = catalogue.compiled(case.version_id)
    if silent_outcome(service) is not None:
        return True
    return stages_of(service).silence is not None and case.late_on is None and case.decision_id is None


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit for an answer to an application of a day.

    Attributes:
        due_on: The last day.
        grants: Whether the law grants where nobody has decided by then.
    """

    due_on: date
    grants: bool


def limit_of(service: CompiledService, opened_on: date) -> Limit:
    """Return the limit for an answer to an application that counts from a day; one of the answers may move it."""
    return Limit(due_on(stages_of(service), opened_on), silent_outcome(service) is not None)


def decision_context(case: Case, *, at: datetime) -> dict[str, Any]:
    """Return what a decision about a case sees besides the answers: ``case``, ``applicant``, registers and awards."""
    return Knowledge(case, catalogue.compiled(case.version_id), at).context()


def decision_id_of(case: Case) -> UUID:
    """Return the decision that counts in a case.

    Raises:
        NotDecidedYet: There is none.
    """
    if case.decision_id is None:
        raise NotDecidedYet(reference=case.reference)
    return case.decision_id


def _write_cursor(case: Case) -> str:
    text = json.dumps([case.due_on.isoformat(), str(case.pk)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def is_cursor(text: str) -> bool:
    """Whether a list gave this to go on from; pages begin anew from anything else."""
    return _read_cursor(text) is not None


def _read_cursor(cursor: str) -> tuple[date, UUID] | None:
    try:
        day, case_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return date.fromisoformat(day), UUID(str(case_id))
    except (ValueError, TypeError, binascii.Error):
        return None


def notes_on(case: Case) -> QuerySet[Note]:
    """Return what officers wrote down, the newest first."""
    return Note.objects.filter(case=case).order_by("-written_at", "-id")


def inquiries_in(case: Case) -> QuerySet[Inquiry]:
    """Return the questions to the applicant, the newest first."""
    return Inquiry.objects.filter(case=case).order_by("-asked_at", "-id")


def evidence_in(case: Case) -> set[UUID]:
    """Return the files that the applicant handed in because an officer asked for them."""
    return {file for inquiry in inquiries_in(case) for file in evidence_files(inquiry)}


def open_inquiry(case: Case) -> Inquiry | None:
    """Return the question that waits for an answer, or None."""
    return _open_inquiry.one(case=case.pk)


def signatures_in(case: Case) -> QuerySet[Signature]:
    """Return the signatures that a case needs beside its applicant's."""
    return Signature.objects.filter(case=case).order_by("asked_at", "id")


def signature_for(signature_id: UUID, *, actor: Actor) -> Signature:
    """Return an invitation to sign, with its case, for the one whom it is for; :func:`may_read` says what they see of it.

    Raises:
        SignatureNotFound: There is none, or it is for somebody else.
    """
    rows = Signature.objects.filter(pk=signature_id, person__in=actor.person_ids).select_related("case")
    found = rows.order_by().first()
    if found is None:
        raise SignatureNotFound
    return found


def signature_asked_in(signature_id: UUID, *, case: Case) -> Signature:
    """Return an invitation to sign a case, for its applicant.

    Raises:
        SignatureNotFound: There is none, or it is of another case.
    """
    found = signatures_in(case).select_related("case").filter(pk=signature_id).first()
    if found is None:
        raise SignatureNotFound
    return found


def may_read(signature: Signature) -> bool:
    """Whether whoever was asked to sign may read what was sent: as long as they can sign, and what they signed."""
    if signature.answer:
        return signature.answer == SignatureAnswer.SIGNED
    return signature.case.is_open


def is_invitation(token: str) -> bool:
    """Whether an invitation to sign has this link."""
    return bool(token) and Signature.objects.filter(token_hash=token_hash(token)).exists()


def signatures_asked_of(actor: Actor) -> list[Signature]:
    """Return the first 25 invitations that a resident has not answered, of cases that still wait; the oldest first."""
    records = actor.person_ids
    if len(records) == 1:
        return _asked_to_sign.all(person=records[0])
    return list(_waiting_for_signature().filter(person__in=records)[:_INVITATIONS])


def _waiting_for_signature() -> QuerySet[Signature]:
    rows = Signature.objects.filter(answer="", case__closed_at=None)
    return rows.select_related("case").order_by("asked_at", "id")


def signs(actor: Actor, case: Case) -> bool:
    """Whether an actor can sign a case, or has signed it, and so may see what was sent."""
    may_be = [SignatureAnswer.SIGNED.value, ""] if case.is_open else [SignatureAnswer.SIGNED.value]
    return Signature.objects.filter(case=case, person__in=actor.person_ids, answer__in=may_be).exists()
