"""XML read without trust: no document types, no entities, no network, bounded size and depth.

Every element knows its line. The tree is the standard library's.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from commonweal.engines.dmn.errors import LimitError, XmlError

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200


class LinedElement(ET.Element):
    """An element that remembers the line of its start tag."""

    line: int = 0


class _Builder:
    """Builds the tree, counts depth, notes lines."""

    def __init__(self) -> None:
        self._line = 0
        self._depth = 0
        self._tree = ET.TreeBuilder(element_factory=self._element)
        self.locate: Any = None

    def _element(self, tag: str, attributes: dict[str, str]) -> LinedElement:
        element = LinedElement(tag, attributes)
        element.line = self._line
        return element

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._line = self.locate()
        if self._depth > MAX_DEPTH:
            raise LimitError(f"elements lie more than {MAX_DEPTH} deep", line=self._line)
        self._tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._tree.end(tag)

    def data(self, text: str) -> None:
        self._tree.data(text)

    def close(self) -> LinedElement:
        root: Any = self._tree.close()
        return root  # type: ignore[no-any-return]  # made by _element


def parse(source: bytes, *, max_bytes: int = MAX_BYTES) -> LinedElement:
    """Read XML into a tree.

    Raises:
        LimitError: It is too large or too deep.
        XmlError: It is not well formed, or declares a document type or entities.
    """
    if len(source) > max_bytes:
        raise LimitError(f"the XML has {len(source)} bytes, more than the {max_bytes} allowed")
    builder = _Builder()
    parser: Any = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.locate = lambda: parser.parser.CurrentLineNumber
    try:
        parser.feed(source)
        root: LinedElement = parser.close()
    except ET.ParseError as error:
        raise XmlError(f"not well-formed XML: {error}") from error
    except DefusedXmlException as error:
        raise XmlError("document types, entities and outside references are refused") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, LimitError):
            raise
        raise XmlError(f"cannot be decoded: {error}") from error
    return root


def as_text(element: ET.Element) -> str:
    """An element as XML text, without blanks between elements and what follows it."""
    element.tail = None
    for part in element.iter():
        if len(part) and not (part.text or "").strip():
            part.text = None
        for child in part:
            if not (child.tail or "").strip():
                child.tail = None
    return ET.tostring(element, encoding="unicode")


def local(tag: str) -> str:
    """The local part of ``{namespace}name``."""
    return tag.rpartition("}")[2]


def namespace_of(tag: str) -> str:
    """The namespace part of ``{namespace}name``."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
