"""The law over whole populations: speed of each back end, beside peers; the first answer; memory; a reform.

`./cw bench law` prints each measure with its aim, and whether it is met. Everything is processor time, all threads
and processes together; memory is the most that a process held.

    --quick        small numbers, to see that it works; no aim is judged
    --only LETTERS some measures only: a kernel, b country template, c SNAP, d first answer, e memory, f reform
    --no-peers     leave out OpenFisca and Polars (they are installed into var/bench-law, apart from our environment)
    --people N     so many people for the reform, instead of the whole state of 8,000,000 (and no aim is judged)
    --big          stream 10^8 rows for the memory, instead of 2 * 10^7 (about 3 GB of disk)
    --json FILE    write the figures
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
os.environ.setdefault("COMMONWEAL_SECRET_KEY", "bench")

import numpy as np  # noqa: E402 -- after the path is known
import pyarrow as pa  # noqa: E402 -- likewise
import pyarrow.compute as pc  # noqa: E402 -- likewise
import pyarrow.parquet as pq  # noqa: E402 -- likewise

from commonweal.engines import bulk, columnar, dmn  # noqa: E402 -- likewise
from journey import environment, prepare  # noqa: E402 -- likewise
from law_run import kernel, template  # noqa: E402 -- likewise
from law_run.measuring import PLACE, Measure, child, cpu_seconds, peers_python  # noqa: E402 -- likewise

KERNEL_ROWS, SNAP_HOUSEHOLDS, FIRST_CPU_S, REFORM_CPU_S, PEAK_MIB, TIMES = 50e6, 3e6, 1.0, 15.0, 512, 10
ENGINES = ("llvm", "numpy", "rows")
BLOCK_ROWS = 65_536


# ---- a: the kernel ---------------------------------------------------------------------------


def kernel_table(columns: kernel.Columns) -> pa.Table:
    """The kernel's facts in Arrow."""
    arrays = {name: pa.array(column) for name, column in columns.items()}
    arrays["utilities"] = pa.DictionaryArray.from_arrays(arrays["utilities"], pa.array(kernel.UTILITIES))
    return pa.table(arrays)


def measure_kernel(options: argparse.Namespace) -> Iterator[Measure]:
    """Rows of the kernel for each back end, and by hand."""
    rows = 1 << (16 if options.quick else 20)
    columns = kernel.draw(rows)
    table = kernel_table(columns)
    program = columnar.compile(dmn.read(kernel.MODEL), "Allotment")
    right = kernel.by_hand_in_blocks(columns)
    for engine in program.engines:
        some = table if engine != "rows" else table.slice(0, 2000)
        blocks = some.to_batches(max_chunksize=BLOCK_ROWS)
        wanted = (
            right
            if engine != "rows"
            else int(kernel.by_hand({n: c[:2000] for n, c in columns.items()}).sum())
        )
        found = sum(int(pc.sum(program.run(block, engine=engine).column(0)).as_py()) for block in blocks)
        check(f"kernel, {engine}", found, wanted)

        def stream(blocks: list[pa.RecordBatch] = blocks, engine: str = engine) -> None:
            for block in blocks:
                program.run(block, engine=engine)

        aim = KERNEL_ROWS if engine == "llvm" else None
        yield Measure(f"a kernel, {engine}", len(some) / cpu_seconds(stream), "rows/CPU-s", aim)
    whole = cpu_seconds(lambda: program.run(table))
    yield Measure(f"a kernel, {rows:,} rows in one call", rows / whole, "rows/CPU-s")
    yield from missing("a kernel", program)
    spent = cpu_seconds(lambda: kernel.by_hand_in_blocks(columns))
    yield Measure("a kernel, NumPy by hand in blocks", rows / spent, "rows/CPU-s")
    python = None if options.no_peers else peers_python()
    if python:
        told = child([str(python), str(HERE / "law_run/polars_peer.py"), str(rows)]).output
        check("kernel, Polars", told["sum"], right)
        yield Measure("a kernel, Polars by hand", rows / told["cpu"], "rows/CPU-s")


