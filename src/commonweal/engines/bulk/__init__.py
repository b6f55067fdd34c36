"""Decides upon a whole population: Parquet or CSV in, Parquet out, block by block, to be resumed when interrupted.

    from commonweal.engines import bulk, columnar, executor

    source = bulk.open_source(Path("people.parquet"), program.schema, keep=["household_id"])
    run = bulk.Run(program, source, Path("results.parquet"))
    with executor.opened("local", workers=4) as crew:
        summary = bulk.perform(run, crew, bulk.Progress(sys.stderr, source.rows))

It needs the extra ``bulk``.
"""

from __future__ import annotations

from commonweal.engines.bulk.errors import BulkError, DiskFull, FileWrong, InputWrong, RunChanged
from commonweal.engines.bulk.progress import Progress
from commonweal.engines.bulk.reading import Part, Source, open_source
from commonweal.engines.bulk.running import PartDone, Run, Summary, fitting_engine, perform, replayed

__all__ = [
    "BulkError",
    "DiskFull",
    "FileWrong",
    "InputWrong",
    "Part",
    "PartDone",
    "Progress",
    "Run",
    "RunChanged",
    "Source",
    "Summary",
    "fitting_engine",
    "open_source",
    "perform",
    "replayed",
]
