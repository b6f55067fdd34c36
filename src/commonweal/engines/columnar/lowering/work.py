"""The state of one compilation: the builder, the condition under which an expression is looked at, the faults.

Whatever the decision engine would warn of is a fault, and so is whatever this engine cannot answer: the
row is given to the Decimal rows. To call too many rows faulty is therefore never wrong, only slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from commonweal.engines.columnar.ir import Builder, Node, Path
from commonweal.engines.columnar.symbols import Constant, Symbol

__all__ = ["NULL", "Loop", "Work"]

NULL = Constant(None)


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """One way through the members of a list."""

    path: Path


class Work:
    """One compilation.

    Attributes:
        b: Makes nodes.
        guard: Holds where the expression at hand is looked at.
        row_guard: The same outside of the loops.
        loops: Lists that are being gone through.
        faults: Rows in which one of these holds are for the Decimal rows.
        watched: Inputs whose range is checked though nothing may read them.
        texts: The program's texts, in the order of their numbers.
        now: What ``now()`` answers.
    """

    def __init__(self, now: Any = None) -> None:
        self.b = Builder()
        self.guard: Node = self.b.true
        self.row_guard: Node = self.b.true
        self.loops: tuple[Loop, ...] = ()
        self.faults: dict[int, Node] = {}
        self.watched: list[Node] = []
        self.texts: list[str] = []
        self.now = now
        self._codes: dict[str, int] = {}
        self.depth = 0

    def code(self, text: str) -> int:
        """The number of a text."""
        if text not in self._codes:
            self._codes[text] = len(self.texts)
            self.texts.append(text)
        return self._codes[text]

    # Faults

    def fault(self, condition: Node) -> None:
        """Where this holds, and the expression at hand is looked at, something goes wrong."""
        self._note(self.b.both(self.guard, condition))

    def always(self, condition: Node) -> None:
        """Where this holds, something goes wrong, looked at or not."""
        self._note(condition)

    def _note(self, condition: Node) -> None:
        if condition is self.b.false:
            return
        if condition.space is not None:
            condition = self.b.any(condition.space, condition)
        self.faults[condition.number] = condition

    def failed(self) -> Symbol:
        """Null, where the engine would warn."""
        self.fault(self.b.true)
        return NULL

    @contextmanager
    def under(self, condition: Node) -> Iterator[None]:
        """Within, expressions are looked at only where this holds."""
        guard, row_guard = self.guard, self.row_guard
        self.guard = self.b.both(guard, condition)
        if self.guard.space is None:
            self.row_guard = self.guard
        try:
            yield
        finally:
            self.guard, self.row_guard = guard, row_guard

    @contextmanager
    def loop(self, path: Path, mask: Node) -> Iterator[Loop]:
        """Within, expressions are looked at for each member of a list."""
        guard, loops = self.guard, self.loops
        loop = Loop(path)
        self.guard = self.b.both(self.row_guard, mask)
        self.loops = (*loops, loop)
        try:
            yield loop
        finally:
            self.guard, self.loops = guard, loops

    def is_shadowed(self, loop: Loop) -> bool:
        """Is the same list gone through again, inside of this loop?"""
        inside = self.loops[self.loops.index(loop) + 1 :] if loop in self.loops else ()
        return any(inner.path == loop.path for inner in inside)

    # Checked arithmetic

    def add(self, a: Node, b: Node) -> Node:
        """The sum; a row in which it escapes is at fault."""
        return self._checked(self.b.add(a, b))

    def sub(self, a: Node, b: Node) -> Node:
        """The difference; a row in which it escapes is at fault."""
        return self._checked(self.b.sub(a, b))

    def mul(self, a: Node, b: Node) -> Node:
        """The product; a row in which it escapes is at fault."""
        return self._checked(self.b.mul(a, b))

    def times(self, a: Node, factor: int) -> Node:
        """The product with a constant."""
        return a if factor == 1 else self.mul(a, self.b.number(factor))

    def _checked(self, node: Node) -> Node:
        self.always(self.b.escapes(node))
        return node
