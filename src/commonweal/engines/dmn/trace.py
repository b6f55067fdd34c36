"""Traces: why a decision came out as it did, as versioned data and as text.

The data (`Trace.as_data`) is JSON-able and carries ``version``; what a version holds never
changes its meaning. The text is made from the same notes with the sentences of `Words`,
which a caller may replace by those of another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.citations import Citation, citations_of
from commonweal.engines.dmn.facts import text_of, to_json
from commonweal.engines.dmn.graph import Graph, Node
from commonweal.engines.dmn.plans import Values
from commonweal.engines.dmn.recording import CallNote, EntryNote, Notes, Recording, TableNote
from commonweal.engines.feel.errors import FeelWarning
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import UNKNOWN

VERSION = 1


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of an explanation, with the places of their parts."""

    because: str = "{name} is {value} because {reasons}{law}."
    plain: str = "{name} is {value}{law}."
    no_rule: str = "{name} is {value} because no rule hits{law}."
    reason: str = "{name} is {value} ({test})"
    given: str = "{name} is {value}"
    rule: str = "rule {rule}"
    law: str = ", {sources}"
    join: str = " and "
    missed: str = "Rule {rule} does not hit: {name} is {value}, which is not {test}."
    warning: str = "Note: {message}"


ENGLISH = Words()


class Trace:
    """What happened in one run.

    Attributes:
        facts: The facts that the decision rests on, by name.
        values: The value of every node of the graph, by its index.
        decisions: The decisions made, in order, the one asked for last.
        warnings: What the standard calls errors.
    """

    def __init__(self, graph: Graph, inputs: list[Node], values: Values, recording: Recording) -> None:
        self._graph = graph
        self.values = values
        self.facts = {node.full_name: values[node.index] for node in inputs}
        self.decisions: Notes = recording.inside
        self.warnings: list[FeelWarning] = recording.warnings
        self.is_cut = recording.room <= 0

    def citations(self, name: str | None = None) -> tuple[Citation, ...]:
        """The knowledge sources of one decision, or of all that were made."""
        found: dict[Citation, None] = {}
        for node in self._nodes():
            if name is None or node.full_name == name:
                found.update(dict.fromkeys(citations_of(self._graph, node)))
        return tuple(found)

    def tables(self) -> list[TableNote]:
        """Every look into a table, in order."""
        return list(_tables(self.decisions))

    def _nodes(self) -> Iterator[Node]:
        for note in self.decisions:
            if isinstance(note, CallNote) and note.index >= 0:
                yield self._graph.nodes[note.index]

    # ---- data ----------------------------------------------------------------------------

    def as_data(self) -> dict[str, Any]:
        """The trace as JSON-able data."""
        return {
            "version": VERSION,
            "model": {"name": self._graph.root.model.name, "namespace": self._graph.root.model.namespace},
            "facts": {name: to_json(value) for name, value in self.facts.items()},
            "decisions": [self._call(note) for note in self.decisions if isinstance(note, CallNote)],
            "warnings": [_warning(warning) for warning in self.warnings],
            "is_cut": self.is_cut,
        }

    def _call(self, note: CallNote) -> dict[str, Any]:
        return {
            "kind": note.kind,
            "name": note.name,
            "value": to_json(note.value),
            "tables": [_table(n) for n in note.inside if isinstance(n, TableNote)],
            "entries": [
                {"name": n.name, "value": to_json(n.value)} for n in note.inside if isinstance(n, EntryNote)
            ],
            "calls": [self._call(n) for n in note.inside if isinstance(n, CallNote)],
            "citations": [_citation(c) for c in self._citations(note)],
            "warnings": [_warning(w) for w in self.warnings[note.warnings_before : note.warnings_after]],
        }

    def _citations(self, note: CallNote) -> tuple[Citation, ...]:
        return citations_of(self._graph, self._graph.nodes[note.index]) if note.index >= 0 else ()

    # ---- text ----------------------------------------------------------------------------

    def as_text(self, words: Words = ENGLISH) -> str:
        """The trace as sentences, the decision asked for first."""
        lines: list[str] = []
        for note in reversed(self.decisions):
            if isinstance(note, CallNote):
                lines.extend(self._sentences(note, words))
        lines.extend(words.warning.format(message=warning.message) for warning in self.warnings)
        return "\n".join(lines)

    def _sentences(self, note: CallNote, words: Words) -> Iterator[str]:
        """A decision, then what it called."""
        yield self._sentence(note, words)
        table = _own_table(note)
        if table is not None and not table.hits:
            yield from (_missed(table, miss, words) for miss in table.misses)
        for inner in note.inside:
            if isinstance(inner, CallNote):
                yield from self._sentences(inner, words)

    def _sentence(self, note: CallNote, words: Words) -> str:
        table = _own_table(note)
        sources = [citation.name for citation in self._citations(note)]
        head = {"name": note.name, "value": text_of(note.value)}
        if table is None:
            law = words.law.format(sources=", ".join(sources)) if sources else ""
            reasons = [
                words.given.format(name=name, value=text_of(value)) for name, value in self._needs(note)
            ]
            if not reasons:
                return words.plain.format(**head, law=law)
            return words.because.format(**head, reasons=words.join.join(reasons), law=law)
        notes = [text for rule in table.hits for text in table.table.notes[rule] if text]
        law = (
            words.law.format(sources=", ".join(dict.fromkeys([*notes, *sources]))) if notes or sources else ""
        )
        if not table.hits:
            return words.no_rule.format(**head, law=law)
        return words.because.format(**head, reasons=_reasons(table, words), law=law)

    def _needs(self, note: CallNote) -> Iterator[tuple[str, Value]]:
        if note.index < 0:
            return
        values = {n.name: n.value for n in self.decisions if isinstance(n, CallNote)}
        for _, need in self._graph.nodes[note.index].needs:
            if isinstance(need.element, m.InputData) and need.full_name in self.facts:
                yield need.full_name, self.facts[need.full_name]
            elif isinstance(need.element, m.Decision) and need.full_name in values:
                yield need.full_name, values[need.full_name]


