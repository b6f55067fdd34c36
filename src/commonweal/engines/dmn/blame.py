"""Which missing facts an unknown outcome waits for, through the decisions between."""

from __future__ import annotations

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.graph import Node
from commonweal.engines.dmn.plans import Plan, Values
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import contains_unknown


class Blame:
    """Keeps, for each decision of a run, the missing facts that it waits for.

    While a decision runs, FEEL notes the paths that it met as unknown, as the decision's
    own expressions name them. `settle` turns these into paths of facts: a fact stays, a
    decision stands for what it waits for itself.
    """

    def __init__(self, evaluation: Evaluation, plan: Plan, values: Values) -> None:
        self._evaluation = evaluation
        self._values = values
        self._waits: dict[int, tuple[str, ...]] = {}
        evaluation.facts = {n.full_name: values[n.index] for n in plan.inputs}

    def settle(self, node: Node, value: Value) -> None:
        """Account for what was noted while this decision ran."""
        noted = tuple(self._evaluation.missing)
        self._evaluation.missing.clear()
        if not contains_unknown(value):
            return
        paths: dict[str, None] = {}
        for path in noted:
            for fact in self._facts_behind(node, path):
                paths[fact] = None
        self._waits[node.index] = tuple(paths)

    def _facts_behind(self, node: Node, path: str) -> tuple[str, ...]:
        for prefixes, need in sorted(node.needs, key=lambda pair: -len(pair[1].name)):
            visible = ".".join((*prefixes, need.name))
            if path == visible or path.startswith((visible + ".", visible + "[")):
                if isinstance(need.element, m.InputData):
                    return (need.full_name + path[len(visible) :],)
                return self._waits.get(need.index, ())
        return (path,)

    def of(self, index: int) -> tuple[str, ...]:
        """The facts that a decision waits for; nothing when its outcome is known."""
        return self._waits.get(index, ())
