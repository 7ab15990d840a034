"""A mediator's own say: wishes within their budget, leave and sickness by date, weekly times."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from published import write_roster
from small_world import MONDAY, SmallWorld

from app.models import Absence, AbsenceKind, Message, RequestStatus, User, Wish, WishKind
from app.routes import message_words
from app.services import absence_ends, message_view, my_times
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)


@pytest.fixture
def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [fault.field for fault in error.value.faults]


def test_a_month_has_three_wishes_and_a_day_one(ana: Actor, now: dt.datetime) -> None:
    dates = [MONDAY + n * DAY for n in range(my_times.WISHES_A_MONTH)]
    for date in dates:
        my_times.wish(ana, date, WishKind.OFF, now)
    with pytest.raises(Invalid) as error:
        my_times.wish(ana, dates[-1] + DAY, WishKind.ON, now)
    assert faults_of(error) == ["date"]
    my_times.wish(ana, dt.date(2026, 4, 1), WishKind.ON, now)
    with pytest.raises(Invalid):
        my_times.wish(ana, dt.date(2026, 4, 1), WishKind.OFF, now)
    assert Wish.select().count() == my_times.WISHES_A_MONTH + 1
    assert len({row.cost for row in Wish.select()}) == 1, "all weigh the same"


def test_a_year_has_two_dozen_wishes(ana: Actor, now: dt.datetime) -> None:
    months = [dt.date(2026, 4, 1) + dt.timedelta(days=31) * n for n in range(8)]
    for number, date in enumerate(first.replace(day=day) for first in months for day in (5, 6, 7)):
        left = my_times.my_times(ana, now).wishes_left
        assert left == ((2026, my_times.WISHES_A_YEAR - number), (2027, my_times.WISHES_A_YEAR))
        my_times.wish(ana, date, WishKind.OFF, now)
    with pytest.raises(Invalid) as error:
        my_times.wish(ana, dt.date(2026, 12, 30), WishKind.OFF, now)
    assert "24" in error.value.faults[0].expected
    my_times.wish(ana, dt.date(2027, 1, 1), WishKind.OFF, now)


def test_a_wish_taken_back_is_there_again(ana: Actor, now: dt.datetime) -> None:
    made = [
        my_times.wish(ana, MONDAY + n * DAY, WishKind.OFF, now)
        for n in range(my_times.WISHES_A_MONTH)
    ]
    my_times.take_wish_back(ana, made[0], now)
    my_times.wish(ana, MONDAY + 9 * DAY, WishKind.OFF, now)
    assert len(my_times.my_times(ana, now).wishes) == my_times.WISHES_A_MONTH


def test_a_wish_is_a_whole_day_of_the_home_office_in_a_week_to_come(
    ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    write_roster(world, MONDAY, [])
    mine = my_times.my_times(ana, now)
    assert (mine.first_open_date, mine.next_week) == (MONDAY + 7 * DAY, MONDAY + 7 * DAY)
    assert mine.post_by == MONDAY, "seven days before the week (CT 217)"
    with pytest.raises(Invalid):
        my_times.wish(ana, MONDAY + 6 * DAY, WishKind.OFF, now)
    my_times.wish(ana, dt.date(2026, 3, 29), WishKind.OFF, now)
    row = Wish.get()
    assert row.starts_at == dt.datetime(2026, 3, 29, tzinfo=dt.UTC)
    assert row.ends_at - row.starts_at == dt.timedelta(hours=23), "summer time begins"
    with pytest.raises(Invalid):
        my_times.wish(ana, now.date() + 366 * DAY, WishKind.OFF, now)


@pytest.mark.parametrize(
    ("first", "days", "kind", "weekend_too", "last"),
    [
        (0, 5, AbsenceKind.LEAVE, True, 6),
        (0, 5, AbsenceKind.OTHER, True, 6),
        (-3, 8, AbsenceKind.LEAVE, True, 6),
        (0, 12, AbsenceKind.LEAVE, True, 13),
        (0, 5, AbsenceKind.LEAVE, False, 4),
        (0, 5, AbsenceKind.SICKNESS, True, 4),
        (1, 4, AbsenceKind.LEAVE, True, 4),
        (4, 1, AbsenceKind.LEAVE, True, 4),
        (0, 4, AbsenceKind.LEAVE, True, 3),
        (0, 6, AbsenceKind.LEAVE, True, 5),
    ],
)
def test_whole_weeks_of_leave_end_with_their_weekend(
    ana: Actor,
    now: dt.datetime,
    first: int,
    days: int,
    kind: AbsenceKind,
    weekend_too: bool,
    last: int,
) -> None:
    """From Monday or before to a Friday, where it is asked for; sickness is told day by day."""
    monday = MONDAY - 7 * DAY if kind is AbsenceKind.SICKNESS else MONDAY
    begins = monday + first * DAY
    my_times.tell_absence(ana, begins, begins + (days - 1) * DAY, kind, now, weekend_too)
    (absence,) = my_times.my_times(ana, now).absences
    assert (absence.first, absence.last) == (begins, monday + last * DAY)


def test_leave_is_asked_and_sickness_told_and_the_coordinators_know(
    ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    my_times.tell_absence(ana, MONDAY, MONDAY + 2 * DAY, AbsenceKind.LEAVE, now)
    my_times.tell_absence(ana, now.date(), now.date(), AbsenceKind.SICKNESS, now)
    sick, leave = my_times.my_times(ana, now).absences
    assert (leave.first, leave.last) == (MONDAY, MONDAY + 2 * DAY)
    assert (leave.status, leave.may_take_back) == (RequestStatus.ASKED, True)
    assert (sick.status, sick.may_take_back) == (RequestStatus.APPROVED, False)
    told = [(row.user.email, row.kind) for row in Message.select().order_by(Message.id)]
    assert told == [(world.coordinator, "away_told")] * 2
    for row in Message.select():
        assert set(row.details) == {"mediator", "first", "last"}, (
            "what it is stays with the absence"
        )
    my_times.take_absence_back(ana, leave.id, now)
    with pytest.raises(Forbidden):
        my_times.take_absence_back(ana, sick.id, now)
    assert Absence.select().count() == 1


def test_what_is_told_of_sickness_is_told_of_leave_in_the_same_words(
    app: Flask, ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    """In the messages and in clear mail: neither kind nor sentence tells which it is."""
    told: dict[AbsenceKind, list[tuple[str, str]]] = {}
    for kind in AbsenceKind:
        absence = my_times.tell_absence(ana, MONDAY, MONDAY, kind, now)
        if kind is AbsenceKind.SICKNESS:
            absence_ends.end_sickness(ana, absence, now)
        else:
            my_times.take_absence_back(ana, absence, now)
        with app.test_request_context(headers={"Accept-Language": "en"}):
            views = message_view.views_of(Message.select().order_by(Message.id))
            told[kind] = [(one.kind, message_words.title(one)) for one in views]
        Message.delete().execute()
    assert told[AbsenceKind.SICKNESS] == told[AbsenceKind.LEAVE] == told[AbsenceKind.OTHER]
    assert [text for _kind, text in told[AbsenceKind.SICKNESS]] == [
        "Ana is away or asks to be away: Mon 9 March.",
        "Ana can come after all: Mon 9 March.",
    ]


@pytest.mark.parametrize("kind", ["absence_asked", "absence_told"])
def test_messages_from_before_say_no_more(app: Flask, now: dt.datetime, kind: str) -> None:
    days = {"mediator": "Ana", "first": "2026-03-09", "last": "2026-03-09"}
    old = message_view.MessageView(1, kind, now, None, (), days)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert message_words.title(old).startswith("Ana is away or asks to be away")
        assert message_words.link(old) == ("/requests", "Requests")


def test_sickness_after_a_request_taken_back_is_told_too(
    ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    """SQLite gives a row's number again once the row is gone."""
    asked = my_times.tell_absence(ana, MONDAY, MONDAY, AbsenceKind.LEAVE, now)
    my_times.take_absence_back(ana, asked, now)
    my_times.tell_absence(ana, now.date(), now.date(), AbsenceKind.SICKNESS, now)
    told = [(row.user.email, row.kind) for row in Message.select().order_by(Message.id)]
    assert told == [
        (world.coordinator, kind) for kind in ("away_told", "absence_ended", "away_told")
    ]