def missing(name: str, program: columnar.Program) -> Iterator[Measure]:
    """Say why a model has no fast back end."""
    if "llvm" not in program.engines:
        print(f"{name}: no llvm: {program.reasons[:3]}")
        yield Measure(f"{name}, llvm", 0.0, "rows/CPU-s", KERNEL_ROWS)


def check(name: str, found: object, wanted: object) -> None:
    """Stop when an answer is wrong: speed of wrong answers is worth nothing."""
    if found != wanted:
        raise SystemExit(f"{name}: {found}, but {wanted} is right")


# ---- b: OpenFisca's country template -----------------------------------------------------------


COMPILED_BY = 200_000
"""Persons after which both decisions are machine code; OpenFisca's system is made before it is timed, too."""
EURO = (0, 10**7, 0)
RANGES = {
    "members": (0, 20),
    "members.age": (0, 150, 0),
    "members.salary": EURO,
    "members.capital_returns": EURO,
    "members.pension": EURO,
    "members.basic_income": EURO,
    "members.income_tax": (0, 10**7, 4),
    "members.social_security_contribution": (0, 10**7, 4),
    "accommodation_size": (0, 10_000, 0),
}


class CountryTemplate:
    """The ten variables as two decisions: one of persons, one of households over what the first gives."""

    def __init__(self) -> None:
        month = {"period": date(2018, 1, 1)}
        self.person = columnar.compile(dmn.read(HERE / "law_run/person.dmn"), "Person", constants=month)
        model = dmn.read(HERE / "law_run/household.dmn")
        self.household = columnar.compile(model, "Household", ranges=RANGES)

    def answers(self, people: template.People) -> dict[str, pa.Array]:
        """Put people into Arrow and decide; ten columns by name."""
        birth, salary, capital = (
            pa.array(column) for column in (people.birth, people.salary, people.capital)
        )
        facts = {"birth": birth, "salary": salary, "capital_returns": capital}
        of_persons = by_name(self.person.run(pa.RecordBatch.from_pydict(facts)))
        names = ("age", "pension", "basic_income", "income_tax", "social_security_contribution")
        member = {
            "is_adult": pa.array(people.is_adult),
            **facts,
            **{name: of_persons[name] for name in names},
        }
        del member["birth"]
        kinds = pa.DictionaryArray.from_arrays(pa.array(people.occupancy), pa.array(template.OCCUPANCY))
        homes = {
            "members": pa.ListArray.from_arrays(
                pa.array(people.starts), pa.StructArray.from_arrays(list(member.values()), names=list(member))
            ),
            "accommodation_size": pa.array(people.size),
            "occupancy": kinds,
        }
        return {**of_persons, **by_name(self.household.run(pa.RecordBatch.from_pydict(homes)))}

    def sums(self, people: template.People) -> dict[str, Decimal]:
        """The exact sums of the ten variables, a block of households at a time."""
        totals = dict.fromkeys((*template.PERSON, *template.HOUSEHOLD), Decimal(0))
        for block in template.in_blocks(people):
            answers = self.answers(block)
            for name in totals:
                totals[name] += Decimal(pc.sum(answers[name]).as_py())
        return totals


def measure_template(options: argparse.Namespace) -> Iterator[Measure]:
    """Persons of OpenFisca's country template: ten variables, with building the population."""
    law = CountryTemplate()
    began = time.process_time()
    law.sums(template.draw(COMPILED_BY))
    yield Measure("b country template, machine code made once", time.process_time() - began, "CPU-s")
    python = None if options.no_peers else peers_python()
    for people in (100_000,) if options.quick else (1_000_000, 10_000_000):
        name = f"b country template, {people:,} persons"
        drawn = template.draw(people)
        began = time.process_time()
        sums = law.sums(drawn)
        ours = people / (time.process_time() - began)
        exact = template.exact_sums(drawn)
        check(name, {one: total * 100 for one, total in sums.items()}, exact)
        yield Measure(f"{name}, ours", ours, "persons/CPU-s")
        if python is None:
            continue
        told = child([str(python), str(HERE / "law_run/openfisca_peer.py"), str(people)]).output
        theirs = people / told["cpu"]
        off = max(abs(Decimal(told["sums"][one]) * 100 - exact[one]) for one in exact)
        yield Measure(f"{name}, OpenFisca", theirs, "persons/CPU-s")
        yield Measure(f"{name}, ratio", ours / theirs, "times theirs", TIMES)
        yield Measure(f"{name}, largest error of their sums", float(off) / 100, "euros")


