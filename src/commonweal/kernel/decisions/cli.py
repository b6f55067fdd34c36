"""`commonweal law`: what the law is, on a day, as known on a day.

commonweal law list
commonweal law show snap shelter_cap --on 2024-03-03 --known 2024-02-01
commonweal law check snap
commonweal law publish snap
commonweal law run snap --decision Determination --in people.parquet --out results.parquet
commonweal law replay snap --decision Determination --in people.parquet --row 17
"""

from __future__ import annotations

import argparse
import sys
from datetime import date

from commonweal.kernel.base.clock import now, today
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.errors import FourEyesNeeded
from commonweal.kernel.catalogue.queries import signatories
from commonweal.kernel.decisions.actions import publish_law_folder
from commonweal.kernel.decisions.cli_bulk import add_words
from commonweal.kernel.decisions.errors import LawNotFound, LawRefused
from commonweal.kernel.decisions.programmes.cases import check_cases
from commonweal.kernel.decisions.programmes.charts import leaves
from commonweal.kernel.decisions.programmes.reading import read_programme
from commonweal.kernel.decisions.queries import parameter_on, programmes


def main(argv: list[str]) -> int:
    """Run ``commonweal law …``; return 0, 1 where something is wrong or unknown, 2 where the call is wrong."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except LawNotFound as error:
        sys.stderr.write(f"{error} ({', '.join(map(str, error.data.values()))})\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="commonweal law", description="What the law is, and was.")
    words = parser.add_subparsers(required=True, metavar="WORD")
    listing = words.add_parser("list", help="the programmes and their parameters")
    listing.set_defaults(run=_list)
    show = words.add_parser("show", help="a parameter on a day, as known on a day")
    show.add_argument("programme")
    show.add_argument("parameter")
    show.add_argument("--on", type=date.fromisoformat, help="the day whose law applies (today)")
    show.add_argument("--known", type=date.fromisoformat, help="as known on this day (everything we hold)")
    show.set_defaults(run=_show)
    check = words.add_parser("check", help="compile a programme and decide its worked cases")
    check.add_argument("programme")
    check.set_defaults(run=_check)
    publish = words.add_parser("publish", help="put the folder's text of a programme in force")
    publish.add_argument("programme")
    publish.add_argument("--by", default="", help="e-mail address of the officer who publishes")
    publish.add_argument(
        "--approved-by", default="", help="e-mail address of another officer, who approved it"
    )
    publish.set_defaults(run=_publish)
    add_words(words)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    for law in programmes():
        _say(f"{law.key}: {law.name}")
        for parameter in law.parameters:
            _say(f"  {parameter.key}: {parameter.label} ({parameter.unit})")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    on = arguments.on or today()
    state = parameter_on(arguments.programme, arguments.parameter, on, arguments.known)
    known = f", as known on {arguments.known}" if arguments.known else ""
    _say(f"{state.parameter.label} on {on}{known}")
    if state.entry is None or state.entry.value is None:
        _say(f"  unknown: {state.unknown}")
        return 1
    for place, value in leaves(state.entry.value):
        _say(f"  {place + ': ' if place else ''}{value} {state.parameter.unit}")
    _say(f"  from {state.entry.valid_from}, known from {state.entry.known_from}")
    _say(f"  {state.entry.reference.text}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    law, problems = read_programme(root(), arguments.programme)
    if law is not None and (root() / "law" / arguments.programme / "cases.yaml").is_file():
        problems += check_cases(root(), law)
    for problem in problems:
        _say(f"{'error' if problem.is_error else 'warning'}: {problem}")
    errors = sum(problem.is_error for problem in problems)
    _say(f"{arguments.programme}: {errors} errors, {len(problems) - errors} warnings")
    return 1 if errors else 0


def _publish(arguments: argparse.Namespace) -> int:
    key = arguments.programme
    try:
        officer, approver = signatories(arguments.by, arguments.approved_by)
        by = officer or Actor.system("publish")
        text = publish_law_folder(key, by=by, at=now(), approved_by=approver)
    except FourEyesNeeded as error:
        _say(f"error: {error}")
        return 1
    except LawRefused as error:
        for problem in error.problems:
            _say(f"error: {problem}")
        return 1
    _say(f"{key}: version {text.number}, {text.content_hash[:12]}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
