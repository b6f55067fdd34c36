"""The intermediate representation: single assignments of whole numbers and truths, with proven ranges.

There are no types but these two. A fixed-point number is a whole number whose scale the lowering
knows; a date is a day count, a text the number of an entry in a table, null a truth beside the value.
Every number has a range, found by interval arithmetic, and no range leaves 62 bits: where an
operation could, the builder says so by a second node (`Builder.escapes`), the row is given to the
Decimal rows, and the range is cut. So no back end needs more than 64 bits, and none ever wraps
unseen.

A node lives in a space: once a row (None), or once for each member of a list column (its path).
`sum`, `least`, `greatest` and `any` lead from members back to the row.

Source: interval arithmetic after R. E. Moore; SSA with value numbering as in any compiler.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from commonweal.engines.columnar.errors import Refusal

__all__ = ["LIMIT", "REDUCTIONS", "Builder", "Node", "reachable"]

LIMIT: Final = 2**62
REDUCTIONS: Final = frozenset({"sum", "least", "greatest", "any"})
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value.

    Attributes:
        number: Place in the order of making; what it depends on comes before it.
        op: ``const``, ``value``, ``valid``, ``length``, ``position``; ``add``, ``sub``, ``mul``, ``div``
            (floor, by a positive), ``min``, ``max``, ``select``, ``lookup``; ``lt``, ``le``, ``eq``, ``over``;
            ``and``, ``or``, ``not``, ``flag`` (a truth as 0 or 1); ``sum``, ``least``, ``greatest``, ``any``.
        args: What it depends on.
        low: Least value; 0 for a truth.
        high: Greatest value; 1 for a truth.
        space: None once a row, else the path of the list.
        is_truth: Is it a truth, not a number?
        extra: Of ``const`` its value, of an input its path, of ``lookup`` the table, of a reduction
            the list.
    """

    number: int
    op: str
    args: tuple[Node, ...]
    low: int
    high: int
    space: Path | None
    is_truth: bool
    extra: object = None

    @property
    def constant(self) -> int | None:
        """Its value, if it is the same in every row."""
        return self.low if self.op == "const" else None

    def __repr__(self) -> str:
        inner = ", ".join(f"%{arg.number}" for arg in self.args)
        extra = "" if self.extra is None else f" {self.extra}"
        return f"%{self.number} = {self.op}({inner}){extra} [{self.low}..{self.high}]"


