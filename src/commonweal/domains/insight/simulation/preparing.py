"""Makes ready what is run: the law in force and the reform as programs over columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from commonweal.domains.insight.simulation.declaring import Declaration
from commonweal.domains.insight.simulation.overlays import overlaid
from commonweal.domains.insight.simulation.running import AMOUNT, MEASURE, RECEIVES, Plan
from commonweal.engines import columnar, dmn
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.model import (
    Context,
    ContextEntry,
    Decision,
    InputData,
    Literal,
    Requirement,
    Variable,
)
from commonweal.engines.feel import UNKNOWN
from commonweal.engines.parameters import Snapshot, Tree

if TYPE_CHECKING:
    from commonweal.kernel.decisions.programmes.reading import LawModel


def plan_of(
    declaration: Declaration,
    snapshot: Snapshot,
    baseline: LawModel,
    reform: LawModel,
    changes: Mapping[str, Tree],
) -> Plan:
    """Compile the law in force and the reform.

    Args:
        declaration: How the programme is read.
        snapshot: The figures in force.
        baseline: The model in force.
        reform: The reform's model.
        changes: The reform's figures.

    Raises:
        ColumnarError: A model cannot be run over columns.
        FeelError: A constant of the declaration cannot be worked out.
    """
    on = snapshot.reference_on
    line = declaration.spec.poverty
    first = snapshot.values.get(line.first_person) if line else None
    further = snapshot.values.get(line.each_further) if line else None
    has_line = isinstance(first, Decimal) and isinstance(further, Decimal)
    return Plan(
        spec=declaration.spec,
        baseline=program_of(declaration, baseline, snapshot, on),
        reform=program_of(declaration, reform, overlaid(snapshot, changes, on), on),
        line_first=first if has_line and isinstance(first, Decimal) else None,
        line_further=further if has_line and isinstance(further, Decimal) else Decimal(),
    )


def program_of(declaration: Declaration, model: LawModel, snapshot: Snapshot, on: date) -> columnar.Program:
    """Compile one model with the figures of a day.

    Raises:
        ColumnarError: The model cannot be run over columns.
        FeelError: A constant of the declaration cannot be worked out.
    """
    spec = declaration.spec
    constants: dict[str, Any] = {"law": snapshot.context(UNKNOWN), **declaration.constants(on)}
    whole = measured(model, spec.decision, spec.amount.value, spec.receives)
    return columnar.compile(
        whole,
        MEASURE,
        constants={name: value for name, value in constants.items() if name in whole.inputs},
        now=on,
    )


@lru_cache(maxsize=32)
def measured(model: LawModel, decision: str, amount: str, receives: str | None) -> dmn.CompiledModel:
    """Return a model with one decision more: what is counted of each row.

    Raises:
        DmnError: The model has no such decision, or what is counted cannot be worked out in it.
    """
    whole = model.compiled.model
    if whole.decision(decision) is None:
        raise DmnError(f"The model has no decision '{decision}'.")
    texts = {AMOUNT: amount} | ({RECEIVES: receives} if receives else {})
    named = [
        element
        for element in whole.elements
        if isinstance(element, Decision | InputData)
        and (element.name == decision or any(_names(text, element.name) for text in texts.values()))
    ]
    needs = tuple(
        Requirement(
            kind="requiredDecision" if isinstance(element, Decision) else "requiredInput",
            href=f"#{element.id}",
        )
        for element in named
    )
    counted = Context(
        entries=tuple(
            ContextEntry(variable=Variable(name=name), value=Literal(text=text))
            for name, text in texts.items()
        )
    )
    last = Decision(
        id="policy_lab_measure",
        name=MEASURE,
        variable=Variable(name=MEASURE),
        information=needs,
        expression=counted,
    )
    compiled = dmn.compile(replace(whole, elements=(*whole.elements, last)))
    wrong = [
        problem.message
        for problem in compiled.problems
        if MEASURE in problem.place and (problem.is_error or problem.kind == "unknown-entry")
    ]
    if wrong:
        raise DmnError(" ".join(wrong))
    return compiled


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
