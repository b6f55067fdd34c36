"""Small tables over numbers, texts and truth values, and a naive evaluator of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from commonweal.engines import dmn
from commonweal.engines.dmn import model as m

NUMBERS = st.integers(0, 6)
WORDS = ("a", "b", "c")


@dataclass(frozen=True)
class Cell:
    text: str
    passes: Callable[[object], bool]


def number_cell(draw: st.DrawFn) -> Cell:
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    kind = draw(st.integers(0, 7))
    cells = [
        Cell("-", lambda v: True),
        Cell(f"< {low}", lambda v: v < low),
        Cell(f">= {high}", lambda v: v >= high),
        Cell(f"[{low}..{high}]", lambda v: low <= v <= high),
        Cell(f"{low}, {high}", lambda v: v in (low, high)),
        Cell(f"not({low})", lambda v: v != low),
        Cell(f"? > {low} and ? < {high}", lambda v: low < v < high),
        Cell(f"({low}..{high + 1})", lambda v: low < v < high + 1),
    ]
    return cells[kind]


def word_cell(draw: st.DrawFn) -> Cell:
    chosen = draw(st.sets(st.sampled_from(WORDS), min_size=1))
    listed = ", ".join(f'"{word}"' for word in sorted(chosen))
    return draw(
        st.sampled_from(
            [
                Cell("-", lambda v: True),
                Cell(listed, lambda v: v in chosen),
                Cell(f"not({listed})", lambda v: v not in chosen),
            ]
        )
    )


def truth_cell(draw: st.DrawFn) -> Cell:
    wanted = draw(st.booleans())
    return draw(
        st.sampled_from([Cell("-", lambda v: True), Cell(str(wanted).lower(), lambda v: v is wanted)])
    )


KINDS = {"number": number_cell, "string": word_cell, "boolean": truth_cell}
VALUES = {
    "number": st.integers(-1, 8) | st.sampled_from([0.5, 2.5]),
    "string": st.sampled_from([*WORDS, "other"]),
    "boolean": st.booleans(),
}


@dataclass(frozen=True)
class Drawn:
    """A table, the kinds of its inputs, its cells and its outputs."""

    table: m.DecisionTable
    kinds: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    outputs: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"in {i}" for i in range(len(self.kinds)))

    def compiled(self) -> dmn.CompiledModel:
        compiled = dmn.compile(dmn.model_of(self.table, "outcome"))
        assert not [p for p in compiled.problems if p.is_error]
        return compiled

    def hits(self, values: dict[str, object]) -> list[int]:
        given = [values[name] for name in self.names]
        return [
            rule
            for rule, cells in enumerate(self.cells)
            if all(cell.passes(value) for cell, value in zip(cells, given, strict=True))
        ]

    def naive(self, values: dict[str, object]) -> object:
        return naive_outcome(self.table, [self.outputs[rule] for rule in self.hits(values)])


ORDER = (3, 1, 2, 0)
POLICIES = [
    ("UNIQUE", None),
    ("ANY", None),
    ("PRIORITY", None),
    ("FIRST", None),
    ("RULE ORDER", None),
    ("OUTPUT ORDER", None),
    ("COLLECT", None),
    ("COLLECT", "SUM"),
    ("COLLECT", "MIN"),
    ("COLLECT", "MAX"),
    ("COLLECT", "COUNT"),
]


def naive_outcome(table: m.DecisionTable, outcomes: list[int]) -> object:
    policy = table.aggregation or table.hit_policy
    if not outcomes:
        return 0 if policy == "COUNT" else None
    if policy == "UNIQUE":
        return outcomes[0] if len(outcomes) == 1 else None
    if policy == "ANY":
        return outcomes[0] if len(set(outcomes)) == 1 else None
    ranked = sorted(outcomes, key=ORDER.index)
    return {
        "PRIORITY": ranked[0],
        "FIRST": outcomes[0],
        "RULE ORDER": outcomes,
        "COLLECT": outcomes,
        "OUTPUT ORDER": ranked,
        "SUM": sum(outcomes),
        "MIN": min(outcomes),
        "MAX": max(outcomes),
        "COUNT": len(outcomes),
    }[policy]


@st.composite
def drawn_tables(draw: st.DrawFn, policies: list[tuple[str, str | None]] | None = None) -> Drawn:
    kinds = tuple(draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3)))
    cells = tuple(tuple(KINDS[kind](draw) for kind in kinds) for _ in range(draw(st.integers(1, 5))))
    outputs = tuple(draw(st.lists(st.integers(0, 3), min_size=len(cells), max_size=len(cells))))
    hit, aggregation = draw(st.sampled_from(policies or POLICIES))
    table = m.DecisionTable(
        inputs=tuple(
            m.InputClause(expression=m.Literal(text=f"in {i}", type_ref=kind)) for i, kind in enumerate(kinds)
        ),
        outputs=(m.OutputClause(name="out", values=m.UnaryTests(text=", ".join(map(str, ORDER)))),),
        rules=tuple(
            m.Rule(tests=tuple(m.UnaryTests(text=c.text) for c in line), outputs=(m.Literal(text=str(out)),))
            for line, out in zip(cells, outputs, strict=True)
        ),
        hit_policy=hit,
        aggregation=aggregation,
    )
    return Drawn(table, kinds, cells, outputs)


@st.composite
def tables_with_values(draw: st.DrawFn) -> tuple[Drawn, dict[str, object]]:
    drawn = draw(drawn_tables())
    return drawn, {name: draw(VALUES[kind]) for name, kind in zip(drawn.names, drawn.kinds, strict=True)}


def plain(value: object) -> object:
    """A FEEL value with numbers as Python's."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
