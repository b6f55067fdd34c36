"""Mass re-assessments through the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.kernel.cases.conftest import Town
from tests.kernel.reassessments.conftest import NOW, assess, ends
from tests.kernel.reassessments.test_workbench import as_

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.reassessments.models import Reassessment

pytestmark = pytest.mark.django_db
HOME = "/api/v1/workbench/reassessments"


@pytest.fixture(autouse=True)
def _first_of_october(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_from_beginning_to_approval(town: Town, sent: Callable[..., Case]) -> None:
    case = sent()
    sent(ends())
    officer, supervisor = as_(town, "officer"), as_(town, "supervisor")

    begun = officer.post(
        HOME, {"programme": "snap", "reference_on": "2025-10-01"}, content_type="application/json"
    )
    run = begun.json()
    assert (begun.status_code, run["status"], run["totals"]) == (201, "collecting", [])
    assess(Reassessment.objects.get())
    shown = officer.get(f"{HOME}/{run['id']}").json()
    assert shown["status"] == "ready"
    assert shown["totals"][0] == {
        "kind": "changed",
        "awards": 1,
        "pending": 1,
        "before": {"minor": 29200, "currency": "USD"},
        "after": {"minor": 29800, "currency": "USD"},
    }
    first = officer.get(f"{HOME}/{run['id']}/awards", {"limit": 1}).json()
    second = officer.get(f"{HOME}/{run['id']}/awards", {"cursor": first["next_cursor"]}).json()
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (1, 1, None)
    assert first["items"][0]["case"] == case.reference
    ended = officer.get(f"{HOME}/{run['id']}/awards", {"kind": "ended"}).json()["items"]
    assert [(row["before"]["minor"], row["after"]["minor"]) for row in ended] == [(7400, 0)]

    assert officer.post(f"{HOME}/{run['id']}/propose").json()["status"] == "proposed"
    assert officer.post(f"{HOME}/{run['id']}/approve").status_code == 403
    assert supervisor.post(f"{HOME}/{run['id']}/approve").json()["status"] == "issuing"
    assert officer.post(f"{HOME}/{run['id']}/cancel").json()["code"] == "reassessment-wrong-step"
    assert [each["id"] for each in officer.get(HOME).json()["items"]] == [run["id"]]


def test_cancelled(town: Town, begun: Callable[[], Reassessment]) -> None:
    run = begun()
    assert as_(town, "officer").post(f"{HOME}/{run.pk}/cancel").json()["status"] == "cancelled"


def test_strangers_and_guests_are_refused(town: Town, begun: Callable[[], Reassessment]) -> None:
    run = begun()

    assert Client().get(HOME).status_code == 401
    assert as_(town, "stranger").get(f"{HOME}/{run.pk}").status_code == 404
    assert as_(town, "stranger").get(HOME).json() == {"items": []}
    refused = as_(town, "officer").post(
        HOME, {"programme": "ssi", "reference_on": "2025-10-01"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing-to-reassess")
