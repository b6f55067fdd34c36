"""The models of `./cw bench law` say the same as the same law written by hand."""

from __future__ import annotations

import runpy
import sys
from decimal import Decimal
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs the extra bulk")

from commonweal.engines import columnar, dmn

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def law():
    before = sys.path[:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMONWEAL_SECRET_KEY", "bench")  # it sets what is not there, for a program of its own
        yield runpy.run_path(str(BENCHMARKS / "law.py"))
    sys.path[:] = before


def test_the_kernel_is_the_law_that_is_written_by_hand(law):
    columns = law["kernel"].draw(400, seed=7)
    program = columnar.compile(dmn.read(law["kernel"].MODEL), "Allotment")
    wanted = law["kernel"].by_hand(columns).tolist()

    for engine in program.engines:
        answer = program.run(law["kernel_table"](columns), engine=engine)
        assert [int(amount) for amount in answer.column(0).to_pylist()] == wanted, engine


def test_the_country_template_is_exact_to_the_cent(law):
    people = law["template"].draw(3000, seed=5)

    sums = law["CountryTemplate"]().sums(people)

    assert {name: total * 100 for name, total in sums.items()} == law["template"].exact_sums(people)
    assert all(isinstance(total, Decimal) and total > 0 for total in sums.values())
