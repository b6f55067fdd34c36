"""Writes the pages of `docs/reference/` that follow from the code.

    python -m tools.reference           writes them
    python -m tools.reference --check   says which are out of date, and fails

The code is read, not run: the pages do not depend on settings or on what is installed.
"""

from __future__ import annotations

import ast
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
ERRORS_PAGE = ROOT / "docs/reference/errors.md"
WORDS_PAGE = ROOT / "docs/reference/command-line.md"
WORDS = SOURCE / "commonweal/project/cli/words.py"
ROOT_ERROR = "CommonwealError"
COLUMNS = ("code", "status", "message", "next_step")


@dataclass(frozen=True)
class ErrorClass:
    """An error as the code declares it.

    Attributes:
        name: Of the class.
        module: Where it is.
        bases: Names of the classes it extends.
        meaning: First line of its docstring.
        declared: Its own code, status, message and next step, as far as it states them.
    """

    name: str
    module: str
    bases: tuple[str, ...]
    meaning: str
    declared: dict[str, str]

    @property
    def room(self) -> str:
        """The app or engine it belongs to."""
        return ".".join(self.module.split(".")[1:3])


def _text(node: ast.expr | None) -> str | None:
    """A literal, also inside a call that marks it for translation."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.Constant):
        return str(node.value)
    return None


def _declared(body: list[ast.stmt]) -> dict[str, str]:
    found = {}
    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target: ast.expr = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign):
            target = statement.target
        else:
            continue
        value = _text(statement.value)
        if isinstance(target, ast.Name) and target.id in COLUMNS and value is not None:
            found[target.id] = value
    return found


def _name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def classes() -> list[ErrorClass]:
    """Every class of every module of the source."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                meaning = (ast.get_docstring(node) or "").partition("\n")[0]
                bases = tuple(map(_name, node.bases))
                found.append(ErrorClass(node.name, module, bases, meaning, _declared(node.body)))
    return found


def errors() -> list[tuple[ErrorClass, dict[str, str]]]:
    """Every error of ours with what it declares or inherits, by code.

    Raises:
        ValueError: Two errors share one code, or one has none of its own.
    """
    found: list[tuple[ErrorClass, dict[str, str]]] = []
    values: dict[str, dict[str, str]] = {}
    waiting = classes()
    while ready := [item for item in waiting if item.name == ROOT_ERROR or values.keys() & item.bases]:
        for item in ready:
            inherited = next((values[base] for base in item.bases if base in values), {})
            values[item.name] = inherited | item.declared
            found.append((item, values[item.name]))
        waiting = [item for item in waiting if item not in ready]
    found.sort(key=lambda pair: pair[1]["code"])
    for (first, one), (second, other) in itertools.pairwise(found):
        if one["code"] == other["code"]:
            raise ValueError(
                f"{first.module}.{first.name} and {second.module}.{second.name} share '{one['code']}'"
            )
    return found


def errors_page() -> str:
    """The page that documents every error code."""
    lines = [
        "# Errors",
        "",
        "Written by `python -m tools.reference` from the code; do not edit it by hand.",
        "",
        "An answer that is not a success carries one of these codes: on a page in small print, in the API as",
        "`type` and `code` of a problem document (RFC 9457). Codes never change. `{…}` is filled in with the facts.",
        "",
        "| code | HTTP status | where | what it means | what the reader is told |",
        "|---|---|---|---|---|",
    ]
    for item, values in errors():
        told = " ".join(filter(None, (values.get("message"), values.get("next_step"))))
        cells = (f"`{values['code']}`", values["status"], f"`{item.room}`", item.meaning, told)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def words() -> list[tuple[str, str]]:
    """Each word of the command line with its line."""
    tree = ast.parse(WORDS.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "Word"]
    return [(_text(call.args[0]) or "", _text(call.args[1]) or "") for call in calls]


def words_page() -> str:
    """The page that lists the words of the command line."""
    lines = [
        "# The command line",
        "",
        "Written by `python -m tools.reference` from the code; do not edit it by hand.",
        "",
        "`./cw WORD …` prepares what is needed and runs `commonweal WORD …`; with the package installed, `commonweal`",
        "does the same. `commonweal WORD --help` says more about a word. The words of those who build it (`test`,",
        "`lint`, `bench`, `conformance`, `setup`) are the launcher's own: `./cw help`.",
        "",
        "| word | what it does |",
        "|---|---|",
        *(f"| `{name}` | {line} |" for name, line in words()),
        "",
        "`check` needs no settings. A word that needs the database takes it from the environment",
        "(`COMMONWEAL_SECRET_KEY`, `COMMONWEAL_KEYS`, `COMMONWEAL_DATABASE`); without settings it means the practice",
        "city that `demo` has built, and says so.",
        "",
        "A word answers with status 0 when all is well, 1 when it found something wrong, 2 when it was called wrongly.",
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """What each page should say."""
    return {ERRORS_PAGE: errors_page(), WORDS_PAGE: words_page()}


def main(arguments: list[str]) -> int:
    """Write the pages, or check that they are current."""
    stale = {path: text for path, text in pages().items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: run `python -m tools.reference`")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ValueError as error:
        sys.exit(f"reference: {error}")
