from __future__ import annotations

import subprocess
import sys

import pytest
from tools.coverage import Share
from tools.lanes import Lane

from tools import coverage, lanes


def nothing(lane):
    """Does nothing."""


REPORT = """<testsuites><testsuite tests="5">
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><failure/></testcase><testcase name="d"><error/></testcase>
<testcase name="e"><skipped/></testcase>
</testsuite></testsuites>"""


def test_an_error_in_a_fixture_counts_as_failed(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    assert lanes.count(tmp_path / "report.xml") == (2, 2, 1)


def test_the_last_line_sums_up_all_lanes():
    whole = lanes.summary(
        [
            Lane("SQLite", nothing, passed=10, skipped=2, seconds=3),
            Lane("PostgreSQL", nothing, passed=5, failed=1),
            Lane("Browser", nothing, skipped_because="no Chromium"),
        ]
    )
    assert whole.splitlines() == [
        "SQLite             3 s  10 passed, 0 failed, 2 skipped",
        "PostgreSQL         0 s  5 passed, 1 failed, 0 skipped",
        "Browser            0 s  skipped: no Chromium",
        "15 passed, 1 failed, 2 skipped",
    ]


def test_without_skipped_tests_the_last_line_does_not_mention_them():
    assert lanes.summary([Lane("SQLite", nothing, passed=1)]).splitlines()[-1] == "1 passed, 0 failed"


def test_a_lane_that_broke_without_a_failing_test_counts_as_failed():
    broken = Lane("SQLite", nothing, passed=3, problem="pytest ended with 3")
    assert not broken.is_ok
    assert lanes.summary([broken]).splitlines()[-1] == "3 passed, 1 failed"


def test_a_lane_that_cannot_start_fails_the_run(monkeypatch, capsys):
    def breaks(lane):
        """Breaks."""
        raise RuntimeError("PostgreSQL did not start")

    monkeypatch.setattr(lanes, "LANES", (("One", nothing), ("Two", breaks)))
    assert lanes.run_lanes() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize(
    ("body", "counts", "problem"),
    [
        ("def test_one(): pass\ndef test_two(): assert 0", (1, 1, 0), ""),
        ("import nothing_of_this_name", (0, 1, 0), ""),
        ("", (0, 0, 0), "pytest ended with 5"),
    ],
)
def test_a_lane_reads_its_counts_from_what_pytest_reports(tmp_path, monkeypatch, body, counts, problem):
    (tmp_path / "test_it.py").write_text(body)
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setattr(lanes, "REPORTS", tmp_path / "reports")
    lane = Lane("Some lane", nothing, paths=["."])
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        "/dev/null",
        "-p",
        "no:django",
        "-p",
        "no:cacheprovider",
    )
    lanes.pytest(lane, "--rootdir", str(tmp_path), command=command)
    assert (lane.passed, lane.failed, lane.skipped, lane.problem) == (*counts, problem)


@pytest.mark.parametrize(("run", "problem"), [(96, ""), (94, "kernel: less than 95% are run")])
def test_the_lane_on_sqlite_fails_where_too_few_branches_are_run(monkeypatch, tmp_path, run, problem):
    monkeypatch.setattr(coverage, "DATA", tmp_path)
    found = {"engines": Share(100, 100, 100, 96), "kernel": Share(100, 100, 100, run)}
    monkeypatch.setattr(coverage, "figures", lambda: found)
    monkeypatch.setattr(lanes, "pytest", lambda lane, *arguments, environment: None)
    lane = Lane("SQLite", lanes.on_sqlite, passed=7)
    lane.run(lane)
    assert lane.problem == problem
    assert lane.is_ok is (not problem)
    assert lane.verdict().startswith("7 passed, 0 failed, 0 skipped; branches run: 96.0% of engines, ")


def test_journeys_are_skipped_aloud_without_a_browser(monkeypatch):
    monkeypatch.setattr(lanes, "present", lambda *folders: list(folders))
    monkeypatch.setattr(lanes.shutil, "which", lambda name: None)
    lane = Lane("Browser", lanes.in_browser)
    lane.run(lane)
    assert "no Chromium" in lane.verdict()


def test_suites_are_skipped_aloud_when_absent(monkeypatch, tmp_path):
    monkeypatch.setenv("COMMONWEAL_SUITES", str(tmp_path / "nowhere"))
    lane = Lane("Standards", lanes.against_suites)
    lane.run(lane)
    assert lane.verdict().startswith("skipped: no standards' suites here")


def test_only_files_with_a_suite_are_read_for_the_suites(monkeypatch, tmp_path):
    folder = tmp_path / "tests/conformance"
    folder.mkdir(parents=True)
    (folder / "test_dmn.py").write_text("@pytest.mark.suite\ndef test_dmn(): ...")
    (folder / "test_own.py").write_text("def test_own(): ...")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    assert lanes.marked("suite") == ["tests/conformance/test_dmn.py"]


def test_a_newer_python_must_have_pip(monkeypatch, tmp_path):
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    python = tmp_path / "versions/3.12.1/bin/python"
    python.parent.mkdir(parents=True)
    monkeypatch.setattr(lanes.shutil, "which", lambda name: None)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert lanes.newer_python() is None
    python.write_text("#!/bin/sh\nexit 0\n")
    assert lanes.newer_python() == python


@pytest.mark.parametrize("tool", ["tools.bench", "tools.conformance"])
def test_an_unknown_name_is_answered_with_the_known_ones(tool):
    command = [sys.executable, "-m", tool, "nothing"]
    done = subprocess.run(command, cwd=lanes.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "known: " in done.stdout
