"""What a run does without the compiled kernel, and where the process beside is slow to speak."""

from __future__ import annotations

import os
import shutil
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
from solver.engine.kernel import folder_of_compiled
from solver.result import Status

engine = import_module("solver.engine.solve")
ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "solver" / "engine" / "kernel"


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
    ask = (
        "from numba.core import config; from solver.engine import compiling;"
        "print(compiling.compiled(), config.CACHE_DIR)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (own,) = (one for one in tmp_path.iterdir() if one.name.startswith("numba-"))
    assert asked.stdout == f"False {own}\n"


@pytest.mark.parametrize("told", [True, False])
def test_other_sources_have_another_folder_of_compiled_code(tmp_path: Path, told: bool) -> None:
    """numba would take a caller's old machine code where only what it calls has changed."""
    sources, given = tmp_path / "kernel", tmp_path / "cache"
    shutil.copytree(KERNEL, sources, ignore=shutil.ignore_patterns("__pycache__"))
    kept = given if told else sources / "__pycache__"
    (kept / "numba-theirs").mkdir(parents=True)
    before = folder_of_compiled(sources, str(given) if told else "")
    assert before is not None
    assert before == folder_of_compiled(sources, str(given) if told else "")
    (before / "crowd.move.nbi").touch()
    with open(sources / "crowd.py", "a") as file:
        file.write("# other\n")
    after = folder_of_compiled(sources, str(given) if told else "")
    assert after is not None
    assert before.parent == after.parent == kept
    left = {before.name} if told else set()
    assert {one.name for one in kept.iterdir()} == {after.name, "numba-theirs", *left}
    assert before != after
    assert not list(after.iterdir())


def test_compiled_code_where_others_keep_theirs_goes_when_none_has_used_it(tmp_path: Path) -> None:
    sources, given = tmp_path / "kernel", tmp_path / "cache"
    sources.mkdir()
    own = folder_of_compiled(sources, str(given))
    assert own is not None
    used, unused, strange = (given / f"numba-{one}" for one in ("0" * 16, "1" * 16, "theirs"))
    now = time.time()
    for folder, days in ((used, 29), (unused, 31), (strange, 31), (own, 31)):
        folder.mkdir(exist_ok=True)
        os.utime(folder, (now - days * 86400,) * 2)
    assert folder_of_compiled(sources, str(given)) == own
    assert {*given.iterdir()} == {own, used, strange}
    assert own.stat().st_mtime >= now - 86400


def test_where_the_folder_told_cannot_be_written_another_is_taken(tmp_path: Path) -> None:
    sources, given = tmp_path / "kernel", tmp_path / "a file"
    sources.mkdir()
    given.touch()
    own = folder_of_compiled(sources, str(given))
    assert own is not None
    assert own.parent == sources / "__pycache__"
    shutil.rmtree(own.parent)
    own.parent.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
        own = folder_of_compiled(sources, "")
        assert own is not None
        assert own.parent == tmp_path / "home" / "numba"
        patch.setenv("XDG_CACHE_HOME", str(given))
        assert folder_of_compiled(sources, "") is None


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
