"""Lending: asked by one coordinator, agreed by the other, judged, published, told, written down."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require, shift_id, week_problem
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    LateChange,
    Loan,
    LoanStatus,
    Mediator,
    Message,
    Office,
    PlanningGroup,
    RequestStatus,
    Role,
    User,
    UserRole,
)
from app.services import lending, lending_view, publish_view, rosters, undone_loans, versions
from app.services.effects import Effects
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.lending_start import lending_start
from app.services.lending_week import lending_week
from app.services.problems import build_problem
from app.services.rights import Actor, actor_of
from app.services.standing import current_roster, latest_roster
from app.services.travel import journey
from app.services.undone_swaps import UndoesSwaps
from solver import Change


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


PONTA_DELGADA = {"zone": "Atlantic/Azores", "latitude": 37.74, "longitude": -25.67}
SETUBAL = {"zone": "Europe/Lisbon", "latitude": 38.52, "longitude": -8.89, "name": "Setúbal"}


@pytest.fixture(autouse=True)
def within_reach(world: SmallWorld) -> None:
    """The small world's other centre lies three quarters of an hour from Lisbon."""
    world.lisbon.latitude, world.lisbon.longitude = 38.72, -9.14
    world.lisbon.save()
    for name, value in SETUBAL.items():
        setattr(world.azores, name, value)
    world.azores.save()


@pytest.fixture
def lisbon(world: SmallWorld) -> Actor:
    """A coordinator of Lisbon alone."""
    user = User.get(User.email == world.trainer)
    UserRole.delete().where(UserRole.user == user).execute()
    UserRole.create(user=user, role=Role.COORDINATOR, office=world.lisbon)
    return actor_of(user)


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime) -> None:
    """Ukrainian is asked for at both centres on Monday morning; Ana is in Lisbon."""
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    require(world.azores, 0, 8, 12, ["lang:uk"], count=2)
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)


def azores_shift(world: SmallWorld) -> str:
    return shift_id(week_problem(world), "azores", 0, 9, 13)


def ask(world: SmallWorld, asker: Actor, now: dt.datetime, reason: str = "Falta ucraniano") -> int:
    ana = world.mediators[0]
    return lending.ask(asker, ana.id, MONDAY, world.azores.id, azores_shift(world), reason, now)


def test_what_is_lost_and_won_is_told_before_anybody_decides(
    world: SmallWorld, published: None, now: dt.datetime
) -> None:
    azores = actor(world.azores_coordinator)
    day = lending_view.lending_day(azores, world.lisbon.id, world.azores.id, MONDAY, now)
    ana = next(one for one in day.offers if one.name == "Ana")
    assert [(one.office, one.minutes) for one in ana.lost] == [("Lisboa", 240)]
    (won,) = ana.won
    assert won.office == "Setúbal"
    assert won.minutes < 0
    bo = next(one for one in day.offers if one.name == "Bo")
    assert (bo.lost, bo.won) == ((), ())
    assert day.offers[-1].cost >= day.offers[0].cost


def test_asked_by_one_agreed_by_the_other_and_published(
    world: SmallWorld, published: None, lisbon: Actor, now: dt.datetime
) -> None:
    azores, ana = actor(world.azores_coordinator), world.mediators[0]
    loan = ask(world, azores, now)
    with pytest.raises(Forbidden):
        lending.agree(azores, loan, now)
    with pytest.raises(Conflict):
        ask(world, azores, now)
    asked = Message.select().where(Message.kind == "loan_asked")
    assert world.trainer in {row.user.email for row in asked}
    before = current_roster(world.group.id, MONDAY)
    roster = lending.agree(lisbon, loan, now)
    after = current_roster(world.group.id, MONDAY)
    assert (after.id, before.id < roster) == (roster, True)
    rows = {row.mediator_id: row for row in after.assignments}
    assert (rows[ana.id].office_id, rows[ana.id].locked) == (world.azores.id, True)
    assert rows[world.mediators[1].id].office_id == world.lisbon.id
    assert rosters.judge(after).violations == ()
    kinds = {(row.user.email, row.kind) for row in Message.select()}
    assert (world.mediator, "roster_published") in kinds
    assert (world.azores_coordinator, "loan_decided") in kinds
    assert Loan.get_by_id(loan).status is LoanStatus.AGREED
    # A new build keeps the loan, and is allowed to.
    problem = build_problem(world.group, MONDAY, base=latest_roster(world.group.id, MONDAY))
    assert ("ana", rows[ana.id].shift) in problem.locked
    assert "azores" in problem.mediator_by_id["ana"].offices


