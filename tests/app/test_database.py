"""Migrations make the tables the models describe, once, under a lock."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from playhouse.schema_diff import diff_models

from app.config import ROOT
from app.database import migrate, pending_migrations
from app.models import TABLES, Run, database


def test_migrations_make_exactly_the_tables_of_the_models(database_ready: None) -> None:
    assert not diff_models(database.obj, list(TABLES))
    assert pending_migrations() == []


def test_migrating_again_changes_nothing(app: Flask) -> None:
    assert migrate(app.config["ESCALA"].instance) == []


def test_two_processes_migrate_one_database_without_a_clash(tmp_path: Path) -> None:
    environment = {**os.environ, "ESCALA_INSTANCE": str(tmp_path), "ESCALA_SECRET_KEY": "k" * 40}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "migrate"]
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = sorted(process.communicate()[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
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
