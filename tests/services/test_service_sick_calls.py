"""A sick call knows what time it is, records an absence once, and can be taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    AuditEntry,
    MediatorOffice,
    Message,
    Office,
    RequestStatus,
    Role,
    Roster,
    RosterStatus,
    User,
)
from app.services import cell_view, retention, rosters, sick_calls, versions
from app.services.errors import Conflict, Forbidden
from app.services.home_days import span_of
from app.services.horizon import Horizon
from app.services.open_drafts import open_draft
from app.services.passed import RewritesPassed
from app.services.repairs import times_of
from app.services.rights import SYSTEM, Actor, actor_of
from app.services.roster_changes import changes_between

HORIZON = Horizon(MONDAY)


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def at(hour: int, minute: int = 0, day: int = 0) -> dt.datetime:
    return HORIZON.wall(HORIZON.date(day), hour * 60 + minute)


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    """Ana receives from one to five, Bo from eight to twelve; Caio is off."""

    def lay_out() -> Roster:
        require(world.lisbon, 0, 8, 18, ["lang:pt"])
        made = draft(world, [("ana", "lisbon", 0, 13, 17), ("bo", "lisbon", 0, 8, 12)], now)
        rosters.publish(SYSTEM, made.id, now)
        return Roster.get_by_id(made.id)

    found: Roster = prepared("published", lay_out)
    return found


def hours_of(roster_id: int, code: str) -> tuple[dt.datetime, dt.datetime] | None:
    rows = Assignment.select().where(Assignment.roster == roster_id, Assignment.date == MONDAY)
    return next(((row.starts_at, row.ends_at) for row in rows if row.mediator.code == code), None)


def absences(world: SmallWorld) -> list[tuple[dt.datetime, dt.datetime]]:
    theirs = Absence.select().where(Absence.mediator == world.mediators[0])
    return [(one.starts_at, one.ends_at) for one in theirs]


def test_who_leaves_in_the_middle_keeps_what_they_worked(
    world: SmallWorld, published: Roster
) -> None:
    ana, when = world.mediators[0].id, at(14, 10)
    call = sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, when)
    assert call.worked_until == at(14, 30)
    for repair in call.repairs:
        for one in repair.changes:
            assert one.name != "Bo", "his shift is over"
            if one.name == "Ana":
                assert one.after is not None
                assert (one.after.starts_at, one.after.ends_at) == (at(13), at(14, 30))
            elif one.after is not None:
                assert one.after.starts_at >= when
    made = sick_calls.take(SYSTEM, published.id, ana, MONDAY, call.repairs[0].key, when)
    assert hours_of(made, "ana") == (at(13), at(14, 30))
    assert hours_of(made, "bo") == (at(8), at(12))
    assert absences(world) == [(at(14, 30), at(24))]
    assert rosters.judge(Roster.get_by_id(made)).violations == ()


def test_a_colleague_on_duty_keeps_the_start_of_a_shift_that_has_begun(
    world: SmallWorld, published: Roster
) -> None:
    call = sick_calls.sick_call(SYSTEM, published.id, world.mediators[0].id, MONDAY, at(10))
    for repair in call.repairs:
        for one in repair.changes:
            if one.name == "Bo":
                assert one.after is not None
                assert one.after.starts_at == at(8)


def test_what_is_past_has_no_sick_call(world: SmallWorld, published: Roster) -> None:
    ana = world.mediators[0].id
    with pytest.raises(Conflict, match="over"):
        sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, at(17))
    with pytest.raises(Conflict, match="past"):
        sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, at(9, day=1))
    with pytest.raises(Conflict, match="past"):
        sick_calls.take(SYSTEM, published.id, ana, MONDAY, "", at(9, day=1))


def test_an_absence_that_covers_the_day_is_not_doubled(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    key = sick_calls.sick_call(SYSTEM, published.id, ana.id, MONDAY, now).repairs[0].key
    Absence.create(
        mediator=ana,
        starts_at=at(0),
        ends_at=at(0, day=3),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    made = sick_calls.take(SYSTEM, published.id, ana.id, MONDAY, key, now)
    assert absences(world) == [(at(0), at(0, day=3))]
    assert Roster.get_by_id(made).options["sick_call"]["absence"] is None


@pytest.mark.parametrize("days_before", [0, 1])
def test_leave_of_days_in_the_azores_is_no_sickness(
    world: SmallWorld, lent: Roster, now: dt.datetime, days_before: int
) -> None:
    """Eva's days begin and end an hour later than Lisbon's: the first and the last of her leave."""
    eva, first = world.mediators[4], MONDAY - dt.timedelta(days=days_before)
    starts_at, ends_at = span_of(eva, first, first + dt.timedelta(days=1))
    Absence.create(
        mediator=eva, starts_at=starts_at, ends_at=ends_at, kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    call = sick_calls.sick_call(SYSTEM, lent.id, eva.id, MONDAY, now)
    assert call.known_away
    assert cell_view.cell_view(SYSTEM, lent.id, eva.id, MONDAY, now).known_away
    sick_calls.take(SYSTEM, lent.id, eva.id, MONDAY, call.repairs[0].key, now)
    assert [one.kind for one in Absence.select()] == [AbsenceKind.LEAVE]


def test_sickness_of_a_day_in_the_azores_is_of_that_day_alone(
    world: SmallWorld, lent: Roster, now: dt.datetime
) -> None:
    """A roster's day begins an hour before: that hour would be another day of Eva's."""
    eva = world.mediators[4]
    call = sick_calls.sick_call(SYSTEM, lent.id, eva.id, MONDAY, now)
    sick_calls.take(SYSTEM, lent.id, eva.id, MONDAY, call.repairs[0].key, now)
    assert [(one.starts_at, one.ends_at) for one in Absence.select()] == [
        span_of(eva, MONDAY, MONDAY)
    ]


def test_who_reads_that_somebody_is_away_is_written_down(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    reader = actor_of(User.get(User.email == world.coordinator))

    def look() -> list[object]:
        cell_view.cell_view(reader, published.id, ana.id, MONDAY, now)
        sick_calls.sick_call(reader, published.id, ana.id, MONDAY, now)
        entries = AuditEntry.select().where(AuditEntry.action == "absence.read")
        return [(one.user_id, one.details) for one in entries]

    assert look() == []
    Absence.create(
        mediator=ana, starts_at=at(0), ends_at=at(24), kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    assert look() == [(reader.user_id, {"of": [ana.id]})] * 2


def test_sickness_told_in_the_middle_of_a_shift_stops_neither_its_repair_nor_the_week(
    world: SmallWorld, published: Roster
) -> None:
    """Ana tells of it herself, for the whole day: what she has worked is no fault of the roster."""
    when, ana = at(14, 10), world.mediators[0]
    Absence.create(
        mediator=ana, starts_at=at(0), ends_at=at(24), kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    rosters.publish(SYSTEM, versions.draft_from(SYSTEM, published.id, when), when)
    live = Roster.get(Roster.status == RosterStatus.PUBLISHED)
    call = sick_calls.sick_call(SYSTEM, live.id, ana.id, MONDAY, when)
    made = sick_calls.take(SYSTEM, live.id, ana.id, MONDAY, call.repairs[0].key, when)
    assert hours_of(made, "ana") == (at(13), at(14, 30))


def test_taking_back_ends_no_other_absence_and_asks_to_end_ones_own(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """The row's number may have come again, for somebody else's leave."""
    ana, bo = world.mediators[:2]
    key = sick_calls.sick_call(SYSTEM, published.id, ana.id, MONDAY, now).repairs[0].key
    made = sick_calls.take(SYSTEM, published.id, ana.id, MONDAY, key, now)
    Absence.update(mediator=bo, kind=AbsenceKind.LEAVE).execute()
    own = Absence.create(
        mediator=ana, starts_at=at(0), ends_at=at(24), kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    with pytest.raises(Conflict, match="end it first"):
        sick_calls.take_back(SYSTEM, made, now)
    own.delete_instance()
    back = sick_calls.take_back(SYSTEM, made, now)
    assert Absence.get().mediator_id == bo.id
    assert "sick_call" not in Roster.get_by_id(made).options, "noted no longer than it is needed"
    assert Roster.get_by_id(back).status == RosterStatus.PUBLISHED


def test_what_is_kept_for_years_says_nothing_of_sickness(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Neither the log, nor the version's name, nor that of the one it is taken back by."""
    ana = world.mediators[0].id
    key = sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, now).repairs[0].key
    made = sick_calls.take(SYSTEM, published.id, ana, MONDAY, key, now)
    back = sick_calls.take_back(SYSTEM, made, now)
    told = {(row.action, row.object_id) for row in AuditEntry.select()}
    assert {("day.repair", str(ana)), ("day.repair_undone", str(ana))} <= told
    names = [Roster.get_by_id(one).name for one in (made, back)]
    assert names == ["Day repaired", "Repair taken back"]
    kept = " ".join(str(row.__data__) for table in (AuditEntry, Roster) for row in table.select())
    assert "sick" not in kept.lower()


