from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.kernel.catalogue.conftest import MINIMAL, Write

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.catalogue.cli import export, main, publish
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks


class Shelves(FolderCheck):
    key = "shelves"

    def check(self, root: Path) -> list[Problem]:
        return [Problem("shelves/a.yaml", 0, 0, "shelves.odd", "The shelf is odd.", is_error=False)]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_items", {})
    monkeypatch.setattr(folder_checks, "_items", {})


def test_a_good_jurisdiction_passes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(home)]) == 0
    assert capsys.readouterr().out == "1 service checked: no errors, no warnings.\n"


def test_a_place_is_looked_for_in_the_jurisdiction_that_runs_here(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMMONWEAL_JURISDICTION = home
    assert main(["services/library-card"]) == 0
    assert capsys.readouterr().out == "1 service checked: no errors, no warnings.\n"
    assert main(["services/nothing"]) != 0


def test_a_mistake_is_printed_with_excerpt_caret_and_hint(
    home: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write("service.yaml", old="kind: online", new="kind: onlin")

    assert main([str(home / "services" / "library-card" / "service.yaml")]) == 1
    assert capsys.readouterr().out == (
        "services/library-card/service.yaml:8:19: error: 'onlin' is not a possible value of 'kind'. "
        "[schema.literal-error]\n"
        "    8 | channels: [{kind: onlin}]\n"
        "      |                   ^\n"
        "      = Did you mean 'online'?\n"
        "\n"
        "1 service checked: 1 error, no warnings.\n"
    )


def test_problems_come_as_json_too(home: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("form.yaml", "x: 1")

    assert main(["--json", str(home)]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "problems": [
            {
                "file": "services/library-card/form.yaml",
                "line": 0,
                "column": 0,
                "code": "service.file",
                "message": "No section of a service is read from this file.",
                "hint": "Known: service.yaml.",
                "is_error": True,
            }
        ],
    }


def test_problems_come_as_sarif_for_editors(
    home: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write("service.yaml", old="kind: online", new="kind: onlin")

    assert main([str(home), "--sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (result,) = run["results"]
    assert run["originalUriBaseIds"]["JURISDICTION"]["uri"] == f"{home.as_uri()}/"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] == "error"
    assert result["message"]["text"].endswith("Did you mean 'online'?")
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "services/library-card/service.yaml", "uriBaseId": "JURISDICTION"},
        "region": {"startLine": 8, "startColumn": 19},
    }


def test_the_checks_of_other_folders_run_over_a_whole_jurisdiction(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder_checks.register(Shelves)

    assert main([str(home)]) == 0
    assert capsys.readouterr().out == (
        "shelves/a.yaml: warning: The shelf is odd. [shelves.odd]\n\n"
        "1 service checked: no errors, 1 warning.\n"
    )
    assert main([str(home / "services" / "library-card")]) == 0
    assert "odd" not in capsys.readouterr().out


def test_a_broken_jurisdiction_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "jurisdiction.yaml").write_text("key: [")

    assert main([str(home)]) == 1
    assert capsys.readouterr().out.startswith("jurisdiction.yaml:2:1: error: This is not YAML")


def test_a_jurisdiction_without_services_passes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (home / "services" / "library-card" / "service.yaml", home / "services" / "library-card"):
        path.unlink() if path.is_file() else path.rmdir()
    (home / "services").rmdir()

    assert main([str(home)]) == 0
    assert capsys.readouterr().out == "0 services checked: no errors, no warnings.\n"


def test_a_place_outside_any_jurisdiction_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "not in a jurisdiction's folder" in capsys.readouterr().err


def test_a_problem_at_the_end_of_a_file_has_no_excerpt(
    home: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write("service.yaml", MINIMAL + "x: [")

    assert main([str(home)]) == 1
    assert "This is not YAML" in capsys.readouterr().out


@pytest.mark.django_db
def test_publish_makes_versions_of_all_services(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)

    assert publish([]) == 0
    assert publish(["library-card"]) == 0
    version = ServiceVersion.objects.get()
    assert capsys.readouterr().out == f"library-card: version 1, live, {version.content_hash[:12]}\n" * 2


@pytest.mark.django_db
def test_publish_as_a_draft_offers_nothing(home: Path, settings: Settings) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)

    assert publish(["--draft", "library-card"]) == 0
    assert ServiceVersion.objects.get().status == "draft"


@pytest.mark.django_db
def test_publish_refuses_what_is_broken_and_what_is_not_there(
    home: Path, write: Write, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    write("service.yaml", old="kind: online", new="kind: onlin")

    assert publish(["library-card"]) == 1
    assert publish(["none"]) == 1
    told = capsys.readouterr().err
    assert "Did you mean 'online'?" in told
    assert "services/none: There is no such folder." in told
    assert not ServiceVersion.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_says_what_would_be_published_and_publishes_nothing(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    main_file = home / "services/library-card/service.yaml"

    assert publish(["--dry-run", "library-card"]) == 0
    assert ServiceVersion.objects.count() == 0
    publish(["library-card"])
    assert publish(["--dry-run"]) == 0
    main_file.write_text(main_file.read_text() + "# a remark\n")
    publish(["--dry-run", "library-card"])
    main_file.write_text("key: [")
    assert publish(["--dry-run", "library-card"]) == 1

    said = capsys.readouterr().out
    assert "library-card: would be version 1, " in said
    assert "library-card: no change since version 1" in said
    assert "library-card: would be version 2, " in said
    assert ServiceVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_version_is_exported_as_a_folder_that_publishes_to_the_same_version(
    home: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    publish(["library-card"])
    there = tmp_path / "out" / "library-card"

    assert export(["library-card", "--to", str(there)]) == 0

    version = ServiceVersion.objects.get()
    written = {str(path.relative_to(there)): path.read_text() for path in there.rglob("*") if path.is_file()}
    assert written == version.files
    assert export(["library-card", "--to", str(there)]) == 1
    assert export(["library-card", "--to", str(tmp_path / "b"), "--number", "7"]) == 1
    assert export(["nothing", "--to", str(tmp_path / "c")]) == 1
    assert "name a new folder" in capsys.readouterr().err
