"""The stage at which others sign: whom to ask, what they sign, and how an application ends that they do not sign."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from pydantic import Field

from commonweal.engines import feel
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.types import ActorKind
from commonweal.kernel.cases.enums import SignatureAnswer, Status
from commonweal.kernel.cases.errors import SignersAlike
from commonweal.kernel.cases.events import CaseClosed
from commonweal.kernel.cases.flow import stages_of, years_after
from commonweal.kernel.cases.models import Case, Signature
from commonweal.kernel.cases.registry import Run, StageKind, Step, stage_kinds
from commonweal.kernel.cases.types import CompiledSigning, CompiledStage
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.forms.rules import token_hash
from commonweal.kernel.jobs.actions import announce, queue_mail
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.types import Matter
from commonweal.kernel.people import queries as people

MOST_SIGNERS = 10
UNSIGNED, DECLINED = "UNSIGNED", "DECLINED"


class SignSpec(Declared):
    """A stage at which others sign what the applicant sent, each from an account of their own.

    Attributes:
        signers: FEEL; a list of ``{name: …, email: …}``, empty where nobody has to sign.
        within_days: Calendar days after which the application lapses.
        declaration: What they declare by signing.
        legal_basis: The rule that says so.
    """

    signers: Annotated[str, Field(min_length=1, max_length=2_000)]
    within_days: int = Field(default=30, ge=1, le=365)
    declaration: Annotated[str, Field(min_length=1, max_length=500)]
    legal_basis: Annotated[str, Field(min_length=1, max_length=200)]


@stage_kinds.register
class SignStage(StageKind):
    """Others sign; the case goes on when all have, and ends when one declines or the time is over."""

    key = "sign"
    schema = SignSpec
    is_retried = True

    def compile(self, spec: Any, source: Source, path: Path_, compilation: Compilation) -> CompiledSigning:
        """Return whom to ask, as an expression over the answers."""
        expression = compile_feel(
            spec.signers,
            compilation.scope(),
            source=source,
            path=(*path, "signers"),
            compilation=compilation,
            expects=feel.ListType(feel.ANY),
            is_loose=True,
        )
        return CompiledSigning(expression, spec.within_days, spec.declaration, spec.legal_basis)

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Ask everybody who has to sign, once; who that is and cannot be told goes to an officer."""
        asked = list(Signature.objects.filter(case=run.case).order_by("asked_at", "id"))
        if not asked:
            signers = _signers(stage, run)
            if signers is None:
                return _to_officer(run, f"Who has to sign at the stage '{stage.label}' cannot be told.")
            if _are_alike(signers):
                if run.by.kind is ActorKind.RESIDENT:
                    raise SignersAlike
                return _to_officer(run, "Two of those who have to sign have the same e-mail address.")
            asked = [_ask(name, email, run) for name, email in signers]
        if all(signature.answer == SignatureAnswer.SIGNED for signature in asked):
            return Step.ON
        run.case.status = Status.WAITING
        run.case.wake_on = clock.local(run.at).date() + timedelta(days=stage.spec.within_days)
        return Step.STAY

    def wake(self, stage: CompiledStage, run: Run) -> Step:
        """Let the application lapse: somebody has not signed in time."""
        record(
            "cases.signing_lapsed",
            stream=run.case.stream,
            subject=run.case.applicant_id,
            by=run.by,
            at=run.at,
        )
        end(run, UNSIGNED)
        return Step.STAY


def _to_officer(run: Run, reason: str) -> Step:
    run.case.status = Status.ASSIGNED if run.case.worker_id else Status.UNASSIGNED
    run.case.status_reason = reason
    return Step.STAY


def _are_alike(signers: list[tuple[str, str]]) -> bool:
    return len({email.casefold() for _name, email in signers}) < len(signers)


def _signers(stage: CompiledStage, run: Run) -> list[tuple[str, str]] | None:
    """Return name and e-mail address of everybody who has to sign, or None where that cannot be told."""
    value = stage.spec.signers.evaluate(run.known.names(), new_evaluation(run.at))
    if not isinstance(value, list) or len(value) > MOST_SIGNERS:
        return None
    found = [
        (each.get("name"), each.get("email")) if isinstance(each, dict) else (None, None) for each in value
    ]
    try:
        for _name, email in found:
            validate_email(email)
    except ValidationError:
        return None
    return [(str(name or email), str(email)) for name, email in found]


