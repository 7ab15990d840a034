"""The wait at an office's own desks: each is a queue of its own, served by who sits there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from app.models import Desk, Office
from app.services import reception
from app.services.desk_hours import desk_starts
from app.services.openings import opening_calendar
from forecast.office import OfficeForecast
from forecast.requirements import Desk as ForecastDesk
from forecast.waiting import OfficeDay, ServingMediator

Serving = tuple[ServingMediator, ...]


def desk_forecasts(
    office: Office, week_starts_on: dt.date, forecast: OfficeForecast
) -> dict[str, OfficeForecast]:
    """Of each desk where the network's own people sit: the visitors with its need, in its hours.

    A visitor counts in the half hour in which they come, though where no numbers are given the
    reception has them first.
    """
    openings = opening_calendar(office)
    found = {}
    own = Desk.select().where(Desk.office == office, Desk.partner == "", Desk.wanted > 0)
    for desk in own.order_by(Desk.id):
        if desk.need not in forecast.needs:
            continue
        kept = set(desk_starts(desk, openings, week_starts_on))
        asks = np.zeros(forecast.mean.shape)
        asks[[start in kept for start in forecast.starts], :, forecast.needs.index(desk.need)] = 1.0
        found[desk.need] = replace(forecast, mean=forecast.mean * asks)
    return found


def desk_day(
    office: Office,
    week_starts_on: dt.date,
    need: str,
    forecast: OfficeForecast,
    date: dt.date,
    serving: Serving,
) -> OfficeDay:
    """A day at a desk, as `forecast.waiting` simulates it: whoever sits there receives everybody,
    by telephone interpreting where they share no language, and nobody is sent on."""
    sits = f"desk:{need}"
    return OfficeDay.of_forecast(
        forecast,
        date,
        [replace(one, skills=one.skills | {sits}) for one in serving],
        service=reception.desk_times(office, week_starts_on),
        desks=[ForecastDesk(need, frozenset({need}), sits, 0)],
        manners=replace(reception.manners(office), phone_after_minutes=None),
    )


def told_of_desk(need: str, row: Mapping[str, Any], loads: list[dict[str, Any]]) -> dict[str, Any]:
    """A desk's day as the run keeps it: the row of all its visitors, and how busy who sits there
    is, as a part of their time."""
    minutes = sum(one["minutes"] for one in loads)
    busy = sum(one["minutes"] * (one["utilisation"][0] or 0.0) for one in loads)
    received = 1.0 - sum(row[name][0] or 0.0 for name in ("phone", "left", "unserved"))
    return {
        "need": need,
        **row,
        "received": round(received, 4),
        "busy": round(busy / minutes, 4) if minutes else None,
    }
