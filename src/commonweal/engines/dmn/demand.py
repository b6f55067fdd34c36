"""Which missing facts can still matter to a part of a decision, whatever the others turn out to be.

The walk goes from what is wanted to what it is made of, and stops wherever a value is known already: it stays
the same with any value of the missing facts. What a decision reads is taken from its texts, so nothing that could
matter is left out; where a text reads a whole context, everything unknown in it counts.

Source: the project's design, "Unknown is not false"; dynamic slicing as in B. Korel and J. Laski, "Dynamic program
slicing", Information Processing Letters 29(3), 1988, over the requirements graph of DMN 1.5, 6.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.compiled import CompiledModel, Facts, Moment, Result
from commonweal.engines.dmn.graph import Node
from commonweal.engines.feel import syntax
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import contains_unknown

Path = tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """A decision made with half of the facts.

    Attributes:
        result: The result, as :meth:`CompiledModel.decide` gives it.
    """

    result: Result
    _compiled: CompiledModel
    _target: Node
    _values: list[Value]

    def demand(self, wanted: Iterable[Path]) -> frozenset[Path]:
        """Return the facts that may still matter to parts of the result.

        Args:
            wanted: Parts of the result as paths into it; the empty path is the whole result.

        Returns:
            Paths into the facts, the input's name first. What lies below a path may matter as well.
        """
        found: set[Path] = set()
        seen: set[tuple[int, Path]] = set()
        pending = [(self._target, path) for path in wanted]
        while pending:
            node, path = pending.pop()
            if (node.index, path) in seen or not contains_unknown(_part(self._values[node.index], path)):
                continue
            seen.add((node.index, path))
            if isinstance(node.element, m.InputData):
                found.add((node.full_name, *path))
            else:
                pending.extend(_reads(self._compiled, node, path))
        return frozenset(found)


def look(compiled: CompiledModel, decision: str, facts: Facts, *, now: Moment = None) -> Look:
    """Make a decision with the facts at hand; facts that nobody gave are unknown.

    Raises:
        NameUnknownError: There is no such decision.
        LimitError: The evaluation went over its budget.
    """
    result, target, values = compiled.look(decision, facts, now=now)
    return Look(result, compiled, target, values)


def paths_in(tree: syntax.Node) -> Iterator[Path]:
    """Yield what an expression reads: names with the entries that are named after them.

    >>> from commonweal.engines.feel import parse, Scope, ANY
    >>> sorted(paths_in(parse("a.b + c", Scope({"a": ANY, "c": ANY}))))
    [('a', 'b'), ('c',)]
    """
    pending = [tree]
    while pending:
        node = pending.pop()
        path = _path(node)
        if path:
            yield path
        else:
            pending.extend(syntax.children(node))


def _path(node: syntax.Node) -> Path:
    """Return ``a.b.c`` as a path; nothing where it is something else."""
    names: list[str] = []
    while isinstance(node, syntax.Path):
        names.append(node.name)
        node = node.source
    return (node.name, *reversed(names)) if isinstance(node, syntax.Name) else ()


def _part(value: Value, path: Path) -> Value:
    """Return the part of a value at a path, as far as the path leads."""
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return value
        value = value[name]
    return value


def _reads(compiled: CompiledModel, node: Node, path: Path) -> tuple[tuple[Node, Path], ...]:
    """Return what a decision's part is made of: the nodes that it reads, with paths into them; found once a model."""
    key = node.index, path[0] if path else ""
    found = compiled.reads.get(key)
    if found is None:
        found = compiled.reads[key] = tuple(
            dict.fromkeys(_resolved(node, _texts_of(compiled, node, path[:1])))
        )
    return found


def _resolved(node: Node, reads: Iterable[Path]) -> Iterator[tuple[Node, Path]]:
    for read in sorted(reads):
        for prefixes, need in node.needs:
            visible = (*prefixes, need.name)
            if read[: len(visible)] == visible:
                yield need, read[len(visible) :]
            elif read == visible[: len(read)]:  # the context of an import as a whole
                yield need, ()


def _texts_of(compiled: CompiledModel, node: Node, path: Path) -> set[Path]:
    """Return what the texts of a decision read; of a boxed context, those that make the wanted entry."""
    trees = compiled.trees.get(node.index, [])
    entries = _entries(node)
    if not path or path[0] not in entries:
        return {read for _place, tree in trees for read in paths_in(tree)}
    found: set[Path] = set()
    pending, seen = [path[0]], {path[0]}
    while pending:
        reads = {read for tree in _making(node, trees, entries, pending.pop()) for read in paths_in(tree)}
        found |= reads
        more = {read[0] for read in reads if read[0] in entries} - seen
        seen |= more
        pending.extend(more)
    return found


def _making(
    node: Node, trees: list[tuple[str, syntax.Node]], entries: frozenset[str], entry: str
) -> Iterator[syntax.Node]:
    """Yield the texts of a boxed context that make an entry; one that cannot be told from them counts."""
    others = tuple(f"{node.full_name}.{name}" for name in entries if not name.startswith(entry))
    for place, tree in trees:
        if place.startswith(f"{node.full_name}.{entry}") or not place.startswith(others):
            yield tree


def _entries(node: Node) -> frozenset[str]:
    """Return the entries of a decision that is a boxed context; nothing where it is something else, or hard to tell."""
    boxed = node.element.expression if isinstance(node.element, m.Decision) else None
    if not isinstance(boxed, m.Context) or any(entry.variable is None for entry in boxed.entries):
        return frozenset()
    names = [entry.variable.name for entry in boxed.entries if entry.variable is not None]
    is_plain = len(set(names)) == len(names) and not any("." in name for name in names)
    return frozenset(names) if is_plain else frozenset()