def _ask(name: str, email: str, run: Run) -> Signature:
    case = run.case
    signature = Signature(case=case, name=name, email=email, asked_at=run.at)
    send_invitation(signature, run)
    record(
        "cases.signature_asked",
        stream=case.stream,
        subject=case.applicant_id,
        by=run.by,
        at=run.at,
        signature=signature.pk,
    )
    return signature


def send_invitation(signature: Signature, run: Run) -> None:
    """Invite somebody: by a message where we know them, else by an e-mail with a link and nothing of what is asked.

    An invitation that went out before stops working: its link, and the account that took it.
    """
    known = _known(signature)
    token = "" if known else secrets.token_urlsafe(32)
    signature.person_id, signature.token_hash = known, token_hash(token)
    signature.save()
    if known is None:
        _mail(signature, token, run)
    else:
        _write(signature, run)


def _known(signature: Signature) -> UUID | None:
    """Return who signs in with the address, or None where only a link serves.

    An address of the applicant, or of somebody who signs already, gets a link: whoever has it needs another account.
    """
    known = people.person_with_email(signature.email)
    others = Signature.objects.filter(case=signature.case).exclude(pk=signature.pk).exclude(person=None)
    taken = [signature.case.applicant_id, *others.values_list("person_id", flat=True)]
    return None if known is not None and known in people.all_record_ids(taken) else known


def _mail(signature: Signature, token: str, run: Run) -> None:
    link = settings.COMMONWEAL_URL.rstrip("/") + reverse("cases:invitation", kwargs={"token": token})
    with translation.override(run.known.applicant.language):
        subject = _("Somebody asks you to sign an application")
        text = _(
            "You can read it and sign it, or decline, with an account of your own:\n%(link)s\n\n"
            "If you do not expect this, you need not do anything. Nobody can sign in your place.\n"
        )
    queue_mail(
        to=[signature.email],
        subject_line=subject,
        text=text % {"link": link},
        idempotency_key=f"cases.signature:{signature.pk}{_again(signature)}",
        at=run.at,
        subject=run.case.applicant_id,
        agency=run.case.agency,
    )


def _write(signature: Signature, run: Run) -> None:
    assert signature.person_id is not None
    card = people.person_card(signature.person_id)
    link = settings.COMMONWEAL_URL.rstrip("/") + reverse("cases:signature", args=[signature.pk])
    with translation.override(card.language):
        title = _("Somebody asks you to sign an application")
        text = _("Read what %(name)s has sent, and sign it or decline:\n\n%(link)s")
        text %= {"name": run.known.applicant.name, "link": link}
    _message(signature.person_id, title, text, run, stream=signature.stream, again=_again(signature))


def _again(signature: Signature) -> str:
    """Return what sets the keys of a repeated invitation apart; of the first, nothing."""
    return f":{signature.times_asked}" if signature.times_asked > 1 else ""


def _message(person_id: UUID, title: str, text: str, run: Run, *, stream: str, again: str = "") -> None:
    case = run.case
    mailbox.write(
        person_id,
        Matter(stream, case.agency, case.service_key, case.version_id, case.reference),
        title=title,
        text=text,
        by=run.by,
        at=run.at,
        unique_key=f"{stream}:{case.stage}:{case.outcome}{again}",
        card=run.known.applicant if person_id == case.applicant_id else None,
    )


def end(run: Run, outcome: str) -> None:
    """Close a case that was not signed, and tell the applicant; the caller saves it."""
    case = run.case
    case.status, case.wake_on, case.closed_at, case.outcome = Status.CLOSED, None, run.at, outcome
    case.dispose_on = years_after(clock.local(run.at).date(), stages_of(run.service).retention_years)
    with translation.override(run.known.applicant.language):
        title = _("Your application was not signed")
        text = (
            _(
                "Somebody who had to sign it declined. We have closed it without a decision. You can apply again."
            )
            if outcome == DECLINED
            else _(
                "Somebody who had to sign it has not done so in time. We have closed it without a decision. "
                "You can apply again."
            )
        )
    _message(case.applicant_id, title, text, run, stream=case.stream)
    record(
        "cases.closed",
        stream=case.stream,
        subject=case.applicant_id,
        by=run.by,
        at=run.at,
        outcome=outcome,
    )
    closed = CaseClosed(case_id=case.pk, service_key=case.service_key, outcome=outcome, at=run.at)
    announce(closed, at=run.at, agency=case.agency)


def sealed_hash(case: Case) -> str:
    """Return the SHA-256 of exactly what is signed: the version of the service, and every answer with its files."""
    sheet = forms.submitted_sheet(case.sheet_id)
    sealed = {"version": catalogue.compiled(case.version_id).hash, "answers": sheet.answers}
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
