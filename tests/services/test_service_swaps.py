"""Swaps of published shifts: legal at every step, no shift lost, nobody else touched."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import suppress

import pytest
from drafts import draft, require
from fresh_databases import Prepare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import MONDAY, SmallWorld

import solver
from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    Message,
    Office,
    OpeningHours,
    RequestStatus,
    Roster,
    RosterStatus,
    Swap,
    SwapStatus,
    User,
    database,
)
from app.services import (
    field_crew,
    field_routes,
    rosters,
    standing,
    swap_ends,
    swap_view,
    swaps,
)
from app.services.errors import Conflict, Forbidden, Invalid, NotFound, ServiceError
from app.services.field_checks import RouteFacts, StopFacts
from app.services.published import live_row
from app.services.rights import Actor, actor_of
from app.services.swap_rules import Move, PublishedWeek

DAY = dt.timedelta(days=1)
PICKS = (
    ("ana", "lisbon", 0, 9, 13),
    ("ana", "lisbon", 2, 9, 13),
    ("bo", "lisbon", 0, 14, 18),
    ("bo", "lisbon", 1, 9, 13),
    ("caio", "lisbon", 3, 8, 12),
    ("dina", "azores", 0, 10, 14),
    ("eva", "azores", 1, 10, 14),
)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    def lay_out() -> Roster:
        roster = draft(world, PICKS, now)
        rosters.publish(world.system, roster.id, now)
        return Roster.get_by_id(roster.id)

    found: Roster = prepared("published", lay_out)
    return found


def live(world: SmallWorld, week: dt.date = MONDAY) -> Roster:
    roster = standing.current_roster(world.group.id, week)
    assert roster is not None
    return roster


def row(world: SmallWorld, code: str, day: int) -> Assignment:
    return (
        Assignment.select()
        .join(Mediator)
        .where(
            Assignment.roster == live(world),
            Mediator.code == code,
            Assignment.date == MONDAY + day * DAY,
        )
        .get()
    )


def held(roster: Roster) -> set[tuple[str, str]]:
    return {(one.mediator, one.shift) for one in rosters.solver_assignments(roster)}


def test_two_people_swap_and_both_are_told(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, bo, coordinator = map(actor, (world.mediator, world.other_mediator, world.coordinator))
    mine, theirs, kept = row(world, "ana", 2), row(world, "bo", 1), row(world, "ana", 0)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id, returned_uid=theirs.uid)
    swaps.accept(bo, swap, bo.mediator_id, now)
    assert held(live(world)) == held(published), "theirs until a coordinator approves"
    assert live(world).id == published.id
    new = swaps.approve(coordinator, swap, now)
    moved = {("ana", mine.shift), ("bo", theirs.shift)}
    came = {("bo", mine.shift), ("ana", theirs.shift)}
    assert held(live(world)) == held(published) - moved | came
    assert live(world).id == new
    assert Roster.get_by_id(published.id).status == RosterStatus.SUPERSEDED
    same = row(world, "ana", 0)
    assert (same.uid, same.sequence, same.changed_at) == (kept.uid, kept.sequence, kept.changed_at)
    assert row(world, "bo", 2).uid != mine.uid, "another's shift is another event"
    told = Counter(
        (one.user.email, one.kind) for one in Message.select() if one.details.get("version") != 1
    )
    assert told == {
        (world.other_mediator, "swap_asked"): 1,
        (world.mediator, "swap_accepted"): 1,
        (world.coordinator, "swap_waits"): 1,
        (world.mediator, "roster_published"): 1,
        (world.other_mediator, "roster_published"): 1,
    }


def test_somebody_ill_elsewhere_stops_no_swap(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Caio is ill on Thursday and nobody stands in yet: Ana and Bo swap all the same."""
    thursday = dt.datetime(2026, 3, 12, tzinfo=dt.UTC)
    Absence.create(
        mediator=world.mediators[2], starts_at=thursday, ends_at=thursday + DAY,
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    ana, bo = map(actor, (world.mediator, world.other_mediator))
    swap = swaps.offer(
        ana, row(world, "ana", 2).uid, now, asked_id=bo.mediator_id,
        returned_uid=row(world, "bo", 1).uid,
    )  # fmt: skip
    swaps.accept(bo, swap, bo.mediator_id, now)
    made = swaps.approve(actor(world.coordinator), swap, now)
    assert live(world).id == made


def test_on_one_day_each_keeps_the_event_with_other_hours(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine, theirs = row(world, "ana", 0), row(world, "bo", 0)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id, returned_uid=theirs.uid)
    swaps.accept(bo, swap, bo.mediator_id, now)
    swaps.approve(actor(world.coordinator), swap, now)
    after = row(world, "ana", 0)
    assert (after.uid, after.sequence) == (mine.uid, mine.sequence + 1)
    assert after.shift == theirs.shift
    assert (row(world, "bo", 0).uid, row(world, "bo", 0).shift) == (theirs.uid, mine.shift)


def test_an_open_shift_reaches_those_who_may_take_it(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Bo works that day, Dina and Eva are of the Azores; Caio may, but has no account."""
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine = row(world, "ana", 0)
    week = PublishedWeek(live(world))
    found = {
        (move.taker.code, move.returned.shift if move.returned else None)
        for move in week.moves(live_row(mine.uid), now)
    }
    assert found == {
        ("bo", row(world, "bo", 0).shift),
        ("caio", None),
        ("caio", row(world, "caio", 3).shift),
    }
    swap = swaps.offer(ana, mine.uid, now)
    assert [one.user.email for one in Message.select().where(Message.kind == "swap_open")] == [
        world.other_mediator
    ]
    with pytest.raises(Invalid):
        swaps.accept(bo, swap, bo.mediator_id, now)
    with pytest.raises(Invalid):
        swaps.accept(world.system, swap, world.mediators[3].id, now)
    swaps.accept(world.system, swap, world.mediators[2].id, now)
    with pytest.raises(Conflict):
        swaps.accept(bo, swap, bo.mediator_id, now, row(world, "bo", 0).uid)
    swaps.approve(world.system, swap, now)
    assert ("caio", mine.shift) in held(live(world))
    assert len(held(live(world))) == len(PICKS)


def test_leave_approved_since_stops_it_at_every_step(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, caio = actor(world.mediator), world.mediators[2]
    mine = row(world, "ana", 0)
    swap = swaps.offer(ana, mine.uid, now, asked_id=caio.id)
    start = dt.datetime.combine(MONDAY, dt.time(), dt.UTC)
    away = Absence.create(
        mediator=caio,
        starts_at=start,
        ends_at=start + DAY,
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )
    with pytest.raises(Invalid):
        swaps.accept(world.system, swap, caio.id, now)
    away.delete_instance()
    swaps.accept(world.system, swap, caio.id, now)
    Absence.insert(away.__data__).execute()
    with pytest.raises(Invalid):
        swaps.approve(world.system, swap, now)
    assert Swap.get_by_id(swap).status == SwapStatus.ACCEPTED
    assert live(world).id == published.id
    swaps.decline(world.system, swap, now)
    with pytest.raises(Invalid):
        swaps.offer(ana, mine.uid, now, asked_id=caio.id)


def test_the_week_after_counts(world: SmallWorld, now: dt.datetime) -> None:
    """Wednesday to Saturday, Monday and Tuesday: with the Sunday it would be seven in a row."""
    for weekday in (5, 6):
        OpeningHours.create(
            office=world.lisbon, weekday=weekday, opens_minute=480, closes_minute=1080
        )
    picks = [("ana", "lisbon", day, 9, 13) for day in range(2, 6)]
    roster = draft(world, [*picks, ("bo", "lisbon", 6, 9, 13)], now)
    rosters.publish(world.system, roster.id, now)
    sunday = row(world, "bo", 6)
    ana = world.mediators[0].id
    next_week = [("ana", "lisbon", day, 9, 13) for day in range(2)]
    following = draft(world, next_week, now, week=MONDAY + 7 * DAY)
    rosters.publish(world.system, following.id, now)
    with pytest.raises(Invalid):
        swaps.offer(world.system, sunday.uid, now, asked_id=ana)
    Assignment.delete().where(
        Assignment.roster == following, Assignment.date == MONDAY + 8 * DAY
    ).execute()
    swap = swaps.offer(world.system, sunday.uid, now, asked_id=ana)
    assert Swap.get_by_id(swap).status == SwapStatus.OFFERED


def test_a_roster_that_changed_under_it_ends_the_swap(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, caio = actor(world.mediator), world.mediators[2]
    first = swaps.offer(ana, row(world, "ana", 0).uid, now, asked_id=caio.id)
    swaps.accept(world.system, first, caio.id, now)
    again = draft(world, [("ana", "lisbon", 0, 10, 14), *PICKS[1:]], now)
    rosters.publish(world.system, again.id, now)
    with pytest.raises(Conflict):
        swaps.approve(world.system, first, now)
    assert Swap.get_by_id(first).status == SwapStatus.LAPSED
    assert live(world).id == again.id
    told = Message.select().where(Message.kind == "swap_lapsed")
    assert {one.user.email for one in told} == {world.mediator}, "Caio has no account"


def test_who_may_do_what(world: SmallWorld, published: Roster, now: dt.datetime) -> None:
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    azores = actor(world.azores_coordinator)
    mine, theirs = row(world, "ana", 2), row(world, "bo", 1)
    for other in (bo, azores, actor(world.trainer)):
        with pytest.raises(Forbidden):
            swaps.offer(other, mine.uid, now, asked_id=world.mediators[2].id)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id, returned_uid=theirs.uid)
    with pytest.raises(Conflict):
        swaps.offer(ana, mine.uid, now)
    with pytest.raises(NotFound):
        swaps.accept(ana, swap, ana.mediator_id, now)
    with pytest.raises(Forbidden):
        swaps.accept(ana, swap, bo.mediator_id, now)
    with pytest.raises(Forbidden):
        swaps.withdraw(bo, swap, now)
    with pytest.raises(Conflict):
        swaps.approve(actor(world.coordinator), swap, now)
    swaps.accept(bo, swap, bo.mediator_id, now)
    for other in (ana, bo, azores):
        with pytest.raises(Forbidden):
            swaps.approve(other, swap, now)
        with pytest.raises(Forbidden):
            swaps.decline(other, swap, now)
    swaps.withdraw(ana, swap, now)
    with pytest.raises(Conflict):
        swaps.approve(actor(world.coordinator), swap, now)
    dina, eva = row(world, "dina", 0), world.mediators[4]
    theirs_only = swaps.offer(azores, dina.uid, now, asked_id=eva.id)
    swaps.accept(azores, theirs_only, eva.id, now)
    swaps.approve(azores, theirs_only, now)
    assert ("eva", dina.shift) in held(live(world))


def test_the_asked_may_say_no_and_what_has_begun_stays(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine, theirs = row(world, "ana", 2), row(world, "bo", 1)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id, returned_uid=theirs.uid)
    swaps.decline(bo, swap, now)
    (told,) = Message.select().where(Message.kind == "swap_declined")
    assert told.user.email == world.mediator
    with pytest.raises(Conflict):
        swaps.offer(ana, mine.uid, mine.starts_at, asked_id=world.mediators[2].id)
    swaps.offer(ana, mine.uid, mine.starts_at - DAY * 2, asked_id=world.mediators[2].id)


def test_a_swap_that_is_overtaken_is_closed_and_both_are_told(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """At the instant its first shift begins, not one before; and where the roster has changed."""
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine, theirs = row(world, "ana", 2), row(world, "bo", 1)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id, returned_uid=theirs.uid)
    begins = min(mine.starts_at, theirs.starts_at)
    assert swap_view.get_swap(ana, swap, now)[0].answer_by == begins
    assert swap_ends.close_overtaken(begins - dt.timedelta(seconds=1)) == 0
    assert swap_ends.close_overtaken(begins) == 1
    assert swap_ends.close_overtaken(begins) == 0
    assert Swap.get_by_id(swap).status == SwapStatus.LAPSED
    told = Message.select().where(Message.kind == "swap_lapsed")
    assert {one.user.email for one in told} == {world.mediator, world.other_mediator}

    again = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id)
    rosters.publish(world.system, draft(world, PICKS[2:], now).id, now)
    assert swap_ends.close_overtaken(now) == 1
    assert Swap.get_by_id(again).status == SwapStatus.LAPSED


def test_what_comes_back_is_a_shift_of_the_same_week(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    following = MONDAY + 7 * DAY
    later = draft(world, [("caio", "lisbon", 1, 9, 13)], now, week=following)
    rosters.publish(world.system, later.id, now)
    back = Assignment.get(Assignment.roster == later).uid
    mine, caio = row(world, "ana", 0).uid, world.mediators[2].id
    with pytest.raises(Invalid) as refused:
        swaps.offer(world.system, mine, now, asked_id=caio, returned_uid=back)
    assert [one.field for one in refused.value.faults] == ["returned"]
    with pytest.raises(Invalid):
        swaps.accept(world.system, swaps.offer(world.system, mine, now), caio, now, back)


def test_shifts_of_the_same_hours_at_one_place_are_no_swap(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Nothing would change; other hours of the day, and the same hours of another, are proposed."""
    both = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 9, 13)]
    rosters.publish(world.system, draft(world, both, now).id, now)
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine, same, other = row(world, "ana", 0), row(world, "bo", 0), row(world, "bo", 1)
    offered = swap_view.shift_on_offer(ana, mine.uid, now).options
    proposed = {one.returned.uid for one in offered if one.returned is not None}
    assert same.uid not in proposed
    assert other.uid not in proposed, "Bo works on Monday as well"
    with pytest.raises(Invalid) as refused:
        swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id, returned_uid=same.uid)
    assert [one.field for one in refused.value.faults] == ["returned"]


