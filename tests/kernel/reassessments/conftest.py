from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.factories.databases import place  # noqa: F401 - the fixture
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.actions import claim_case, decide_by_hand
from commonweal.kernel.cases.models import Case
from commonweal.kernel.reassessments.actions import assess_next, start
from commonweal.kernel.reassessments.models import Reassessment

SENT = datetime(2025, 6, 3, 17, tzinfo=UTC)
NOW = datetime(2025, 10, 1, 17, tzinfo=UTC)
DAY = date(2025, 10, 1)
ROBOT = Actor.system("tests")


def changes() -> dict[str, Any]:
    """One person with wages and rent: 292 dollars until September 2025, 298 from October."""
    return food_answers()


def ends() -> dict[str, Any]:
    """Three people without heating costs: 74 dollars in June 2025; without the deemed allowance nothing in October."""
    child = {"name": "C", "age": 9, "in_school": True}
    return food_answers(
        members=[{"name": "A", "age": 40, "earned": 3600}, child, child],
        rent_or_mortgage=1200,
        utilities_heating_or_cooling=False,
        utilities_kinds=0,
        utilities_telephone=False,
    )


def student() -> dict[str, Any]:
    """A student in higher education, about whom an officer decides."""
    return food_answers(
        members=[{"name": "A", "age": 40, "earned": 0}], rent_or_mortgage=0, circumstances=["student"]
    )


def assess(run: Reassessment, at: datetime = NOW) -> Reassessment:
    """Work everything out, as the job does."""
    after = None
    while (after := assess_next(run.pk, after=after, by=ROBOT, at=at)) is not None:
        pass
    return Reassessment.objects.get(pk=run.pk)


@pytest.fixture
def sent(town: Town) -> Callable[..., Case]:  # noqa: F811 - the fixture
    """Sends an application of June 2025."""
    others = (town.neighbour() for _ in itertools.count())
    households = itertools.chain([town.resident], others)
    return lambda answers=None: town.send(answers or changes(), at=SENT, by=next(households))


@pytest.fixture
def by_hand(town: Town) -> Callable[[], Case]:  # noqa: F811 - the fixture
    """Has an officer grant 200 dollars to a student."""

    def decided() -> Case:
        case = town.send(student(), at=SENT, by=town.neighbour())
        claim_case(case.pk, by=town.officer, at=SENT)
        case.refresh_from_db()
        return decide_by_hand(
            case.pk,
            outcome="ELIGIBLE",
            reasons="You work 20 hours a week.",
            legal_ground="7 CFR 273.5(b)",
            amount=Money(20_000, "USD"),
            revision=case.revision,
            by=town.officer,
            at=SENT,
        )

    return decided


@pytest.fixture
def begun(town: Town) -> Callable[[], Reassessment]:  # noqa: F811 - the fixture
    """Begins a re-assessment of food assistance under the law of October 2025, and works it out."""
    return lambda: assess(start("snap", reference_on=DAY, agency="human-services", by=town.officer, at=NOW))
