"""The search over whole schedules: the relaxation, dives, and re-planning of parts by dives.

A part frees some days of some mediators and holds the rest. Which kind of part is tried next
depends on what each kind has paid so far.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

import numpy as np

from solver.engine.horizon.construct import Roster
from solver.engine.horizon.dive import OFF, OPEN, Generator, whole
from solver.engine.horizon.fixing import Through, look_through
from solver.engine.horizon.pricing import Paths
from solver.engine.horizon.space import Bools, Ints

ROUGH = 0.002
"""What the bound may lack of the relaxation before the first dive, as a share of it."""
CLOSE = 0.02
"""What the bound may lack in the end."""
QUICK = 4
"""Rounds of columns in each step of the first dive."""
COMBINING = 4e6
"""Effort of choosing among the columns at hand, as `mip.solve_mip` has it."""
LEAST_EFFORT = 0.2
LARGE = 1500
"""From so many days of mediators on, dives generate fewer columns a step, to end in time."""


class Host(Protocol):
    """The search that the moves improve a roster for."""

    def over(self) -> bool: ...

    def done(self) -> bool:
        """As `over`, or proven; takes over better rosters of others."""
        ...

    @property
    def roster(self) -> Roster: ...

    @property
    def cost(self) -> int: ...

    def on_bound(self, bound: float) -> None: ...

    def offer(self, chosen: Ints) -> None:
        """Take a legal roster if it is better."""
        ...

    def leave_out(self, useful: Bools, off: Bools) -> None:
        """Hear which options and days off a better roster may still hold."""
        ...

    def finish(self, fixed: Ints) -> bool:
        """Complete what a dive left open as an integer program; whether it was looked at to
        its end."""
        ...


class Columns:
    """Relaxation and dives for a host."""

    def __init__(self, paths: Paths, host: Host, seed: int) -> None:
        self._host = host
        self._space = paths.program.space
        self._random = random.Random(seed)
        self._generator = Generator(paths, seed, host.over, host.on_bound)
        self._cells = self._space.mediators * self._space.days
        self._rounds = 8 if self._cells <= LARGE else 4
        self._leave = 200.0
        """Days a dive leaves open for an integer program."""
        self._through: Through | None = None
        self._paths = paths
        self._round = 0.01 + paths.states / 6e8
        """Effort of one round of columns; one is about a second."""

    def run(self, others: dict[str, Move]) -> None:
        """Until the host is done: `others` are moves of its own."""
        host, generator = self._host, self._generator
        generator.columns_of(self._incumbent())
        sweep = generator.generate(None, rounds=400, target=ROUGH * host.cost)
        generator.master.harden()
        if generator.master.passes_limits():
            sweep = generator.generate(
                None, rounds=400, target=ROUGH * host.cost, centre=generator.root
            )
        if host.done():
            return
        self._learn()
        self._dive(self._open(), rounds=QUICK)
        if sweep.gap > CLOSE and not host.done():
            generator.master.restrict({})
            generator.generate(None, rounds=400, target=CLOSE, centre=generator.root)
            self._learn()
        if not host.done():
            self._look_through()
        moves = {
            **others,
            "people": Move(lambda: self._dive(self._people()), 3.0),
            "ended": Move(self._ended, 5.0),
            "combine": Move(self._combine, 3.0),
            "window": Move(lambda: self._dive(self._window()), 3.0),
            "doubt": Move(lambda: self._dive(self._doubt()), 3.0),
            "dive": Move(lambda: self._dive(self._open()), 30.0),
        }
        while not host.done():
            kinds = list(moves.values())
            move = self._random.choices(kinds, [one.weight for one in kinds])[0]
            before, rounds = host.cost, generator.rounds
            move.run()
            move.note(before - host.cost, self._round * (generator.rounds - rounds))

    def _look_through(self) -> None:
        """Find what each choice adds to the bound: from then on useless ones are left out."""
        root = self._generator.root
        if root is not None:
            self._through = look_through(self._paths, whole(root), self._host.over)
            self._leave_out()

    def _leave_out(self) -> None:
        if self._through is not None:
            useful, off = self._through.useful(self._host.cost)
            self._generator.useful, self._generator.useful_off = useful, off
            self._host.leave_out(useful, off)

    def _learn(self) -> None:
        """Remember what the relaxation thinks of each choice."""
        self._share, self._share_off = self._generator.shares()

    def _incumbent(self) -> list[Ints]:
        return [one for one in self._host.roster.schedules if one is not None]

    # --- what is freed --------------------------------------------------------------------

    def _open(self) -> Ints:
        return np.full((self._space.mediators, self._space.days), OPEN, dtype=np.int64)

    def _around(self, free: Bools) -> Ints:
        """The roster with the days of `free` [mediators, days] open."""
        generator = self._generator
        fixed = np.full(self._cells, OFF, dtype=np.int64)
        useful = generator.useful_off.copy().ravel()
        chosen = self._host.roster.chosen
        fixed[self._space.cell[chosen]] = chosen
        useful[self._space.cell[chosen]] = generator.useful[chosen]
        # What no better roster holds must not be held.
        fixed[free.ravel() | ~useful] = OPEN
        return fixed.reshape(free.shape)

    def _people(self) -> Ints:
        """Some mediators, all their days."""
        space = self._space
        share = self._random.uniform(0.25, 0.8)
        count = min(space.mediators, max(2, round(share * space.mediators)))
        free = np.zeros((space.mediators, space.days), dtype=bool)
        free[self._random.sample(range(space.mediators), count)] = True
        return self._around(free)

    def _window(self) -> Ints:
        """Some weeks of everyone."""
        space = self._space
        length = max(2, round(self._random.uniform(0.2, 0.6) * space.days))
        first = self._random.randrange(-length // 2, space.days - length // 2)
        free = np.zeros((space.mediators, space.days), dtype=bool)
        free[:, max(0, first) : first + length] = True
        return self._around(free)

    def _doubt(self) -> Ints:
        """The days that the relaxation would rather have otherwise, and some about them."""
        space = self._space
        liked = self._share_off.copy().ravel()
        chosen = self._host.roster.chosen
        liked[space.cell[chosen]] = self._share[chosen]
        free = liked.reshape(self._share_off.shape) < self._random.uniform(0.1, 0.9)
        if self._random.random() < 0.5:
            free[:, 1:] |= free[:, :-1]
        noise = np.array([self._random.random() for _ in range(space.mediators)])
        free[noise < 0.1] = True
        return self._around(free)

    # --- dives ----------------------------------------------------------------------------

    def _dive(self, start: Ints, leave: float = 0.0, rounds: int | None = None) -> None:
        """A dive from `start`; its last `leave` open days by an integer program."""
        generator = self._generator
        generator.trim(generator.columns_of(self._incumbent()))
        fixed = generator.dive(
            start, self._host.cost, leave=round(leave), rounds=rounds or self._rounds
        )
        if fixed is None:
            return
        if (fixed == OPEN).any():
            finished = self._host.finish(fixed)
            most = 0.5 * self._cells
            self._leave = min(most, self._leave * 1.2) if finished else self._leave * 0.85
        else:
            self._host.offer(np.sort(fixed[fixed >= 0]))
        self._leave_out()

    def _combine(self) -> None:
        chosen = self._generator.combine(self._host.cost, COMBINING)
        if chosen is not None:
            self._host.offer(chosen)
            self._leave_out()

    def _ended(self) -> None:
        starts: list[Callable[[], Ints]] = [self._people, self._window, self._doubt]
        self._dive(self._random.choice(starts)(), self._leave)


class Move:
    """A kind of move and what it has paid for its effort, older gains counting less.

    Effort is counted, not measured by the clock: the same seed makes the same choices.
    """

    def __init__(self, run: Callable[[], None], effort: float) -> None:
        self.run = run
        self._gain = 1.0
        self._spent = effort

    @property
    def weight(self) -> float:
        return self._gain / self._spent

    def note(self, gain: int, effort: float) -> None:
        """Without rounds of columns the effort is about one. None is for nothing."""
        self._gain = 0.9 * self._gain + (1.0 if gain > 0 else 0.02)
        self._spent = 0.9 * self._spent + max(LEAST_EFFORT, effort or 1.0)
