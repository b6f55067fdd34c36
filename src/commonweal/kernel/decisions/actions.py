"""Everything that makes a decision about somebody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import insert, new
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, ActorKind, Money
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.errors import (
    LawFixed,
    LawNotFound,
    LawOutdated,
    LawRefused,
    NotAnOfficer,
    NotDecidable,
    OutcomeUnknown,
    ReasonsMissing,
)
from commonweal.kernel.decisions.fairness.collecting import sums_of
from commonweal.kernel.decisions.fairness.figures import is_flagged
from commonweal.kernel.decisions.models import Decision, FairnessReport, LawText, LawVersion
from commonweal.kernel.decisions.programmes import published
from commonweal.kernel.decisions.programmes.differences import law_changes
from commonweal.kernel.decisions.programmes.reading import (
    LawModel,
    Programme,
    programme,
    programme_keys,
    recorded,
    texts_below,
)
from commonweal.kernel.decisions.queries import check_law, decision_of, text_hash
from commonweal.kernel.decisions.rules import may_decide_by_hand
from commonweal.kernel.decisions.types import Evaluated, LawVersions
from commonweal.kernel.ledger.actions import record

MOST_CHANGES = 100
_law = Prepared(
    lambda: (
        LawVersion.objects.filter(
            programme=Given("programme"),
            model_hash=Given("model_hash"),
            parameters_hash=Given("parameters_hash"),
        )
        .only("pk")
        .order_by()
    )
)


@action
def store(
    stream: str,
    subject: UUID | None,
    version_id: UUID,
    found: Evaluated,
    *,
    reference_on: date | None,
    known_on: date,
    by: Actor,
    at: datetime,
) -> Decision:
    """Store what the law says, with its explanation, as a decision, and record it.

    A fault, or facts with which a person has to decide, is stored as a decision too: one that grants nothing and
    says what an officer has to look at. Deciding again adds a decision; the latest counts.

    Args:
        stream: The ledger's stream that it belongs to.
        subject: Whom it is about.
        version_id: Version of the service whose outcomes and amounts count.
        found: What the law says (``queries.evaluate``, ``queries.evaluate_again``), worked out in this transaction.
        reference_on: The day whose law was asked for, where no law was found; the day of ``at`` if None.
        known_on: As known on this day.
        by: Who had it decided.
        at: When.

    Returns:
        The decision as saved.

    Raises:
        ServiceNotFound: There is no such version.
        NotDecidable: The service declares no decision.
    """
    service = catalogue.compiled(version_id)
    decision = _new(stream, subject, version_id, service, by=by, at=at)
    outcome = decision_of(service).spec.outcomes[found.outcome] if found.outcome else None
    versions = found.versions
    decision.outcome = found.outcome or ""
    decision.grants = outcome.grants if outcome else False
    decision.is_automatic = True
    decision.is_fault = found.is_fault
    decision.needs_officer = found.needs_officer
    decision.reason = found.officer_reason
    decision.amounts = _money(found.amounts)
    _put_evidence(decision, found)
    decision.law_id = _law_of(versions, at) if versions else None
    decision.reference_on = versions.reference_on if versions else reference_on or local(at).date()
    decision.known_on = known_on
    insert(decision)
    record(
        "decisions.faulted" if found.is_fault else "decisions.decided",
        stream=decision.stream,
        by=by,
        at=at,
        subject=decision.subject,
        decision=str(decision.pk),
        outcome=decision.outcome,
        is_fault=decision.is_fault,
        needs_officer=decision.needs_officer,
        amounts={name: [money.minor, money.currency] for name, money in found.amounts.items()},
        service_hash=service.hash,
        programme=versions.programme if versions else "",
        model_hash=versions.model_hash if versions else "",
        parameters_hash=versions.parameters_hash if versions else "",
        engine=decision.engine,
        reference_on=decision.reference_on.isoformat(),
        known_on=known_on.isoformat(),
    )
    return decision


@action
def decide_by_hand(
    stream: str,
    subject: UUID | None,
    version_id: UUID,
    *,
    outcome: str,
    reasons: str,
    legal_ground: str,
    by: Actor,
    at: datetime,
    reference_on: date,
    amounts: Mapping[str, Money] | None = None,
) -> Decision:
    """Decide in place of the model: an officer's decision with reasons and legal ground.

    Args:
        stream: The ledger's stream that it belongs to.
        subject: Whom it is about.
        version_id: Version of the service.
        outcome: Key of one of the service's outcomes, not one that asks for an officer.
        reasons: In words that the resident will read.
        legal_ground: The rule of law that it rests on.
        by: The officer.
        at: When.
        reference_on: The day whose law applied.
        amounts: By name.

    Returns:
        The decision as saved.

    Raises:
        NotAnOfficer: ``by`` may not decide here.
        OutcomeUnknown: The service has no such outcome.
        ReasonsMissing: Reasons or legal ground are empty.
    """
    service = catalogue.compiled(version_id)
    spec = decision_of(service).spec.outcomes.get(outcome)
    if not may_decide_by_hand(by, service.info.agency):
        raise NotAnOfficer(service=service.key)
    if spec is None or spec.officer:
        raise OutcomeUnknown({"outcome": str(OutcomeUnknown.message)}, outcome=outcome)
    reasons, legal_ground = readable(reasons), readable(legal_ground)
    empty = [name for name, text in (("reasons", reasons), ("legal_ground", legal_ground)) if not text]
    if empty:
        raise ReasonsMissing(dict.fromkeys(empty, str(ReasonsMissing.message)))
    decision = _new(stream, subject, version_id, service, by=by, at=at)
    decision.outcome = outcome
    decision.grants = spec.grants
    decision.is_automatic = False
    decision.reason = reasons
    decision.legal_ground = legal_ground
    decision.amounts = _money(amounts or {})
    decision.reference_on = reference_on
    insert(decision)
    record(
        "decisions.decided_by_hand",
        stream=stream,
        by=by,
        at=at,
        subject=subject,
        decision=str(decision.pk),
        outcome=outcome,
        reasons=decision.reason,
        legal_ground=decision.legal_ground,
        amounts={name: [money.minor, money.currency] for name, money in (amounts or {}).items()},
        service_hash=service.hash,
        reference_on=reference_on.isoformat(),
    )
    return decision


def decide_by_time(
    stream: str,
    subject: UUID | None,
    version_id: UUID,
    *,
    outcome: str,
    reasons: str,
    by: Actor,
    at: datetime,
    reference_on: date,
    amounts: Mapping[str, Money],
) -> Decision:
    """Store what comes about by law because time has passed: nobody decided, or nobody answered.

    Args:
        stream: The ledger's stream that it belongs to.
        subject: Whom it is about.
        version_id: Version of the service.
        outcome: Key of the outcome, declared as silent or lapsed.
        reasons: In words that the resident will read.
        by: Who noticed that the time is over.
        at: When.
        reference_on: The day whose law applied.
        amounts: By name.

    Raises:
        OutcomeUnknown: The service declares no such outcome.
    """
    service = catalogue.compiled(version_id)
    spec = decision_of(service).spec.outcomes.get(outcome)
    if spec is None or not (spec.silent or spec.lapsed):
        raise OutcomeUnknown({"outcome": str(OutcomeUnknown.message)}, outcome=outcome)
    decision = _new(stream, subject, version_id, service, by=by, at=at)
    decision.outcome, decision.grants = outcome, spec.grants
    decision.is_automatic = False
    decision.reason = reasons
    decision.legal_ground = service.info.processing.legal_basis
    decision.amounts = _money(amounts)
    decision.reference_on = reference_on
    insert(decision)
    record(
        "decisions.decided_by_time",
        stream=stream,
        by=by,
        at=at,
        subject=subject,
        decision=str(decision.pk),
        outcome=outcome,
        legal_ground=decision.legal_ground,
        amounts={name: [money.minor, money.currency] for name, money in amounts.items()},
        service_hash=service.hash,
        reference_on=reference_on.isoformat(),
    )
    return decision


def report_fairness(service_key: str, *, by: Actor, at: datetime) -> FairnessReport:
    """Work out how a live service's decisions came out by group, and what flips of facts change; keep it.

    The reading goes on outside a transaction; only the report is stored in one.

    Args:
        service_key: The service; its section ``decision`` declares ``fairness``.
        by: Who had it worked out.
        at: When.

    Raises:
        ServiceNotFound: There is no such service, or it is not live.
        NotDecidable: It decides nothing, or declares no groups.
    """
    service = catalogue.offered_service(service_key, "").compiled
    decision = decision_of(service)
    if decision.fairness is None:
        raise NotDecidable(service=service_key)
    figures = sums_of(service_key, decision).as_json()
    report = FairnessReport(
        service_key=service_key,
        agency=service.info.agency,
        service_hash=service.hash,
        figures=figures,
        is_flagged=is_flagged(figures),
        made_at=at,
    )
    with transaction.atomic():
        report.save(force_insert=True)
        record(
            "decisions.fairness_reported",
            stream=f"service:{service_key}",
            by=by,
            at=at,
            report=str(report.pk),
            decisions=figures["decisions"],
            is_flagged=report.is_flagged,
            service_hash=service.hash,
        )
    return report


def _new(
    stream: str, subject: UUID | None, version_id: UUID, service: CompiledService, *, by: Actor, at: datetime
) -> Decision:
    return new(
        Decision,
        stream=stream,
        subject=subject,
        version_id=version_id,
        service_key=service.key,
        agency=service.info.agency,
        made_at=at,
        made_by_kind=ActorKind(by.kind).value,
        made_by=by.id,
    )


def _put_evidence(decision: Decision, found: Evaluated) -> None:
    decision.result = _json(found.result)
    decision.facts = _json(dict(found.facts))
    decision.trace = _json(found.trace)
    decision.citations = [[cited.text, cited.title, cited.url] for cited in found.citations]
    if found.versions:
        decision.parameter_versions = dict(found.versions.parameters)
        decision.engine = found.versions.engine


def _law_of(versions: LawVersions, at: datetime) -> UUID:
    """Return the id of the law's text, kept once for each hash; the text itself is not read again."""
    found = _law.one(
        programme=versions.programme,
        model_hash=versions.model_hash,
        parameters_hash=versions.parameters_hash,
    )
    return found.pk if found else _keep_law(versions, at)


