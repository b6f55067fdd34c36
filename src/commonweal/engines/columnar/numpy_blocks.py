"""The back end without a compiler: one NumPy call a node, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from commonweal.engines.columnar.blocks import Answers, Array, Block, Cells
from commonweal.engines.columnar.ir import LIMIT, Node, Path
from commonweal.engines.columnar.lowering.decisions import Lowered

__all__ = ["OVERFLOW", "NumpyBlocks"]

OVERFLOW: Final = float(LIMIT) * (1 - 2.0**-40)
"""A product of doubles up to this is a product of whole numbers within 62 bits."""


class NumpyBlocks:
    """Runs a program with NumPy.

    Args:
        program: The program.
    """

    def __init__(self, program: Lowered) -> None:
        self._program = program
        self._order = program.order
        self._uses = Counter(arg.number for node in self._order for arg in node.args)
        kept = [program.fault, *(node for made in program.outputs for node in (made.value, made.null))]
        self._uses.update(node.number for node in kept)

    def run(self, block: Block, answers: Answers) -> Array:
        """Fill the answers; returns the rows that are for the Decimal rows."""
        state = _State(block)
        left = Counter(self._uses)
        with np.errstate(all="ignore"):
            for node in self._order:
                state.values[node.number] = _OPERATIONS[node.op](state, node)
                for arg in node.args:
                    left[arg.number] -= 1
                    if not left[arg.number]:
                        del state.values[arg.number]
                        state.spread.pop(arg.number, None)
        fault = np.empty(block.rows, np.bool_)
        fault[:] = state.values[self._program.fault.number]
        fault |= state.wrong
        for index, made in enumerate(self._program.outputs):
            _store(answers.values[index], state.values[made.value.number])
            nulls = answers.nulls[index]
            if nulls is not None:
                nulls[:] = state.values[made.null.number]
        return fault


def _store(room: Array, value: Any) -> None:
    if room.ndim == 2:
        room[:, 0] = value
        np.right_shift(room[:, 0], 63, out=room[:, 1])
    else:
        room[:] = value


class _State:
    """One run: what is computed so far."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.values: dict[int, Any] = {}
        self.spread: dict[int, Any] = {}
        self.wrong: Array = np.zeros(block.rows, np.bool_) if block.suspect is None else block.suspect.copy()

    def args(self, node: Node) -> list[Any]:
        """The arguments, those of the row repeated for each member."""
        return [self.arg(arg, node.space) for arg in node.args]

    def arg(self, arg: Node, space: Path | None) -> Any:
        """One argument in the space of the node that needs it."""
        value = self.values[arg.number]
        if space is None or arg.space is not None or not isinstance(value, np.ndarray):
            return value
        if arg.number not in self.spread:
            self.spread[arg.number] = np.repeat(value, self.lengths(space))
        return self.spread[arg.number]

    def lengths(self, path: Path) -> Array:
        """How many members each row has."""
        return np.diff(self.block.offsets[path])

    def any_member(self, found: Array, path: Path) -> Array:
        """Rows with a member of which it is true."""
        offsets = self.block.offsets[path]
        before = np.concatenate(([0], np.cumsum(found)))
        return before[offsets[1:]] > before[offsets[:-1]]


_Operation = Callable[[_State, Node], Any]


def _value(state: _State, node: Node) -> Any:
    assert isinstance(node.extra, tuple)
    cells = state.block.cells[node.extra]
    if node.is_truth:
        found = cells.data != 0
        return found if cells.valid is None else found & (cells.valid != 0)
    fits, values = _fitting(cells, node)
    wrong = ~fits if cells.valid is None else ~fits & (cells.valid != 0)
    if wrong.any():
        state.wrong |= wrong if node.space is None else state.any_member(wrong, node.space)
    taken = fits if cells.valid is None else fits & (cells.valid != 0)
    return values if taken.all() else np.where(taken, values, node.low)


