from __future__ import annotations

import pytest
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.cases import actions
from commonweal.kernel.cases.history import history

pytestmark = pytest.mark.django_db


def test_applicant_reads_what_they_did_and_what_followed_by_itself(town: Town) -> None:
    case = town.send(food_answers())

    lines = [(line.what, line.who) for line in history(case.stream, actor=town.resident)]

    assert lines == [
        ("Case closed", "automatically"),
        ("Letter sent", "automatically"),
        ("Decision made", "automatically"),
        ("Application received", "you"),
    ]


def test_officers_notes_are_for_officers_only(town: Town) -> None:
    case = town.send(food_answers())
    actions.add_note(case.pk, "Called back.", by=town.officer, at=AT)

    assert "An officer wrote a note" not in {line.what for line in history(case.stream, actor=town.resident)}
    assert history(case.stream, actor=town.officer)[0].what == "An officer wrote a note"
