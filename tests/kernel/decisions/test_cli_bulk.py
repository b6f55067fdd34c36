"""`commonweal law run` and `law replay`, and `commonweal population` that feeds them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs the extra bulk")

import pyarrow.parquet as pq
from tests.engines.bulk import fees

from commonweal.domains.insight.populations.cli import main as population
from commonweal.kernel.decisions.cli import main

SNAP = ["snap", "--decision", "Determination", "--on", "2026-09-01"]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "people.parquet"
    assert population(["port-alder", "--people", "400", "--out", str(path)]) == 0
    return path


def run(people: Path, *more: str, law: list[str] = SNAP) -> tuple[int, Path]:
    out = people.with_name("results.parquet")
    return main(["run", *law, "--in", str(people), "--out", str(out), *more]), out


def test_a_programme_is_run_over_a_population(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = run(people, "--keep", "household_id, decile")

    told = capsys.readouterr().out
    rows = pq.read_table(out).to_pylist()
    assert status == 0
    assert f"{len(rows):,} rows in" in told
    assert "0 rows without an answer" in told
    assert list(rows[0])[:4] == ["household_id", "decile", "outcome", "reason"]
    assert {row["outcome"] for row in rows} >= {"ELIGIBLE", "DENIED_NET", "REVIEW"}


def test_the_law_of_another_day_can_be_unknown(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = run(
        people, "--on", "2026-10-05", "--outputs", "Determination.allotment", "--engine", "rows"
    )

    assert status == 0
    assert "not known: law.standard_utility_allowance" in capsys.readouterr().out
    assert pq.read_table(out).schema.names == ["household_id", "Determination.allotment", "fault"]


def test_a_row_is_explained_line_by_line(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = run(people)
    row = next(
        at for at, found in enumerate(pq.read_table(out).to_pylist()) if found["outcome"] == "ELIGIBLE"
    )
    capsys.readouterr()

    assert main(["replay", *SNAP, "--in", str(people), "--row", str(row)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('Determination: {outcome: "ELIGIBLE"')
    assert any(line.startswith("Standard deduction: $") and "[7 CFR 273.9(d)(1)]" in line for line in lines)


def test_a_model_in_a_file_takes_its_constants_from_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, facts, people = (tmp_path / name for name in ("bins.dmn", "rate.json", "people.csv"))
    model.write_text(fees.MODEL)
    facts.write_text(json.dumps({"Rate": 3.5}))
    people.write_text("id,Home.rooms,Home.has_garden,Discount\n1,2,false,10.25\n2,4,true,0\n")
    law = [str(model), "--decision", "Flat fee", "--constants", str(facts), "--range", "Discount=0:100:4"]

    status, out = run(people, law=law)

    assert status == 0
    assert [float(row["Flat fee"]) for row in pq.read_table(out).to_pylist()] == [2 * 3.5 * 0.8975, 19]
    assert main(["replay", *law, "--in", str(people), "--row", "1"]) == 0
    assert "Flat fee is 19" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["nothing", "--decision", "X"], 2, "nothing"),
        (["snap", "--decision", "Determinatoin", "--on", "2026-09-01"], 2, "no decision 'Determinatoin'"),
        (
            ["snap", "--decision", "Determination", "--on", "2001-01-01"],
            2,
            "no law is in force on 2001-01-01",
        ),
        (["nowhere.dmn", "--decision", "X"], 2, "No such file"),
        ([*SNAP, "--constants", "x.json"], 2, "--constants goes with a .dmn file"),
        (
            [*SNAP, "--set", "shelter_cup=900"],
            2,
            "The law has no parameter shelter_cup. Did you mean shelter_cap?",
        ),
        ([*SNAP, "--set", "shelter_cap=[9]"], 2, 'shelter_cap: the value must be of the same kind as "744".'),
        (["x.dmn", "--decision", "X", "--set", "a=1"], 2, "--set goes with a programme"),
        ([*SNAP, "--range", "Household.rent=0:9"], 2, "ranges name no column: Household.rent"),
        ([*SNAP, "--range", "Household.resources=0:9"], 1, "column Household.resources:"),
        ([*SNAP, "--keep", "disctrict"], 1, "Did you mean district?"),
        ([*SNAP, "--executor", "ray", "--address", "nobody:1"], 2, "ay"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    people: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert run(people, law=arguments)[0] == status

    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_a_figure_that_is_none_is_refused(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(people, "--set", "shelter_cap=high")

    assert stopped.value.code == 2
    assert "'shelter_cap=high' is not PARAMETER=VALUE" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["Household=1", "=1:2", "a=x:2", "a=1:2:3:4", "a=1:2:x"])
def test_a_range_that_is_none_is_refused(people: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(people, "--range", text)

    assert stopped.value.code == 2
    assert "is not COLUMN=LOW:HIGH" in capsys.readouterr().err


def test_an_engine_that_cannot_run_it_says_why(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    law = ["snap", "--decision", "Determination", "--on", "2026-10-05"]  # with figures that are not known
    status, _ = run(people, "--engine", "llvm", law=law)

    told = capsys.readouterr().err
    assert status in {0, 2}
    assert (status == 0) or told.startswith("The engine llvm cannot run this. There are:")


def test_a_run_that_is_stopped_says_how_to_go_on(
    people: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from commonweal.engines import bulk

    def stopped(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bulk, "perform", stopped)

    assert run(people)[0] == 130
    assert "Run the same command again with --resume to go on." in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(
    people: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("commonweal.engines.bulk", raising=False)
    monkeypatch.setitem(sys.modules, "commonweal.engines.bulk", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    assert run(people)[0] == 2
    assert population(["state", "--out", "x.parquet"]) == 2
    assert capsys.readouterr().err.count("need the extra 'bulk': pip install 'commonweal[bulk]'.") == 2


def test_a_population_of_nowhere_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert population(["moon", "--out", str(tmp_path / "x.parquet")]) == 2
    assert "There is no population 'moon'" in capsys.readouterr().err

    assert population(["state", "--people", "9", "--out", str(tmp_path / "no/x.parquet")]) == 2
    assert "cannot be written: No such file or directory." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
