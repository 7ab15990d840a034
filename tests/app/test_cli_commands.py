"""The commands refuse what they cannot do in words, and leave nothing behind."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from published import write_roster
from small_world import MONDAY, SmallWorld

from app.models import ForecastSlot, Requirement, Roster


@pytest.mark.parametrize("command", ["forecast", "requirements", "build"])
def test_a_week_begins_on_a_monday(app: Flask, world: SmallWorld, command: str) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    answer = app.test_cli_runner().invoke(args=[command, "--week", tuesday.isoformat()])
    assert answer.exit_code == 2
    assert "a Monday" in answer.output
    assert [table.select().count() for table in (ForecastSlot, Requirement, Roster)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("args", "missing"),
    [
        (["forecast", "--week", MONDAY.isoformat(), "--group", "nowhere"], "group nowhere"),
        (["build", "--week", MONDAY.isoformat(), "--group", "nowhere"], "group nowhere"),
        (["publish", "4711"], "roster 4711"),
        (["export", "4711", "out"], "roster 4711"),
    ],
)
def test_what_is_not_there_is_named_and_not_traced(
    app: Flask, world: SmallWorld, args: list[str], missing: str
) -> None:
    answer = app.test_cli_runner().invoke(args=args)
    assert answer.exit_code == 1
    assert answer.output == f"Error: there is no {missing}\n"


def test_what_is_published_already_is_said_to_be(app: Flask, world: SmallWorld) -> None:
    roster = write_roster(world, MONDAY, [])
    answer = app.test_cli_runner().invoke(args=["publish", str(roster.id)])
    assert answer.exit_code == 0
    assert answer.output == f"roster {roster.id} is published already; nothing is changed\n"