def publish_law(
    key: str,
    files: Mapping[str, str],
    *,
    instead_of: str | None = None,
    by: Actor,
    at: datetime,
    approved_by: str = "",
) -> LawText:
    """Put a text of a programme in force. Text that is in force already changes nothing.

    Every process decides by it within some seconds; cases decided before keep the text that they rest on. Which day's
    figures count is said by their dates, not by the day of publication.

    Args:
        key: The programme.
        files: All of its figures, models, worked cases and summary, by name.
        instead_of: Hash of the text that it was made from, empty for a programme that is new; left out, any.
        by: Who publishes; named in the ledger.
        at: When.
        approved_by: Pseudonymous id of the officer who approved it; for the record.

    Raises:
        LawNotFound: There is no such programme.
        LawFixed: This installation takes its law from the folder alone.
        LawOutdated: Another text is in force than ``instead_of``.
        LawRefused: It does not compile, a worked case comes out otherwise, or a service does not go with it.
    """
    is_new = instead_of == ""
    if not is_new and key not in programme_keys():
        raise LawNotFound(programme=key)
    if not settings.COMMONWEAL_LAW_LOOK_SECONDS:
        raise LawFixed
    with Transaction():
        latest = LawText.objects.select_for_update().filter(programme=key).order_by("-number").first()
        if is_new and (latest is not None or key in programme_keys(root())):
            raise LawOutdated(programme=key)
        present = {} if is_new else dict(latest.files) if latest else texts_below(root(), key)
        if instead_of and instead_of != text_hash(present):
            raise LawOutdated(programme=key)
        if latest is not None and present == dict(files):
            return latest
        checked = check_law(key, files)
        if checked.errors:
            raise LawRefused(programme=key, problems=checked.errors)
        text = LawText.objects.create(
            programme=key,
            number=latest.number + 1 if latest else 1,
            content_hash=text_hash(files),
            files=dict(files),
            published_at=at,
        )
        changes = [str(change) for change in law_changes(present, files)[:MOST_CHANGES]]
        record(
            "decisions.law_published",
            stream=text.stream,
            by=by,
            at=at,
            number=text.number,
            content_hash=text.content_hash,
            changes=changes,
            approved_by=approved_by,
        )
        transaction.on_commit(published.look)
    return text


