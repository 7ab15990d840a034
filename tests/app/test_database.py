"""Migrations make the tables the models describe, once, under a lock."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask import Flask
from playhouse.schema_diff import diff_models
from product_processes import run_command

from app.database import migrate, pending_migrations
from app.models import TABLES, Run, database


def test_migrations_make_exactly_the_tables_of_the_models(database_ready: None) -> None:
    assert not diff_models(database.obj, list(TABLES))
    assert pending_migrations() == []


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
