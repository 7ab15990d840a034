"""What the few who hold a skill cost together, at given prices of everything else.

Prices of cover (`solver.engine.pricing`) bind people only on average: a mediator who comes half
of two days serves half of each. Where few hold a skill, whom they leave unserved while one rests
is much of a roster's cost, and it is decided by these few alone. Their whole plans and the cover
of what nobody else can serve are one small integer program; what else they could do is worth its
price. Put in place of their part of the priced bound, its proven value is a bound as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import highspy
import numpy as np

from solver.engine.board import Instance
from solver.engine.cells import CellDemand
from solver.engine.clock import Clock
from solver.engine.plan_flow import add_plan_flow
from solver.engine.priced import Priced, Weighed, table_earnings
from solver.engine.pricing import bits
from solver.engine.program import Program, limit_work, new_highs, proven_bound
from solver.engine.skill_days import Place, SkillDay

TOLERANCE = 1e-5
"""Relative slack given to a bound that rests on the solver's tolerances."""


@dataclass
class _Crew:
    """The program of a few mediators, as it is put together."""

    instance: Instance
    priced: Priced
    places: frozenset[Place]
    program: Program = field(default_factory=Program)
    servers: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Columns of who serves a place."""
    outside: list[Weighed] = field(init=False)
    """Tables whose places are not all here keep their weight."""
    present: dict[tuple[int, int, int], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Columns of a mediator's choices at an office on a day."""
    missing: dict[Place, list[int]] = field(default_factory=dict)
    part: float = 0.0
    """What the priced bound has for these mediators and places."""

    def __post_init__(self) -> None:
        self.outside = []
        for weighed in self.priced.tables:
            if self.places.issuperset(weighed.table.places):
                self.part += weighed.constant
            else:
                self.outside.append(weighed)

    def add_mediator(self, mediator: int, room: float) -> None:
        """Their plans, without choices that cost over `room` more than their best plan."""
        choices, plans = self.instance.choices[mediator], self.instance.plans[mediator]
        self.part += self.priced.best[mediator]
        through = plans.through(self.priced.choice_values[mediator])
        good = through <= through.min() + room
        worth = [self._elsewhere(mediator, cell) for cell in choices.cells.tolist()]
        earned = np.array([serving + standing for serving, standing in worth])
        value = choices.cost - choices.matrix @ earned if worth else choices.cost
        value = value - table_earnings(mediator, choices, self.outside)
        column = {}
        for group, arcs in enumerate(add_plan_flow(self.program, plans)):
            members = np.flatnonzero((plans.group == group) & good).tolist()
            for choice in members:
                column[choice] = self.program.column(float(value[choice]), 1.0, integral=True)
                where = int(choices.office[choice]), int(choices.day[choice])
                self.present[mediator, *where].append(column[choice])
            taken = [column[choice] for choice in members]
            signs = [1.0] * len(taken) + [-1.0] * len(arcs)
            self.program.row(taken + arcs, signs, 0.0, 0.0)
        by_cell = choices.matrix.tocsc()
        for number, cell in enumerate(choices.cells.tolist()):
            rows = by_cell.indices[by_cell.indptr[number] : by_cell.indptr[number + 1]].tolist()
            present = [column[row] for row in rows if row in column]
            if present:
                self._serve(mediator, cell, present, worth[number][0])

    def _elsewhere(self, mediator: int, cell: int) -> tuple[float, float]:
        """What serving others in the cell earns, and what merely being there does."""
        layout, prices = self.priced.layout, self.priced.prices
        demand = self.instance.demand
        serving = [
            prices[layout.exclusive[cell, bit]]
            for bit in bits(demand.masks[mediator].get(cell, 0))
            if (cell, bit) not in self.places
        ]
        standing = [
            prices[layout.presence[cell, bit]]
            for bit in bits(demand.presences[mediator].get(cell, 0))
            if (cell, ~bit) not in self.places
        ]
        rent = prices[layout.room[cell]] if cell in layout.room else 0.0
        return max(serving, default=0.0), sum(standing) - rent

    def _serve(self, mediator: int, cell: int, present: list[int], lost: float) -> None:
        """Who is there serves one of the places, or others for what that is worth."""
        demand = self.instance.demand
        asked = [
            bit for bit in bits(demand.masks[mediator].get(cell, 0)) if (cell, bit) in self.places
        ]
        if asked:
            serving = [self.program.column(lost, 1.0) for _ in asked]
            signs = [1.0] * len(serving) + [-1.0] * len(present)
            self.program.row(serving + present, signs, -np.inf, 0.0)
            for bit, column in zip(asked, serving, strict=True):
                self.servers[cell, bit].append(column)
        for bit in bits(demand.presences[mediator].get(cell, 0)):
            if (cell, ~bit) in self.places:
                self.servers[cell, ~bit].extend(present)

    def add_places(self) -> None:
        """The cover of each place, once all its mediators are there."""
        for place in sorted(self.places):
            worth, excess_cost = _worth(self.instance.demand.cells[place[0]], place[1])
            self.part += self.priced.place_part(place, worth)
            share = 1.0 - sum(
                weighed.weight for weighed in self.outside if place in weighed.table.places
            )
            columns = [
                self.program.column(value * share, float(count))
                for value, count in Counter(worth).items()
            ]
            self.missing[place] = list(columns)
            columns += self.servers[place]
            signs = [1.0] * len(columns)
            most = np.inf
            if excess_cost:
                columns.append(self.program.column(float(excess_cost)))
                signs.append(-1.0)
                most = float(len(worth))
            self.program.row(columns, signs, float(len(worth)), most)

    def add_table(self, table: SkillDay) -> None:
        """What the table says of its places, if they are all here: it hastens the proof."""
        if not self.places.issuperset(table.places):
            return
        program = self.program
        mixture = [program.column(0.0, 1.0) for _ in table.cost]
        program.row(list(mixture), [1.0] * len(mixture), 1.0, 1.0)
        for kind, members in enumerate(table.types):
            coming = [
                column
                for mediator in members
                for column in self.present[mediator, table.office, table.day]
            ]
            signs = [-float(count) for count in table.counts[:, kind]] + [1.0] * len(coming)
            program.row(mixture + coming, signs, 0.0, np.inf)
        missing = [column for place in table.places for column in self.missing[place]]
        signs = [program.cost[column] for column in missing]
        signs += [-float(cost) for cost in table.cost]
        program.row(missing + mixture, signs, 0.0, np.inf)


