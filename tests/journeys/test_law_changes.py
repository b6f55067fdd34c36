"""The law changes: officers look at what it brings, one proposes, another approves, and people have their letters."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from tests.journeys.city import City, let_in
from tests.kernel.cases.conftest import food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.forms.actions import answer_all, start_sheet


def granted(city: City) -> Case:
    """Food assistance for the resident, applied for in June 2025."""
    city.turn_clock(datetime(2025, 6, 3, 17, tzinfo=UTC))
    resident = Actor(ActorKind.RESIDENT, str(city.resident.pk))
    sheet = start_sheet("food-assistance", by=resident, at=clock.now()).sheet_id
    saved = answer_all(sheet, food_answers(), revision=0, by=resident, at=clock.now())
    return submit(sheet, applicant_id=UUID(resident.id), revision=saved.revision, by=resident, at=clock.now())


@pytest.mark.parametrize("has_script", [True, False])
def test_two_officers_carry_a_change_of_the_law_through(open_browser, city: City, has_script: bool):
    case = granted(city)
    city.turn_clock(datetime(2025, 10, 1, 17, tzinfo=UTC))

    officer = open_browser(has_script=has_script)
    let_in(officer, city.officer)
    officer.visit("/workbench/law-changes/")
    officer.select("Law", "Food assistance (SNAP, in Washington Basic Food)")
    officer.fill_date("Day from which the law applies", year="2025", month="October", day="1")
    officer.press("Work it out")
    assert officer.sees("Enter day, month and year as numbers")
    officer.fill_date("Day from which the law applies", year="2025", month="10", day="1")
    officer.press("Work it out")
    city.work_off()
    officer.visit(officer.path)
    assert officer.sees("ready to be looked at")
    assert officer.sees("$298.00")
    officer.follow(case.reference)
    assert officer.sees("What is different, step by step")
    assert officer.sees("700 + 515 = 1,215")
    officer.follow("Back to all awards")
    officer.press("Propose these changes")
    assert officer.sees("Another officer has to approve it")

    supervisor = open_browser(has_script=has_script, width=390, height=844)
    let_in(supervisor, city.supervisor)
    supervisor.visit("/workbench/law-changes/")
    supervisor.follow("Food assistance (SNAP, in Washington Basic Food)")
    supervisor.press("Approve and issue")
    city.work_off()
    supervisor.visit(supervisor.path)
    assert supervisor.sees("decision issued")

    resident = open_browser(has_script=has_script, width=390, height=844)
    let_in(resident, city.resident.account)
    resident.visit("/mailbox/")
    resident.follow("Your food assistance changes")
    resident.press("Open this letter")
    assert resident.sees("you get $298.00 a month")
    resident.visit(f"/cases/{case.reference}/")
    assert resident.sees("$298.00 a month")
    resident.follow("See what you told us, and what happened")
    assert resident.sees("Looked at again, because the law changed")
