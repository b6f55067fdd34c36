"""Syntax tree to closures: the modules of this package each compile a family of nodes."""

from __future__ import annotations

from commonweal.engines.feel.compiling import access, calls, iterations, literals, operators, testing
from commonweal.engines.feel.compiling.compiler import Code, Compiler

__all__ = ["Code", "Compiler"]

_FAMILIES = (access, calls, iterations, literals, operators, testing)
