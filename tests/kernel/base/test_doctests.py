"""What the docstrings of base show is what happens."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from commonweal.kernel import base

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(base.__path__, f"{base.__name__}.")
    if ".migrations" not in module.name
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
