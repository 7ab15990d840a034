"""The demonstration from arrivals to a published roster, each step once and measured."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from peewee import fn
from tqdm import tqdm

from app.config import Settings
from app.database import migrate
from app.models import (
    TABLES,
    Arrival,
    Assignment,
    Association,
    Language,
    Mediator,
    Office,
    PlanningGroup,
    Requirement,
    Roster,
    Run,
    User,
    database,
)
from app.services import coverage, exchange, planning, rosters, standing, week_rows
from app.services.horizon import monday_of
from app.services.problems import BuildOptions
from app.services.rights import SYSTEM
from seeds import demo
from seeds.accounts import PASSWORD
from seeds.lending import ask_for_somebody
from seeds.past_forecasts import keep_past_forecasts
from seeds.tables import read_table
from seeds.this_week import WEEK, publish_this_week
from solver.result import Progress

GROUP = "network"
LINE_SECONDS = 5
"""Between two lines of progress where no bar can be drawn."""
LOCAL_SECONDS = 10
"""To build the week of a region's local centres, each with a person or two."""


@dataclass
class Summary:
    """What the demonstration came to; the keys of its JSON are this class's."""

    mediators: int = 0
    offices: int = 0
    languages: int = 0
    associations: int = 0
    arrivals: int = 0
    requirements: int = 0
    assignments: int = 0
    violations: int = 0
    cost: int | None = None
    bound: int | None = None
    gap: float | None = None
    coverage: float = 0.0
    """Share of the mediator-half-hours asked for that the roster gives."""
    coverage_by_language: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    logins: list[dict[str, str]] = field(default_factory=list)
    week: str = ""
    reused: list[str] = field(default_factory=list)
    """Steps whose result was there already."""
    files: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(self.__dict__, ensure_ascii=False)

    def to_text(self) -> str:
        gap = "" if self.gap is None else f", at most {self.gap:.1%} above the best possible"
        worst = sorted(self.coverage_by_language.items(), key=lambda one: one[1])[:5]
        lines = [
            f"The week from {self.week} is published.",
            f"  {self.mediators} mediators of {self.associations} associations, "
            f"{self.offices} offices, {self.languages} languages",
            f"  {self.arrivals:,} arrivals → {self.requirements:,} requirements → "
            f"{self.assignments} shifts",
            f"  {self.violations} broken rules; cost {self.cost}, bound {self.bound}{gap}",
            f"  cover {self.coverage:.1%}; least: "
            + ", ".join(f"{code} {share:.0%}" for code, share in worst),
            "  seconds: " + ", ".join(f"{step} {took:.1f}" for step, took in self.seconds.items()),
        ]
        if self.reused:
            lines.append(f"  kept from before: {', '.join(self.reused)}  (--reset starts over)")
        lines += [f"  {name}: {url}" for name, url in self.urls.items()]
        lines += [
            f"  sign in as {one['role']}: {one['email']} / {one['password']}" for one in self.logins
        ]
        return "\n".join(lines)


class RealPeople(Exception):
    """The database holds people who are not made up, or awaits them: no place for a
    demonstration."""


def run(settings: Settings, *, today: dt.date, now: dt.datetime, reset: bool, port: int) -> Summary:
    """Bring the demonstration to a published week; what is there already is kept.

    Raises RealPeople in a database that others work with.
    """
    summary = Summary()
    week = monday_of(today) + dt.timedelta(days=7)
    summary.week = week.isoformat()
    with _step(summary, "migrate"), _bar("Making the tables"):
        _refuse_real_people()
        if reset:
            _wipe(settings)
        migrate(settings.instance)
    with database.connection_context():
        _load(summary, today, now)
        group = planning.group_of_code(GROUP)
        _plan(summary, group, week, now)
        roster = _roster(summary, settings, group, week, now)
        _ask_local_centres(summary, week, now)
        _count(summary, roster)
        _say_where(summary, settings, roster, port)
    return summary


def _load(summary: Summary, today: dt.date, now: dt.datetime) -> None:
    if Office.select().exists():
        summary.reused.append("data")
        summary.seconds["load"] = 0.0
        return
    with _step(summary, "load"), _bar("Loading the CNAIM demonstration") as bar:
        demo.load(today, SYSTEM, now, bar)


def _plan(summary: Summary, group: Any, week: dt.date, now: dt.datetime) -> None:
    offices = Office.select(Office.id).where(Office.group == group)
    there = Requirement.select().where(
        Requirement.office.in_(offices), Requirement.week_starts_on == week
    )
    if there.exists():
        summary.reused += ["forecast", "requirements"]
        summary.seconds |= {"forecast": 0.0, "requirements": 0.0}
        return
    with _step(summary, "forecast"), _bar("Foreseeing the arrivals of the week") as bar:
        prepared = planning.prepare_forecast(
            group, week, now, lambda done, of: bar("offices", done, of)
        )
        foreseen = week_rows.forecast_rows(prepared, now)
        with database.atomic():
            week_rows.save_forecast(foreseen)
    with _step(summary, "past forecasts"), _bar("Foreseeing past weeks") as bar:
        keep_past_forecasts(group, week - WEEK, lambda done, of: bar("weeks", done, of))
    title = "Deriving who is needed"
    with _step(summary, "requirements"), _bar(title) as bar:
        derived = week_rows.derive(prepared, lambda done, of: bar("offices", done, of))
        with database.atomic():
            week_rows.save_requirements(derived)


