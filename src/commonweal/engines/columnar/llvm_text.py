"""A program as LLVM's assembly: passes over members, then one over rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from commonweal.engines.columnar.ir import REDUCTIONS, Node, Path, reachable
from commonweal.engines.columnar.llvm_nodes import Nodes
from commonweal.engines.columnar.lowering.decisions import Lowered

__all__ = ["Assembly", "assembly"]

_HEAD: Final = """\
declare double @llvm.fabs.f64(double)
declare double @llvm.floor.f64(double)
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.umin.i64(i64, i64)
"""
Pointer = tuple[str, Any]


@dataclass(slots=True)
class Assembly:
    """Assembly, and the buffers that ``run(rows, pointers)`` wants, in order.

    Attributes:
        text: The assembly.
        pointers: Kind and key of each buffer.
        scratch: Name and width of the buffers between the passes.
    """

    text: str = ""
    pointers: list[Pointer] = field(default_factory=list)
    scratch: dict[str, str] = field(default_factory=dict)


def assembly(program: Lowered, layout: Mapping[Path, str], chunk: int) -> Assembly:
    """The assembly of a program, for columns that lie so in memory."""
    return _Writer(program, layout, chunk).write()


class _Writer:
    def __init__(self, program: Lowered, layout: Mapping[Path, str], chunk: int) -> None:
        self._program, self._layout, self._chunk = program, layout, chunk
        self._order = program.order
        self._made = Assembly()
        self._functions: list[str] = []
        self._calls: list[str] = []
        self._tables: list[str] = []
        self._wrong: list[Path] = []

    def write(self) -> Assembly:
        for path, reductions in self._stages():
            self._member_pass(path, reductions)
        self._row_pass()
        self._made.text = "\n".join([_HEAD, *self._tables, *self._functions, self._run()])
        return self._made

    def _stages(self) -> list[tuple[Path, list[Node]]]:
        """Reductions over one list that can be made in one loop, in an order in which they can be made."""
        depths: dict[int, int] = {}
        stages: dict[tuple[int, Path], list[Node]] = {}
        for node in self._order:
            if node.op == "value" and node.space is not None:
                stages.setdefault((0, node.space), [])
            depth = max((depths[arg.number] for arg in node.args), default=0)
            if node.op in REDUCTIONS:
                stages.setdefault((depth, list_of(node)), []).append(node)
                depth += 1
            depths[node.number] = depth
        return [(key[1], stages[key]) for key in sorted(stages)]

    # Functions

    def pointer(self, kind: str, key: Any) -> str:
        """The name of a buffer."""
        if (kind, key) not in self._made.pointers:
            self._made.pointers.append((kind, key))
        return f"%p{self._made.pointers.index((kind, key))}"

    def table(self, values: tuple[int, ...]) -> str:
        """The name of a constant table."""
        name = f"@table{len(self._tables)}"
        inner = ", ".join(f"i64 {value}" for value in values)
        self._tables.append(f"{name} = private unnamed_addr constant [{len(values)} x i64] [{inner}]")
        return name

    def _nodes(self, row: str, member: str | None = None) -> Nodes:
        return Nodes(self.pointer, self.table, self._layout, row=row, member=member)

    def _add_function(self, name: str, lines: list[str]) -> None:
        body = "\n".join(lines)
        used = [i for i in range(len(self._made.pointers)) if f"%p{i}" in set(_words(body))]
        parameters = ", ".join(f"ptr noalias %p{i}" for i in used)
        comma = ", " if used else ""
        self._functions.append(
            f"define internal void @{name}(i64 %start, i64 %end{comma}{parameters}) noinline nounwind {{\n{body}\n}}\n"
        )
        arguments = ", ".join(f"ptr %p{i}" for i in used)
        self._calls.append(f"  call void @{name}(i64 %start, i64 %end{comma}{arguments})")

    def _run(self) -> str:
        loads = []
        for i in range(len(self._made.pointers)):
            loads += [
                f"  %a{i} = getelementptr inbounds ptr, ptr %pointers, i64 {i}",
                f"  %p{i} = load ptr, ptr %a{i}",
            ]
        return "\n".join(
            [
                "define void @run(i64 %rows, ptr %pointers) nounwind {",
                "entry:",
                *loads,
                "  br label %chunk",
                "chunk:",
                "  %start = phi i64 [0, %entry], [%end, %chunk]",
                f"  %far = add nuw nsw i64 %start, {self._chunk}",
                "  %end = call i64 @llvm.smin.i64(i64 %far, i64 %rows)",
                *self._calls,
                "  %more = icmp slt i64 %end, %rows",
                "  br i1 %more, label %chunk, label %exit",
                "exit:",
                "  ret void",
                "}",
            ]
        )

    # Rows

    def _row_pass(self) -> None:
        nodes = self._nodes("%i")
        nodes.make_all([node for node in self._order if node.space is None], is_checked=True)
        wrong = nodes.wrong
        for path in self._wrong:
            wrong = nodes.logic("or", wrong, nodes.scratch_truth(f"wrong {'.'.join(path)}"))
        fault = nodes.logic("or", nodes.operand(self._program.fault), wrong)
        nodes.store_truth(self.pointer("fault", None), fault)
        for index, made in enumerate(self._program.outputs):
            nodes.store_output(self.pointer("out", index), made.output, made.value)
            if made.null.constant != 0:
                nodes.store_truth(self.pointer("null", index), nodes.operand(made.null))
        self._add_function("rows", _loop(nodes.lines))

    # Members

    def _member_pass(self, path: Path, reductions: list[Node]) -> None:
        """A loop over the rows, and in it one over the members of each."""
        is_first = path not in self._wrong
        needed = reachable([reduction.args[0] for reduction in reductions])
        if is_first:
            needed = [*(node for node in self._order if node.op == "value" and node.space == path), *needed]
        outer = self._nodes("%i")
        outer.make_all([node for node in needed if node.space is None], is_checked=False)
        inner = outer.inside("%j")
        inner.make_all([node for node in needed if node.space is not None], is_checked=is_first)
        gathered = [_Gathered.of(number, node, inner) for number, node in enumerate(reductions)]
        if is_first:
            self._wrong.append(path)
            gathered.append(_Gathered.of_wrong(f"wrong {'.'.join(path)}", inner.wrong))
        lines = [*outer.lines, *self._members_loop(path, inner.lines, gathered)]
        ends = self._nodes("%i")
        for one in gathered:
            ends.store_scratch(one.name, is_truth=one.is_truth, value=f"%out_{one.label}")
            self._made.scratch[one.name] = "u1" if one.is_truth else "i8"
        self._add_function(
            f"members{len(self._functions)}", _loop([*lines, *ends.renamed("e")], latch="after")
        )

    def _members_loop(self, path: Path, body: list[str], gathered: list[_Gathered]) -> list[str]:
        offsets = self.pointer("offsets", path)
        return [
            f"  %from_at = getelementptr inbounds i32, ptr {offsets}, i64 %i",
            "  %from_32 = load i32, ptr %from_at",
            "  %from = sext i32 %from_32 to i64",
            "  %to_at = getelementptr inbounds i32, ptr %from_at, i64 1",
            "  %to_32 = load i32, ptr %to_at",
            "  %to = sext i32 %to_32 to i64",
            "  %some = icmp slt i64 %from, %to",
            "  br i1 %some, label %members, label %after",
            "members:",
            "  %j = phi i64 [%from, %row], [%j_next, %members]",
            *(
                f"  %acc_{one.label} = phi {one.kind} [{one.start}, %row], [%next_{one.label}, %members]"
                for one in gathered
            ),
            *body,
            *(f"  %next_{one.label} = {one.step}" for one in gathered),
            "  %j_next = add nuw nsw i64 %j, 1",
            "  %j_more = icmp slt i64 %j_next, %to",
            "  br i1 %j_more, label %members, label %after",
            "after:",
            *(
                f"  %out_{one.label} = phi {one.kind} [{one.start}, %row], [%next_{one.label}, %members]"
                for one in gathered
            ),
        ]


def list_of(reduction: Node) -> Path:
    """The list that a reduction goes over."""
    extra: Any = reduction.extra
    return extra[0] if reduction.op in {"least", "greatest"} else extra  # type: ignore[no-any-return]  # a path


def scratch_name(node: Node) -> str:
    """The buffer of a reduction."""
    return f"made {node.number}"


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace(")", " ").split()


def _loop(lines: list[str], latch: str = "row") -> list[str]:
    return [
        "entry:",
        "  %any = icmp slt i64 %start, %end",
        "  br i1 %any, label %row, label %exit",
        "row:",
        f"  %i = phi i64 [%start, %entry], [%i_next, %{latch}]",
        "  %k = sub nuw nsw i64 %i, %start",
        *lines,
        "  %i_next = add nuw nsw i64 %i, 1",
        "  %i_more = icmp slt i64 %i_next, %end",
        "  br i1 %i_more, label %row, label %exit",
        "exit:",
        "  ret void",
    ]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What gathers a reduction while the members go by.

    Attributes:
        label: Of its names in the loop.
        name: Of the buffer that it goes to.
        is_truth: Is it a truth, not a number?
        start: What it is before the first member.
        step: What makes the next of the one before.
    """

    label: str
    name: str
    is_truth: bool
    start: str
    step: str

    @property
    def kind(self) -> str:
        """Its type."""
        return "i1" if self.is_truth else "i64"

    @classmethod
    def of(cls, number: int, node: Node, inner: Nodes) -> _Gathered:
        """A reduction of the program."""
        label, value, extra = str(number), inner.operand(node.args[0]), node.extra
        if node.op == "any":
            return cls(label, scratch_name(node), True, "false", f"or i1 %acc_{label}, {value}")
        if node.op == "sum":
            return cls(label, scratch_name(node), False, "0", f"add i64 %acc_{label}, {value}")
        assert isinstance(extra, tuple)
        which = "smin" if node.op == "least" else "smax"
        step = f"call i64 @llvm.{which}.i64(i64 %acc_{label}, i64 {value})"
        return cls(label, scratch_name(node), False, str(extra[1]), step)

    @classmethod
    def of_wrong(cls, name: str, value: str) -> _Gathered:
        """Whether a member's value lies outside of its range."""
        return cls("wrong", name, True, "false", f"or i1 %acc_wrong, {value}")
