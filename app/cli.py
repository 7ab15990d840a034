"""Flask commands that begin, serve and look after a service; others stand where they belong."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import click
from flask import Flask, current_app, url_for
from flask.cli import with_appcontext

from app import settings_of
from app.answering import answering, refusals_in_words
from app.database import NewerDatabase, migrate, pending_migrations, unknown_migrations
from app.i18n import FIRST, LANGUAGES, in_language
from app.listening import addressed, require_free, where
from app.models import database
from app.services.horizon import network_date
from app.services.keyring import Keyring


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    from app import planning_commands
    from app.copies import commands as copies_commands

    for command in (
        *copies_commands.COMMANDS,
        *planning_commands.COMMANDS,
        migrate_command,
        begin_command,
        demo_command,
        serve_command,
        web_command,
        worker_command,
        audit_command,
        remind_command,
        retention_command,
    ):
        app.cli.add_command(command)


def _today_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--today",
        type=click.DateTime(["%Y-%m-%d"]),
        default=None,
        help="The date everything is laid relative to; the real one by default.",
    )(command)


@click.command("migrate")
@with_appcontext
@answering()
def migrate_command() -> None:
    """Bring the database's tables up to date."""
    applied = _migrate()
    click.echo("\n".join(f"applied {name}" for name in applied) or "up to date")


@click.command("begin")
@click.argument("email")
@click.argument("name")
@click.option(
    "--locale", type=click.Choice(list(LANGUAGES)), default=FIRST, show_default=True,
    help="The language of their pages and mail.",
)  # fmt: skip
@with_appcontext
@answering()
def begin_command(email: str, name: str, locale: str) -> None:
    """Begin a service of one's own: its first administrator, contracts by law, a planning group.

    Prints the link by which NAME chooses a password; EMAIL is what they sign in with.
    """
    from app.services.beginning import begin

    settings = settings_of(current_app)
    _migrate()
    with database.connection_context(), refusals_in_words(), in_language("en"):
        made = begin(email, name, locale, Keyring(settings.secret_key), dt.datetime.now(dt.UTC))
    with current_app.test_request_context(base_url=settings.public_url):
        path = url_for("sign_in.invitation", token=made.token)
    click.echo(f"{name} is the administrator, and chooses how to sign in at")
    click.echo(f"  {urljoin(settings.public_url, path)}")
    click.echo(f"once, until {made.expires_at:%Y-%m-%d %H:%M} UTC, while the service runs.")
    click.echo("Until then whoever has this link is the administrator; calling this again ends it.")


@click.command("demo")
@_today_option
@click.option("--reset", is_flag=True, help="Throw the demonstration away and start over.")
@click.option("--serve/--no-serve", default=True, help="Serve it afterwards.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object on one line.")
@click.option("--port", default=8000, show_default=True, help="Port to serve on.")
@with_appcontext
def demo_command(
    today: dt.datetime | None, reset: bool, serve: bool, as_json: bool, port: int
) -> None:
    """The CNAIM demonstration, from arrivals to a published roster."""
    from seeds import demo_run

    settings = settings_of(current_app)
    now = dt.datetime.now(dt.UTC)
    if serve:
        require_free("127.0.0.1", port)
    try:
        with answering():
            summary = demo_run.run(
                settings,
                today=today.date() if today else network_date(now),
                now=now,
                reset=reset,
                port=port,
            )
    except (demo_run.RealPeople, NewerDatabase) as error:
        raise click.ClickException(str(error)) from None
    click.echo(summary.to_json() if as_json else summary.to_text())
    if serve:
        _serve("127.0.0.1", port)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@with_appcontext
def serve_command(host: str, port: int) -> None:
    """Web and worker on this machine, until interrupted."""
    with answering():
        _migrate()
    _serve(host, port)


@click.command("web")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@with_appcontext
def web_command(host: str, port: int) -> None:
    """The web server alone; workers run elsewhere, on the same database."""
    _require_migrated()
    _serve(host, port, workers=0)


def _serve(host: str, port: int, workers: int | None = None) -> None:
    from app.serving import serve

    require_free(host, port)
    with answering(), database.connection_context():
        click.echo("\n".join(where(host, port)), err=True)
    app = _this_app()
    app.config["ESCALA"] = addressed(settings_of(app), os.environ, port)
    sys.exit(serve(host, port, app, workers))


def _this_app() -> Flask:
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return found


def _migrate() -> list[str]:
    try:
        return migrate(settings_of(current_app).instance)
    except NewerDatabase as error:
        raise click.ClickException(str(error)) from None


def _require_migrated() -> None:
    with answering():
        lacking, unknown = pending_migrations(), unknown_migrations()
    if unknown:
        raise click.ClickException(str(NewerDatabase(unknown)))
    if lacking:
        raise click.ClickException(f"run `flask migrate` first: {', '.join(lacking)} not applied")


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Carry out builds and forecasts as they are asked for, and send mail."""
    from app.serving import work

    _require_migrated()
    work(_this_app())


@click.command("audit")
@click.option("--since", metavar="ID:HASH", help="Where it ended once, by a backup or the log.")
@with_appcontext
@answering()
def audit_command(since: str | None) -> None:
    """Check that no entry of the audit log was altered or taken away.

    What was cut off at its end is seen only with --since.
    """
    from app.services import audit

    number, _colon, entry_hash = (since or "0:").partition(":")
    if not number.isdecimal() or (since and not entry_hash):
        raise click.ClickException(f"{since} is no ID:HASH; a backup prints one at its end")
    with database.connection_context():
        found, end = audit.examine(), audit.end_of_log()
        there = since is None or audit.is_there(int(number), entry_hash)
    if found.broken is not None:
        raise click.ClickException(f"entry {found.broken} does not follow from the one before it")
    if not there:
        raise click.ClickException(
            f"entry {number} is not what it was: the log was cut or rewritten"
        )
    click.echo("every entry follows from the one before it")
    click.echo(f"{found.sealed} sealed with this service's key; the log ends at {end}")
    if found.plain or found.foreign:
        told = f"{found.plain} from before there were seals, {found.foreign} of another key"
        click.echo(f"{told}: whoever had the database could have written these anew", err=True)


@click.command("remind")
@with_appcontext
@answering()
def remind_command() -> None:
    """Tell people of certifications that end soon; call it once a day."""
    from app.services import reminding

    with database.connection_context():
        count = reminding.remind(dt.datetime.now(dt.UTC))
    click.echo(f"{count} messages")


@click.command("retention")
@with_appcontext
@answering()
def retention_command() -> None:
    """Take away what the register says has been kept long enough; a worker does it every night."""
    from app.services import retention

    with database.connection_context():
        gone = retention.keep_to_register(dt.datetime.now(dt.UTC))
    click.echo("\n".join(f"{table}: {rows}" for table, rows in gone.items()) or "nothing to do")
