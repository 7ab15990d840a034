"""The network on one page; services by centre and year; open data without small counts."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import Arrival, ArrivalOutcome, Office, PlanningGroup, User
from app.services import coordination, feedback, public_statistics, service_counts
from app.services.errors import Forbidden, NotFound
from app.services.feedback import FeedbackFacts
from app.services.reports import report
from app.services.rights import Actor, actor_of
from app.services.rosters import publish


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def visit(office: Office, when: dt.datetime, language: str, need: str, count: int) -> None:
    Arrival.create(office=office, starts_at=when, language=language, need=need, count=count)


def say(world: SmallWorld, office: Office, kind: str, day: dt.date, now: dt.datetime) -> None:
    facts = FeedbackFacts(
        office_id=office.id, received_on=day, kind=kind, need="general", topic="manner"
    )
    feedback.log(world.system, facts, now)


def test_the_network_on_one_page(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 9, 13, ["lang:uk"], count=2)
    require(world.azores, 1, 8, 12, ["lang:uk"])  # an hour behind Lisbon
    picks = [("ana", "lisbon", 0, 9, 13), ("eva", "azores", 1, 9, 13)]
    publish(world.system, draft(world, picks, now).id, now)
    ArrivalOutcome.create(
        office=world.azores, starts_at=now - dt.timedelta(days=3), language="uk", need="general",
        waits=4, waited_minutes=100, left=1,
    )  # fmt: skip
    for kind in ("praise", "praise", "complaint"):
        say(world, world.lisbon, kind, now.date(), now)
    found = coordination.coordination(actor(world.coordinator), now)
    assert [one.code for one in found.offices] == ["lisbon", "azores"], "what lacks most first"
    lisbon, azores = found.offices
    next_week = found.weeks.index(MONDAY)
    assert (lisbon.weeks[next_week].needed, lisbon.weeks[next_week].missing) == (480, 240)
    assert lisbon.weeks[1 - next_week].needed is None, "not published"
    assert azores.weeks[next_week].share == 1
    assert (azores.mean_wait, azores.waits_too_long, azores.left) == (25, True, 1)
    assert (lisbon.complaints, lisbon.praises) == (1, 2)
    assert (found.total.mean_wait, found.total.praises) == (25, 2)
    assert [(one.office_code, one.date, one.missing) for one in found.shortages] == [
        ("lisbon", MONDAY, 240)
    ]


def test_an_office_with_nothing_to_tell_says_so(world: SmallWorld, now: dt.datetime) -> None:
    """It is named below the others, so that a country's page stays short."""
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    publish(world.system, draft(world, [("ana", "lisbon", 0, 9, 13)], now).id, now)
    far = PlanningGroup.create(code="far", name="Longe")
    Office.update(group=far).where(Office.id == world.azores.id).execute()
    found = coordination.coordination(actor(world.coordinator), now)
    assert {one.code: one.tells for one in found.offices} == {"lisbon": True, "azores": False}
    say(world, world.azores, "praise", now.date(), now)
    found = coordination.coordination(actor(world.coordinator), now)
    assert all(one.tells for one in found.offices)


def test_a_desk_s_missing_place_is_not_told_as_anyone_s(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 9, 13, ["cert:legal"])
    publish(world.system, draft(world, [], now).id, now)
    found = coordination.coordination(actor(world.coordinator), now)
    assert [one.label for one in found.shortages] == ["Desks and anyone"]
    told = report(world.system, "2026-03", "language", now)
    assert [one.name for one in told.lines] == ["Desks and anyone"]


def test_one_office_s_coordinator_sees_that_office(world: SmallWorld, now: dt.datetime) -> None:
    visit(world.lisbon, now - dt.timedelta(days=1), "uk", "legal", 7)
    visit(world.azores, now - dt.timedelta(days=1), "uk", "legal", 5)
    azores = actor(world.azores_coordinator)
    assert [one.code for one in coordination.coordination(azores, now).offices] == ["azores"]
    assert service_counts.service_counts(azores, None, now).total.total == 5
    for email in (world.mediator, world.association, world.trainer):
        with pytest.raises(Forbidden):
            coordination.coordination(actor(email), now)
        with pytest.raises(Forbidden):
            service_counts.service_counts(actor(email), None, now)


