"""Turns a case into what its pages show; officers and residents see the same facts, arranged for each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.awards.enums import Period
from commonweal.kernel.base import clock
from commonweal.kernel.base.prepared import Question
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_officer
from commonweal.kernel.base.templates import address, long_date, moment, money
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import deciding
from commonweal.kernel.cases.enums import SignatureAnswer, Status
from commonweal.kernel.cases.evidence import evidence_files, words_for
from commonweal.kernel.cases.explaining import explanation_steps, grounds_shown, statement
from commonweal.kernel.cases.history import history
from commonweal.kernel.cases.look_ups import changes_awards_of
from commonweal.kernel.cases.models import Case, Inquiry, Signature
from commonweal.kernel.cases.queries import evidence_in
from commonweal.kernel.cases.registry import Notice, case_notices
from commonweal.kernel.cases.types import CaseResult
from commonweal.kernel.cases.vocabulary import vocabulary_of
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.queries import DecisionCard
from commonweal.kernel.decisions.types import Outcome
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.queries import files_of, kept_files
from commonweal.kernel.files.types import KeptFile
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.forms.types import FileView, ReviewAnswer
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.mailbox import queries as mailbox
from commonweal.kernel.people import queries as people

HELP = "fill in a form for somebody who agreed"

_TONES = {
    Status.RUNNING: "info",
    Status.UNASSIGNED: "warning",
    Status.ASSIGNED: "info",
    Status.ASKED: "accent",
    Status.WAITING: "neutral",
    Status.CLOSED: "success",
}


def tone_of(status: str) -> str:
    """Return the colour of a status."""
    return _TONES[Status(status)]


def outcome_choices(service: CompiledService, language: str) -> list[dict[str, str]]:
    """Return the outcomes that an officer can choose from."""
    translate = service.translator(language)
    return [
        {"value": key, "label": translate(outcome.label), "hint": translate(outcome.explanation)}
        for key, outcome in decisions.outcomes_of(service).items()
        if not outcome.officer
    ]


def answers_of(case: Case, language: str) -> list[dict[str, Any]]:
    """Return the answers as they were sent, one summary a page of the form."""
    shown = []
    for group in forms.answers_sent(forms.submitted_sheet(case.sheet_id), language):
        rows = [_row(answer) for answer in group.answers]
        shown.append({"title": group.title, "rows": rows} if rows else {"title": group.title, "rows": []})
        shown.extend(
            {"title": title, "rows": [_row(answer) for answer in answers]} for title, answers in group.items
        )
    return [summary for summary in shown if summary["rows"]]


def _row(answer: ReviewAnswer) -> dict[str, Any]:
    known = answer.prefilled
    lines = list(answer.lines)
    if known is not None and known.says:
        lines = lines or [_("left blank")]
        said = {"source": known.source, "day": long_date(known.observed_at), "value": ", ".join(known.says)}
        lines.append(_("Something else stands in: %(source)s, %(day)s: %(value)s") % said)
    row = {"label": answer.label, "value": lines or _("left blank")}
    return row | ({"files": [file_row(file) for file in answer.files]} if answer.files else {})


def handed_in(case: Case, service: CompiledService, language: str) -> list[dict[str, Any]]:
    """Return the files that came with a case, by question; answers are read only where the form asks for files."""
    questions = (one for each in service.sections["form"].questions for one in (each, *each.items))
    if not any(question.spec.type == "file" for question in questions):
        return []
    rows = [row for summary in answers_of(case, language) for row in summary["rows"] if "files" in row]
    return [{"label": row["label"], "files": row["files"], "value": []} for row in rows]


def papers_of(case: Case) -> list[dict[str, str]]:
    """Return the scans of a case that came on paper; files that answer a question stand with their answers."""
    if case.channel != Channel.POST:
        return []
    sheet = forms.submitted_sheet(case.sheet_id)
    answers = [sheet.answers.get(key) or [] for key in forms.form_of(sheet).file_questions]
    sent = {file["id"] for files in answers for file in files}
    asked = evidence_in(case)
    return [
        {"name": file.name, "href": reverse("files:download", kwargs={"file_id": file.pk})}
        for file in files_of(case.stream)
        if str(file.pk) not in sent and file.pk not in asked
    ]


def file_row(file: FileView) -> dict[str, str]:
    """Return a file of a case for the component that draws answers."""
    href = reverse("files:download", kwargs={"file_id": file.id}) if file.can_open else ""
    return {"name": file.name, "size": file.size, "href": href, "note": file.notice}


def letters_of(case: Case) -> list[dict[str, Any]]:
    """Return the letters and messages of a case."""
    return [
        {
            "title": message.subject,
            "time": moment(message.sent_at),
            "sent_at": message.sent_at,
            "id": message.id,
            "is_read": message.read_at is not None,
        }
        for message in mailbox.messages_about(case.stream)
    ]


def notices_of(case: Case, service: CompiledService) -> list[Notice]:
    """Return what other apps tell the applicant of a case."""
    told = [one.notice(case) for one in case_notices if service.sections.get(one.section) is not None]
    return [notice for notice in told if notice is not None]


def officer_notices_of(case: Case, service: CompiledService, actor: Actor) -> list[Notice]:
    """Return what other apps tell an officer about a case."""
    brought = [one for one in case_notices if service.sections.get(one.section) is not None]
    told = [one.notice_for_officer(case, actor) for one in brought]
    return [notice for notice in told if notice is not None]


def asked_pieces(
    inquiry: Inquiry, service: CompiledService, language: str, *, is_open: bool = False
) -> list[dict[str, Any]]:
    """Return the evidence that was asked for with its files, for a field or a line each.

    Args:
        inquiry: The question.
        service: It declares the evidence.
        language: Of the reader.
        is_open: Whether the reader may take files back.
    """
    known = kept_files(evidence_files(inquiry))
    shown = []
    for number, piece in enumerate(inquiry.pieces):
        label, hint = words_for(piece, service, language)
        rows = []
        for file in piece["files"]:
            row = _evidence_row(file, known.get(UUID(file)))
            rows.append(
                row | ({"remove_name": "remove-file", "remove_value": f"{number}:{file}"} if is_open else {})
            )
        shown.append({"number": number, "label": label, "hint": hint, "files": rows})
    return shown


def _evidence_row(file_id: str, known: KeptFile | None) -> dict[str, str]:
    note = ""
    if known is None or known.is_deleted:
        note = _("deleted, because its time was over")
    elif known.scan is Scan.INFECTED:
        note = _("dangerous, so nobody can open it")
    elif not known.is_open:
        note = _("being checked for viruses")
    return {
        "name": known.name if known else "",
        "size": filesizeformat(known.size_bytes) if known else "",
        "href": "" if note else reverse("files:download", kwargs={"file_id": file_id}),
        "note": note,
    }


def inquiry_rows(inquiry: Inquiry, service: CompiledService, language: str) -> list[dict[str, Any]]:
    """Return a question to the applicant with what came of it, for the component that draws answers."""
    asked_on = long_date(clock.local(inquiry.asked_at).date())
    rows: list[dict[str, Any]] = [
        {"label": _("Asked on %(day)s") % {"day": asked_on}, "value": inquiry.question or _("for evidence")},
        {"label": _("Answer by"), "value": long_date(inquiry.answer_due_on)},
    ]
    for piece in asked_pieces(inquiry, service, language):
        none = [] if piece["files"] else [_("nothing yet") if inquiry.answered_at is None else _("nothing")]
        rows.append(
            {"label": piece["label"], "value": none} | ({"files": piece["files"]} if piece["files"] else {})
        )
    answer = [inquiry.answer] if inquiry.answer else []
    if inquiry.is_lacking and inquiry.answer:
        answer.insert(0, _("The applicant says that they cannot hand in everything:"))
    nothing = _("none yet") if inquiry.answered_at is None else _("none")
    return [*rows, {"label": _("Answer"), "value": answer or nothing}]


def evaluation_of(case: Case, service: CompiledService, language: str, *, at: datetime) -> dict[str, Any]:
    """Return what the law itself says of an undecided case, for the officer."""
    if case.decision_id is not None or case.status not in {Status.UNASSIGNED, Status.ASSIGNED}:
        return {
            "proposal": None,
            "proposal_steps": [],
            "proposal_label": "",
            "proposal_amount": "",
            "proposal_statement": None,
        }
    evaluated = deciding.evaluate(case, service, at=at)
    steps = evaluated.explain(vocabulary_of(service, language).called)
    label = ""
    if evaluated.outcome is not None:
        outcome = decisions.outcomes_of(service)[evaluated.outcome]
        label = service.translator(language)(outcome.label)
    return {
        "proposal": evaluated,
        "proposal_steps": explanation_steps(steps, language),
        "proposal_statement": statement(service, evaluated.result, steps, language),
        "proposal_label": label,
        "proposal_amount": money(evaluated.amounts["amount"]) if "amount" in evaluated.amounts else "",
    }


def officer_panels(case: Case, service: CompiledService, actor: Actor, language: str) -> dict[str, Any]:
    """Return the answers, the decision with every step, and the history, for the officer."""
    called = vocabulary_of(service, language).called
    decision, steps = decisions.explained(case.decision_id, called) if case.decision_id else (None, ())
    award = awards.award_of_case(case.stream)
    return {
        "answers": answers_of(case, language),
        "award": award,
        "award_rows": _granted_rows(service, decision, award, language, pays=_("The resident pays")),
        "decision_steps": explanation_steps(steps, language),
        "statement": statement(service, decision.result, steps, language) if decision else None,
        "happenings": happenings_of(case, actor),
        **outcome_of(service, decision, language),
        "outcome_amount": amount_of(decision, award, charges=False),
    }


def resident_panels(case: Case, service: CompiledService, actor: Actor, language: str) -> dict[str, Any]:
    """Return the decision with the few steps that decided it, and what was granted, for the applicant.

    Of a case that is not decided yet, how it came along; of one that is, that stands on a page of its own.
    """
    decision, grounds = None, None
    if case.decision_id is not None:
        decision, grounds = decisions.decided(case.decision_id, service, vocabulary_of(service, language))
    award = awards.award_of_case(case.stream)
    return {
        "grounds": grounds_shown(grounds, language) if grounds else None,
        "statement": statement(service, decision.result, (), language) if decision else None,
        "award_rows": _granted_rows(service, decision, award, language, pays=_("You pay")),
        "award": award,
        "requests": _requests(award, language) if award else [],
        "happenings": [] if decision else happenings_of(case, actor),
        **outcome_of(service, decision, language),
        "outcome_amount": amount_of(decision, award, charges=is_charged(service, decision)),
    }


def asked_about(case: Case) -> list[Question]:
    """Return what the page of a case asks of other apps, for one statement."""
    found = [mailbox.messages_asked(case.stream), awards.award_asked(case.stream)]
    if case.decision_id is None:
        return found
    return [*found, decisions.decision_asked(case.decision_id), catalogue.live_asked()]


def outcome_of(service: CompiledService, decision: DecisionCard | None, language: str) -> dict[str, Any]:
    """Return what was decided, in words."""
    translate = service.translator(language)
    outcome = decisions.outcomes_of(service)[decision.outcome] if decision else None
    return {
        "decision": decision,
        "outcome_label": translate(outcome.label) if outcome else "",
        "outcome_text": translate(outcome.explanation) if outcome else "",
    }


def happenings_of(case: Case, actor: Actor) -> list[dict[str, str]]:
    """Return the history of a case for the component that draws it."""
    return [
        {
            "title": happening.what,
            "time": moment(happening.at),
            "iso": happening.at.isoformat(),
            "by": happening.who,
            "text": happening.detail,
        }
        for happening in history(case.stream, actor=actor)
    ]


def told_on(case: Case, decision: DecisionCard, letters: list[dict[str, Any]]) -> date:
    """Return the day on which the applicant was told of a decision: when the first letter after it counts as served."""
    sent = [letter["sent_at"] for letter in letters if letter["sent_at"] >= decision.made_at]
    return deciding.told_by_letter(case, at=min(sent, default=decision.made_at))


def amount_of(decision: DecisionCard | None, award: Any, *, charges: bool) -> str:
    """Return what was decided in money, with its period where something was granted; nothing where it is zero.

    What the applicant pays is said to be that.
    """
    found = decision.amounts.get("amount") if decision else None
    if award is not None and award.money is not None:
        amount = _with_period(award)
    else:
        amount = money(found) if found is not None and found.minor else ""
    if not amount:
        return ""
    return _("You pay %(amount)s") % {"amount": amount} if charges else amount


def _with_period(award: Any) -> str:
    """Return an award's amount; nothing where it is zero."""
    return f"{money(award.money)} {Period(award.period).label}" if award.money.minor else ""


