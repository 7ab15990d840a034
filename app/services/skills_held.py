"""When certifications count in a week: they begin, end and are withdrawn on days of a zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from app.models import Certification
from app.services.horizon import Horizon


def held_slots(
    rows: Iterable[Certification], horizon: Horizon, zone: str
) -> dict[str, list[tuple[int, int]]]:
    """Slots in which each certification counts; ones that follow on are joined."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in rows:
        starts = horizon.wall(one.valid_from, 0, zone)
        ends = horizon.wall(one.valid_until, 1440, zone) if one.valid_until else horizon.ends_at
        if one.withdrawn_at:
            ends = min(ends, one.withdrawn_at)
        start = max(0, horizon.slot_ceiling(starts))
        end = min(horizon.slot_count, horizon.slot(ends))
        if start >= end:
            continue
        spans = found[one.kind_id]
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return found
