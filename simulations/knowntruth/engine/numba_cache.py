"""Typed decorators that compile loops with numba. Compiled code is cached on disk and reused by later runs."""

from collections.abc import Callable
from typing import Any, cast

import numba


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile ``function`` to machine code at its first call.

    Floating-point arithmetic keeps IEEE order (no ``fastmath``), so the same seed gives the same bytes.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Compile a small ``function`` inline into the compiled loop that calls it."""
    return cast(F, numba.njit(cache=True, inline="always", error_model="numpy")(function))