def test_the_same_hours_with_a_break_at_another_time_are_no_swap(
    world: SmallWorld, now: dt.datetime
) -> None:
    both = [("ana", "lisbon", 0, 8, 17), ("bo", "lisbon", 0, 8, 17)]
    rosters.publish(world.system, draft(world, both, now).id, now)
    mine, same = row(world, "ana", 0), row(world, "bo", 0)
    [(start, end)] = same.breaks
    later = [f"{dt.datetime.fromisoformat(one) + dt.timedelta(hours=1)}" for one in (start, end)]
    Assignment.update(breaks=[later]).where(Assignment.id == same.id).execute()
    offered = swap_view.shift_on_offer(actor(world.mediator), mine.uid, now).options
    assert same.uid not in {one.returned.uid for one in offered if one.returned is not None}


def test_a_shift_that_nobody_may_take_says_so(world: SmallWorld, now: dt.datetime) -> None:
    everybody = [(who, "lisbon", 0, 9, 13) for who in ("ana", "bo", "caio")]
    rosters.publish(world.system, draft(world, [*everybody, PICKS[1]], now).id, now)
    ana = actor(world.mediator)
    _name, shown = swap_view.shifts_to_offer(ana, ana.mediator_id or 0, now)
    assert [(one.shift.uid, one.may_be_given) for one in shown] == [
        (row(world, "ana", 0).uid, False),
        (row(world, "ana", 2).uid, True),
    ]


