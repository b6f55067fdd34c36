from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from commonweal.kernel.base.cursors import NumberedCursor
from commonweal.project.databases import PREPARE_AFTER, database

ADDRESS = "postgresql://user:pass%20word@db.example:5433/city"


def test_postgresql_keeps_the_plans_of_statements_that_come_again() -> None:
    settings = database(f"{ADDRESS}?sslmode=require", synchronous="FULL")

    assert settings["OPTIONS"] == {
        "cursor_factory": NumberedCursor,
        "server_side_binding": True,
        "prepare_threshold": PREPARE_AFTER,
        "sslmode": "require",
    }
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "5433", "city")
    assert settings["PASSWORD"] == "pass word"


def test_behind_a_pooler_nothing_is_prepared() -> None:
    assert database(f"{ADDRESS}?prepare=no&sslmode=require", synchronous="FULL")["OPTIONS"] == {
        "sslmode": "require"
    }


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        database("mysql://user@db.example/city", synchronous="FULL")
