"""Names while a text is compiled: what each stands for, and the scope that the parser wants."""

from __future__ import annotations

from collections.abc import Mapping

from commonweal.engines.columnar.lowering.work import Loop
from commonweal.engines.columnar.symbols import Symbol, feel_type
from commonweal.engines.feel.scope import Scope, normal_name
from commonweal.engines.feel.types import Type

__all__ = ["Names"]


class Names:
    """Names, the inner ones first.

    Args:
        values: What they stand for.
        parent: Names around these.
        types: Named types, for ``instance of``.
        loop: The loop that brings these names.
    """

    def __init__(
        self,
        values: Mapping[str, Symbol],
        parent: Names | None = None,
        *,
        types: Mapping[str, Type] | None = None,
        loop: Loop | None = None,
    ) -> None:
        self.values = {normal_name(name): value for name, value in values.items()}
        self.parent = parent
        self.loop = loop
        self._types = types
        self._scope: Scope | None = None

    def find(self, name: str) -> Symbol | None:
        """What a name stands for; None if nothing does."""
        names: Names | None = self
        while names is not None:
            if name in names.values:
                return names.values[name]
            names = names.parent
        return None

    def loop_of(self, name: str) -> Loop | None:
        """The loop that brings the name."""
        names: Names | None = self
        while names is not None:
            if name in names.values:
                return names.loop
            names = names.parent
        return None

    @property
    def scope(self) -> Scope:
        """The scope for the parser."""
        if self._scope is None:
            parent = self.parent.scope if self.parent else None
            named = {name: feel_type(value) for name, value in self.values.items()}
            self._scope = Scope(named, types=self._types, parent=parent)
        return self._scope
