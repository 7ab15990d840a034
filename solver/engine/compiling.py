"""The kernel on a machine that never compiled it: a process beside a run makes it ready.

Compiling takes a minute of work in which nothing can look at the clock. Where that is still to be
done, a run leaves it to a process beside and does what it can without the kernel meanwhile.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

from solver.engine.beside import launch
from solver.engine.kernel import anneal, reply

WEEKS: tuple[Any, ...] = (
    anneal.anneal,
    anneal.put,
    anneal.restore,
    anneal.seed_randomness,
    anneal.settle,
    reply.best_plan,
    reply.best_plans,
    reply.give,
    reply.price_choices,
)
"""What the engine for weeks calls of the kernel."""


def compiled() -> bool:
    """Whether what weeks need is in this process, or kept on disk for this kind of machine."""
    return all(_at_hand(function) for function in WEEKS)


def _at_hand(function: Any) -> bool:
    if function.signatures:
        return True
    # numba says whether a kept copy is still good only where it is called; its index knows.
    machine = function.targetctx.codegen().magic_tuple()
    return any(key[1] == machine for key in function._cache._cache_file._load_index())


_begun: list[subprocess.Popen[bytes]] = []
"""The compiler that this process began last. It goes on when a run ends before it, since of a
function half compiled nothing is kept; it ends with this process."""


def compiling_beside() -> Callable[[], bool]:
    """Have the kernel compiled beside, if it is not yet; gives whether that is over."""
    if compiled():
        return lambda: True
    if not _begun or _begun[-1].poll() is not None:
        _begun[:] = [launch("solver.engine.compiler")]
    process = _begun[-1]
    return lambda: process.poll() is not None
