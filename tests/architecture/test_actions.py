"""Every public action leaves an entry in the ledger."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.tree import apps

RECORDING = {"ledger.record", "ledger.record_many"}
# What changes nothing of its own that a resident, an officer or an auditor would ask about; each with its reason.
NO_ENTRY = {
    "awards.look_again": "says when a job looks at an award; what comes of it is recorded",
    "cases.give_back": "lets a case go on for another action",
    "cases.lock_for": "locks a row for another action",
    "decisions.keep_law": "stores the law's text for what another action recorded",
    "forms.locked": "locks a row for another action",
    "forms.row_to_change": "locks a row for another action",
    "files.append_to_upload": "a piece of a file whose beginning and end are recorded",
    "insight.note_progress": "says how far a recorded simulation has come",
    "jobs.announce": "stores deliveries of what another action recorded",
    "jobs.deliver": "hands an announcement to a receiver, whose own actions record",
    "jobs.enqueue": "stores work that another action recorded",
    "jobs.enqueue_with_others": "stores work that another action recorded",
    "jobs.enqueue_due": "the clock; each job's own actions record",
    "jobs.queue_mail": "stores a message that another action recorded",
    "jobs.queue_message": "likewise",
    "ledger.record_access": "writes the access log",
    "ledger.recording_access": "writes the access log",
    "people.forget_authority": "lets processes read grants, teams and records anew, for another action",
    "people.locked_account": "locks a row for another action",
}


def calls_of(app: str, files: list[Path]) -> dict[str, set[str]]:
    """What each function of an app calls, both as `app.name`."""
    found: dict[str, set[str]] = {}
    for path in files:
        tree = ast.parse(path.read_text())
        imported = _imported(tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                called = {
                    _called(each.func, app, imported) for each in ast.walk(node) if isinstance(each, ast.Call)
                }
                found.setdefault(f"{app}.{node.name}", set()).update(called)
    return found


def _imported(tree: ast.Module) -> dict[str, str]:
    """Names that came from an app: of a function `app.function`, of a module the app."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("commonweal."):
            parts = node.module.split(".")
            app = parts[2] if len(parts) > 2 else ""
            for alias in node.names:
                is_module = len(parts) == 3
                names[alias.asname or alias.name] = app if is_module else f"{app}.{alias.name}"
    return names


def _called(function: ast.expr, app: str, imported: dict[str, str]) -> str:
    if isinstance(function, ast.Name):
        return imported.get(function.id, f"{app}.{function.id}")
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"{imported.get(function.value.id, '')}.{function.attr}"
    return ""


def recording(calls: dict[str, set[str]]) -> set[str]:
    """The functions from which a call of the ledger can be reached."""
    found = set(RECORDING)
    while more := {name for name, called in calls.items() if called & found} - found:
        found |= more
    return found


def actions_of(app: Path) -> list[Path]:
    files = [app / "actions.py", *sorted((app / "actions").glob("*.py"))]
    return [path for path in files if path.exists()]


def below(app: Path) -> list[Path]:
    """The app's modules that actions may call into: what they reach counts as theirs."""
    skipped = {"actions", "migrations"}
    return [path for path in sorted(app.rglob("*.py")) if not skipped & {path.stem, *path.parent.parts}]


def test_every_public_action_reaches_the_ledger() -> None:
    calls: dict[str, set[str]] = {}
    public: set[str] = set()
    for app in apps():
        calls |= calls_of(app.name, [*below(app), *actions_of(app)])
        public |= {f"{app.name}.{name}" for path in actions_of(app) for name in _public(path)}

    assert len(public) > 50
    assert sorted(public - recording(calls)) == sorted(NO_ENTRY), (
        "an action records what it did in the ledger, or stands in NO_ENTRY with the reason"
    )


def _public(path: Path) -> set[str]:
    nodes = ast.parse(path.read_text()).body
    return {
        node.name for node in nodes if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def test_an_action_without_an_entry_is_found(tmp_path: Path) -> None:
    path = tmp_path / "actions.py"
    path.write_text(
        "def forget_it(case_id, *, by, at):\n    case.save()\n"
        "def note_it(case_id, *, by, at):\n    _deep(case)\n"
        "def _deep(case):\n    record('x', stream='y')\n"
        "from commonweal.kernel.ledger.actions import record\n"
    )
    calls = calls_of("toy", [path])
    assert set(calls) - recording(calls) == {"toy.forget_it"}
