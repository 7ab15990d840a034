"""A shift of an office's day from its hours: its identifier, whether it is unsocial, its kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.models import Office
from app.services.horizon import Horizon
from solver import problem as sp

SATURDAY = 5


class ShiftMaker:
    """Makes shifts of one office's day, whether a build offers them or a coordinator gives them."""

    def __init__(self, office: Office, date: dt.date, horizon: Horizon) -> None:
        self._office = office
        self._date = date
        self._horizon = horizon
        self._day = (date - horizon.starts_on).days
        self._evening = horizon.wall(date, office.unsocial_from_minute, office.zone)

    def make(self, start: int, end: int, breaks: Sequence[tuple[int, int]]) -> sp.Shift:
        """The shift of these slots. Its identifier is readable, and the same for the same hours:
        `lisbon.2026-03-09.16-33b22-24`, in slots of the day."""
        base = self._horizon.days[self._day].start
        pauses = "".join(f"b{first - base}-{last - base}" for first, last in breaks)
        late = self._horizon.instant(end) > self._evening
        return sp.Shift(
            id=f"{self._office.code}.{self._date.isoformat()}.{start - base}-{end - base}{pauses}",
            office=self._office.code,
            day=self._day,
            start=start,
            end=end,
            breaks=tuple(sp.Interval(*pause) for pause in breaks),
            unsocial=late or self._date.weekday() >= SATURDAY,
            kind="late" if late else "early",
        )
