"""How a service declares reminders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, RootModel

from commonweal.engines.feel import Expression
from commonweal.kernel.base.jurisdiction import Declared, Key

Feel = Annotated[str, Field(min_length=1, max_length=2_000)]


class Reminder(Declared):
    """A letter to whoever holds an award, sent once when a day comes.

    Attributes:
        key: Stable name, unique within the service.
        on: FEEL over ``award``; the day. The award is a context: ``outcome``, ``holder``, ``item``, ``starts_on``, ``ends_on``,
            ``granted_on``, ``amount``, ``changes`` (the outcomes of what was asked about it since).
        when: FEEL over the same; nothing is sent unless it is true.
        letter: Key of the letter; it sees what the letters of the case see, and ``award``.
    """

    key: Key
    on: Feel
    when: Feel = "true"
    letter: Key


class Reminders(RootModel[tuple[Reminder, ...]]):
    """The section ``reminders``: letters about awards that are sent when a day comes."""


@dataclass(frozen=True, slots=True)
class CompiledReminder:
    """A reminder with its expressions."""

    spec: Reminder
    on: Expression
    when: Expression
