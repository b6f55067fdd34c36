"""Decisions over whole populations: a model compiled to columns of exact fixed-point numbers.

    from commonweal.engines import columnar, dmn

    program = columnar.compile(dmn.read("snap.dmn"), "Determination", constants={"law": law})
    program.schema, program.engines, program.reasons
    answers = program.run(table)            # pyarrow, Polars or pandas
    program.replay(table, 17).trace.as_text()

It needs the extra ``bulk`` (NumPy, pyarrow; llvmlite for machine code).
"""

from __future__ import annotations

try:
    import pyarrow  # noqa: F401, ICN001 - only to say in one sentence what is missing
except ImportError as error:  # pragma: no cover - the tests have it
    raise ImportError("columns need the extra 'bulk': pip install 'commonweal[bulk]'") from error

from commonweal.engines.columnar.errors import ColumnarError, ColumnError, EngineError, OutputError, Refusal
from commonweal.engines.columnar.program import Program
from commonweal.engines.columnar.program import compile_program as compile  # noqa: A004 - as in the sister engines

__all__ = ["ColumnError", "ColumnarError", "EngineError", "OutputError", "Program", "Refusal", "compile"]
