"""A model ready to decide: all text is parsed, all names are found, all types are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.blame import Blame
from commonweal.engines.dmn.errors import FactError, LimitError, NameUnknownError
from commonweal.engines.dmn.facts import blank, fill_unknown, value_of
from commonweal.engines.dmn.graph import Graph, Node
from commonweal.engines.dmn.plans import Plan, Step, Values
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.dmn.recording import Recording
from commonweal.engines.dmn.tables import Table
from commonweal.engines.dmn.texts import converted
from commonweal.engines.dmn.trace import Trace
from commonweal.engines.feel import Scope
from commonweal.engines.feel.errors import FeelLimitError, FeelWarning
from commonweal.engines.feel.evaluation import Evaluation, Limits
from commonweal.engines.feel.syntax import Node as Tree
from commonweal.engines.feel.types import Function, Type, Value
from commonweal.engines.feel.unknown import contains_unknown
from commonweal.engines.feel.values.temporal import Date, DateTime

Facts = Mapping[str, object]
Moment = dt.date | Date | DateTime | None
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a decision.

    Attributes:
        value: What was decided; UNKNOWN, or a value that holds UNKNOWN, when facts are missing.
        warnings: What the standard calls errors: something became null, and why.
        missing: Paths of the missing facts that still matter.
        trace: What happened, when it was asked for.
    """

    value: Value
    warnings: tuple[FeelWarning, ...] = ()
    missing: tuple[str, ...] = ()
    trace: Trace | None = None

    @property
    def is_known(self) -> bool:
        """Is the outcome decided, whatever the missing facts turn out to be?"""
        return not contains_unknown(self.value)


def moment_of(now: Moment) -> DateTime | None:
    """The date and time that ``now()`` gives: a date counts as its midnight, UTC."""
    if isinstance(now, dt.datetime):
        return DateTime.from_python(now)
    if isinstance(now, dt.date):
        return DateTime.from_date(Date.from_python(now))
    return DateTime.from_date(now) if isinstance(now, Date) else now


