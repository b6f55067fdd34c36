"""The law of Port Alder as the engine sees it: models, figures, worked cases as columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from commonweal.engines import columnar, dmn, parameters
from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.documents import read_yaml

LAW = Path(__file__).parents[3] / "jurisdictions" / "port-alder" / "law"


@cache
def model(programme: str, file: str = "") -> dmn.CompiledModel:
    """The newest model of a programme, or the one of that file."""
    files = sorted((LAW / programme).glob("*.dmn"))
    return dmn.checked(dmn.compile(dmn.read(LAW / programme / file if file else files[-1])))


@cache
def _parameters(programme: str) -> parameters.ParameterSet:
    return parameters.load(yaml.safe_load((LAW / programme / "parameters.yaml").read_text(encoding="utf-8")))


def file_on(programme: str, on: date) -> str:
    """The model in force on a day; empty where there is none."""
    files = [path.name for path in sorted((LAW / programme).glob("*.dmn"))]
    return next((name for name in reversed(files) if name[:10] <= on.isoformat()), "")


def figures(programme: str, on: date, known_on: date | None = None) -> dict[str, Any]:
    """The same, read once."""
    return dict(_parameters(programme).at(on, known_on).context(UNKNOWN))


def with_defaults(defaults: Any, given: Any) -> Any:
    """Complete a case from the file's defaults, as `commonweal check` does."""
    if isinstance(defaults, Mapping) and isinstance(given, Mapping):
        return {**defaults, **{key: with_defaults(defaults.get(key), value) for key, value in given.items()}}
    if isinstance(defaults, list) and len(defaults) == 1 and isinstance(given, list):
        return [with_defaults(defaults[0], item) for item in given]
    return given


@cache
def cases(programme: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """The decision's name, and the worked cases with all their facts, read as `commonweal check` reads them."""
    written = read_yaml(LAW / programme, "cases.yaml").data
    found = [
        {**case, "facts": with_defaults(written.get("defaults", {}), case.get("facts", {}))}
        for case in written["cases"]
    ]
    return written["decision"], tuple(found)


def batch_of(program: columnar.Program, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Facts as a batch of the program's schema."""
    return pa.RecordBatch.from_pylist([_fitting(row, program.schema) for row in rows], schema=program.schema)


def _fitting(row: Any, schema: Any) -> dict[str, Any]:
    return {field.name: _value(row.get(field.name), field.type) for field in schema}


def _value(value: Any, type_: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_struct(type_):
        return _fitting(value, [type_.field(i) for i in range(type_.num_fields)])
    if pa.types.is_list(type_):
        return [_value(item, type_.value_type) for item in value]
    if pa.types.is_decimal(type_):
        return Decimal(str(value))
    return value
