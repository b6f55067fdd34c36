"""UNKNOWN: a fact nobody has given yet. It is not null, and it is not false.

The operators treat it the Kleene way: ``false and UNKNOWN`` is false, ``true or UNKNOWN`` is true,
everything else that depends on it is UNKNOWN.
"""

from __future__ import annotations

from typing import Final, final

__all__ = ["UNKNOWN", "Unknown", "contains_unknown"]


@final
class Unknown:
    """The class of the single value ``UNKNOWN``; compare with ``is``."""

    __slots__ = ()
    _single: Unknown | None = None

    def __new__(cls) -> Unknown:
        """Answer the one instance."""
        if cls._single is None:
            cls._single = super().__new__(cls)
        return cls._single

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false: compare with `is UNKNOWN`")

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def contains_unknown(value: object) -> bool:
    """Is the value UNKNOWN, or does it hold UNKNOWN at any depth?

    >>> contains_unknown([1, {"a": UNKNOWN}])
    True
    """
    if not isinstance(value, (list, dict)):
        return value is UNKNOWN
    pending: list[object] = [value]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if item is UNKNOWN:
            return True
        # A list may hold another many times: each is looked at once.
        if isinstance(item, (list, dict)) and id(item) not in seen:
            seen.add(id(item))
            pending.extend(item if isinstance(item, list) else item.values())
    return False
