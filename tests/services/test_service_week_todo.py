"""The posting date, and what waits for a coordinator in a week."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    AuditEntry,
    Certification,
    Protocol,
    RequestStatus,
    Roster,
    RosterStatus,
    User,
)
from app.services import rosters
from app.services.network_view import network_view
from app.services.rights import Actor, actor_of
from app.services.week_todo import TodoKind, notice_of, todo_of

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def kinds(world: SmallWorld, now: dt.datetime, week: dt.date = MONDAY) -> list[str]:
    found = todo_of(world.system, [world.lisbon, world.azores], week, now)
    return [str(one.kind) for one in found]


@pytest.mark.parametrize(("day", "left", "late"), [(1, 1, False), (2, 0, False), (3, -1, True)])
def test_a_week_is_posted_seven_days_ahead(
    world: SmallWorld, day: int, left: int, late: bool
) -> None:
    """CT 217: the week of 9 March by 2 March."""
    notice = notice_of(world.group.id, MONDAY, dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC))
    assert (notice.days_left, notice.late, notice.published) == (left, late, False)
    assert notice.post_by == dt.date(2026, 3, 2)


def test_the_first_publication_is_what_was_posted(world: SmallWorld) -> None:
    early = dt.datetime(2026, 2, 27, 9, tzinfo=dt.UTC)
    first = draft(world, [("bo", "lisbon", 0, 9, 13)], early)
    rosters.publish(world.system, first.id, early)
    later = early + 6 * DAY
    second = draft(world, [("bo", "lisbon", 0, 10, 14)], later)
    rosters.publish(world.system, second.id, later)
    notice = notice_of(world.group.id, MONDAY, later)
    assert (notice.published, notice.days_ahead, notice.late) == (True, 10, False)
    assert notice.late_changes == 1, "Bo's new hours came five days ahead"


def test_what_is_asked_for_and_held_by_nobody_is_named(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    assert kinds(world, now) == []
    require(world.lisbon, 0, 9, 12, ["lang:en"])
    (one,) = todo_of(world.system, [world.lisbon], MONDAY, now)
    assert (one.kind, one.name, one.detail) == (TodoKind.NOBODY, "Lisboa", "English")


def test_requests_of_the_week_wait_and_others_do_not(world: SmallWorld, now: dt.datetime) -> None:
    start = dt.datetime.combine(MONDAY, dt.time(8), dt.UTC)
    for begins in (start, start + 7 * DAY):
        Absence.create(
            mediator=world.mediators[0],
            starts_at=begins,
            ends_at=begins + dt.timedelta(hours=4),
            kind=AbsenceKind.LEAVE,
            status=RequestStatus.ASKED,
        )
    (one,) = todo_of(world.system, [world.lisbon], MONDAY, now)
    assert (one.kind, one.count) == (TodoKind.REQUESTS, 1)
    assert todo_of(world.system, [world.azores], MONDAY, now) == ()


def test_a_published_shift_of_somebody_away_is_told_until_it_is_over(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Sick on Monday afternoon and Tuesday; the Azores' coordinator has nothing to do with it."""
    bo = world.mediators[1]
    made = draft(world, [("bo", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 9, 13)], now)
    start = dt.datetime.combine(MONDAY, dt.time(13), dt.UTC)
    for starts_at in (start, start + DAY / 2):
        Absence.create(
            mediator=bo,
            starts_at=starts_at,
            ends_at=start + 2 * DAY,
            kind=AbsenceKind.SICKNESS,
            status=RequestStatus.APPROVED,
        )
    assert kinds(world, now) == [], "a draft is changed"
    Roster.update(status=RosterStatus.PUBLISHED).where(Roster.id == made.id).execute()
    (one,) = todo_of(world.system, [world.lisbon], MONDAY, now)
    assert (one.kind, one.name, one.date) == (TodoKind.AWAY, "Bo", MONDAY + DAY)
    assert (one.object_id, one.roster_id) == (bo.id, made.id)
    assert todo_of(world.system, [world.azores], MONDAY, now) == ()
    assert kinds(world, start + DAY) == [], "the shift is over"