def by_name(answer: pa.RecordBatch) -> dict[str, pa.Array]:
    """The columns of an answer; no row may be without one."""
    check("rows without an answer", len(answer) - answer.column("fault").null_count, 0)
    return dict(zip(answer.schema.names, answer.columns, strict=True))


# ---- c, d, f: SNAP -------------------------------------------------------------------------------


def measure_snap(options: argparse.Namespace) -> Iterator[Measure]:
    """Households of the full SNAP model, every figure on the way."""
    from law_run import snap

    program = snap.program()
    people = snap.households(65_536 if options.quick else 2_000_000)
    facts = people.select(program.schema.names)
    for engine in program.engines:
        some = facts if engine != "rows" else facts.slice(0, 1000)
        program.run(some.slice(0, 100), engine=engine)
        spent = cpu_seconds(lambda some=some, engine=engine: program.run(some, engine=engine), best_of=2)
        aim = SNAP_HOUSEHOLDS if engine == "llvm" else None
        yield Measure(
            f"c SNAP, {len(program.output_schema) - 1} figures, {engine}",
            len(some) / spent,
            "households/CPU-s",
            aim,
        )
    yield from missing("c SNAP", program)


def measure_first(options: argparse.Namespace) -> Iterator[Measure]:
    """The first household of a process that has just begun."""
    for engine in ("rows", "numpy", "llvm"):
        script = [sys.executable, str(HERE / "law_run/snap.py"), engine]
        spent = min(child(script).cpu for _ in range(3))
        is_chosen = engine == bulk.fitting_engine(ENGINES, 1)
        name = f"d first answer of a cold process, {engine}{' (chosen for it)' if is_chosen else ''}"
        yield Measure(name, spent, "CPU-s", FIRST_CPU_S if is_chosen else None, is_most=True)


def measure_reform(options: argparse.Namespace) -> Iterator[Measure]:
    """A reform of the whole state, from click to chart: the policy lab's own pages, action, job and charts."""
    people = options.people or (400_000 if options.quick else 8_000_000)
    with tempfile.TemporaryDirectory(prefix="commonweal-bench-") as folder:
        home = Path(folder)
        settings = environment(home) | {"COMMONWEAL_DATABASE": f"sqlite:///{home / 'bench.sqlite3'}"}
        prepare(settings)
        script = f"from benchmarks.law_run import lab; lab.main({people})"
        told = child([sys.executable, "-c", script], **settings).output
    check("people of the reform", told["people"], people)
    before, after = (f"${minor // 100:,}" for minor in told["cost_minor"])
    print(f"  {told['households']:,} households; {told['faults']:,} without an answer")
    print(f"  cost a month {before} -> {after}; {told['gaining']:,} gain, {told['losing']:,} lose")
    name = f"f reform of {people:,} people"
    aim = REFORM_CPU_S if people == 8_000_000 else None
    yield Measure(f"{name}, click to {told['charts']} charts", told["cpu"], "CPU-s", aim, is_most=True)
    yield Measure(f"{name}, the order", told["order_cpu"], "CPU-s")
    yield Measure(f"{name}, the job: people made, both laws", told["work_cpu"], "CPU-s")
    yield Measure(f"{name}, page of results and charts", told["charts_cpu"], "CPU-s")
    yield Measure(f"{name}, on the clock", told["clock"], "s")
    yield Measure(f"{name}, web and job in one process", told["own_mib"], "MiB at the peak")
    yield Measure(
        f"{name}, the largest worker", told["workers_mib"], "MiB at the peak", PEAK_MIB, is_most=True
    )


# ---- e: memory -------------------------------------------------------------------------------------


