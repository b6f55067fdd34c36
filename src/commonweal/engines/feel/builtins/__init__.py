"""The built-in functions, one module a family.

Source: DMN 1.5, 10.3.4.
"""

from __future__ import annotations

from commonweal.engines.feel.builtins import (
    booleans,
    contexts,
    conversion,
    lists,
    numeric,
    ranges,
    strings,
    temporal,
)
from commonweal.engines.feel.builtins.registry import FUNCTIONS, Builtin, Signature

__all__ = ["FUNCTIONS", "Builtin", "Signature"]

_FAMILIES = (booleans, contexts, conversion, lists, numeric, ranges, strings, temporal)
