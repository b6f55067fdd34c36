"""The database roles of a test run are those of production."""

from __future__ import annotations

import os

import pytest
from django.db import ProgrammingError, connection, transaction

ON_POSTGRES = "COMMONWEAL_DATABASE_OWNER" in os.environ

pytestmark = pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no roles; `./cw test --postgres` has")


@pytest.mark.django_db
def test_application_reads_and_writes_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("commonweal_app",)
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')")
        cursor.execute("SELECT count(*) FROM django_content_type WHERE app_label = 'a'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE mine (id int)", "TRUNCATE django_content_type", "DROP TABLE django_content_type"],
)
def test_application_cannot_change_tables(statement):
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_tables_are_empty_again_after_a_test_with_real_transactions(round_):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('left', 'over')")
        cursor.execute("SELECT count(*) FROM django_content_type WHERE app_label = 'left'")
        assert cursor.fetchone() == (1,)
