"""Arrivals as the forecast wants them: one office, local days × wall-clock slots × language × need.

Nothing here is personal: an arrival is an office, a time, a language and a need.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import compress
from operator import attrgetter
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray
from forecast.calendar import MINUTES_A_DAY, Calendar
from forecast.cells import Cells
from forecast.faults import Fault, refuse
from forecast.grid import Grid, grid_of
from forecast.grouping import sum_by

Kind = TypeVar("Kind", bound=Hashable)

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


@dataclass(frozen=True, eq=False)
class ArrivalSeries:
    """The arrivals logged at one office.

    grid: its n slots. logged: how many came in each, [n, languages, needs], or the cells that
    are not 0. Every slot of `grid` was watched: a slot without arrivals is a true zero. A day
    without any arrival at all is left out, since nobody can tell whether nobody came or nobody
    logged.
    """

    office: str
    grid: Grid
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    logged: FloatArray | Cells

    @cached_property
    def counts(self) -> FloatArray:
        """[n, languages, needs]."""
        return self.logged.table() if isinstance(self.logged, Cells) else self.logged

    def by_language(self) -> FloatArray:
        """[n, languages]."""
        if isinstance(self.logged, Cells):
            return self.logged.by_language()
        # As a product, which is much quicker than a sum over a short axis.
        return np.asarray(self.logged @ np.ones(self.logged.shape[2]))

    def by_group(self, group: IntArray, groups: int) -> FloatArray:
        """Sums over the slots of each group, [groups, languages, needs]; group: of each slot."""
        if isinstance(self.logged, Cells):
            return self.logged.by_group(group, groups)
        return sum_by(group, self.logged, groups)

    def with_logged(self, logged: FloatArray | Cells) -> ArrivalSeries:
        """The same slots, languages and needs with other counts."""
        return ArrivalSeries(self.office, self.grid, self.languages, self.needs, logged)

    @property
    def logged_days(self) -> int:
        return len(np.unique(self.grid.days))

    def before(self, day: date) -> ArrivalSeries:
        """Only what was logged before a local day began."""
        chosen = self.grid.days < day.toordinal()
        if chosen.all():
            return self
        logged = self.logged
        kept = logged.taken(chosen) if isinstance(logged, Cells) else logged[chosen]
        return ArrivalSeries(self.office, self.grid.take(chosen), self.languages, self.needs, kept)

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
        refuse([*_naive(office, starts), *_faults(office, counts, slot_minutes)])
        firsts, run = _runs(starts)
        seconds = np.array([start.timestamp() for start in firsts], dtype=np.float64)
        stamps = np.floor(seconds).astype(np.int64)[run]
        kinds, kind_at = numbered(list(zip(said, asked, strict=True)))
        return ArrivalSeries.from_stamps(
            office, stamps, kinds, kind_at, counts, calendar,
            languages=languages, needs=needs, slot_minutes=slot_minutes,
        )  # fmt: skip

    @staticmethod
    def from_stamps(
        office: str,
        stamps: IntArray,
        kinds: Sequence[tuple[str, str | None]],
        kind_at: IntArray,
        counts: npt.ArrayLike,
        calendar: Calendar,
        *,
        languages: Sequence[str] = (),
        needs: Sequence[str] = (),
        slot_minutes: int = 30,
    ) -> ArrivalSeries:
        """The same where instants are told as timestamps, [n], and languages and needs as which of
        `kinds` each row is, [n]."""
        weights = np.asarray(counts, dtype=np.float64)
        refuse(_faults(office, weights, slot_minutes))
        # Offsets from UTC are whole slots in Portugal, so slots begin at the same instants on the
        # wall clock and in UTC.
        step = slot_minutes * 60
        begun = stamps // step * step
        # Rows in order of time change their slot rarely.
        firsts = np.flatnonzero(np.append(True, begun[1:] != begun[:-1])[: len(begun)])
        slots, slot_of = np.unique(begun[firsts], return_inverse=True)
        slot_at = np.repeat(slot_of, np.diff(np.append(firsts, len(begun))))
        language_at = _positions(languages, (said for said, _asked in kinds))
        need_at = _positions(needs, (asked or UNSAID for _said, asked in kinds))
        grid, grid_stamps = grid_of(calendar, slots, slot_minutes)
        shape = len(grid), max(1, len(language_at)), max(1, len(need_at))
        kind_of = np.array(
            [(language_at[said] * shape[2]) + need_at[asked or UNSAID] for said, asked in kinds],
            dtype=np.int64,
        )
        row = np.searchsorted(grid_stamps, slots)[slot_at]
        cells = Cells(shape, row, kind_of[kind_at], weights)
        return ArrivalSeries(
            office, grid, tuple(language_at) or (UNSAID,), tuple(need_at) or (UNSAID,), cells
        )


def _naive(office: str, starts: Sequence[datetime]) -> list[Fault]:
    if None not in set(map(attrgetter("tzinfo"), starts)):
        return []
    return [
        Fault(f"office {office} row {number}", "start", start, "an aware datetime")
        for number, start in enumerate(starts, start=1)
        if start.tzinfo is None
    ]


def _faults(office: str, counts: npt.ArrayLike, slot_minutes: int) -> list[Fault]:
    faults = []
    if slot_minutes < 1 or MINUTES_A_DAY % slot_minutes:
        faults.append(
            Fault(f"office {office}", "slot_minutes", slot_minutes, "a divisor of 1440 minutes")
        )
    told = np.asarray(counts)
    faults += [
        Fault(f"office {office} row {at + 1}", "count", told[at].item(), "a whole number ≥ 0")
        for at in np.flatnonzero(told < 0).tolist()
    ]
    return faults


def numbered(found: Sequence[Kind]) -> tuple[list[Kind], IntArray]:
    """The different ones of many, and which of them each is, [n]."""
    different = list(dict.fromkeys(found))
    position = {one: i for i, one in enumerate(different)}
    return different, np.fromiter(map(position.__getitem__, found), np.int64, len(found))


def _positions(given: Sequence[str], found: Iterable[str]) -> dict[str, int]:
    """Position of each name, those given first, then the others in alphabetical order."""
    names = dict.fromkeys([*given, *sorted(set(found) - set(given))])
    return {name: i for i, name in enumerate(names)}


def _runs(starts: Sequence[datetime]) -> tuple[list[datetime], IntArray]:
    """The first of each run of the same object, and the run that each start is in, [n].

    Rows in order of time have few. Objects and not times: two wall-clock times of one zone compare
    equal through a repeated hour.
    """
    keys = np.fromiter(map(id, starts), dtype=np.int64, count=len(starts))
    begins = np.diff(keys, prepend=-1) != 0
    return list(compress(starts, begins.tolist())), np.cumsum(begins) - 1
