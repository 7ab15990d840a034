"""Migrations make the tables the models describe, once, under a lock."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from flask import Flask
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models
from product_processes import run_command
from small_world import SmallWorld

from app import triggers
from app.database import MIGRATIONS, database_of, migrate, pending_migrations
from app.models import (
    TABLES,
    CheckIn,
    CourseSession,
    Mediator,
    Roster,
    RosterStatus,
    Run,
    SessionPart,
    User,
    database,
)


def test_migrations_make_exactly_the_tables_of_the_models(database_ready: None) -> None:
    assert not diff_models(database.obj, list(TABLES))
    assert pending_migrations() == []


def test_what_is_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    """An erased name would be, with a build of SQLite that does not overwrite by itself."""
    one = database_of(f"sqlite:///{tmp_path}/a.db")
    with one.connection_context():
        assert one.execute_sql("PRAGMA secure_delete").fetchone() == (1,)


def test_a_new_file_and_what_lies_beside_it_is_for_its_user_alone(tmp_path: Path) -> None:
    """Wherever it lies: beside the service's folder, or where one copies to."""
    one = database_of(f"sqlite:///{tmp_path}/a.db")
    assert not (tmp_path / "a.db").exists(), "nothing is connected yet"
    before = os.umask(0o022)
    try:
        with one.connection_context():
            one.execute_sql("CREATE TABLE a (b)")
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("a.db", "a.db-shm", "a.db-wal"), 0o600)


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    (tmp_path / "a.db").chmod(0o640)
    with database_of(f"sqlite:///{tmp_path}/a.db").connection_context():
        assert (tmp_path / "a.db").stat().st_mode & 0o777 == 0o640


def test_migrating_again_changes_nothing(app: Flask) -> None:
    assert migrate(app.config["ESCALA"].instance) == []


def test_two_processes_migrate_one_database_without_a_clash(tmp_path: Path) -> None:
    environment = {
        "ESCALA_INSTANCE": str(tmp_path),
        "ESCALA_SECRET_KEY": "k" * 40,
        "ESCALA_LOG_LEVEL": "error",
    }
    files = [tmp_path / "one.log", tmp_path / "other.log"]
    both = [run_command("migrate", environment=environment, told=one) for one in files]
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    told = sorted(one.read_text() for one in files)
    assert [text.startswith("applied 0001_initial") for text in told] == [True, False]
    assert told[1].strip() == "up to date"


def test_an_instant_comes_back_aware_and_in_utc(database_ready: None) -> None:
    lisbon = dt.timezone(dt.timedelta(hours=1))
    run = Run.create(kind="x", asked_at=dt.datetime(2026, 7, 1, 9, 30, tzinfo=lisbon))
    kept = Run.get_by_id(run.id).asked_at
    assert kept == dt.datetime(2026, 7, 1, 8, 30, tzinfo=dt.UTC)
    assert kept.tzinfo is dt.UTC


def test_a_wall_clock_time_is_refused(database_ready: None) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        Run.create(kind="x", asked_at=dt.datetime(2026, 7, 1, 9, 30))  # noqa: DTZ001


def test_without_dates_a_session_is_its_first_one_again(world: SmallWorld) -> None:
    """Back to before sessions of several dates, and on again."""
    first, second = (dt.datetime(2026, 3, day, 9, tzinfo=dt.UTC) for day in (9, 11))
    hours = dt.timedelta(hours=3)
    made = CourseSession.create(course=world.course, starts_at=first, ends_at=second + hours)
    for start, uid in ((first, made.uid), (second, "second")):
        SessionPart.create(session=made, starts_at=start, ends_at=start + hours, uid=uid)
        CheckIn.create(session=made, mediator=world.mediators[0], part=uid, at=start)
    runner = Runner(database.obj, str(MIGRATIONS))
    triggers.take_away()  # they read of tables that go
    runner.down("0031_dates_attended")
    assert database.execute_sql("SELECT COUNT(*) FROM check_in").fetchone() == (1,)
    runner.up()
    (came,) = CheckIn.select()
    assert came.part == made.uid
    came.at = second
    came.save()
    runner.down("0031_dates_attended")
    runner.up()
    assert CheckIn.get().part == "second"
    (dates,) = (one for one in runner.migrations() if one.name == "0026_session_parts")
    # Alone: what the later ones made stays.
    dates.load().down(runner.migrator, database.obj)
    assert CourseSession.get_by_id(made.id).ends_at == first + hours


def test_versions_named_by_a_sick_call_say_no_more_of_it_nor_whose_it_was(
    world: SmallWorld,
) -> None:
    at = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
    kept = {"sick_call": {"mediator": 1}, "closed_until": 4}
    monday = dt.datetime.now(dt.UTC).date()
    for version, name in enumerate(("Sick call", "Aviso de doença anulado", "Plan B")):
        Roster.create(
            group=world.group, week_starts_on=monday - version * dt.timedelta(days=7), name=name,
            version=version, created_at=at, status=RosterStatus.DRAFT, options=kept,
        )  # fmt: skip
    runner = Runner(database.obj, str(MIGRATIONS))
    (names,) = (one for one in runner.migrations() if one.name == "0036_days_repaired")
    names.load().up(runner.migrator, database.obj)
    after = list(Roster.select().order_by(Roster.version))
    assert [row.name for row in after] == ["Day repaired", "Solução anulada", "Plan B"]
    over = {"closed_until": 4}
    assert [row.options for row in after] == [kept, over, over], "while the week lasts it stays"


def test_who_was_stopped_before_it_was_written_down_is_from_that_day(world: SmallWorld) -> None:
    """Accounts stopped, and people planned no more whose contract had no end."""
    ana, bo, caio = world.mediators[:3]
    User.update(active=False).where(User.email == world.trainer).execute()
    Mediator.update(active=False).where(Mediator.id.in_([ana.id, bo.id])).execute()
    ended, begins = dt.date(2026, 2, 1), dt.date(2099, 1, 1)
    Mediator.update(ends_on=ended).where(Mediator.id == bo.id).execute()
    Mediator.update(active=False, starts_on=begins).where(Mediator.id == caio.id).execute()
    runner = Runner(database.obj, str(MIGRATIONS))
    triggers.take_away()  # they read of tables that go
    runner.down("0035_stopped_at")
    runner.up()
    today = dt.datetime.now(dt.UTC).date()
    stopped = {row.email: row.stopped_at for row in User.select()}
    assert stopped.pop(world.trainer).date() == today
    assert set(stopped.values()) == {None}
    last = {row.id: row.ends_on for row in Mediator.select()}
    assert [last[one.id] for one in (ana, bo, caio)] == [today, ended, begins]
    assert {last[one.id] for one in world.mediators[3:]} == {None}
