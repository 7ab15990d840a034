"""How the kernel's functions are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compiled on first use and kept; for functions that allocate nothing.

    Without reference counts, which took a third of the time.
    """
    return cast(Function, njit(cache=True, _nrt=False)(function))  # type: ignore[call-overload]


def inlined(function: Function) -> Function:
    """The same, laid into its callers: they need not hand over their arrays one by one."""
    options: dict[str, Any] = {"cache": True, "forceinline": True, "_nrt": False}
    return cast(Function, njit(**options)(function))


def allocating(function: Function) -> Function:
    """Compiled and kept; may make arrays."""
    return cast(Function, njit(cache=True)(function))
