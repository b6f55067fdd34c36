"""Reads YAML files from a folder of declarations, and remembers where each value stands.

Refused: files above a size, anchors and aliases (they make YAML bombs), duplicate keys, links, and paths
that lead out of the folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 2_000_000

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a declaration, for the person who has to mend it.

    Attributes:
        file: Path relative to the jurisdiction's folder.
        line: From 1; 0 where the whole file is meant.
        column: From 1; 0 where the whole line is meant.
        code: Stable name of the kind of problem.
        message: What is wrong and why.
        hint: How to mend it; may be empty.
        is_error: Warnings do not stop a declaration from being published.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    is_error: bool = True

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f" {self.hint}" if self.hint else "")


class Unreadable(ValueError):
    """A file cannot be read as a declaration."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Document:
    """A file's values, and the line and column of each.

    Attributes:
        file: Path relative to the jurisdiction's folder.
        data: Plain dicts, lists, strings, numbers, booleans, dates and None.
        positions: Path of keys and indexes to (line, column), both from 1.
    """

    file: str
    data: Any
    positions: dict[Path_, tuple[int, int]] = field(repr=False)

    def problem(
        self, path: Path_, code: str, message: str, hint: str = "", *, is_error: bool = True
    ) -> Problem:
        """Return a problem at the value with this path, or at its nearest parent."""
        at = tuple(path)
        while at and at not in self.positions:
            at = at[:-1]
        line, column = self.positions.get(at, (0, 0))
        return Problem(self.file, line, column, code, message, hint, is_error)


def inside(root: Path, relative: str) -> Path:
    """Return the path of a file in a folder.

    Raises:
        Unreadable: The path leads out of the folder, is a link, or does not exist.
    """
    path = root / relative
    problem = None
    if not path.resolve().is_relative_to(root.resolve()):
        problem = "The path leads out of the declarations' folder."
    elif path.is_symlink():
        problem = "Links are not followed in declarations; put the file itself here."
    elif not path.is_file():
        problem = "There is no such file."
    if problem:
        raise Unreadable(Problem(relative, 0, 0, "document.path", problem))
    return path


def read_bytes(root: Path, relative: str) -> bytes:
    """Return a declaration file's bytes.

    Raises:
        Unreadable: See :func:`inside`; also where the file is larger than ``MAX_BYTES``.
    """
    path = inside(root, relative)
    if path.stat().st_size > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES:,} bytes."
        raise Unreadable(
            Problem(relative, 0, 0, "document.size", message, "Split it, or move data elsewhere.")
        )
    return path.read_bytes()


def read_yaml(root: Path, relative: str) -> Document:
    """Return a YAML file's values with their positions.

    Raises:
        Unreadable: The file cannot be read, or is not the plain YAML that declarations are written in.
    """
    return parse_yaml(read_bytes(root, relative), relative)


def parse_yaml(raw: bytes, file: str) -> Document:
    """Return the values of YAML text with their positions.

    Raises:
        Unreadable: The text is not plain YAML.
    """
    loader = yaml.CSafeLoader(raw)
    reader = _Reader(loader, file)
    try:
        node = loader.get_single_node()
        data = reader.value(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message, hint = f"This is not YAML: {error.problem}.", ""
        if any(b"\t" in each for each in raw.splitlines()[max(line - 1, 0) : line]):
            message, hint = "This line has a tab in it, which YAML does not take.", "Indent with blanks."
        raise Unreadable(Problem(file, line, column, "document.yaml", message, hint)) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise Unreadable(Problem(file, 0, 0, "document.yaml", f"This is not YAML: {error}.")) from None
    finally:
        loader.dispose()
    return Document(file, data, reader.positions)


@dataclass
class _Reader:
    """Makes values of YAML nodes.

    Attributes:
        loader: Makes scalars.
        file: For problems.
        positions: Takes the place of each value.
        seen: Nodes made already: one that comes again is an alias.
    """

    loader: Any
    file: str
    positions: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node, path: Path_ = ()) -> Any:
        """Return the value of a node.

        Raises:
            Unreadable: It is no plain YAML.
        """
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        wrong = self._wrong(node, path)
        if wrong is not None:
            raise Unreadable(Problem(self.file, line, column, *wrong))
        self.seen.add(id(node))
        self.positions[path] = (line, column)
        if isinstance(node, yaml.MappingNode):
            result = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                result[key] = self.value(value_node, (*path, key))
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, at)) for at, child in enumerate(node.value)]
        return self.loader.construct_object(node)

    def _wrong(self, node: yaml.Node, path: Path_) -> tuple[str, str] | None:
        if id(node) in self.seen:
            return "document.alias", "Aliases (`*name`) are not read in declarations; write the text out."
        if path in self.positions:
            return "document.shape", "The same key stands here twice."
        return ("document.shape", "The file nests too deeply.") if len(path) > 40 else None
