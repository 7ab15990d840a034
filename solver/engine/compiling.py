"""The kernel on a machine that never compiled it: a process beside a run makes it ready.

Compiling takes a minute of work in which nothing can look at the clock. Where that is still to be
done, a run leaves it to a process beside and does what it can without the kernel meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def compiling_beside() -> Iterator[Callable[[], bool]]:
    """The kernel is compiled beside what is done within, if it is not yet.

    Gives whether that is over; what is not finished in the end goes on at the next run.
    """
    if compiled():
        yield lambda: True
        return
    process = launch("solver.engine.compiler")
    try:
        yield lambda: process.poll() is not None
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
