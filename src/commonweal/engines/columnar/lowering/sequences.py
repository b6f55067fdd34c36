"""Any symbol as a list, and the way through a list of a known length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering.work import Work
from commonweal.engines.columnar.symbols import Constant, Items, Members, Symbol

__all__ = ["LONGEST_UNROLLED", "as_list", "elements_of"]

LONGEST_UNROLLED: Final = 256


def as_list(symbol: Symbol, work: Work) -> Items | Members:
    """A symbol as a list; a single value is a list of one.

    Raises:
        Refusal: It is a list with too many constants.
    """
    if isinstance(symbol, Members | Items):
        return symbol
    if isinstance(symbol, Constant) and isinstance(symbol.value, list):
        if len(symbol.value) > LONGEST_UNROLLED:
            raise Refusal(f"a loop over {len(symbol.value)} constants")
        return Items(tuple((work.b.true, Constant(element)) for element in symbol.value))
    return Items(((work.b.true, symbol),))


def elements_of(items: Items, work: Work) -> Iterator[tuple[Node, Symbol]]:
    """The elements, each looked at only where it is there."""
    for present, element in items.entries:
        with work.under(present):
            yield present, element
