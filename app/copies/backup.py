"""A backup: one file with every table, made while the service runs, restored all or nothing.

It is a zip with one member a table, a line of JSON for each row, and a manifest. It is the same
of SQLite and of PostgreSQL, and either takes it back. The service's secret key is not in it.
"""

from __future__ import annotations

import datetime as dt
import glob
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.copies.reopened import end_sessions_and_links
from app.copies.shapes import Row, Shape, Tally, line_of, shapes
from app.copies.tables import (
    CopyRefused,
    Counted,
    NotEmpty,
    OnTable,
    at_one_moment,
    check_up_to_date,
    known_migrations,
    migrations_of,
    read_rows,
    write_everything,
)
from app.models import database
from app.services import audit
from app.services.rights import SYSTEM
from app.version import version

FORMAT = "escala-backup/1"
MANIFEST = "manifest.json"
SOUND_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup's manifest says."""

    made_at: dt.datetime
    version: str
    migrations: tuple[str, ...]
    tables: tuple[tuple[Shape, Counted], ...]


def write_backup(
    file: Path, now: dt.datetime, on_table: OnTable = lambda _counted: None
) -> list[Counted]:
    """Write the models' database to `file`, in place of one that is there; what each table held.

    All tables are of one moment, and nobody waits. The file is whole or not there: it is written
    beside, brought to the disk, then renamed; its folder is made where there is none.

    Raises CopyRefused for a database of another version.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    _clear_what_was_cut_off(file)
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                written = _write(archive, now, on_table)
            raw.flush()
            os.fsync(raw.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return written


def _clear_what_was_cut_off(file: Path) -> None:
    """Take away the parts of backups whose process was killed: they hold what people's data are."""
    # Backups are named by their day: what is cut off today has another name than tomorrow's.
    alike = f"*{glob.escape(file.suffix)}" if file.suffix else glob.escape(file.name)
    for part in file.parent.glob(f".{alike}.*.part"):
        number = part.name.removesuffix(".part").rpartition(".")[2]
        if number.isdecimal() and not _is_alive(int(number)):
            part.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def _write(archive: zipfile.ZipFile, now: dt.datetime, on_table: OnTable) -> list[Counted]:
    written, tables = [], shapes()
    with at_one_moment(database.obj):
        check_up_to_date(database.obj, "the database")
        for shape in tables:
            tally = Tally(shape)
            with archive.open(_member(shape), "w", force_zip64=True) as member:
                for row in read_rows(database.obj, shape):
                    tally.add(row)
                    member.write(f"{line_of(row)}\n".encode())
            written.append(Counted(shape.table, tally.rows, tally.digest()))
            on_table(written[-1])
        migrations = migrations_of(database.obj)
        end = audit.end_of_log() if database.table_exists("audit_entry") else None
    manifest = {
        "format": FORMAT,
        "version": version(),
        "made_at": now.isoformat(),
        "migrations": migrations,
        "audit": str(end or ""),
        "tables": [
            {"shape": shape.to_json(), "rows": one.rows, "digest": one.digest}
            for shape, one in zip(tables, written, strict=True)
        ],
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return written


def check_backup(file: Path, on_table: OnTable = lambda _counted: None) -> Backup:
    """Read a backup to its end. Raises CopyRefused, naming every table that is damaged."""
    with _opened(file) as archive:
        backup = _manifest(file, archive)
        damaged = []
        for shape, counted in backup.tables:
            if _counted(archive, shape) == counted:
                on_table(counted)
            else:
                damaged.append(shape.table)
    if damaged:
        raise CopyRefused(f"{file} is damaged: {', '.join(damaged)}")
    return backup


def end_of_log_in(file: Path) -> str:
    """Where the audit log ended when the backup was made, for `flask audit --since`; empty for
    backups of before this was told."""
    with _opened(file) as archive:
        return str(json.loads(archive.read(MANIFEST)).get("audit", ""))


def restore_backup(
    file: Path,
    instance: Path,
    now: dt.datetime,
    *,
    replace: bool,
    on_table: OnTable = lambda _counted: None,
) -> Backup:
    """Put a backup into the models' database, all or nothing; the service must not be running.

    One of an older version is put into tables as they were then, and these are brought up to
    date. What was open then does not open anew: every session ends, every link is withdrawn.
    Raises CopyRefused for a damaged file, one of a newer version, and for a database that
    holds rows unless `replace` is said.
    """
    backup = check_backup(file)
    unknown = set(backup.migrations) - set(known_migrations())
    if unknown:
        told = ", ".join(sorted(unknown))
        raise CopyRefused(f"{file} was made by version {backup.version}, newer than this: {told}")

    def finish(_written: list[Counted]) -> None:
        made = backup.made_at.isoformat()
        sessions, links = end_sessions_and_links(now)
        audit.record(
            SYSTEM, "database.restore", "database", "backup", now,
            made_at=made, sessions_ended=sessions, links_withdrawn=links,
        )  # fmt: skip

    try:
        with _opened(file) as archive:
            write_everything(
                instance,
                backup.migrations,
                [shape for shape, _counted in backup.tables],
                lambda shape: _rows(archive, shape),
                replace=replace,
                finish=finish,
                on_table=on_table,
            )
    except NotEmpty as error:
        raise CopyRefused(f"{error}; with --replace they are thrown away") from None
    return backup


def _member(shape: Shape) -> str:
    return f"tables/{shape.table}.jsonl"


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise CopyRefused(f"there is no file {file}") from None
    except zipfile.BadZipFile as error:
        raise CopyRefused(f"{file} is damaged, or no backup: {error}") from None


def _manifest(file: Path, archive: zipfile.ZipFile) -> Backup:
    try:
        kept = json.loads(archive.read(MANIFEST))
        if kept["format"] != FORMAT:
            raise CopyRefused(f"{file} is of the form {kept['format']!r}, expected {FORMAT!r}")
        return Backup(
            made_at=dt.datetime.fromisoformat(kept["made_at"]),
            version=kept["version"],
            migrations=tuple(kept["migrations"]),
            tables=tuple(_table(one) for one in kept["tables"]),
        )
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise CopyRefused(f"{file} is damaged, or no backup: its manifest: {error}") from None


def _table(kept: dict[str, Any]) -> tuple[Shape, Counted]:
    shape = Shape.from_json(kept["shape"])
    for name in (shape.table, *shape.columns):
        if not SOUND_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a table or column")
    return shape, Counted(shape.table, kept["rows"], kept["digest"])


def _counted(archive: zipfile.ZipFile, shape: Shape) -> Counted | None:
    """What a member holds; None where it cannot be read."""
    tally = Tally(shape)
    try:
        for row in _rows(archive, shape):
            tally.add(row)
    except (KeyError, ValueError, zlib.error, zipfile.BadZipFile):
        return None
    return Counted(shape.table, tally.rows, tally.digest())


def _rows(archive: zipfile.ZipFile, shape: Shape) -> Iterator[Row]:
    with archive.open(_member(shape)) as member:
        for line in member:
            yield json.loads(line)
