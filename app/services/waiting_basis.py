"""What a simulated wait rests on beside its roster, and whether that is still so."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from enum import StrEnum
from typing import Any

from peewee import fn

from app.models import DemandEvent, ForecastSlot, Office


class Changed(StrEnum):
    """What is not so any more."""

    FORECAST = "forecast"
    EVENTS = "events"
    TARGET = "target"


def basis(office: Office, week_starts_on: dt.date) -> dict[str, Any]:
    """What a simulation of an office's week rests on now, as the run keeps it."""
    made_at = (
        ForecastSlot.select(fn.MAX(ForecastSlot.made_at))
        .where(ForecastSlot.office == office, ForecastSlot.week_starts_on == week_starts_on)
        .scalar()
    )
    return {
        "forecast": made_at.isoformat() if made_at else None,
        "events": _events_digest(office.code, week_starts_on),
        "target": [office.target_share_percent, office.target_wait_minutes],
    }


def forecast_of(result: dict[str, Any]) -> dt.datetime | None:
    """When the forecast kept of the week had been made when it was simulated."""
    made_at = result.get("basis", {}).get("forecast")
    return dt.datetime.fromisoformat(made_at) if made_at else None


def changed(result: dict[str, Any], office: Office, week_starts_on: dt.date) -> tuple[Changed, ...]:
    """What differs by now from what a simulation rested on; nothing of one that kept no basis."""
    then = result.get("basis")
    if then is None:
        return ()
    now = basis(office, week_starts_on)
    return tuple(one for one in Changed if then.get(one.value) != now[one.value])


def _events_digest(office: str, week_starts_on: dt.date) -> str:
    """The events that touch the office up to the week: past ones change what is learned."""
    rows = DemandEvent.select().where(DemandEvent.starts_on < week_starts_on + dt.timedelta(days=7))
    told = [
        [
            str(row.starts_on), str(row.ends_on), row.factor_percent,
            sorted(row.languages), sorted(row.needs),
        ]
        for row in rows.order_by(DemandEvent.id)
        if not row.offices or office in row.offices
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
