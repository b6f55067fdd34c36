"""How a service declares what it takes on paper."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.jurisdiction import Declared


class PaperSource(Declared):
    """What a service takes on paper; the channels say whether it does.

    Attributes:
        received_within_days: How many calendar days ago a form may have reached us; with an older day of receipt only a
            supervisor begins to type it in, for the time to answer runs from it.
    """

    received_within_days: Annotated[int, Field(ge=0, le=366)]


@sections.register
class PaperSection(Section):
    """What a service takes on paper."""

    key = "paper"
    schema = PaperSource
    order = 900

    def compile(self, source: Source | None, compilation: Compilation) -> Any:
        """Return it as written; None where nothing is."""
        return None if source is None else source.value
