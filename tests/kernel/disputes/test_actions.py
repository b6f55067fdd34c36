"""Somebody says that a record is wrong; the team that keeps it puts it right, or says why not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.factories.people import AT
from tests.kernel.disputes.conftest import Records

from commonweal.kernel.base.errors import CommonwealError, Forbidden
from commonweal.kernel.base.types import Actor
from commonweal.kernel.disputes import actions, queries, rules
from commonweal.kernel.disputes.errors import (
    AlreadyDisputed,
    DisputeAnswered,
    DisputeMovedOn,
    DisputeNotFound,
    DisputeTaken,
    NobodyKeepsIt,
    RecordGone,
    ReportInvalid,
)
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.disputes.plugins import DisputeEraser, DisputeFiles, DisputeKeeper
from commonweal.kernel.files.actions import delete_expired
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.forms.errors import AnswersInvalid, PageNotFound
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.models import Fact
from commonweal.kernel.people.queries import facts_about

pytestmark = pytest.mark.django_db


def types_of(stream: str) -> list[str]:
    return [event.type for event in events_of(stream)]


def test_a_report_keeps_both_values_and_gives_the_keeper_a_task(records: Records) -> None:
    dispute = records.report(proofs=[actions.Proof("lease.pdf", b"%PDF-1.7\n%%EOF")])

    sheet = Sheet.objects.get()
    assert sheet.answers["dwelling_id"] == "HP-0099"
    assert sheet.sources["dwelling_id"]["says"] == "HP-0042"
    assert (dispute.held, dispute.claimed, dispute.reason) == ("HP-0042", "HP-0099", "I moved.")
    assert dispute.team.key == "resident-records"
    assert dispute.due_on.isoformat() == "2026-09-29"
    kept = StoredFile.objects.get(stream=dispute.stream)
    assert (kept.name, kept.retention_on) == ("lease.pdf", None)
    assert queries.open_disputes(records.officer) == ([dispute], False)
    assert queries.open_disputes(records.stranger) == ([], False)
    assert types_of(dispute.stream) == ["files.stored", "files.handed_over", "disputes.raised"]


def test_a_file_whose_report_was_never_stored_goes_the_day_after(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt  # as a kill: nothing of ours tidies up

    monkeypatch.setattr(actions, "_begin", stop)
    with pytest.raises(KeyboardInterrupt):
        records.report(proofs=[actions.Proof("lease.pdf", b"%PDF-1.7\n%%EOF")])
    assert StoredFile.objects.get().deleted_at is None

    delete_expired(AT.date() + timedelta(days=2), by=Actor.system("tests"), at=AT)

    assert StoredFile.objects.get().deleted_at is not None


def test_the_same_record_is_reported_once_at_a_time(records: Records) -> None:
    first = records.report()
    with pytest.raises(AlreadyDisputed) as refusal:
        records.report(right="HP-0100")
    assert first.reference in str(refusal.value)
    assert Dispute.objects.count() == 1
    assert Sheet.objects.order_by("pk").last().answers == {}  # type: ignore[union-attr]  # it is there


def test_of_two_reports_at_once_one_is_refused(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    first, looks = records.report(), []
    must_be_new = actions._must_be_new

    def too_early(dispute: Dispute) -> None:
        """Look first as if the other report had not been saved yet."""
        looks.append(dispute)
        if len(looks) > 1:
            must_be_new(dispute)

    monkeypatch.setattr(actions, "_must_be_new", too_early)
    with pytest.raises(AlreadyDisputed) as refusal:
        records.report(right="HP-0100", proofs=[actions.Proof("lease.pdf", b"%PDF-1.7\n%%EOF")])
    assert first.reference in str(refusal.value)
    assert Dispute.objects.count() == 1
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_the_answer_names_the_value_in_the_language_of_the_one_who_reads_it(records: Records) -> None:
    records.person.language = "es"
    records.person.save()
    dispute = records.report()
    named = queries.label_of(dispute, "es")
    actions.accept_dispute(dispute.pk, {"value": "HP-0099"}, revision=1, by=records.officer, at=AT)
    body = Message.objects.get(thread__stream=dispute.stream).body.replace("\\", "")
    assert named != dispute.label
    assert named in body
    assert dispute.label not in body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"right": ""}, "dwelling_id"),
        ({"right": "nonsense"}, "dwelling_id"),
        ({"right": "HP-0042"}, "dwelling_id"),
        ({"proofs": [actions.Proof("x.exe", b"MZ\x90\x00")]}, "proof"),
        ({"proofs": [actions.Proof("x.pdf", b"%PDF-1.7\n%%EOF")] * 4}, "proof"),
    ],
)
def test_a_report_that_says_nothing_is_refused_and_leaves_nothing(
    records: Records, change: dict[str, Any], field: str
) -> None:
    with pytest.raises((AnswersInvalid, ReportInvalid)) as refusal:
        records.report(**change)
    assert list(refusal.value.fields) == [field]
    assert not Dispute.objects.exists()
    assert Sheet.objects.get().answers == {}
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_only_what_a_record_says_can_be_reported_and_only_where_somebody_keeps_it(records: Records) -> None:
    sheet = records.begin()
    more: dict[str, Any] = {"reason": "x", "revision": 0, "by": records.resident, "at": AT}
    with pytest.raises(PageNotFound):
        actions.raise_dispute(sheet, "number_plate", {"number_plate": "ABC"}, **more)
    Fact.objects.create(
        person=records.person, key="email", value="a@example.org", source="s", legal_basis="l",
        observed_at=AT, recorded_at=AT,
    )  # fmt: skip
    with pytest.raises(NobodyKeepsIt):
        actions.raise_dispute(sheet, "email", {"email": "b@example.org"}, **more)


def test_the_record_is_put_right_with_an_entry_and_a_letter(records: Records) -> None:
    dispute = records.report()
    actions.claim_dispute(dispute.pk, by=records.officer, at=AT)
    actions.claim_dispute(dispute.pk, by=records.officer, at=AT)
    done = actions.accept_dispute(dispute.pk, {"value": "HP-0099"}, revision=2, by=records.officer, at=AT)

    assert facts_about(records.person.pk)["dwelling_id"].value == "HP-0099"
    assert (done.status, done.corrected, done.dispose_on.isoformat()) == (  # type: ignore[union-attr]  # it is answered
        "accepted",
        "HP-0099",
        "2029-09-15",
    )
    letter = Message.objects.get(thread__stream=dispute.stream)
    assert letter.recipient_id == records.person.pk
    assert "It says now: HP-0099" in letter.body.replace("\\", "")
    assert types_of(dispute.stream) == [
        "disputes.raised",
        "disputes.claimed",
        "mailbox.sent",
        "disputes.accepted",
    ]
    assert "people.facts_recorded" in types_of(f"person:{records.person.pk}")
    with pytest.raises(DisputeAnswered):
        actions.accept_dispute(dispute.pk, {"value": "HP-1"}, revision=3, by=records.officer, at=AT)
    records.report(right="HP-0100")  # and can be reported anew


def test_it_stays_with_reasons_and_the_way_to_object(records: Records) -> None:
    dispute = records.report()
    with pytest.raises(ReportInvalid):
        actions.refuse_dispute(
            dispute.pk, reasons="", legal_ground="PAMC 1", revision=1, by=records.officer, at=AT
        )
    actions.refuse_dispute(
        dispute.pk,
        reasons="The lease names the old home.",
        legal_ground="PAMC 11.24.030",
        revision=1,
        by=records.officer,
        at=AT,
    )
    letter = Message.objects.get(thread__stream=dispute.stream)
    for said in ("The lease names the old home.", "PAMC 11.24.030", "Hearing Examiner", "PAMC 1.20.010"):
        assert said in letter.body.replace("\\", "")
    assert facts_about(records.person.pk)["dwelling_id"].value == "HP-0042"
    assert types_of(dispute.stream)[-1] == "disputes.refused"


def test_officers_answer_only_what_their_team_keeps_and_one_at_a_time(records: Records) -> None:
    dispute = records.report()
    refusals: list[tuple[type[CommonwealError], Any]] = [
        (DisputeNotFound, lambda: actions.claim_dispute(dispute.pk, by=records.stranger, at=AT)),
        (DisputeNotFound, lambda: actions.claim_dispute(dispute.pk, by=records.resident, at=AT)),
        (
            DisputeMovedOn,
            lambda: actions.accept_dispute(dispute.pk, {"value": "X"}, revision=9, by=records.officer, at=AT),
        ),
    ]
    for error, act in refusals:
        with pytest.raises(error):
            act()
    actions.claim_dispute(dispute.pk, by=records.officer, at=AT)
    for act in (actions.claim_dispute, actions.release_dispute):
        with pytest.raises(DisputeTaken):
            act(dispute.pk, by=records.colleague, at=AT)
    actions.release_dispute(dispute.pk, by=records.officer, at=AT)
    actions.release_dispute(dispute.pk, by=records.officer, at=AT)
    assert actions.claim_dispute(dispute.pk, by=records.colleague, at=AT).revision == 4


def test_a_record_that_is_gone_cannot_be_put_right(records: Records) -> None:
    dispute = records.report()
    Fact.objects.filter(key="dwelling_id").update(withdrawn_at=AT)
    assert queries.written_out(dispute) is None
    assert queries.lines_now(dispute) == ()
    with pytest.raises(RecordGone):
        actions.accept_dispute(dispute.pk, {"value": "X"}, revision=1, by=records.officer, at=AT)


def test_rule_and_list_agree_on_who_sees_a_dispute(records: Records) -> None:
    dispute = records.report()
    for actor in (records.resident, records.officer, records.colleague, records.stranger):
        seen = rules.visible(Dispute.objects.all(), actor).exists()
        assert seen is rules.allows(actor, dispute)
    assert rules.allows(records.officer, dispute)
    assert not rules.allows(records.stranger, dispute)


def test_an_answered_one_is_destroyed_with_its_letters_and_files(records: Records) -> None:
    dispute = records.report(proofs=[actions.Proof("lease.pdf", b"%PDF-1.7\n%%EOF")])
    actions.refuse_dispute(
        dispute.pk, reasons="No.", legal_ground="PAMC 1", revision=1, by=records.officer, at=AT
    )
    actions.dispose(dispute.pk, by=records.officer, at=AT)
    actions.dispose(dispute.pk, by=records.officer, at=AT)
    assert not Dispute.objects.exists()
    assert not Message.objects.exists()
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_what_must_stay_is_told_with_its_last_day(records: Records) -> None:
    dispute = records.report()
    keeper = DisputeKeeper()

    (unanswered,) = keeper.kept([records.person.pk], at=AT)
    refuse(records, dispute)
    (answered,) = keeper.kept([records.person.pk], at=AT)

    dispute.refresh_from_db()
    assert (unanswered.until, unanswered.is_open) == (None, True)
    assert (answered.stream, answered.until, answered.is_open) == (dispute.stream, dispute.dispose_on, False)
    assert dispute.reference in answered.what
    assert dispute.dispose_on is not None
    over = datetime.combine(dispute.dispose_on + timedelta(days=1), AT.timetz())
    assert keeper.kept([records.person.pk], at=over) == []
    assert keeper.kept([uuid4()], at=AT) == []


def test_files_are_for_whoever_reported_and_the_team_that_keeps_the_record(records: Records) -> None:
    dispute, files = records.report(), DisputeFiles()
    actors = (records.resident, records.officer, records.stranger, Actor.guest())

    assert [files.may_read(actor, dispute.stream, None) for actor in actors] == [True, True, False, False]
    for stream in (f"dispute:{uuid4()}", "dispute:nonsense", f"case:{dispute.pk}"):
        assert not files.may_read(records.officer, stream, None)


def test_erasing_destroys_each_with_its_letters_and_files(records: Records) -> None:
    dispute = records.report(proofs=[actions.Proof("lease.pdf", b"%PDF-1.7\n%%EOF")])
    refuse(records, dispute)

    DisputeEraser().erase(Dispute.objects.all(), by=Actor.system("tests"), at=AT)

    assert not Dispute.objects.exists()
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_only_a_resident_reports_and_of_too_many_files_none_is_kept(records: Records) -> None:
    with pytest.raises(Forbidden):
        actions.report_fact("dwelling_id", claimed="HP-0099", reason="I moved.", by=records.officer, at=AT)
    with pytest.raises(NobodyKeepsIt):
        actions.report_fact("favourite", claimed="Blue", reason="I moved.", by=records.resident, at=AT)
    proof = actions.Proof("lease.pdf", b"%PDF-1.7\n%%EOF")
    with pytest.raises(ReportInvalid):
        records.report(proofs=[proof] * 4)
    with pytest.raises(ReportInvalid) as refused:
        records.report(proofs=[proof, actions.Proof("empty.pdf", b"")])
    assert refused.value.fields["proof"].startswith("empty.pdf: ")
    assert not Dispute.objects.exists()
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_of_an_officers_disputes_the_most_urgent_come_first_in_stretches(records: Records) -> None:
    first = records.report()
    assert queries.open_disputes(records.officer, mine=True) == ([], False)
    actions.claim_dispute(first.pk, by=records.officer, at=AT)
    assert queries.open_disputes(records.officer, mine=True) == ([first], False)
    assert queries.open_disputes(records.officer, after=(first.due_on, first.pk)) == ([], False)
    before = (first.due_on - timedelta(days=1), first.pk)
    assert queries.open_disputes(records.officer, after=before, limit=0) == ([first], False)
    assert queries.latest_disputes(records.stranger) == []


def refuse(records: Records, dispute: Dispute) -> None:
    actions.refuse_dispute(
        dispute.pk, reasons="No.", legal_ground="PAMC 1", revision=1, by=records.officer, at=AT
    )