def publish_law_folder(key: str, *, by: Actor, at: datetime, approved_by: str = "") -> LawText:
    """Put a programme's text in force as its folder has it, after a deployment for example.

    Raises:
        LawNotFound: There is no such programme.
        CommonwealError: See :func:`publish_law`.
    """
    if key not in programme_keys():
        raise LawNotFound(programme=key)
    return publish_law(key, texts_below(root(), key), by=by, at=at, approved_by=approved_by)


def keep_law(programme_key: str, model_hash: str, *, at: datetime) -> UUID:
    """Keep the text of a model in force and of its parameters, so that it can be read when both have changed.

    Keeping the same again changes nothing. Whoever needs the law kept records why.

    Args:
        programme_key: The programme.
        model_hash: SHA-256 of one of its models.
        at: When.

    Returns:
        Id for :func:`~commonweal.kernel.decisions.queries.kept_law`.

    Raises:
        LawNotFound: There is no such programme, or no such model of it.
    """
    law = programme(programme_key)
    model = next((model for model in law.models if model.hash == model_hash), None)
    if model is None:
        raise LawNotFound(programme=programme_key, model=model_hash)
    return _kept(law, model, at)


def _keep_law(versions: LawVersions, at: datetime) -> UUID:
    law, model = recorded(versions.programme, versions.model_hash, versions.parameters_hash)
    return _kept(law, model, at)


def _kept(law: Programme, model: LawModel, at: datetime) -> UUID:
    kept, _ = LawVersion.objects.get_or_create(
        programme=law.key,
        model_hash=model.hash,
        parameters_hash=law.parameters.hash,
        defaults={
            "model_file": model.file,
            "model_text": model.text,
            "parameters_text": law.parameters_text,
            "first_used_at": at,
        },
    )
    return kept.pk


def _money(amounts: Mapping[str, Money]) -> str:
    return _json({name: [money.minor, money.currency] for name, money in amounts.items()})


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