def test_services_by_centre_year_and_support_office(world: SmallWorld, now: dt.datetime) -> None:
    for year, month, office, need, count in (
        (2025, 3, world.lisbon, "legal", 10),
        (2026, 1, world.lisbon, "employment", 6),
        (2026, 2, world.lisbon, "legal", 4),
        (2026, 2, world.azores, "legal", 3),
    ):
        visit(office, dt.datetime(year, month, 3, 10, tzinfo=dt.UTC), "uk", need, count)
    say(world, world.lisbon, "praise", dt.date(2026, 2, 3), now)
    found = service_counts.service_counts(world.system, None, now)
    assert [code for code, _name in found.columns] == ["2025", "2026"]
    assert {one.code: one.counts for one in found.offices} == {
        "lisbon": (10, 10), "local": (0, 3), "azores": (0, 3),
    }  # fmt: skip
    assert {one.code: one.counts for one in found.needs} == {
        "legal": (10, 7), "employment": (0, 6),
    }  # fmt: skip
    assert found.total.counts == (10, 13)
    assert (found.praises.counts, found.complaints.counts) == ((0, 1), (0, 0))
    months = service_counts.service_counts(world.system, 2026, now)
    assert months.total.counts == (6, 7, *[0] * 10)
    assert [len(one.rows) for one in service_counts.tables(months)] == [6, 3]
    with pytest.raises(NotFound):
        service_counts.service_counts(world.system, 1, now)


def test_a_year_that_is_over_is_open_data(world: SmallWorld, now: dt.datetime) -> None:
    for month in range(1, 13):
        when = dt.datetime(2025, month, 3, 10, tzinfo=dt.UTC)
        visit(world.lisbon, when, "pt", "general", 100)
        visit(world.lisbon, when, "uk", "legal", 30)
        visit(world.azores, when, "pt", "general", 20)
    visit(world.azores, dt.datetime(2025, 6, 4, 10, tzinfo=dt.UTC), "uk", "health", 3)
    visit(world.lisbon, now, "pt", "general", 50)
    assert public_statistics.published_years(now) == [2025]
    found = public_statistics.year_of_data(2025, now)
    assert found.total == 12 * 150 + 3
    assert found.counted_from is None
    lines = list(csv.DictReader(io.StringIO(public_statistics.to_csv(found).decode())))
    counts = {(one["table"], one["row"], one["column"]): one for one in lines}
    hidden = counts["office_language", "azores", "uk"]
    assert (hidden["visits"], hidden["left_out"]) == ("", "1")
    assert counts["office_language", "lisbon", "uk"]["visits"] == "", "would give it away"
    assert counts["office_language", "", ""]["visits"] == str(found.total)
    assert counts["need_month", "health", "06"]["visits"] == ""
    told = json.loads(public_statistics.to_json(found))
    assert len(told["lines"]) == len(lines)
    assert set(told["columns"]) == set(lines[0])
    for year in (now.year, 2024, 0, 20_000):
        with pytest.raises(NotFound):
            public_statistics.year_of_data(year, now)


def test_a_part_of_a_year_is_told_as_a_part(world: SmallWorld, now: dt.datetime) -> None:
    for day in (dt.date(2024, 11, 21), dt.date(2024, 12, 3), dt.date(2025, 6, 3)):
        when = dt.datetime.combine(day, dt.time(10), dt.UTC)
        visit(world.lisbon, when, "pt", "general", 100)
    part, whole = (public_statistics.year_of_data(year, now) for year in (2024, 2025))
    assert (part.counted_from, whole.counted_from) == (dt.date(2024, 11, 21), None)
    for found, told in ((part, {"2024-11-21"}), (whole, {""})):
        lines = csv.DictReader(io.StringIO(public_statistics.to_csv(found).decode()))
        assert {one["counted_from"] for one in lines} == told


def test_a_year_of_too_few_is_not_published(world: SmallWorld, now: dt.datetime) -> None:
    visit(world.lisbon, dt.datetime(2024, 6, 4, 10, tzinfo=dt.UTC), "uk", "health", 3)
    assert public_statistics.published_years(now) == []