def is_charged(service: CompiledService, decision: DecisionCard | None) -> bool:
    """Whether the applicant pays the amount that was decided."""
    return decision is not None and decisions.outcomes_of(service)[decision.outcome].charges


def _granted_rows(
    service: CompiledService, decision: DecisionCard | None, award: Any, language: str, *, pays: str
) -> list[dict[str, str]]:
    if award is None:
        return []
    rows = _award_rows(award, pays if is_charged(service, decision) else _("Amount"))
    return rows + _further_rows(service, decision, language)


def _further_rows(
    service: CompiledService, decision: DecisionCard | None, language: str
) -> list[dict[str, str]]:
    """Return the further amounts of a decision that have a label and differ from the main one."""
    if decision is None:
        return []
    translate, amounts = service.translator(language), decision.amounts
    return [
        {"label": translate(label), "value": money(amounts[name])}
        for name, label in decisions.outcomes_of(service)[decision.outcome].labels.items()
        if name in amounts and amounts[name] != amounts.get("amount")
    ]


def _award_rows(award: Any, of_money: str) -> list[dict[str, str]]:
    rows = [{"label": _("From"), "value": long_date(award.starts_on)}]
    if award.ends_on:
        rows.append({"label": _("To"), "value": long_date(award.ends_on)})
    if award.money is not None and award.money.minor:
        rows.append({"label": of_money, "value": _with_period(award)})
    if award.rested_on:
        rows.append({"label": _("Rests since"), "value": long_date(award.rested_on)})
    return rows


