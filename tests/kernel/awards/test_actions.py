from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.factories.people import make_person

from commonweal.kernel.awards import queries
from commonweal.kernel.awards.actions import (
    amend,
    change_amount,
    end_from,
    expire,
    grant,
    let_rest,
    reinstate,
    revoke,
    run_on,
)
from commonweal.kernel.awards.enums import Period, Status
from commonweal.kernel.awards.errors import AwardEnded, CapacityFull
from commonweal.kernel.awards.models import Award, Change
from commonweal.kernel.awards.tasks import expire_awards
from commonweal.kernel.awards.types import Amendment, Terms
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.ledger.queries import events_of

AT = datetime(2026, 9, 15, 16, 0, tzinfo=UTC)
BY = Actor.system("tests")
ZONE = Terms(date(2026, 10, 1), date(2027, 9, 30), pool="parking:Z2", capacity=2, holder="dwelling:OM-0001")

pytestmark = pytest.mark.django_db


def make_award(terms: Terms = ZONE, *, stream: str = "") -> Award:
    return grant(
        make_person().pk,
        terms,
        service_key="parking-permit",
        agency="transportation",
        source_stream=stream or f"case:{uuid4()}",
        decision_id=uuid4(),
        outcome="GRANTED",
        by=BY,
        at=AT,
    )


def test_grant_keeps_terms_and_leaves_an_entry() -> None:
    terms = Terms(date(2026, 10, 1), amount=Money(18700, "USD"), period=Period.MONTH)

    award = make_award(terms)

    assert (award.money, award.period, award.ends_on, award.status) == (
        Money(18700, "USD"),
        Period.MONTH,
        None,
        Status.RUNNING,
    )
    (event,) = events_of(award.stream)
    assert event.type == "awards.granted"
    assert event.payload is not None
    assert (event.payload["starts_on"], event.payload["outcome"]) == ("2026-10-01", "GRANTED")
    assert queries.award_of_case(award.source_stream) == award
    assert list(queries.awards_of(award.person_id)) == [award]


def test_grant_refuses_beyond_the_capacity_of_the_pool() -> None:
    make_award()
    make_award()

    with pytest.raises(CapacityFull) as refused:
        make_award()

    assert refused.value.data == {"used": 2, "limit": 2}
    assert queries.capacity_used("parking:Z2") == 2
    assert queries.capacity_used("parking:Z9") == 0


def test_grant_repeated_for_a_case_gives_the_first_award() -> None:
    first = make_award(stream="case:one")
    again = make_award(stream="case:one")

    assert again == first
    assert queries.capacity_used("parking:Z2") == 1


def test_revoke_gives_capacity_back_once() -> None:
    award = make_award()

    revoke(award.pk, reason="Moved away.", by=BY, at=AT)
    revoked = revoke(award.pk, reason="Moved away.", by=BY, at=AT)

    assert (revoked.status, revoked.end_reason) == (Status.REVOKED, "Moved away.")
    assert queries.capacity_used("parking:Z2") == 0
    assert [event.type for event in events_of(award.stream)] == ["awards.granted", "awards.revoked"]


def test_expire_ends_what_is_over_and_nothing_else() -> None:
    over, running = make_award(), make_award()
    Award.objects.filter(pk=over.pk).update(starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31))

    assert expire(date(2026, 9, 15), by=BY, at=AT) == 1

    over.refresh_from_db()
    running.refresh_from_db()
    assert (over.status, running.status) == (Status.EXPIRED, Status.RUNNING)
    assert queries.capacity_used("parking:Z2") == 1
    with pytest.raises(AwardEnded):
        revoke(over.pk, reason="Late.", by=BY, at=AT)


def test_nightly_job_goes_on_only_while_a_full_batch_was_found() -> None:
    make_award()

    assert expire_awards({}, None) is None


def test_held_counts_awards_in_force_for_a_holder() -> None:
    award = make_award()
    make_award(Terms(date(2026, 10, 1), holder="dwelling:other"))

    assert list(queries.held("parking-permit", holder="dwelling:OM-0001", on=date(2026, 10, 1))) == [award]
    assert not queries.held("parking-permit", holder="dwelling:OM-0001", on=date(2026, 9, 30)).exists()
    assert not queries.held("dog-licence", holder="dwelling:OM-0001", on=date(2026, 10, 1)).exists()


def test_database_refuses_a_term_that_ends_before_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_award(Terms(date(2026, 10, 1), date(2026, 9, 1)))


def test_grant_without_a_pool_repeated_for_a_case_gives_the_first_award() -> None:
    free = Terms(date(2026, 10, 1))

    assert make_award(free, stream="case:one") == make_award(free, stream="case:one")


def test_ending_an_award_without_a_pool_frees_no_capacity_of_others() -> None:
    make_award()
    free = make_award(Terms(date(2025, 10, 1), date(2026, 9, 1)))

    assert expire(date(2026, 9, 15), by=BY, at=AT) == 1
    assert queries.award_of_case(free.source_stream) == free
    assert queries.capacity_used("parking:Z2") == 1


def test_the_same_decision_changes_an_amount_once_and_days_before_it_keep_the_old_one() -> None:
    award = make_award(Terms(date(2026, 10, 1), amount=Money(18_700, "USD"), period=Period.MONTH))
    decision = uuid4()
    day = date(2027, 1, 1)

    for _ in range(2):
        changed = change_amount(
            award.pk,
            Money(20_000, "USD"),
            from_on=day,
            decision_id=decision,
            outcome="GRANTED",
            by=BY,
            at=AT,
        )

    assert (changed.money, Change.objects.count()) == (Money(20_000, "USD"), 1)
    assert queries.amount_on(changed, date(2026, 12, 31)) == Money(18_700, "USD")
    assert queries.amount_on(changed, day) == Money(20_000, "USD")
    assert [event.type for event in events_of(award.stream)] == ["awards.granted", "awards.changed"]


