"""Processes beside a run: what they are told, however slow they read it, and what they tell."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from network_problem import network

from solver.check import check
from solver.engine import companion
from solver.engine.beside import read_frame, write_frame
from solver.engine.board import Instance, assignments_of
from solver.engine.companion import Companion, ReducedCosts
from solver.engine.first_roster import greedy_plans
from solver.engine.horizon import team
from solver.engine.horizon.messages import Found
from solver.engine.horizon.team import Team
from solver.problem import Assignment

engine = import_module("solver.engine.solve")
LONG = 200


def standing_in(program: str) -> Any:
    """Starts this program where a search would be started."""

    def launch(*_: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-u", "-c", program]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    return launch


DEAF = f"import time; time.sleep({LONG})"
ECHO = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer, 1)"


def test_a_search_that_does_not_read_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "launch", standing_in(DEAF))
    several = Team(network(offices=1, people=2), None, LONG, 2, 0)
    roster = tuple(Assignment(f"m{index}", f"s{index}") for index in range(50_000))
    told = threading.Thread(target=several._tell_others, args=(0, Found(roster, 1, "")))
    told.start()
    told.join(LONG / 4)  # no more than a handing over, unless it waits for the one who sleeps
    waits = told.is_alive()
    several.end()
    assert not waits


@pytest.mark.parametrize("module", [companion, team])
def test_what_a_process_takes_to_start_is_of_the_runs_time(
    monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    monkeypatch.setattr(module, "launch", standing_in(ECHO))
    problem = network(offices=1, people=2)
    before = time.monotonic()
    if module is companion:
        beside = Companion(problem, LONG, 0)
        task: Any = beside._news.get(timeout=LONG)
    else:
        beside = Team(problem, None, LONG, 1, 0)  # type: ignore[assignment]
        task = beside._messages.get(timeout=LONG)[1]  # type: ignore[attr-defined]
    after = time.monotonic()
    beside.end()
    assert before + LONG <= task.until <= after + LONG


def test_the_process_beside_tells_the_search_what_to_lean_on() -> None:
    problem = network(offices=1, people=2)
    instance = Instance.of(problem)
    plans = greedy_plans(instance, None)
    assert plans is not None
    beside = Companion(problem, LONG, 0)
    try:
        beside.tell(plans, check(problem, assignments_of(instance, list(plans))).cost)
        told: Any = None
        while not isinstance(told, ReducedCosts):
            told = beside._news.get(timeout=LONG)
    finally:
        beside.end()
    assert len(told.of_choices) == sum(len(choices) for choices in instance.choices)
    assert told.of_choices.min() == 0


def test_a_large_array_comes_as_it_was_sent_and_a_torn_message_not_at_all() -> None:
    stream = io.BytesIO()
    sent = ReducedCosts(np.arange(50_000, dtype=np.float32))
    write_frame(stream, sent)
    whole = stream.getvalue()
    read = read_frame(io.BytesIO(whole))
    assert (read.of_choices == sent.of_choices).all()
    for size in (0, 7, 8, 500, len(whole) - 1):
        assert read_frame(io.BytesIO(whole[:size])) is None


def test_a_search_leans_on_what_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the process beside it, while it searches."""
    problem = network(offices=2, people=12)
    leant: list[Any] = []
    monkeypatch.setattr(engine.Search, "lean", lambda _, costs: leant.append(costs))
    engine.solve(problem, time_limit=LONG, workers=2, should_stop=lambda: bool(leant))
    assert len(leant) == 1
