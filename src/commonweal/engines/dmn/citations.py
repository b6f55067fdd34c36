"""The law behind a decision: the knowledge sources that it and its logic rest on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.graph import Graph, Node


@dataclass(frozen=True, slots=True)
class Citation:
    """One knowledge source: its name, what kind it is, where it can be read."""

    name: str
    source_type: str | None = None
    location: str | None = None
    description: str | None = None


def citations_of(graph: Graph, node: Node) -> tuple[Citation, ...]:
    """The knowledge sources of a decision or knowledge model, and those behind them.

    The sources of the knowledge models that it uses count as its own.
    """
    found: dict[int, Citation] = {}
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop(0)
        if current.index in seen:
            continue
        seen.add(current.index)
        element = current.element
        if isinstance(element, m.KnowledgeSource):
            found[current.index] = Citation(
                element.name, element.source_type, element.location, element.description
            )
        waiting.extend(_authorities(graph, current))
        waiting.extend(need for _, need in current.needs if isinstance(need.element, m.KnowledgeModel))
    return tuple(found.values())


def _authorities(graph: Graph, node: Node) -> Iterator[Node]:
    for requirement in getattr(node.element, "authority", ()):
        resolved = graph.resolve(node.instance, requirement.href)
        if resolved is not None and requirement.kind == "requiredAuthority":
            yield resolved[1]