def test_whose_day_was_repaired_is_forgotten_once_the_week_is_over(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    key = sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, now).repairs[0].key
    made = sick_calls.take(SYSTEM, published.id, ana, MONDAY, key, now)
    Roster.update(options=Roster.get_by_id(made).options | {"closed_until": 4}).where(
        Roster.id == made
    ).execute()
    assert "roster" not in retention.keep_to_register(at(23, day=6))
    assert sick_calls.can_take_back(SYSTEM, made), "as long as the week lasts"
    assert retention.keep_to_register(at(1, day=6) + dt.timedelta(days=1))["roster"] == 1
    assert Roster.get_by_id(made).options == {"closed_until": 4}
    assert not sick_calls.can_take_back(SYSTEM, made)
    assert "roster" not in retention.keep_to_register(at(1, day=6) + dt.timedelta(days=1))


def test_only_weeks_that_were_over_of_late_are_looked_through_for_whose_day_it_was(
    world: SmallWorld, published: Roster
) -> None:
    """On SQLite what a roster was asked for stands behind all it was built on. Rosters of before
    there was the rule were done when it came (migration 0036)."""
    noted = {rosters.SICK_CALL: {"mediator": 1}}
    for weeks, left in ((8, {}), (9, noted)):
        Roster.update(options=noted).where(Roster.id == published.id).execute()
        retention.keep_to_register(at(1) + dt.timedelta(weeks=weeks))
        assert Roster.get_by_id(published.id).options == left


