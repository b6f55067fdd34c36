"""`commonweal law run` and `law replay`: the law over a whole population.

commonweal law run snap --decision Determination --in people.parquet --out results.parquet --on 2026-09-01
commonweal law run snap --decision Determination --in people.parquet --out reform.parquet --set shelter_cap=900
commonweal law replay snap --decision Determination --in people.parquet --row 17 --on 2026-09-01

NumPy, pyarrow and llvmlite are an extra; they are imported when a command needs them.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.engines import dmn
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.facts import value_of
from commonweal.engines.parameters import Snapshot
from commonweal.kernel.base.clock import today
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.decisions.programmes.evaluating import law_context
from commonweal.kernel.decisions.programmes.explaining import explainer, slim
from commonweal.kernel.decisions.queries import programme_on
from commonweal.kernel.decisions.types import Step

if TYPE_CHECKING:
    from commonweal.engines import bulk, columnar

DONE, WRONG, MISUSED, STOPPED = 0, 1, 2, 130
ENGINES = ("llvm", "numpy", "rows")
MISSING = "Whole populations need the extra 'bulk': pip install 'commonweal[bulk]'.\n"


@dataclass(frozen=True)
class Law:
    """What is to be decided.

    Attributes:
        model: Compiled.
        constants: Facts that are alike in every row: the law's figures.
        on: The day whose law applies.
        names: Hashes that say which law it is.
        explain: Says, line by line, how a result came about.
    """

    model: dmn.CompiledModel
    constants: Mapping[str, Any]
    on: date
    names: Mapping[str, str]
    explain: Callable[[dmn.Trace], list[str]]


def add_words(words: Any) -> None:
    """Add `run` and `replay` to the words of `commonweal law`."""
    run = words.add_parser("run", help="decide upon every row of a file")
    _add_law(run)
    run.add_argument(
        "--set", dest="reform", type=_figure, action="append", default=[], metavar="PARAMETER=JSON",
        help="another figure of the law, to simulate a reform; again for more",
    )  # fmt: skip
    run.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
    run.add_argument("--engine", choices=ENGINES, help="if left out: rows for a few rows, else the fastest")
    run.add_argument("--outputs", type=_listed, help="decisions or entries wanted, with commas (the result)")
    run.add_argument("--keep", type=_listed, help="columns passed through, with commas (the first one)")
    run.add_argument("--faulty", choices=("stop", "keep"), default="stop", help=_FAULTY)
    run.add_argument("--executor", choices=("local", "ray"), default="local", help="where the work is done")
    run.add_argument("--workers", type=int, default=1, help="how many work at a time (1; 0: one a core)")
    run.add_argument("--address", help="of a Ray cluster")
    run.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped")
    run.set_defaults(run=_guarded(_run))
    replay = words.add_parser("replay", help="say why a row of a file comes out as it does")
    _add_law(replay)
    replay.add_argument("--row", type=int, required=True, help="which one, counted from 0")
    replay.set_defaults(run=_guarded(_replay))


_FAULTY = "a fact that is empty or out of range stops the run (stop), or its row is decided as it is (keep)"


def _add_law(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="a programme of the jurisdiction, or a .dmn file")
    parser.add_argument("--decision", required=True, help="its name")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="a Parquet or CSV file")
    parser.add_argument("--on", type=date.fromisoformat, help="the day whose law applies (today)")
    parser.add_argument(
        "--known-on", type=date.fromisoformat, help="as known on this day (everything we hold)"
    )
    parser.add_argument("--constants", type=Path, help="facts alike in every row, as JSON (with a .dmn file)")
    parser.add_argument(
        "--range", dest="ranges", type=_range, action="append", default=[], metavar="COLUMN=LOW:HIGH[:DIGITS]",
        help="what a column can hold, and how many digits after the point",
    )  # fmt: skip


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _figure(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        message = f"{text!r} is not PARAMETER=VALUE, the value a number, true, [a list] or JSON"
        raise argparse.ArgumentTypeError(message) from error


def _range(text: str) -> tuple[str, tuple[Any, ...]]:
    column, _, span = text.rpartition("=")
    try:
        low, high, *digits = span.split(":")
        found = (Decimal(low), Decimal(high), *map(int, digits))
    except (ValueError, InvalidOperation) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not COLUMN=LOW:HIGH or COLUMN=LOW:HIGH:DIGITS"
        ) from error
    if not column or len(digits) > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not COLUMN=LOW:HIGH or COLUMN=LOW:HIGH:DIGITS")
    return column, found


def _guarded(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Say in a sentence what is wrong; nothing else is caught."""

    def guarded(arguments: argparse.Namespace) -> int:
        try:
            from commonweal.engines import bulk, columnar, executor  # noqa: PLC0415 - optional dependency
        except ImportError:
            sys.stderr.write(MISSING)
            return MISUSED
        try:
            return command(arguments)
        except (bulk.InputWrong, bulk.DiskFull, executor.WorkerLost) as error:
            sys.stderr.write(f"{error}\n")
            return WRONG
        except (bulk.BulkError, columnar.ColumnarError, executor.ExecutorError, DmnError) as error:
            sys.stderr.write(f"{error}\n")
            return MISUSED

    return guarded


