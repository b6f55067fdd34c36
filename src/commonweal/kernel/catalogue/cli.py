"""`commonweal check` compiles declarations, `publish` makes versions of them, `export` writes one as a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from commonweal.kernel.base import clock
from commonweal.kernel.base.documents import Problem, Unreadable
from commonweal.kernel.base.jurisdiction import load
from commonweal.kernel.base.jurisdiction import root as current_root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import BrokenDeclaration, FourEyesNeeded
from commonweal.kernel.catalogue.queries import signatories, versions_of
from commonweal.kernel.catalogue.registry import folder_checks
from commonweal.kernel.catalogue.sarif import to_sarif


def main(argv: list[str]) -> int:
    """Check a jurisdiction, or one service of it; return 1 if there are errors.

    ``PATH`` is a jurisdiction's folder, a service's folder, or a file inside one; what is not found here is looked for in
    the jurisdiction that runs here. Without it, that jurisdiction is checked.
    """
    parser = argparse.ArgumentParser(prog="commonweal check", description="Compile declarations.")
    parser.add_argument("path", nargs="?", type=Path, help="a jurisdiction's or a service's folder")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", dest="is_json", help="print problems as JSON")
    form.add_argument("--sarif", action="store_true", dest="is_sarif", help="print problems as SARIF 2.1.0")
    options = parser.parse_args(argv)
    path = options.path or current_root()
    if not path.exists() and (current_root() / path).exists():
        path = current_root() / path
    place = _place(path.resolve())
    if place is None:
        sys.stderr.write(f"{path}: this is not in a jurisdiction's folder (one with a jurisdiction.yaml).\n")
        return 2
    root, folders = place
    problems = list(_problems(root, folders, whole=path.resolve() == root))
    has_errors = any(problem.is_error for problem in problems)
    if options.is_json:
        body = {"ok": not has_errors, "problems": [asdict(problem) for problem in problems]}
        sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    elif options.is_sarif:
        log = to_sarif(problems, f"{root.as_uri()}/")
        sys.stdout.write(json.dumps(log, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_report(root, folders, problems))
    return int(has_errors)


def publish(argv: list[str]) -> int:
    """Publish services from their folders; return 1 if one has mistakes, and then publish none of the rest."""
    parser = argparse.ArgumentParser(prog="commonweal publish", description="Make versions of services.")
    parser.add_argument("keys", nargs="*", help="keys of services; all of them by default")
    parser.add_argument("--draft", action="store_true", dest="is_draft", help="only for rehearsal")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        dest="is_dry",
        help="say what would be published, and publish nothing",
    )
    add_signatories(parser)
    options = parser.parse_args(argv)
    status = Status.DRAFT if options.is_draft else Status.LIVE
    homes = sorted((current_root() / "services").glob("*/service.yaml"))
    for key in options.keys or [home.parent.name for home in homes]:
        try:
            if options.is_dry:
                sys.stdout.write(f"{key}: {_would_be(key)}\n")
                continue
            officer, approver = (
                (None, "") if options.is_draft else signatories(options.by, options.approved_by)
            )
            by = officer or Actor.system("publish")
            version = publish_folder(key, by=by, at=clock.now(), status=status, approved_by=approver)
        except (Unreadable, FourEyesNeeded) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        except BrokenDeclaration as error:
            sys.stderr.write(_report(current_root(), [f"services/{key}"], error.problems))
            return 1
        sys.stdout.write(f"{key}: version {version.number}, {version.status}, {version.content_hash[:12]}\n")
    return 0


def add_signatories(parser: argparse.ArgumentParser) -> None:
    """Let a command that publishes name the two officers who stand behind it."""
    parser.add_argument("--by", default="", help="e-mail address of the officer who publishes")
    parser.add_argument(
        "--approved-by", default="", help="e-mail address of another officer, who approved it"
    )


def _would_be(key: str) -> str:
    """Say which version publishing a folder now would make.

    Raises:
        Unreadable: There is no such folder.
        BrokenDeclaration: It has mistakes.
    """
    compiled, problems = compile_service(current_root(), f"services/{key}")
    if compiled is None:
        raise BrokenDeclaration(service=key, problems=[each for each in problems if each.is_error])
    newest = next(iter(versions_of(key)), None)
    if newest is not None and newest.content_hash == compiled.hash:
        return f"no change since version {newest.number}"
    return f"would be version {(newest.number if newest else 0) + 1}, {compiled.hash[:12]}"


def export(argv: list[str]) -> int:
    """Write the files of a service's version into a new folder; return 1 if there is none, or the folder is there."""
    parser = argparse.ArgumentParser(prog="commonweal export", description="Write a version as a folder.")
    parser.add_argument("key", help="key of the service")
    parser.add_argument("--to", type=Path, required=True, help="the folder to make")
    parser.add_argument("--number", type=int, help="of the version; the newest by default")
    options = parser.parse_args(argv)
    wanted = [each for each in versions_of(options.key) if options.number in {None, each.number}]
    if not wanted:
        sys.stderr.write(f"{options.key}: there is no such version.\n")
        return 1
    try:
        options.to.mkdir(parents=True)
    except FileExistsError:
        sys.stderr.write(f"{options.to}: this is there already; name a new folder.\n")
        return 1
    for name, text in sorted(wanted[0].files.items()):
        path = options.to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    sys.stdout.write(f"{options.key}: version {wanted[0].number} written to {options.to}\n")
    return 0


