from __future__ import annotations

from tools.coverage import Share

from tools import coverage


def file(lines, lines_run, branches, branches_run):
    """One file of coverage.py's report."""
    return {
        "summary": {
            "num_statements": lines,
            "covered_lines": lines_run,
            "num_branches": branches,
            "covered_branches": branches_run,
        }
    }


REPORT = {
    "files": {
        "src/commonweal/engines/__init__.py": file(0, 0, 0, 0),
        "src/commonweal/engines/feel/parser.py": file(100, 100, 40, 38),
        "src/commonweal/engines/dmn/tables.py": file(100, 90, 20, 19),
        "src/commonweal/kernel/base/rows.py": file(100, 100, 20, 18),
        "src/commonweal/project/settings.py": file(100, 0, 20, 0),
    }
}


def test_files_are_summed_by_floor_and_package():
    assert coverage.shares(REPORT) == {
        "engines": Share(200, 190, 60, 57),
        "engines/dmn": Share(100, 90, 20, 19),
        "engines/feel": Share(100, 100, 40, 38),
        "kernel": Share(100, 100, 20, 18),
        "kernel/base": Share(100, 100, 20, 18),
    }


def test_a_floor_with_too_few_branches_fails_although_its_lines_are_run():
    assert coverage.verdict(coverage.shares(REPORT)) == ["kernel: less than 95% are run"]


def test_a_floor_that_was_not_measured_fails():
    assert coverage.verdict({}) == ["engines: less than 95% are run", "kernel: less than 95% are run"]


def test_the_table_has_a_line_for_each_package():
    assert list(coverage.table({"kernel/base": Share(100, 90, 20, 18)}))[1:] == [
        "kernel/base                      18/20   90.0%       90.0%"
    ]


def test_code_without_branches_counts_as_run():
    assert (Share().of_branches, Share().of_all) == (1.0, 1.0)


def test_one_line_tells_both_floors_and_the_poor_packages():
    assert coverage.in_one_line(coverage.shares(REPORT)) == (
        "branches run: 95.0% of engines, 90.0% of kernel (too few: kernel/base 90.0%)"
    )
    assert coverage.in_one_line({"engines": Share(1, 1, 4, 4)}) == "branches run: 100.0% of engines"
    assert coverage.in_one_line({}) == "branches run: none"


def test_what_an_earlier_run_left_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "DATA", tmp_path)
    for name in ("data", "data.host.1.x", "report.json"):
        (tmp_path / name).write_text("old")
    assert coverage.begin() == {"COVERAGE_FILE": str(tmp_path / "data")}
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert coverage.figures() == {}
