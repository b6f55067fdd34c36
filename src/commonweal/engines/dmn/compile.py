"""Models into `CompiledModel`s: everything that can be done before facts are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.boxed import BoxCompiler
from commonweal.engines.dmn.compiled import CompiledModel
from commonweal.engines.dmn.errors import LimitError, ModelError
from commonweal.engines.dmn.graph import Graph, Instance, Node
from commonweal.engines.dmn.item_types import TypeTable
from commonweal.engines.dmn.plans import Step, Values
from commonweal.engines.dmn.recording import Recording
from commonweal.engines.dmn.texts import Piece, Run, TextCompiler, converting, failing, slot_of
from commonweal.engines.feel import Scope
from commonweal.engines.feel.evaluation import DEFAULT_LIMITS, Evaluation, Limits
from commonweal.engines.feel.scope import Layout
from commonweal.engines.feel.types import ANY, ContextType, Function, FunctionType, Type, Value, base_of


def compile_model(
    model: m.Model,
    *,
    externals: Mapping[str, Callable[..., Value]] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> CompiledModel:
    """Compile a model.

    What is wrong with a decision becomes a `Problem`, and the decision decides null: one
    bad cell does not take the others down. `checked` is the strict way.

    Args:
        model: The model, its imports resolved.
        externals: External functions that may be called, as FEEL names them.
        limits: Budgets of each evaluation.

    Raises:
        LimitError: Imports unfold without end, or types are built on types too deeply.
    """
    graph = Graph(model)
    compiled = CompiledModel(model, graph, graph.problems, externals=externals, limits=limits)
    try:
        return _ModelCompiler(compiled).compile()
    except RecursionError:
        raise LimitError("the model is nested too deeply") from None


def checked(compiled: CompiledModel) -> CompiledModel:
    """The model itself, when nothing is wrong with it.

    Raises:
        ModelError: It has an error; the message says all of them.
    """
    errors = [problem for problem in compiled.problems if problem.is_error]
    if errors:
        raise ModelError("\n".join(map(str, errors)), line=errors[0].line)
    return compiled


class _ModelCompiler:
    def __init__(self, compiled: CompiledModel) -> None:
        self._compiled = compiled
        self._graph = compiled.graph
        self._types = {id(instance): table for instance, table in self._type_tables(compiled.graph.root)}
        self._boxes = {key: BoxCompiler(table, compiled.problems) for key, table in self._types.items()}
        self._roots: dict[int, Scope] = {}

    # ---- types ---------------------------------------------------------------------------

    def _type_tables(self, instance: Instance) -> list[tuple[Instance, TypeTable]]:
        tables: list[tuple[Instance, TypeTable]] = []
        imported: list[tuple[str, TypeTable]] = []
        for item, child in instance.children:
            below = self._type_tables(child)
            imported.append((item.name, below[-1][1]))
            tables.extend(below)
        table = TypeTable(instance.model, imported, self._make_test)
        return [*tables, (instance, table)]

    def _make_test(self, text: str, type_: Type, where: str) -> Callable[[Value], bool]:
        scope = Scope({})
        compiler = TextCompiler(
            TypeTable(m.Model(name="", namespace=""), [], self._make_test), self._compiled.problems
        )
        run = compiler.tests(text, scope, type_, where)
        if run is None:
            return lambda value: True

        def allows(value: Value) -> bool:
            return run(value, scope.frame(), Evaluation()) is True

        return allows

    # ---- nodes ---------------------------------------------------------------------------

    def compile(self) -> CompiledModel:
        for node in self._graph.nodes:
            self._compiled.types[node.index] = self._declared(node)
        for node in self._graph.order:
            if node.is_cyclic:
                self._cyclic(node)
                continue
            boxes = self._boxes[id(node.instance)]
            before, read = len(boxes.tables), len(boxes.trees)
            if isinstance(node.element, m.Decision):
                self._decision(node, node.element)
            elif isinstance(node.element, m.KnowledgeModel):
                self._knowledge_model(node, node.element)
            elif isinstance(node.element, m.DecisionService):
                self._service(node, node.element)
            self._compiled.tables[node.index] = boxes.tables[before:]
            self._compiled.trees[node.index] = boxes.trees[read:]
        for boxes in self._boxes.values():
            self._compiled.texts.extend(boxes.texts)
        for table in self._types.values():
            self._compiled.problems.extend(table.problems)
        return self._compiled

    def _declared(self, node: Node) -> Type:
        variable = getattr(node.element, "variable", None)
        return self._types[id(node.instance)].of(variable.type_ref if variable else None, node.full_name)

    def _cyclic(self, node: Node) -> None:
        run = failing(f"{node.full_name} depends on itself", "cycle")
        if isinstance(node.element, m.Decision):
            self._compiled.steps[node.index] = Step(node, lambda values: [], run, Scope({}))
        else:
            self._compiled.functions[node.index] = Function(
                node.name,
                (),
                lambda arguments, evaluation: run([], evaluation),
                parameter_types=(),
                result_type=ANY,
            )

    def _scope(self, node: Node, names: dict[str, Type]) -> Scope:
        """A scope with frames of its own; the types of its model are shared."""
        key = id(node.instance)
        if key not in self._roots:
            self._roots[key] = Scope({}, types=self._types[key].all_types())
        scope = Scope(names, parent=self._roots[key])
        scope.layout = Layout(scope.first_local)
        return scope

    def _decision(self, node: Node, decision: m.Decision) -> None:
        visible = _Visible(self._compiled, node)
        scope = self._scope(node, visible.types)
        piece = self._boxes[id(node.instance)].compile(decision.expression, scope, node.full_name)
        declared = self._compiled.types[node.index]
        if declared is ANY:
            self._compiled.types[node.index] = piece.type
        run = converting(piece.run, declared, node.full_name)
        self._compiled.steps[node.index] = Step(node, visible.filling(scope), run, scope)

    def _knowledge_model(self, node: Node, knowledge: m.KnowledgeModel) -> None:
        visible = _Visible(self._compiled, node)
        boxes = self._boxes[id(node.instance)]
        types = self._types[id(node.instance)]
        logic = knowledge.logic or m.FunctionDefinition()
        names = tuple(p.name for p in logic.parameters)
        parameter_types = tuple(types.of(p.type_ref, node.full_name) for p in logic.parameters)
        outer = self._scope(node, {**visible.types, node.name: self._compiled.types[node.index]})
        scope = Scope(dict(zip(names, parameter_types, strict=True)), parent=outer)
        declared = self._compiled.types[node.index]
        base = base_of(declared)
        if logic.kind != "FEEL":
            piece = boxes.compile(logic, outer, node.full_name)
            function = self._constant(piece, outer, node)
        else:
            piece = boxes.compile(logic.body, scope, node.full_name)
            if not boxes.is_function(logic.type_ref):
                piece = boxes.typed(piece, logic.type_ref, node.full_name)
            result = base.result if isinstance(base, FunctionType) else declared
            body = _BodyOfKnowledge(node, visible, outer, scope, names=names, run=piece.run)
            function = Function(
                node.name, names, body.call, parameter_types=parameter_types, result_type=result
            )
            body.function = function
            if not isinstance(base, FunctionType):
                shown = result if result is not ANY else piece.type
                self._compiled.types[node.index] = FunctionType(parameters=parameter_types, result=shown)
        self._compiled.functions[node.index] = function

    def _constant(self, piece: Piece, scope: Scope, node: Node) -> Function:
        value = piece.run(scope.frame(), Evaluation())
        if isinstance(value, Function):
            return value
        run = piece.run

        def body(arguments: list[Value], evaluation: Evaluation) -> Value:
            run(scope.frame(), evaluation)  # says in a warning why it cannot be called
            return None

        return Function(node.name, (), body, parameter_types=(), result_type=ANY)

    def _service(self, node: Node, service: m.DecisionService) -> None:
        resolve = self._graph.resolve
        inputs = [
            found
            for href in (*service.input_data, *service.input_decisions)
            if (found := resolve(node.instance, href))
        ]
        outputs = [found[1] for href in service.output_decisions if (found := resolve(node.instance, href))]
        given = frozenset(need.index for _, need in inputs)
        names = tuple(".".join((*prefixes, need.name)) for prefixes, need in inputs)
        types = tuple(self._compiled.types[need.index] for _, need in inputs)
        declared = self._compiled.types[node.index]
        base = base_of(declared)
        result = base.result if isinstance(base, FunctionType) else declared
        body = _BodyOfService(self._compiled, node, [need for _, need in inputs], outputs, given)
        self._compiled.functions[node.index] = Function(
            node.name, names, body.call, parameter_types=types, result_type=result
        )
        if not isinstance(base, FunctionType):
            self._compiled.types[node.index] = FunctionType(parameters=types, result=result)


class _Visible:
    """What a node sees of its requirements: names with types, and how to fill a frame.

    What is imported lies in contexts under the prefixes of its imports.
    """

    def __init__(self, compiled: CompiledModel, node: Node) -> None:
        self._tree: dict[str, object] = {}
        for prefixes, need in node.needs:
            inside = self._tree
            for prefix in prefixes:
                deeper = inside.setdefault(prefix, {})
                inside = deeper if isinstance(deeper, dict) else {}
            inside[need.name] = need
        self._compiled = compiled
        self.types = {name: self._type(part) for name, part in self._tree.items()}

    def _type(self, part: object) -> Type:
        if isinstance(part, Node):
            return self._compiled.types[part.index]
        assert isinstance(part, dict)
        return ContextType(tuple((name, self._type(inner)) for name, inner in part.items()))

    def constants(self, part: object) -> Value:
        """The part as far as it does not depend on facts: its functions."""
        if isinstance(part, Node):
            return self._compiled.functions.get(part.index)
        assert isinstance(part, dict)
        return {name: self.constants(inner) for name, inner in part.items()}

    def template(self, scope: Scope) -> list[Value]:
        """A frame with the functions in place."""
        return scope.frame({name: self.constants(part) for name, part in self._tree.items()})

    def filling(self, scope: Scope) -> Callable[[Values], list[Value]]:
        """How to make the frame of a decision from the values of all nodes."""
        template = self.template(scope)
        links: list[tuple[int, int]] = []
        contexts: list[tuple[int, dict[str, object]]] = []
        for name, part in self._tree.items():
            if isinstance(part, dict):
                contexts.append((slot_of(scope, name), part))
            elif isinstance(part, Node) and part.index not in self._compiled.functions:
                links.append((slot_of(scope, name), part.index))

        def fill(values: Values) -> list[Value]:
            frame = template.copy()
            for slot, index in links:
                frame[slot] = values[index]
            for slot, part in contexts:
                frame[slot] = self._filled(part, values)
            return frame

        return fill

    def _filled(self, part: object, values: Values) -> Value:
        if isinstance(part, Node):
            function = self._compiled.functions.get(part.index)
            return values[part.index] if function is None else function
        assert isinstance(part, dict)
        return {name: self._filled(inner, values) for name, inner in part.items()}


class _BodyOfKnowledge:
    """Runs the logic of a knowledge model on arguments."""

    def __init__(
        self, node: Node, visible: _Visible, outer: Scope, scope: Scope, *, names: tuple[str, ...], run: Run
    ) -> None:
        self._name = node.full_name
        self._index = node.index
        self._template = visible.template(scope)
        self._own = slot_of(outer, node.name)
        self._slots = tuple(slot_of(scope, name) for name in names)
        self._run = run
        self.function: Function | None = None

    def call(self, arguments: list[Value], evaluation: Evaluation) -> Value:
        frame = self._template.copy()
        frame[self._own] = self.function
        for slot, argument in zip(self._slots, arguments, strict=True):
            frame[slot] = argument
        if not (evaluation.trace and isinstance(evaluation, Recording)):
            return self._run(frame, evaluation)
        opened = evaluation.open("knowledge model", self._name, self._index)
        value = self._run(frame, evaluation)
        evaluation.close(opened, value)
        return value


class _BodyOfService:
    """Runs the decisions of a service on arguments, apart from the decisions around it."""

    def __init__(
        self,
        compiled: CompiledModel,
        node: Node,
        inputs: list[Node],
        outputs: list[Node],
        given: frozenset[int],
    ) -> None:
        self._compiled = compiled
        self._name = node.full_name
        self._index = node.index
        self._inputs = tuple(need.index for need in inputs)
        self._outputs = tuple((need.name, need.index) for need in outputs)
        self._plan = compiled.plan_of(outputs, given)

    def call(self, arguments: list[Value], evaluation: Evaluation) -> Value:
        values: Values = [None] * len(self._compiled.graph.nodes)
        for index, argument in zip(self._inputs, arguments, strict=True):
            values[index] = argument
        opened = None
        if evaluation.trace and isinstance(evaluation, Recording):
            opened = evaluation.open("decision service", self._name, self._index)
        for step in self._plan.steps:
            values[step.node.index] = step.perform(values, evaluation)
        if len(self._outputs) == 1:
            value = values[self._outputs[0][1]]
        else:
            value = {name: values[index] for name, index in self._outputs}
        if opened is not None and isinstance(evaluation, Recording):
            evaluation.close(opened, value)
        return value
