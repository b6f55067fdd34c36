from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_health_answers_with_security_headers(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_unknown_address_is_answered_with_a_page(client: Client) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "could not find" in response.content.decode()


def test_unknown_api_address_is_answered_with_problem_details(client: Client) -> None:
    response = client.get("/api/v1/nowhere")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not-found"