def _fitting(cells: Cells, node: Node) -> tuple[Array, Array]:
    """Which values lie in the range, and the values times their factor."""
    low, high = -(-node.low // cells.factor), node.high // cells.factor
    if cells.data.ndim == 2:
        raw = cells.data[:, 0]
        fits = (cells.data[:, 1] == raw >> 63) & (raw >= low) & (raw <= high)
    else:
        raw = cells.data.astype(np.int64)
        fits = (raw >= low) & (raw <= high)
    return fits, raw * np.int64(cells.factor) if cells.factor != 1 else raw


def _valid(state: _State, node: Node) -> Any:
    assert isinstance(node.extra, tuple)
    valid = state.block.cells[node.extra].valid
    return True if valid is None else valid != 0


def _length(state: _State, node: Node) -> Any:
    return state.lengths(node.extra).astype(np.int64)  # type: ignore[arg-type]  # the path of a list


def _position(state: _State, node: Node) -> Any:
    offsets = state.block.offsets[node.extra]  # type: ignore[index]  # the path of a list
    return np.arange(1, offsets[-1] + 1) - np.repeat(offsets[:-1], np.diff(offsets))


def _constant(state: _State, node: Node) -> Any:
    return bool(node.low) if node.is_truth else node.low


def _of_two(operation: Callable[[Any, Any], Any]) -> _Operation:
    def run(state: _State, node: Node) -> Any:
        a, b = state.args(node)
        return operation(a, b)

    return run


def _select(state: _State, node: Node) -> Any:
    condition, a, b = state.args(node)
    return np.where(condition, a, b)


def _lookup(state: _State, node: Node) -> Any:
    table = np.array(node.extra, np.int64)
    return table[np.clip(state.args(node)[0], 0, len(table) - 1)]


def _over(state: _State, node: Node) -> Any:
    a, b = (np.asarray(arg, np.float64) for arg in state.args(node))
    return np.abs(a * b) > OVERFLOW


def _outside(state: _State, node: Node) -> Any:
    value = state.args(node)[0]
    return (value < -LIMIT) | (value > LIMIT)


def _members(state: _State, node: Node, path: Path) -> Array:
    """The members' values; a value of the row counts for each member."""
    value = state.arg(node.args[0], path)
    if isinstance(value, np.ndarray):
        return value
    return np.full(state.block.offsets[path][-1], value)


def _sum(state: _State, node: Node) -> Any:
    path: Path = node.extra  # type: ignore[assignment]  # the path of a list
    offsets = state.block.offsets[path]
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(_members(state, node, path), dtype=np.int64)))
    return before[offsets[1:]] - before[offsets[:-1]]


def _any(state: _State, node: Node) -> Any:
    path: Path = node.extra  # type: ignore[assignment]  # the path of a list
    return state.any_member(_members(state, node, path), path)


def _extreme(operation: Any) -> _Operation:
    def run(state: _State, node: Node) -> Any:
        extra: Any = node.extra
        path, otherwise = extra
        offsets = state.block.offsets[path]
        result = np.full(state.block.rows, otherwise, np.int64)
        some = np.diff(offsets) > 0
        if some.any():
            members = _members(state, node, path)
            result[some] = operation(operation.reduceat(members, offsets[:-1][some]), otherwise)
        return result

    return run


_OPERATIONS: Final[dict[str, _Operation]] = {
    "const": _constant,
    "value": _value,
    "valid": _valid,
    "length": _length,
    "position": _position,
    "add": _of_two(np.add),
    "sub": _of_two(np.subtract),
    "mul": _of_two(np.multiply),
    "div": _of_two(np.floor_divide),
    "min": _of_two(np.minimum),
    "max": _of_two(np.maximum),
    "lt": _of_two(np.less),
    "eq": _of_two(np.equal),
    "and": _of_two(np.logical_and),
    "or": _of_two(np.logical_or),
    "not": lambda state, node: np.logical_not(state.args(node)[0]),
    "flag": lambda state, node: np.asarray(state.args(node)[0]).astype(np.int64),
    "select": _select,
    "lookup": _lookup,
    "over": _over,
    "outside": _outside,
    "sum": _sum,
    "any": _any,
    "least": _extreme(np.minimum),
    "greatest": _extreme(np.maximum),
}