def test_an_absence_is_of_days_to_come_in_order_and_clear_of_others(
    ana: Actor, now: dt.datetime
) -> None:
    today = now.date()
    with pytest.raises(Invalid) as error:
        my_times.tell_absence(ana, today - DAY, today - 2 * DAY, AbsenceKind.LEAVE, now)
    assert faults_of(error) == ["first", "last"]
    back = my_times.SICKNESS_DAYS_BACK * DAY
    with pytest.raises(Invalid):
        my_times.tell_absence(ana, today - back - DAY, today, AbsenceKind.SICKNESS, now)
    my_times.tell_absence(ana, today - back, today, AbsenceKind.SICKNESS, now)
    with pytest.raises(Invalid) as error:
        my_times.tell_absence(ana, today, today + DAY, AbsenceKind.LEAVE, now)
    assert faults_of(error) == ["first"]
    my_times.tell_absence(ana, today + DAY, today + DAY, AbsenceKind.LEAVE, now)


def test_weekly_times_are_kept_by_weekday_and_may_not_cross(ana: Actor, now: dt.datetime) -> None:
    weekly = [()] * 7
    weekly[2] = ((960, 1440), (0, 480))
    my_times.set_weekly(ana, weekly, now)
    assert my_times.my_times(ana, now).weekly[2] == ((0, 480), (960, 1440))
    weekly[0], weekly[4] = ((600, 720), (690, 780)), ((720, 720),)
    with pytest.raises(Invalid) as error:
        my_times.set_weekly(ana, weekly, now)
    assert faults_of(error) == ["0", "4"]
    assert my_times.my_times(ana, now).weekly[0] == ()


