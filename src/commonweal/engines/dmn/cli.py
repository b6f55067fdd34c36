"""The words ``dmn`` and ``feel`` of the command line.

``dmn eval MODEL --decision D --facts F.json [--trace]`` decides, ``dmn check MODEL`` finds what
is wrong, ``dmn table FROM TO`` turns a table from one format into another,
``feel 'EXPR' --context F.json`` evaluates, and ``feel`` alone reads expressions from the
keyboard. Nothing here reads a clock: ``--now`` gives the date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn import spreadsheets
from commonweal.engines.dmn.check import check
from commonweal.engines.dmn.compile import compile_model
from commonweal.engines.dmn.compiled import CompiledModel, Result
from commonweal.engines.dmn.errors import DmnError, FactError, ModelError
from commonweal.engines.dmn.facts import text_of, to_json, value_of
from commonweal.engines.dmn.read_xml import folder_imports, read
from commonweal.engines.dmn.unknown import outlook
from commonweal.engines.dmn.write_xml import write
from commonweal.engines.feel import Scope, compile_expression
from commonweal.engines.feel.errors import FeelError
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import Value, type_of
from commonweal.engines.feel.values.temporal import Date, DateTime, parse_date, parse_date_time

OK, WRONG, MISUSED = 0, 1, 2


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after the program's name, ``dmn`` or ``feel`` first.

    Returns:
        0 when all is well, 1 when the model or the outcome is wrong, 2 for misuse.
    """
    options = _parser().parse_args(argv)
    try:
        code: int = options.command(options)
    except (DmnError, FeelError) as error:
        _say(f"error: {error}", sys.stderr)
        return WRONG
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        _say(f"error: {error}", sys.stderr)
        return MISUSED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="commonweal")
    words = parser.add_subparsers(dest="word", required=True)
    dmn = words.add_parser("dmn", help="decision models").add_subparsers(dest="verb", required=True)
    _add_eval(dmn.add_parser("eval", help="make a decision"))
    checking = dmn.add_parser("check", help="find gaps, overlaps and errors")
    checking.add_argument("model", help="a .dmn file, or a table as .csv, .md or .xlsx")
    checking.add_argument("--json", action="store_true", help="print the findings as JSON")
    checking.set_defaults(command=_check)
    table = dmn.add_parser("table", help="turn a decision table from one format into another")
    table.add_argument("source", help="a table as .csv, .md or .xlsx, or a .dmn file")
    table.add_argument("target", help="the file to write: .csv, .md, .xlsx or .dmn")
    table.add_argument("--decision", help="which decision of a .dmn file")
    table.set_defaults(command=_table)
    feel = words.add_parser("feel", help="evaluate an expression")
    feel.add_argument("expression", nargs="?", help="without it, expressions are read line by line")
    feel.add_argument("--context", help="a JSON file with the names that the expression may use")
    feel.add_argument("--now", help="the date, or date and time, of today() and now()")
    feel.set_defaults(command=_feel)
    return parser


def _add_eval(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="a .dmn file, or a table as .csv, .md or .xlsx")
    parser.add_argument("--decision", help="its name; without it all decisions are made")
    parser.add_argument("--facts", help="a JSON file with the facts")
    parser.add_argument("--now", help="the date, or date and time, of today() and now()")
    parser.add_argument("--trace", action="store_true", help="say why")
    parser.add_argument("--unknown", action="store_true", help="facts not given are unknown, not null")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=_eval)


def _say(text: str, stream: Any = None) -> None:
    (stream or sys.stdout).write(text + "\n")


# ---- reading -----------------------------------------------------------------------------


def load(path: str) -> m.Model:
    """A model from a ``.dmn`` file (its imports from the same folder) or from a table."""
    place = Path(path)
    if place.suffix.lower() in spreadsheets.READERS:
        return spreadsheets.model_of(
            spreadsheets.read_sheet(place), place.stem.replace("-", " ").replace("_", " ")
        )
    return read(place, imports=folder_imports(place.parent))


def load_json(path: str | None) -> dict[str, Any]:
    """A JSON object; decimals keep every digit."""
    if path is None:
        return {}
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    data = json.loads(text, parse_float=Decimal)
    if not isinstance(data, dict):
        raise FactError('the facts must be a JSON object: {"name": value, …}')
    return data


def moment(text: str | None) -> Date | DateTime | None:
    """A date, or a date and time, as an option gives it."""
    if text is None:
        return None
    found = parse_date(text) or parse_date_time(text)
    if found is None:
        raise FactError(f"--now {text!r} is neither a date nor a date and time")
    return found


# ---- dmn ---------------------------------------------------------------------------------


