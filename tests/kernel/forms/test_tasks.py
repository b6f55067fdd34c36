from __future__ import annotations

from datetime import timedelta

import pytest
from tests.kernel.forms.conftest import KEY, City

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.tasks import delete_expired_sheets
from commonweal.kernel.jobs.registry import cron_table

pytestmark = pytest.mark.django_db


def test_the_nightly_job_deletes_what_nobody_finished_in_time(city: City) -> None:
    now = clock.now()
    old = start_sheet(KEY, by=Actor.guest(), at=now - timedelta(days=31)).sheet_id
    young = start_sheet(KEY, by=Actor.guest(), at=now - timedelta(days=29)).sheet_id

    first = delete_expired_sheets({}, None)
    second = delete_expired_sheets({}, first)

    assert (first, second) == ({"deleted": 1}, None)
    assert old != young
    assert [row.pk for row in Sheet.objects.all()] == [young]
    assert cron_table["forms.nightly"].job == "forms.delete_expired"
