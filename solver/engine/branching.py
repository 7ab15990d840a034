"""One office as an integer program: what its bound gains when presence is whole.

The joint bound splits exactly by office once mediators of several offices are detached
(`OfficeProgram`): an office's part is its constant and its own mediators' cheapest plans. A
proven bound of its integer program may take that part's place. Choices that no roster cheaper
than the best known could contain are left out, by their cheapest plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import highspy
import numpy as np

from solver.engine.board import Instance
from solver.engine.clock import Clock
from solver.engine.duals import Duals
from solver.engine.office_program import OfficeProgram
from solver.engine.program import limit_work, new_highs, proven_bound
from solver.engine.separation import insert_set, violated_sets
from solver.engine.skill_days import SkillDay

TOLERANCE = 1e-5
"""Relative slack given to a bound that rests on the solver's tolerances."""


def own_part(instance: Instance, duals: Duals, office: int) -> float:
    """The joint bound's part of an office: its constant and its own mediators' plans."""
    part = duals.constant[office]
    for mediator, choices in enumerate(instance.choices):
        if (choices.office == office).any() and not _elsewhere(choices.office, office):
            part += instance.plans[mediator].best(duals.values(mediator))[0]
    return part


def _elsewhere(offices: np.ndarray, office: int) -> bool:
    return bool(((offices >= 0) & (offices != office)).any())


class OfficeGains:
    """How far an office's integer program raises its part of the joint bound.

    `room` is the distance from the joint bound to the best roster; no gain beyond it is
    claimed. `sets` are the Hall sets to begin with.
    """

    def __init__(
        self,
        instance: Instance,
        office: int,
        duals: Duals,
        tables: list[SkillDay],
        sets: dict[int, list[int]],
        room: float,
    ) -> None:
        self._part = own_part(instance, duals, office)
        self._room = room
        self._program = OfficeProgram(
            instance, office, duals, tables, sets, window=room + 1.0, detached=True, integral=True
        )
        self.solved = False

    def gains(self, work: float, clock: Clock, heard: Callable[[float], None]) -> Iterator[float]:
        """The gain, again and again, never falling, within an effort of `work` a program.

        `heard` is told of gains while a program is still being solved.
        """
        highs = new_highs(clock, 0)
        self._program.program.load(highs)
        limit_work(highs, work)
        best = 0.0

        def listen(event: highspy.HighsCallbackEvent) -> None:
            if (gain := self._gain_of(event.data_out.mip_dual_bound)) > best:
                heard(gain)

        highs.cbMipInterrupt += listen
        while not clock.over():
            highs.run()
            if (bound := proven_bound(highs)) is not None:
                best = max(best, self._gain_of(bound))
            yield best
            if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return
            cuts = violated_sets(self._program, np.array(highs.getSolution().col_value))
            for cell, chosen in cuts:
                insert_set(self._program, highs, cell, chosen)
            if not cuts:
                self.solved = True
                return

    def _gain_of(self, bound: float) -> float:
        if not math.isfinite(bound):
            return 0.0
        gain = bound - TOLERANCE * max(1.0, abs(bound)) - self._part
        return min(gain, self._room)
