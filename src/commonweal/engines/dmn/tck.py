"""Test cases in the layout of the DMN Technology Compatibility Kit.

A folder holds models (``.dmn``) and cases (``.xml``). A value stays as it was written
(`Raw`) until a reader of values turns it into one of FEEL.

Source: testCases.xsd of the TCK.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from commonweal.engines.dmn.errors import ModelError
from commonweal.engines.dmn.safe_xml import local, parse

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True, slots=True)
class Raw:
    """A simple value: its text and the local name of its XML type; no text is null."""

    text: str | None
    type: str | None = None


RawValue = Raw | list["RawValue"] | dict[str, "RawValue"]


@dataclass(frozen=True, slots=True)
class Fact:
    """An input of a case: a fact, or the outcome of a decision put in its place."""

    name: str
    value: RawValue
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects of one decision; ``is_error`` where the evaluation must fail."""

    name: str
    value: RawValue | None
    is_error: bool = False
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. ``kind`` is decision, bkm or decisionService."""

    id: str
    description: str
    facts: tuple[Fact, ...]
    expectations: tuple[Expectation, ...]
    kind: str = "decision"
    invocable: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of cases and the model that they test."""

    path: Path
    model: str
    cases: tuple[Case, ...]


def read_cases(path: Path) -> CaseFile:
    """Read one file of cases.

    Raises:
        DmnError: It is not XML, or not a file of test cases.
    """
    root = parse(path.read_bytes())
    if local(root.tag) != "testCases":
        raise ModelError(f"{path.name} holds {local(root.tag)!r}, not testCases")
    cases = tuple(_case(element, number) for number, element in enumerate(_all(root, "testCase"), 1))
    return CaseFile(path=path, model=(_text(root, "modelName") or "").strip(), cases=cases)


def _case(element: Element, number: int) -> Case:
    return Case(
        id=element.get("id") or str(number),
        description=(_text(element, "description") or "").strip(),
        facts=tuple(
            Fact(name=_name(e), value=_value(e), namespace=e.get("namespace"))
            for e in _all(element, "inputNode")
        ),
        expectations=tuple(map(_expectation, _all(element, "resultNode"))),
        kind=element.get("type", "decision"),
        invocable=element.get("invocableName"),
        namespace=element.get("namespace"),
    )


def _expectation(element: Element) -> Expectation:
    expected = next(iter(_all(element, "expected")), None)
    return Expectation(
        name=_name(element),
        value=None if expected is None else _value(expected),
        is_error=element.get("errorResult", "false").strip() in {"true", "1"},
        namespace=element.get("namespace"),
    )


def _value(element: Element) -> RawValue:
    parts = [child for child in element if local(child.tag) in {"value", "list", "component"}]
    if not parts:
        return Raw(None)
    if local(parts[0].tag) == "component":
        return {_name(part): Raw(None) if _is_nil(part) else _value(part) for part in parts}
    return _list_or_simple(parts[0])


def _list_or_simple(part: Element) -> RawValue:
    if _is_nil(part):
        return Raw(None)
    if local(part.tag) == "list":
        return [_value(item) for item in _all(part, "item")]
    return Raw(part.text or "", (part.get(_TYPE) or "").rpartition(":")[2] or None)


def _is_nil(element: Element) -> bool:
    return element.get(_NIL, "false").strip() in {"true", "1"}


def _name(element: Element) -> str:
    return " ".join((element.get("name") or "").split())


def _all(element: Element, kind: str) -> list[Element]:
    return [child for child in element if local(child.tag) == kind]


def _text(element: Element, kind: str) -> str | None:
    return next((child.text for child in _all(element, kind)), None)