def _requests(award: Any, language: str) -> list[dict[str, str]]:
    """Return the services by which the holder of a running award asks for a change, for a list of links."""
    if not award.is_running:
        return []
    return [
        {"name": service.name, "href": address("catalogue:service", key=service.key)}
        for service in catalogue.live_services(
            language, lambda compiled: changes_awards_of(compiled) == award.service_key
        )
    ]


def case_card(case: Case, result: CaseResult, service: CompiledService, language: str) -> dict[str, Any]:
    """Return a case for a list of cards: what came of it, in words, with the amount and the day where there is one."""
    translate = service.translator(language)
    outcome = decisions.outcomes_of(service).get(case.outcome) if case.decision_id else None
    tag, tone = str(Status(case.status).label), tone_of(case.status)
    if outcome is not None and outcome.grants:
        tag, tone = (_("over"), "neutral") if result.is_over else (_("granted"), "success")
    elif case.status == Status.CLOSED:
        tag, tone = _("decided") if outcome else tag, "neutral"
    return {
        "title": translate(service.info.name),
        "href": reverse("cases:case", kwargs={"reference": case.reference}),
        "tag": tag,
        "tone": tone,
        "lines": _told_in_short(case, result, translate(outcome.label) if outcome else "", outcome),
        "meta": _("Sent on %(day)s, reference %(reference)s")
        % {"day": long_date(clock.local(case.opened_at).date()), "reference": case.reference},
    }


