"""Other solvers set on the same problem for the same time: plain CP-SAT, and Timefold.

Each has the time once its model stands, so that what it takes to state the problem (for
Timefold a Java machine and a translation as well) counts against nobody. Timefold's free edition
searches with one thread. Its roster is judged by the project's own judge, since what it calls
feasible is by its own rules.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from plain_cpsat import solve_plainly
from timefold_choices import facts_of, roster_of

from solver.check import check
from solver.problem import Problem

TIMEFOLD_NEEDS = (
    "The comparison with Timefold needs the packages of requirements/bench.txt and a Java of at "
    "least 17, found by JAVA_HOME or on the PATH."
)


@dataclass(frozen=True)
class Beside:
    """What another solver reached; None where it found nothing."""

    cost: int | None
    violations: int = 0


def plainly(problem: Problem, seconds: float, workers: int, seed: int) -> Beside:
    return Beside(solve_plainly(problem, seconds, workers, seed).cost)


def by_timefold(problem: Problem, seconds: float, workers: int, seed: int) -> Beside:
    # A Java machine is not for a process that forks, and each problem is to meet a fresh one.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as child:
        chosen = child.submit(_in_timefold, problem, seconds, seed).result()
    judgement = check(problem, roster_of(chosen))
    return Beside(judgement.cost, len(judgement.violations))


def _in_timefold(problem: Problem, seconds: float, seed: int) -> tuple[tuple[str, str], ...]:
    from timefold_model import solve_by_timefold

    return solve_by_timefold(facts_of(problem), seconds, seed)


def timefold_is_there() -> bool:
    """Whether Timefold's package and a Java that it runs on are installed."""
    if importlib.util.find_spec("timefold") is None:
        return False
    from _jpyinterpreter import InvalidJVMVersionError

    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as child:
        try:
            child.submit(_start_java).result()
        except InvalidJVMVersionError:
            return False
    return True


def _start_java() -> None:
    from timefold.solver import init

    init()


SOLVERS: dict[str, Callable[[Problem, float, int, int], Beside]] = {
    "plain": plainly,
    "timefold": by_timefold,
}
