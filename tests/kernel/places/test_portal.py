from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from commonweal.kernel.places import queries


@pytest.mark.django_db
def test_districts_page_shows_map_and_table(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/districts/")
    html = response.content.decode()

    assert response.status_code == 200
    assert html.count("<path ") == 6
    assert all(area.name in html for area in queries.areas())
    assert "184,000" in html