def test_a_locked_shift_is_not_given_away(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    mine, kept = row(world, "ana", 0), row(world, "bo", 1)
    Assignment.update(locked=True).where(Assignment.id.in_([mine.id, kept.id])).execute()
    caio = world.mediators[2].id
    with pytest.raises(Invalid):
        swaps.offer(actor(world.mediator), mine.uid, now, asked_id=caio)
    swap = swaps.offer(actor(world.mediator), row(world, "ana", 2).uid, now, asked_id=caio)
    swaps.accept(world.system, swap, caio, now)
    swaps.approve(world.system, swap, now)
    assert row(world, "bo", 1).locked
    assert row(world, "ana", 0).locked
    assert not row(world, "caio", 2).locked


def test_an_office_may_let_swaps_through_that_cost_no_cover(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Ana's morning is asked for; Bo may take it, Caio may take it too. Once Ukrainian is asked
    for, which Ana alone speaks there, it is a coordinator's to decide."""
    require(world.lisbon, 2, 9, 13)
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    roster = draft(world, PICKS, now)
    rosters.publish(world.system, roster.id, now)
    ana, caio = actor(world.mediator), world.mediators[2].id
    Office.update(auto_approve_swaps=True).where(Office.id == world.lisbon.id).execute()

    costly = swaps.offer(ana, row(world, "ana", 0).uid, now, asked_id=caio)
    assert not swaps.accept(world.system, costly, caio, now)
    assert Swap.get_by_id(costly).status == SwapStatus.ACCEPTED
    assert Message.select().where(Message.kind == "swap_waits").count() == 1

    mine = row(world, "ana", 2)
    free = swaps.offer(ana, mine.uid, now, asked_id=caio)
    assert swaps.accept(world.system, free, caio, now)
    done = Swap.get_by_id(free)
    assert (done.status, done.decided_by, done.decided_at) == (SwapStatus.APPROVED, None, now)
    assert ("caio", mine.shift) in held(live(world))
    assert Message.select().where(Message.kind == "swap_waits").count() == 1, "nothing waits"


def test_one_office_that_wants_to_decide_is_enough(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, caio = actor(world.mediator), world.mediators[2].id
    swap = swaps.offer(ana, row(world, "ana", 2).uid, now, asked_id=caio)
    assert not swaps.accept(world.system, swap, caio, now)
    assert live(world).id == published.id


STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9_999)), min_size=2, max_size=10)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_random_swaps_never_break_a_rule_nor_lose_a_shift(
    world: SmallWorld, published: Roster, steps: list[tuple[int, int]], now: dt.datetime
) -> None:
    with database.atomic() as everything:
        # Lisbon lets swaps through, the Azores do not.
        Office.update(auto_approve_swaps=True).where(Office.id == world.lisbon.id).execute()
        shifts = Counter(shift for _who, shift in held(live(world)))
        for kind, seed in steps:
            before = {(one.mediator_id, one.date): one for one in live(world).assignments}
            # What a service refuses leaves everything as it was, which is what is looked at.
            with suppress(ServiceError):
                _random_step(world, kind, seed, now)
            _sound(world, shifts, before)
            _nobody_on_leave_has_come_by_a_shift(before, live(world))
        everything.rollback()