class Builder:
    """Makes nodes: the same one for the same operation, a constant where the outcome is known."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Node] = {}
        self.true = self._make("const", (), 1, 1, extra=1, is_truth=True)
        self.false = self._make("const", (), 0, 0, extra=0, is_truth=True)

    def _make(
        self,
        op: str,
        args: tuple[Node, ...],
        low: int,
        high: int,
        *,
        is_truth: bool = False,
        extra: object = None,
        space: Path | None = None,
    ) -> Node:
        key = (op, tuple(arg.number for arg in args), extra, is_truth, space)
        known = self._known.get(key)
        if known is not None:
            return known
        if op not in REDUCTIONS:
            space = _joined_space(args, space)
        node = Node(len(self._known), op, args, low, high, space, is_truth, extra)
        self._known[key] = node
        return node

    # Leaves

    def number(self, value: int) -> Node:
        """A constant.

        Raises:
            Refusal: It has more than 62 bits.
        """
        if abs(value) > LIMIT:
            raise Refusal(f"the number {value} (times its scale) has more than 62 bits")
        return self._make("const", (), value, value, extra=value)

    def truth(self, value: bool) -> Node:  # noqa: FBT001 - a truth made a node
        """A constant truth."""
        return self.true if value else self.false

    def value(self, path: Path, low: int, high: int, space: Path | None, *, is_truth: bool = False) -> Node:
        """A value of an input column."""
        return self._make("value", (), low, high, extra=path, space=space, is_truth=is_truth)

    def valid(self, path: Path, space: Path | None) -> Node:
        """Is there a value in the input column?"""
        return self._make("valid", (), 0, 1, extra=path, space=space, is_truth=True)

    def length(self, path: Path, most: int) -> Node:
        """How many members a list has."""
        return self._make("length", (), 0, most, extra=path)

    def position(self, path: Path, most: int) -> Node:
        """The place of a member in its list, from 1."""
        return self._make("position", (), 1, max(most, 1), extra=path, space=path)

    # Whole numbers

    def _clamped(self, op: str, args: tuple[Node, ...], low: int, high: int) -> Node:
        return self._make(op, args, max(low, -LIMIT), min(high, LIMIT))

    def add(self, a: Node, b: Node) -> Node:
        """The sum; see `escapes`."""
        if a.constant is not None and b.constant is not None:
            return self.number(a.low + b.low)
        if a.constant == 0:
            return b
        if b.constant == 0:
            return a
        return self._clamped("add", _sorted(a, b), a.low + b.low, a.high + b.high)

    def sub(self, a: Node, b: Node) -> Node:
        """The difference; see `escapes`."""
        if a.constant is not None and b.constant is not None:
            return self.number(a.low - b.low)
        if b.constant == 0:
            return a
        if a is b:
            return self.number(0)
        return self._clamped("sub", (a, b), a.low - b.high, a.high - b.low)

    def mul(self, a: Node, b: Node) -> Node:
        """The product; see `escapes`."""
        if a.constant is not None and b.constant is not None:
            return self.number(a.low * b.low)
        for one, other in ((a, b), (b, a)):
            if one.constant == 0:
                return one
            if one.constant == 1:
                return other
        low, high = _product(a, b)
        return self._clamped("mul", _sorted(a, b), low, high)

    def escapes(self, node: Node) -> Node:
        """Could this sum, difference or product lie beyond 62 bits, and does it, in this row?"""
        if node.op in {"add", "sub"}:
            a, b = node.args
            low = a.low + b.low if node.op == "add" else a.low - b.high
            high = a.high + b.high if node.op == "add" else a.high - b.low
            if low >= -LIMIT and high <= LIMIT:
                return self.false
            return self._make("outside", (node,), 0, 1, is_truth=True)
        if node.op == "mul":
            low, high = _product(*node.args)
            if low >= -LIMIT and high <= LIMIT:
                return self.false
            return self._make("over", node.args, 0, 1, is_truth=True)
        return self.false

    def div(self, a: Node, b: Node) -> Node:
        """The quotient, rounded down; ``b`` must be positive."""
        if b.constant == 1:
            return a
        if a.constant is not None and b.constant is not None:
            return self.number(a.low // b.low)
        divisor = b if b.low >= 1 else self.max(b, self.number(1))
        ends = [x // y for x in (a.low, a.high) for y in (divisor.low, divisor.high)]
        return self._clamped("div", (a, divisor), min(ends), max(ends))

    def rest(self, a: Node, b: Node) -> Node:
        """What the division leaves: from 0 to below ``b``, which must be positive."""
        if b.constant is not None and a.constant is not None:
            return self.number(a.low % b.low)
        if b.constant == 1:
            return self.number(0)
        return self._make("sub", (a, self.mul(self.div(a, b), b)), 0, max(b.high - 1, 0))

    def min(self, a: Node, b: Node) -> Node:
        """The lesser."""
        if a is b or a.high <= b.low:
            return a
        if b.high <= a.low:
            return b
        return self._make("min", _sorted(a, b), min(a.low, b.low), min(a.high, b.high))

    def max(self, a: Node, b: Node) -> Node:
        """The greater."""
        if a is b or a.low >= b.high:
            return a
        if b.low >= a.high:
            return b
        return self._make("max", _sorted(a, b), max(a.low, b.low), max(a.high, b.high))

    def negative(self, a: Node) -> Node:
        """The opposite."""
        return self.sub(self.number(0), a)

    def magnitude(self, a: Node) -> Node:
        """The number without its sign."""
        return a if a.low >= 0 else self.max(a, self.negative(a))

    def select(self, condition: Node, a: Node, b: Node) -> Node:
        """``a`` where the condition holds, else ``b``; two numbers or two truths."""
        if condition.constant is not None:
            return a if condition.constant else b
        if a is b:
            return a
        if a.is_truth:
            return self._truth_select(condition, a, b)
        return self._make("select", (condition, a, b), min(a.low, b.low), max(a.high, b.high))

    def _truth_select(self, condition: Node, a: Node, b: Node) -> Node:
        return self.either(self.both(condition, a), self.both(self.opposite(condition), b))

    def lookup(self, table: Sequence[int], index: Node) -> Node:
        """An entry of a constant table; an index from 0, brought into its bounds."""
        if len(set(table)) == 1:
            return self.number(table[0])
        inside = self.min(self.max(index, self.number(0)), self.number(len(table) - 1))
        if inside.constant is not None:
            return self.number(table[inside.constant])
        seen = table[inside.low : inside.high + 1]
        for value in seen:
            self.number(value)
        return self._make("lookup", (inside,), min(seen), max(seen), extra=tuple(table))

    def flag(self, a: Node) -> Node:
        """1 for true, 0 for false."""
        if a.constant is not None:
            return self.number(a.constant)
        return self._make("flag", (a,), 0, 1)

    # Truths

    def lt(self, a: Node, b: Node) -> Node:
        """Less than."""
        if a.high < b.low:
            return self.true
        if a.low >= b.high or a is b:
            return self.false
        return self._make("lt", (a, b), 0, 1, is_truth=True)

    def le(self, a: Node, b: Node) -> Node:
        """At most."""
        return self.opposite(self.lt(b, a))

    def eq(self, a: Node, b: Node) -> Node:
        """Equal."""
        if a is b or (a.constant is not None and a.constant == b.constant):
            return self.true
        if a.high < b.low or b.high < a.low:
            return self.false
        return self._make("eq", _sorted(a, b), 0, 1, is_truth=True)

    def both(self, a: Node, b: Node) -> Node:
        """True where both are."""
        if a is b or b is self.true:
            return a
        if a is self.true:
            return b
        if self.false in {a, b} or self._excludes(a, b):
            return self.false
        return self._make("and", _sorted(a, b), 0, 1, is_truth=True)

    def either(self, a: Node, b: Node) -> Node:
        """True where one is."""
        if a is b or b is self.false:
            return a
        if a is self.false:
            return b
        if self.true in {a, b} or self._excludes(a, b):
            return self.true
        return self._make("or", _sorted(a, b), 0, 1, is_truth=True)

    def opposite(self, a: Node) -> Node:
        """True where it is false."""
        if a.constant is not None:
            return self.truth(not a.constant)
        return a.args[0] if a.op == "not" else self._make("not", (a,), 0, 1, is_truth=True)

    @staticmethod
    def _excludes(a: Node, b: Node) -> bool:
        """Is one the opposite of the other?"""
        return (a.op == "not" and a.args[0] is b) or (b.op == "not" and b.args[0] is a)

    # From members to the row

    def sum(self, path: Path, most: int, value: Node) -> Node:
        """The sum over the members of a list."""
        if value.constant == 0:
            return value
        low, high = min(0, value.low * most), max(0, value.high * most)
        if low < -LIMIT or high > LIMIT:
            raise Refusal(
                f"the sum over {'.'.join(path)} may have more than 62 bits: declare narrower ranges"
            )
        return self._make("sum", (value,), low, high, extra=path)

    def least(self, path: Path, value: Node, otherwise: int) -> Node:
        """The least over the members of a list, and ``otherwise`` where it is less or there is no member."""
        return self._make("least", (value,), min(value.low, otherwise), otherwise, extra=(path, otherwise))

    def greatest(self, path: Path, value: Node, otherwise: int) -> Node:
        """The greatest over the members of a list, and ``otherwise`` where it is greater or there is no member."""
        return self._make(
            "greatest", (value,), otherwise, max(value.high, otherwise), extra=(path, otherwise)
        )

    def any(self, path: Path, value: Node) -> Node:
        """Is it true of a member of the list?"""
        if value is self.false:
            return value
        return self._make("any", (value,), 0, 1, extra=path, is_truth=True)


def _sorted(a: Node, b: Node) -> tuple[Node, Node]:
    return (a, b) if a.number <= b.number else (b, a)


def _product(a: Node, b: Node) -> tuple[int, int]:
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return min(ends), max(ends)


def _joined_space(args: Iterable[Node], space: Path | None) -> Path | None:
    for arg in args:
        if arg.space is None:
            continue
        if space is not None and space != arg.space:
            raise Refusal(f"members of {'.'.join(space)} and of {'.'.join(arg.space)} are looked at together")
        space = arg.space
    return space


def reachable(roots: Iterable[Node]) -> list[Node]:
    """The roots and all they depend on, each after what it depends on."""
    seen: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.number not in seen:
            seen[node.number] = node
            waiting.extend(node.args)
    return [seen[number] for number in sorted(seen)]
