"""Commands that copy everything: to another database, to a file and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app import settings_of
from app.answering import answering
from app.copies import backup, moving, reopened
from app.copies.tables import CopyRefused, Counted
from app.models import database
from app.services import audit


@click.command("copy-database")
@click.argument("source_url")
@click.argument("target_url")
@click.option("--running", is_flag=True, help="Copy although a worker serves the source.")
@with_appcontext
@answering("SOURCE_URL or TARGET_URL")
def copy_command(source_url: str, target_url: str, running: bool) -> None:
    """Copy everything from SOURCE_URL into the empty database TARGET_URL, and check it.

    Either is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. Stop the service first: what
    is written to the source meanwhile is not copied.
    """
    with _refusals_in_words():
        told = moving.copy_database(
            source_url,
            target_url,
            settings_of(current_app).instance,
            _now(),
            _told(),
            running=running,
        )
    _sum_up(told, "copied and read back")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
@answering()
def backup_command(file: Path) -> None:
    """Write everything to FILE, while the service runs.

    It holds personal data: keep it as safe as the database, and apart from the secret key, which
    is not in it.
    """
    with _refusals_in_words():
        written = backup.write_backup(file, _now(), _told())
    _sum_up(written, f"in {file}, {file.stat().st_size:,} bytes")
    click.echo(f"its audit log ends at {backup.end_of_log_in(file)}")


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Throw away what the database holds now.")
@click.option("--check", is_flag=True, help="Only read the file to its end; write nothing.")
@with_appcontext
@answering()
def restore_command(file: Path, replace: bool, check: bool) -> None:
    """Put the backup FILE into the database, all or nothing. Stop the service first."""
    with _refusals_in_words():
        if check:
            found = backup.check_backup(file, _told())
        else:
            instance = settings_of(current_app).instance
            found = backup.restore_backup(file, instance, _now(), replace=replace, on_table=_told())
    done = "sound" if check else "restored and read back"
    _sum_up([one for _shape, one in found.tables], f"{done}, of {found.made_at:%Y-%m-%d %H:%M} UTC")
    if not check:
        _say_what_waits()


COMMANDS = (copy_command, backup_command, restore_command)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def _refusals_in_words() -> Iterator[None]:
    try:
        yield
    except CopyRefused as error:
        raise click.ClickException(str(error)) from None


def _told() -> Callable[[Counted], None]:
    """A line for each table as it is done; those without rows are only counted."""

    def tell(counted: Counted) -> None:
        if counted.rows:
            click.echo(f"{counted.table:24} {counted.rows:>10,} rows  {counted.digest[:16]}")

    return tell


def _sum_up(tables: list[Counted], done: str) -> None:
    rows = sum(one.rows for one in tables)
    click.echo(f"{len(tables)} tables, {rows:,} rows {done}")


def _say_what_waits() -> None:
    """What a restored service would do by itself, which the one before may have done already."""
    with database.connection_context():
        to_send = reopened.goes_out_again(_now())
        broken = audit.verify()
        again = reopened.open_again()
    click.echo("every session is ended, every link sent by mail withdrawn")
    click.echo("look whether any of these was withdrawn since the backup; it is open again:")
    for line in again:
        click.echo(f"  {line}")
    if to_send:
        click.echo(
            "these go out by mail once a worker runs; some may have gone out since the backup:"
        )
    for line in to_send:
        click.echo(f"  {line}")
    if broken is not None:
        click.echo(f"audit log: entry {broken} does not follow, as in what was backed up", err=True)
