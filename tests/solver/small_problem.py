"""Small problems to judge, written as the JSON a file would hold."""

from __future__ import annotations

from typing import Any


def mediator(identifier: str, **changes: Any) -> dict[str, Any]:
    """A mediator who may do nearly anything at the office `faro`."""
    return {
        "id": identifier,
        "skills": {"lang:pt": None},
        "offices": {"faro": 0},
        "unavailable": [],
        "busy": [],
        "shift_slots": [1, 24],
        "max_day_slots": 24,
        "weeks": [{"min_slots": 0, "max_slots": 168, "max_days": 7}],
        "min_rest_slots": 0,
        "max_consecutive_days": 7,
        "history": {"last_end": None, "consecutive_days": 0},
        "wishes": [],
        "unsocial": {"free": 0, "cost": 0},
        **changes,
    }


def shift(identifier: str, day: int, start: int, end: int, **changes: Any) -> dict[str, Any]:
    """A shift at `faro` from hour `start` to hour `end` of a day of 24 slots."""
    return {
        "id": identifier,
        "office": "faro",
        "day": day,
        "start": 24 * day + start,
        "end": 24 * day + end,
        "breaks": [],
        "unsocial": False,
        **changes,
    }


def requirement(identifier: str, start: int, end: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "office": "faro",
        "start": start,
        "end": end,
        "needs": ["lang:pt"],
        "count": 1,
        "minimum": 0,
        "cost": 10,
        "minimum_cost": 10,
        "exclusive": True,
        **changes,
    }


def problem(days: int = 7, **changes: Any) -> dict[str, Any]:
    """`days` days of 24 slots of an hour each, one week, one office, nobody and nothing else."""
    return {
        "format": "escala-problem/1",
        "name": "small",
        "slot_minutes": 60,
        "days": [
            {"date": f"2026-03-{2 + day:02}", "start": 24 * day, "end": 24 * day + 24}
            for day in range(days)
        ],
        "weeks": [list(range(days))],
        "offices": [{"id": "faro", "capacity": None}],
        "shifts": [],
        "mediators": [],
        "requirements": [],
        "locked": [],
        "previous": None,
        "costs": {"under_slot": 0, "change": 0},
        **changes,
    }
