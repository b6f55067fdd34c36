"""The section ``reminders``."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel

from commonweal.engines.feel import ANY, BOOLEAN, DATE, Scope
from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.registry import Night, nights
from commonweal.kernel.reminders.actions import remind_holder
from commonweal.kernel.reminders.queries import next_day
from commonweal.kernel.reminders.types import CompiledReminder, Reminders

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

_SCOPE = Scope({"award": ANY})


@sections.register
class ReminderSection(Section):
    """Letters about awards; their letters then know ``award``."""

    key: ClassVar[str] = "reminders"
    schema: ClassVar[type[BaseModel]] = Reminders
    order: ClassVar[int] = 360

    def compile(self, source: Source | None, compilation: Compilation) -> tuple[CompiledReminder, ...]:
        """Compile the expressions, and see that the letters are there."""
        if source is None:
            return ()
        compiled, keys = [], set()
        for at, spec in enumerate(source.value.root):
            if spec.key in keys:
                message = f"Two reminders are called '{spec.key}'."
                compilation.problems.append(
                    source.problem((at, "key"), "reminders.twice", message, "Rename one.")
                )
            keys.add(spec.key)
            if f"letters/{spec.letter}.md" not in compilation.files:
                message = f"There is no letter '{spec.letter}' in letters/."
                compilation.problems.append(source.problem((at, "letter"), "reminders.letter", message))
            on, when = (
                compile_feel(
                    getattr(spec, name),
                    _SCOPE,
                    source=source,
                    path=(at, name),
                    compilation=compilation,
                    expects=expects,
                    is_loose=True,
                )
                for name, expects in (("on", DATE), ("when", BOOLEAN))
            )
            if on is not None and when is not None:
                compiled.append(CompiledReminder(spec, on, when))
        compilation.names["award"] = ANY
        return tuple(compiled)


@nights.register
class Reminder(Night):
    """The holder of what was granted is reminded."""

    key: ClassVar[str] = "reminder"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the next day of a reminder."""
        award = award_of_case(case.stream)
        return next_day(award, case.version_id, at=at) if award is not None and award.is_running else None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Send what is due."""
        award = award_of_case(case.stream)
        if award is not None:
            remind_holder(award.pk, by=by, at=at)
