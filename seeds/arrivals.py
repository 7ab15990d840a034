"""A year of arrivals of every office, drawn from the stated model and recorded, and how some of the
last weeks' visits ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from app.models import Office
from app.services.arrivals import ArrivalRow, record_arrivals
from app.services.openings import OpeningCalendar, opening_calendar
from app.services.rights import Actor
from seeds.arrivals_model import Cell, OfficeDemand, OpenDay, draw_arrivals
from seeds.receptions import OFFICES, load_endings
from seeds.tables import read_table
from seeds.telephone import TELEPHONE, load_calls, split

SOURCE = "demo"
HISTORY_WEEKS = 53
LOCAL_WEEKS = 26
"""Of the local centres that are planned in a region: half a year foresees a week of a few visitors,
and there are many of them."""
MAIN_GROUP = "network"
SLOT = dt.timedelta(minutes=30)


def load_arrivals(
    actor: Actor,
    offices: dict[str, int],
    today: dt.date,
    now: dt.datetime,
    step: Callable[[int, int], None],
    weeks: int = HISTORY_WEEKS,
) -> tuple[int, int]:
    """Record so many weeks up to the eve of `today`; how many rows and how many visitors."""
    table = read_table("offices")
    recorded = visitors = 0
    for index, row in enumerate(table):
        step(index, len(table))
        office_id = offices[row["code"]]
        known = weeks if row["group"] == MAIN_GROUP else min(weeks, LOCAL_WEEKS)
        cells = office_cells(opening_calendar(Office.get_by_id(office_id)), index, today, known)
        if row["code"] == TELEPHONE:
            called, cells = split(cells, today)
            recorded += load_calls(actor, office_id, called, now)
            visitors += sum(cell.visitors for cell in called)
        rows = [
            ArrivalRow(office_id, cell.starts_at, cell.language, cell.need, cell.visitors)
            for cell in cells
        ]
        recorded += record_arrivals(actor, rows, now, SOURCE)
        visitors += sum(cell.visitors for cell in cells)
        if row["code"] in OFFICES:
            load_endings(actor, office_id, index, cells, today, now, SOURCE)
    step(len(table), len(table))
    return recorded, visitors


def office_cells(
    calendar: OpeningCalendar, index: int, today: dt.date, weeks: int = HISTORY_WEEKS
) -> list[Cell]:
    """The drawn history of the office at `index` of data/offices.csv, up to yesterday."""
    row = read_table("offices")[index]
    demand = OfficeDemand(
        index=index,
        daily_visitors=float(row["daily_visitors"]),
        yearly_growth_percent=float(row["yearly_growth_percent"]),
        profile=row["profile"],
        peak=float(row["peak"]),
        saturday=float(row["saturday"]),
    )
    dates = [today - dt.timedelta(days=back) for back in range(weeks * 7, 0, -1)]
    days = [day for date in dates if (day := open_day(calendar, date)) is not None]
    return draw_arrivals(demand, days, calendar.holiday_name, dates[-1])


def open_day(calendar: OpeningCalendar, date: dt.date) -> OpenDay | None:
    """The half hours in which an office is open on a date; None when it is shut."""
    starts = []
    for opens, closes in calendar.intervals(date):
        instant = opens
        while instant < closes:
            starts.append(instant)
            instant += SLOT
    if not starts:
        return None
    walls = [instant.astimezone(calendar.zone) for instant in starts]
    return OpenDay(date, tuple(wall.hour * 60 + wall.minute for wall in walls), tuple(starts))
