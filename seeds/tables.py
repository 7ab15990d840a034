"""The CSV files of `seeds/data`, read as they are."""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
Row = dict[str, str]


@cache
def read_table(name: str) -> tuple[Row, ...]:
    """The rows of `data/NAME.csv`, each a dict by column; not to be changed."""
    with open(DATA / f"{name}.csv", newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def minute(clock: str) -> int:
    """`08:30` → 510; `24:00` → 1440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def monday_after(today: dt.date) -> dt.date:
    """The Monday of the coming week: the first after `today`."""
    return today + dt.timedelta(days=7 - today.weekday())
