"""Small changes to a package, made by mutmut's operators, one at a time and fit for a running process."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import file_mutation
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode, get_ignored_lines


class Visitor(file_mutation.MutationVisitor):
    """mutmut's own visitor, which also enters decorated functions and notes where each change is.

    mutmut leaves decorated functions out, because it copies a function beside the original; here code is
    exchanged in place, so that a decorator runs once as ever. Decorators themselves are never changed.
    """

    def __init__(self, ignored: IgnoredCode) -> None:
        super().__init__(mutation_operators, ignored)
        self.lines: list[int] = []

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            node = node.with_changes(decorators=[])
        return super()._skip_node_and_children(node)

    def _create_mutations(self, node: cst.CSTNode) -> None:
        super()._create_mutations(node)
        line = self.get_metadata(PositionProvider, node).start.line
        self.lines += [line] * (len(self.mutations) - len(self.lines))


class File:
    """One source file and the changes that can be made to it.

    Attributes:
        path: Where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = path.read_text()
        wrapper = MetadataWrapper(cst.parse_module(self.source))
        visitor = Visitor(get_ignored_lines(str(path), self.source, wrapper))
        self.module = wrapper.visit(visitor)
        self.changes = [
            (line, mutation)
            for line, mutation in zip(visitor.lines, visitor.mutations, strict=True)
            if isinstance(mutation.contained_by_top_level_function, cst.FunctionDef)
        ]

    @cached_property
    def code(self) -> CodeType:
        """The file as it stands, compiled as the import system would."""
        return compiled(self.source, self.path)

    @cached_property
    def statements(self) -> dict[int, tuple[int, int]]:
        """First and last line of the innermost statement that a line belongs to; of a block only its head."""
        spans: dict[int, tuple[int, int]] = {}
        for node in ast.walk(ast.parse(self.source)):  # outer nodes come before inner ones
            if isinstance(node, (ast.stmt, ast.match_case, ast.ExceptHandler)):
                body = getattr(node, "body", None)
                first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
                last = max(first, body[0].lineno - 1) if body else getattr(node, "end_lineno", None) or first
                spans |= dict.fromkeys(range(first, last + 1), (first, last))
        return spans


@dataclass(frozen=True, eq=False)
class Mutant:
    """One change.

    Attributes:
        file: What is changed.
        line: Where the change begins.
        mutation: mutmut's description of it.
    """

    file: File
    line: int
    mutation: file_mutation.Mutation

    @cached_property
    def source(self) -> str:
        """The whole file with the change."""
        changed = self.file.module.deep_replace(self.mutation.original_node, self.mutation.mutated_node)
        assert isinstance(changed, cst.Module)
        return changed.code

    def exchanges(self) -> dict[CodeType, CodeType]:
        """The code that takes the place of each code that differs; empty where nothing that can run does.

        A change that Python refuses or ignores (a default value, which is computed on import) gives none.
        """
        try:
            code = compiled(self.source, self.file.path)
        except SyntaxError:
            return {}
        pairs = [pair for pair in paired(self.file.code, code) if is_function(pair[0])]
        if all(likeness(old) == likeness(new) for old, new in pairs):
            return {}
        return {old: new for old, new in pairs if old != new}

    def __str__(self) -> str:
        old, new = self.file.source.splitlines(), self.source.splitlines()
        lines = list(difflib.unified_diff(old, new, n=0, lineterm=""))[3:]
        return "\n".join([f"{self.file.path}:{self.line}", *("    " + line for line in lines)])


def mutants(paths: list[Path]) -> list[Mutant]:
    """Every change to these files, in order."""
    return [Mutant(file, line, mutation) for file in map(File, paths) for line, mutation in file.changes]


def compiled(source: str, path: Path) -> CodeType:
    """A module's code."""
    return compile(source, str(path), "exec", dont_inherit=True)


def inner(code: CodeType) -> list[CodeType]:
    """The functions, classes and comprehensions written directly inside a code."""
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def paired(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Two codes and all that is inside them, side by side; what was removed from inside is left out."""
    yield old, new
    inside_old, inside_new = inner(old), inner(new)
    if len(inside_old) == len(inside_new):
        for pair in zip(inside_old, inside_new, strict=True):
            yield from paired(*pair)


def is_function(code: CodeType) -> bool:
    """Whether a code is called, and not run once on import as a module's or a class's."""
    return bool(code.co_flags & 0x2)  # CO_NEWLOCALS, which classes have not


def likeness(code: CodeType) -> tuple[object, ...]:
    """What a code does, without its line numbers."""
    consts = tuple(likeness(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return (code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars,
            code.co_exceptiontable)  # fmt: skip
