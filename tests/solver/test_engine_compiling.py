"""What a run does without the compiled kernel, and where the process beside is slow to speak."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from network_problem import network
from test_engine_stop import Ticking

from solver.check import check
from solver.engine import clock, compiling, first_roster, pricing, search, solve
from solver.result import Status

engine = import_module("solver.engine.solve")
ROOT = Path(__file__).parents[2]


def compiled_at(look: float) -> Callable[[], Any]:
    """Stands for a machine where the kernel is compiled at the look of that number."""

    def beside() -> Callable[[], bool]:
        looks = iter(range(10**9))
        return lambda: next(looks) >= look

    return beside


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds go by with each look at the clock, so that a busy machine changes nothing."""
    monkeypatch.setattr(clock, "time", Ticking(0.2))


@pytest.mark.usefixtures("ticking")
def test_a_run_that_the_kernel_is_not_ready_for_ends_in_time_with_a_roster_and_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "compiling_beside", compiled_at(float("inf")))
    for module, name in (
        (first_roster, "best_plan"), (pricing, "best_plans"), (search, "anneal"),
    ):  # fmt: skip
        monkeypatch.delattr(module, name)
    problem = network(offices=2, people=8)
    result = solve(problem, time_limit=1500)
    judged = check(problem, result)
    assert (result.status, judged.violations) == (Status.FEASIBLE, ())
    assert judged.cost == result.cost
    assert 0 < (result.bound or 0) <= judged.cost


@pytest.mark.parametrize("look", [1, 5, 40])
def test_a_kernel_that_is_compiled_late_changes_no_roster(
    monkeypatch: pytest.MonkeyPatch, look: int
) -> None:
    problem = network(offices=2, people=6)
    at_once = solve(problem, seed=4, steps=300)
    monkeypatch.setattr(engine, "compiling_beside", compiled_at(look))
    assert solve(problem, seed=4, steps=300).assignments == at_once.assignments


def test_the_kernel_is_at_hand_where_it_was_called_and_not_where_none_was_kept(
    tmp_path: Path,
) -> None:
    assert compiling.compiled()
    asked = subprocess.run(
        [sys.executable, "-c", "from solver.engine import compiling; print(compiling.compiled())"],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert asked.stdout == "False\n"


def test_the_process_beside_compiles_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it finds the kernel kept, as any run after this one will; a run that ends before it
    leaves it at work, and the next waits for the same one."""
    started = []

    def launch(*arguments: str) -> subprocess.Popen[bytes]:
        started.append(real(*arguments))
        return started[-1]

    real = compiling.launch
    monkeypatch.setattr(compiling, "launch", launch)
    monkeypatch.setattr(compiling, "compiled", lambda: False)
    monkeypatch.setattr(compiling, "_begun", [])
    first, second = compiling.compiling_beside(), compiling.compiling_beside()
    while not second():
        time.sleep(0.05)
    assert first()
    assert [one.returncode for one in started] == [0]


class Silent:
    """A process beside that is so slow that it never says anything."""

    def __init__(self, *_: Any) -> None: ...

    def tell(self, *_: Any) -> None: ...

    def news(self) -> list[Any]:
        return []

    def end(self) -> None: ...


@pytest.mark.usefixtures("ticking")
def test_where_the_process_beside_says_nothing_there_is_a_bound_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "Companion", Silent)
    result = solve(network(offices=2, people=8), time_limit=2000, workers=2)
    assert 0 < (result.bound or 0) <= (result.cost or 0)
