"""Quiet hours at a centre: told on the telephone's week, and the first rung of the ladder."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld
from telephones import open_telephone

from app.models import FieldSeat, Office, OfficeKind
from app.services import field_routes, rosters
from app.services.field_checks import RouteFacts, StopFacts
from app.services.horizon import Horizon
from app.services.judging import judge
from app.services.ladder import RungKind, ladder
from app.services.phone_giving import give
from app.services.phone_turns import standing_turns
from app.services.presence import presence
from app.services.quiet import quiet_week, with_spare
from app.services.quiet_ahead import ahead_of
from app.services.standing import current_roster

TEN = dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC)


@pytest.fixture
def telephone(world: SmallWorld, now: dt.datetime) -> Office:
    """On Monday from nine to one Ana and Bo are in Lisbon, where Mandarin is asked for all along
    and Ukrainian until ten; the telephone asks for Ukrainian and has nobody."""
    office = open_telephone(world)
    require(world.lisbon, 0, 9, 13, ["lang:zh"])
    require(world.lisbon, 0, 9, 10, ["lang:uk"])
    require(office, 0, 9, 13, ["lang:uk"])
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    return office


def test_the_telephone_s_week_tells_who_could_answer(world: SmallWorld, telephone: Office) -> None:
    """Ana, from ten, when Lisbon asks for no Ukrainian any more."""
    judged = judge(current_roster(world.group.id, MONDAY))
    found = quiet_week(telephone, Horizon(MONDAY), judged)
    assert found is not None
    (hours,) = found.hours
    assert (hours.office, hours.language) == ("Lisboa", "ucraniano")
    assert [one.name for one in hours.people] == ["Ana"]
    assert (hours.starts_at, hours.ends_at) == (TEN, TEN + dt.timedelta(hours=3))
    assert hours.date == MONDAY
    assert found.minutes == 180
    assert found.saved > 0
    assert quiet_week(world.lisbon, Horizon(MONDAY), judged) is None
    assert quiet_week(telephone, Horizon(MONDAY), None) is None


def test_what_is_over_or_given_is_not_counted_as_still_to_give(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """Ana's three hours from ten to one."""
    found = quiet_week(telephone, Horizon(MONDAY), judge(current_roster(world.group.id, MONDAY)))
    assert found is not None
    hour = dt.timedelta(hours=1)
    for moment, left in ((now, 180), (TEN + hour, 120), (TEN + 3 * hour, 0)):
        assert ahead_of(found, (), moment).minutes == left
    assert ahead_of(found, (), TEN + 3 * hour).hours == ()
    give(world.system, "telephone", world.mediators[0].id, TEN, now)
    ahead = ahead_of(found, standing_turns(TEN, TEN + 3 * hour), now)
    assert (ahead.hours, ahead.minutes) == (found.hours, 0)


@pytest.mark.parametrize(
    ("moment", "spare"), [(TEN - dt.timedelta(minutes=1), set()), (TEN, {"ana"})]
)
def test_who_is_spare_is_told_by_the_half_hour(
    telephone: Office, moment: dt.datetime, spare: set[str]
) -> None:
    people = with_spare(presence(moment, moment + dt.timedelta(hours=8)), moment)
    assert {one.code for one in people} == {"ana", "bo"}
    assert {one.code for one in people if one.spare} == spare


def test_who_receives_at_a_stop_is_not_spare(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """Ana's centre would not miss her, but she is out with the mobile unit."""
    unit = Office.create(
        group=world.group, code="mobile", name="Unidade", kind=OfficeKind.MOBILE_UNIT, district=""
    )
    stop = StopFacts(place="Praça", from_minute=600, until_minute=720)
    facts = RouteFacts(
        office_id=unit.id, date=MONDAY, name="Sul", leaves_minute=540, returns_minute=780,
        stops=(stop,),
    )  # fmt: skip
    route = field_routes.create_route(world.system, facts, now)
    FieldSeat.create(route=route, mediator=world.mediators[0], assigned_at=now)
    people = with_spare(presence(TEN, TEN + dt.timedelta(hours=8)), TEN)
    (ana,) = [one for one in people if one.code == "ana" and one.serves(TEN)]
    assert (ana.place, ana.spare) == ("Praça", False)


def test_who_is_not_missed_is_asked_before_who_is(telephone: Office) -> None:
    for moment, kind in (
        (TEN, RungKind.QUIET),
        (TEN - dt.timedelta(minutes=1), RungKind.COLLEAGUE),
    ):
        people = with_spare(presence(moment, moment + dt.timedelta(hours=8)), moment)
        first, *_others = ladder(people, "uk", telephone.id, moment)
        assert (first.kind, first.name, first.place) == (kind, "Ana", "Lisboa")