def test_a_sick_call_is_taken_back(world: SmallWorld, published: Roster, now: dt.datetime) -> None:
    ana = world.mediators[0].id
    assert not sick_calls.can_take_back(SYSTEM, published.id)
    key = sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, now).repairs[0].key
    made = sick_calls.take(SYSTEM, published.id, ana, MONDAY, key, now)
    assert sick_calls.can_take_back(SYSTEM, made)
    Message.delete().execute()
    back = sick_calls.take_back(SYSTEM, made, now)
    assert absences(world) == []
    assert changes_between(published, Roster.get_by_id(back)) == ()
    assert ana in {one.user.mediator_id for one in Message.select()}
    assert not sick_calls.can_take_back(SYSTEM, back)
    with pytest.raises(Conflict):
        sick_calls.take_back(SYSTEM, made, now)


def test_it_is_not_taken_back_from_under_who_has_begun(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    call = sick_calls.sick_call(SYSTEM, published.id, ana, MONDAY, now)
    repair = next(
        one
        for one in call.repairs
        if any(change.name != "Ana" and change.after for change in one.changes)
    )
    made = sick_calls.take(SYSTEM, published.id, ana, MONDAY, repair.key, now)
    with pytest.raises(RewritesPassed):
        sick_calls.take_back(SYSTEM, made, at(17))
    assert len(absences(world)) == 1


def bound(*offices: Office) -> Actor:
    return Actor(
        user_id=None,
        roles=frozenset({Role.COORDINATOR}),
        office_ids=frozenset(one.id for one in offices),
    )


@pytest.fixture
def lent(world: SmallWorld, now: dt.datetime) -> Roster:
    """Eva of the Azores receives in Lisbon from nine to one; Ana, at home there, is off."""
    MediatorOffice.create(mediator=world.mediators[4], office=world.lisbon)
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    require(world.azores, 0, 9, 13, ["lang:en"])
    made = draft(world, [("eva", "lisbon", 0, 9, 13), ("dina", "azores", 0, 10, 14)], now)
    rosters.publish(SYSTEM, made.id, now)
    return Roster.get_by_id(made.id)


def test_the_office_where_the_shift_is_sees_to_a_sick_call(
    world: SmallWorld, lent: Roster, now: dt.datetime
) -> None:
    eva, lisbon = world.mediators[4].id, bound(world.lisbon)
    assert cell_view.cell_view(lisbon, lent.id, eva, MONDAY, now).may_call_sick
    call = sick_calls.sick_call(lisbon, lent.id, eva, MONDAY, now)
    assert call.repairs
    offices = {
        shift.office
        for repair in call.repairs
        for one in repair.changes
        for shift in (one.before, one.after)
        if shift is not None
    }
    assert offices == {"Lisboa"}, "nobody is taken from another office"
    best = next(one for one in call.repairs if one.kind != "gap")
    made = sick_calls.take(lisbon, lent.id, eva, MONDAY, best.key, now)
    assert hours_of(made, "eva") is None
    assert hours_of(made, "dina") is not None
    assert Absence.select().where(Absence.mediator == eva).count() == 1
    assert not sick_calls.can_take_back(bound(world.azores), made)
    with pytest.raises(Forbidden):
        sick_calls.take_back(bound(world.azores), made, now)
    assert sick_calls.can_take_back(lisbon, made)
    assert hours_of(sick_calls.take_back(lisbon, made, now), "eva") == (at(9), at(13))


def test_the_home_office_may_call_and_moves_nobody_at_the_other(
    world: SmallWorld, lent: Roster, now: dt.datetime
) -> None:
    eva, home = world.mediators[4].id, bound(world.azores)
    call = sick_calls.sick_call(home, lent.id, eva, MONDAY, now)
    assert {one.kind for one in call.repairs} == {"gap"}
    other = sick_calls.sick_call(SYSTEM, lent.id, eva, MONDAY, now)
    taken = next(one for one in other.repairs if one.kind != "gap")
    with pytest.raises(Conflict):
        sick_calls.take(home, lent.id, eva, MONDAY, taken.key, now)


def test_a_day_at_neither_of_ones_offices_is_no_business_of_ones(
    world: SmallWorld, lent: Roster, now: dt.datetime
) -> None:
    """Dina's shift and home are in the Azores; and on Tuesday Eva is not in Lisbon."""
    lisbon = bound(world.lisbon)
    dina, eva = world.mediators[3].id, world.mediators[4].id
    for who, date in ((dina, MONDAY), (eva, MONDAY + dt.timedelta(days=1))):
        with pytest.raises(Forbidden):
            sick_calls.sick_call(lisbon, lent.id, who, date, now)
        with pytest.raises(Forbidden):
            sick_calls.take(lisbon, lent.id, who, date, "", now)
        with pytest.raises(Forbidden):
            cell_view.cell_view(lisbon, lent.id, who, date, now)
    mediator = Actor(user_id=None, roles=frozenset({Role.MEDIATOR}), mediator_id=eva)
    with pytest.raises(Forbidden):
        sick_calls.sick_call(mediator, lent.id, eva, MONDAY, now)


def test_a_break_that_alone_moves_is_told(app: Flask, world: SmallWorld, published: Roster) -> None:
    opened = open_draft(published)
    shifts = [one for one in opened.problem.shifts if one.breaks]
    was, will = next(
        (one, other)
        for one in shifts
        for other in shifts
        if (one.office, one.start, one.end) == (other.office, other.start, other.end)
        and one.breaks != other.breaks
    )
    parts = app.jinja_env.get_template("rosters/_cell_parts.html").make_module({"view": None})
    before, after = (times_of(opened)(one.id) for one in (was, will))
    assert "break" in parts.moved_breaks(before, after)
    assert parts.moved_breaks(before, after) != parts.moved_breaks(after, before)
    assert parts.moved_breaks(before, before) == parts.moved_breaks(before, None) == ""
