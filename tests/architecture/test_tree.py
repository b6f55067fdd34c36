"""What the files of the repository must be, and what they must not."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
import yaml
from tests.architecture.tree import ROOT, SOURCE, apps, engines, files, relative, texts

from tools import reference

# Names that say nothing of what a file is about.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
# Spelt in parts, so that this file does not hold what it forbids.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npm" + "js.",
    "registry." + "yarnpkg",
    "artifact" + "ory",
]
HOMES = [r"/home/(?!newcomer\b)[a-z]\w*/", "/" + r"root/\.\w", "/" + "Users/"]
# A room that holds nothing but its package is not built yet.
ROOMS = [room for room in [*apps(), *engines()] if len(list(room.rglob("*.py"))) > 1]
VENDORED = sorted(SOURCE.rglob("static/vendor"))


def found_in(texts_, patterns):
    """The lines that match any pattern, as `path:line`."""
    pattern = re.compile("|".join(patterns), re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts_
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_app_and_engine_has_its_readme(room):
    assert (room / "README.md").is_file(), f"{room.relative_to(ROOT)} has no README.md"
    assert (room / "README.md").read_text().startswith("# ")


def test_no_file_has_an_empty_name():
    assert relative(path for path in files() if path.stem.lower() in EMPTY_NAMES) == []
    folders = {folder for path in files() for folder in path.relative_to(ROOT).parents}
    assert [str(folder) for folder in sorted(folders) if folder.name.lower() in EMPTY_NAMES] == []


def test_no_app_has_a_service_layer():
    # A service is a public service; what changes data is an action.
    layers = [room / name for room in apps() for name in ("service.py", "services.py")]
    assert relative(path for path in layers if path.exists()) == []


def test_no_file_names_a_folder_of_one_machine():
    # The folder of this clone, where it is long enough to be nothing else.
    here = [re.escape(str(folder)) for folder in (ROOT, ROOT.parent) if len(folder.parts) > 2]
    assert found_in(texts(), [*HOMES, *here]) == []


def test_no_file_names_a_package_registry():
    assert found_in(texts(), REGISTRIES) == []


def test_every_pinned_package_has_a_hash():
    for name in ("run", "dev"):
        text = (ROOT / f"requirements/{name}.txt").read_text()
        blocks = re.split(r"\n(?=[\w.-]+(?:\[[\w,-]+\])?==)", text)[1:]
        assert len(blocks) > 40
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_what_runs_is_pinned_alike_for_those_who_build():
    def pins(name):
        text = (ROOT / f"requirements/{name}.txt").read_text()
        return {
            line.removesuffix(" \\")
            for line in text.splitlines()
            if "==" in line and not line.startswith(" ")
        }

    assert pins("run") - pins("dev") == set()


def test_every_error_code_is_documented_and_the_page_is_current():
    page = reference.ERRORS_PAGE.read_text()
    assert page == reference.errors_page(), "run `python -m tools.reference`"
    assert {values["code"] for _, values in reference.errors()} <= set(
        re.findall(r"^\| `([\w-]+)`", page, re.MULTILINE)
    )


@pytest.mark.parametrize("folder", VENDORED, ids=str)
def test_vendored_files_are_those_of_the_lock(folder):
    lock = json.loads((folder / "vendor.lock").read_text())
    listed = {"vendor.lock"}
    for package in lock["packages"]:
        assert package["name"]
        assert package["version"]
        assert package["licence"]
        assert package["folder"].endswith(f"-{package['version']}")
        for name, digest in package["files"].items():
            path = folder / package["folder"] / name
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path
            listed.add(str(path.relative_to(folder)))
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == listed


def test_publiccode_describes_the_software():
    stated = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    assert stated["publiccodeYmlVersion"].startswith("0.")
    assert stated["name"] == "Commonweal"
    assert stated["legal"]["license"] == "Apache-2.0"
    assert stated["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert stated["softwareType"] == "standalone/web"
    english = stated["description"]["en"]
    assert len(english["shortDescription"]) <= 150
    assert 150 <= len(english["longDescription"]) <= 10_000
    assert english["features"]
    assert stated["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert all(contact["name"] for contact in stated["maintenance"]["contacts"])
    assert stated["localisation"]["availableLanguages"]


def test_the_links_of_every_page_of_prose_lead_somewhere():
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path, text in texts()
        if path.suffix == ".md" and not path.is_relative_to(ROOT / "jurisdictions")
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL))
        if not re.match(r"[a-z]+:|#", target) and not (path.parent / target.partition("#")[0]).exists()
    ]
    assert broken == []
