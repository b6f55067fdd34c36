"""Insight: simulate reforms before they are made."""

from __future__ import annotations
