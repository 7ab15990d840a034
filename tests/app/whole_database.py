"""All that a database holds, and what people take out of it, to compare one copy with another."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from small_world import SmallWorld

from app.copies.shapes import shapes
from app.copies.tables import at_one_moment, read_rows
from app.database import database_of
from app.models import FeedDocument, Roster
from app.services import exchange, feeds, roster_tables, sheets_out

BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
Exports = dict[str, bytes]


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(one) for one in args])


def exports(world: SmallWorld, feed: str, folder: Path, now: dt.datetime) -> Exports:
    """What people take out of the application, as bytes."""
    roster = Roster.get(Roster.published_at.is_null(False))
    files = exchange.export_roster(roster.id, folder)
    found = {path.name: path.read_bytes() for path in files}
    for what in ("board", "hours", "cover"):
        tables = roster_tables.roster_tables(world.system, roster.id, what, None, now)
        for form in ("csv", "xlsx"):
            found[f"{what}.{form}"] = sheets_out.write(tables, form)
    # Written anew from its rows, not as it was kept.
    FeedDocument.update(rendered=-1).execute()
    found["feed.ics"] = feeds.read_feed(feed, now).body
    return found


def rows_of(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text, in an order that does not depend on the database."""
    source = database_of(url)
    with at_one_moment(source):
        found = {
            shape.table: sorted(
                json.dumps(row, sort_keys=True).replace("1e+22", f"1{'0' * 22}")
                for row in read_rows(source, shape)
            )
            for shape in shapes()
        }
    source.close_all()
    return found


def without_last_entry(rows: dict[str, list[str]], action: str) -> dict[str, list[str]]:
    """Each copy says in the log that it was made; all else is as it was."""
    entries = rows["audit_entry"]
    added = [one for one in entries if f'"{action}"' in one]
    assert added
    newest = max(added, key=lambda one: json.loads(one)[0])
    return {**rows, "audit_entry": [one for one in entries if one != newest]}
