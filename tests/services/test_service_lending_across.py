"""Loans between planning groups: judged at home, present there, and the same for any worker."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from drafts import draft, require, shift_id, week_problem
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    ContractRegime,
    Loan,
    LoanStatus,
    PlanningGroup,
    RequestStatus,
    Role,
    Roster,
    User,
    UserRole,
)
from app.services import (
    draft_facts,
    group_builds,
    lending,
    lending_view,
    my_shifts,
    rosters,
    wall_map,
)
from app.services.board_view import Board
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.horizon import Horizon
from app.services.judging import judge
from app.services.problems import build_problem
from app.services.rights import SYSTEM, Actor, actor_of
from app.services.roster_figures import figures_of
from app.services.standing import current_roster
from app.services.timeline import Window
from app.services.undone_swaps import UndoesSwaps
from app.services.worked import worked_between
from calendars.schedule_map import MapPerson
from solver import check

SETUBAL = {"zone": "Europe/Lisbon", "latitude": 38.52, "longitude": -8.89, "name": "Setúbal"}


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def south(world: SmallWorld, now: dt.datetime) -> SmallWorld:
    """Setúbal, three quarters of an hour from Lisbon, planned by itself; both weeks published.
    Ana is in Lisbon on Monday from nine to one, where Ukrainian is asked for, and more in Setúbal.
    """
    group = PlanningGroup.create(code="south", name="Sul")
    world.lisbon.latitude, world.lisbon.longitude = 38.72, -9.14
    world.lisbon.save()
    for name, value in (SETUBAL | {"group": group}).items():
        setattr(world.azores, name, value)
    world.azores.save()
    other = replace(world, group=group)
    for day in range(5):
        require(world.lisbon, day, 9, 13, ["lang:pt"])
        require(world.azores, day, 9, 13, ["lang:pt"])
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    require(world.azores, 0, 9, 13, ["lang:uk"], count=2)
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    rosters.publish(world.system, draft(other, [("eva", "azores", 0, 9, 13)], now).id, now)
    return other


@pytest.fixture
def lisbon(world: SmallWorld) -> Actor:
    """A coordinator of Lisbon alone."""
    user = User.get(User.email == world.trainer)
    UserRole.delete().where(UserRole.user == user).execute()
    UserRole.create(user=user, role=Role.COORDINATOR, office=world.lisbon)
    return actor_of(user)


def ask(south: SmallWorld, asker: Actor, now: dt.datetime) -> int:
    shift = shift_id(week_problem(south), "azores", 0, 9, 13)
    ana = south.mediators[0]
    return lending.ask(asker, ana.id, MONDAY, south.azores.id, shift, "Falta ucraniano", now)


@pytest.fixture
def agreed(south: SmallWorld, lisbon: Actor, now: dt.datetime) -> int:
    loan = ask(south, actor(south.azores_coordinator), now)
    lending.agree(lisbon, loan, now)
    return loan


def test_what_is_lost_at_home_and_won_there_is_told_before(
    world: SmallWorld, south: SmallWorld, now: dt.datetime
) -> None:
    azores = actor(world.azores_coordinator)
    day = lending_view.lending_day(azores, world.lisbon.id, world.azores.id, MONDAY, now)
    ana = next(one for one in day.offers if one.name == "Ana")
    assert [(one.office, one.minutes) for one in ana.lost] == [("Lisboa", 240)]
    assert [(one.office, one.minutes) for one in ana.won] == [("Setúbal", -240)]
    assert ana.instead is not None
    ask(south, azores, now)
    ((waiting,), _past) = lending_view.loans_for(azores, now)
    assert (waiting.fits, len(waiting.lost), len(waiting.won)) == (True, 1, 1)


def test_agreed_it_makes_a_version_of_both_weeks(
    world: SmallWorld, south: SmallWorld, agreed: int, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    home, there = (current_roster(one.group.id, MONDAY) for one in (world, south))
    assert {row.mediator.code for row in home.assignments} == {"bo"}
    rows = {row.mediator.code: row for row in there.assignments}
    assert (rows["ana"].office_id, rows["ana"].locked) == (world.azores.id, True)
    assert (rosters.judge(home).violations, rosters.judge(there).violations) == ((), ())
    assert Loan.get_by_id(agreed).status is LoanStatus.AGREED
    day = rosters.problem_of(home).days[0]
    (busy,) = rosters.problem_of(home).mediator_by_id["ana"].busy
    assert (busy.start - day.start, busy.end - day.start) == (18, 26)
    week = my_shifts.my_shifts(actor(world.mediator), now).weeks[1]
    assert [one.office_name for one in week.days[0].shifts] == ["Setúbal"]
    assert worked_between(MONDAY, MONDAY)[ana.id].minutes == 240
    board = Board(SYSTEM, world.lisbon, Horizon(MONDAY), judge(home))
    window = Window(ZoneInfo("Europe/Lisbon"), 480, 1200, 30)
    (row,) = [one for one in board.rows(window).home if one.code == "ana"]
    assert [one.what for one in row.days[0].training] == ["Setúbal"]
    told = [code for one in (home, there) for code, *_rest in figures_of(one).wishes]
    assert sorted(told) == ["ana", "bo", "caio", "dina", "eva"], "each week is counted once"


def test_both_groups_problems_respect_it(world: SmallWorld, south: SmallWorld, agreed: int) -> None:
    """Busy at home and without another shift that day; there, bound to that shift alone."""
    home, there = build_problem(world.group, MONDAY), build_problem(south.group, MONDAY)
    day = home.days[0]
    ana = home.mediator_by_id["ana"]
    assert [(one.start - day.start, one.end - day.start) for one in ana.busy] == [(18, 26)]
    assert any(one.start <= day.start and day.end <= one.end for one in ana.unavailable)
    guest = there.mediator_by_id["ana"]
    (lock,) = [one for one in there.locked if one.mediator == "ana"]
    assert guest.offices.keys() == {"azores"}
    assert guest.weeks[0].min_slots == 0
    shift = there.shift_by_id[lock.shift]
    assert not any(one.overlaps(shift) for one in guest.unavailable)  # type: ignore[arg-type]
    built = {one.group.code: one for one in group_builds.build_here(MONDAY, seed=3, seconds=5)}
    for one in built.values():
        assert check(one.problem, one.result.assignments).violations == ()
    mine = [one for one in built["south"].result.assignments if one.mediator == "ana"]
    assert mine == [lock]
    days = {
        home.shift_by_id[one.shift].day
        for one in built["network"].result.assignments
        if one.mediator == "ana"
    }
    assert 0 not in days


def test_the_week_after_begins_with_what_was_worked_there(
    world: SmallWorld, south: SmallWorld, agreed: int
) -> None:
    following = build_problem(world.group, MONDAY + dt.timedelta(days=7))
    ana = following.mediator_by_id["ana"]
    assert ana.history.last_end == -(6 * 48 + 22), "Monday at one o'clock"


def test_what_home_forbids_is_not_asked_for(
    world: SmallWorld, south: SmallWorld, now: dt.datetime
) -> None:
    Absence.create(
        mediator=world.mediators[0], starts_at=now, ends_at=now + dt.timedelta(days=30),
        kind=AbsenceKind.LEAVE, status=RequestStatus.APPROVED,
    )  # fmt: skip
    azores = actor(world.azores_coordinator)
    day = lending_view.lending_day(azores, world.lisbon.id, world.azores.id, MONDAY, now)
    assert "Ana" not in {one.name for one in day.offers}
    with pytest.raises(Invalid, match="Ana"):
        ask(south, azores, now)


def test_a_draft_at_home_from_before_plans_nobody_twice(
    world: SmallWorld, south: SmallWorld, lisbon: Actor, now: dt.datetime
) -> None:
    before = draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)], now)
    lending.agree(lisbon, ask(south, actor(world.azores_coordinator), now), now)
    with pytest.raises(Invalid, match="Ana"):
        rosters.publish(world.system, before.id, now)
    facts = draft_facts.changed_facts(world.system, before.id)
    assert [(one.name, str(one.kind)) for one in facts] == [("Ana", "times")]


def test_a_draft_there_without_it_undoes_it_only_where_that_is_meant(
    world: SmallWorld, south: SmallWorld, agreed: int, now: dt.datetime
) -> None:
    without = draft(south, [("eva", "azores", 0, 9, 13)], now)
    with pytest.raises(UndoesSwaps):
        rosters.publish(world.system, without.id, now)
    rosters.publish(world.system, without.id, now, undo_swaps=True)
    assert build_problem(world.group, MONDAY).mediator_by_id["ana"].busy == ()
    assert "ana" not in build_problem(south.group, MONDAY).mediator_by_id


def test_each_office_s_coordinator_has_a_say(
    world: SmallWorld, south: SmallWorld, lisbon: Actor, now: dt.datetime
) -> None:
    azores = actor(world.azores_coordinator)
    loan = ask(south, azores, now)
    with pytest.raises(Forbidden):
        lending.agree(azores, loan, now)
    with pytest.raises(Conflict):
        ask(south, lisbon, now)
    lending.decline(lisbon, loan, now)
    assert Roster.select().where(Roster.group == south.group).count() == 1


def test_both_offices_maps_tell_what_is_worked_for_the_other(
    world: SmallWorld, south: SmallWorld, agreed: int, now: dt.datetime
) -> None:
    """Ana is in Setúbal on Monday and at home on Tuesday; neither is a day of rest on either."""

    def maps() -> list[MapPerson]:
        weeks = [(world, world.lisbon), (south, south.azores)]
        return [
            next(
                one
                for one in wall_map._people(current_roster(side.group.id, MONDAY), office)
                if one.name == "Ana"
            )
            for side, office in weeks
        ]

    home, _there = maps()
    assert [one.label for one in home.shifts] == ["Setúbal"], "lent all the week, and yet at home"
    picks = [("ana", "lisbon", 1, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    ContractRegime.update(days_a_week=1).execute()
    home, there = maps()
    rest = {MONDAY + dt.timedelta(days=day) for day in range(2, 7)}
    assert (home.rest_days, there.rest_days) == (rest, rest)
    assert [one.label for one in home.shifts] == ["Setúbal", ""]
    assert [one.label for one in there.shifts] == [""]


def test_a_draft_at_home_from_before_breaks_no_rule_with_the_loan(
    world: SmallWorld, south: SmallWorld, lisbon: Actor, now: dt.datetime
) -> None:
    """With one day of work a week Ana, lent on Monday, has no shift on Tuesday besides."""
    ContractRegime.update(days_a_week=1).execute()
    before = draft(world, [("ana", "lisbon", 1, 9, 13)], now)
    other = draft(world, [("bo", "lisbon", 1, 9, 13)], now)
    lending.agree(lisbon, ask(south, actor(world.azores_coordinator), now), now)
    with pytest.raises(Invalid) as error:
        rosters.publish(world.system, before.id, now)
    assert [one.field for one in error.value.faults] == ["week_max_days"]
    rosters.publish(world.system, other.id, now)


def test_an_absence_told_after_the_loan_lets_the_borrower_build(
    world: SmallWorld, south: SmallWorld, agreed: int, now: dt.datetime
) -> None:
    Absence.create(
        mediator=world.mediators[0], starts_at=now, ends_at=now + dt.timedelta(days=30),
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    assert build_problem(south.group, MONDAY).locked == ()
    built = {one.group.code: one for one in group_builds.build_here(MONDAY, seed=3, seconds=5)}
    given = built["south"].result.assignments
    assert check(built["south"].problem, given).violations == ()
    assert {one.mediator for one in given} <= {"dina", "eva"}


def test_a_regime_without_rest_makes_nobody_a_guest(
    world: SmallWorld, south: SmallWorld, lisbon: Actor, now: dt.datetime
) -> None:
    ContractRegime.update(rest_minutes=0).execute()
    lending.agree(lisbon, ask(south, actor(south.azores_coordinator), now), now)
    told = []
    for side, office in ((world, "lisbon"), (south, "azores")):
        code = "bo" if office == "lisbon" else "eva"
        made = draft(side, [(code, office, 1, 9, 13)], now)
        told += [code for code, *_rest in figures_of(made).wishes]
    assert sorted(told) == ["ana", "bo", "caio", "dina", "eva"]


def test_of_two_agreed_loans_of_a_day_the_one_that_stands_is_found(
    world: SmallWorld, south: SmallWorld, agreed: int
) -> None:
    """An earlier one of other hours was undone by a publication; it is agreed all the same."""
    kept = {name: value for name, value in Loan.get_by_id(agreed).__data__.items() if name != "id"}
    later = dt.timedelta(hours=4)
    ends = kept["starts_at"] + later, kept["ends_at"] + later
    Loan.create(**kept | {"starts_at": ends[0], "ends_at": ends[1]})
    (lock,) = build_problem(south.group, MONDAY).locked
    assert lock.mediator == "ana"
    assert build_problem(world.group, MONDAY).mediator_by_id["ana"].busy != ()