class CompiledModel:
    """A compiled model. It keeps no state of a run: one serves many threads.

    Attributes:
        model: What it was compiled from.
        problems: What is wrong with it; a decision with an error decides null, with a warning.
    """

    def __init__(
        self,
        model: m.Model,
        graph: Graph,
        problems: list[Problem],
        *,
        externals: Mapping[str, Callable[..., Value]] | None,
        limits: Limits,
    ) -> None:
        self.model = model
        self.graph = graph
        self.problems = problems
        self._externals = externals
        self._limits = limits
        self.types: dict[int, Type] = {}
        self.steps: dict[int, Step] = {}
        self.functions: dict[int, Function] = {}
        self.tables: dict[int, list[Table]] = {}
        self.texts: list[tuple[str, Scope]] = []
        self.trees: dict[int, list[tuple[str, Tree]]] = {}
        self.reads: dict[tuple[int, str], tuple[tuple[Node, tuple[str, ...]], ...]] = {}
        self._plans: dict[str, Plan] = {}
        self._decisions = self._by_name(m.Decision)
        self._services = self._by_name(m.DecisionService)
        self._knowledge = self._by_name(m.KnowledgeModel)

    def _by_name(self, kind: type[m.DrgElement]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for node in self.graph.nodes:
            if isinstance(node.element, kind):
                found.setdefault(node.full_name, node)
                found.setdefault(".".join((*node.path, node.element.name)), node)
        return found

    @property
    def decisions(self) -> tuple[str, ...]:
        """Names of the model's own decisions, in the order of the source."""
        return tuple(decision.name for decision in self.model.decisions)

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the model's own decision services."""
        return tuple(service.name for service in self.model.services)

    @property
    def inputs(self) -> dict[str, Type]:
        """The facts that the model asks for, with their types, in the order of the source."""
        return {
            n.full_name: self.types[n.index] for n in self.graph.nodes if isinstance(n.element, m.InputData)
        }

    # ---- deciding ------------------------------------------------------------------------

    def decide(
        self, decision: str, facts: Facts, *, now: Moment = None, trace: bool = False, unknown: bool = False
    ) -> Result:
        """Make one decision.

        Args:
            decision: Its name; one of an imported model with the prefix of the import.
            facts: Plain Python or JSON values, or FEEL's, by the name of the input data.
                A fact under the name of a required decision takes its place.
            now: The date, or date and time, that ``today()`` and ``now()`` give.
            trace: Write down what happened.
            unknown: Facts nobody gave are unknown; without it they are null.

        Raises:
            NameUnknownError: There is no such decision.
            LimitError: The evaluation went over its budget.
        """
        plan = self._plan(decision)
        return self._perform(plan, facts, now, trace=trace, unknown=unknown)[0]

    def look(self, decision: str, facts: Facts, *, now: Moment = None) -> tuple[Result, Node, Values]:
        """Make a decision with half of the facts, and show the values on the way.

        Returns:
            The result, the decision's node, and the value of each node by its index (None for what it does not need).

        Raises:
            NameUnknownError: There is no such decision.
            LimitError: The evaluation went over its budget.
        """
        plan = self._plan(decision)
        result, values = self._perform(plan, facts, now, trace=False, unknown=True)
        return result, self.graph.nodes[plan.target], values

    def decide_all(
        self, facts: Facts, *, now: Moment = None, trace: bool = False, unknown: bool = False
    ) -> dict[str, Result]:
        """Make every decision of the model, each for itself."""
        return {
            name: self.decide(name, facts, now=now, trace=trace, unknown=unknown) for name in self.decisions
        }

    def invoke(
        self, service: str, facts: Facts, *, now: Moment = None, trace: bool = False, unknown: bool = False
    ) -> Result:
        """Call a decision service: its outcome, or a context of its several outcomes.

        ``facts`` holds its input data and the outcomes of its input decisions.

        Raises:
            NameUnknownError: There is no such service.
            LimitError: The evaluation went over its budget.
        """
        node = self._services.get(service)
        if node is None:
            raise self._no_such("decision service", service, self._services)
        return self._apply(node, facts, now, trace=trace, unknown=unknown)

    def call(self, knowledge_model: str, facts: Facts, *, now: Moment = None, trace: bool = False) -> Result:
        """Call a business knowledge model with arguments by name.

        Raises:
            NameUnknownError: There is no such knowledge model.
            LimitError: The evaluation went over its budget.
        """
        node = self._knowledge.get(knowledge_model)
        if node is None:
            raise self._no_such("knowledge model", knowledge_model, self._knowledge)
        return self._apply(node, facts, now, trace=trace, unknown=False)

    def _no_such(self, kind: str, name: str, known: Iterable[str]) -> NameUnknownError:
        return NameUnknownError(f"no {kind} {name!r}; there are: {', '.join(known) or 'none'}")

    def _plan(self, decision: str) -> Plan:
        plan = self._plans.get(decision)
        if plan is None:
            node = self._decisions.get(decision) or self._decisions.get(" ".join(decision.split()))
            if node is None:
                raise self._no_such("decision", decision, self._decisions)
            plan = self._plans[decision] = self.plan_of([node])
        return plan

    def plan_of(self, targets: list[Node], given: frozenset[int] = frozenset()) -> Plan:
        """What to load and compute for these decisions; ``given`` nodes have values already."""
        nodes = [n for n in self.graph.closure(targets, given) if n.index not in given]
        return Plan(
            inputs=[n for n in nodes if isinstance(n.element, m.InputData)],
            steps=[self.steps[n.index] for n in nodes if n.index in self.steps],
            target=targets[0].index if targets else -1,
        )

    def _evaluation(self, now: Moment, *, trace: bool) -> Evaluation:
        kind = Recording if trace else Evaluation
        return kind(now=moment_of(now), trace=trace, externals=self._externals, limits=self._limits)

    def _perform(
        self, plan: Plan, facts: Facts, now: Moment, *, trace: bool, unknown: bool
    ) -> tuple[Result, Values]:
        target = plan.target
        evaluation = self._evaluation(now, trace=trace)
        values: Values = [None] * len(self.graph.nodes)
        for node in plan.inputs:
            values[node.index] = self._load(node, facts, evaluation, unknown=unknown)
        blame = Blame(evaluation, plan, values)
        with _limits():
            for step in plan.steps:
                index = step.node.index
                if index != target and step.node.full_name in facts:
                    values[index] = self.read(facts[step.node.full_name], index, evaluation)
                else:
                    values[index] = step.perform(values, evaluation)
                if evaluation.missing:
                    blame.settle(step.node, values[index])
        value = values[target]
        result = Result(
            value, tuple(evaluation.warnings), blame.of(target), self._trace(evaluation, plan.inputs, values)
        )
        return result, values

    def _apply(self, node: Node, facts: Facts, now: Moment, *, trace: bool, unknown: bool) -> Result:
        evaluation = self._evaluation(now, trace=trace)
        function = self.functions[node.index]
        arguments: list[Value] = []
        for name, type_ in zip(function.parameters, function.parameter_types, strict=True):
            if name not in facts and unknown:
                arguments.append(blank(type_))
            else:
                arguments.append(
                    converted(_fact(facts.get(name), type_, name, evaluation), type_, name, evaluation)
                )
        with _limits():
            value = converted(
                function.body(arguments, evaluation), function.result_type, node.full_name, evaluation
            )
        missing = tuple(evaluation.missing) if contains_unknown(value) else ()
        return Result(value, tuple(evaluation.warnings), missing, self._trace(evaluation, [], []))

    def _trace(self, evaluation: Evaluation, inputs: list[Node], values: Values) -> Trace | None:
        return Trace(self.graph, inputs, values, evaluation) if isinstance(evaluation, Recording) else None

    def _load(self, node: Node, facts: Facts, evaluation: Evaluation, *, unknown: bool) -> Value:
        given = _given(node, facts)
        if type(given) is ReadFact:
            return given.value
        if given is _MISSING:
            return blank(self.types[node.index]) if unknown else None
        value = self.read(given, node.index, evaluation)
        return fill_unknown(value, self.types[node.index]) if unknown else value

    def read_once(self, name: str, given: object) -> object:
        """A fact for many decisions, such as the figures of the law, read now as its input wants it, unknowns filled in.

        Args:
            name: Of the input data.
            given: The fact; it comes back as it is where it does not fit, or there is no such input.
        """
        node = next(
            (n for n in self.graph.nodes if n.full_name == name and isinstance(n.element, m.InputData)), None
        )
        if node is None:
            return given
        evaluation = self._evaluation(None, trace=False)
        value = self.read(given, node.index, evaluation)
        return given if evaluation.warnings else ReadFact(fill_unknown(value, self.types[node.index]))

    def read(self, given: object, index: int, evaluation: Evaluation) -> Value:
        """A fact as the type of a node wants it; null, with a warning, where it does not fit."""
        type_, name = self.types[index], self.graph.nodes[index].full_name
        return converted(_fact(given, type_, name, evaluation), type_, name, evaluation)


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A fact that was read already; see :meth:`CompiledModel.read_once`."""

    value: Value


def _fact(given: object, type_: Type, name: str, evaluation: Evaluation) -> Value:
    try:
        return value_of(given, type_, name)
    except FactError as error:
        evaluation.warn("fact", str(error))
        return None


def _given(node: Node, facts: Facts) -> object:
    """The fact for an input: under its full name, or inside the contexts of its imports."""
    if not node.path or node.full_name in facts:
        return facts.get(node.full_name, _MISSING)
    inside: object = facts
    for prefix in (*node.path, node.name):
        if not isinstance(inside, Mapping) or prefix not in inside:
            return _MISSING
        inside = inside[prefix]
    return inside


@contextmanager
def _limits() -> Iterator[None]:
    try:
        yield
    except FeelLimitError as error:
        raise LimitError(str(error)) from error
    except RecursionError as error:
        raise LimitError("the evaluation is nested too deeply") from error
