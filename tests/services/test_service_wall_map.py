"""The schedule map of a published week and a person's month, as PDF."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from drafts import draft
from small_world import MONDAY, SmallWorld

from app.models import (
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    MediatorOffice,
    Office,
    OpeningHours,
    Roster,
    User,
)
from app.services import field_crew, field_routes, map_days, wall_map
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.field_checks import RouteFacts, StopFacts
from app.services.names import in_readers_language
from app.services.rights import Actor, actor_of
from app.services.rosters import publish
from calendars.feed import Break
from calendars.schedule_map import MapPerson, MapShift


def who(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def roster_id(world: SmallWorld, now: dt.datetime) -> int:
    made = draft(world, [("ana", "lisbon", 0, 9, 18), ("dina", "azores", 1, 9, 13)], now).id
    publish(world.system, made, now)
    return made


def test_the_map_is_a_pdf_of_the_office_asked(world: SmallWorld, roster_id: int) -> None:
    pdf, name = wall_map.schedule_map(who(world.coordinator), roster_id, "lisbon")
    assert pdf.startswith(b"%PDF-")
    assert name == "mapa-lisbon-2026-03-09-v1.pdf"
    again, _name = wall_map.schedule_map(who(world.coordinator), roster_id, "lisbon")
    assert again == pdf, "the same week gives the same bytes"


def said_of_posting(roster_id: int, office: Office) -> tuple[dt.date | None, bool]:
    """What the sheet is given to say of art. 217."""
    made = wall_map._map_of(Roster.get_by_id(roster_id), office)
    return made.first_posted, made.changed_late


def test_a_first_version_posted_late_changes_nothing(world: SmallWorld) -> None:
    """Posted first on the 5th, for the week of 9 March; then Ana's hours change."""
    at = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
    dina = ("dina", "azores", 1, 9, 13)
    made = [draft(world, [("ana", "lisbon", 0, 9, 13), dina], at).id]
    publish(world.system, made[0], at)
    assert said_of_posting(made[0], world.lisbon) == (at.date(), False)
    at += dt.timedelta(days=1)
    made.append(draft(world, [("ana", "lisbon", 0, 10, 14), dina], at).id)
    publish(world.system, made[1], at)
    first = at.date() - dt.timedelta(days=1)
    assert said_of_posting(made[1], world.lisbon) == (first, True)
    assert said_of_posting(made[1], world.azores) == (first, False)
    assert said_of_posting(made[0], world.lisbon) == (first, False), "as it hung then"


def test_a_later_version_that_changes_nothing_late_says_no_change(world: SmallWorld) -> None:
    """Four days before the week Thursday's hours still change in time."""
    at = dt.datetime(2026, 2, 27, 9, tzinfo=dt.UTC)
    for hour in (9, 10):
        made = draft(world, [("ana", "lisbon", 3, hour, hour + 4)], at).id
        publish(world.system, made, at)
        assert said_of_posting(made, world.lisbon) == (None, False)
        at = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)


def test_a_route_changed_late_is_told_by_the_map_in_hand(world: SmallWorld) -> None:
    """A route makes no new version: what became of it late is of the one that hangs."""
    at = dt.datetime(2026, 2, 20, 9, tzinfo=dt.UTC)
    dina = ("dina", "azores", 1, 9, 13)
    made = []
    for hour in (9, 10):
        made.append(draft(world, [("ana", "lisbon", 0, hour, hour + 4), dina], at).id)
        publish(world.system, made[-1], at)
        at += dt.timedelta(hours=1)
    stop = StopFacts(place="Mercado", from_minute=10 * 60, until_minute=12 * 60)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=MONDAY + dt.timedelta(days=1), name="Margem sul",
        leaves_minute=9 * 60, returns_minute=17 * 60, stops=(stop,),
    )  # fmt: skip
    route = field_routes.create_route(world.system, facts, at)
    late = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
    field_crew.assign(world.system, route, world.mediators[0].id, late, "A carrinha avariou")
    assert said_of_posting(made[1], world.lisbon) == (None, True)
    assert said_of_posting(made[1], world.azores) == (None, False)
    assert said_of_posting(made[0], world.lisbon) == (None, False), "as it hung then"


def test_a_draft_hangs_on_no_wall(world: SmallWorld, now: dt.datetime) -> None:
    made = draft(world, [("ana", "lisbon", 0, 9, 13)], now).id
    with pytest.raises(Conflict):
        wall_map.schedule_map(who(world.coordinator), made, "lisbon")


