"""What is done, step by step, to make one decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from commonweal.engines.dmn.graph import Node
from commonweal.engines.dmn.recording import Recording
from commonweal.engines.dmn.texts import Run
from commonweal.engines.feel import Scope
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import Value

Values = list[Value]


@dataclass(slots=True)
class Step:
    """How one decision is computed from the values of all nodes.

    ``fill`` makes the frame of the decision's expressions, ``run`` works on it.
    """

    node: Node
    fill: Callable[[Values], list[Value]]
    run: Run
    scope: Scope

    def perform(self, values: Values, evaluation: Evaluation) -> Value:
        """Compute the decision, and write down what happens where that is wanted."""
        if not (evaluation.trace and isinstance(evaluation, Recording)):
            return self.run(self.fill(values), evaluation)
        opened = evaluation.open("decision", self.node.full_name, self.node.index)
        value = self.run(self.fill(values), evaluation)
        evaluation.close(opened, value)
        return value


@dataclass(slots=True)
class Plan:
    """The inputs to load, the steps in order, the index of the node that is asked for."""

    inputs: list[Node]
    steps: list[Step]
    target: int
