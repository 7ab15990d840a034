"""What a file of arrivals changes: what is new, differs, is gone from it, was counted elsewhere."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.models import Arrival
from app.services.import_reader import Key

DAY = dt.timedelta(days=1)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Effect:
    """Cells are counts of an office, half hour, language and need that were brought in before."""

    new: int
    changed: int
    emptied: tuple[int, ...]
    """Ids of cells that the file says are 0."""
    gone: tuple[int, ...]
    """Ids of cells of the same offices and days that the file does not have."""
    gone_visitors: int


def effect(cells: Mapping[Key, int], zones: Mapping[int, ZoneInfo], source: str) -> Effect:
    """What cells to be recorded under `source` do to those that are there; writes nothing."""
    stored: dict[Key, tuple[int, int]] = {}
    days = {(key[0], key[1].astimezone(zones[key[0]]).date()) for key in cells}
    for row in _about(cells, Arrival.source == source):
        key = (row.office_id, row.starts_at, row.language_id, row.need)
        here = zones.get(row.office_id)
        if here and (row.office_id, row.starts_at.astimezone(here).date()) in days:
            stored[key] = (row.id, row.count)
    given = {key: count for key, count in cells.items() if count}
    gone = [found for key, found in stored.items() if key not in cells]
    return Effect(
        new=sum(key not in stored for key in given),
        changed=sum(key in stored and stored[key][1] != count for key, count in given.items()),
        emptied=tuple(
            stored[key][0] for key, count in cells.items() if not count and key in stored
        ),
        gone=tuple(row_id for row_id, _count in gone),
        gone_visitors=sum(count for _id, count in gone),
    )


def also_counted(cells: Mapping[Key, int], source: str) -> tuple[tuple[str, int], ...]:
    """Visitors whom each other source has in the half hours of the cells: both would count."""
    slots = {(key[0], key[1]) for key, count in cells.items() if count}
    found: Counter[str] = Counter()
    for row in _about(cells, Arrival.source != source):
        if (row.office_id, row.starts_at) in slots:
            found[row.source] += row.count
    return tuple(sorted(found.items()))


def remove(ids: Iterable[int]) -> int:
    """Remove cells by id; how many. Call within a transaction."""
    listed, removed = list(ids), 0
    for first in range(0, len(listed), _CHUNK):
        removed += Arrival.delete().where(Arrival.id.in_(listed[first : first + _CHUNK])).execute()
    return removed


def _about(cells: Mapping[Key, int], condition: object) -> Iterable[Arrival]:
    """The arrivals of the cells' offices about their times, a day more on either side."""
    if not cells:
        return []
    times = [key[1] for key in cells]
    found: Iterable[Arrival] = Arrival.select().where(
        condition,
        Arrival.office.in_({key[0] for key in cells}),
        Arrival.starts_at.between(min(times) - DAY, max(times) + DAY),
    )
    return found
