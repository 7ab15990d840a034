"""The demonstration's command: once, again without doing it twice, never over real people."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from small_world import SmallWorld

from app.models import Assignment, Loan, LoanStatus, Mediator, Office, Roster, RosterStatus, Run
from app.services import judging
from app.services.horizon import Horizon
from app.services.quiet import quiet_week
from app.services.roster_figures import figures_of
from app.services.rosters import judge
from seeds import demo
from solver.check import check
from solver.formats.problem_file import load_problem
from solver.formats.roster_file import load_roster


def run_demo(app: Flask, *arguments: str):
    command = ["demo", "--no-serve", "--json", "--today", "2026-11-24", *arguments]
    return app.test_cli_runner().invoke(args=command)


@pytest.fixture
def short_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight weeks of arrivals and eight seconds to solve: the same steps, sooner."""
    whole = demo.load
    monkeypatch.setattr(
        demo,
        "load",
        lambda today, actor, now, progress: whole(today, actor, now, progress, history_weeks=8),
    )


def test_from_nothing_to_a_published_week_and_again(
    app: Flask, database_ready: None, short_history: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    app.config["ESCALA"] = dataclasses.replace(app.config["ESCALA"], solve_seconds=20)
    answer = run_demo(app)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told["mediators"] >= 75
    assert told["offices"] >= 15
    assert told["languages"] >= 14
    assert told["associations"] >= 14
    assert told["violations"] == 0
    assert 0 < told["bound"] <= told["cost"]
    assert set(told["seconds"]) >= {"load", "forecast", "requirements", "solve", "publish"}
    problem = load_problem(told["files"]["problem"])
    judged = check(problem, load_roster(told["files"]["roster"]))
    assert (judged.cost, judged.violations) == (told["cost"], ())
    again = json.loads(run_demo(app).stdout.splitlines()[-1])
    assert again["reused"] == ["data", "forecast", "requirements", "roster", "publication"]
    assert again["cost"] == told["cost"]
    published = Roster.select().where(Roster.status == RosterStatus.PUBLISHED)
    weeks = sorted(one.week_starts_on.isoformat() for one in published)
    assert weeks == ["2026-11-23", "2026-11-30"], "the week under way and the coming one"
    now = Roster.get(Roster.week_starts_on == "2026-11-23")
    assert Assignment.select().where(Assignment.roster == now).count() > 200
    assert judge(now).violations == ()
    asked = {office for office, *_rest in figures_of(now).cover}
    assert {"lisbon", "porto", "faro"} <= asked, "the week under way has its cover too"
    assert [one.status for one in Loan.select()] == [LoanStatus.ASKED], "one waits for its answer"
    telephone = Office.get(Office.code == "telephone")
    coming = Roster.get(Roster.week_starts_on == "2026-11-30")
    quiet = quiet_week(telephone, Horizon(coming.week_starts_on), judging.judge(coming))
    assert quiet.minutes > 0, "centres could answer in quiet hours"
    queued = Run.select().where(Run.kind == "forecast")
    assert queued.count() == 5, "each region's local centres are foreseen, then built"


def test_real_people_are_neither_wiped_nor_published_over(app: Flask, world: SmallWorld) -> None:
    Mediator.update(fictional=False).where(Mediator.id == world.mediators[0].id).execute()
    for arguments in ([], ["--reset"]):
        answer = run_demo(app, *arguments)
        assert answer.exit_code == 1
        assert "not fictional" in answer.output
    assert Office.select().count() == 2
