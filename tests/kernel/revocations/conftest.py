"""A business licence that runs, and the counter that gave it."""

from __future__ import annotations

import pytest
from tests.jurisdictions.port_alder.counter import Counter, open_counter, register
from tests.jurisdictions.port_alder.test_business_licence import PARCEL, answers

from commonweal.kernel.cases.models import Case


@pytest.fixture
def counter() -> Counter:
    register("parcels", "HP-0001", PARCEL)
    return open_counter("business-licence")


@pytest.fixture
def case(counter: Counter) -> Case:
    """A licence that runs."""
    return counter.confirm(counter.send(answers()))
