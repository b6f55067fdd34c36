"""Answers as they are stored and as they come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Answer: TypeAlias = Any
"""One stored answer: text, decimal text, ISO date, true or false, a list of keys, an address, a list of items;
None where the question was left blank."""

Answers: TypeAlias = dict[str, Answer]
"""Stored answers by the key of the question; a question that nobody has come to yet is absent."""

RawAnswers: TypeAlias = Mapping[str, Any]
"""What a browser or a program sends: a ``QueryDict``, or a dict of JSON values."""

Problems: TypeAlias = dict[str, str]
"""What is wrong, in plain words, by the path of the answer: ``rent`` or ``members[2].age``."""

Sources: TypeAlias = dict[str, dict[str, Any]]
"""Where an answer comes from, if a register gave it, by question: ``source``, ``observed_at``, ``legal_basis``; ``says``
where the resident answered something else than the register says."""
