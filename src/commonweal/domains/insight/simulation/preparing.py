"""Makes ready what is run: the law in force and the reform as programs over columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from commonweal.domains.insight.simulation.declaring import Declaration
from commonweal.domains.insight.simulation.overlays import overlaid
from commonweal.domains.insight.simulation.running import Plan
from commonweal.engines import columnar
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
    return columnar.compile(
        model.compiled,
        spec.decision,
        constants={name: value for name, value in constants.items() if name in model.compiled.inputs},
        outputs=[f"{spec.decision}.{spec.amount.path}"],
        now=on,
    )