def test_who_reads_that_somebody_of_the_week_is_away_is_written_down(
    world: SmallWorld, now: dt.datetime
) -> None:
    bo = world.mediators[1]
    reader = actor_of(User.get(User.email == world.coordinator))
    made = draft(world, [("bo", "lisbon", 0, 9, 13)], now)
    Roster.update(status=RosterStatus.PUBLISHED).where(Roster.id == made.id).execute()
    start = dt.datetime.combine(MONDAY, dt.time(), dt.UTC)

    def look() -> list[object]:
        todo_of(reader, [world.lisbon], MONDAY, now)
        entries = AuditEntry.select().where(AuditEntry.action == "absence.read")
        return [(one.user_id, one.details) for one in entries]

    assert look() == []
    Absence.create(
        mediator=bo,
        starts_at=start,
        ends_at=start + DAY,
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    assert look() == [(reader.user_id, {"of": [bo.id]})]


@pytest.mark.parametrize(("until", "told"), [(-1, False), (0, True), (6, True), (7, False)])
def test_a_certification_that_ends_in_the_week_is_told(
    world: SmallWorld, now: dt.datetime, until: int, told: bool
) -> None:
    Certification.create(
        mediator=world.mediators[1],
        kind="legal",
        number="1",
        valid_from=dt.date(2025, 3, 10),
        valid_until=MONDAY + until * DAY,
    )
    assert kinds(world, now) == (["lapses"] if told else [])
    if told:
        Certification.create(
            mediator=world.mediators[1],
            kind="legal",
            number="2",
            valid_from=MONDAY + until * DAY + DAY,
            valid_until=MONDAY + 365 * DAY,
        )
        assert kinds(world, now) == [], "it goes on without a gap"


def test_a_protocol_that_ends_soon_and_is_not_renewed_is_told(
    world: SmallWorld, now: dt.datetime
) -> None:
    week = dt.date(2026, 12, 14)
    assert kinds(world, now, week) == ["protocol", "protocol"]
    Protocol.create(
        association=world.associations[0],
        starts_on=dt.date(2027, 1, 1),
        ends_on=dt.date(2027, 12, 31),
        places=5,
    )
    assert kinds(world, now, week) == ["protocol"]
    assert kinds(world, now, dt.date(2026, 11, 23)) == [], "five weeks and more ahead"


def test_all_offices_add_up_and_each_reader_sees_their_own(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    require(world.azores, 0, 9, 12, ["lang:uk"], count=2)
    made = draft(world, [("ana", "lisbon", 0, 9, 13), ("eva", "azores", 0, 11, 15)], now)
    start = dt.datetime.combine(MONDAY, dt.time(0), dt.UTC)
    Absence.create(
        mediator=world.mediators[1],
        starts_at=start + DAY,
        ends_at=start + 2 * DAY,
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    view = network_view(world.system, MONDAY, now)
    assert [one.office.code for one in view.offices] == ["lisbon", "azores"]
    assert view.needed_minutes == 3 * 60 + 6 * 60
    # The Azores are an hour behind: Eva comes there at ten by the office's clock.
    assert [one.missing_minutes for one in view.offices] == [0, 6 * 60 - 2 * 60]
    (row,) = view.day_cover.rows
    assert row.label == "Ukrainian"
    needed = {cell.clock: (cell.needed, cell.missing) for cell in row.cells if cell.needed}
    assert needed["09:00"] == (1, 0)
    assert needed["10:00"] == (3, 2)
    assert needed["11:00"] == (3, 1)
    assert needed["12:30"] == (2, 1)
    people = {one.name: one for _office, _all, lines in view.people for one in lines}
    assert people["Bo"].off[1] == "sick"
    assert people["Ana"].days[0] is not None
    assert view.roster is not None
    assert view.roster.version.id == made.id
    local = Actor(user_id=None, roles=world.system.roles, office_ids=frozenset({world.azores.id}))
    own = network_view(local, MONDAY, now)
    assert [one.office.code for one in own.offices] == ["azores"]
    assert "Bo" not in {one.name for _office, _all, lines in own.people for one in lines}


def test_a_week_with_nothing_in_it_is_shown(world: SmallWorld, now: dt.datetime) -> None:
    Roster.delete().execute()
    view = network_view(world.system, MONDAY, now)
    assert view.roster is None
    assert view.day_cover.rows == ()
