"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from commonweal.engines import feel

MODULES = [
    feel.__name__,
    *(module.name for module in pkgutil.walk_packages(feel.__path__, "commonweal.engines.feel.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
