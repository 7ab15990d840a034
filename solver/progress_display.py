"""How a run of the solver is shown on stderr: a line per improvement, a bar on a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Never

from tqdm import tqdm

from solver.result import Progress, gap

TICK = 0.5
"""Seconds between two moves of the bar."""


class ProgressDisplay:
    """Shows each better cost or bound. `lines` asks for a line each; a terminal gets a bar."""

    def __init__(self, time_limit: float, *, lines: bool) -> None:
        self._lines = lines
        self._best: tuple[int | None, int | None] = (None, None)
        self._bar: tqdm[Never] | None = None
        self._began = time.monotonic()
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=round(time_limit, 1),
                unit="s",
                bar_format="{l_bar}{bar}| {n:.0f}/{total:.0f} s{postfix}",
                leave=False,
            )

    def __enter__(self) -> ProgressDisplay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Hear of an improvement."""
        if self._bar is not None:
            self._bar.set_postfix_str(figures(progress.cost, progress.bound), refresh=False)
            self._move_to(progress.seconds)
        now = (progress.cost, progress.bound)
        if now == self._best:
            return
        self._best = now
        if self._lines:
            tqdm.write(line_of(progress), file=sys.stderr)

    def tick(self) -> None:
        """Move the bar with the time, also while nothing better is found."""
        seconds = time.monotonic() - self._began
        if self._bar is not None and seconds - self._bar.n >= TICK:
            self._move_to(seconds)

    def _move_to(self, seconds: float) -> None:
        if self._bar is not None:
            self._bar.n = min(seconds, self._bar.total or 0)
            self._bar.refresh()


def line_of(progress: Progress) -> str:
    return (
        f"{progress.seconds:8.1f} s  {progress.step:12}  {figures(progress.cost, progress.bound)}"
    )


def figures(cost: int | None, bound: int | None) -> str:
    """Cost, bound and gap, a dash for what is not known yet."""
    share = gap(cost, bound)
    shown = "-" if share is None else f"{100 * share:.2f} %"
    return f"cost {_or_dash(cost)}  bound {_or_dash(bound)}  gap {shown}"


def _or_dash(value: int | None) -> str:
    return "-" if value is None else str(value)
