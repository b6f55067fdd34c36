"""The section `statistics` of a service, and the place of its numbers in the workbench."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.statistics.types import StatisticsSource


@sections.register
class StatisticsSection(Section):
    """What everybody may see of how the service does."""

    key: ClassVar[str] = "statistics"
    schema: ClassVar[type[BaseModel]] = StatisticsSource
    order: ClassVar[int] = 900

    def compile(self, source: Source | None, compilation: Compilation) -> StatisticsSource:
        """Return what is declared; everything is shown where nothing is."""
        return source.value if source is not None else StatisticsSource()


navigation.register(
    NavigationItem("statistics.list", "workbench", _("Statistics"), "statistics:list", 300, may_work)
)
