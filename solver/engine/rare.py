"""The bound that those few who hold a skill add to the priced one.

Groups are the holders of each skill that few have, at one office; with them goes every
requirement that nobody else can serve. Gains add up where groups have nobody in common. Groups
that share somebody are joined while they stay small, since what one of them loses by that person
the other cannot have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from solver.engine.board import Instance
from solver.engine.clock import Clock
from solver.engine.priced import Priced
from solver.engine.pricing import bits
from solver.engine.rare_program import joint_gain
from solver.engine.skill_days import Place, SkillDay

FEW = 5
"""More holders than this are no longer few."""
MOST_JOINED = 8
LEAST_GAIN = 0.1
WORK = (1e6, 5e6, 25e6, 125e6)
"""Effort of a group's first try, its second and so on."""

Group = frozenset[int]


@dataclass
class RareSkills:
    """Groups of few holders, and what the joint program of each has gained so far."""

    instance: Instance
    priced: Priced
    tables: list[SkillDay]

    def __post_init__(self) -> None:
        groups, self._servers = _holders(self.instance)
        self._few = [group for group in groups if 1 < len(group) <= FEW]
        self._gains: dict[Group, float] = {}
        self._unsolved: list[Group] = []
        self._tries: Counter[Group] = Counter()

    def total(self) -> float:
        """The gain of the best groups found that have nobody in common."""
        return sum(self._gains[group] for group in self._chosen())

    def gains(
        self, target: Callable[[], float], clock: Clock, tries: int = len(WORK)
    ) -> Iterator[float]:
        """The total, again after each program, until nothing is left to try.

        `target` is asked for the cost of the best roster known. What a first try leaves unsolved
        is tried again with more effort, `tries` times in all.
        """
        for group in self._few:
            if clock.over():
                return
            self._try(group, target, clock, tries)
            yield self.total()
        while not clock.over():
            left = self._next_unsolved() or self._next_union()
            if left is None:
                return
            self._try(left, target, clock, tries)
            yield self.total()

    def _try(self, group: Group, target: Callable[[], float], clock: Clock, tries: int) -> None:
        others = sum(self._gains[one] for one in self._chosen() if not one & group)
        room = target() - self.priced.value - others
        if room <= 0:
            self._gains.setdefault(group, 0.0)
            return
        work = WORK[self._tries[group]]
        gain, solved = joint_gain(
            self.instance, self.priced, group, self._places(group), self.tables, room, work, clock
        )
        self._gains[group] = max(gain, self._gains.get(group, 0.0))
        self._tries[group] += 1
        if not solved and self._tries[group] < tries:
            self._unsolved.append(group)

    def _places(self, group: Group) -> frozenset[Place]:
        return frozenset(place for place, people in self._servers.items() if people <= group)

    def _chosen(self) -> list[Group]:
        chosen: list[Group] = []
        worth = sorted(self._gains, key=lambda one: (-self._gains[one], sorted(one)))
        for group in worth:
            if self._gains[group] > 0 and not any(group & other for other in chosen):
                chosen.append(group)
        return chosen

    def _next_union(self) -> Group | None:
        """A small union, not tried yet, of a group that counts and one that shares somebody."""
        chosen = self._chosen()
        for other in sorted(self._gains, key=lambda one: (-self._gains[one], sorted(one))):
            if self._gains[other] < LEAST_GAIN:
                break
            sharing = [group for group in chosen if group & other and group != other]
            if not sharing:
                continue
            union = other.union(*sharing)
            if len(union) <= MOST_JOINED and union not in self._gains:
                return union
        return None

    def _next_unsolved(self) -> Group | None:
        """The one tried least, of those the one of most promise."""
        if not self._unsolved:
            return None
        best = min(self._unsolved, key=lambda one: (self._tries[one], -self._gains[one]))
        self._unsolved.remove(best)
        return best


def _holders(instance: Instance) -> tuple[list[Group], dict[Place, Group]]:
    """The holders of each skill at each office, and who could serve each place.

    Raises as `instance.look`.
    """
    serving: dict[Place, set[int]] = defaultdict(set)
    demand, problem, slots = instance.demand, instance.problem, instance.frame.slots
    for mediator, choices in enumerate(instance.choices):
        instance.look()
        for cell in choices.cells.tolist():
            for bit in bits(demand.masks[mediator].get(cell, 0)):
                serving[cell, bit].add(mediator)
            for bit in bits(demand.presences[mediator].get(cell, 0)):
                serving[cell, ~bit].add(mediator)
    holding: dict[tuple[int, tuple[str, ...]], set[int]] = defaultdict(set)
    for (cell, bit), people in serving.items():
        wanted = demand.cells[cell]
        item = wanted.exclusive[bit] if bit >= 0 else wanted.presence[~bit]
        holding[cell // slots, problem.requirements[item.requirement].needs] |= people
    groups = {frozenset(people) for people in holding.values()}
    servers = {place: frozenset(people) for place, people in serving.items()}
    return sorted(groups, key=lambda one: (len(one), sorted(one))), servers
