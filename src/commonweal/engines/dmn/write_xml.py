"""A `Model` into DMN 1.5 XML.

Reading what was written gives an equal model, whatever version it was read from.

Source: OMG DMN 1.5, schema DMN15.xsd.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree as ET

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.errors import ModelError
from commonweal.engines.dmn.safe_xml import parse

_PREFIX = f"{{{m.DMN_NAMESPACE}}}"
_DIAGRAMS = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
_OLDER_MODEL = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(?:MODEL/|dmn\.xsd)")
_OLDER_DIAGRAMS = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/DMNDI/")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(model: m.Model) -> bytes:
    """A model as DMN 1.5 XML, in UTF-8.

    Raises:
        ModelError: A text holds a character that XML cannot carry.
    """
    root = _element("definitions", model)
    _set(root, "name", model.name)
    _set(root, "namespace", model.namespace)
    _set(root, "expressionLanguage", model.expression_language)
    _set(root, "typeLanguage", model.type_language)
    _set(root, "exporter", model.exporter)
    _set(root, "exporterVersion", model.exporter_version)
    root.extend(_import(item) for item in model.imports)
    root.extend(_item_definition(item, "itemDefinition") for item in model.item_definitions)
    root.extend(_ELEMENTS[type(item)](item) for item in model.elements)
    root.extend(_kept(text) for text in model.artifacts)
    if model.diagrams is not None:
        root.append(_kept(model.diagrams))
    ET.indent(root)
    text: bytes = ET.tostring(_plain(root), encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _plain(root: ET.Element) -> ET.Element:
    """The model's own elements without a prefix: one default namespace on the root."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(_PREFIX)
    root.set("xmlns", m.DMN_NAMESPACE)
    return root


def _element(tag: str, node: m.Node) -> ET.Element:
    element = ET.Element(_PREFIX + tag)
    _set(element, "id", node.id)
    _set(element, "label", node.label)
    for key, value in node.foreign:
        _set(element, key, value)
    _child_text(element, "description", node.description)
    if node.extension is not None:
        element.append(_kept(node.extension))
    return element


def _boxed_element(tag: str, node: m.Boxed) -> ET.Element:
    element = _element(tag, node)
    _set(element, "typeRef", node.type_ref)
    return element


def _kept(text: str) -> ET.Element:
    newer = _OLDER_DIAGRAMS.sub(_DIAGRAMS, _OLDER_MODEL.sub(m.DMN_NAMESPACE, text))
    return parse(newer.encode())


def _set(element: ET.Element, attribute: str, value: str | None) -> None:
    if value is not None:
        element.set(attribute, _clean(value))


def _clean(text: str) -> str:
    bad = _NOT_IN_XML.search(text)
    if bad:
        raise ModelError(f"the character U+{ord(bad[0]):04X} cannot be written in XML")
    return text


def _child_text(element: ET.Element, tag: str, text: str | None) -> None:
    if text is not None:
        ET.SubElement(element, _PREFIX + tag).text = _clean(text)


def _append(element: ET.Element, child: ET.Element | None) -> None:
    if child is not None:
        element.append(child)


def _import(item: m.Import) -> ET.Element:
    element = _element("import", item)
    _set(element, "name", item.name)
    _set(element, "namespace", item.namespace)
    _set(element, "locationURI", item.location)
    _set(element, "importType", item.import_type)
    return element


def _item_definition(item: m.ItemDefinition, tag: str) -> ET.Element:
    element = _element(tag, item)
    _set(element, "name", item.name)
    _set(element, "typeLanguage", item.type_language)
    if item.is_collection:
        _set(element, "isCollection", "true")
    _child_text(element, "typeRef", item.type_ref)
    _append(element, _tests(item.allowed_values, "allowedValues"))
    _append(element, _tests(item.type_constraint, "typeConstraint"))
    element.extend(_item_definition(component, "itemComponent") for component in item.components)
    if item.function is not None:
        function = _element("functionItem", item.function)
        _set(function, "outputTypeRef", item.function.output_type_ref)
        function.extend(_variable(v, "parameters") for v in item.function.parameters)
        element.append(function)
    return element


