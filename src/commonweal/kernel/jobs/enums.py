"""Choices that are stored or chosen by a job's declaration."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """How a job is run; see the README."""

    ATOMIC = "atomic"
    EFFECT = "effect"
    CHUNKED = "chunked"


class Lane(IntEnum):
    """Which jobs go first."""

    URGENT = 0
    NORMAL = 5
    BULK = 9