def _told_in_short(case: Case, result: CaseResult, label: str, outcome: Outcome | None) -> list[str]:
    """Return what a list says of a case: what was decided, how much and until when; or what comes next."""
    if outcome is None:
        ended = {
            "WITHDRAWN": _("You took this application back."),
            "UNSIGNED": _("Not everybody signed in time, so it ended."),
            "DECLINED": _("Somebody would not sign, so it ended."),
        }
        return [ended.get(case.outcome) or _next_of(case)]
    money_ = result.money if result.is_granted and result.money else result.amounts.get("amount")
    lines = [label]
    if money_ is not None and money_.minor:
        amount = money(money_)
        if result.is_granted and result.period and result.period != Period.ONCE:
            amount = f"{amount} {Period(result.period).label}"
        lines.append(_("You pay %(amount)s") % {"amount": amount} if outcome.charges else amount)
    if result.is_taken_back:
        lines.append(_("It was taken back."))
    elif result.ends_on is not None:
        told = _("It ended on %(day)s.") if result.is_over else _("Until %(day)s.")
        lines.append(told % {"day": long_date(result.ends_on)})
    return lines


def _next_of(case: Case) -> str:
    """Return what comes next in a case that is not decided."""
    if case.status == Status.ASKED:
        return _("We have a question for you. Please answer it.")
    if case.status == Status.WAITING:
        return _("It waits. When it goes on, you get a letter in your mailbox.")
    if case.status == Status.CLOSED:
        return _("It has ended without a decision.")
    if case.due_on == date.max:
        return _("We are working on it. You get a letter in your mailbox.")
    return _("We are working on it. You hear from us by %(day)s.") % {"day": long_date(case.due_on)}


def note_helper(request: ActorRequest) -> None:
    """Write into the access log that an officer sees what stands on a form of the one whom they help.

    Every page, file and list of a draft calls it; for those who fill in their own form there is nothing to write.
    """
    actor = request.actor
    helped = [UUID(actor.on_behalf_of)] if is_officer(actor) and actor.on_behalf_of else []
    record_access(actor, helped, HELP, at=clock.now())


def signature_rows(found: list[Signature]) -> list[dict[str, str]]:
    """Return who has to sign a case, and how that stands, for the component that draws answers."""
    taken = people.names({each.person_id for each in found if each.person_id and each.answer})
    rows = []
    for each in found:
        who = taken.get(each.person_id, "") if each.person_id else ""
        states = {
            SignatureAnswer.SIGNED: _("signed by %(who)s") % {"who": who},
            SignatureAnswer.DECLINED: _("declined by %(who)s") % {"who": who},
        }
        state = states[SignatureAnswer(each.answer)] if each.answer else _("not signed yet")
        rows.append({"label": each.name, "value": state})
    return rows
