"""What a service declares about revoking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from commonweal.kernel.base.jurisdiction import Declared, Key

Line = Annotated[str, Field(min_length=1, max_length=300)]


class Ground(Declared):
    """A ground on which something is taken back.

    Attributes:
        key: Unique within the service; stored with each revocation.
        label: In plain words, for the holder and the officer.
        legal_basis: The rule that says so.
        at_once: Whether it takes effect at once, for example where danger is imminent.
    """

    key: Key
    label: Line
    legal_basis: Line
    at_once: bool = False


class RevocationSource(Declared):
    """On which grounds an officer takes back what was granted, and after what notice.

    The holder gets a letter with ground, reasons and rule, can say what they think until it takes effect, and reads how to
    appeal.

    Attributes:
        notice_days: Calendar days between the service of the letter and the effect; with 0 it takes effect once it is served.
        grounds: At least one.
        text: What the holder is told besides, for example that an appeal suspends it.
    """

    notice_days: Annotated[int, Field(ge=0, le=365)] = 0
    grounds: Annotated[tuple[Ground, ...], Field(min_length=1)]
    text: Annotated[str, Field(max_length=1_000)] = ""

    @model_validator(mode="after")
    def _once_each(self) -> RevocationSource:
        keys = [ground.key for ground in self.grounds]
        if len(set(keys)) < len(keys):
            raise ValueError("two grounds have the same key")
        return self

    def ground(self, key: str) -> Ground | None:
        """Return the ground with a key; None where there is none."""
        return next((ground for ground in self.grounds if ground.key == key), None)

    def texts(self) -> Iterator[str]:
        """Return every text that a holder may see."""
        yield self.text
        yield from (ground.label for ground in self.grounds)
