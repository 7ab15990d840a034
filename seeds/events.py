"""Known causes of more or less demand in the demonstration's coming weeks."""

from __future__ import annotations

import datetime as dt

from app.services.events import EventFacts, create_event
from app.services.rights import Actor
from seeds.tables import monday_after, read_table


def load_events(actor: Actor, today: dt.date, now: dt.datetime) -> int:
    """The rows of data/events.csv, days counted from the coming Monday; how many."""
    monday = monday_after(today)
    for row in read_table("events"):
        event = EventFacts(
            name=row["name"],
            starts_on=monday + dt.timedelta(days=int(row["first_day"])),
            ends_on=monday + dt.timedelta(days=int(row["last_day"])),
            factor_percent=int(row["factor_percent"]),
            offices=tuple(row["offices"].split()),
            languages=tuple(row["languages"].split()),
            needs=tuple(row["needs"].split()),
        )
        create_event(actor, event, now)
    return len(read_table("events"))
