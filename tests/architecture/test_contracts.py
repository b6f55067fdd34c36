"""Our own import contract catches what it is there to catch; the real tree keeps every contract."""

from __future__ import annotations

import logging.config
import sys

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports
from tests.architecture.tree import ROOT
from tools.contracts import PublicDoors


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Write modules of a house that exists only for this test; returns its name."""

    def build(modules):
        for name, text in modules.items():
            path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            for parent in path.parents:
                if parent == tmp_path:
                    break
                (parent / "__init__.py").touch()
            path.write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.chdir(tmp_path)
        return "toyhouse"

    yield build
    for name in [name for name in sys.modules if name.partition(".")[0] == "toyhouse"]:
        del sys.modules[name]


def found(name):
    contract = PublicDoors(
        name="doors",
        session_options={"root_package": name},
        contract_options={
            "floors": [f"{name}.kernel", f"{name}.domains"],
            "doors": ["actions", "queries"],
            "open_apps": [f"{name}.kernel.base"],
        },
    )
    check = contract.check(grimp.build_graph(name, cache_dir=None), verbose=False)
    assert check.kept is not bool(check.metadata["wrong"])
    return sorted((wrong["importer"], wrong["imported"]) for wrong in check.metadata["wrong"])


def test_every_import_contract_is_kept(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    # it would switch off every logger that this process has, and with them the tests of what is logged
    monkeypatch.setattr(logging.config, "dictConfig", lambda config: None)
    status = lint_imports(no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_public_modules_may_be_imported(house):
    name = house(
        {
            "toyhouse.kernel.people.actions": "",
            "toyhouse.kernel.people.queries.lists": "",
            "toyhouse.kernel.base.pages": "",
            "toyhouse.kernel.cases.actions": "import toyhouse.kernel.people.actions, toyhouse.kernel.base.pages\n"
            "import toyhouse.kernel.people.queries.lists",
            "toyhouse.project.urls": "import toyhouse.kernel.cases.views",
            "toyhouse.kernel.cases.views": "import toyhouse.kernel.cases.actions",
        }
    )
    assert found(name) == []


@pytest.mark.parametrize(
    "target",
    [
        "toyhouse.kernel.people.models",
        "toyhouse.kernel.people.queries._private",
        "toyhouse.kernel.base._private",
        "toyhouse.kernel.people",
    ],
)
def test_other_modules_may_not_be_imported(house, target):
    name = house(
        {
            "toyhouse.kernel.people.models": "",
            "toyhouse.kernel.people.queries._private": "",
            "toyhouse.kernel.base._private": "",
            "toyhouse.domains.city.actions": f"import {target}",
        }
    )
    assert found(name) == [("toyhouse.domains.city.actions", target)]


def test_type_hints_may_name_anything(house):
    name = house(
        {
            "toyhouse.kernel.people.models": "",
            "toyhouse.domains.city.actions": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    import toyhouse.kernel.people.models",
        }
    )
    assert found(name) == []