def test_short_notice_goes_into_the_register_with_the_reason(
    world: SmallWorld, published: None, lisbon: Actor, now: dt.datetime
) -> None:
    azores = actor(world.azores_coordinator)
    with pytest.raises(Invalid):
        ask(world, azores, now, reason=" ")
    lending.agree(lisbon, ask(world, azores, now), now)
    (line,) = LateChange.select()
    assert (line.mediator_id, str(line.cause), line.reason) == (
        world.mediators[0].id, "loan", "Falta ucraniano",
    )  # fmt: skip
    assert line.notice_days < 7


def test_what_the_rules_forbid_is_not_asked_for(
    world: SmallWorld, published: None, now: dt.datetime
) -> None:
    Absence.create(
        mediator=world.mediators[0], starts_at=now, ends_at=now + dt.timedelta(days=30),
        kind=AbsenceKind.LEAVE, status=RequestStatus.APPROVED,
    )  # fmt: skip
    azores = actor(world.azores_coordinator)
    day = lending_view.lending_day(azores, world.lisbon.id, world.azores.id, MONDAY, now)
    assert "Ana" not in {one.name for one in day.offers}
    with pytest.raises(Invalid):
        ask(world, azores, now)
    assert Loan.select().count() == 0


def test_a_loan_that_no_longer_fits_lapses(
    world: SmallWorld, published: None, lisbon: Actor, now: dt.datetime
) -> None:
    loan = ask(world, actor(world.azores_coordinator), now)
    rosters.publish(
        world.system, draft(world, [("bo", "lisbon", 0, 9, 13)], now).id, now, undo_swaps=True
    )
    with pytest.raises(Conflict):
        lending.agree(lisbon, loan, now)
    assert Loan.get_by_id(loan).status is LoanStatus.LAPSED


def test_who_may_ask_answer_and_take_back(
    world: SmallWorld, published: None, lisbon: Actor, now: dt.datetime
) -> None:
    for email in (world.mediator, world.association, world.other_trainer):
        with pytest.raises(Forbidden):
            ask(world, actor(email), now)
    loan = ask(world, lisbon, now)
    with pytest.raises(Forbidden):
        lending.decline(lisbon, loan, now)
    with pytest.raises(Forbidden):
        lending.withdraw(actor(world.azores_coordinator), loan, now)
    lending.decline(actor(world.azores_coordinator), loan, now)
    second = ask(world, lisbon, now)
    lending.withdraw(lisbon, second, now)
    with pytest.raises(Conflict):
        lending.agree(actor(world.azores_coordinator), second, now)


def test_nobody_is_lent_across_the_sea(
    world: SmallWorld, published: None, lisbon: Actor, now: dt.datetime
) -> None:
    """Neither offered, nor asked for, nor agreed to where the office has moved since."""
    asked = ask(world, actor(world.azores_coordinator), now)
    Office.update(PONTA_DELGADA).where(Office.id == world.azores.id).execute()
    day = lending_view.lending_day(lisbon, world.lisbon.id, world.azores.id, MONDAY, now)
    assert day.offers == ()
    with pytest.raises(Invalid) as told:
        lending.agree(lisbon, asked, now)
    assert [one.field for one in told.value.faults] == ["office"]
    lending.decline(lisbon, asked, now)
    with pytest.raises(Invalid):
        ask(world, lisbon, now)


def test_a_loan_costs_the_journey(world: SmallWorld, published: None) -> None:
    """Some 31 km by air: 45 minutes, a quarter of an hour each."""
    week = lending.week_of(world.mediators[0], world.azores, MONDAY)
    way = journey(world.lisbon, world.azores)
    assert way.cost > 1
    assert week.open.problem.mediator_by_id["ana"].offices["azores"] == way.cost


def test_a_day_that_has_begun_is_not_asked_for(
    world: SmallWorld, published: None, lisbon: Actor
) -> None:
    nine = dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC)
    for moment in (nine, nine + dt.timedelta(days=1)):
        with pytest.raises(Conflict, match="already begun"):
            ask(world, lisbon, moment)
    ask(world, lisbon, nine - dt.timedelta(seconds=1))


