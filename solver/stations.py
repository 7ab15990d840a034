"""Who serves what in each slot: the counting of cover as people would stand at their desks.

Each slot has many countings of least cost. Chosen is one in which people change what they
serve as little as may be: slot after slot, once from morning to evening and once back, the
assignment of least cost that, among those, keeps most people at what they serve in the slots
around; then sweeps that choose each slot anew as long as changes become fewer. Each slot is
solved exactly (cost first, changes second), and so is the cost as a whole; the number of
changes over a day is a local optimum, for keeping it least over all slots at once is a flow
of many commodities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from solver.problem import Assignment, Problem
from solver.result import Result
from solver.view import View, assignments_of, whole_view


@dataclass(frozen=True, slots=True)
class Station:
    """`mediator` serves at `office` in the slots `[start, end)` who needs `needs`.

    `needs` is None where they are at hand and meet no exclusive requirement. Breaks and busy
    time lie between stations.
    """

    mediator: str
    office: str
    start: int
    end: int
    needs: tuple[str, ...] | None

    def to_json(self) -> dict[str, Any]:
        return {
            "mediator": self.mediator,
            "office": self.office,
            "start": self.start,
            "end": self.end,
            "needs": None if self.needs is None else list(self.needs),
        }


def stations(problem: Problem, roster: Result | Iterable[Assignment]) -> tuple[Station, ...]:
    """Where everyone sits, by office, mediator and time."""
    from solver.station_days import OfficeDay

    view = whole_view(problem, assignments_of(roster))
    made: list[Station] = []
    for index, office in enumerate(problem.offices):
        stretches = [
            stretch
            for served in _days(view, index)
            for stretch in OfficeDay(view, index, served).stretches()
        ]
        made.extend(
            Station(problem.mediators[server].id, office.id, start, end, needs)
            for server, start, end, needs in sorted(stretches, key=lambda one: one[:2])
        )
    return tuple(made)


def _days(view: View, office: int) -> Iterable[dict[int, Sequence[int]]]:
    """For each day, slot -> who serves in it, in order."""
    by_day: dict[int, dict[int, Sequence[int]]] = {}
    for place, servers in sorted(view.places.items()):
        if place.office == office and servers:
            day = view.problem.day_of_slot[place.slot]
            by_day.setdefault(day, {})[place.slot] = list(dict.fromkeys(servers))
    return by_day.values()
