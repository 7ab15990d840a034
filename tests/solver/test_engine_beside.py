"""Processes beside a run: what they are told, however slow they are to read it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from network_problem import network

from solver.engine import companion
from solver.engine.companion import Companion
from solver.engine.horizon import team
from solver.engine.horizon.messages import Found
from solver.engine.horizon.team import Team
from solver.problem import Assignment

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
