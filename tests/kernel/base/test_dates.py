"""One reader of days for every form."""

from __future__ import annotations

from datetime import date

import pytest

from commonweal.kernel.base.dates import typed_day
from commonweal.kernel.base.errors import Invalid


def test_a_day_is_read_as_it_is_typed() -> None:
    assert typed_day(" 2026-10-01 ", "closes_on") == date(2026, 10, 1)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "0026-10-01", "9999-12-31", "1/10/2026"])
def test_what_is_no_day_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        typed_day(text, "closes_on")

    assert caught.value.fields == {"closes_on": "Write the date as 2026-10-01."}