def _worth(demand: CellDemand, bit: int) -> tuple[tuple[int, ...], int]:
    """What each place filled saves, and what one person too many costs."""
    if bit >= 0:
        return demand.exclusive[bit].values, 0
    return demand.presence[~bit].worth, demand.presence[~bit].excess_cost


def joint_gain(
    instance: Instance,
    priced: Priced,
    mediators: frozenset[int],
    places: frozenset[Place],
    tables: Iterable[SkillDay],
    room: float,
    work: float,
    clock: Clock,
) -> tuple[float, bool]:
    """By how much these mediators' joint program raises the priced bound; whether it was solved.

    `places` are requirements that nobody but `mediators` can serve. `room` is the distance from
    the priced bound to the best roster known: what would take a roster beyond it is left out, and
    no gain beyond it is claimed. `work` bounds the effort (`program.limit_work`). Gains of
    disjoint groups add up.
    """
    crew = _Crew(instance, priced, places)
    for mediator in sorted(mediators):
        crew.add_mediator(mediator, room)
    crew.add_places()
    for table in tables:
        crew.add_table(table)
    highs = new_highs(clock, 0)
    crew.program.load(highs)
    limit_work(highs, work)
    highs.run()
    solved = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    bound = proven_bound(highs)
    if bound is None:
        return 0.0, solved
    gain = bound - TOLERANCE * max(1.0, abs(bound)) - crew.part
    return float(min(max(gain, 0.0), room)), solved