def _roster(
    summary: Summary, settings: Settings, group: Any, week: dt.date, now: dt.datetime
) -> Roster:
    published = standing.current_roster(group.id, week)
    if published is not None:
        summary.reused += ["roster", "publication"]
        summary.seconds |= {"solve": 0.0, "publish": 0.0}
        return published
    with _step(summary, "solve"), _solve_bar(settings.solve_seconds) as on_progress:
        built = rosters.build(
            group,
            week,
            BuildOptions(),
            seconds=settings.solve_seconds,
            workers=settings.solve_workers,
            on_progress=on_progress,
        )
        with database.atomic():
            roster_id = rosters.save_draft(SYSTEM, built, now)
    with _step(summary, "publish"):
        rosters.publish(SYSTEM, roster_id, now)
    roster = Roster.get_by_id(roster_id)
    with _step(summary, "this week"), _bar("Staffing the week under way") as bar:
        publish_this_week(group, roster, now)
        bar("", 1, 1)
    with _step(summary, "lending"):
        ask_for_somebody(week, now)
    return roster


def _ask_local_centres(summary: Summary, week: dt.date, now: dt.datetime) -> None:
    """Queue the local centres' forecasts and, after each, a short build: the worker does them one
    after another, while whoever looks at the demonstration looks at the centres."""
    groups = [one for one in PlanningGroup.select().order_by(PlanningGroup.code)
              if one.code != GROUP]  # fmt: skip
    asked = {run.parameters.get("group") for run in Run.select().where(Run.kind == "forecast")}
    with _step(summary, "local centres"):
        for group in groups:
            if group.id not in asked:
                planning.ask_forecast(SYSTEM, group.id, week, now, build_seconds=LOCAL_SECONDS)


def _count(summary: Summary, roster: Roster) -> None:
    with _step(summary, "judge"), _bar("Judging it") as bar:
        judgement = rosters.judge(roster)
        bar("cover", 1, 2)
        cover = coverage.of_roster(roster)
    summary.mediators = Mediator.select().where(Mediator.active).count()
    summary.offices = Office.select().where(Office.active).count()
    summary.languages = Language.select().count()
    summary.associations = Association.select().count()
    summary.arrivals = Arrival.select(fn.SUM(Arrival.count)).scalar() or 0
    summary.requirements = (
        Requirement.select().where(Requirement.week_starts_on == roster.week_starts_on).count()
    )
    summary.assignments = Assignment.select().where(Assignment.roster == roster).count()
    summary.violations = len(judgement.violations)
    summary.cost, summary.bound = judgement.cost, roster.bound
    if roster.bound is not None:
        summary.gap = round((judgement.cost - roster.bound) / max(1, judgement.cost), 4)
    summary.coverage = cover.share
    summary.coverage_by_language = cover.by_language


def _say_where(summary: Summary, settings: Settings, roster: Roster, port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    summary.urls = {
        "home": f"{base}/",
        "week": f"{base}/weeks/{roster.week_starts_on.isoformat()}",
    }
    summary.logins = [
        {"role": row["role"], "email": row["email"], "password": PASSWORD}
        for row in read_table("accounts")
    ]
    folder = settings.instance / "demo"
    problem, answer = exchange.export_roster(roster.id, folder)
    summary.files = {"problem": str(problem), "roster": str(answer)}


def _refuse_real_people() -> None:
    """Raises RealPeople, so that nobody's roster is published over, nor wiped."""
    with database.connection_context():
        if not database.table_exists("mediator"):
            return
        wanted = (
            "The demonstration wants a database of its own: set ESCALA_DATABASE_URL or "
            "ESCALA_INSTANCE to another."
        )
        if Mediator.select().where(~Mediator.fictional).exists():
            raise RealPeople(f"This database holds mediators who are not fictional. {wanted}")
        if User.select().exists() and not Mediator.select().exists():
            raise RealPeople(f"In this database a service of somebody's own has begun. {wanted}")


def _wipe(settings: Settings) -> None:
    """Empty the database that the settings name: its tables go, and the exported files."""
    with database.connection_context():
        known = set(database.get_tables())
        tables = [table for table in TABLES if table._meta.table_name in known]
        with database.atomic():
            database.drop_tables(list(reversed(tables)), cascade=True)
            database.execute_sql("DROP TABLE IF EXISTS schema_migration")
    shutil.rmtree(settings.instance / "demo", ignore_errors=True)


@contextmanager
def _step(summary: Summary, name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    summary.seconds[name] = round(time.monotonic() - begun, 2)


Report = Callable[[str, int, int], None]


@contextmanager
def _bar(title: str) -> Iterator[Report]:
    """A bar on stderr, lines where that is no terminal; call it with what is being done, how much
    is done, of how much."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    with tqdm(total=100, desc=title, file=sys.stderr, bar_format=_FORMAT) as bar:

        def report(what: str, done: int, of: int) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.n = min(100, round(100 * done / max(1, of)))
            bar.refresh()

        yield report
        bar.n = 100
        bar.set_postfix_str("", refresh=False)


def _lines(title: str) -> Report:
    """Tells at once what begins, and then every five seconds at most how far it is: a bar that
    draws over itself is nothing to read in a log, and nothing at all behind a pipe."""
    told = time.monotonic()
    print(f"{title} …", file=sys.stderr, flush=True)

    def report(what: str, done: int, of: int) -> None:
        nonlocal told
        if time.monotonic() - told >= LINE_SECONDS:
            told = time.monotonic()
            share = min(100, round(100 * done / max(1, of)))
            print(f"  {share} %: {what}", file=sys.stderr, flush=True)

    return report


_FORMAT = "{desc}: {percentage:3.0f} % |{bar:30}| {elapsed} {postfix}"


@contextmanager
def _solve_bar(seconds: int) -> Iterator[Callable[[Progress], None]]:
    with _bar("Building the roster") as report:

        def on_progress(progress: Progress) -> None:
            told = f"cost {progress.cost}, not below {progress.bound}"
            report(told, round(min(progress.seconds, seconds)), seconds)

        yield on_progress
