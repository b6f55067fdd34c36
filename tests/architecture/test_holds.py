"""Whatever deletes rows asks first whether a hold forbids it, or says why it need not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import SOURCE

ASKING = {"must_not_be_held", "without_held", "held_now"}
NEED_NOT = {
    "authoring.end_rehearsal": "invented answers of an officer; nobody's data",
    "authoring.sweep_rehearsals": "likewise",
    "base.forget_idempotent_answers": "copies of answers, kept for a day; what they tell of is kept",
    "consent.erase_rows": "the step of an erasure that calls it has asked",
    "entitlements.take_back": "a hold must not keep an agreement in force; the ledger keeps that it was given",
    "files._forget": "pieces of a file that never arrived; `consent.retain` asks for those of a person",
    "forms.delete_submitted": "called where a case is disposed of, which has asked",
    "forms.keep_unsent": "the oldest of what was typed, where a form has too many; what is sent is kept",
    "insight.fail_simulation": "progress of a simulation of invented people",
    "insight.finish_simulation": "likewise",
    "jobs.complete": "work that was done",
    "jobs.discard_job": "work that an operator gives up; what it was about is kept, and the ledger says so",
    "mailbox.delete_messages": "called by an erasure or a disposal, which have asked",
    "people._delete": "sessions that are over, with the devices that they were on",
    "people.leave_team": "an officer's membership; the ledger keeps it",
    "registers._write": "the index of an entry that is written anew",
    "statistics._add": "counts",
    "statistics.count_answered": "counts",
}


def deleting(root: Path) -> Iterator[tuple[str, set[str]]]:
    """Every function that deletes rows, as `app.function`, with the names that it and the module's functions it calls use."""
    for path in sorted(root.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        functions = {
            n.name: n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)
        }
        app = (
            path.relative_to(root)
            .parts[1 if len(path.relative_to(root).parts) > 2 else 0]
            .removesuffix(".py")
        )
        for name, function in functions.items():
            if _deletes(function):
                used = _names(function)
                yield (
                    f"{app}.{name}",
                    used.union(*(_names(functions[each]) for each in used & set(functions))),
                )


def _deletes(function: ast.FunctionDef) -> bool:
    """Whether it calls `.delete()` as querysets and rows have it, without an argument."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "delete"
        and not node.args
        and not node.keywords
        for node in ast.walk(function)
    )


def _names(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def test_what_deletes_rows_asks_for_holds() -> None:
    silent = sorted({name for name, used in deleting(SOURCE) if not used & ASKING})
    assert silent == sorted(NEED_NOT), (
        "ask `base.personal` for holds before deleting, or say in NEED_NOT why not"
    )


def test_a_deletion_that_does_not_ask_is_found(tmp_path: Path) -> None:
    app = tmp_path / "kernel" / "toy"
    app.mkdir(parents=True)
    (app / "actions.py").write_text(
        "def forget():\n    Row.objects.filter(pk=1).delete()\n"
        "def dispose():\n    _free(1)\n    row.delete()\n"
        "def _free(row):\n    must_not_be_held(subjects=[row])\n"
        "def away(storage):\n    storage.delete('name')\n"
    )
    assert [(name, bool(used & ASKING)) for name, used in deleting(tmp_path)] == [
        ("toy.forget", False),
        ("toy.dispose", True),
    ]
