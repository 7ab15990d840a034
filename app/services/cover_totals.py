"""What is counted as missing: the one definition that pages, reports and files go by.

A *place* is a half hour of a requirement that takes a mediator for itself; whoever has no mediator
is missing, and two places without anyone for half an hour are one hour. *Presence* asks only that
somebody at work in the office holds a skill, whatever else they do: one person may meet several, so
that adding it to the places would count the same person many times. It is told beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.services.cover import Demand, RowKey, SlotCover


@dataclass(frozen=True, slots=True)
class CoverTotals:
    """Minutes: of mediators for places, of a skill's presence for the rest."""

    needed_minutes: int = 0
    missing_minutes: int = 0
    presence_minutes: int = 0
    absent_minutes: int = 0
    """In which nobody, or too few, at work hold what only has to be present."""

    def __add__(self, other: CoverTotals) -> CoverTotals:
        return CoverTotals(
            self.needed_minutes + other.needed_minutes,
            self.missing_minutes + other.missing_minutes,
            self.presence_minutes + other.presence_minutes,
            self.absent_minutes + other.absent_minutes,
        )


def is_place(key: RowKey) -> bool:
    """Whether a row counts as places; else as presence."""
    return key.exclusive


def places(demand: Demand) -> Iterable[tuple[RowKey, int, SlotCover]]:
    """(row, slot, cover) of what counts as missing."""
    for key, slots in demand.table.items():
        if is_place(key):
            for slot, cover in slots.items():
                yield key, slot, cover


def totals_by_day(demand: Demand) -> tuple[CoverTotals, ...]:
    """Of each of the week's days; nothing of an office that the roster was not built for."""
    days = demand.horizon.days
    if not demand.in_roster:
        return tuple(CoverTotals() for _day in days)
    day_of = [index for index, day in enumerate(days) for _slot in range(day.start, day.end)]
    counts = [[0, 0, 0, 0] for _day in days]
    for key, slots in demand.table.items():
        first = 0 if is_place(key) else 2
        for slot, cover in slots.items():
            count = counts[day_of[slot]]
            count[first] += cover.needed
            count[first + 1] += cover.missing or 0
    step = demand.horizon.slot_minutes
    return tuple(CoverTotals(*(one * step for one in count)) for count in counts)


def totals_of(demand: Demand) -> CoverTotals:
    """Of the whole week."""
    return sum(totals_by_day(demand), CoverTotals())