def test_a_coordinator_maps_their_own_office(world: SmallWorld, roster_id: int) -> None:
    actor = who(world.azores_coordinator)
    assert wall_map.schedule_map(actor, roster_id, "azores")[0].startswith(b"%PDF-")
    with pytest.raises(Forbidden):
        wall_map.schedule_map(actor, roster_id, "lisbon")
    with pytest.raises(NotFound):
        wall_map.schedule_map(actor, roster_id, "paris")


@pytest.mark.parametrize(
    ("worked", "rest"),
    [
        ({0, 1, 2, 3, 4}, {5, 6}),
        ({0, 1, 2, 3, 5}, {4, 6}),
        ({1, 2, 3, 4, 5}, {0, 6}),
        (set(), {5, 6}),
        ({0, 1, 2, 3, 4, 5}, {6}),
    ],
)
def test_rest_days_are_sunday_first_and_no_more_than_the_regime_leaves(
    world: SmallWorld, worked: set[int], rest: set[int]
) -> None:
    """An absence of a week shows two rest days and five dashes: it says nothing of why."""
    week = [MONDAY + dt.timedelta(days=n) for n in range(7)]
    ana = Mediator.get(Mediator.code == "ana")
    found = map_days.rest_days(ana, {week[one] for one in worked}, week)
    assert found == {week[one] for one in rest}