def _tables(notes: Iterable[TableNote | EntryNote | CallNote]) -> Iterator[TableNote]:
    for note in notes:
        if isinstance(note, TableNote):
            yield note
        elif isinstance(note, CallNote):
            yield from _tables(note.inside)


def _own_table(note: CallNote) -> TableNote | None:
    return next((inner for inner in note.inside if isinstance(inner, TableNote)), None)


def _reasons(note: TableNote, words: Words) -> str:
    parts: list[str] = []
    for rule in note.hits:
        tested = [
            words.reason.format(name=name, value=text_of(value), test=test)
            for name, value, test in zip(note.table.inputs, note.inputs, note.table.cells[rule], strict=True)
            if test and test != "-"
        ]
        parts.append(
            f"{words.join.join(tested)}: {words.rule.format(rule=rule + 1)}"
            if tested
            else words.rule.format(rule=rule + 1)
        )
    return "; ".join(parts)


def _missed(note: TableNote, miss: tuple[int, int, Value], words: Words) -> str:
    rule, column, _ = miss
    return words.missed.format(
        rule=rule + 1,
        name=note.table.inputs[column],
        value=text_of(note.inputs[column]),
        test=note.table.cells[rule][column],
    )


def _table(note: TableNote) -> dict[str, Any]:
    text = note.table
    return {
        "place": text.place,
        "hit_policy": text.hit_policy,
        "inputs": [
            {"expression": name, "value": to_json(value)}
            for name, value in zip(text.inputs, note.inputs, strict=True)
        ],
        "outputs": list(text.outputs),
        "value": to_json(note.value),
        "hits": [_rule(note, rule) for rule in note.hits],
        "misses": [_miss(note, miss) for miss in note.misses if miss[0] not in note.possible],
        "possible": [_rule(note, rule) for rule in note.possible],
    }


def _rule(note: TableNote, rule: int) -> dict[str, Any]:
    return {
        "rule": rule + 1,
        "tests": list(note.table.cells[rule]),
        "results": list(note.table.results[rule]),
        "notes": list(note.table.notes[rule]),
    }


def _miss(note: TableNote, miss: tuple[int, int, Value]) -> dict[str, Any]:
    rule, column, outcome = miss
    return {
        "rule": rule + 1,
        "column": column + 1,
        "input": note.table.inputs[column],
        "test": note.table.cells[rule][column],
        "value": to_json(note.inputs[column]),
        "outcome": "unknown" if outcome is UNKNOWN else to_json(outcome),
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "name": citation.name,
        "type": citation.source_type,
        "location": citation.location,
        "description": citation.description,
    }


def _warning(warning: FeelWarning) -> dict[str, str]:
    return {"code": warning.code, "message": warning.message}