# ---- the law -----------------------------------------------------------------------------


def law_of(arguments: argparse.Namespace) -> Law:
    """Return what a call names: a programme of the jurisdiction on a day, or a model in a file.

    Raises:
        LawNotFound: There is no such programme.
        DmnError: The file cannot be read as a model, or no model was in force.
    """
    on = arguments.on or today()
    if arguments.model.endswith(".dmn"):
        if getattr(arguments, "reform", []):
            raise DmnError("--set goes with a programme; a .dmn file has its figures in --constants.")
        return _law_of_file(Path(arguments.model), arguments.constants, on)
    if arguments.constants:
        raise DmnError("--constants goes with a .dmn file; a programme has its figures in parameters.yaml.")
    programme, found, snapshot = programme_on(arguments.model, on, arguments.known_on)
    if found is None:
        raise DmnError(f"{programme.name}: no law is in force on {on}.")
    law = {**law_context(snapshot), **_reform(getattr(arguments, "reform", []), snapshot)}
    explaining = explainer(programme, found, current().currency)
    return Law(
        found.compiled,
        {"law": law},
        on,
        {
            "model": found.hash,
            "parameters": f"{programme.parameters.hash} {arguments.known_on}",
            "reform": str(getattr(arguments, "reform", [])),
        },
        lambda trace: [_line(step) for step in explaining.steps(slim(trace), value_of(law))],
    )


def _reform(figures: list[tuple[str, Any]], snapshot: Snapshot) -> dict[str, Any]:
    """Return other figures for parameters that there are, each of the shape that it has now.

    Raises:
        DmnError: There is no such parameter, or the value is something else.
    """
    known = {**snapshot.unknown, **snapshot.values}
    for name, value in figures:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise DmnError(f"The law has no parameter {name}.{guess}")
        if name in snapshot.values and _shape(value) != _shape(snapshot.values[name]):
            raise DmnError(
                f"{name}: the value must be of the same kind as {json.dumps(snapshot.values[name], default=str)}."
            )
    return dict(figures)


