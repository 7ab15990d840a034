"""Whom an office would not miss, and where else they could serve: busy there, serving here.

A shift is worked at one office, in the contract as in law, so no roster plans anybody for two.
What is told here is read off a finished roster: in a slot in which the cover of people's own office
costs the same without them, and that of another office costs less with them, they could answer for
the other from where they are. Only an office without walls can be served so: the telephone.

People are taken one by one, whoever saves most at the other office first, and each time both
offices are counted anew, so that all who are told can go at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solver.cover_count import CoverCount
from solver.problem import Assignment, Problem
from solver.result import Result
from solver.slot_table import SlotTable
from solver.view import Place, View, assignments_of, whole_view

LEAST_SLOTS = 2
"""For less than that nobody changes what they do."""


@dataclass(frozen=True, slots=True)
class Spare:
    """`mediator`, at work at `office`, could serve `needs` elsewhere in the slots `[start, end)`.

    `saved` is what the cover of the other office would cost less.
    """

    mediator: str
    office: str
    start: int
    end: int
    needs: tuple[str, ...]
    saved: int


def could_serve(
    problem: Problem,
    roster: Result | Iterable[Assignment],
    at: str,
    least_slots: int = LEAST_SLOTS,
) -> tuple[Spare, ...]:
    """Who at other offices could serve for the office `at`, by time, office and mediator."""
    view = whole_view(problem, assignments_of(roster))
    here = view.facts.office_index[at]
    by_office: defaultdict[int, dict[int, Sequence[int]]] = defaultdict(dict)
    for place, servers in view.places.items():
        if place.office != here:
            by_office[place.slot][place.office] = servers
    made: dict[tuple[int, int, tuple[str, ...]], list[Spare]] = defaultdict(list)
    before: frozenset[int] = frozenset()
    for office, slot in sorted(view.facts.cover.tables):
        if office != here or slot not in by_office:
            continue
        taken = _of_slot(view, here, slot, by_office[slot], before)
        before = frozenset(one.mediator for one in taken)
        for one in taken:
            _extend(made[one.mediator, one.office, one.needs], problem, one, slot)
    stretches = [one for row in made.values() for one in row if one.end - one.start >= least_slots]
    return tuple(sorted(stretches, key=lambda one: (one.start, one.office, one.mediator)))


def spare_in(problem: Problem, roster: Result | Iterable[Assignment], slot: int) -> frozenset[str]:
    """Mediators who serve in a slot and whose office would not miss them, each by themselves."""
    view = whole_view(problem, assignments_of(roster))
    return frozenset(
        problem.mediators[one].id
        for place, servers in view.places.items()
        if place.slot == slot
        for one in servers
        if _can_go(view.facts.cover, place.office, slot, servers, one)
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    mediator: int
    office: int
    needs: tuple[str, ...]
    saved: int


def _of_slot(
    view: View,
    here: int,
    slot: int,
    others: dict[int, Sequence[int]],
    before: frozenset[int],
) -> list[_Taken]:
    """Who could serve `here` in a slot; among equals those who did in the slot before."""
    count = view.facts.cover
    table = count.tables[here, slot]
    serving = [count.held(one, slot) for one in view.places[Place(here, slot)]]
    left = {office: list(servers) for office, servers in others.items()}
    taken: list[_Taken] = []
    while table.cost(serving):
        best = max(
            (
                (table.cost(serving) - table.cost([*serving, held]), one in before, -one, office)
                for office, servers in left.items()
                for one in servers
                for held in (count.held(one, slot),)
                if _can_go(count, office, slot, servers, one)
            ),
            default=(0, False, 0, 0),
        )
        saved, _continues, negative, office = best
        if saved <= 0:
            break
        mediator = -negative
        held = count.held(mediator, slot)
        taken.append(_Taken(mediator, office, _met(table, serving, held), saved))
        serving.append(held)
        left[office].remove(mediator)
    return taken


def _can_go(count: CoverCount, office: int, slot: int, servers: Sequence[int], one: int) -> bool:
    """Whether the cover of the office costs no more without one of its servers."""
    without = [other for other in servers if other != one]
    return count.cost(office, slot, without) <= count.cost(office, slot, servers)


def _met(table: SlotTable, serving: Sequence[int], held: int) -> tuple[str, ...]:
    """The requirement of which less is missing with one more server who holds `held`."""
    before, after = table.missing(serving), table.missing([*serving, held])
    lessened = [index for index, less in enumerate(after) if less < before[index]]
    needs = (*table.exclusive, *table.presence)
    return needs[lessened[0]].needs if lessened else ()


def _extend(row: list[Spare], problem: Problem, one: _Taken, slot: int) -> None:
    """Lengthen the last stretch of a mediator's, or begin another."""
    last = row[-1] if row else None
    if last is not None and last.end == slot:
        row[-1] = Spare(
            last.mediator, last.office, last.start, slot + 1, last.needs, last.saved + one.saved
        )
        return
    row.append(
        Spare(
            problem.mediators[one.mediator].id,
            problem.offices[one.office].id,
            slot,
            slot + 1,
            one.needs,
            one.saved,
        )
    )
