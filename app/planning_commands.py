"""Flask commands of the chain from arrivals to a published roster, each step by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app import settings_of
from app.answering import answering, refusals_in_words
from app.models import database


def _a_monday(_context: click.Context, _option: click.Parameter, week: dt.datetime) -> dt.datetime:
    if week.weekday() != 0:
        raise click.BadParameter(f"{week.date()} is no Monday, expected a Monday")
    return week


def _week_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--week",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_a_monday,
        required=True,
        help="The Monday the week begins on.",
    )(command)


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

    with database.connection_context(), refusals_in_words("group"):
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

    with database.connection_context(), refusals_in_words("group"):
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
    with database.connection_context(), refusals_in_words("group"):
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
    with database.connection_context(), refusals_in_words():
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

    with database.connection_context(), refusals_in_words(f"roster {roster_id}"):
        done = rosters.publish(SYSTEM, roster_id, dt.datetime.now(dt.UTC))
    already = "" if done else " already; nothing is changed"
    click.echo(f"roster {roster_id} is published{already}")


@click.command("export")
@click.argument("roster_id", type=int)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
@answering()
def export_command(roster_id: int, folder: Path) -> None:
    """Write a roster's problem and roster files into FOLDER."""
    from app.services import exchange

    with database.connection_context(), refusals_in_words(f"roster {roster_id}"):
        for path in exchange.export_roster(roster_id, folder):
            click.echo(path)


COMMANDS = (
    forecast_command,
    requirements_command,
    build_command,
    build_groups_command,
    publish_command,
    export_command,
)