def _place(path: Path) -> tuple[Path, list[str]] | None:
    """Return the jurisdiction's folder, and which services to check."""
    for root in (path, *path.parents):
        if (root / "jurisdiction.yaml").is_file():
            parts = path.relative_to(root).parts
            if len(parts) >= 2 and parts[0] == "services":
                return root, [f"services/{parts[1]}"]
            homes = sorted((root / "services").glob("*")) if (root / "services").is_dir() else []
            return root, [f"services/{home.name}" for home in homes if home.is_dir()]
    return None


def _problems(root: Path, folders: list[str], *, whole: bool) -> Iterator[Problem]:
    """Give every problem once, though two services may rest on the same law."""
    yield from dict.fromkeys(_found(root, folders, whole=whole))


def _found(root: Path, folders: list[str], *, whole: bool) -> Iterator[Problem]:
    try:
        load.__wrapped__(root)
    except Unreadable as error:
        yield error.problem
        return
    if whole:
        for check in folder_checks:
            yield from check.check(root)
    for folder in folders:
        yield from compile_service(root, folder)[1]


def _report(root: Path, folders: list[str], problems: list[Problem]) -> str:
    lines = [line for problem in problems for line in (*_described(root, problem), "")]
    errors = sum(problem.is_error for problem in problems)
    warnings = len(problems) - errors
    services = f"{len(folders)} service{'' if len(folders) == 1 else 's'} checked"
    return "\n".join([*lines, f"{services}: {_count(errors, 'error')}, {_count(warnings, 'warning')}.", ""])


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _described(root: Path, problem: Problem) -> Iterator[str]:
    """Print one problem: place, message, excerpt with a caret, hint."""
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
    yield f"{place}: {'error' if problem.is_error else 'warning'}: {problem.message} [{problem.code}]"
    excerpt = _excerpt(root / problem.file, problem.line)
    if excerpt is not None:
        margin = f"{problem.line:>5} | "
        yield margin + excerpt
        if problem.column:
            yield " " * (len(margin) - 2) + "| " + " " * (problem.column - 1) + "^"
    if problem.hint:
        yield f"      = {problem.hint}"


def _excerpt(path: Path, line: int) -> str | None:
    if not line or not path.is_file() or path.is_symlink():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[line - 1][:160] if line <= len(lines) else None
