"""What is missing is one number, on whichever page, report or file it stands."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import Office, OfficeKind
from app.services.coordination import coordination
from app.services.cover_totals import CoverTotals
from app.services.network_view import network_view
from app.services.reports import report
from app.services.roster_tables import roster_tables
from app.services.rosters import publish
from app.services.scenarios import scenarios_view
from app.services.week_view import week_view

HOURS = 60


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def test_every_page_counts_the_same_shortage(world: SmallWorld, now: dt.datetime) -> None:
    """Two places of nine to one with one of them filled, at the Azores' clock too; nobody present
    speaks Mandarin on Tuesday."""
    require(world.lisbon, 0, 9, 13, ["lang:uk"], count=2)
    require(world.lisbon, 0, 9, 13, ["lang:ru"], exclusive=False)
    require(world.lisbon, 1, 9, 12, ["lang:zh"], exclusive=False)
    require(world.azores, 0, 9, 12)
    made = draft(world, [("ana", "lisbon", 0, 9, 13), ("dina", "azores", 0, 11, 15)], now)
    publish(world.system, made.id, now)
    lisbon = CoverTotals(8 * HOURS, 4 * HOURS, 7 * HOURS, 3 * HOURS)
    azores = CoverTotals(3 * HOURS, 1 * HOURS, 0, 0)
    assert week_view(world.system, "lisbon", MONDAY, now=now).totals == lisbon
    assert week_view(world.system, "azores", MONDAY, now=now).totals == azores
    network = network_view(world.system, MONDAY, now)
    assert [one.totals for one in network.offices] == [lisbon, azores]
    assert network.totals == lisbon + azores
    both = (11 * HOURS, 5 * HOURS)
    found = coordination(world.system, now)
    week = found.weeks.index(MONDAY)
    assert (found.total.weeks[week].needed, found.total.weeks[week].missing) == both
    assert sum(one.missing for one in found.shortages) == both[1]
    told = report(world.system, "2026-03", "office", now).total
    assert (told.needed, told.missing) == both
    [scenario] = scenarios_view(world.system, "lisbon", MONDAY).scenarios
    assert scenario.totals == network.totals
    assert sum(scenario.missing_by_language.values()) == both[1]
    [table] = roster_tables(world.system, made.id, "cover", None, now)
    lacks = dict.fromkeys(("place to fill", "presence"), 0)
    for line in table.rows:
        lacks[line[4]] += 30 * line[-1]
    assert lacks == {"place to fill": both[1], "presence": 3 * HOURS}


def test_an_office_the_roster_was_not_built_for_is_neither_needed_nor_covered(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    porto = Office.create(group=world.group, code="porto", name="Porto", kind=OfficeKind.CENTRE)
    require(porto, 0, 9, 13, ["lang:uk"])
    network = network_view(world.system, MONDAY, now)
    told = {one.office.code: (one.in_roster, one.needed_minutes) for one in network.offices}
    assert told == {"lisbon": (True, 240), "azores": (True, 0), "porto": (False, 0)}
    assert (network.needed_minutes, network.missing_minutes) == (240, 0)
    assert sum(cell.needed for row in network.day_cover.rows for cell in row.cells) == 8
    view = week_view(world.system, "porto", MONDAY, now=now)
    assert (view.in_roster, view.needed_minutes) == (False, 0)
    page = network_view(world.system, MONDAY + dt.timedelta(weeks=1), now)
    assert all(one.in_roster for one in page.offices), "without a roster nothing is left out"


def test_presence_is_told_after_places(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 9, 10, ["lang:uk"])
    require(world.lisbon, 0, 9, 13, ["lang:zh"], exclusive=False)
    draft(world, [], now)
    view = week_view(world.system, "lisbon", MONDAY, now=now)
    rows = [(one.name, one.kind) for one in view.cover]
    assert rows == [("Ukrainian", "language"), ("Mandarin", "presence")]
    assert [one.kind for one in view.day_cover.rows] == ["language", "presence"]
