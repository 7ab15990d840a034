"""Registers that are appended only: the database itself refuses to change or take a row away.

A row may go once its time of keeping is over (`app.services.privacy_register`), by the database's
own clock, so that nobody takes it away sooner by telling the application another date.
"""

from __future__ import annotations

from app.database import is_postgresql
from app.triggers import Trigger

PREFIX = "append_only"
YEARS_KEPT = 5
REGISTERS = {"late_change": "published_at", "audit_entry": "at"}
"""Table → the column its time of keeping is counted from."""


def triggers() -> list[Trigger]:
    """Two for each register: no update at all, no delete before its time."""
    found = []
    for table, column in REGISTERS.items():
        told = f"{table} is appended only"
        found.append(Trigger(PREFIX, table, "BEFORE", "UPDATE", "", _refusal(told)))
        told += f", and kept for {YEARS_KEPT} years"
        found.append(
            Trigger(PREFIX, table, "BEFORE", "DELETE", f"OLD.{column} > {_limit()}", _refusal(told))
        )
    return found


def _refusal(told: str) -> str:
    if is_postgresql():
        return f"RAISE EXCEPTION '{told}';"
    return f"SELECT RAISE(ABORT, '{told}');"


def _limit() -> str:
    if is_postgresql():
        return f"(now() AT TIME ZONE 'UTC') - interval '{YEARS_KEPT} years'"
    return f"datetime('now', '-{YEARS_KEPT} years')"