def test_only_one_s_own(ana: Actor, world: SmallWorld, now: dt.datetime) -> None:
    bo = actor_of(User.get(User.email == world.other_mediator))
    wish = my_times.wish(bo, MONDAY, WishKind.OFF, now)
    absence = my_times.tell_absence(bo, MONDAY, MONDAY, AbsenceKind.LEAVE, now)
    with pytest.raises(NotFound):
        my_times.take_wish_back(ana, wish, now)
    with pytest.raises(NotFound):
        my_times.take_absence_back(ana, absence, now)
    with pytest.raises(Forbidden):
        my_times.my_times(actor_of(User.get(User.email == world.coordinator)), now)


def test_a_week_published_ahead_leaves_those_before_it_open(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    """The week after next is out, next week is not: its days can still be wished for."""
    early = MONDAY + 7 * DAY
    write_roster(world, early, [])
    mine = my_times.my_times(ana, now)
    assert (mine.first_open_date, mine.next_week) == (MONDAY, MONDAY)
    my_times.take_wish_back(ana, my_times.wish(ana, MONDAY, WishKind.OFF, now), now)
    with pytest.raises(Invalid) as refused:
        my_times.wish(ana, early + DAY, WishKind.OFF, now)
    assert "published" in refused.value.faults[0].expected
    my_times.wish(ana, early + 7 * DAY, WishKind.OFF, now)


def test_a_wish_that_was_heard_is_not_given_back(
    ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    heard = my_times.wish(ana, MONDAY, WishKind.OFF, now)
    later = my_times.wish(ana, MONDAY + 7 * DAY, WishKind.OFF, now)
    write_roster(world, MONDAY, [])
    with pytest.raises(Conflict):
        my_times.take_wish_back(ana, heard, now)
    my_times.take_wish_back(ana, later, now)
    assert [one.id for one in my_times.my_times(ana, now).wishes] == [heard]


def test_one_s_own_sickness_can_be_ended_and_one_told_by_mistake_taken_back(
    ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    """From today on: what has been stays. The coordinators are told, and not what it was."""
    today = now.date()
    since = today - 2 * DAY
    sick = my_times.tell_absence(ana, since, today + 3 * DAY, AbsenceKind.SICKNESS, now)
    with pytest.raises(Forbidden):
        absence_ends.end_sickness(ana, sick, now, today - 2 * DAY)
    with pytest.raises(Invalid):
        absence_ends.end_sickness(ana, sick, now, today + 3 * DAY)
    absence_ends.end_sickness(ana, sick, now, today + DAY)
    (left,) = my_times.my_times(ana, now).absences
    assert (left.first, left.last, left.may_end) == (since, today + DAY, True)
    absence_ends.end_sickness(ana, sick, now)
    assert my_times.my_times(ana, now).absences == ()
    assert Absence.select().count() == 1, "the days before today stay"
    wrong = my_times.tell_absence(ana, today, today, AbsenceKind.SICKNESS, now)
    absence_ends.end_sickness(ana, wrong, now)
    assert Absence.select().count() == 1
    told = [
        (row.user.email, row.details["first"], row.details["last"])
        for row in Message.select().where(Message.kind == "absence_ended").order_by(Message.id)
    ]
    days = [(today + 2 * DAY, today + 3 * DAY), (today, today + DAY), (today, today)]
    assert told == [
        (world.coordinator, first.isoformat(), last.isoformat()) for first, last in days
    ]
    assert not any("sick" in str(row.details) for row in Message.select())
    leave = my_times.tell_absence(ana, MONDAY, MONDAY, AbsenceKind.LEAVE, now)
    with pytest.raises(Forbidden):
        absence_ends.end_sickness(ana, leave, now)