def write_people(path: Path, rows: int) -> None:
    """Write the kernel's facts to Parquet, a row group at a time; every group is the same million rows."""
    table = kernel_table(kernel.draw(min(rows, 1 << 20)))
    with pq.ParquetWriter(path, table.schema, compression="lz4") as writer:
        for start in range(0, rows, len(table)):
            writer.write_table(table.slice(0, min(len(table), rows - start)))


def measure_memory(options: argparse.Namespace) -> Iterator[Measure]:
    """`commonweal law run` over files far larger than memory should be."""
    yield from measure_lists(options)
    rows = 1_000_000 if options.quick else 100_000_000 if options.big else 20_000_000
    place = PLACE / "memory"
    place.mkdir(parents=True, exist_ok=True)
    people, results = place / "people.parquet", place / "results.parquet"
    try:
        write_people(people, rows)
        command = [sys.executable, "-m", "commonweal.project.cli", "law", "run", str(kernel.MODEL)]
        command += ["--decision", "Allotment", "--in", str(people), "--out", str(results)]
        began = time.monotonic()
        told = child(command)
        written = pq.ParquetFile(results)
        check("rows written", written.metadata.num_rows, rows)
        total = sum(
            int(pc.sum(batch.column(0)).as_py())
            for batch in written.iter_batches(1 << 20, columns=["Allotment"])
        )
        whole, rest = divmod(rows, 1 << 20)
        columns = kernel.draw(min(rows, 1 << 20))
        wanted = kernel.by_hand_in_blocks(columns) * whole if whole else 0
        wanted += int(kernel.by_hand({n: c[:rest] for n, c in columns.items()}).sum()) if rest else 0
        check("sum of the results", total, wanted)
    finally:
        shutil.rmtree(place)
    yield Measure(
        f"e law run over {rows:,} rows, Parquet to Parquet",
        told.peak_mib,
        "MiB at the peak",
        PEAK_MIB,
        is_most=True,
    )
    yield Measure(f"e law run over {rows:,} rows", rows / told.cpu, "rows/CPU-s")
    yield Measure(f"e law run over {rows:,} rows, on the clock", time.monotonic() - began, "s")


def measure_lists(options: argparse.Namespace) -> Iterator[Measure]:
    """`commonweal law run` of SNAP over households with their members, all in one row group."""
    people = 100_000 if options.quick else 4_000_000
    place = PLACE / "memory"
    place.mkdir(parents=True, exist_ok=True)
    path, results = place / "households.parquet", place / "results.parquet"
    base = [sys.executable, "-m", "commonweal.project.cli"]
    try:
        child([*base, "population", "state", "--people", str(people), "--out", str(path)])
        pq.write_table(pq.read_table(path), path, row_group_size=people)
        command = [*base, "law", "run", "snap", "--decision", "Determination", "--on", "2026-09-01"]
        told = child([*command, "--in", str(path), "--out", str(results)])
        rows = pq.ParquetFile(results).metadata.num_rows
        check("rows written", rows, pq.ParquetFile(path).metadata.num_rows)
    finally:
        shutil.rmtree(place)
    name = f"e law run of SNAP over {rows:,} households"
    yield Measure(f"{name}, one row group", told.peak_mib, "MiB at the peak", PEAK_MIB, is_most=True)
    yield Measure(name, rows / told.cpu, "households/CPU-s")


MEASURES: dict[str, Callable[[argparse.Namespace], Iterator[Measure]]] = {
    "a": measure_kernel,
    "b": measure_template,
    "c": measure_snap,
    "d": measure_first,
    "e": measure_memory,
    "f": measure_reform,
}


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark.

    Returns:
        0 when every aim is met or the run was a quick one, else 1.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="".join(MEASURES))
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--people", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}, pyarrow {pa.__version__}"
    )
    found: list[Measure] = []
    for letter in options.only:
        for measure in MEASURES[letter](options):
            print(measure.line(), flush=True)
            found.append(measure)
    if options.json:
        options.json.write_text(json.dumps([asdict(measure) for measure in found], indent=1))
    missed = [measure.name for measure in found if not measure.is_met]
    if options.quick:
        print("a quick run: nothing is judged")
        return 0
    print("all aims met" if not missed else f"missed: {'; '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