def test_the_same_decision_ends_an_award_once() -> None:
    award = make_award()
    decision = uuid4()

    for _ in range(2):
        ended = end_from(
            award.pk, from_on=date(2027, 1, 1), decision_id=decision, outcome="REFUSED", by=BY, at=AT
        )

    assert ended.ends_on == date(2026, 12, 31)
    assert Change.objects.count() == 1
    with pytest.raises(AwardEnded):
        end_from(award.pk, from_on=date(2027, 2, 1), decision_id=uuid4(), outcome="REFUSED", by=BY, at=AT)


def test_running_awards_are_read_stretch_by_stretch() -> None:
    found = sorted(
        (make_award(Terms(date(2026, 10, 1), date(2027, 9, 30))) for _ in range(3)), key=lambda a: a.pk
    )
    make_award(Terms(date(2025, 1, 1), date(2025, 12, 31)))

    def stretch(after: UUID | None) -> list[Award]:
        return queries.running(
            ["parking-permit"], "transportation", on=date(2026, 11, 1), after=after, limit=2
        )

    assert stretch(None) == found[:2]
    assert stretch(found[1].pk) == found[2:]


def test_amend_writes_what_was_asked_for_once() -> None:
    award, decision_id = make_award(), uuid4()
    new = Amendment(
        from_on=date(2026, 11, 1), item="vehicle:NEW1", holder="dwelling:2", amount=Money(900, "USD")
    )

    for _ in range(2):
        amended = amend(award.pk, new, decision_id=decision_id, reason="CHANGED", by=BY, at=AT)

    assert (amended.item, amended.holder, amended.money) == ("vehicle:NEW1", "dwelling:2", Money(900, "USD"))
    assert (amended.decision_id, amended.ends_on) == (award.decision_id, award.ends_on)
    assert [event.type for event in events_of(award.stream)] == ["awards.granted", "awards.amended"]
    assert queries.amount_on(amended, date(2026, 10, 31)) is None
    assert queries.amount_on(amended, date(2026, 11, 1)) == Money(900, "USD")


def test_amend_lengthens_a_term() -> None:
    award = make_award(Terms(date(2026, 10, 1), date(2027, 9, 30), amount=Money(900, "USD")))

    new = Amendment(last_day=date(2028, 3, 28), from_on=date(2027, 10, 1))
    amended = amend(award.pk, new, decision_id=uuid4(), reason="EXTENDED", by=BY, at=AT)

    assert (amended.ends_on, queries.amount_on(amended, date(2028, 1, 1))) == (
        date(2028, 3, 28),
        Money(900, "USD"),
    )


def test_amend_refuses_an_award_that_has_ended() -> None:
    award = make_award()
    revoke(award.pk, reason="moved", by=BY, at=AT)

    with pytest.raises(AwardEnded):
        amend(award.pk, Amendment(item="x"), decision_id=uuid4(), reason="CHANGED", by=BY, at=AT)


def test_an_award_that_rests_gives_no_right_and_still_uses_its_capacity() -> None:
    award = make_award()
    before, since = date(2026, 10, 31), date(2026, 11, 1)
    key, person = award.service_key, [award.person_id]

    let_rest(award.pk, since=since, reason="resting", by=BY, at=AT)

    assert list(queries.held(key, holder=award.holder, on=before)) == [award]
    assert queries.own(person, key, on=before) == award
    assert queries.running_services(person, on=before) == [key]
    assert not queries.held(key, holder=award.holder, on=since).exists()
    assert queries.own(person, key, on=since) is None
    assert queries.running_services(person, on=since) == []
    assert list(queries.held(key, holder=award.holder, on=since, resting=True)) == [award]
    assert queries.own(person, key, on=since, resting=True) == award
    assert queries.own(person, key, on=since, since=since) == award
    assert queries.running_services(person, on=since, resting=True) == [key]
    assert queries.capacity_used("parking:Z2") == 1

    run_on(award.pk, by=BY, at=AT)

    assert queries.own(person, key, on=since) == award


def test_an_award_has_ended_after_its_last_day_or_once_taken_back() -> None:
    award = make_award()

    assert not award.has_ended(date(2027, 9, 30))
    assert award.has_ended(date(2027, 10, 1))
    assert revoke(award.pk, reason="Moved away.", by=BY, at=AT).has_ended(date(2026, 10, 1))


def test_rest_and_return_know_what_has_ended_and_change_nothing_twice() -> None:
    award = make_award()
    assert run_on(award.pk, by=BY, at=AT).rested_on is None
    assert reinstate(award.pk, reason="it runs", by=BY, at=AT).status == Status.RUNNING
    first = let_rest(award.pk, since=date(2026, 11, 1), reason="a", by=BY, at=AT)
    assert let_rest(award.pk, since=date(2026, 12, 1), reason="b", by=BY, at=AT).rested_on == first.rested_on
    run_on(award.pk, by=BY, at=AT)
    revoke(award.pk, reason="moved", by=BY, at=AT)
    with pytest.raises(AwardEnded):
        let_rest(award.pk, since=date(2026, 11, 1), reason="c", by=BY, at=AT)
    with pytest.raises(AwardEnded):
        reinstate(award.pk, reason="too late", by=BY, at=datetime(2028, 1, 1, tzinfo=UTC))
