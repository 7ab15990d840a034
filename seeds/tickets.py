"""The queue of the demonstration's moment: who waits in Lisbon, and two who have been called.

Nobody of them is counted among the arrivals, which end on the eve; what is called and ended from
then on counts itself.
"""

from __future__ import annotations

import datetime as dt

from app.models import Office
from app.services import tickets
from app.services.rights import Actor
from seeds.tables import read_table

OFFICE = "lisbon"
COUNTERS = ("4", "Sala 2")
CALLED_AFTER = dt.timedelta(minutes=2)


def load_tickets(actor: Actor, offices: dict[str, int], now: dt.datetime) -> int:
    """Numbers given in the last hour before `now`; how many."""
    office = Office.get_by_id(offices[OFFICE])
    rows = read_table("tickets")
    for place, row in enumerate(rows):
        taken_at = now - dt.timedelta(minutes=int(row["minutes_ago"]))
        tickets.issue(office, f"demo{place:06d}", row["language"], row["need"], taken_at)
    spoken = {row["language"] for row in rows}
    for place, counter in enumerate(COUNTERS):
        tickets.call_next(
            actor,
            office.id,
            press=f"demo{place:06d}",
            need="",
            languages=spoken,
            counter=counter,
            now=now - CALLED_AFTER,
        )
    return len(rows)
