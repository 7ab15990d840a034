"""Moving from one database to another, SQLite or PostgreSQL, in either direction."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from app.addresses import fault_of_database
from app.copies.shapes import shapes
from app.copies.tables import (
    CopyRefused,
    Counted,
    OnTable,
    at_one_moment,
    check_up_to_date,
    known_migrations,
    read_rows,
    write_everything,
)
from app.database import database_of
from app.models import database
from app.services import audit, service_state
from app.services.rights import SYSTEM
from app.services.service_state import BEAT_OLD


def copy_database(
    source_url: str,
    target_url: str,
    instance: Path,
    now: dt.datetime,
    on_table: OnTable = lambda _counted: None,
    *,
    running: bool = False,
) -> list[Counted]:
    """Copy all tables into an empty database, in one transaction there; what each came to.

    The source is read at one moment; it may be in use only where `running` is said. Raises
    CopyRefused and writes nothing where an address is none, the source is in use or not up to
    date, the target is not empty, a row does not fit, or what can be read back differs.
    """
    for name, url in (("SOURCE_URL", source_url), ("TARGET_URL", target_url)):
        fault = fault_of_database(url)
        if fault:
            raise CopyRefused(f"{name} {fault}")
    _check_file(source_url)
    source, target, before = database_of(source_url), database_of(target_url), database.obj
    database.initialize(target)
    try:
        with at_one_moment(source):
            check_up_to_date(source, "the source")
            if not running:
                _check_stopped(source, now)

            def finish(written: list[Counted]) -> None:
                rows = sum(one.rows for one in written)
                audit.record(SYSTEM, "database.copy", "database", "copy", now, rows=rows)

            return write_everything(
                instance,
                known_migrations(),
                shapes(),
                partial(read_rows, source),
                replace=False,
                finish=finish,
                on_table=on_table,
            )
    finally:
        for one in (source, target):
            one.close_all()
        database.initialize(before)


def _check_stopped(source: Any, now: dt.datetime) -> None:
    if source.execute(service_state.living(now)).fetchall():
        raise CopyRefused(
            "a worker serves the source: stop the service first, or what is written meanwhile is "
            f"not copied. One that was killed counts as gone after {BEAT_OLD.seconds} seconds; "
            "with --running the copy is made all the same"
        )


def _check_file(url: str) -> None:
    """Connecting to a SQLite file that is not there would make an empty one."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not Path(unquote(parts.path[1:])).is_file():
        raise CopyRefused(f"SOURCE_URL: there is no file {unquote(parts.path[1:])}")
