"""Reads settings from the environment, typed, with a clear word where one is wrong."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return a variable's text.

    Raises:
        ImproperlyConfigured: It is not set and has no default.
    """
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return whether a variable says yes (1, true, yes, on).

    Raises:
        ImproperlyConfigured: It says something else than yes or no.
    """
    value = os.environ.get(name, "yes" if default else "no").lower()
    if value not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ImproperlyConfigured(f"{name} is '{value}'; write yes or no.")
    return value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Return a variable's whole number.

    Raises:
        ImproperlyConfigured: It is not one.
    """
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is '{value}'; write a whole number.") from None


def words(name: str, default: str) -> list[str]:
    """Return a variable's words, separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def moment(name: str) -> datetime | None:
    """Return a variable's date or time (ISO 8601, UTC unless it says otherwise), or None.

    Raises:
        ImproperlyConfigured: It is not one.
    """
    value = os.environ.get(name, "")
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is '{value}'; write a date such as 2026-09-15.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
