"""How visits ended: served, by telephone or left, after what wait, received for how long.

Kept as counts and sums by office, half hour, language, need and source; nothing personal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from app.i18n import _
from app.models import ArrivalOutcome, database
from app.services import arrivals, audit
from app.services.checks import Faults
from app.services.errors import Forbidden
from app.services.rights import Actor

OUTCOMES = ("served", "by_phone", "left")
WAIT_MINUTES_MOST = 600
SERVICE_MINUTES_MOST = 240
_CHUNK_ROWS = 1_000


class OutcomeCell(NamedTuple):
    """Visitors who came to an office in one half hour (aware), for one language and need."""

    office_id: int
    starts_at: dt.datetime
    language: str
    need: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a visit ended and, where known, minutes it waited and minutes it was received."""

    outcome: str
    wait_minutes: int | None = None
    service_minutes: int | None = None


@dataclass(slots=True)
class Tally:
    """What the endings of a cell come to; its fields are those of `ArrivalOutcome`."""

    served: int = 0
    by_phone: int = 0
    left: int = 0
    waits: int = 0
    waited_minutes: int = 0
    services: int = 0
    service_minutes: int = 0

    def add(self, ending: Ending, visits: int = 1) -> None:
        """Count so many visits that ended so; a number below 0 takes them back."""
        setattr(self, ending.outcome, getattr(self, ending.outcome) + visits)
        if ending.wait_minutes is not None:
            self.waits += visits
            self.waited_minutes += visits * ending.wait_minutes
        if ending.service_minutes is not None:
            self.services += visits
            self.service_minutes += visits * ending.service_minutes


def check(
    faults: Faults, ending: Ending, outcome_field: str, wait_field: str, service_field: str
) -> None:
    """Note what cannot be of an ending. Somebody who left was not received for any time."""
    faults.one_of(outcome_field, ending.outcome, OUTCOMES)
    if ending.wait_minutes is not None:
        faults.whole(wait_field, ending.wait_minutes, 0, WAIT_MINUTES_MOST)
    if ending.service_minutes is not None and ending.outcome == "left":
        faults.add(service_field, ending.service_minutes, _("nothing, of somebody who left"))
    elif ending.service_minutes is not None:
        faults.whole(service_field, ending.service_minutes, 1, SERVICE_MINUTES_MOST)


def add_tally(cell: OutcomeCell, tally: Tally, source: str) -> None:
    """Add to what the cell of `source` holds; the caller has checked both and holds the right."""
    table = ArrivalOutcome
    added = asdict(tally)
    table.insert(**_key(cell, source), **added).on_conflict(
        conflict_target=[table.office, table.starts_at, table.language, table.need, table.source],
        update={name: getattr(table, name) + n for name, n in added.items() if n},
    ).execute()


def record_outcomes(
    actor: Actor, tallies: Mapping[OutcomeCell, Tally], now: dt.datetime, source: str
) -> int:
    """Save the tallies of many cells at once, in place of what `source` said of them before.

    Raises Forbidden. The caller has checked the cells; how many there are.
    """
    for office_id in {cell.office_id for cell in tallies}:
        if not arrivals.may_log(actor, office_id, now):
            raise Forbidden
    rows = [_key(cell, source) | asdict(tally) for cell, tally in tallies.items()]
    table = ArrivalOutcome
    with database.atomic():
        for first in range(0, len(rows), _CHUNK_ROWS):
            table.insert_many(rows[first : first + _CHUNK_ROWS]).on_conflict(
                conflict_target=[
                    table.office, table.starts_at, table.language, table.need, table.source,
                ],
                preserve=[getattr(table, name) for name in asdict(Tally())],
            ).execute()  # fmt: skip
        if rows:
            audit.record(actor, "outcomes.record", "arrivals", source, now, rows=len(rows))
    return len(rows)


def _key(cell: OutcomeCell, source: str) -> dict[str, Any]:
    return {
        "office": cell.office_id,
        "starts_at": cell.starts_at,
        "language": cell.language,
        "need": cell.need,
        "source": source,
    }
