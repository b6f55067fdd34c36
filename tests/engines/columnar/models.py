"""Small models made of texts, and batches for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from commonweal.engines import columnar
from commonweal.engines.columnar import llvm
from commonweal.engines.dmn import model as m

COMPILED = tuple(engine for engine in ("llvm", "numpy") if engine == "numpy" or llvm.is_available())
"""The engines that must agree with the Decimal rows; llvm only where it is installed."""


def types_of(text: str) -> tuple[m.ItemDefinition, ...]:
    """Item definitions from lines such as ``Kind: string = "A", "B"`` and ``Person: {age: number}``."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, _, rest = line.partition(":")
        found.append(_item(name.strip(), rest.strip()))
    return tuple(found)


def _item(name: str, text: str) -> m.ItemDefinition:
    is_many = text.endswith("*")
    text = text.removesuffix("*")
    if text.startswith("{"):
        parts = (part.partition(":") for part in text.strip("{}").split(";") if part.strip())
        components = tuple(_item(key.strip(), kind.strip()) for key, _, kind in parts)
        return m.ItemDefinition(name=name, components=components, is_collection=is_many)
    kind, _, allowed = text.partition(" = ")
    tests = m.UnaryTests(text=allowed) if allowed else None
    return m.ItemDefinition(name=name, type_ref=kind.strip(), allowed_values=tests, is_collection=is_many)


def model_of(
    inputs: Mapping[str, str],
    decisions: Mapping[str, str | m.Boxed],
    *,
    types: str = "",
    result: str | None = None,
    more: Sequence[m.DrgElement] = (),
) -> m.Model:
    """A model whose last decision is of the type ``result``; each decision sees all that stands before it."""
    elements: list[m.DrgElement] = [
        m.InputData(id=f"i{i}", name=name, variable=m.Variable(name=name, type_ref=kind))
        for i, (name, kind) in enumerate(inputs.items())
    ]
    needs = [m.Requirement(kind="requiredInput", href=f"#{element.id}") for element in elements]
    knowledge = tuple(m.Requirement(kind="requiredKnowledge", href=f"#{element.id}") for element in more)
    for i, (name, expression) in enumerate(decisions.items()):
        boxed = m.Literal(text=expression) if isinstance(expression, str) else expression
        kind = result if i == len(decisions) - 1 else None
        elements.append(
            m.Decision(
                id=f"d{i}",
                name=name,
                variable=m.Variable(name=name, type_ref=kind),
                information=tuple(needs),
                knowledge=knowledge,
                expression=boxed,
            )
        )
        needs.append(m.Requirement(kind="requiredDecision", href=f"#d{i}"))
    return m.Model(
        name="test",
        namespace="https://commonweal.example/test",
        item_definitions=types_of(types),
        elements=(*elements, *more),
    )


def table_of(
    inputs: Sequence[str],
    rules: Sequence[tuple[Sequence[str], str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str | None = None,
    values: str | None = None,
    default: str | None = None,
) -> m.DecisionTable:
    """A decision table with one output."""
    return m.DecisionTable(
        inputs=tuple(m.InputClause(expression=m.Literal(text=text)) for text in inputs),
        outputs=(
            m.OutputClause(
                values=m.UnaryTests(text=values) if values else None,
                default=m.Literal(text=default) if default else None,
            ),
        ),
        rules=tuple(
            m.Rule(tests=tuple(m.UnaryTests(text=test) for test in tests), outputs=(m.Literal(text=out),))
            for tests, out in rules
        ),
        hit_policy=policy,
        aggregation=aggregation,
    )


def answers(
    program: columnar.Program, rows: Sequence[Mapping[str, Any]], engine: str
) -> list[dict[str, Any]]:
    """What an engine says of rows of plain values."""
    return list(program.run(batch_of(program, rows), engine=engine).to_pylist())


def batch_of(program: columnar.Program, rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Rows as a batch, with room for numbers that lie outside of their range."""
    schema = pa.schema([field.with_type(_wide(field.type)) for field in program.schema])
    return pa.RecordBatch.from_pylist([dict(row) for row in rows], schema=schema)


def _wide(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal(kind):
        return pa.decimal128(36, kind.scale)
    if pa.types.is_struct(kind):
        return pa.struct([kind.field(i).with_type(_wide(kind.field(i).type)) for i in range(kind.num_fields)])
    return pa.list_(_wide(kind.value_type)) if pa.types.is_list(kind) else kind


def assert_agree(program: columnar.Program, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All engines say the same of the rows; returns what."""
    truth = answers(program, rows, "rows")
    for engine in COMPILED:
        if engine in program.engines:
            found = answers(program, rows, engine)
            differing = [
                (row, got, said) for row, got, said in zip(rows, found, truth, strict=True) if got != said
            ]
            assert not differing, f"{engine}: {differing[0]}"
    return truth
