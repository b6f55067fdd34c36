"""A block of rows as NumPy sees it: the buffers of Arrow, without copies where their layout allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from commonweal.engines.columnar.columns import Branch, Column, Leaf, Many
from commonweal.engines.columnar.ir import Path
from commonweal.engines.columnar.outputs import Output

__all__ = ["Answers", "Array", "Block", "Cells", "Outcome", "read_block"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Cells:
    """The values of one leaf.

    Attributes:
        leaf: The column.
        data: Whole numbers of any width; of a decimal column two limbs a value, the lower first.
        valid: 1 where there is a value; None where there always is.
        factor: What brings a value to the leaf's scale.
    """

    leaf: Leaf
    data: Array
    valid: Array | None
    factor: int = 1

    @property
    def layout(self) -> str:
        """How the values lie in memory, for code made for them."""
        kind = "decimal" if self.data.ndim == 2 else str(self.data.dtype)
        return f"{kind}*{self.factor}{'' if self.valid is None else '?'}"


@dataclass(slots=True)
class Block:
    """Some rows.

    Attributes:
        rows: How many.
        cells: By path of the leaf.
        offsets: By path of the list: where the members of each row begin, and where the last end.
        suspect: Rows that only the Decimal rows can do; None where there are none.
    """

    rows: int
    cells: dict[Path, Cells] = field(default_factory=dict)
    offsets: dict[Path, Array] = field(default_factory=dict)
    suspect: Array | None = None

    def suspects(self, rows: Array) -> None:
        """Give rows to the Decimal rows."""
        self.suspect = rows if self.suspect is None else self.suspect | rows


def read_block(
    batch: pa.RecordBatch, columns: Mapping[str, Column], wanted: frozenset[Path], codes: Mapping[str, int]
) -> Block:
    """The leaves that a program reads, of a batch in the types that `arrow.conform` gives."""
    block = Block(batch.num_rows)
    reader = _Reader(block, wanted, codes)
    for array, column in zip(batch.columns, columns.values(), strict=True):
        reader.read(array, column, None)
    return block


class _Reader:
    def __init__(self, block: Block, wanted: frozenset[Path], codes: Mapping[str, int]) -> None:
        self._block, self._wanted, self._codes = block, wanted, codes

    def read(self, array: pa.Array, column: Column, offsets: Array | None) -> None:
        if isinstance(column, Leaf):
            if column.path in self._wanted:
                self._block.cells[column.path] = self._cells(array, column)
            return
        if array.null_count:
            # A null context or list is nothing that a column can say: the engine decides on it.
            self._suspect(array.is_null().to_numpy(zero_copy_only=False), offsets)
        if isinstance(column, Branch):
            for index, (_, member) in enumerate(column.members):
                self.read(array.field(index), member, offsets)
            return
        self._list(array, column)

    def _suspect(self, found: Array, offsets: Array | None) -> None:
        if offsets is None:
            self._block.suspects(found)
            return
        before = np.concatenate(([0], np.cumsum(found)))
        self._block.suspects(before[offsets[1:]] > before[offsets[:-1]])

    def _list(self, array: pa.ListArray, column: Many) -> None:
        offsets = array.offsets.to_numpy()
        first, last = int(offsets[0]), int(offsets[-1])
        values = array.values.slice(first, last - first)
        if first:
            offsets = offsets - np.int32(first)
        self._block.offsets[column.path] = offsets
        too_long = np.diff(offsets) > column.longest
        if too_long.any():
            self._block.suspects(too_long)
        self.read(values, column.element, offsets)

    def _cells(self, array: pa.Array, leaf: Leaf) -> Cells:
        valid = _bits(array, 0) if array.null_count else None
        kind = array.type
        if leaf.kind == "truth":
            return Cells(leaf, _bits(array, 1), valid)
        if leaf.kind == "text":
            return Cells(leaf, self._coded(array), valid)
        if pa.types.is_decimal(kind):
            limbs = _words(array, np.dtype(np.int64), 2).reshape(-1, 2)
            return Cells(leaf, limbs, valid, 10 ** (leaf.scale - kind.scale))
        width = np.dtype(np.int32 if leaf.kind == "date" else kind.to_pandas_dtype())
        factor = 10**leaf.scale if leaf.kind == "number" else 1
        return Cells(leaf, _words(array, width, 1), valid, factor)

    def _coded(self, array: pa.DictionaryArray) -> Array:
        known = array.dictionary.to_pylist()
        table = np.array([self._codes.get(text, -1) for text in known] or [-1], np.int32)
        indices = array.indices.fill_null(0) if array.null_count else array.indices
        coded: Array = table[indices.to_numpy()]
        return coded


def _words(array: pa.Array, width: np.dtype[Any], each: int) -> Array:
    """The whole numbers of a buffer, so many for each value."""
    if not len(array):
        return np.empty(0, width)
    data = np.frombuffer(array.buffers()[1], width, (array.offset + len(array)) * each)
    return data[array.offset * each :]


def _bits(array: pa.Array, which: int) -> Array:
    """Bits of a buffer as bytes."""
    buffer = array.buffers()[which]
    if buffer is None:
        return np.ones(len(array), np.uint8)
    start = array.offset // 8
    end = (array.offset + len(array) + 7) // 8
    raw = np.frombuffer(buffer, np.uint8)[start:end]
    skip = array.offset % 8
    return np.unpackbits(raw, bitorder="little")[skip : skip + len(array)]


# Out


@dataclass(slots=True)
class Answers:
    """The columns of an answer while they are filled.

    Attributes:
        rows: How many.
        values: By output: whole numbers; of a decimal column two limbs a value.
        nulls: By output: 1 where there is no value; None where there always is.
    """

    rows: int
    values: list[Array]
    nulls: list[Array | None]

    @classmethod
    def empty(cls, rows: int, outputs: Sequence[Output], nullable: Sequence[bool]) -> Answers:
        """Room for so many rows."""
        values = [_room(rows, output) for output in outputs]
        return cls(rows, values, [np.empty(rows, np.uint8) if may else None for may in nullable])

    def part(self, start: int, rows: int) -> Answers:
        """The same room, from a row on."""
        end = start + rows
        nulls = [None if null is None else null[start:end] for null in self.nulls]
        return Answers(rows, [values[start:end] for values in self.values], nulls)


class Outcome:
    """The answer as a whole: what the back end fills, what the Decimal rows put in its place, the faults.

    Args:
        rows: How many.
        outputs: The columns.
        nullable: Which of them may be null.
        texts: The program's texts.
    """

    def __init__(
        self, rows: int, outputs: Sequence[Output], nullable: Sequence[bool], texts: Sequence[str]
    ) -> None:
        self.answers = Answers.empty(rows, outputs, nullable)
        self._outputs = outputs
        self._texts = list(texts)
        self._codes = {text: code for code, text in enumerate(texts)}
        self._faults: dict[int, str] = {}

    def patch(self, where: Array, rows: pa.RecordBatch) -> None:
        """Put what the Decimal rows said in its places."""
        answers = self.answers
        for index, output in enumerate(self._outputs):
            column = rows.column(index)
            nulls = answers.nulls[index]
            if nulls is None:
                nulls = answers.nulls[index] = np.zeros(answers.rows, np.uint8)
            nulls[where] = column.is_null().to_numpy(zero_copy_only=False)
            answers.values[index][where] = self._plain(column, output)
        faults = rows.column(len(self._outputs)).to_pylist()
        self._faults.update(
            (int(at), fault) for at, fault in zip(where, faults, strict=True) if fault is not None
        )

    def _plain(self, column: pa.Array, output: Output) -> Array:
        if output.kind == "truth":
            return np.array([bool(value) for value in column.to_pylist()], np.uint8)
        if output.kind == "text":
            return np.array([self._code(text) for text in column.to_pylist()], np.int32)
        if output.kind == "date":
            return np.frombuffer(column.buffers()[1], np.int32)[: len(column)]
        words = np.frombuffer(column.buffers()[1], np.int64)
        return words[: len(column)] if output.scale == 0 else words.reshape(-1, 2)[: len(column)]

    def _code(self, text: str | None) -> int:
        if text is None:
            return 0
        if text not in self._codes:
            self._codes[text] = len(self._texts)
            self._texts.append(text)
        return self._codes[text]

    def batch(self, schema: pa.Schema) -> pa.RecordBatch:
        """The answer, as Arrow has it."""
        dictionary = pa.array(self._texts, pa.string())
        arrays = [self._array(index, output, dictionary) for index, output in enumerate(self._outputs)]
        return pa.RecordBatch.from_arrays([*arrays, self._fault_array()], schema=schema)

    def _array(self, index: int, output: Output, dictionary: pa.Array) -> pa.Array:
        rows, values, nulls = self.answers.rows, self.answers.values[index], self.answers.nulls[index]
        validity = None
        if nulls is not None and nulls.any():
            validity = pa.py_buffer(np.packbits(nulls == 0, bitorder="little"))
        if output.kind == "truth":
            data = pa.py_buffer(np.packbits(values, bitorder="little"))
            return pa.Array.from_buffers(pa.bool_(), rows, [validity, data])
        if output.kind == "text":
            codes = pa.Array.from_buffers(pa.int32(), rows, [validity, pa.py_buffer(values)])
            return pa.DictionaryArray.from_arrays(codes, dictionary, safe=False)
        return pa.Array.from_buffers(output.type, rows, [validity, pa.py_buffer(values)])

    def _fault_array(self) -> pa.Array:
        rows = self.answers.rows
        if not self._faults:
            # Zeroed pages that nobody touches cost nothing; `pa.nulls` would write them.
            empty = [
                pa.py_buffer(np.zeros((rows + 7) // 8, np.uint8)),
                pa.py_buffer(np.zeros(rows + 1, np.int32)),
                pa.py_buffer(b""),
            ]
            return pa.Array.from_buffers(pa.string(), rows, empty, rows)
        places = np.fromiter(sorted(self._faults), np.int64, len(self._faults))
        texts = pa.array([self._faults[place] for place in places.tolist()], pa.string())
        codes = np.zeros(rows, np.int32)
        codes[places] = np.arange(len(places))
        valid = np.zeros(rows, np.bool_)
        valid[places] = True
        return texts.take(pa.array(codes, mask=~valid))


def _room(rows: int, output: Output) -> Array:
    if output.kind == "truth":
        return np.empty(rows, np.uint8)
    if output.kind in {"text", "date"}:
        return np.empty(rows, np.int32)
    return np.empty(rows, np.int64) if output.scale == 0 else np.empty((rows, 2), np.int64)