def _variable(variable: m.Variable, tag: str) -> ET.Element:
    element = _element(tag, variable)
    _set(element, "name", variable.name)
    _set(element, "typeRef", variable.type_ref)
    return element


def _tests(tests: m.UnaryTests | None, tag: str) -> ET.Element | None:
    if tests is None:
        return None
    element = _element(tag, tests)
    _set(element, "expressionLanguage", tests.language)
    _child_text(element, "text", tests.text)
    return element


# ---- diagram elements --------------------------------------------------------------------


def _drg(tag: str, item: m.DrgElement, variable: m.Variable | None) -> ET.Element:
    element = _element(tag, item)
    _set(element, "name", item.name)
    if variable is not None:
        element.append(_variable(variable, "variable"))
    return element


def _input_data(item: Any) -> ET.Element:
    return _drg("inputData", item, item.variable)


def _decision(item: Any) -> ET.Element:
    element = _element("decision", item)
    _set(element, "name", item.name)
    _child_text(element, "question", item.question)
    _child_text(element, "allowedAnswers", item.allowed_answers)
    if item.variable is not None:
        element.append(_variable(item.variable, "variable"))
    element.extend(_requirements("informationRequirement", item.information))
    element.extend(_requirements("knowledgeRequirement", item.knowledge))
    element.extend(_requirements("authorityRequirement", item.authority))
    for tag, href in item.references:
        element.append(_href(tag, href))
    _append(element, _boxed(item.expression))
    return element


def _knowledge_model(item: Any) -> ET.Element:
    element = _drg("businessKnowledgeModel", item, item.variable)
    if item.logic is not None:
        element.append(_function(item.logic, "encapsulatedLogic"))
    element.extend(_requirements("knowledgeRequirement", item.knowledge))
    element.extend(_requirements("authorityRequirement", item.authority))
    return element


def _service(item: Any) -> ET.Element:
    element = _drg("decisionService", item, item.variable)
    element.extend(_href("outputDecision", href) for href in item.output_decisions)
    element.extend(_href("encapsulatedDecision", href) for href in item.encapsulated_decisions)
    element.extend(_href("inputDecision", href) for href in item.input_decisions)
    element.extend(_href("inputData", href) for href in item.input_data)
    return element


def _knowledge_source(item: Any) -> ET.Element:
    element = _drg("knowledgeSource", item, None)
    _set(element, "locationURI", item.location)
    element.extend(_requirements("authorityRequirement", item.authority))
    _child_text(element, "type", item.source_type)
    if item.owner is not None:
        element.append(_href("owner", item.owner))
    return element


_ELEMENTS: dict[type[m.DrgElement], Callable[[Any], ET.Element]] = {
    m.InputData: _input_data,
    m.Decision: _decision,
    m.KnowledgeModel: _knowledge_model,
    m.DecisionService: _service,
    m.KnowledgeSource: _knowledge_source,
}


def _requirements(tag: str, items: Iterable[m.Requirement]) -> Iterable[ET.Element]:
    for item in items:
        element = _element(tag, item)
        element.append(_href(item.kind, item.href))
        yield element


def _href(tag: str, href: str) -> ET.Element:
    element = ET.Element(_PREFIX + tag)
    _set(element, "href", href)
    return element


# ---- expressions -------------------------------------------------------------------------


def _boxed(item: m.Boxed | None) -> ET.Element | None:
    return None if item is None else _BOXED[type(item)](item)


def _literal(item: Any, tag: str = "literalExpression") -> ET.Element:
    element = _boxed_element(tag, item)
    _set(element, "expressionLanguage", item.language)
    _child_text(element, "text", item.text)
    if item.imported is not None:
        element.append(_kept(item.imported))
    return element


def _context(item: Any) -> ET.Element:
    element = _boxed_element("context", item)
    for entry in item.entries:
        line = _element("contextEntry", entry)
        if entry.variable is not None:
            line.append(_variable(entry.variable, "variable"))
        _append(line, _boxed(entry.value))
        element.append(line)
    return element


