"""Reads ``law/<programme>/simulation.yaml``: how a programme's decision is read for a whole population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from commonweal.engines.feel import DATE, Evaluation, FeelError, Scope, Value, compile_expression
from commonweal.engines.feel.values.temporal import Date
from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.schemas import schema_problems

FILE = "simulation.yaml"
Line = Annotated[str, Field(min_length=1, max_length=300)]
Path_ = Annotated[
    str, Field(min_length=1, max_length=200, description="Names with dots: Household.members.earned")
]


class AmountPaid(Declared):
    """What a household receives.

    Attributes:
        path: Where the decision's result holds it, for example ``allotment``.
        label: As people read it.
    """

    path: Path_
    label: Line


class Guideline(Declared):
    """The poverty line, by the size of a household: two of the programme's parameters, a year.

    Attributes:
        first_person: Key of the parameter for one person.
        each_further: Key of the parameter for each further person.
    """

    first_person: Line
    each_further: Line


class SimulationDeclaration(Declared):
    """How a programme is worked out for a whole population, one row a household.

    Attributes:
        decision: Name of the decision in its models.
        household: What one row is, in a sentence.
        amount: What a household receives a month.
        members: Path of the list of people in a row.
        earned: Path of what each member earns a month; marginal rates add to it.
        income: Paths of the kinds of income a month, for deciles and poverty.
        costs: Paths of what is taken off the income, for example costs of a business.
        poverty: The poverty line; without one there is no poverty rate.
        constants: FEEL over ``reference_on`` for each input of the model that a population does not hold.
    """

    decision: Line
    household: Line
    amount: AmountPaid
    members: Path_
    earned: Path_
    income: Annotated[tuple[Path_, ...], Field(min_length=1)]
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


def unmet(spec: SimulationDeclaration, facts: Sequence[str], parameters: Mapping[str, Any]) -> list[str]:
    """Say what a declaration names that the programme's model and parameters do not have, and the reverse.

    Args:
        spec: The declaration.
        facts: Names of the inputs that the decision takes from a population.
        parameters: The programme's parameters by key.
    """
    roots = dict.fromkeys(
        path.partition(".")[0] for path in (spec.members, spec.earned, *spec.income, *spec.costs)
    )
    wrong = [f"The decision does not ask for '{name}'." for name in roots if name not in facts]
    wrong += [f"Nothing says what '{name}' is in a population." for name in facts if name not in roots]
    keys = (spec.poverty.first_person, spec.poverty.each_further) if spec.poverty else ()
    wrong += [f"There is no parameter '{key}'." for key in keys if key not in parameters]
    return wrong
