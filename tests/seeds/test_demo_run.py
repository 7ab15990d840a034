"""The demonstration's command never goes over real people. tests/browser/test_demonstration.py runs
it whole and looks at its pages."""

from __future__ import annotations

import pytest
from flask import Flask
from small_world import SmallWorld

from app.models import Mediator, Office, User, database
from seeds import demo_run


def run_demo(app: Flask, *arguments: str):
    command = ["demo", "--no-serve", "--json", "--today", "2026-11-24", *arguments]
    return app.test_cli_runner().invoke(args=command)


def test_real_people_are_neither_wiped_nor_published_over(app: Flask, world: SmallWorld) -> None:
    Mediator.update(fictional=False).where(Mediator.id == world.mediators[0].id).execute()
    for arguments in ([], ["--reset"]):
        answer = run_demo(app, *arguments)
        assert answer.exit_code == 1
        assert "not fictional" in answer.output
    assert Office.select().count() == 2


def test_a_service_that_has_begun_is_no_place_for_a_demonstration(app: Flask) -> None:
    """Nobody is in it yet: what began is not wiped all the same."""
    app.test_cli_runner().invoke(args=["begin", "rita@example.org", "Rita Exemplo"])
    for arguments in ([], ["--reset"]):
        answer = run_demo(app, *arguments)
        assert answer.exit_code == 1
        assert "of somebody's own has begun" in answer.output
    with database.connection_context():
        assert User.select().count() == 1


def test_where_no_bar_can_be_drawn_lines_tell_what_is_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once what begins; a log or a pipe would show a bar at its end only."""
    with demo_run._bar("Loading") as report:
        assert capsys.readouterr().err == "Loading …\n"
        report("people", 1, 3)
        assert capsys.readouterr().err == "", "not five seconds yet"
        monkeypatch.setattr(demo_run, "LINE_SECONDS", 0)
        report("people", 2, 3)
        assert capsys.readouterr().err == "  67 %: people\n"
