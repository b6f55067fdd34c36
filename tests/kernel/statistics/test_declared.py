"""A service shows what its declaration says, and no more; a gap in it is said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pydantic import ValidationError
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.events import CaseClosed, CaseOpened
from commonweal.kernel.catalogue.actions import publish_files
from commonweal.kernel.catalogue.queries import Service, offered_service, offered_version
from commonweal.kernel.statistics import presenting, receivers
from commonweal.kernel.statistics.counting import Counted, count_answered, count_received
from commonweal.kernel.statistics.errors import StatisticsNotShown
from commonweal.kernel.statistics.models import Tally
from commonweal.kernel.statistics.queries import public_figures, whole_figures
from commonweal.kernel.statistics.types import StatisticsSource

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
FOOD = "food-assistance"
OPENED = datetime(2026, 9, 1, 18, tzinfo=UTC)
CASE = Counted(FOOD, "human-services", "online", "ELIGIBLE", OPENED, AT, date(2026, 10, 1))


def declaring(service: Service, **section: Any) -> Service:
    """The service as if its section ``statistics`` said so."""
    sections = {**service.compiled.sections, "statistics": StatisticsSource(**section)}
    return replace(service, compiled=replace(service.compiled, sections=sections))


@pytest.mark.parametrize(
    ("measure", "in_file", "labels"),
    [
        ("received", {"received"}, ["Applications received", "Applications answered"]),
        ("channels", {"received", "channels"}, []),
        ("outcomes", {"outcomes"}, []),
        ("time", {"time"}, ["Half are answered within", "Nine of ten are answered within"]),
        ("open", {"open"}, ["Waiting for an answer"]),
    ],
)
def test_only_what_is_declared_is_shown(
    town: Town, measure: str, in_file: set[str], labels: list[str]
) -> None:
    count_received(CASE)
    count_answered(CASE)
    service, figures = whole_figures(FOOD, actor=town.officer, today=TODAY)
    service = declaring(service, measures=(measure,))

    shown = presenting.context(service, figures)

    assert {line.measure for line in presenting.lines(service, figures)} == in_file
    assert [one["label"] for one in shown["key_figures"]] == labels
    assert (shown["drawing"] is not None) is (measure == "received")


def test_a_measure_is_declared_once() -> None:
    with pytest.raises(ValidationError, match="a measure stands here twice"):
        StatisticsSource(measures=("open", "open"))
    assert StatisticsSource(measures=("open", "time")).measures == ("open", "time")


def test_what_is_not_public_is_for_officers_of_the_agency_alone(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    version = offered_version(FOOD)
    assert version is not None
    main = version.files["service.yaml"] + "\nstatistics: {public: false}\n"
    publish_files(FOOD, {**version.files, "service.yaml": main}, by=Actor.system("tests"), at=AT)

    with pytest.raises(StatisticsNotShown):
        public_figures(FOOD, today=TODAY)

    assert client.get(f"/services/{FOOD}/statistics/").status_code == 404
    assert client.get(f"/services/{FOOD}/statistics.csv").status_code == 404
    assert whole_figures(FOOD, actor=town.officer, today=TODAY)[1].received.total == 0


def test_every_way_to_end_has_a_word(town: Town) -> None:
    service = offered_service(FOOD)

    assert presenting.outcome_label(service, "WITHDRAWN") == "Withdrawn by the applicant"
    assert presenting.outcome_label(service, "") == "Answered"
    assert presenting.outcome_label(service, "OF_AN_OLDER_LAW") == "OF_AN_OLDER_LAW"
    assert presenting.outcome_label(service, "ELIGIBLE") not in {"", "ELIGIBLE"}
    undecided = {key: part for key, part in service.compiled.sections.items() if key != "decision"}
    without = replace(service, compiled=replace(service.compiled, sections=undecided))
    assert presenting.outcome_label(without, "ELIGIBLE") == "ELIGIBLE"


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"working_days": 1, "calendar_days": None}, "1 working day"),
        ({"working_days": 20, "calendar_days": None}, "20 working days"),
        ({"working_days": None, "calendar_days": 30}, "30 days"),
        ({"working_days": None, "calendar_days": None}, ""),
    ],
)
def test_the_limit_is_told_as_it_is_declared(town: Town, limits: dict[str, Any], told: str) -> None:
    service, figures = whole_figures(FOOD, actor=town.officer, today=TODAY)
    processing = service.info.processing.model_copy(update=limits)
    service = replace(service, info=service.info.model_copy(update={"processing": processing}))

    assert presenting.context(service, figures)["limit"] == told


def test_a_share_of_nothing_is_not_told(town: Town) -> None:
    service, figures = whole_figures(FOOD, actor=town.officer, today=TODAY)

    assert {row["share"] for row in presenting.context(service, figures)["channels"]} == {"-"}


def test_a_case_that_was_destroyed_before_it_was_counted_is_left_out(town: Town) -> None:
    gone = uuid4()

    receivers.received(CaseOpened(case_id=gone, service_key=FOOD, at=AT))
    receivers.answered(CaseClosed(case_id=gone, service_key=FOOD, outcome="ELIGIBLE", at=AT))

    assert not Tally.objects.exists()
