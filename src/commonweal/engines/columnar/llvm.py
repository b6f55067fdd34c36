"""The main back end: one fused loop of machine code over the column buffers, made by LLVM.

The code is made for a program and for the way its columns lie in memory (the width of the whole
numbers, nulls or none). Loops over members fill small buffers of the row's sums; the loop over the rows
itself is straight and is made to vectors. Division goes through doubles with an exact correction, for there is no
vector division of whole numbers.

llvmlite is optional: without it, this back end is not offered.
"""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from commonweal.engines.columnar.blocks import Answers, Array, Block
from commonweal.engines.columnar.ir import Path
from commonweal.engines.columnar.llvm_text import Assembly, assembly
from commonweal.engines.columnar.lowering.decisions import Lowered

__all__ = ["Machine", "is_available"]

CHUNK: Final = 1024
"""Rows between two visits of the members' loops: their buffers stay in the first cache."""


def is_available() -> bool:
    """Is llvmlite installed?"""
    return find_spec("llvmlite") is not None


class Machine:
    """Runs a program as machine code.

    Args:
        program: The program.
    """

    def __init__(self, program: Lowered) -> None:
        self._program = program
        self._codes: dict[tuple[tuple[Path, str], ...], _Code] = {}

    def run(self, block: Block, answers: Answers) -> Array:
        """Fill the answers; returns the rows that are for the Decimal rows."""
        layout = {path: cells.layout for path, cells in block.cells.items()}
        key = tuple(sorted(layout.items()))
        if key not in self._codes:
            self._codes[key] = _Code(assembly(self._program, layout, CHUNK))
        return self._codes[key].run(block, answers)


class _Code:
    """Machine code for one layout."""

    def __init__(self, made: Assembly) -> None:
        self._made = made
        self._engine = _compiled(made.text)
        address = self._engine.get_function_address("run")
        self._call = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(address)

    def run(self, block: Block, answers: Answers) -> Array:
        fault = np.empty(block.rows, np.uint8)
        kept = [self._buffer(kind, key, block, answers, fault) for kind, key in self._made.pointers]
        pointers = (ctypes.c_void_p * len(kept))(*(array.ctypes.data for array in kept))
        if block.rows:
            self._call(block.rows, pointers)
        found: Array = fault != 0
        return found if block.suspect is None else found | block.suspect

    def _buffer(self, kind: str, key: Any, block: Block, answers: Answers, fault: Array) -> Array:
        found: Array | None = fault
        if kind == "data":
            found = block.cells[key].data
        elif kind == "valid":
            found = block.cells[key].valid
        elif kind == "offsets":
            found = block.offsets[key]
        elif kind == "scratch":
            # Made anew each time: the call lets other threads run, and they may run this program.
            found = np.empty(CHUNK, self._made.scratch[key])
        elif kind == "out":
            found = answers.values[key]
        elif kind == "null":
            found = answers.nulls[key]
        assert found is not None
        return found if found.flags.c_contiguous else np.ascontiguousarray(found)


def _compiled(text: str) -> Any:
    import llvmlite.binding as llvm  # noqa: PLC0415 - optional dependency

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=2
    )
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = True
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine
