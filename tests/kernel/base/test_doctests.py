"""What the docstrings of base show is what happens."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from commonweal.kernel import base
from commonweal.kernel.base.registry import Registry

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(base.__path__, f"{base.__name__}.")
    if ".migrations" not in module.name
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "every", list(Registry.every))  # one of the examples is a plug-in point
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
