"""The city's real law: every worked case to the cent, in every back end, and without help of the Decimal rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from tests.engines.columnar import laws
from tests.engines.columnar.models import COMPILED

from commonweal.engines import columnar

LAWS = sorted(path.parent.name for path in laws.LAW.glob("*/cases.yaml"))


def is_same(actual: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return actual == expected
    wanted = Decimal(str(expected))
    places = Decimal(1).scaleb(min(int(wanted.as_tuple().exponent), -2))
    return actual is not None and Decimal(str(actual)).quantize(places, ROUND_HALF_UP) == wanted.quantize(
        places
    )


def groups(programme: str) -> Iterator[tuple[columnar.Program, list[dict[str, Any]], pa.RecordBatch]]:
    """The worked cases that one program can run, with it and their facts."""
    decision, cases = laws.cases(programme)
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        file = laws.file_on(programme, case["reference_on"])
        key = (case["reference_on"], case.get("known_on"), case.get("decision") or decision, file)
        together[key].append(case)
    for (on, known_on, name, file), group in together.items():
        law = {"law": laws.figures(programme, on, known_on)}
        program = columnar.compile(laws.model(programme, file), name, constants=law, now=on)
        yield program, group, laws.batch_of(program, [case["facts"] for case in group])


@pytest.mark.parametrize("programme", LAWS)
def test_worked_cases_come_out_to_the_cent(programme: str) -> None:
    for program, group, batch in groups(programme):
        assert program.reasons == []
        truth = program.run(batch, engine="rows").to_pylist()
        assert program.run(batch, engine="numpy").to_pylist() == truth
        for case, answer in zip(group, truth, strict=True):
            for path in case.get("missing", ()):
                assert path in answer["fault"], case["id"]
            if not case.get("missing"):
                wanted = case.get("expected", {})
                found = {key: answer.get(key, next(iter(answer.values()))) for key in wanted}
                differing = {key: value for key, value in found.items() if not is_same(value, wanted[key])}
                assert (case["id"], differing, answer["fault"]) == (case["id"], {}, None)


@pytest.mark.parametrize("programme", LAWS)
def test_machine_code_says_the_same(programme: str) -> None:
    if "llvm" not in COMPILED:
        pytest.skip("llvmlite is not installed: machine code is not tested")
    # One law is enough: the code for another year differs in its figures only.
    program, _, batch = max(groups(programme), key=lambda group: len(group[1]))
    assert program.run(batch, engine="llvm") == program.run(batch, engine="numpy")


@pytest.mark.parametrize("programme", LAWS)
def test_clear_cases_need_no_decimal_rows(programme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for program, _, batch in groups(programme):
        truth = program.run(batch, engine="rows")
        clear = batch.filter(truth.column("fault").is_null())

        def refuse(_: Any, rows: pa.RecordBatch) -> Any:
            raise AssertionError(rows.to_pylist())

        with monkeypatch.context() as patch:
            patch.setattr("commonweal.engines.columnar.rows.Rows.run", refuse)
            assert program.run(clear, engine="numpy").num_rows == clear.num_rows


def test_the_days_before_a_law_have_none() -> None:
    assert laws.file_on("snap", date(2000, 1, 1)) == ""
