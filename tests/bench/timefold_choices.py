"""The roster problem as `timefold_facts`, and the roster of what was chosen.

A mediator's day may hold none or any shift that no rule forbids by itself: that is left to
Timefold to choose from. Which choices go together is for `timefold_model` to say.
"""

from __future__ import annotations

from collections.abc import Iterable

from timefold_facts import (
    DIGIT,
    FREE,
    Asked,
    Cell,
    Choice,
    DayChoices,
    Facts,
    Person,
    Rules,
    cell_cost,
)

from solver.problem import Assignment, Interval, Mediator, Problem, Requirement, Shift, WishKind


def facts_of(problem: Problem) -> Facts:
    """What Timefold is told; a mediator's days follow each other in order."""
    cells = cells_of(problem)
    rules = Rules(
        days=len(problem.days),
        weekends=[sum(1 << day for day in weekend) for weekend in problem.weekends],
        successions=set(problem.forbidden_successions),
        under_slot=problem.costs.under_slot,
        change=problem.costs.change if problem.previous is not None else 0,
    )
    serves = _serves(problem, cells)
    maker = _Choices(problem, cells)
    days: list[DayChoices] = []
    asked: list[Asked] = []
    for index, mediator in enumerate(problem.mediators):
        person = _person(problem, index, mediator, rules, serves[index])
        before = {
            problem.shift_by_id[one.shift].day: one.shift
            for one in problem.previous or ()
            if one.mediator == mediator.id
        }
        touched: dict[int, tuple[int, ...]] = {}
        for day in range(len(problem.days)):
            choices = maker.of(mediator, day, touched)
            days.append(DayChoices(person, day, choices, before.get(day, FREE)))
        for wish in mediator.wishes:
            span = range(wish.start, wish.end)
            touching = {
                number for number, slots in touched.items() if any(s in span for s in slots)
            }
            asked.append(Asked(index, wish.kind == WishKind.OFF, wish.cost, touching))
    week_of_day = [0] * len(problem.days)
    for number, week in enumerate(problem.weeks):
        for day in week:
            week_of_day[day] = number
    return Facts(days, asked, week_of_day)


def roster_of(chosen: Iterable[tuple[str, str]]) -> tuple[Assignment, ...]:
    """The roster of (mediator, shift or FREE) of each day."""
    return tuple(Assignment(mediator, shift) for mediator, shift in chosen if shift != FREE)


def cells_of(problem: Problem) -> dict[tuple[str, int], Cell]:
    """Every office and slot where something is asked for, or where too many may serve."""
    limits = {
        office.id: -1 if office.capacity is None else office.capacity for office in problem.offices
    }
    asked: dict[tuple[str, int], list[Requirement]] = {}
    for shift in problem.shifts:
        if limits[shift.office] >= 0:
            for slot in shift.worked:
                asked.setdefault((shift.office, slot), [])
    for need in problem.requirements:
        for slot in range(need.start, need.end):
            asked.setdefault((need.office, slot), []).append(need)
    return {
        place: _cell(index, needs, limits[place[0]])
        for index, (place, needs) in enumerate(asked.items())
    }


def _cell(index: int, needs: list[Requirement], capacity: int) -> Cell:
    units: list[tuple[int, int]] = []
    cell = Cell(index, [], [], [], [], [], capacity)
    for place, need in enumerate(needs):
        if need.exclusive:
            ordinary = need.count - need.minimum
            units += [(need.cost, 1 << place)] * ordinary
            units += [(need.minimum_cost, 1 << place)] * need.minimum
        else:
            cell.present_bits.append(1 << place)
            cell.present_costs.append(
                [need.shortfall_cost(need.count - here) for here in range(need.count + 1)]
            )
            cell.excess_costs.append(need.excess_cost)
    units.sort(key=lambda unit: -unit[0])
    cell.prices = [price for price, _ in units]
    cell.bits = [bit for _, bit in units]
    cell.empty_cost = cell_cost(cell, [])
    return cell


