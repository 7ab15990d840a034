"""What rules and costs look at: a roster, or as much of one as an edit has touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from solver.cover_count import CoverCount
from solver.duty import Duty
from solver.look import Look, no_look
from solver.problem import Assignment, Interval, Mediator, Problem, Shift
from solver.result import Result


class Place(NamedTuple):
    """An office (by its place in the problem) in a slot."""

    office: int
    slot: int


class Facts:
    """Tables made once from a problem; `facts_of` keeps them with it."""

    def __init__(self, problem: Problem, look: Look = no_look) -> None:
        self.problem = problem
        self.cover = CoverCount(problem, look)
        self.mediator_index = {one.id: index for index, one in enumerate(problem.mediators)}
        self.office_index = {office.id: index for index, office in enumerate(problem.offices)}
        self.day_count = len(problem.days)
        self._busy_days = [self._busy_by_day(one.busy) for one in problem.mediators]
        self.locks = self._by_mediator(problem.locked)
        self.previous = self._by_mediator(problem.previous or ())

    def _busy_by_day(self, busy: Sequence[Interval]) -> dict[int, tuple[Interval, ...]]:
        by_day: dict[int, tuple[Interval, ...]] = {}
        for span in busy:
            day = self.problem.day_of_slot[span.start]
            by_day[day] = (*by_day.get(day, ()), span)
        return by_day

    def _by_mediator(self, assignments: Iterable[Assignment]) -> dict[int, tuple[str, ...]]:
        """Mediator -> the shifts given, those of unknown mediators or shifts left out."""
        given: dict[int, tuple[str, ...]] = {}
        for mediator, shift in assignments:
            index = self.mediator_index.get(mediator)
            if index is not None and shift in self.problem.shift_by_id:
                given[index] = (*given.get(index, ()), shift)
        return given

    def duty(self, mediator: int, shifts: Iterable[Shift]) -> Duty:
        return Duty(self.problem.mediators[mediator], mediator, shifts, self._busy_days[mediator])

    def places_served(self, duty: Duty) -> Iterator[Place]:
        """Where and when the mediator serves: worked slots that are not busy.

        Two shifts at once, which a rule forbids, serve twice.
        """
        return self.places_of(duty.mediator, duty.shifts)

    def places_of(self, mediator: Mediator, shifts: Iterable[Shift]) -> Iterator[Place]:
        """The same, of some shifts of theirs."""
        busy = mediator.busy_slots
        for shift in shifts:
            office = self.office_index[shift.office]
            for slot in shift.worked:
                if slot not in busy:
                    yield Place(office, slot)


def facts_of(problem: Problem, look: Look = no_look) -> Facts:
    """The tables of a problem, made at the first question. Raises as `look`."""
    facts = problem.__dict__.get("_facts")
    if not isinstance(facts, Facts):
        facts = Facts(problem, look)
        problem.__dict__["_facts"] = facts
    return facts


class View:
    """Duties and places to judge.

    `duties` are whole: a mediator is there with all of the horizon or not at all. `places`
    holds the servers of each office and slot, by their place among the mediators.
    """

    def __init__(
        self,
        facts: Facts,
        duties: Sequence[Duty],
        places: Mapping[Place, Sequence[int]],
        unknown: Sequence[Assignment] = (),
        look: Look = no_look,
    ) -> None:
        self.facts = facts
        self.problem = facts.problem
        self.duties = duties
        self.places = places
        self.unknown = unknown
        """Assignments of a mediator or a shift that the problem does not know."""
        self.look = look
        """Called by the judge between the pieces of its work; it may raise."""


def assignments_of(roster: Result | Iterable[Assignment]) -> tuple[Assignment, ...]:
    """The assignments of a roster, whether it comes as a `Result` or as their list."""
    listed = roster.assignments if isinstance(roster, Result) else roster
    return tuple(Assignment(*one) for one in listed)


def whole_view(problem: Problem, assignments: Iterable[Assignment], look: Look = no_look) -> View:
    """The whole roster to judge: every mediator, every place served or asked for.

    Raises as `look`, as does what judges the view.
    """
    facts = facts_of(problem, look)
    given: dict[int, list[Shift]] = {}
    unknown = []
    for one in assignments:
        mediator = facts.mediator_index.get(one.mediator)
        shift = problem.shift_by_id.get(one.shift)
        if mediator is None or shift is None:
            unknown.append(one)
        else:
            given.setdefault(mediator, []).append(shift)
    duties = [facts.duty(index, given.get(index, ())) for index in range(len(problem.mediators))]
    places: dict[Place, list[int]] = {Place(*place): [] for place in facts.cover.tables}
    for duty in duties:
        look()
        for place in facts.places_served(duty):
            places.setdefault(place, []).append(duty.index)
    return View(facts, duties, places, unknown, look)
