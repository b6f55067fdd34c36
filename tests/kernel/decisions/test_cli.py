"""`commonweal law`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.cli import main


def test_show_answers_what_the_law_was_as_known_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["show", "snap", "shelter_cap", "--on", "2024-03-03", "--known", "2024-02-01"])

    assert (status, capsys.readouterr().out.splitlines()) == (
        0,
        [
            "Largest deduction for housing costs on 2024-03-03, as known on 2024-02-01",
            "  672 USD/month",
            "  from 2023-10-01, known from 2023-08-03",
            "  7 USC 2014(e)(6)(B), 7 CFR 273.9(d)(6)(ii); FNS cost-of-living adjustments FY2024",
        ],
    )


def test_show_lists_the_values_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "parking", "base_fee", "--on", "2026-05-01"]) == 0

    assert "  C: 126 USD/year" in capsys.readouterr().out.splitlines()


def test_show_says_aloud_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "snap", "standard_utility_allowance", "--on", "2026-10-05"]) == 1

    assert "unknown: Standard utility allowance is not known for October 2026." in capsys.readouterr().out


def test_show_of_something_else_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "snap", "nothing"]) == 2

    assert "nothing" in capsys.readouterr().err


def test_list_names_programmes_and_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "  shelter_cap: Largest deduction for housing costs (USD/month)" in lines
    assert "parking: Residential parking permit (PAMC 11.24)" in lines


def test_check_decides_the_worked_cases(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: Settings
) -> None:
    assert main(["check", "snap"]) == 0
    assert "snap: 0 errors, 3 warnings" in capsys.readouterr().out

    shutil.copytree(root() / "law", tmp_path / "law")
    shutil.copy(root() / "jurisdiction.yaml", tmp_path)
    cases = tmp_path / "law/snap/cases.yaml"
    cases.write_text(cases.read_text().replace("net_income: 598", "net_income: 599"))
    settings.COMMONWEAL_JURISDICTION = str(tmp_path)

    assert main(["check", "snap"]) == 1
    out = capsys.readouterr().out
    assert "Case W01: net_income is 598, 599 is expected." in out
    assert "snap: 1 errors, 3 warnings" in out
