"""Every plug-in point and every setting is documented, and nothing else is."""

from __future__ import annotations

import json
import re

from django.conf import settings
from tests.architecture.tree import ROOT, SOURCE

from commonweal.kernel.base.registry import Registry

COMMENTED = re.compile(r"^\| `([\w.]+)`", re.MULTILINE)
READ = re.compile(
    r'(?:env\.(?:text|flag|number|words|moment)|os\.environ(?:\.get)?)[\(\[]\s*"(COMMONWEAL_\w+)"'
)
# Variables that one process hands to another, or that tools and tests read; people do not set them.
BETWEEN_PROCESSES = {"COMMONWEAL_DEMO_HOME", "COMMONWEAL_SUITES"}


def documented(page: str) -> list[str]:
    return COMMENTED.findall((ROOT / "docs/reference" / page).read_text())


def test_every_plug_in_point_is_documented() -> None:
    points = {registry.name for registry in Registry.every if "." in registry.name}
    written = set(re.findall(r'Registry\("([a-z_]+\.[a-z_]+)"\)', _source())) - {
        "mailbox.channel"
    }  # an example
    assert points >= written
    assert sorted(written) == documented("plug-ins.md")


def _source() -> str:
    return "\n".join(path.read_text() for path in sorted(SOURCE.rglob("*.py")))


def test_every_variable_that_is_read_is_documented() -> None:
    read = set(READ.findall(_source())) - BETWEEN_PROCESSES
    assert len(read) > 20
    assert sorted(read) == sorted(documented("settings.md"))


def test_every_setting_of_ours_comes_from_a_documented_variable() -> None:
    ours = {name for name in dir(settings) if name.startswith("COMMONWEAL_")}
    assert ours - set(documented("settings.md")) == set()


def test_every_list_with_a_cursor_is_documented() -> None:
    paths = json.loads((ROOT / "docs/reference/openapi.json").read_text())["paths"]
    paged = {
        path.removeprefix("/api/v1")
        for path, methods in paths.items()
        if "cursor" in {each["name"] for each in methods.get("get", {}).get("parameters", [])}
    }
    guide = (ROOT / "docs/guides/api.md").read_text()
    told = guide.partition("Lists that grow without end")[2].partition("The others end")[0]
    assert sorted(re.findall(r"`(/[^`]+)`", told)) == sorted(paged)
