"""Flask commands: the chain's steps, each callable by itself."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import click
from flask import Flask, current_app, url_for
from flask.cli import with_appcontext

from app import settings_of
from app.answering import answering
from app.database import NewerDatabase, migrate, pending_migrations, unknown_migrations
from app.i18n import FIRST, LANGUAGES, in_language
from app.listening import addressed, require_free, where
from app.models import database
from app.services.errors import NotFound, ServiceError
from app.services.horizon import network_date
from app.services.keyring import Keyring


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    from app.copies.commands import COMMANDS

    for command in (
        *COMMANDS,
        migrate_command,
        begin_command,
        demo_command,
        serve_command,
        web_command,
        worker_command,
        audit_command,
        forecast_command,
        requirements_command,
        build_command,
        build_groups_command,
        publish_command,
        export_command,
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


def _a_monday(_context: click.Context, _option: click.Parameter, week: dt.datetime) -> dt.datetime:
    if week.weekday() != 0:
        raise click.BadParameter(f"{week.date()} is no Monday, expected a Monday")
    return week


@contextmanager
def _refusals_in_words(missing: str = "such thing") -> Iterator[None]:
    """What a service refuses ends a command with its reason instead of a trace; `missing` is what
    there may be none of, e.g. `roster 8`."""
    try:
        yield
    except NotFound as error:
        named = f"{missing} {error}".strip()
        raise click.ClickException(f"there is no {named}") from None
    except ServiceError as error:
        raise click.ClickException(str(error) or type(error).__name__) from None


def _week_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--week",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_a_monday,
        required=True,
        help="The Monday the week begins on.",
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
    with database.connection_context(), _refusals_in_words(), in_language("en"):
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


def _group_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--group", default="network", show_default=True, help="Planning group.")(
        command
    )


@click.command("forecast")
@_week_option
@_group_option
@with_appcontext
@answering()
def forecast_command(week: dt.datetime, group: str) -> None:
    """Foresee the arrivals of a week."""
    from app.services import planning

    with database.connection_context(), _refusals_in_words("group"):
        group_row = planning.group_of_code(group)
        count = planning.forecast_week(group_row, week.date(), dt.datetime.now(dt.UTC))
    click.echo(f"{count} forecasts")


@click.command("requirements")
@_week_option
@_group_option
@with_appcontext
@answering()
def requirements_command(week: dt.datetime, group: str) -> None:
    """Derive a week's requirements from its forecast."""
    from app.services import planning

    with database.connection_context(), _refusals_in_words("group"):
        group_row = planning.group_of_code(group)
        count = planning.derive_requirements(group_row, week.date(), dt.datetime.now(dt.UTC))
    click.echo(f"{count} requirements")


@click.command("build")
@_week_option
@_group_option
@click.option("--seconds", default=None, type=click.IntRange(1, 3600))
@with_appcontext
@answering()
def build_command(week: dt.datetime, group: str, seconds: int | None) -> None:
    """Build a draft of a week."""
    from app.services import planning, rosters
    from app.services.problems import BuildOptions
    from app.services.rights import SYSTEM

    settings = settings_of(current_app)
    with database.connection_context(), _refusals_in_words("group"):
        built = rosters.build(
            planning.group_of_code(group),
            week.date(),
            BuildOptions(),
            seconds=seconds or settings.solve_seconds,
            workers=settings.solve_workers,
            now=dt.datetime.now(dt.UTC),
        )
        with database.atomic():
            roster_id = rosters.save_draft(SYSTEM, built, dt.datetime.now(dt.UTC))
    click.echo(
        f"roster {roster_id}: cost {built.judgement.cost}, bound {built.result.bound}, "
        f"{len(built.judgement.violations)} violations"
    )


@click.command("build-groups")
@_week_option
@click.option("--seed", default=0, type=click.IntRange(0, 2**31 - 1), show_default=True)
@click.option("--seconds", default=None, type=click.IntRange(1, 3600))
@with_appcontext
@answering()
def build_groups_command(week: dt.datetime, seed: int, seconds: int | None) -> None:
    """Queue a build of every planning group's week, for all workers there are."""
    from app.services import group_builds
    from app.services.rights import SYSTEM

    now = dt.datetime.now(dt.UTC)
    with database.connection_context(), _refusals_in_words():
        asked = group_builds.ask_group_builds(SYSTEM, week.date(), now, seed=seed, seconds=seconds)
    click.echo(f"runs {', '.join(map(str, asked))} wait for workers")


@click.command("publish")
@click.argument("roster_id", type=int)
@with_appcontext
@answering()
def publish_command(roster_id: int) -> None:
    """Publish a draft."""
    from app.services import rosters
    from app.services.rights import SYSTEM

    with database.connection_context(), _refusals_in_words(f"roster {roster_id}"):
        done = rosters.publish(SYSTEM, roster_id, dt.datetime.now(dt.UTC))
    already = "" if done else " already; nothing is changed"
    click.echo(f"roster {roster_id} is published{already}")


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


@click.command("export")
@click.argument("roster_id", type=int)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
@answering()
def export_command(roster_id: int, folder: Path) -> None:
    """Write a roster's problem and roster files into FOLDER."""
    from app.services import exchange

    with database.connection_context(), _refusals_in_words(f"roster {roster_id}"):
        for path in exchange.export_roster(roster_id, folder):
            click.echo(path)
