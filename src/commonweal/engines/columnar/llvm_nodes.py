"""One node of a program as lines of LLVM's assembly."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from commonweal.engines.columnar.ir import LIMIT, REDUCTIONS, Node, Path
from commonweal.engines.columnar.numpy_blocks import OVERFLOW
from commonweal.engines.columnar.outputs import Output

__all__ = ["Nodes"]

_WIDTHS: Final = {
    "int8": ("i8", 8), "int16": ("i16", 16), "int32": ("i32", 32), "int64": ("i64", 64), "uint8": ("i8", 8),
}  # fmt: skip
_CLOSE: Final = 2**51
_SIMPLE: Final = {"add": "add", "sub": "sub", "mul": "mul"}
_COMPARISONS: Final = {"lt": "slt", "eq": "eq"}


class Nodes:
    """Writes nodes into one block of straight code.

    Attributes:
        lines: What is written so far.
        wrong: Does a value lie outside of its range?
    """

    def __init__(
        self,
        pointer: Callable[[str, Any], str],
        table: Callable[[tuple[int, ...]], str],
        layout: Mapping[Path, str],
        *,
        row: str,
        member: str | None,
    ) -> None:
        self._pointer, self._table, self._layout = pointer, table, layout
        self._row, self._member = row, member
        self._names: dict[int, str] = {}
        self._count = 0
        self._prefix = "m" if member else "t"
        self.lines: list[str] = []
        self.wrong = "false"

    def inside(self, member: str) -> Nodes:
        """The code of a loop inside, which sees what is made outside."""
        inner = Nodes(self._pointer, self._table, self._layout, row=self._row, member=member)
        inner._names = dict(self._names)
        return inner

    def renamed(self, prefix: str) -> list[str]:
        """The lines with names that clash with no others."""
        return [line.replace(f"%{self._prefix}", f"%{prefix}") for line in self.lines]

    # Writing

    def line(self, text: str) -> str:
        """A line that gives a value."""
        name = f"%{self._prefix}{self._count}"
        self._count += 1
        self.lines.append(f"  {name} = {text}")
        return name

    def operand(self, node: Node) -> str:
        """What stands for a node."""
        if node.constant is not None:
            return ("true" if node.low else "false") if node.is_truth else str(node.low)
        return self._names[node.number]

    def logic(self, op: str, a: str, b: str) -> str:
        """``and`` or ``or`` of two truths."""
        neutral, decisive = ("false", "true") if op == "or" else ("true", "false")
        if a == neutral:
            return b
        if b == neutral:
            return a
        if decisive in {a, b}:
            return decisive
        return self.line(f"{op} i1 {a}, {b}")

    def make_all(self, nodes: Iterable[Node], *, is_checked: bool) -> None:
        """Write nodes, each after what it depends on."""
        for node in nodes:
            self._make(node, is_checked=is_checked)

    def _make(self, node: Node, *, is_checked: bool) -> None:
        if node.number in self._names or node.op == "const":
            return
        if node.op == "value":
            self._names[node.number] = self._value(node, is_checked=is_checked)
        elif node.op in REDUCTIONS:
            self._names[node.number] = self._scratch(f"made {node.number}", is_truth=node.is_truth)
        else:
            write = getattr(self, f"_{node.op}", None)
            self._names[node.number] = write(node) if write else self._plain(node)

    def _plain(self, node: Node) -> str:
        a, b = (self.operand(arg) for arg in node.args)
        if node.op in _SIMPLE:
            return self.line(f"{_SIMPLE[node.op]} i64 {a}, {b}")
        if node.op in _COMPARISONS:
            return self.line(f"icmp {_COMPARISONS[node.op]} i64 {a}, {b}")
        if node.op in {"and", "or"}:
            return self.line(f"{node.op} i1 {a}, {b}")
        return self.line(f"call i64 @llvm.s{node.op}.i64(i64 {a}, i64 {b})")

    # Inputs

    def _index(self, space: Path | None) -> str:
        index = self._row if space is None else self._member
        assert index is not None
        return index

    def _value(self, node: Node, *, is_checked: bool) -> str:
        path: Any = node.extra
        kind, _, rest = self._layout[path].partition("*")
        factor = int(rest.rstrip("?"))
        data, index = self._pointer("data", path), self._index(node.space)
        valid = self._valid_at(path, node.space) if rest.endswith("?") else "true"
        if node.is_truth:
            at = self.line(f"getelementptr inbounds i8, ptr {data}, i64 {index}")
            raw = self.line(f"load i8, ptr {at}")
            return self.logic("and", self.line(f"icmp ne i8 {raw}, 0"), valid)
        raw, fits = self._raw(kind, data, index)
        low, high = -(-node.low // factor), node.high // factor
        if kind == "decimal" or not _is_within(_WIDTHS[kind][1], low, high):
            moved = self.line(f"sub i64 {raw}, {low}") if low else raw
            fits = self.logic("and", fits, self.line(f"icmp ule i64 {moved}, {high - low}"))
        taken = self.logic("and", fits, valid)
        if is_checked and fits != "true":
            missed = self.line(f"xor i1 {fits}, true")
            self.wrong = self.logic("or", self.wrong, self.logic("and", missed, valid))
        value = self.line(f"mul i64 {raw}, {factor}") if factor != 1 else raw
        return value if taken == "true" else self.line(f"select i1 {taken}, i64 {value}, i64 {node.low}")

    def _raw(self, kind: str, data: str, index: str) -> tuple[str, str]:
        """The number as it lies there, and whether 64 bits hold it."""
        if kind == "decimal":
            first = self.line(f"shl nuw nsw i64 {index}, 1")
            at = self.line(f"getelementptr inbounds i64, ptr {data}, i64 {first}")
            low = self.line(f"load i64, ptr {at}")
            after = self.line(f"getelementptr inbounds i64, ptr {at}, i64 1")
            high = self.line(f"load i64, ptr {after}")
            sign = self.line(f"ashr i64 {low}, 63")
            return low, self.line(f"icmp eq i64 {sign}, {high}")
        width, bits = _WIDTHS[kind]
        at = self.line(f"getelementptr inbounds {width}, ptr {data}, i64 {index}")
        raw = self.line(f"load {width}, ptr {at}")
        return raw if bits == 64 else self.line(f"sext {width} {raw} to i64"), "true"

    def _valid_at(self, path: Path, space: Path | None) -> str:
        at = self.line(
            f"getelementptr inbounds i8, ptr {self._pointer('valid', path)}, i64 {self._index(space)}"
        )
        raw = self.line(f"load i8, ptr {at}")
        return self.line(f"icmp ne i8 {raw}, 0")

    def _valid(self, node: Node) -> str:
        path: Any = node.extra
        return self._valid_at(path, node.space) if self._layout[path].endswith("?") else "true"

    def _offset(self, path: Any, index: str) -> str:
        at = self.line(f"getelementptr inbounds i32, ptr {self._pointer('offsets', path)}, i64 {index}")
        return self.line(f"sext i32 {self.line(f'load i32, ptr {at}')} to i64")

    def _length(self, node: Node) -> str:
        after = self.line(f"add nuw nsw i64 {self._row}, 1")
        first = self._offset(node.extra, self._row)
        return self.line(f"sub i64 {self._offset(node.extra, after)}, {first}")

    def _position(self, node: Node) -> str:
        before = self.line(f"sub i64 {self._member}, %from")
        return self.line(f"add i64 {before}, 1")

    # Operations

    def _select(self, node: Node) -> str:
        condition, a, b = (self.operand(arg) for arg in node.args)
        return self.line(f"select i1 {condition}, i64 {a}, i64 {b}")

    def _not(self, node: Node) -> str:
        return self.line(f"xor i1 {self.operand(node.args[0])}, true")

    def _flag(self, node: Node) -> str:
        return self.line(f"zext i1 {self.operand(node.args[0])} to i64")

    def _lookup(self, node: Node) -> str:
        values: Any = node.extra
        index = self.line(f"call i64 @llvm.smax.i64(i64 {self.operand(node.args[0])}, i64 0)")
        index = self.line(f"call i64 @llvm.smin.i64(i64 {index}, i64 {len(values) - 1})")
        at = self.line(f"getelementptr inbounds i64, ptr {self._table(values)}, i64 {index}")
        return self.line(f"load i64, ptr {at}")

    def _double(self, operand: str) -> str:
        return self.line(f"sitofp i64 {operand} to double")

    def _over(self, node: Node) -> str:
        a, b = (self._double(self.operand(arg)) for arg in node.args)
        size = self.line(f"call double @llvm.fabs.f64(double {self.line(f'fmul double {a}, {b}')})")
        return self.line(f"fcmp ogt double {size}, {_double_text(OVERFLOW)}")

    def _outside(self, node: Node) -> str:
        moved = self.line(f"add i64 {self.operand(node.args[0])}, {LIMIT}")
        return self.line(f"icmp ugt i64 {moved}, {2 * LIMIT}")

    def _div(self, node: Node) -> str:
        """Rounded down, through doubles.

        Three roundings to 53 bits make the first quotient miss by less than three times its 2**-53. Where that is less
        than one, it is out by one at most, which its rest shows. Else the divisor is small, so is the rest, and the
        rest's own quotient mends the first.
        """
        a, b = node.args
        top, divisor = self.operand(a), self.operand(b)
        if b.constant is not None:
            guess = self.line(f"fmul double {self._double(top)}, {_double_text(1 / b.constant)}")
        else:
            guess = self.line(f"fdiv double {self._double(top)}, {self._double(divisor)}")
        first, rest = self._quotient(guess, top, divisor)
        if max(abs(a.low), abs(a.high)) >= _CLOSE * b.low:
            share = self.line(f"fdiv double {self._double(rest)}, {self._double(divisor)}")
            more, rest = self._quotient(share, rest, divisor)
            first = self.line(f"add i64 {first}, {more}")
        return self._corrected(first, rest, divisor)

    def _quotient(self, guess: str, top: str, divisor: str) -> tuple[str, str]:
        """A guess rounded down, and what it leaves."""
        down = self.line(f"call double @llvm.floor.f64(double {guess})")
        first = self.line(f"fptosi double {down} to i64")
        return first, self.line(f"sub i64 {top}, {self.line(f'mul i64 {first}, {divisor}')}")

    def _corrected(self, first: str, rest: str, divisor: str) -> str:
        """A quotient that misses by one at most."""
        below = self.line(f"icmp slt i64 {rest}, 0")
        above = self.line(f"icmp sge i64 {rest}, {divisor}")
        lower = self.line(f"sext i1 {below} to i64")
        higher = self.line(f"zext i1 {above} to i64")
        return self.line(f"add i64 {self.line(f'add i64 {first}, {lower}')}, {higher}")

    # Buffers between the passes

    def _scratch(self, name: str, *, is_truth: bool) -> str:
        width = "i8" if is_truth else "i64"
        at = self.line(f"getelementptr inbounds {width}, ptr {self._pointer('scratch', name)}, i64 %k")
        raw = self.line(f"load {width}, ptr {at}")
        return self.line(f"icmp ne i8 {raw}, 0") if is_truth else raw

    def scratch_truth(self, name: str) -> str:
        """A truth of an earlier pass."""
        return self._scratch(name, is_truth=True)

    def store_scratch(self, name: str, *, is_truth: bool, value: str) -> None:
        """Keep a value for a later pass."""
        width = "i8" if is_truth else "i64"
        at = self.line(f"getelementptr inbounds {width}, ptr {self._pointer('scratch', name)}, i64 %k")
        wide = self.line(f"zext i1 {value} to i8") if is_truth else value
        self.lines.append(f"  store {width} {wide}, ptr {at}")

    # Outputs

    def store_truth(self, pointer: str, value: str) -> None:
        """A truth as a byte."""
        at = self.line(f"getelementptr inbounds i8, ptr {pointer}, i64 {self._row}")
        self.lines.append(f"  store i8 {self.line(f'zext i1 {value} to i8')}, ptr {at}")

    def store_output(self, pointer: str, output: Output, node: Node) -> None:
        """A value of a column."""
        value = self.operand(node)
        if output.kind == "truth":
            self.store_truth(pointer, value)
            return
        if output.kind != "number":
            at = self.line(f"getelementptr inbounds i32, ptr {pointer}, i64 {self._row}")
            self.lines.append(f"  store i32 {self.line(f'trunc i64 {value} to i32')}, ptr {at}")
            return
        index = self._row if output.scale == 0 else self.line(f"shl nuw nsw i64 {self._row}, 1")
        at = self.line(f"getelementptr inbounds i64, ptr {pointer}, i64 {index}")
        self.lines.append(f"  store i64 {value}, ptr {at}")
        if output.scale:
            after = self.line(f"getelementptr inbounds i64, ptr {at}, i64 1")
            self.lines.append(f"  store i64 {self.line(f'ashr i64 {value}, 63')}, ptr {after}")


def _is_within(bits: int, low: int, high: int) -> bool:
    """Does a whole number of so many bits always lie in the range?"""
    most = 1 << (bits - 1)
    return low <= -most and high >= most - 1


def _double_text(value: float) -> str:
    return f"0x{struct.pack('>d', value).hex().upper()}"
