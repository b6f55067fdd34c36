"""Reads ``law/<programme>/simulation.yaml``: how a programme's decision is read for a whole population."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from commonweal.engines.feel import DATE, Evaluation, FeelError, Scope, Value, compile_expression
from commonweal.engines.feel.values.temporal import Date
from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.schemas import schema_problems

FILE = "simulation.yaml"
Line = Annotated[str, Field(min_length=1, max_length=300)]
Formula = Annotated[str, Field(min_length=1, max_length=1_000, description="FEEL")]
Path_ = Annotated[
    str, Field(min_length=1, max_length=200, description="Names with dots: Household.members.earned")
]


class Steps(Declared):
    """How amounts are put into bands for the chart of amounts.

    Attributes:
        start: Where the first band begins, in whole units of the currency.
        width: Of a band.
        number: How many bands; what lies outside of them is one band below, one above.
    """

    start: int = 0
    width: Annotated[int, Field(ge=1)] = 100
    number: Annotated[int, Field(ge=1, le=40)] = 16


class AmountPaid(Declared):
    """What a row receives, or pays.

    Attributes:
        value: FEEL for it, over decisions and inputs of the model: ``Determination.allotment``.
        label: As people read it.
        period: Of which it is: a month or a year.
        is_tax: Whether it is paid, not received; less of it is a gain.
        much: From a change of more whole units than this, a row gains or loses much.
        steps: Bands of the chart of amounts.
    """

    value: Formula
    label: Line
    period: Literal["month", "year"] = "month"
    is_tax: bool = False
    much: Annotated[int, Field(ge=1)] = 50
    steps: Steps = Steps()


class Guideline(Declared):
    """The poverty line, by the size of a household: two of the programme's parameters, a year.

    Attributes:
        first_person: Key of the parameter for one person.
        each_further: Key of the parameter for each further person.
    """

    first_person: Line
    each_further: Line


class SimulationDeclaration(Declared):
    """How a programme is worked out for a whole population, one row a household, a tax return or an applicant.

    Attributes:
        decision: Name of the decision in its models.
        unit: Which made people it is tried on.
        household: What one row is, in a sentence.
        amount: What a row receives or pays.
        receives: FEEL for whether a row is counted as receiving; if left out, an amount above nought is.
        members: Path of the list of people in a row, or of a number of people.
        earned: Path of what is earned; marginal rates add to it. Without one they are not asked.
        income: Paths of the kinds of income, for deciles and poverty.
        income_period: Of which they are: a month or a year.
        costs: Paths of what is taken off the income, for example costs of a business.
        poverty: The poverty line; without one there is no poverty rate.
        constants: FEEL over ``reference_on`` for each input of the model that a population does not hold.
    """

    decision: Line
    unit: Literal["household", "tax_unit", "school_household", "wic_applicant", "ssi_household"] = "household"
    household: Line
    amount: AmountPaid
    receives: Formula | None = None
    members: Path_
    earned: Path_ | None = None
    income: Annotated[tuple[Path_, ...], Field(min_length=1)]
    income_period: Literal["month", "year"] = "month"
    costs: tuple[Path_, ...] = ()
    poverty: Guideline | None = None
    constants: dict[Line, Line] = Field(default_factory=dict)


@dataclass(frozen=True)
class Declaration:
    """A programme's declaration, read.

    Attributes:
        programme: Key of the programme.
        spec: As declared.
    """

    programme: str
    spec: SimulationDeclaration

    def constants(self, reference_on: date) -> dict[str, Value]:
        """Return the values of the inputs that are the same for everybody.

        Raises:
            FeelError: An expression cannot be worked out.
        """
        names = {"reference_on": Date(reference_on.year, reference_on.month, reference_on.day)}
        found = {}
        for name, text in self.spec.constants.items():
            expression = compile_expression(text, _SCOPE)
            evaluation = Evaluation()
            found[name] = expression.run(_SCOPE.frame(names), evaluation)
            if evaluation.warnings:
                raise FeelError(evaluation.warnings[0].message)
        return found


_SCOPE = Scope({"reference_on": DATE})


def declared_in(root: Path) -> list[str]:
    """Return the keys of the programmes that say how they are simulated, sorted."""
    return sorted(path.parent.name for path in (root / "law").glob(f"*/{FILE}"))


@cache
def declaration_of(root: Path, programme: str) -> Declaration | None:
    """Return a programme's declaration; None where there is none, or it is wrong (`commonweal check` says how)."""
    return read_declaration(root, programme)[0]


def read_declaration(root: Path, programme: str) -> tuple[Declaration | None, list[Problem]]:
    """Read a programme's declaration; return it (None where it is wrong or absent) and what is wrong."""
    if not (root / "law" / programme / FILE).is_file():
        return None, []
    try:
        document = read_yaml(root, f"law/{programme}/{FILE}")
    except Unreadable as error:
        return None, [error.problem]
    try:
        spec = SimulationDeclaration.model_validate(document.data)
    except ValidationError as error:
        return None, schema_problems(document, error, schema=SimulationDeclaration)
    found = Declaration(programme, spec)
    try:
        found.constants(date(2000, 1, 1))
    except FeelError as error:
        return None, [document.problem(("constants",), "simulation.constant", f"{error}")]
    return found, []


def unmet(
    spec: SimulationDeclaration,
    facts: Sequence[str],
    parameters: Mapping[str, Any],
    columns: Collection[str] = (),
) -> list[str]:
    """Say what a declaration names that the programme's model and parameters do not have, and the reverse.

    Args:
        spec: The declaration.
        facts: Names of the inputs that the decision takes from a population.
        parameters: The programme's parameters by key.
        columns: What the made people hold besides.
    """
    paths = (spec.members, *([spec.earned] if spec.earned else ()), *spec.income, *spec.costs)
    roots = dict.fromkeys(path.partition(".")[0] for path in paths)
    wrong = [
        f"The decision does not ask for '{name}'."
        for name in roots
        if name not in facts and name not in columns
    ]
    wrong += [
        f"Nothing says what '{name}' is in a population."
        for name in facts
        if name not in roots and name not in columns
    ]
    keys = (spec.poverty.first_person, spec.poverty.each_further) if spec.poverty else ()
    wrong += [f"There is no parameter '{key}'." for key in keys if key not in parameters]
    return wrong
