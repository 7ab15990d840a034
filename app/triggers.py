"""Triggers that the application puts into the database, and keeps as they should be.

They are put in place after the migrations, under their lock: one that makes a table anew loses
its triggers. A trigger's name ends with a mark of what it does, so that a changed one is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.database import is_postgresql
from app.models import database

PREFIXES = ("feed_changes", "append_only")


@dataclass(frozen=True, slots=True)
class Trigger:
    """`timing` is BEFORE or AFTER, `event` INSERT, UPDATE or DELETE of each row of `table`."""

    prefix: str
    table: str
    timing: str
    event: str
    when: str
    """A condition over OLD and NEW, empty for always."""
    body: str
    """Statements, in the database's own words."""

    @property
    def name(self) -> str:
        mark = hashlib.sha256(f"{self.timing}{self.when}{self.body}".encode()).hexdigest()[:8]
        return f"{self.prefix}_{self.table}_{self.event.lower()}_{mark}"

    def statements(self) -> list[str]:
        when = f"WHEN ({self.when})" if self.when else ""
        head = (
            f'CREATE TRIGGER "{self.name}" {self.timing} {self.event} ON "{self.table}" '
            f"FOR EACH ROW {when}"
        )
        if not is_postgresql():
            return [f"{head} BEGIN {self.body} END"]
        row = "OLD" if self.event == "DELETE" else "NEW"
        return [
            f'CREATE OR REPLACE FUNCTION "{self.name}"() RETURNS trigger AS $$ '
            f"BEGIN {self.body} RETURN {row}; END $$ LANGUAGE plpgsql",
            f'{head} EXECUTE FUNCTION "{self.name}"()',
        ]


def install() -> bool:
    """Put the triggers in place unless these very ones are; whether any was put."""
    from app import append_only, feed_triggers

    return _replace([*feed_triggers.triggers(), *append_only.triggers()])


def take_away() -> None:
    """Take all the triggers of ours away; `install` puts them back."""
    with database.atomic():
        for name, table in _present():
            on_table = f' ON "{table}"' if is_postgresql() else ""
            database.execute_sql(f'DROP TRIGGER IF EXISTS "{name}"{on_table}')
            if is_postgresql():
                database.execute_sql(f'DROP FUNCTION IF EXISTS "{name}"()')


def _replace(wanted: Sequence[Trigger]) -> bool:
    if {name for name, _table in _present()} == {one.name for one in wanted}:
        return False
    with database.atomic():
        take_away()
        for one in wanted:
            for statement in one.statements():
                database.execute_sql(statement)
    return True


def _present() -> list[tuple[str, str]]:
    """Name and table of each trigger of ours."""
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if is_postgresql():
        query = (
            "SELECT g.tgname, c.relname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid "
            "WHERE NOT g.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
    rows = database.execute_sql(query).fetchall()
    return [(str(name), str(table)) for name, table in rows if str(name).startswith(PREFIXES)]