def _random_step(world: SmallWorld, kind: int, seed: int, now: dt.datetime) -> None:
    """Offer, accept, approve or a day of leave: of anybody, legal or not."""
    rows = list(Assignment.select().where(Assignment.roster == live(world)))
    one, other = rows[seed % len(rows)], rows[seed // 7 % len(rows)]
    back = other.uid if seed % 3 else None
    taker = other.mediator_id if seed % 5 else world.mediators[seed % 5].id
    found = list(Swap.select().order_by(Swap.id))
    if kind == 0 or not found:
        asked = taker if seed % 2 else None
        swap = swaps.offer(
            world.system, one.uid, now, asked_id=asked, returned_uid=back if asked else None
        )
        swaps.accept(world.system, swap, taker, now, back)
    elif kind == 1:
        _take_what_is_listed(world, one, seed, now)
    elif kind == 2:
        swaps.approve(world.system, found[seed % len(found)].id, now)
    elif kind == 4:
        start = dt.datetime.combine(MONDAY + seed % 5 * DAY, dt.time(), dt.UTC)
        Absence.create(
            mediator=world.mediators[seed // 5 % len(world.mediators)],
            starts_at=start,
            ends_at=start + DAY,
            kind=AbsenceKind.LEAVE,
            status=RequestStatus.APPROVED,
        )
    else:
        waiting = [swap for swap in found if swap.status == SwapStatus.ACCEPTED]
        for swap in waiting:
            swaps.approve(world.system, swap.id, now)


def test_training_and_outings_before_the_next_week_count_as_days_in_a_row(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Friday's shift would be Caio's seventh day, with a route and training at the weekend."""
    caio, following = world.mediators[2], MONDAY + 7 * DAY
    for week in (MONDAY, following):
        require(world.lisbon, 0, 8, 18, week=week)
    picks = [("caio", "lisbon", day, 8, 12) for day in range(4)]
    rosters.publish(world.system, draft(world, picks, now, week=following).id, now)
    roster = draft(world, [("ana", "lisbon", 4, 9, 13)], now)
    rosters.publish(world.system, roster.id, now)
    move = Move(row(world, "ana", 4), caio, None)
    assert PublishedWeek(live(world)).is_legal(move)
    starts_at = dt.datetime.combine(MONDAY + 5 * DAY, dt.time(9), dt.UTC)
    session = CourseSession.create(
        course=world.course, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=2)
    )
    Enrolment.create(session=session, mediator=caio, status=EnrolmentStatus.ENROLLED, asked_at=now)
    assert PublishedWeek(live(world)).is_legal(move)
    stop = StopFacts(place="Mercado", from_minute=600, until_minute=720)
    sunday = RouteFacts(
        office_id=world.lisbon.id, date=MONDAY + 6 * DAY, name="Costa", leaves_minute=540,
        returns_minute=780, stops=(stop,),
    )  # fmt: skip
    field_crew.assign(
        world.system, field_routes.create_route(world.system, sunday, now), caio.id, now
    )
    assert not PublishedWeek(live(world)).is_legal(move)


def _take_what_is_listed(world: SmallWorld, one: Assignment, seed: int, now: dt.datetime) -> None:
    """Whatever is listed as legal goes all the way."""
    given_row = live_row(one.uid)
    moves = list(PublishedWeek(live(world)).moves(given_row, now))
    if not moves:
        return
    move = moves[seed % len(moves)]
    for swap in Swap.select().where(Swap.status.in_(swap_ends.LIVE)):
        swaps.withdraw(world.system, swap.id, now)
    back = move.returned.uid if move.returned else None
    swap_id = swaps.offer(world.system, one.uid, now, asked_id=move.taker.id, returned_uid=back)
    version = live(world).version
    if not swaps.accept(world.system, swap_id, move.taker.id, now):
        swaps.approve(world.system, swap_id, now)
    assert live(world).version == version + 1


def _nobody_on_leave_has_come_by_a_shift(
    before: dict[tuple[int, dt.date], Assignment], roster: Roster
) -> None:
    """Who had the day off when the leave was approved still has it."""
    for one in roster.assignments:
        leave = Absence.select().where(
            Absence.mediator == one.mediator_id,
            Absence.starts_at < one.ends_at,
            Absence.ends_at > one.starts_at,
        )
        was = before.get((one.mediator_id, one.date))
        assert not leave.exists() or (was is not None and was.shift == one.shift)


def _sound(
    world: SmallWorld,
    shifts: Counter[str],
    before: dict[tuple[int, dt.date], Assignment],
) -> None:
    roster = live(world)
    assignments = rosters.solver_assignments(roster)
    judged = solver.check(rosters.problem_of(roster), assignments)
    assert not judged.violations
    assert roster.cost == judged.cost
    assert Counter(one.shift for one in assignments) == shifts
    rows = list(Assignment.select().where(Assignment.roster == roster))
    assert len({one.uid for one in rows}) == len(rows)
    for one in rows:
        was = before.get((one.mediator_id, one.date))
        if was is not None:
            assert one.uid == was.uid
            assert one.sequence == was.sequence + (one.shift != was.shift)
    newest = Roster.select().where(Roster.status == RosterStatus.PUBLISHED)
    assert newest.count() == 1


def test_an_offer_that_nobody_took_is_told_as_that(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine = row(world, "ana", 2)
    swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id)
    assert swap_ends.close_overtaken(mine.starts_at) == 1
    (told, *_rest) = Message.select().where(Message.kind == "swap_lapsed")
    assert (told.details["cause"], told.details["agreed"]) == ("begun", False)
    swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id)
    rosters.publish(world.system, draft(world, PICKS[2:], now).id, now)
    assert swap_ends.close_overtaken(now) == 1
    newest = Message.select().where(Message.kind == "swap_lapsed").order_by(Message.id.desc())
    assert newest.first().details["cause"] == "changed"


def test_overtaken_swaps_are_looked_for_once_a_minute_and_hold_up_nothing(
    world: SmallWorld,
    published: Roster,
    now: dt.datetime,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing to close, no transaction: others write meanwhile."""
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    mine = row(world, "ana", 2)
    closing = swap_ends.Closing()
    with monkeypatch.context() as patch:
        patch.setattr(swap_ends, "database", None)
        assert closing.when_due(now) == 0
    swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id)
    closing = swap_ends.Closing()
    assert closing.when_due(mine.starts_at - dt.timedelta(seconds=1)) == 0
    assert closing.when_due(mine.starts_at) == 0
    with monkeypatch.context() as patch:
        patch.setattr(swap_ends, "lapse", lambda _swap, _now: 1 // 0)
        assert closing.when_due(mine.starts_at + dt.timedelta(minutes=1)) == 0
    assert "could not be closed" in caplog.text
    assert closing.when_due(mine.starts_at + dt.timedelta(minutes=2)) == 1


def test_who_agreed_takes_their_word_back_while_it_waits(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    assert bo.mediator_id is not None
    mine = row(world, "ana", 2)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id)
    with pytest.raises(Conflict):
        swaps.take_back_word(bo, swap, now)
    swaps.accept(bo, swap, bo.mediator_id, now)
    assert swap_view.get_swap(bo, swap, now)[0].may_take_back
    with pytest.raises(Forbidden):
        swaps.take_back_word(ana, swap, now)
    swaps.take_back_word(bo, swap, now)
    assert Swap.get_by_id(swap).status == SwapStatus.DECLINED
    told = Message.select().where(Message.kind == "swap_unaccepted")
    assert {one.user.email for one in told} >= {world.mediator, world.coordinator}
    assert world.other_mediator not in {one.user.email for one in told}

    hour = dt.timedelta(hours=1)
    everyone = swaps.offer(ana, mine.uid, now)
    swaps.accept(bo, everyone, bo.mediator_id, now)
    swaps.take_back_word(bo, everyone, now + hour)
    again = Swap.get_by_id(everyone)
    assert (again.status, again.taker, again.accepted_at) == (SwapStatus.OFFERED, None, None)
    swaps.accept(bo, everyone, bo.mediator_id, now + 2 * hour)
    swaps.approve(world.system, everyone, now + 2 * hour)
    with pytest.raises(Conflict):
        swaps.take_back_word(bo, everyone, now + 3 * hour)
    waits = Message.select().where(Message.kind == "swap_accepted")
    assert waits.count() == 3, "told of each word anew"


def test_a_week_s_shifts_are_read_once_for_all_who_could_take_one(
    published: Roster, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = PublishedWeek(published)
    given_row = next(iter(week.rows))
    asked: list[str] = []
    ask = database.obj.execute_sql

    def listen(sql: str, *given: object, **options: object) -> object:
        asked.append(sql)
        return ask(sql, *given, **options)

    monkeypatch.setattr(database.obj, "execute_sql", listen)
    assert list(week.moves(given_row, now))
    whole = [one for one in asked if 'FROM "assignment"' in one and '"roster_id" = ?' in one]
    assert [one for one in whole if '"mediator_id" = ?' not in one] == []
