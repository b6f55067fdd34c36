"""Turns ``COMMONWEAL_DATABASE`` into Django's database settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY;"
)

PREPARE_AFTER = 5
"""How often a connection sends a statement before PostgreSQL keeps its plan."""


def database(url: str, *, synchronous: str) -> dict[str, Any]:
    """Return the settings of one database.

    Args:
        url: ``sqlite:///path/to/file`` or ``postgresql://user:password@host:port/name?option=value``; the options are
            those of libpq, and ``prepare=no``, which a pooler needs that hands out a connection for one transaction.
        synchronous: SQLite's ``FULL`` (production) or ``NORMAL`` (the practice city, tests).

    Raises:
        ImproperlyConfigured: The address is of neither kind.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "commonweal.kernel.base.sqlite",
            "NAME": unquote(parts.path[1:]),
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": ":memory:"},  # pytest-django tells SQLite by Django's own engine only
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": SQLITE_PRAGMAS.format(synchronous=synchronous),
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "commonweal.kernel.base.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or dict(parse_qsl(parts.query)).get("host", ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": _postgresql_options(dict(parse_qsl(parts.query))),
        }
    raise ImproperlyConfigured("COMMONWEAL_DATABASE must begin with sqlite:/// or postgresql://.")


def _postgresql_options(given: dict[str, str]) -> dict[str, Any]:
    """Return options for Django and psycopg: statements that come again are planned once, with values sent apart."""
    options: dict[str, Any] = {key: value for key, value in given.items() if key not in {"host", "prepare"}}
    if given.get("prepare") == "no":
        return options
    from commonweal.kernel.base.cursors import NumberedCursor  # noqa: PLC0415 - optional dependency

    kept = {"cursor_factory": NumberedCursor, "prepare_threshold": PREPARE_AFTER}
    return {"server_side_binding": True} | kept | options
