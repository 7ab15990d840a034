"""The register of late changes: what is late, why, whom it told; appended only."""

from __future__ import annotations

import datetime as dt

import peewee
import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import LateCause, LateChange, Message, Roster, Swap, User, database
from app.services import late_changes, rosters
from app.services.errors import Forbidden, Invalid
from app.services.late_changes import Why
from app.services.rights import Actor, actor_of
from app.services.swaps import accept, approve, offer

DAY = dt.timedelta(days=1)
WHY = Why(reason="A group of forty comes on Tuesday")
FIRST = [("ana", "lisbon", 1, 9, 13), ("bo", "lisbon", 1, 14, 18)]
SECOND = [("ana", "lisbon", 1, 10, 14), ("bo", "lisbon", 1, 14, 18)]
TUESDAY = MONDAY + DAY


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.coordinator))


def published(
    world: SmallWorld, picks: list[tuple[str, str, int, int, int]], at: dt.datetime
) -> Roster:
    roster = draft(world, picks, at)
    rosters.publish(world.system, roster.id, at)
    return roster


def before(days: int, clock: str = "09:00") -> dt.datetime:
    """So many days before Tuesday's shift, in winter: Lisbon's clock is UTC's."""
    return dt.datetime.combine(TUESDAY - days * DAY, dt.time.fromisoformat(clock), dt.UTC)


@pytest.mark.parametrize(
    ("at", "late"),
    [(before(7, "23:59"), False), (before(6, "00:00"), True), (before(0, "08:59"), True)],
)
def test_six_days_are_late_and_seven_are_not(
    world: SmallWorld, coordinator: Actor, at: dt.datetime, late: bool
) -> None:
    published(world, FIRST, before(20))
    second = draft(world, SECOND, at)
    rosters.publish(coordinator, second.id, at, why=WHY)
    assert LateChange.select().count() == late


def test_a_week_s_first_publication_changes_nobody_s_hours(
    world: SmallWorld, coordinator: Actor
) -> None:
    first = draft(world, FIRST, before(2))
    rosters.publish(coordinator, first.id, before(2))
    assert LateChange.select().count() == 0


def test_notice_counts_on_the_clock_of_the_shift_s_office(
    world: SmallWorld, coordinator: Actor
) -> None:
    """At 00:30 in Lisbon it is still the day before in the Azores."""
    published(world, [("dina", "azores", 1, 9, 13)], before(20))
    at = before(6, "00:30")
    second = draft(world, [("dina", "azores", 1, 10, 14)], at)
    rosters.publish(coordinator, second.id, at)
    assert LateChange.select().count() == 0


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_a_person_publishes_nothing(
    world: SmallWorld, coordinator: Actor, reason: str
) -> None:
    published(world, FIRST, before(20))
    second = draft(world, SECOND, before(3))
    told = Message.select().count()
    with pytest.raises(Invalid) as caught:
        rosters.publish(coordinator, second.id, before(3), why=Why(reason=reason))
    assert [one.field for one in caught.value.faults] == ["reason"]
    assert Roster.get_by_id(second.id).status == "draft"
    assert (LateChange.select().count(), Message.select().count()) == (0, told)


def test_a_reason_has_its_length(world: SmallWorld, coordinator: Actor) -> None:
    published(world, FIRST, before(20))
    second = draft(world, SECOND, before(3))
    with pytest.raises(Invalid):
        rosters.publish(coordinator, second.id, before(3), why=Why(reason="x" * 501))
    rosters.publish(coordinator, second.id, before(3), why=Why(reason="x" * 500))


def test_a_line_says_who_what_when_and_why(world: SmallWorld, coordinator: Actor) -> None:
    published(world, FIRST, before(20))
    at = before(3)
    rosters.publish(coordinator, draft(world, SECOND, at).id, at, why=WHY)
    (line,) = late_changes.register(coordinator, 2026)
    assert line.before is not None
    assert line.after is not None
    assert (line.mediator, line.date, line.notice_days) == ("Ana", TUESDAY, 3)
    assert [one.starts_at.hour for one in (line.before, line.after)] == [9, 10]
    assert (line.reason, line.published_by) == (WHY.reason, "Coordinator")
    assert (line.told_at, line.published_at, line.mailed_at) == (at, at, None)
    assert line.cause is LateCause.COORDINATOR


def test_it_can_be_neither_altered_nor_emptied(world: SmallWorld, coordinator: Actor) -> None:
    published(world, FIRST, before(20))
    rosters.publish(coordinator, draft(world, SECOND, before(3)).id, before(3), why=WHY)
    for query in (
        LateChange.update(reason="another"),
        LateChange.update(notice_days=9),
        LateChange.delete(),
    ):
        with pytest.raises(peewee.DatabaseError, match="appended only"), database.atomic():
            query.execute()
    assert LateChange.get().reason == WHY.reason


def test_only_coordinators_read_it_and_those_of_an_office_their_own_people(
    world: SmallWorld, coordinator: Actor
) -> None:
    published(world, [*FIRST, ("dina", "azores", 1, 9, 13)], before(20))
    second = draft(world, [*SECOND, ("dina", "azores", 1, 10, 14)], before(3))
    rosters.publish(coordinator, second.id, before(3), why=WHY)

    def seen(email: str) -> set[str]:
        lines = late_changes.register(actor_of(User.get(User.email == email)), 2026)
        return {one.mediator for one in lines}

    assert seen(world.coordinator) == {"Ana", "Dina"}
    assert seen(world.azores_coordinator) == {"Dina"}
    for email in (world.mediator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            seen(email)
    assert late_changes.register(coordinator, 2025) == []


def test_the_fourth_time_in_a_year_is_too_often(world: SmallWorld, coordinator: Actor) -> None:
    published(world, FIRST, before(20))
    for number in range(4):
        at = before(5) + number * dt.timedelta(hours=1)
        picks = SECOND if number % 2 == 0 else FIRST
        rosters.publish(coordinator, draft(world, picks, at).id, at, why=WHY)
    lines = late_changes.register(coordinator, 2026)
    assert [one.times_this_year for one in lines] == [4, 3, 2, 1]
    assert [one.too_often for one in lines] == [True, False, False, False]


def test_a_swap_the_two_agreed_on_needs_no_reason_and_counts_for_nobody(
    world: SmallWorld, coordinator: Actor
) -> None:
    require(world.lisbon, 1, 9, 13)
    published(world, [("ana", "lisbon", 1, 9, 13)], before(20))
    uid = Roster.get().assignments.get().uid
    bo, at = world.mediators[1].id, before(3)
    swap = offer(world.system, uid, at, asked_id=bo)
    accept(world.system, swap, bo, at)
    approve(coordinator, swap, at)
    lines = late_changes.register(coordinator, 2026)
    assert {(one.mediator, one.cause) for one in lines} == {
        ("Ana", LateCause.SWAP),
        ("Bo", LateCause.SWAP),
    }
    assert not any(one.times_this_year for one in lines)
    told = Message.select().where(Message.kind == "roster_published")
    assert {row.details.get("swap") for row in told if row.created_at == at} == {Swap.get().id}
