"""Shifts of a roster's problem as people read them: instants, the office's name and its clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.models import Office
from app.services.horizon import NETWORK_ZONE
from app.services.open_drafts import OpenDraft
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class ShiftView:
    shift: str
    office: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]
    zone: str
    """Of the office, by whose clock the hours are told."""


class ShiftViews:
    """Shifts of a roster's problem as people read them."""

    def __init__(self, draft: OpenDraft) -> None:
        self._horizon = draft.horizon
        columns = Office.select(Office.code, Office.name, Office.zone)
        self._offices = {one.code: one for one in columns}

    def office_name(self, code: str) -> str:
        office = self._offices.get(code)
        return office.name if office else code

    def zone(self, code: str) -> str:
        office = self._offices.get(code)
        return office.zone if office else NETWORK_ZONE

    def of(self, shift: sp.Shift) -> ShiftView:
        instant = self._horizon.instant
        return ShiftView(
            shift=shift.id,
            office=self.office_name(shift.office),
            starts_at=instant(shift.start),
            ends_at=instant(shift.end),
            breaks=tuple((instant(start), instant(end)) for start, end in shift.breaks),
            zone=self.zone(shift.office),
        )
