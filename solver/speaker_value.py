"""What one more speaker would save, by counting the cover again with them in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from solver.problem import Problem, Shift
from solver.view import Place, View

DAYS_A_WEEK = 5
"""Days a week that the one more person works."""


@dataclass(frozen=True, slots=True)
class SpeakerValue:
    """What one more person with the skills `needs`, and no other, saves at `office`.

    Both are exact for the roster as it stands: every slot's cover is counted again with them
    among those who serve. Nobody else is moved, so a new optimum could save more.
    """

    office: str
    needs: tuple[str, ...]
    always: int
    """If they were there in every slot."""
    one_person: int
    """If they worked the catalogue's best shift of each day, on the best five days a week."""


def speaker_values(
    view: View,
    *,
    office: str | None = None,
    day: int | None = None,
    asked: Collection[tuple[str, ...]] | None = None,
) -> tuple[SpeakerValue, ...]:
    """One for each office and each set of skills that is asked for there, best first.

    Of one office, one day and the sets `asked` alone where these are given; of a single day
    `one_person` is that day's best shift.
    """
    values = [
        value
        for index, one in enumerate(view.problem.offices)
        if office in (None, one.id)
        for value in _office_values(view, index, day, asked)
    ]
    return tuple(sorted(values, key=lambda one: (-one.one_person, -one.always)))


def _office_values(
    view: View, office: int, day: int | None, asked: Collection[tuple[str, ...]] | None
) -> Iterator[SpeakerValue]:
    problem = view.problem
    name = problem.offices[office].id
    longest = _longest_shift(problem, name)
    shifts = [
        shift
        for shift in problem.shifts
        if shift.office == name and day in (None, shift.day) and len(shift.worked) <= longest
    ]
    for needs in dict.fromkeys(need.needs for need in problem.requirements_at(name)):
        if asked is not None and needs not in asked:
            continue
        saved = _saved(view, office, needs, day)
        yield SpeakerValue(name, needs, sum(saved.values()), _best_weeks(problem, shifts, saved))


def _saved(view: View, office: int, needs: tuple[str, ...], day: int | None) -> dict[int, int]:
    """Slot -> what one more server with these skills saves in it."""
    cover = view.facts.cover
    held = sum(1 << cover.skill_bits[skill] for skill in needs)
    saved = {}
    for (where, slot), table in cover.tables.items():
        if where != office or day not in (None, view.problem.day_of_slot[slot]):
            continue
        servers = view.places.get(Place(office, slot), ())
        there = [cover.held(mediator, slot) for mediator in servers]
        gain = table.cost(there) - table.cost([*there, held])
        if gain:
            saved[slot] = gain
    return saved


def _longest_shift(problem: Problem, office: str) -> int:
    """The most worked slots that a shift of anybody at the office may have."""
    most = [one.shift_slots[1] for one in problem.mediators if office in one.offices]
    return max(most, default=0)


def _best_weeks(problem: Problem, shifts: list[Shift], saved: Mapping[int, int]) -> int:
    best = dict.fromkeys(range(len(problem.days)), 0)
    for shift in shifts:
        best[shift.day] = max(best[shift.day], sum(saved.get(slot, 0) for slot in shift.worked))
    return sum(
        sum(sorted((best[day] for day in days), reverse=True)[:DAYS_A_WEEK])
        for days in problem.weeks
    )
