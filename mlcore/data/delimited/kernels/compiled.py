"""Functions compiled to machine code, and the few instructions they use that look at many bytes at once.

What numba keeps on disk is renewed when the file of a function changes, not when one it imports from does: who changes
an instruction here changes the version of every module of kernels too, or empties `__pycache__`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
Array = NDArray[Any]

AT_ONCE = 32
"""Bytes that `marked` and `beyond_ascii` look at: they must be there."""


class Cells(NamedTuple):
    """One column of a block: its bytes, and where each cell starts and ends."""

    data: Array
    starts: Array
    ends: Array


def compiled(function: F) -> F:
    """Compiled on first call; kept on disk for the next process where a folder can be written."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to keep it in
        return cast(F, numba.njit(nogil=True)(function))


def inlined(function: F) -> F:
    """Compiled into whatever calls it: handing over an array would cost two atomic counts, more than most cells do."""
    return cast(F, numba.njit(nogil=True, forceinline=True)(function))


def _instruction(function: F) -> Callable[..., Any]:
    return cast(Callable[..., Any], intrinsic(function))


def _bytes(context: Any, builder: Any, kind: Any, data: Any, place: Any, shape: Any) -> Any:
    """The bytes from `place` on, as a number or vector of this shape."""
    start = builder.gep(context.make_array(kind)(context, builder, data).data, [place])
    return builder.load(builder.bitcast(start, shape.as_pointer()), align=1)


def _every(builder: Any, letter: Any) -> Any:
    """A vector with this byte in all places."""
    shape = ir.VectorType(ir.IntType(8), AT_ONCE)
    one = builder.insert_element(ir.Constant(shape, ir.Undefined), letter, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), AT_ONCE), [0] * AT_ONCE)
    return builder.shuffle_vector(one, ir.Constant(shape, ir.Undefined), mask)


def _as_bits(builder: Any, found: Any) -> Any:
    return builder.zext(builder.bitcast(found, ir.IntType(AT_ONCE)), ir.IntType(64))


@_instruction
def eight(_: Any, data: Any, _place: Any) -> Any:
    """Eight bytes from `place` on as a number, the first one lowest."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return _bytes(context, builder, signature.args[0], given[0], given[1], ir.IntType(64))

    return types.uint64(data, types.int64), code


@_instruction
def marked(_: Any, data: Any, _place: Any, _one: Any, _other: Any, _third: Any) -> Any:
    """Which of the next bytes are one of these three: a bit each, the first one lowest."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        shape = ir.VectorType(ir.IntType(8), AT_ONCE)
        held = _bytes(context, builder, signature.args[0], given[0], given[1], shape)
        same = [builder.icmp_unsigned("==", held, _every(builder, letter)) for letter in given[2:]]
        return _as_bits(builder, builder.or_(builder.or_(same[0], same[1]), same[2]))

    return types.int64(data, types.int64, types.uint8, types.uint8, types.uint8), code


@_instruction
def beyond_ascii(_: Any, data: Any, _place: Any) -> Any:
    """Which of the next bytes are beyond ASCII: a bit each, the first one lowest."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        shape = ir.VectorType(ir.IntType(8), AT_ONCE)
        held = _bytes(context, builder, signature.args[0], given[0], given[1], shape)
        return _as_bits(builder, builder.icmp_signed("<", held, ir.Constant(shape, [0] * AT_ONCE)))

    return types.int64(data, types.int64), code


@_instruction
def lowest(_: Any, _bits: Any) -> Any:
    """The place of the lowest bit that is set; some must be."""

    def code(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], cgutils.true_bit)

    return types.int64(types.int64), code
