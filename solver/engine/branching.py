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
from solver.engine.program import new_highs
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


def office_gains(
    instance: Instance,
    office: int,
    duals: Duals,
    tables: list[SkillDay],
    sets: dict[int, list[int]],
    room: float,
    seconds: float,
    clock: Clock,
    heard: Callable[[float], None],
) -> Iterator[float]:
    """How far the office's integer program raises its part, again and again, never falling.

    `room` is the distance from the joint bound to the best roster; no gain beyond it is
    claimed. `sets` are the Hall sets to begin with. `heard` is told of gains while a program
    is still being solved.
    """
    part = own_part(instance, duals, office)
    program = OfficeProgram(
        instance, office, duals, tables, sets, window=room + 1.0, detached=True, integral=True
    )
    pause = Clock(min(seconds, clock.left), clock.over)
    highs = new_highs(pause, 0)
    program.program.load(highs)
    best = 0.0

    def gain_of(bound: float) -> float:
        gain = bound - TOLERANCE * max(1.0, abs(bound)) - part
        return min(gain, room) if math.isfinite(bound) else 0.0

    def listen(event: highspy.HighsCallbackEvent) -> None:
        if (gain := gain_of(event.data_out.mip_dual_bound)) > best:
            heard(gain)

    highs.cbMipInterrupt += listen
    while not pause.over():
        highs.run()
        best = max(best, gain_of(highs.getInfo().mip_dual_bound))
        yield best
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return
        cuts = violated_sets(program, np.array(highs.getSolution().col_value))
        for cell, chosen in cuts:
            insert_set(program, highs, cell, chosen)
        if not cuts:
            return
