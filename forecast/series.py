"""Arrivals as the forecast wants them: one office, local days × wall-clock slots × language × need.

Nothing here is personal: an arrival is an office, a time, a language and a need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import compress

import numpy as np
import numpy.typing as npt

from forecast.calendar import MINUTES_A_DAY, Calendar
from forecast.faults import Fault, refuse

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNSAID = ""
"""The need of an arrival whose need was not logged."""

QUANTILES = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class ArrivalCount:
    """How many arrived in the slot that begins at `start` (aware), of a language and a need."""

    start: datetime
    language: str
    need: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Event:
    """A known cause, past or to come: arrivals are `factor` times what they would be.

    first, last: local dates, both included. offices, languages, needs: whom it touches; empty
    means all. Past events are taken out of the history before it is learned from, so that a
    campaign of last month is not mistaken for a new level.
    """

    name: str
    first: date
    last: date
    factor: float
    offices: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        faults = []
        if not (self.factor >= 0 and np.isfinite(self.factor)):
            faults.append(Fault(f"event {self.name}", "factor", self.factor, "a number ≥ 0"))
        if self.last < self.first:
            faults.append(
                Fault(f"event {self.name}", "last", self.last, f"a day from {self.first} on")
            )
        refuse(faults)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """n slots on the wall clock: `days` (proleptic ordinals) and `slots` (of the day), each [n].

    starts: their instants in UTC, [n]; empty for files that carry only wall-clock times.
    """

    days: IntArray
    slots: IntArray
    slot_minutes: int
    starts: tuple[datetime, ...] = ()

    def __len__(self) -> int:
        return len(self.days)

    @property
    def slots_a_day(self) -> int:
        return MINUTES_A_DAY // self.slot_minutes

    def take(self, chosen: npt.NDArray[np.bool_]) -> Grid:
        """The grid of the chosen slots only; `chosen` is a mask [n]."""
        starts = tuple(compress(self.starts, chosen.tolist()))
        return Grid(self.days[chosen], self.slots[chosen], self.slot_minutes, starts)


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalSeries:
    """The arrivals logged at one office.

    grid: its n slots. counts: [n, languages, needs]. Every slot of `grid` was watched: a slot
    without arrivals is a true zero. A day without any arrival at all is left out, since nobody
    can tell whether nobody came or nobody logged.
    """

    office: str
    grid: Grid
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    counts: FloatArray

    @property
    def logged_days(self) -> int:
        return len(np.unique(self.grid.days))

    def before(self, day: date) -> ArrivalSeries:
        """Only what was logged before a local day began."""
        chosen = self.grid.days < day.toordinal()
        if chosen.all():
            return self
        return ArrivalSeries(
            self.office, self.grid.take(chosen), self.languages, self.needs, self.counts[chosen]
        )

    @staticmethod
    def from_rows(
        office: str,
        rows: Iterable[ArrivalCount],
        calendar: Calendar,
        *,
        languages: Sequence[str] = (),
        needs: Sequence[str] = (),
        slot_minutes: int = 30,
    ) -> ArrivalSeries:
        """Build a series from logged counts; rows of the same slot and kind add up.

        languages, needs: those to carry even where none was logged; others found are added.
        A row that begins inside a slot counts in that slot.
        Raises BadInput naming every row with a naive time or a negative count.
        """
        columns = zip(
            *((row.start, row.language, row.need, row.count) for row in rows), strict=True
        )
        starts, said, asked, counts = tuple(columns) or ((), (), (), ())
        return ArrivalSeries.from_columns(
            office, starts, said, asked, counts, calendar,
            languages=languages, needs=needs, slot_minutes=slot_minutes,
        )  # fmt: skip

    @staticmethod
    def from_columns(
        office: str,
        starts: Sequence[datetime],
        said: Sequence[str],
        asked: Sequence[str | None],
        counts: Sequence[int],
        calendar: Calendar,
        *,
        languages: Sequence[str] = (),
        needs: Sequence[str] = (),
        slot_minutes: int = 30,
    ) -> ArrivalSeries:
        """The same of rows in columns, equally long: when, language, need, how many.

        A year of an office is a hundred thousand rows; columns are read several times as fast.
        """
        refuse(_faults(office, starts, counts, slot_minutes))
        wants = [need or UNSAID for need in asked]
        language_at, need_at = _index(languages, said), _index(needs, wants)
        stamps = [start.timestamp() for start in starts]
        place = _places(calendar, set(stamps), slot_minutes)
        grid = _grid(calendar, place, slot_minutes)
        row_of = {start: row for row, start in enumerate(grid.starts)}
        row_at = {stamp: row_of[where[2]] for stamp, where in place.items()}
        table = np.zeros((len(grid), max(1, len(language_at)), max(1, len(need_at))))
        cells = tuple(
            np.array(places, dtype=np.int64)
            for places in (
                [row_at[stamp] for stamp in stamps],
                [language_at[one] for one in said],
                [need_at[one] for one in wants],
            )
        )
        np.add.at(table, cells, counts)
        return ArrivalSeries(
            office, grid, tuple(language_at) or (UNSAID,), tuple(need_at) or (UNSAID,), table
        )


def horizon_grid(calendar: Calendar, start: date, days: int, slot_minutes: int = 30) -> Grid:
    """The open slots of `days` local days from `start` on."""
    place = []
    for ordinal in range(start.toordinal(), start.toordinal() + days):
        for instant in calendar.slots(date.fromordinal(ordinal), slot_minutes):
            place.append((ordinal, _wall_slot(calendar, instant, slot_minutes), instant))
    return _as_grid(place, slot_minutes)


def _faults(
    office: str, starts: Sequence[datetime], counts: Sequence[int], slot_minutes: int
) -> list[Fault]:
    faults = []
    if slot_minutes < 1 or MINUTES_A_DAY % slot_minutes:
        faults.append(
            Fault(f"office {office}", "slot_minutes", slot_minutes, "a divisor of 1440 minutes")
        )
    for number, (start, count) in enumerate(zip(starts, counts, strict=True), start=1):
        if start.tzinfo is None:
            faults.append(
                Fault(f"office {office} row {number}", "start", start, "an aware datetime")
            )
        if count < 0:
            faults.append(
                Fault(f"office {office} row {number}", "count", count, "a whole number ≥ 0")
            )
    return faults


def _index(given: Sequence[str], found: Iterable[str]) -> dict[str, int]:
    """Position of each name: those given first, then the others in alphabetical order."""
    names = [*dict.fromkeys(given)]
    names += sorted(set(found) - set(names))
    return {name: i for i, name in enumerate(names)}


Place = tuple[int, int, datetime]
"""Local day (ordinal), wall-clock slot of the day, start of the slot in UTC."""


def _places(calendar: Calendar, stamps: Iterable[float], slot_minutes: int) -> dict[float, Place]:
    """Where each distinct instant lies; a time inside a slot is moved to its beginning.

    Instants are timestamps: two wall-clock times of one zone compare equal through a repeated hour.
    """
    places: dict[float, Place] = {}
    for stamp in stamps:
        # Offsets from UTC are whole slots in Portugal, so slots begin at the same instants
        # on the wall clock and in UTC.
        instant = datetime.fromtimestamp(stamp - stamp % (slot_minutes * 60), UTC)
        local = instant.astimezone(calendar.zone)
        slot = (local.hour * 60 + local.minute) // slot_minutes
        places[stamp] = (local.toordinal(), slot, instant)
    return places


def _grid(calendar: Calendar, places: dict[float, Place], slot_minutes: int) -> Grid:
    """All open slots of the days with arrivals, and the slots with arrivals outside the hours."""
    by_start = {place[2]: place for place in places.values()}
    for ordinal in {place[0] for place in places.values()}:
        for instant in calendar.slots(date.fromordinal(ordinal), slot_minutes):
            slot = _wall_slot(calendar, instant, slot_minutes)
            by_start.setdefault(instant, (ordinal, slot, instant))
    return _as_grid([by_start[start] for start in sorted(by_start)], slot_minutes)


def _wall_slot(calendar: Calendar, instant: datetime, slot_minutes: int) -> int:
    local = instant.astimezone(calendar.zone)
    return (local.hour * 60 + local.minute) // slot_minutes


def _as_grid(places: Sequence[Place], slot_minutes: int) -> Grid:
    return Grid(
        np.array([place[0] for place in places], dtype=np.int64),
        np.array([place[1] for place in places], dtype=np.int64),
        slot_minutes,
        tuple(place[2] for place in places),
    )