def test_a_month_is_one_s_own_or_one_s_coordinator_s(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    ana, *_rest, eva = world.mediators
    pdf, name = wall_map.month_sheet(who(world.mediator), None, "2026-03", now)
    assert pdf.startswith(b"%PDF-")
    assert name == "escala-ana-2026-03.pdf"
    assert wall_map.month_sheet(who(world.coordinator), ana.id, None, now)[0] == pdf
    assert wall_map.month_sheet(who(world.azores_coordinator), eva.id, None, now)
    for email, mediator in ((world.azores_coordinator, ana), (world.other_mediator, ana)):
        with pytest.raises(Forbidden):
            wall_map.month_sheet(who(email), mediator.id, None, now)
    with pytest.raises(NotFound):
        wall_map.month_sheet(who(world.mediator), None, "2026-99", now)


def test_the_rest_days_of_a_month_are_those_of_whole_published_weeks(
    world: SmallWorld, now: dt.datetime
) -> None:
    """The week from 30 March is published; its Saturday and Sunday lie in April, so the last two
    days of March are no rest days, though nothing is worked on them."""
    week = dt.date(2026, 3, 30)
    made = draft(world, [("ana", "lisbon", 2, 9, 13)], now, week=week).id
    publish(world.system, made, now)
    ana = Mediator.get(Mediator.code == "ana")
    march = map_days.rest_of_weeks(ana, dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert march == frozenset()
    april = map_days.rest_of_weeks(ana, dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert april == {dt.date(2026, 4, 4), dt.date(2026, 4, 5)}


def test_a_name_in_any_script_comes_out(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    ana.called_name = "Марія علي 王"
    ana.save()
    made = draft(world, [("ana", "lisbon", 0, 9, 13)], now).id
    publish(world.system, made, now)
    pdf, _name = wall_map.schedule_map(who(world.coordinator), made, "lisbon")
    assert len(io.BytesIO(pdf).getvalue()) > 5_000


def test_a_field_route_stands_in_the_month(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    stop = StopFacts(place="Praça", from_minute=10 * 60, until_minute=12 * 60)
    sunday = MONDAY + dt.timedelta(days=6)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=sunday, name="Sul", leaves_minute=9 * 60,
        returns_minute=13 * 60, stops=(stop,),
    )  # fmt: skip
    ana = world.mediators[0]
    route = field_routes.create_route(world.system, facts, now)
    month = f"{MONDAY:%Y-%m}"
    without, _name = wall_map.month_sheet(who(world.mediator), None, month, now)
    field_crew.assign(world.system, route, ana.id, now)
    pdf, _name = wall_map.month_sheet(who(world.mediator), None, month, now)
    assert len(pdf) > len(without)
    assert sunday not in map_days.rest_of_weeks(ana, MONDAY, sunday)


def route(world: SmallWorld, office: Office, day: int, name: str, now: dt.datetime) -> int:
    """An outing of a day of the week, from nine to one by the office's clock."""
    stop = StopFacts(place="Praça", from_minute=10 * 60, until_minute=12 * 60)
    facts = RouteFacts(
        office_id=office.id, date=MONDAY + dt.timedelta(days=day), name=name,
        leaves_minute=9 * 60, returns_minute=13 * 60, stops=(stop,),
    )  # fmt: skip
    return field_routes.create_route(world.system, facts, now)


def on_map(world: SmallWorld, roster_id: int, office: Office) -> dict[str, MapPerson]:
    return {one.name: one for one in wall_map._people(Roster.get_by_id(roster_id), office)}


def test_who_is_out_or_in_training_on_a_day_is_not_at_rest(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    """Ana works on Monday, is out on Sunday and trained on Saturday: her rest is Thursday and
    Friday. What hangs on the wall tells the outing's hours, since they are hours of work."""
    ana = world.mediators[0]
    thursday, friday, saturday, sunday = (MONDAY + dt.timedelta(days=n) for n in (3, 4, 5, 6))
    assert on_map(world, roster_id, world.lisbon)["Ana"].rest_days == {saturday, sunday}
    out = route(world, world.lisbon, 6, "Costa", now)
    field_crew.assign(world.system, out, ana.id, now)
    starts_at = dt.datetime.combine(saturday, dt.time(9), dt.UTC)
    session = CourseSession.create(
        course=world.course, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=2)
    )
    Enrolment.create(session=session, mediator=ana, status=EnrolmentStatus.ENROLLED, asked_at=now)
    shown = on_map(world, roster_id, world.lisbon)["Ana"]
    assert shown.rest_days == {thursday, friday}
    assert [one.label for one in shown.shifts][-1].endswith("Costa")
    assert shown.shifts[-2].label.startswith("Training: ")
    assert map_days.rest_of_weeks(ana, MONDAY, sunday) == {thursday, friday}
    pdf, _name = wall_map.schedule_map(who(world.coordinator), roster_id, "lisbon")
    assert pdf.startswith(b"%PDF-")


def in_training(
    world: SmallWorld, mediator: Mediator, day: int, hours: tuple[int, int], now: dt.datetime
) -> None:
    date = MONDAY + dt.timedelta(days=day)
    starts_at, ends_at = (dt.datetime.combine(date, dt.time(one), dt.UTC) for one in hours)
    session = CourseSession.create(course=world.course, starts_at=starts_at, ends_at=ends_at)
    Enrolment.create(
        session=session, mediator=mediator, status=EnrolmentStatus.ENROLLED, asked_at=now
    )


def test_training_hangs_on_the_wall_of_one_s_own_office_and_counts_once(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    """Ana works from nine to six on Monday and is trained from five to eight; Bo is trained on
    Tuesday and works no shift."""
    ana, bo = world.mediators[:2]
    in_training(world, ana, 0, (17, 20), now)
    in_training(world, bo, 1, (9, 11), now)
    shown = on_map(world, roster_id, world.lisbon)
    label = "Training: " + in_readers_language(world.course.title_pt, world.course.title_en)
    assert [(one.label, one.worked_minutes) for one in shown["Ana"].shifts] == [
        ("", None),
        (label, 120),
    ]
    assert [(one.label, one.worked_minutes) for one in shown["Bo"].shifts] == [(label, 120)]
    assert "Bo" not in on_map(world, roster_id, world.azores)


def test_who_is_only_out_that_week_hangs_on_the_wall(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    """On the map of their home and on that of the office that sends them."""
    bo = world.mediators[1]
    assert "Bo" not in on_map(world, roster_id, world.lisbon)
    field_crew.assign(world.system, route(world, world.azores, 2, "Ilha", now), bo.id, now)
    assert on_map(world, roster_id, world.lisbon)["Bo"].note == ""
    assert on_map(world, roster_id, world.azores)["Bo"].note == "Lisboa"


def test_a_loan_s_day_is_no_day_of_rest(world: SmallWorld, now: dt.datetime) -> None:
    """Caio of Lisbon works in the Azores on Sunday."""
    for office in (world.lisbon, world.azores):
        OpeningHours.create(office=office, weekday=6, opens_minute=480, closes_minute=1080)
    MediatorOffice.create(mediator=world.mediators[2], office=world.azores)
    picks = [("caio", "lisbon", 0, 9, 13), ("caio", "azores", 6, 10, 14)]
    made = draft(world, picks, now).id
    publish(world.system, made, now)
    shown = on_map(world, made, world.lisbon)["Caio"]
    assert shown.rest_days == {MONDAY + dt.timedelta(days=n) for n in (4, 5)}
    assert on_map(world, made, world.azores)["Caio"].rest_days == shown.rest_days


def test_each_minute_counts_once() -> None:
    """A shift of nine to five, a break at one, an outing of ten to two, training of four to six."""

    def at(hour: int) -> dt.datetime:
        return dt.datetime(2026, 3, 9, hour, tzinfo=dt.UTC)

    shift = MapShift(at(9), at(17), (Break(at(13), at(14)),))
    out, training = MapShift(at(10), at(14)), MapShift(at(16), at(18))
    found = map_days.counted_once([shift], [training, out])
    assert [one.worked_minutes for one in found] == [None, 60, 60]
