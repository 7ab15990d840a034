"""Arrivals: bulk and by one press; all or nothing; never twice."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from drafts import draft
from small_world import MONDAY, SmallWorld

from app.models import (
    Arrival,
    AuditEntry,
    FieldRoute,
    FieldSeat,
    Mediator,
    MediatorOffice,
    User,
    database,
)
from app.services import arrivals, rosters
from app.services.arrival_history import history
from app.services.arrivals import ArrivalRow
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of

SLOT = dt.timedelta(minutes=30)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def rows_of(world: SmallWorld, now: dt.datetime) -> list[ArrivalRow]:
    return [
        ArrivalRow(world.lisbon.id, now - SLOT, "uk", "legal", 2),
        ArrivalRow(world.lisbon.id, now - SLOT, "pt", "general", 5),
        ArrivalRow(world.azores.id, now - 3 * SLOT, "en", "health", 1),
    ]


def cells(*asked: Any) -> list[tuple[Any, ...]]:
    """(start, language, need, visitors) of each cell of an office's past."""
    past = history(*asked)
    found: Counter[tuple[Any, ...]] = Counter()
    for stamp, kind, count in zip(
        past.stamps.tolist(), past.kind_at.tolist(), past.visitors.tolist(), strict=True
    ):
        found[dt.datetime.fromtimestamp(stamp, dt.UTC), *past.kinds[kind]] += count
    return [(*cell, count) for cell, count in sorted(found.items())]


def test_recording_again_changes_nothing(world: SmallWorld, now: dt.datetime) -> None:
    rows = rows_of(world, now)
    for _time in range(2):
        assert arrivals.record_arrivals(world.system, rows, now, "import") == 3
        assert Arrival.select().count() == 3
    arrivals.record_arrivals(world.system, [rows[0]._replace(visitors=7)], now, "import")
    assert cells(world.lisbon.id, now - SLOT, now) == [
        (now - SLOT, "pt", "general", 5),
        (now - SLOT, "uk", "legal", 7),
    ]


def test_sources_are_kept_apart_and_added_up(world: SmallWorld, now: dt.datetime) -> None:
    rows = rows_of(world, now)
    arrivals.record_arrivals(world.system, rows, now, "import")
    arrivals.record_arrivals(world.system, rows[:1], now, "api")
    (_pt, uk) = cells(world.lisbon.id, now - SLOT, now)
    assert uk[3] == 4


def test_history_is_half_open_and_of_one_office(world: SmallWorld, now: dt.datetime) -> None:
    arrivals.record_arrivals(world.system, rows_of(world, now), now, "import")
    assert cells(world.lisbon.id, now - 2 * SLOT, now - SLOT) == []
    ((starts_at, *_rest),) = cells(world.azores.id, now - 3 * SLOT, now)
    assert starts_at == now - 3 * SLOT
    assert starts_at.tzinfo is not None


def test_a_row_in_any_zone_is_the_same_instant(world: SmallWorld, now: dt.datetime) -> None:
    azores = dt.timezone(dt.timedelta(hours=-1))
    row = ArrivalRow(world.azores.id, (now - SLOT).astimezone(azores), "pt", "general", 1)
    arrivals.record_arrivals(world.system, [row], now, "import")
    (found,) = cells(world.azores.id, now - SLOT, now)
    assert found[0] == now - SLOT


def test_every_fault_is_named_by_row_and_nothing_is_saved(
    world: SmallWorld, now: dt.datetime
) -> None:
    good = rows_of(world, now)[0]
    rows = [
        good,
        good,
        good._replace(office_id=999),
        good._replace(starts_at=(now - SLOT).replace(tzinfo=None)),
        good._replace(starts_at=now - dt.timedelta(minutes=10)),
        good._replace(starts_at=now + SLOT),
        good._replace(language="tlh", need="magic", visitors=0),
        good._replace(language="pt", visitors=10_001),
        good._replace(language="en", visitors=10_000),
    ]
    with pytest.raises(Invalid) as error:
        arrivals.record_arrivals(world.system, rows, now, "import")
    assert [fault.field for fault in error.value.faults] == [
        "1.starts_at", "2.office_id", "3.starts_at", "4.starts_at", "5.starts_at",
        "6.language", "6.need", "6.visitors", "7.visitors",
    ]  # fmt: skip
    assert not Arrival.select().exists()
    assert not AuditEntry.select().where(AuditEntry.action == "arrivals.record").exists()


def test_a_file_wrong_throughout_stops_being_told_of(world: SmallWorld, now: dt.datetime) -> None:
    bad = rows_of(world, now)[0]._replace(need="magic")
    with pytest.raises(Invalid) as error:
        arrivals.record_arrivals(world.system, [bad] * 5000, now, "import")
    assert arrivals.FAULTS_MOST <= len(error.value.faults) <= arrivals.FAULTS_MOST + 3


