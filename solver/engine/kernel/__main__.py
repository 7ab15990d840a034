"""Compile the kernel before its first use."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from solver.engine.board import Instance
from solver.engine.clock import Clock
from solver.engine.first_roster import greedy_plans
from solver.engine.horizon.fixing import look_through
from solver.engine.horizon.pricing import Paths
from solver.engine.horizon.program import Program
from solver.engine.kernel.layout import make_layout
from solver.engine.pricing import Pricing
from solver.engine.search import Search
from solver.problem import (
    Costs,
    Day,
    History,
    Mediator,
    Office,
    Problem,
    Requirement,
    Shift,
    Unsocial,
    WeekLimits,
)


def _smallest() -> Problem:
    """One mediator, one shift, and a need for them."""
    mediator = Mediator(
        id="m",
        skills={"lang:uk": None},
        offices={"o": 0},
        unavailable=(),
        busy=(),
        shift_slots=(1, 1),
        max_day_slots=1,
        weeks=(WeekLimits(0, 1, 1),),
        min_rest_slots=0,
        max_consecutive_days=1,
        history=History(None, 0),
        wishes=(),
        unsocial=Unsocial(0, 0),
    )
    return Problem(
        name="smallest",
        slot_minutes=60,
        days=(Day("2026-01-05", 0, 24),),
        weeks=((0,),),
        offices=(Office("o", None),),
        shifts=(Shift("s", "o", 0, 9, 10, (), False),),
        mediators=(mediator,),
        requirements=(Requirement("r", "o", 9, 10, ("lang:uk",), 1, 0, 1, 1, True),),
        locked=(),
        previous=None,
        costs=Costs(0, 0),
    )


def warm_weeks() -> None:
    """Call every function that weeks need once: compile it, or load it into this process."""
    instance = Instance.of(_smallest())
    layout = make_layout(instance)
    plans = greedy_plans(instance, layout)
    if plans is None:
        sys.exit("the kernel's own example found no roster")
    search = Search(instance, plans, layout=layout)
    search.settle(Clock(60))
    search.anneal(1, 1.0)
    search.restart_from_best()
    Pricing(instance).step(1.0)


def warm_long_horizons() -> None:
    """The same for long horizons."""
    paths = Paths(Program(_smallest()))
    none = np.zeros(0, dtype=np.int64)
    capacity = np.zeros(len(paths.program.demand.points), dtype=np.int64)
    look_through(paths, (none, capacity, none), lambda: False)


def main() -> None:
    began = time.monotonic()
    with ProcessPoolExecutor(2) as pool:
        for done in (pool.submit(warm_weeks), pool.submit(warm_long_horizons)):
            done.result()
    sys.stderr.write(f"solver: inner loops compiled in {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