def test_somebody_ill_elsewhere_is_in_nobody_s_way(
    world: SmallWorld, lisbon: Actor, now: dt.datetime
) -> None:
    """Bo is ill on Thursday and has no stand-in yet: Ana is lent on Monday all the same, and a
    draft of the coordinator's own is refused in words, not in the machine's."""
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 3, 9, 13)]
    first = draft(world, picks, now)
    rosters.publish(world.system, first.id, now)
    thursday = dt.datetime(2026, 3, 12, tzinfo=dt.UTC)
    Absence.create(
        mediator=world.mediators[1], starts_at=thursday, ends_at=thursday + dt.timedelta(days=1),
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    lending.agree(lisbon, ask(world, actor(world.azores_coordinator), now), now)
    later = versions.draft_from(world.system, current_roster(world.group.id, MONDAY).id, now)
    with pytest.raises(Invalid) as told:
        rosters.publish(world.system, later, now)
    assert [str(one.value) for one in told.value.faults] == ["Bo is away or not available then."]


def test_a_draft_from_before_the_loan_does_not_undo_it_unsaid(
    world: SmallWorld, published: None, lisbon: Actor, now: dt.datetime
) -> None:
    before = draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)], now)
    loan = ask(world, actor(world.azores_coordinator), now)
    agreed = lending.agree(lisbon, loan, now)
    with pytest.raises(UndoesSwaps, match="Ana → Setúbal"):
        rosters.publish(world.system, before.id, now)
    (told,) = publish_view.publish_view(world.system, before.id, now).undone_loans
    assert (told.name, told.lender, told.borrower) == ("Ana", "Lisboa", "Setúbal")
    kept = undone_loans.keep_loan(world.system, before.id, loan, 0, now)
    assert kept == told
    assert undone_loans.keep_loan(world.system, before.id, loan, 1, now) is None
    rosters.publish(world.system, before.id, now)
    rows = {row.mediator_id: row for row in current_roster(world.group.id, MONDAY).assignments}
    row = rows[world.mediators[0].id]
    assert (row.roster_id, row.office_id, row.locked) == (before.id, world.azores.id, True)
    assert agreed != before.id
    again = draft(world, [("bo", "lisbon", 0, 9, 13)], now)
    rosters.publish(world.system, again.id, now, undo_swaps=True)


def test_all_offices_are_to_choose_from_by_their_groups(world: SmallWorld) -> None:
    """Those planned with an office of the coordinator's first; between groups people are lent as
    well (`test_service_lending_across`)."""
    alone = PlanningGroup.create(code="alone", name="Alone")
    Office.create(group=alone, code="faro", name="Faro", kind="centre", district="08")
    found = lending_view.lending_offices(actor(world.azores_coordinator))
    assert [[name for _id, name in one.offices] for one in found] == [
        ["Setúbal", "Lisboa"], ["Faro"],
    ]  # fmt: skip


def test_what_is_only_weighed_comes_to_the_same_with_less_counted(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Cover where Ana and Bo may work, and the rules of their own; what a third office asks for is
    left out, as are the rules of others."""
    third = Office.create(
        group=world.group, code="third", name="Terceiro", kind=world.azores.kind, district=""
    )
    for office in (world.lisbon, world.azores, third):
        require(office, 0, 9, 13, ["lang:uk"])
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    people = list(Mediator.select().where(Mediator.code.in_(["ana", "bo"])))
    whole, weighed = (
        lending_week(world.azores, MONDAY, people, to_weigh=one) for one in (False, True)
    )
    asked = [{one.office for one in week.open.problem.requirements} for week in (whole, weighed)]
    assert asked == [{"lisbon", "azores", "third"}, {"lisbon", "azores"}]
    assert weighed.known == {"ana", "bo"} < whole.known
    for one in ("ana", "bo"):
        changes = [Change(one, 0, azores_shift(world))]
        assert Effects(weighed.open).of(changes) == Effects(whole.open).of(changes)
        assert weighed.faults(changes) == whole.faults(changes)


def test_the_page_begins_where_somebody_can_be_lent(
    world: SmallWorld, lisbon: Actor, now: dt.datetime
) -> None:
    """Not with the first office of the list, whose week may not be published: for who coordinates
    one office with that, as the one that lends or, where it has nobody, as the one that asks."""
    azores = actor(world.azores_coordinator)
    day = dt.timedelta(days=1)
    before = lending_start(azores, MONDAY - day, now)
    assert (before.lender_id, before.date) == (world.azores.id, MONDAY - day)
    require(world.lisbon, 1, 9, 13, ["lang:uk"])
    picks = [("ana", "lisbon", 1, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    start = (world.lisbon.id, world.azores.id, MONDAY + day)
    for reader in (azores, lisbon, world.system):
        found = lending_start(reader, MONDAY - day, now)
        assert (found.lender_id, found.borrower_id, found.date) == start