def _eval(options: argparse.Namespace) -> int:
    compiled = compile_model(load(options.model))
    facts = load_json(options.facts)
    names = [options.decision] if options.decision else list(compiled.decisions)
    now = moment(options.now)
    code = OK
    for name in names:
        if name in compiled.services and name not in compiled.decisions:
            result = compiled.invoke(name, facts, now=now, trace=options.trace, unknown=options.unknown)
        else:
            result = compiled.decide(name, facts, now=now, trace=options.trace, unknown=options.unknown)
        _say(json.dumps(_data(name, result), ensure_ascii=False) if options.json else _words(name, result))
        if options.unknown and not result.is_known and not options.json and name in compiled.decisions:
            _say_needs(compiled, name, facts, now)
        if any(problem.is_error for problem in compiled.problems) or (
            result.value is None and result.warnings
        ):
            code = WRONG
    return code


def _words(name: str, result: Result) -> str:
    lines = [f"{name}: {text_of(result.value)}"]
    if result.trace is not None:
        lines.append(result.trace.as_text())
    else:
        lines.extend(f"  warning: {warning.message}" for warning in result.warnings)
    return "\n".join(lines)


def _say_needs(
    compiled: CompiledModel, name: str, facts: Mapping[str, Any], now: Date | DateTime | None
) -> None:
    for need in outlook(compiled, name, facts, now=now).needs:
        _say(f"  still matters: {need.path} (settles it in {need.settles:.0%} of the values tried)")


def _data(name: str, result: Result) -> dict[str, Any]:
    return {
        "decision": name,
        "value": to_json(result.value),
        "is_known": result.is_known,
        "missing": list(result.missing),
        "warnings": [{"code": w.code, "message": w.message} for w in result.warnings],
        "trace": result.trace.as_data() if result.trace else None,
    }


def _check(options: argparse.Namespace) -> int:
    problems = check(load(options.model))
    errors = [problem for problem in problems if problem.is_error]
    if options.json:
        rows = [
            {
                "kind": p.kind,
                "place": p.place,
                "message": p.message,
                "is_error": p.is_error,
                "rules": list(p.rules),
                "example": dict(p.example),
                "line": p.line,
            }
            for p in problems
        ]
        _say(json.dumps(rows, ensure_ascii=False))
    else:
        for problem in problems:
            _say(str(problem))
        _say(f"{len(errors)} errors, {len(problems) - len(errors)} notes")
    return WRONG if errors else OK


_WRITERS: dict[str, Callable[[m.DecisionTable], bytes]] = {
    ".csv": lambda table: spreadsheets.to_csv(table).encode(),
    ".md": lambda table: spreadsheets.to_markdown(table).encode(),
    ".xlsx": spreadsheets.to_xlsx,
}


def _table(options: argparse.Namespace) -> int:
    model = load(options.source)
    target = Path(options.target)
    kind = target.suffix.lower()
    if kind == ".dmn":
        target.write_bytes(write(model))
        return OK
    if kind not in _WRITERS:
        raise ModelError(f"{target.name}: a table is written as .csv, .md, .xlsx or .dmn")
    tables = {d.name: d.expression for d in model.decisions if isinstance(d.expression, m.DecisionTable)}
    name = options.decision or next(iter(tables), None)
    if name not in tables:
        raise ModelError(f"no decision table {name!r}; there are: {', '.join(tables) or 'none'}")
    target.write_bytes(_WRITERS[kind](tables[name]))
    return OK


# ---- feel --------------------------------------------------------------------------------


def _feel(options: argparse.Namespace) -> int:
    context: dict[str, Value] = {
        " ".join(name.split()): value_of(fact, path=name) for name, fact in load_json(options.context).items()
    }
    now = moment(options.now)
    if options.expression is None:
        return repl(context, now)
    return OK if _evaluate(options.expression, context, now) else WRONG


def _evaluate(text: str, context: dict[str, Value], now: Date | DateTime | None) -> bool:
    scope = Scope({name: type_of(value) for name, value in context.items()})
    expression = compile_expression(text, scope)
    evaluation = Evaluation(now=DateTime.from_date(now) if isinstance(now, Date) else now)
    value = expression.run(scope.frame(context), evaluation)
    _say(text_of(value))
    for warning in evaluation.warnings:
        _say(f"  warning: {warning.message}", sys.stderr)
    if value is not None or not evaluation.warnings:
        context["it"] = value
        return True
    return False


def repl(context: dict[str, Value], now: Date | DateTime | None = None) -> int:
    """Read expressions line by line and print their values; ``name = expression`` keeps a value.

    ``it`` is the last value. An empty line or the end of the input leaves.
    """
    _say("FEEL. An empty line leaves; `name = expression` keeps a value; `it` is the last one.")
    for line in sys.stdin:
        text = line.strip()
        if not text:
            break
        name, _, rest = text.partition(" = ")
        try:
            if rest and name.replace(" ", "").replace("_", "").isalnum() and name not in context:
                if _evaluate(rest, context, now):
                    context[" ".join(name.split())] = context["it"]
            else:
                _evaluate(text, context, now)
        except FeelError as error:
            _say(f"  error: {error}", sys.stderr)
    return OK
