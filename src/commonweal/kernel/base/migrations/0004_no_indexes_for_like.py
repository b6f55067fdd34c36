from __future__ import annotations

from typing import Any

from django.db import migrations

# The second index of texts that are unique, or refer to such a text; new ones get none (see base.postgresql).
FIND = """
    SELECT format('DROP INDEX %%I.%%I', namespace.nspname, name.relname)
    FROM pg_index AS second
    JOIN pg_class AS name ON name.oid = second.indexrelid
    JOIN pg_class AS indexed ON indexed.oid = second.indrelid
    JOIN pg_namespace AS namespace ON namespace.oid = name.relnamespace
    JOIN pg_opclass AS kind ON kind.oid = second.indclass[0]
    WHERE namespace.nspname = current_schema() AND indexed.relname = ANY(%s) AND name.relname LIKE '%%\\_like'
        AND kind.opcname IN ('varchar_pattern_ops', 'text_pattern_ops')
        AND second.indnatts = 1 AND NOT second.indisunique AND second.indpred IS NULL
        AND (
            EXISTS (
                SELECT FROM pg_index AS first
                WHERE first.indrelid = second.indrelid AND first.indisunique
                    AND first.indnatts = 1 AND first.indkey[0] = second.indkey[0] AND first.indpred IS NULL
            )
            OR EXISTS (
                SELECT FROM pg_constraint
                WHERE contype = 'f' AND conrelid = second.indrelid AND conkey = ARRAY[second.indkey[0]]
            )
        )
    ORDER BY name.relname
"""


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    ours = schema_editor.connection.introspection.django_table_names()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FIND, [ours])
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("base", "0003_shared_entry"),
    ]

    operations = [
        migrations.RunPython(drop, migrations.RunPython.noop),
    ]