def _shape(value: Any) -> Any:
    """What a figure is made of: the same for two figures of one kind."""
    if isinstance(value, Mapping):
        return {key: _shape(item) for key, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else type(value)


def _line(step: Step) -> str:
    parts = [f"{step.label}: {step.value}", step.how and f"({step.how})", step.rule]
    cited = "; ".join(citation.text for citation in step.citations)
    return " ".join(part for part in (*parts, cited and f"[{cited}]") if part)


def _law_of_file(path: Path, constants: Path | None, on: date) -> Law:
    try:
        model = dmn.read(path, imports=dmn.folder_imports(path.parent))
        text = constants.read_text(encoding="utf-8") if constants else "{}"
        given = json.loads(text, parse_float=Decimal)
    except (OSError, ValueError) as error:
        if isinstance(error, DmnError):
            raise
        raise DmnError(f"{error}") from error
    hashes = {"model": dmn.write(model), "parameters": text.encode()}
    return Law(
        dmn.checked(dmn.compile(model)),
        given,
        on,
        {name: sha256(data).hexdigest() for name, data in hashes.items()},
        lambda trace: trace.as_text().splitlines(),
    )


def _program(arguments: argparse.Namespace, law: Law) -> columnar.Program:
    from commonweal.engines import columnar  # noqa: PLC0415 - optional dependency

    return columnar.compile(
        law.model,
        arguments.decision,
        constants=law.constants,
        outputs=getattr(arguments, "outputs", None),
        ranges=dict(arguments.ranges),
        now=law.on,
    )


# ---- the commands ------------------------------------------------------------------------


def _run(arguments: argparse.Namespace) -> int:
    from commonweal.engines import bulk, executor  # noqa: PLC0415 - optional dependency

    law = law_of(arguments)
    program = _program(arguments, law)
    if arguments.engine and arguments.engine not in program.engines:
        why = "\n".join(f"  {where}: {reason}" for where, reason in program.reasons)
        sys.stderr.write(
            f"The engine {arguments.engine} cannot run this. There are: {', '.join(program.engines)}.\n{why}\n"
        )
        return MISUSED
    source = bulk.open_source(arguments.source, program.schema, arguments.keep)
    run = bulk.Run(
        program=program,
        source=source,
        out=arguments.out,
        is_checked=arguments.faulty == "stop",
        engine=arguments.engine or bulk.fitting_engine(program.engines, source.rows),
        names={
            **law.names,
            "decision": arguments.decision,
            "on": law.on.isoformat(),
            "outputs": ", ".join(arguments.outputs or ()),
            "ranges": str(sorted(arguments.ranges)),
        },
    )
    progress = bulk.Progress(sys.stderr, source.rows)
    try:
        with executor.opened(
            arguments.executor, workers=arguments.workers or None, address=arguments.address
        ) as crew:
            summary = bulk.perform(run, crew, progress, resume=arguments.resume)
    except KeyboardInterrupt:
        progress.end()
        sys.stderr.write("Stopped. Run the same command again with --resume to go on.\n")
        return STOPPED
    _say(summary, run.engine or "")
    return DONE


def _say(summary: bulk.Summary, engine: str) -> None:
    rate = summary.rows / summary.cpu_seconds if summary.cpu_seconds else 0
    spent = f"{summary.seconds:.1f} s: {summary.cpu_seconds:.2f} CPU-seconds"
    lines = [f"{summary.rows:,} rows in {spent}, {rate:,.0f} rows per CPU-second, engine {engine}"]
    if summary.reused:
        lines.append(f"{summary.reused:,} of them were finished before and not done again")
    lines.append(f"{sum(summary.faults.values()):,} rows without an answer")
    lines += [f"  {count:,}: {reason}" for reason, count in summary.faults.items()]
    lines.append(f"written to {summary.out}")
    sys.stdout.write("\n".join(lines) + "\n")


def _replay(arguments: argparse.Namespace) -> int:
    from commonweal.engines import bulk  # noqa: PLC0415 - optional dependency

    law = law_of(arguments)
    program = _program(arguments, law)
    source = bulk.open_source(arguments.source, program.schema, [])
    result = bulk.replayed(source, program, arguments.row)
    lines = [f"{arguments.decision}: {dmn.text_of(result.value)}"]
    lines += [f"warning: {warning.message}" for warning in result.warnings]
    sys.stdout.write("\n".join([*lines, *law.explain(result.trace)]) + "\n")
    return DONE