def test_the_half_hour_of_now_may_be_counted_but_not_the_next(
    world: SmallWorld, now: dt.datetime
) -> None:
    row = rows_of(world, now)[0]._replace(starts_at=now)
    arrivals.record_arrivals(world.system, [row], now, "import")
    with pytest.raises(Invalid):
        arrivals.record_arrivals(world.system, [row._replace(starts_at=now + SLOT)], now, "import")


def test_arrivals_are_logged_by_who_works_at_the_office(
    world: SmallWorld, now: dt.datetime
) -> None:
    lisbon, azores = world.lisbon.id, world.azores.id
    for email in (world.coordinator, world.administrator, world.mediator):
        assert arrivals.add_arrival(actor(email), lisbon, "pt", "general", now).visitors >= 1
    for email in (world.azores_coordinator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            arrivals.add_arrival(actor(email), lisbon, "pt", "general", now)
    with pytest.raises(Forbidden):
        arrivals.add_arrival(actor(world.mediator), azores, "pt", "general", now)
    MediatorOffice.create(mediator=world.mediators[0], office=azores)
    assert arrivals.add_arrival(actor(world.mediator), azores, "pt", "general", now).visitors == 1
    with pytest.raises(Forbidden):
        arrivals.record_arrivals(
            actor(world.azores_coordinator), rows_of(world, now), now, "import"
        )
    with pytest.raises(NotFound):
        arrivals.add_arrival(world.system, 999, "pt", "general", now)


def test_who_is_lent_or_out_with_a_route_logs_there_on_that_day(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Ana works in the Azores on Monday, by a published shift; Bo goes out from there that day."""
    picks = [("ana", "azores", 0, 9, 13)]
    azores, (ana, bo, *_others) = world.azores.id, world.mediators
    MediatorOffice.create(mediator=ana, office=azores)
    rosters.publish(world.system, draft(world, picks, now).id, now)
    MediatorOffice.delete().execute()
    monday = dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC)
    route = FieldRoute.create(
        office=azores, date=MONDAY, name="Norte", starts_at=monday,
        ends_at=monday + dt.timedelta(hours=4), uid="r", created_at=now, changed_at=now,
    )  # fmt: skip
    FieldSeat.create(route=route, mediator=bo, assigned_at=now)
    midnight = dt.datetime(2026, 3, 9, tzinfo=ZoneInfo("Atlantic/Azores"))
    for email in (world.mediator, world.other_mediator):
        who = actor(email)
        assert arrivals.may_log(who, azores, midnight)
        assert arrivals.may_log(who, azores, midnight + dt.timedelta(hours=23, minutes=59))
        assert not arrivals.may_log(who, azores, midnight - dt.timedelta(minutes=1))
        assert not arrivals.may_log(who, azores, midnight + dt.timedelta(days=1))
    Mediator.update(active=False).execute()
    FieldRoute.update(cancelled_at=now).execute()
    for email in (world.mediator, world.other_mediator):
        assert not arrivals.may_log(actor(email), azores, monday)
        assert not arrivals.may_log(actor(email), world.lisbon.id, monday)


def test_a_press_counts_one_in_the_half_hour_and_can_be_undone(
    world: SmallWorld, now: dt.datetime
) -> None:
    lisbon = world.lisbon.id
    later = now + dt.timedelta(minutes=29, seconds=59)
    first = arrivals.add_arrival(world.system, lisbon, "uk", "legal", now)
    second = arrivals.add_arrival(world.system, lisbon, "uk", "legal", later)
    assert (first.visitors, second.visitors) == (1, 2)
    assert first.starts_at == second.starts_at == now
    third = arrivals.add_arrival(world.system, lisbon, "uk", "legal", now + SLOT)
    assert (third.starts_at, third.visitors) == (now + SLOT, 1)
    assert arrivals.undo_arrival(world.system, lisbon, now, "uk", "legal", later) == 1
    assert arrivals.undo_arrival(world.system, lisbon, now, "uk", "legal", later) == 0
    with pytest.raises(Conflict):
        arrivals.undo_arrival(world.system, lisbon, now, "uk", "legal", later)
    assert Arrival.select().count() == 1


def test_a_press_is_checked(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as error:
        arrivals.add_arrival(world.system, world.lisbon.id, "tlh", "magic", now)
    assert [fault.field for fault in error.value.faults] == ["0.language", "0.need"]


def test_presses_at_once_are_all_counted(world: SmallWorld, now: dt.datetime) -> None:
    office_id, system = world.lisbon.id, world.system

    def press(_index: int) -> None:
        with database.connection_context():
            arrivals.add_arrival(system, office_id, "pt", "general", now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(40)))
    assert history(office_id, now, now + SLOT).visitors.tolist() == [40]
