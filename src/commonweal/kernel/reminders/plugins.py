"""The section ``reminders``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel

from commonweal.engines.feel import ANY, BOOLEAN, DATE, Scope
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.reminders.types import CompiledReminder, Reminders

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
