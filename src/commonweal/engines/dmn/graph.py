"""The requirements graph, imports unfolded: who needs whom, under what name.

A model that is imported twice by different ways appears twice, for its input data may then
be given twice, once for each way.

Source: OMG DMN 1.5, 6.2.2 (requirements), 6.3.3 (imports).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.errors import LimitError
from commonweal.engines.dmn.problems import Problem

MAX_INSTANCES = 500


@dataclass(slots=True, eq=False)
class Node:
    """One element of one appearance of a model.

    ``path`` are the prefixes of the imports that lead to it; ``name`` is the name of its
    variable, ``needs`` the nodes that it requires, each with the prefixes to write before it;
    ``full_name`` is its name as the importing model writes it.
    """

    index: int
    element: m.DrgElement
    path: tuple[str, ...]
    name: str
    instance: Instance
    needs: list[tuple[tuple[str, ...], Node]] = field(default_factory=list)
    is_cyclic: bool = False
    full_name: str = field(init=False)

    def __post_init__(self) -> None:
        """Put the full name together once: every decision asks for it."""
        self.full_name = ".".join((*self.path, self.name))


@dataclass(slots=True, eq=False)
class Instance:
    """One appearance of a model."""

    model: m.Model
    path: tuple[str, ...]
    children: list[tuple[m.Import, Instance]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    by_id: dict[str, Node] = field(default_factory=dict)


class Graph:
    """All nodes of a model and of what it imports; problems found on the way."""

    def __init__(self, model: m.Model) -> None:
        self.nodes: list[Node] = []
        self.instances: list[Instance] = []
        self.problems: list[Problem] = []
        self.root = self._appear(model, ())
        for instance in self.instances:
            for node in instance.nodes:
                node.needs = list(self._needs(instance, node))
        self.order = self._sorted()

    def _appear(self, model: m.Model, path: tuple[str, ...]) -> Instance:
        if len(self.instances) >= MAX_INSTANCES:
            raise LimitError(f"imports lead to more than {MAX_INSTANCES} appearances of models")
        instance = Instance(model, path)
        self.instances.append(instance)
        for element in model.elements:
            variable = getattr(element, "variable", None)
            name = variable.name if variable is not None and variable.name else element.name
            node = Node(len(self.nodes), element, path, name, instance)
            self.nodes.append(node)
            instance.nodes.append(node)
            if element.id is not None:
                instance.by_id[element.id] = node
        for item in model.imports:
            imported = model.imported.get(item.namespace)
            if imported is not None:
                deeper = (*path, item.name) if item.name else path
                instance.children.append((item, self._appear(imported, deeper)))
        return instance

    def _needs(self, instance: Instance, node: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
        for href in _hrefs(node.element):
            found = self.resolve(instance, href)
            if found is None:
                message = f"it requires {href!r}, which is not in the model"
                self._problem("unknown-reference", message, node)
            else:
                yield found

    def _problem(self, kind: str, message: str, node: Node) -> None:
        self.problems.append(
            Problem(kind=kind, message=message, place=node.full_name, line=node.element.line)
        )

    def resolve(self, instance: Instance, href: str) -> tuple[tuple[str, ...], Node] | None:
        """The node behind a reference, and the prefixes under which it is seen."""
        namespace, _, identifier = href.rpartition("#")
        if namespace in {"", instance.model.namespace} and identifier in instance.by_id:
            return (), instance.by_id[identifier]
        waiting: list[tuple[tuple[str, ...], Instance]] = [((), instance)]
        while waiting:
            prefixes, seen = waiting.pop(0)
            if seen.model.namespace == namespace and identifier in seen.by_id:
                return prefixes, seen.by_id[identifier]
            for item, child in seen.children:
                waiting.append(((*prefixes, item.name) if item.name else prefixes, child))
        return None

    def _sorted(self) -> list[Node]:
        """Every node after those that it needs; what lies on a cycle is marked."""
        order: list[Node] = []
        state: dict[int, int] = {}
        for start in self.nodes:
            if start.index not in state:
                self._visit(start, state, order)
        return order

    def _visit(self, start: Node, state: dict[int, int], order: list[Node]) -> None:
        """Walk down from a node without recursion; state 1 is on the way, 2 is done."""
        stack = [(start, iter(start.needs))]
        state[start.index] = 1
        while stack:
            node, needs = stack[-1]
            _, need = next(needs, ((), None))
            if need is None:
                state[node.index] = 2
                order.append(node)
                stack.pop()
            elif state.get(need.index) == 1:
                self._cycle([waiting for waiting, _ in stack], need)
            elif need.index not in state:
                state[need.index] = 1
                stack.append((need, iter(need.needs)))

    def _cycle(self, chain: list[Node], first: Node) -> None:
        around = chain[chain.index(first) :]
        if len(around) == 1 and isinstance(first.element, m.KnowledgeModel):
            return  # a function that calls itself
        for node in around:
            node.is_cyclic = True
        way = " → ".join(node.full_name for node in (*around, first))
        self._problem("cycle", f"it depends on itself: {way}", first)

    def closure(self, targets: Iterable[Node], stop: frozenset[int] = frozenset()) -> list[Node]:
        """The data and decisions that these decisions need, in order, themselves last.

        Nothing behind ``stop`` is looked at. Functions are no part of it: they are called
        with arguments of their own.
        """
        wanted: set[int] = set()
        waiting = list(targets)
        while waiting:
            node = waiting.pop()
            if node.index not in wanted:
                wanted.add(node.index)
                if node.index not in stop:
                    waiting.extend(
                        n for _, n in node.needs if isinstance(n.element, m.Decision | m.InputData)
                    )
        return [node for node in self.order if node.index in wanted]


def _hrefs(element: m.DrgElement) -> Iterator[str]:
    if isinstance(element, m.Decision):
        yield from (r.href for r in element.information)
        yield from (r.href for r in element.knowledge)
    elif isinstance(element, m.KnowledgeModel):
        yield from (r.href for r in element.knowledge)
    elif isinstance(element, m.DecisionService):
        yield from element.input_data
        yield from element.input_decisions
        yield from element.output_decisions
        yield from element.encapsulated_decisions
