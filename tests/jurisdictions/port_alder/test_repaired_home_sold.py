"""A home that was repaired with a grant is sold: within five years a part is paid back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.factories.people import AT
from tests.jurisdictions.port_alder.counter import SYSTEM, letters, open_counter

from commonweal.kernel.awards.actions import grant
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.types import Terms
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Money

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("days", "outcome", "amount", "words"),
    [
        (730, "REPAY", Money(1_080_394, "USD"), "1\\,096 days are left"),
        (1826, "NOTHING_DUE", None, "five years from the grant are over"),
    ],
)
def test_what_is_paid_back_falls_by_the_day(days: int, outcome: str, amount: Any, words: str) -> None:
    counter = open_counter("repaired-home-sold")
    granted = AT - timedelta(days=days)
    on = granted.date()
    made = grant(
        counter.person.pk,
        Terms(on, on.replace(year=on.year + 5), amount=Money(1_800_000, "USD"), item="repair:OM-0001"),
        service_key="housing-repair",
        agency="human-services",
        source_stream="case:grant",
        decision_id=new_id(),
        outcome="FUNDED",
        by=SYSTEM,
        at=granted,
    )
    answers = {"dwelling_id": "OM-0001", "sold_on": AT.date().isoformat(), "email": "a@example.org"}

    case = counter.send(answers, at=AT)

    award = Award.objects.get(pk=made.pk)
    assert (case.outcome, award.ends_on) == (outcome, AT.date())
    assert words in letters(case)[0].replace("\\.", ".")
    again = counter.send(answers, at=AT + timedelta(days=1))
    assert again.outcome == "NOT_HELD"
