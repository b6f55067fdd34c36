"""DMN XML of the versions 1.1 to 1.5 into a `Model`.

Source: OMG DMN 1.5, chapter 12 and the schema DMN15.xsd; earlier versions differ in
namespace and in the elements they lack.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.errors import CycleError, LimitError, ModelError
from commonweal.engines.dmn.safe_xml import MAX_BYTES, LinedElement, as_text, local, namespace_of, parse

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
MAX_IMPORTS = 200
HIT_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")

Source = str | Path | bytes
Resolver = Callable[[m.Import], "Source | m.Model | None"]
T = TypeVar("T")


def read(source: Source, *, imports: Resolver | None = None, max_bytes: int = MAX_BYTES) -> m.Model:
    """Read a model.

    Args:
        source: The XML as bytes, or the path of a file.
        imports: Called for every import of a DMN model; gives the imported model, its
            XML or its path, or None where it has none. Without it imports stay open,
            and compiling a model that needs one fails.
        max_bytes: Bound on the size of each XML text.

    Raises:
        DmnError: The XML or the model is wrong, or an import cannot be found.

    Example:
        >>> xml = b'''<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"
        ...   name="tiny" namespace="urn:tiny"><decision name="answer"><literalExpression>
        ...   <text>6 * 7</text></literalExpression></decision></definitions>'''
        >>> [decision.name for decision in read(xml).decisions]
        ['answer']
    """
    return _Loader(imports, max_bytes).load(source, ())


class _Loader:
    def __init__(self, imports: Resolver | None, max_bytes: int) -> None:
        self._imports = imports
        self._max_bytes = max_bytes
        self._loaded: dict[str, m.Model] = {}

    def load(self, source: Source, importing: tuple[str, ...]) -> m.Model:
        root = parse(_bytes(source, self._max_bytes), max_bytes=self._max_bytes)
        model = read_definitions(root)
        if self._imports is None or not model.imports:
            return model
        chain = (*importing, model.namespace)
        imported = {i.namespace: self._resolve(i, chain) for i in model.imports if _is_dmn(i)}
        return replace(model, imported=imported)

    def _resolve(self, item: m.Import, chain: tuple[str, ...]) -> m.Model:
        if item.namespace in chain:
            raise CycleError(
                f"the model imports itself: {' → '.join((*chain, item.namespace))}", line=item.line
            )
        if item.namespace in self._loaded:
            return self._loaded[item.namespace]
        if len(self._loaded) >= MAX_IMPORTS:
            raise LimitError(f"more than {MAX_IMPORTS} models are imported")
        found = self._imports(item) if self._imports else None
        if found is None:
            raise ModelError(f"the imported model {item.namespace!r} is not at hand", line=item.line)
        model = found if isinstance(found, m.Model) else self.load(found, chain)
        if model.namespace != item.namespace:
            raise ModelError(
                f"the import names {item.namespace!r} but the model found is {model.namespace!r}",
                line=item.line,
            )
        self._loaded[item.namespace] = model
        return model


def _is_dmn(item: m.Import) -> bool:
    return item.import_type in NAMESPACES or "/DMN/" in item.import_type


def _bytes(source: Source, max_bytes: int) -> bytes:
    if isinstance(source, bytes):
        return source
    path = Path(source)
    try:
        if path.stat().st_size > max_bytes:
            raise LimitError(f"{path.name} is larger than {max_bytes} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {path.name}: {error.strerror}") from error


def folder_imports(folder: Path | str) -> Resolver:
    """A resolver that finds imports among the ``.dmn`` files of a folder, by namespace."""
    found: dict[str, bytes] = {}
    for path in sorted(Path(folder).glob("*.dmn")):
        text = _bytes(path, MAX_BYTES)
        found.setdefault(parse(text).get("namespace", ""), text)
    return lambda item: found.get(item.namespace)


# ---- definitions -------------------------------------------------------------------------


def read_definitions(root: LinedElement) -> m.Model:
    """The ``definitions`` element as a model, its imports still open."""
    if local(root.tag) != "definitions" or namespace_of(root.tag) not in NAMESPACES:
        raise ModelError(
            f"the root is {root.tag!r}, not the definitions of a DMN 1.1 to 1.5 model", line=root.line
        )
    elements: list[m.DrgElement] = []
    artifacts: list[str] = []
    diagrams = None
    for child in root:
        kind = local(child.tag)
        if kind in _ELEMENTS and namespace_of(child.tag) in NAMESPACES:
            elements.append(_ELEMENTS[kind](child))
        elif kind == "DMNDI":
            diagrams = as_text(child)
        elif kind not in {"import", "itemDefinition", "description", "extensionElements"}:
            artifacts.append(as_text(child))
    model = m.Model(
        **_node(root),
        name=_name(root),
        namespace=_required(root, "namespace"),
        imports=tuple(map(_import, _all(root, "import"))),
        item_definitions=tuple(map(_item_definition, _all(root, "itemDefinition"))),
        elements=tuple(elements),
        artifacts=tuple(artifacts),
        diagrams=diagrams,
        expression_language=root.get("expressionLanguage"),
        type_language=root.get("typeLanguage"),
        exporter=root.get("exporter"),
        exporter_version=root.get("exporterVersion"),
    )
    _refuse_twins(model)
    return model


def _refuse_twins(model: m.Model) -> None:
    seen: set[str] = set()
    for element in model.elements:
        if element.id is not None and element.id in seen:
            raise ModelError(f"the id {element.id!r} is used twice", line=element.line)
        seen.add(element.id or "")


def _import(element: Element) -> m.Import:
    return m.Import(
        **_node(element),
        name=" ".join(element.get("name", "").split()),
        namespace=_required(element, "namespace"),
        import_type=_required(element, "importType"),
        location=element.get("locationURI"),
    )


def _item_definition(element: Element) -> m.ItemDefinition:
    function = _one(element, "functionItem")
    return m.ItemDefinition(
        **_node(element),
        name=_name(element),
        type_ref=_type_text(_text(element, "typeRef")),
        allowed_values=_maybe(_one(element, "allowedValues"), _unary_tests),
        type_constraint=_maybe(_one(element, "typeConstraint"), _unary_tests),
        components=tuple(map(_item_definition, _all(element, "itemComponent"))),
        function=_maybe(function, _function_item),
        is_collection=_boolean(element, "isCollection"),
        type_language=element.get("typeLanguage"),
    )


def _function_item(element: Element) -> m.FunctionItem:
    return m.FunctionItem(
        **_node(element),
        parameters=tuple(map(_variable, _all(element, "parameters"))),
        output_type_ref=_type_text(element.get("outputTypeRef")),
    )


def _input_data(element: Element) -> m.InputData:
    return m.InputData(
        **_node(element), name=_name(element), variable=_maybe(_one(element, "variable"), _variable)
    )


_REFERENCES = (
    "supportedObjective",
    "impactedPerformanceIndicator",
    "decisionMaker",
    "decisionOwner",
    "usingProcess",
    "usingTask",
)


def _decision(element: Element) -> m.Decision:
    return m.Decision(
        **_node(element),
        name=_name(element),
        question=_text(element, "question"),
        allowed_answers=_text(element, "allowedAnswers"),
        variable=_maybe(_one(element, "variable"), _variable),
        information=_requirements(element, "informationRequirement"),
        knowledge=_requirements(element, "knowledgeRequirement"),
        authority=_requirements(element, "authorityRequirement"),
        references=tuple(
            (local(e.tag), _required(e, "href")) for e in element if local(e.tag) in _REFERENCES
        ),
        expression=_boxed_in(element),
    )


def _knowledge_model(element: Element) -> m.KnowledgeModel:
    return m.KnowledgeModel(
        **_node(element),
        name=_name(element),
        variable=_maybe(_one(element, "variable"), _variable),
        logic=_maybe(_one(element, "encapsulatedLogic"), _function_definition),
        knowledge=_requirements(element, "knowledgeRequirement"),
        authority=_requirements(element, "authorityRequirement"),
    )


def _decision_service(element: Element) -> m.DecisionService:
    return m.DecisionService(
        **_node(element),
        name=_name(element),
        variable=_maybe(_one(element, "variable"), _variable),
        output_decisions=_hrefs(element, "outputDecision"),
        encapsulated_decisions=_hrefs(element, "encapsulatedDecision"),
        input_decisions=_hrefs(element, "inputDecision"),
        input_data=_hrefs(element, "inputData"),
    )


def _knowledge_source(element: Element) -> m.KnowledgeSource:
    owner = _one(element, "owner")
    return m.KnowledgeSource(
        **_node(element),
        name=_name(element),
        authority=_requirements(element, "authorityRequirement"),
        source_type=_text(element, "type"),
        owner=_maybe(owner, lambda e: _required(e, "href")),
        location=element.get("locationURI"),
    )


_ELEMENTS: dict[str, Callable[[Element], m.DrgElement]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge_model,
    "decisionService": _decision_service,
    "knowledgeSource": _knowledge_source,
}


def _requirements(element: Element, kind: str) -> tuple[m.Requirement, ...]:
    return tuple(_requirement(child) for child in _all(element, kind))


def _requirement(element: Element) -> m.Requirement:
    for child in element:
        if local(child.tag).startswith("required"):
            return m.Requirement(**_node(element), kind=local(child.tag), href=_required(child, "href"))
    raise ModelError(f"{local(element.tag)} names nothing that is required", line=_line(element))


def _hrefs(element: Element, kind: str) -> tuple[str, ...]:
    return tuple(_required(child, "href") for child in _all(element, kind))


# ---- expressions -------------------------------------------------------------------------


def _boxed(element: Element) -> m.Boxed:
    return _BOXED[local(element.tag)](element)


def _boxed_in(element: Element) -> m.Boxed | None:
    for child in element:
        if local(child.tag) in _BOXED and namespace_of(child.tag) in NAMESPACES:
            return _boxed(child)
    return None


def _boxed_node(element: Element) -> dict[str, Any]:
    return {**_node(element), "type_ref": _type_text(element.get("typeRef"))}


def _literal(element: Element) -> m.Literal:
    return m.Literal(
        **_boxed_node(element),
        text=_text(element, "text"),
        language=element.get("expressionLanguage"),
        imported=_maybe(_one(element, "importedValues"), as_text),
    )


def _context(element: Element) -> m.Context:
    return m.Context(
        **_boxed_node(element), entries=tuple(map(_context_entry, _all(element, "contextEntry")))
    )


def _context_entry(element: Element) -> m.ContextEntry:
    return m.ContextEntry(
        **_node(element), variable=_maybe(_one(element, "variable"), _variable), value=_boxed_in(element)
    )


def _list(element: Element) -> m.BoxedList:
    items = tuple(_boxed(child) for child in element if local(child.tag) in _BOXED)
    return m.BoxedList(**_boxed_node(element), items=items)


def _relation(element: Element) -> m.Relation:
    return m.Relation(
        **_boxed_node(element),
        columns=tuple(map(_variable, _all(element, "column"))),
        rows=tuple(map(_list, _all(element, "row"))),
    )


def _function_definition(element: Element) -> m.FunctionDefinition:
    return m.FunctionDefinition(
        **_boxed_node(element),
        parameters=tuple(map(_variable, _all(element, "formalParameter"))),
        body=_boxed_in(element),
        kind=element.get("kind", "FEEL"),
    )


def _invocation(element: Element) -> m.Invocation:
    return m.Invocation(
        **_boxed_node(element),
        function=_boxed_in(element),
        bindings=tuple(map(_binding, _all(element, "binding"))),
    )


def _binding(element: Element) -> m.Binding:
    parameter = _one(element, "parameter")
    if parameter is None:
        raise ModelError("a binding without a parameter", line=_line(element))
    return m.Binding(parameter=_variable(parameter), value=_boxed_in(element))


def _child(element: Element, kind: str) -> m.Child:
    child = _one(element, kind)
    if child is None:
        raise ModelError(f"{local(element.tag)} lacks its <{kind}>", line=_line(element))
    return m.Child(value=_boxed_in(child), id=child.get("id"), type_ref=_type_text(child.get("typeRef")))


def _conditional(element: Element) -> m.Conditional:
    return m.Conditional(
        **_boxed_node(element),
        condition=_child(element, "if"),
        then=_child(element, "then"),
        otherwise=_child(element, "else"),
    )


def _filter(element: Element) -> m.Filter:
    return m.Filter(**_boxed_node(element), source=_child(element, "in"), match=_child(element, "match"))


def _for(element: Element) -> m.For:
    return m.For(
        **_boxed_node(element),
        variable=_required(element, "iteratorVariable"),
        source=_child(element, "in"),
        result=_child(element, "return"),
    )


def _quantified(element: Element) -> m.Quantified:
    return m.Quantified(
        **_boxed_node(element),
        quantifier=local(element.tag),
        variable=_required(element, "iteratorVariable"),
        source=_child(element, "in"),
        satisfies=_child(element, "satisfies"),
    )


def _decision_table(element: Element) -> m.DecisionTable:
    table = m.DecisionTable(
        **_boxed_node(element),
        inputs=tuple(map(_input_clause, _all(element, "input"))),
        outputs=tuple(map(_output_clause, _all(element, "output"))),
        annotations=tuple(e.get("name", "") for e in _all(element, "annotation")),
        rules=tuple(map(_rule, _all(element, "rule"))),
        hit_policy=_one_of(element, "hitPolicy", HIT_POLICIES) or "UNIQUE",
        aggregation=_one_of(element, "aggregation", AGGREGATIONS),
        orientation=element.get("preferredOrientation", "Rule-as-Row"),
        output_label=element.get("outputLabel"),
    )
    refuse_ragged(table)
    return table


def refuse_ragged(table: m.DecisionTable) -> None:
    """Refuse a table whose rules do not have one cell a column.

    Raises:
        ModelError: A rule has too many or too few cells, or there is no output.
    """
    if not table.outputs:
        raise ModelError("a decision table without an output", line=table.line)
    for number, rule in enumerate(table.rules, 1):
        if len(rule.tests) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            raise ModelError(
                f"rule {number} has {len(rule.tests)} tests and {len(rule.outputs)} outputs; the table has "
                f"{len(table.inputs)} inputs and {len(table.outputs)} outputs",
                line=rule.line,
            )


def _input_clause(element: Element) -> m.InputClause:
    expression = _one(element, "inputExpression")
    if expression is None:
        raise ModelError("an input column without an expression", line=_line(element))
    return m.InputClause(
        **_node(element),
        expression=_literal(expression),
        values=_maybe(_one(element, "inputValues"), _unary_tests),
    )


def _output_clause(element: Element) -> m.OutputClause:
    name = element.get("name")
    return m.OutputClause(
        **_node(element),
        name=None if name is None else " ".join(name.split()),
        type_ref=_type_text(element.get("typeRef")),
        values=_maybe(_one(element, "outputValues"), _unary_tests),
        default=_maybe(_one(element, "defaultOutputEntry"), _literal),
    )


def _rule(element: Element) -> m.Rule:
    return m.Rule(
        **_node(element),
        tests=tuple(map(_unary_tests, _all(element, "inputEntry"))),
        outputs=tuple(map(_literal, _all(element, "outputEntry"))),
        annotations=tuple(_text(e, "text") or "" for e in _all(element, "annotationEntry")),
    )


def _unary_tests(element: Element) -> m.UnaryTests:
    return m.UnaryTests(
        **_node(element), text=_text(element, "text") or "", language=element.get("expressionLanguage")
    )


def _variable(element: Element) -> m.Variable:
    return m.Variable(**_node(element), name=_name(element), type_ref=_type_text(element.get("typeRef")))


_BOXED: dict[str, Callable[[Element], m.Boxed]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function_definition,
    "invocation": _invocation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "decisionTable": _decision_table,
}


# ---- small parts -------------------------------------------------------------------------


def _node(element: Element) -> dict[str, Any]:
    extension = _one(element, "extensionElements")
    return {
        "id": element.get("id"),
        "label": element.get("label"),
        "description": _text(element, "description"),
        "extension": None if extension is None or not len(extension) else as_text(extension),
        "foreign": tuple((key, value) for key, value in element.items() if key.startswith("{")),
        "line": _line(element),
    }


def _line(element: Element) -> int | None:
    return element.line if isinstance(element, LinedElement) else None


def _all(element: Element, kind: str) -> list[Element]:
    return [child for child in element if local(child.tag) == kind and namespace_of(child.tag) in NAMESPACES]


def _one(element: Element, kind: str) -> Element | None:
    for child in element:
        if local(child.tag) == kind and namespace_of(child.tag) in NAMESPACES:
            return child
    return None


def _text(element: Element, kind: str) -> str | None:
    child = _one(element, kind)
    return None if child is None else child.text or ""


def _maybe(element: Element | None, read_it: Callable[[Element], T]) -> T | None:
    return None if element is None else read_it(element)


def _required(element: Element, attribute: str) -> str:
    value = element.get(attribute)
    if value is None:
        raise ModelError(f"<{local(element.tag)}> lacks its attribute {attribute!r}", line=_line(element))
    return value


def _name(element: Element) -> str:
    return " ".join(_required(element, "name").split())


def _boolean(element: Element, attribute: str) -> bool:
    return element.get(attribute, "false").strip() in {"true", "1"}


def _one_of(element: Element, attribute: str, allowed: tuple[str, ...]) -> str | None:
    value = element.get(attribute)
    if value is None or value in allowed:
        return value
    raise ModelError(f"{attribute} is {value!r}; it may be one of {', '.join(allowed)}", line=_line(element))


def _type_text(text: str | None) -> str | None:
    """A type's name; the prefix that DMN 1.1 wrote (``feel:number``) falls away."""
    if text is None or not text.strip():
        return None
    return " ".join(text.strip().removeprefix("feel:").split())
