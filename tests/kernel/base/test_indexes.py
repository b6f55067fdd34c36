"""Indexes that nobody reads are not kept, and what they found is found by others."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import connection

from commonweal.kernel.awards.models import Award
from commonweal.kernel.base.indexes import WithoutOwnIndex

pytestmark = pytest.mark.django_db
WITHOUT_OWN = (
    ("awards.Award", "person"),
    ("cases.Case", "applicant"),
    ("forms.Sheet", "owner"),
    ("mailbox.Message", "recipient"),
    ("mailbox.Thread", "recipient"),
    ("people.Fact", "person"),
)


@pytest.mark.parametrize(("label", "name"), WITHOUT_OWN)
def test_foreign_key_without_an_index_of_its_own_is_found_by_another_one(label: str, name: str) -> None:
    model = apps.get_model(label)
    table, column = model._meta.db_table, model._meta.get_field(name).column
    partial = {index.name for index in (*model._meta.indexes, *model._meta.constraints) if index.condition}
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    indexes = {key: each["columns"] for key, each in found.items() if each["index"] or each["unique"]}

    assert not any(key.startswith(f"{table}_{column}_") for key in indexes)
    assert any(
        columns[0] == column and len(columns) > 1 and key not in partial for key, columns in indexes.items()
    )


def test_index_that_is_dropped_can_be_made_again() -> None:
    operation = WithoutOwnIndex("award", "person", Award._meta.get_field("person"))
    state = type("State", (), {"apps": apps})
    editor = connection.schema_editor(collect_sql=True)
    operation.database_forwards("awards", editor, state, state)
    operation.database_backwards("awards", editor, state, state)

    assert editor.collected_sql == [
        'DROP INDEX IF EXISTS "awards_award_person_id_99035ebe";',
        'CREATE INDEX "awards_award_person_id_99035ebe" ON "awards_award" ("person_id");',
    ]
    assert operation.describe() == "Drop the index of award.person, which another one covers"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own indexes")
def test_keys_have_no_second_index_and_texts_that_are_searched_by_their_beginning_have() -> None:
    migration = importlib.import_module("commonweal.kernel.base.migrations.0004_no_indexes_for_like")
    with connection.cursor() as cursor:
        cursor.execute(migration.FIND, [connection.introspection.django_table_names()])
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'places_address_street_key_%%_like'", []
        )
        ((definition,),) = cursor.fetchall()

    assert "(street_key varchar_pattern_ops)" in definition
