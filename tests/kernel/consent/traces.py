"""Looks for words in every table of the database, and into what is encrypted or packed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection

from commonweal.kernel.base.fields import EncryptedTextField


def found(words: Iterable[str], files: Path | None = None) -> dict[str, list[str]]:
    """Return where each word that is left stands."""
    places: dict[str, list[str]] = {}
    wanted = list(words)
    for place, text in [*_raw(), *_opened(), *_sessions(), *_bytes(files)]:
        for word in wanted:
            if word in text:
                places.setdefault(word, []).append(place)
    return places


def _raw() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, "\n".join(_text(value) for value in row)


def _text(value: Any) -> str:
    if isinstance(value, memoryview):
        value = bytes(value)
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _opened() -> Iterator[tuple[str, str]]:
    ours = [model for model in apps.get_models() if model.__module__.startswith("commonweal.")]
    for model in ours:  # a test of encryption has a model of its own
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                for value in model._default_manager.order_by("pk").values_list(field.name, flat=True):
                    yield f"{model._meta.label}.{field.name}, opened", str(value)


def _sessions() -> Iterator[tuple[str, str]]:
    for session in Session.objects.order_by("pk"):
        yield "sessions, opened", str(session.get_decoded())


def _bytes(files: Path | None) -> Iterator[tuple[str, str]]:
    for path in sorted(files.rglob("*")) if files else []:
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")
