"""The roster problem as frozen dataclasses: what `escala-problem/1` says, nothing more.

Every time is a slot: a whole number counted from the start of the horizon in elapsed
time, `slot_minutes` long. Intervals are half-open `[start, end)`. Costs are integers >= 0.
Reading and writing the file form, and its validation, are in `solver.formats.problem_file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """Slots `start`, …, `end - 1`."""

    start: int
    end: int

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end

    def __contains__(self, slot: object) -> bool:
        return isinstance(slot, int) and self.start <= slot < self.end

    @property
    def slots(self) -> range:
        return range(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Day:
    """A local calendar day; 23 or 25 hours long when the clocks change."""

    date: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    capacity: int | None
    """Most mediators serving there in any slot; None for no limit."""


@dataclass(frozen=True)
class Shift:
    """One entry of the catalogue of shift shapes laid on a day at an office."""

    id: str
    office: str
    day: int
    start: int
    end: int
    breaks: tuple[Interval, ...]
    unsocial: bool
    kind: str | None = None

    @cached_property
    def worked(self) -> tuple[int, ...]:
        """The slots of `[start, end)` less the breaks, ascending."""
        paused = {slot for pause in self.breaks for slot in pause.slots}
        return tuple(slot for slot in range(self.start, self.end) if slot not in paused)

    @cached_property
    def worked_set(self) -> frozenset[int]:
        return frozenset(self.worked)


@dataclass(frozen=True, slots=True)
class WeekLimits:
    """One mediator's limits in one accounting week, in worked slots and duty days."""

    min_slots: int
    max_slots: int
    max_days: int
    hard_min_slots: int = 0


class WishKind(StrEnum):
    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Wish:
    """`off` pays `cost` if any worked slot (busy included) falls inside, `on` if none does."""

    start: int
    end: int
    kind: WishKind
    cost: int


@dataclass(frozen=True, slots=True)
class Unsocial:
    """Each unsocial shift beyond the first `free` of the horizon pays `cost`."""

    free: int
    cost: int


@dataclass(frozen=True, slots=True)
class History:
    """What came before the horizon: the end of the last duty (a slot <= 0) and the run it ends."""

    last_end: int | None
    consecutive_days: int


@dataclass(frozen=True)
class Mediator:
    id: str
    skills: Mapping[str, Interval | None]
    """Skill -> None (held throughout) or the slots it is held in."""
    offices: Mapping[str, int]
    """Office -> cost of each shift worked there."""
    unavailable: tuple[Interval, ...]
    busy: tuple[Interval, ...]
    shift_slots: tuple[int, int]
    """Least and most worked slots of one shift (busy time not counted)."""
    max_day_slots: int
    weeks: tuple[WeekLimits, ...]
    min_rest_slots: int
    max_consecutive_days: int
    history: History
    wishes: tuple[Wish, ...]
    unsocial: Unsocial
    min_consecutive_days: int = 1
    min_consecutive_off: int = 1
    max_weekends: int | None = None
    kind_max: Mapping[str, int] = field(default_factory=dict)

    def holds(self, skill: str, slot: int) -> bool:
        """Whether `skill` is held in `slot`."""
        if skill not in self.skills:
            return False
        span = self.skills[skill]
        return span is None or slot in span

    @cached_property
    def busy_slots(self) -> frozenset[int]:
        return frozenset(slot for span in self.busy for slot in span.slots)


@dataclass(frozen=True, slots=True)
class Requirement:
    """In each slot, `count` mediators who serve at `office` and hold all of `needs`."""

    id: str
    office: str
    start: int
    end: int
    needs: tuple[str, ...]
    count: int
    minimum: int
    cost: int
    minimum_cost: int
    exclusive: bool
    excess_cost: int = 0

    def shortfall_cost(self, missing: int) -> int:
        """Cost of `missing` of the `count`, in one slot."""
        ordinary = min(missing, self.count - self.minimum)
        return ordinary * self.cost + (missing - ordinary) * self.minimum_cost


@dataclass(frozen=True, slots=True)
class Costs:
    under_slot: int
    change: int


class Assignment(NamedTuple):
    """One mediator given one shift, by their identifiers."""

    mediator: str
    shift: str


@dataclass(frozen=True)
class Problem:
    name: str
    slot_minutes: int
    days: tuple[Day, ...]
    weeks: tuple[tuple[int, ...], ...]
    offices: tuple[Office, ...]
    shifts: tuple[Shift, ...]
    mediators: tuple[Mediator, ...]
    requirements: tuple[Requirement, ...]
    locked: tuple[Assignment, ...]
    previous: tuple[Assignment, ...] | None
    costs: Costs
    weekends: tuple[tuple[int, ...], ...] = ()
    forbidden_successions: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def from_json(data: Any) -> Problem:
        """Read a parsed `escala-problem/1`.

        Raises `solver.result.BadInput` with every fault at once.
        """
        from solver.formats.problem_file import read_problem

        return read_problem(data)

    def to_json(self) -> dict[str, Any]:
        """The `escala-problem/1` object that `from_json` reads back equal."""
        from solver.formats.problem_writing import write_problem

        return write_problem(self)

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: tables kept with the problem are made anew where it is unpickled."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def shift_by_id(self) -> Mapping[str, Shift]:
        return {shift.id: shift for shift in self.shifts}

    @cached_property
    def mediator_by_id(self) -> Mapping[str, Mediator]:
        return {mediator.id: mediator for mediator in self.mediators}

    @cached_property
    def day_of_slot(self) -> tuple[int, ...]:
        return tuple(day for day, span in enumerate(self.days) for _ in range(span.start, span.end))

    @property
    def slot_count(self) -> int:
        return self.days[-1].end if self.days else 0

    def requirements_at(self, office: str) -> Iterator[Requirement]:
        return (need for need in self.requirements if need.office == office)