def _list(item: Any, tag: str = "list") -> ET.Element:
    element = _boxed_element(tag, item)
    for child in item.items:
        _append(element, _boxed(child))
    return element


def _relation(item: Any) -> ET.Element:
    element = _boxed_element("relation", item)
    element.extend(_variable(column, "column") for column in item.columns)
    element.extend(_list(row, "row") for row in item.rows)
    return element


def _function(item: Any, tag: str = "functionDefinition") -> ET.Element:
    element = _boxed_element(tag, item)
    if item.kind != "FEEL":
        _set(element, "kind", item.kind)
    element.extend(_variable(parameter, "formalParameter") for parameter in item.parameters)
    _append(element, _boxed(item.body))
    return element


def _invocation(item: Any) -> ET.Element:
    element = _boxed_element("invocation", item)
    _append(element, _boxed(item.function))
    for binding in item.bindings:
        line = ET.SubElement(element, _PREFIX + "binding")
        line.append(_variable(binding.parameter, "parameter"))
        _append(line, _boxed(binding.value))
    return element


def _slot(element: ET.Element, tag: str, child: m.Child) -> None:
    slot = ET.SubElement(element, _PREFIX + tag)
    _set(slot, "id", child.id)
    _set(slot, "typeRef", child.type_ref)
    _append(slot, _boxed(child.value))


def _conditional(item: Any) -> ET.Element:
    element = _boxed_element("conditional", item)
    _slot(element, "if", item.condition)
    _slot(element, "then", item.then)
    _slot(element, "else", item.otherwise)
    return element


def _filter(item: Any) -> ET.Element:
    element = _boxed_element("filter", item)
    _slot(element, "in", item.source)
    _slot(element, "match", item.match)
    return element


def _for(item: Any) -> ET.Element:
    element = _boxed_element("for", item)
    _set(element, "iteratorVariable", item.variable)
    _slot(element, "in", item.source)
    _slot(element, "return", item.result)
    return element


def _quantified(item: Any) -> ET.Element:
    element = _boxed_element(item.quantifier, item)
    _set(element, "iteratorVariable", item.variable)
    _slot(element, "in", item.source)
    _slot(element, "satisfies", item.satisfies)
    return element


def _table(item: Any) -> ET.Element:
    element = _boxed_element("decisionTable", item)
    _set(element, "hitPolicy", item.hit_policy)
    _set(element, "aggregation", item.aggregation)
    _set(element, "preferredOrientation", item.orientation)
    _set(element, "outputLabel", item.output_label)
    for clause in item.inputs:
        column = _element("input", clause)
        column.append(_literal(clause.expression, "inputExpression"))
        _append(column, _tests(clause.values, "inputValues"))
        element.append(column)
    for output in item.outputs:
        column = _element("output", output)
        _set(column, "name", output.name)
        _set(column, "typeRef", output.type_ref)
        _append(column, _tests(output.values, "outputValues"))
        if output.default is not None:
            column.append(_literal(output.default, "defaultOutputEntry"))
        element.append(column)
    for name in item.annotations:
        _set(ET.SubElement(element, _PREFIX + "annotation"), "name", name)
    element.extend(map(_rule, item.rules))
    return element


def _rule(rule: m.Rule) -> ET.Element:
    element = _element("rule", rule)
    for tests in rule.tests:
        _append(element, _tests(tests, "inputEntry"))
    element.extend(_literal(output, "outputEntry") for output in rule.outputs)
    for text in rule.annotations:
        _child_text(ET.SubElement(element, _PREFIX + "annotationEntry"), "text", text)
    return element


_BOXED: dict[type[m.Boxed], Callable[[Any], ET.Element]] = {
    m.Literal: _literal,
    m.Context: _context,
    m.BoxedList: _list,
    m.Relation: _relation,
    m.FunctionDefinition: _function,
    m.Invocation: _invocation,
    m.Conditional: _conditional,
    m.Filter: _filter,
    m.For: _for,
    m.Quantified: _quantified,
    m.DecisionTable: _table,
}
