"""Publishing looks at the people as they are now, not only as they were when it was built."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import Absence, AbsenceKind, Mediator, RequestStatus, Roster, RosterStatus
from app.services import rosters
from app.services.errors import Invalid
from app.services.horizon import Horizon
from app.services.publish_view import publish_view
from app.services.rights import SYSTEM


@pytest.fixture
def waiting(world: SmallWorld, now: dt.datetime) -> Roster:
    """Ana from eight to twelve on Monday."""
    require(world.lisbon, 0, 8, 18, ["lang:pt"])
    return draft(world, [("ana", "lisbon", 0, 8, 12)], now)


def away(world: SmallWorld, status: RequestStatus, starts: int, ends: int) -> None:
    horizon = Horizon(MONDAY)
    Absence.create(
        mediator=world.mediators[0],
        starts_at=horizon.wall(MONDAY, starts * 60),
        ends_at=horizon.wall(MONDAY, ends * 60),
        kind=AbsenceKind.SICKNESS,
        status=status,
    )


def test_nobody_is_given_hours_in_an_absence_told_since(
    world: SmallWorld, waiting: Roster, now: dt.datetime
) -> None:
    away(world, RequestStatus.APPROVED, 11, 24)
    with pytest.raises(Invalid) as error:
        rosters.publish(SYSTEM, waiting.id, now)
    assert [fault.field for fault in error.value.faults] == ["unavailable"]
    assert Roster.get_by_id(waiting.id).status == RosterStatus.DRAFT


@pytest.mark.parametrize(
    ("status", "starts", "ends"),
    [
        (RequestStatus.APPROVED, 12, 24),
        (RequestStatus.APPROVED, 0, 8),
        (RequestStatus.ASKED, 0, 24),
        (RequestStatus.DECLINED, 0, 24),
    ],
)
def test_other_absences_do_not_stop_it(
    world: SmallWorld,
    waiting: Roster,
    now: dt.datetime,
    status: RequestStatus,
    starts: int,
    ends: int,
) -> None:
    away(world, status, starts, ends)
    rosters.publish(SYSTEM, waiting.id, now)
    assert Roster.get_by_id(waiting.id).status == RosterStatus.PUBLISHED


@pytest.mark.parametrize(
    ("changed", "stops"),
    [
        ({"ends_on": MONDAY}, False),
        ({"ends_on": MONDAY - dt.timedelta(days=1)}, True),
        ({"active": False}, True),
    ],
)
def test_nobody_is_given_hours_after_they_have_left(
    world: SmallWorld, waiting: Roster, now: dt.datetime, changed: dict[str, object], stops: bool
) -> None:
    Mediator.update(**changed).where(Mediator.code == "ana").execute()
    if stops:
        with pytest.raises(Invalid):
            rosters.publish(SYSTEM, waiting.id, now)
    else:
        rosters.publish(SYSTEM, waiting.id, now)
    status = RosterStatus.DRAFT if stops else RosterStatus.PUBLISHED
    assert Roster.get_by_id(waiting.id).status == status


def test_the_preview_says_so_and_leaves_out_what_has_begun(
    app: Flask, world: SmallWorld, waiting: Roster
) -> None:
    away(world, RequestStatus.APPROVED, 0, 24)
    begins = dt.datetime.combine(MONDAY, dt.time(8), dt.UTC)
    with app.test_request_context():
        eve = begins - dt.timedelta(seconds=1)
        (fault,) = publish_view(SYSTEM, waiting.id, eve).faults
        after = publish_view(SYSTEM, waiting.id, begins).faults
    assert (fault.rule, fault.mediator_code, fault.day) == ("unavailable", "ana", 0)
    assert after == ()


def test_a_shift_that_comes_back_is_a_new_event(
    world: SmallWorld, waiting: Roster, now: dt.datetime
) -> None:
    """Calendars keep the old one as called off, under a higher SEQUENCE than a return."""
    rosters.publish(SYSTEM, waiting.id, now)
    scenario = draft(world, [("ana", "lisbon", 0, 8, 12)], now)
    other = draft(world, [("bo", "lisbon", 0, 8, 12)], now)
    rosters.publish(SYSTEM, other.id, now)
    rosters.publish(SYSTEM, scenario.id, now)
    first, again = (one.assignments.get().uid for one in (waiting, scenario))
    assert first != again