class _Choices:
    """Makes each choice once, however many mediators have it."""

    def __init__(self, problem: Problem, cells: dict[tuple[str, int], Cell]) -> None:
        self.problem = problem
        self.cells = cells
        self.made: dict[tuple[int, str, frozenset[int]], Choice] = {}
        self.locked = {(one.mediator, one.shift) for one in problem.locked}
        self.by_day: list[list[Shift]] = [[] for _ in problem.days]
        for shift in problem.shifts:
            self.by_day[shift.day].append(shift)

    def of(self, mediator: Mediator, day: int, touched: dict[int, tuple[int, ...]]) -> list[Choice]:
        """What the mediator may do that day, none first; only what is locked where something is.

        Adds to `touched` the slots worked in each.
        """
        span = self.problem.days[day]
        busy = frozenset(slot for slot in mediator.busy_slots if span.start <= slot < span.end)
        shifts: list[Shift | None] = [
            one for one in self.by_day[day] if (mediator.id, one.id) in self.locked
        ]
        if not shifts:
            shifts = [None, *(one for one in self.by_day[day] if self._may(mediator, one, busy))]
        found = []
        for shift in shifts:
            choice = self._choice(shift, day, busy)
            touched[choice.number] = tuple(busy | (shift.worked_set if shift else frozenset()))
            found.append(choice)
        return found

    def _may(self, mediator: Mediator, shift: Shift, busy: frozenset[int]) -> bool:
        """Whether no rule that looks at this shift alone forbids it."""
        least, most = mediator.shift_slots
        last = mediator.history.last_end
        span = Interval(shift.start, shift.end)
        return (
            shift.office in mediator.offices
            and least <= len(shift.worked) <= most
            and len(shift.worked_set | busy) <= mediator.max_day_slots
            and not any(span.overlaps(away) for away in mediator.unavailable)
            and (last is None or shift.start - last >= mediator.min_rest_slots)
        )

    def _choice(self, shift: Shift | None, day: int, busy: frozenset[int]) -> Choice:
        key = (day, shift.id if shift else FREE, busy)
        if key not in self.made:
            self.made[key] = self._make(shift, busy)
        return self.made[key]

    def _make(self, shift: Shift | None, busy: frozenset[int]) -> Choice:
        worked = busy | (shift.worked_set if shift else frozenset())
        edges = [*busy, *(slot + 1 for slot in busy)]
        serving: list[Cell] = []
        if shift:
            edges += [shift.start, shift.end]
            places = [(shift.office, slot) for slot in shift.worked if slot not in busy]
            serving = [self.cells[place] for place in places if place in self.cells]
        return Choice(
            number=len(self.made),
            shift=shift.id if shift else FREE,
            office=shift.office if shift else "",
            kind=(shift.kind or "") if shift else "",
            start=min(edges, default=0),
            end=max(edges, default=0),
            worked=len(worked),
            on_duty=int(bool(worked) or shift is not None),
            unsocial=int(shift is not None and shift.unsocial),
            cells=serving,
        )


def _person(
    problem: Problem, index: int, mediator: Mediator, rules: Rules, serves: dict[int, int]
) -> Person:
    return Person(
        index=index,
        id=mediator.id,
        least_slots=[one.min_slots for one in mediator.weeks],
        most_slots=[one.max_slots for one in mediator.weeks],
        hard_least_slots=[one.hard_min_slots for one in mediator.weeks],
        most_days=[one.max_days for one in mediator.weeks],
        min_rest=mediator.min_rest_slots,
        longest_run=mediator.max_consecutive_days,
        run_before=mediator.history.consecutive_days,
        shortest_run=mediator.min_consecutive_days,
        shortest_off=mediator.min_consecutive_off,
        most_weekends=len(problem.days) if mediator.max_weekends is None else mediator.max_weekends,
        free_unsocial=mediator.unsocial.free,
        unsocial_cost=mediator.unsocial.cost,
        office_costs=dict(mediator.offices),
        kind_most=dict(mediator.kind_max),
        rules=rules,
        serves=serves,
    )


def _serves(problem: Problem, cells: dict[tuple[str, int], Cell]) -> list[dict[int, int]]:
    """What each person adds in each cell. Those who count for little come first in a cell's
    sorts, and so are taken first."""
    places: dict[tuple[str, int], int] = {}
    bits: list[dict[int, int]] = [{} for _ in problem.mediators]
    offices = [set(mediator.offices) for mediator in problem.mediators]
    for one in problem.locked:
        # A lock may put someone where they are not to work: a fault, but they serve.
        index = problem.mediators.index(problem.mediator_by_id[one.mediator])
        offices[index].add(problem.shift_by_id[one.shift].office)
    for need in problem.requirements:
        for slot in range(need.start, need.end):
            cell = cells[need.office, slot]
            place = places.get((need.office, slot), 0)
            places[need.office, slot] = place + 1
            for mediator, may, held in zip(problem.mediators, offices, bits, strict=True):
                if need.office in may and all(mediator.holds(one, slot) for one in need.needs):
                    held[cell.index] = held.get(cell.index, 0) | 1 << place
    for cell in cells.values():
        sorts = {held[cell.index] for held in bits if cell.index in held}
        cell.sorts = sorted(sorts, key=lambda sort: (sort.bit_count(), sort))
    by_index = {cell.index: cell for cell in cells.values()}
    return [
        {index: 1 << DIGIT * by_index[index].sorts.index(sort) for index, sort in held.items()}
        for held in bits
    ]
