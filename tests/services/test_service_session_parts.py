"""A session of several dates: three mornings, and everything that goes by when it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from icalendar import Calendar
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    CalledOffTraining,
    CompletionResult,
    CourseSession,
    Message,
    RequestStatus,
    SessionPart,
    User,
)
from app.routes.message_words import title
from app.services import attendance, check_ins, feeds, session_pages, session_parts, training
from app.services.errors import Invalid
from app.services.feed_subjects import Subject, SubjectKind
from app.services.horizon import Horizon
from app.services.message_view import messages_of
from app.services.my_shifts import my_shifts
from app.services.people_week import mediators_of_week
from app.services.rights import Actor, actor_of
from app.services.training import SessionFacts
from app.services.training_busy import training_spans
from app.services.worked import worked_between

KEY = b"k" * 32
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MORNINGS = tuple(
    (at := dt.datetime.combine(MONDAY + day * DAY, dt.time(9), dt.UTC), at + 3 * HOUR)
    for day in (0, 2, 4)
)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def facts(world: SmallWorld, *spans: tuple[dt.datetime, dt.datetime]) -> SessionFacts:
    dates = spans or MORNINGS
    return SessionFacts(
        course_id=world.course.id,
        starts_at=min(dates)[0],
        ends_at=max(end for _start, end in dates),
        parts=dates if len(dates) > 1 else (),
        office_id=world.lisbon.id,
        capacity=3,
    )


@pytest.fixture
def session_id(world: SmallWorld, now: dt.datetime) -> int:
    """Three mornings, Ana in it."""
    made = training.create_session(world.system, facts(world), now)
    training.enrol(world.system, made, world.mediators[0].id, now)
    return made


def events(
    world: SmallWorld, now: dt.datetime, course: int | None = None
) -> dict[str, tuple[dt.datetime, int, str]]:
    """Ana's training, or a course's, as a calendar reads it: start, SEQUENCE, status by UID."""
    subject = Subject(SubjectKind.COURSE, course) if course else None
    made = feeds.create_feed(
        actor(world.trainer if course else world.mediator), now=now, subject=subject, locale="en",
        details=True, keep_cancelled=True, name=f"As of {now:%H:%M}",
    )  # fmt: skip
    read = Calendar.from_ical(feeds.read_feed(made.token, now).body)
    return {
        str(one["UID"]): (one["DTSTART"].dt.astimezone(dt.UTC), one["SEQUENCE"], one["STATUS"])
        for one in read.walk("VEVENT")
    }


def test_it_is_read_back_with_its_dates_in_order(world: SmallWorld, now: dt.datetime) -> None:
    shuffled = (MORNINGS[1], MORNINGS[0], MORNINGS[2])
    view = training.get_session(
        world.system, training.create_session(world.system, facts(world, *shuffled), now)
    )
    assert view.parts == view.spans == MORNINGS
    assert (view.starts_at, view.ends_at) == (MORNINGS[0][0], MORNINGS[2][1])
    simple = training.create_session(
        world.system, facts(world, (MORNINGS[0][1], MORNINGS[0][1] + HOUR)), now
    )
    assert training.get_session(world.system, simple).parts == ()
    assert SessionPart.select().where(SessionPart.session == simple).count() == 0


def test_each_wrong_date_is_told_where_it_is(world: SmallWorld, now: dt.datetime) -> None:
    backwards = (MORNINGS[1][1], MORNINGS[1][0])
    for spans, field in (
        ((MORNINGS[0], backwards), "parts.1.ends_at"),
        ((MORNINGS[0], (MORNINGS[0][0] + HOUR, MORNINGS[0][1] + HOUR)), "parts.1.starts_at"),
        ((MORNINGS[0], (MORNINGS[0][0] + 400 * DAY, MORNINGS[0][1] + 400 * DAY)),
         "parts.1.starts_at"),
        (tuple((at + n * DAY, end + n * DAY) for n in range(21) for at, end in MORNINGS[:1]),
         "parts"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            training.create_session(world.system, facts(world, *spans), now)
        assert [one.field for one in refused.value.faults] == [field]
    assert CourseSession.select().count() == 0


def test_only_the_dates_themselves_take_time(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    """In the roster, in the hours of a week, in what one sees, and for other sessions."""
    ana = world.mediators[0]
    weeks = (MORNINGS[0][0] - DAY, MORNINGS[2][1] + DAY)
    assert [(one.starts_at, one.ends_at) for one in training_spans(*weeks, [ana.id])] == [*MORNINGS]
    assert training_spans(MORNINGS[0][1], MORNINGS[1][0]) == []
    horizon = Horizon(MONDAY)
    busy = next(one.busy for one in mediators_of_week(world.group, horizon) if one.id == ana.code)
    assert [(one.start, one.end) for one in busy] == [horizon.span(*one) for one in MORNINGS]
    seen = my_shifts(actor(world.mediator), now).weeks
    days = {day.date: day.training for week in seen for day in week.days if day.training}
    assert [*days] == [MONDAY, MONDAY + 2 * DAY, MONDAY + 4 * DAY]
    assert [one.number for told in days.values() for one in told] == [1, 2, 3]

    between = (MORNINGS[0][0] + DAY, MORNINGS[0][1] + DAY)
    other = training.create_session(world.system, facts(world, between), now)
    training.enrol(world.system, other, ana.id, now)
    with pytest.raises(Invalid):
        training.create_session(world.system, facts(world, MORNINGS[1]), now)


def test_a_shift_on_one_of_the_dates_is_a_conflict_and_between_them_is_none(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    ana, bo = world.mediators[:2]
    shifts = [Shift(ana, world.lisbon, MONDAY + DAY), Shift(bo, world.lisbon, MONDAY + 2 * DAY)]
    write_roster(world, MONDAY, shifts)
    page = session_pages.session_page(world.system, session_id, now)
    clashes = {one.name: len(one.clashes) for one in (*page.seats, *page.candidates)}
    assert (clashes["Ana"], clashes["Bo"]) == (0, 1)


def test_a_week_published_with_the_seat_known_is_no_clash(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    """Trainers then hear nothing of the week, whatever it holds: it could only be an absence."""
    ana, wednesday = world.mediators[0], MONDAY + 2 * DAY

    def clashes(who: Actor) -> list[str]:
        (seat,) = session_pages.session_page(who, session_id, now).seats
        return [one.kind for one in seat.clashes]

    shifts = [Shift(ana, world.lisbon, wednesday)]
    write_roster(world, MONDAY, shifts, at=now - HOUR)
    assert (clashes(world.system), clashes(actor(world.trainer))) == (["shift"], ["hidden"])
    write_roster(world, MONDAY, shifts, version=2, at=now + HOUR)
    assert (clashes(world.system), clashes(actor(world.trainer))) == ([], [])
    Absence.create(
        mediator=ana, starts_at=MORNINGS[1][0], ends_at=MORNINGS[1][1],
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    assert (clashes(world.system), clashes(actor(world.trainer))) == (["leave"], [])
    CourseSession.update(changed_at=now + 2 * HOUR).execute()
    assert (clashes(world.system), clashes(actor(world.trainer))) == (
        ["shift", "leave"], ["hidden"],
    )  # fmt: skip


def test_each_date_is_an_event_and_keeps_its_uid(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    before = events(world, now)
    assert sorted(start for start, _sequence, _status in before.values()) == [
        start for start, _end in MORNINGS
    ]
    moved = (MORNINGS[0], (MORNINGS[1][0] + DAY, MORNINGS[1][1] + DAY), MORNINGS[2])
    training.edit_session(world.system, session_id, facts(world, *moved), now + HOUR)
    after = events(world, now + HOUR)
    assert after.keys() == before.keys()
    by_start = {start: uid for uid, (start, _sequence, _status) in before.items()}
    assert after[by_start[MORNINGS[1][0]]][0] == moved[1][0]
    assert all(after[uid][1] > before[uid][1] for uid in before)

    training.edit_session(world.system, session_id, facts(world, MORNINGS[0]), now + 2 * HOUR)
    left = events(world, now + 2 * HOUR)
    assert left.keys() == before.keys()
    status = {start: told for start, _sequence, told in left.values()}
    assert status == {
        MORNINGS[0][0]: "CONFIRMED", moved[1][0]: "CANCELLED", MORNINGS[2][0]: "CANCELLED",
    }  # fmt: skip
    assert SessionPart.select().count() == 0, "one date again, as it was before there were more"
    assert training.get_session(world.system, session_id).spans == MORNINGS[:1]


def test_a_date_or_a_session_called_off_counts_up_in_the_course_s_calendar(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    for one in world.mediators[1:3]:
        training.enrol(world.system, session_id, one.id, now)
        training.cancel_enrolment(world.system, session_id, one.id, now)
    told = [events(world, now, world.course.id)]
    training.edit_session(world.system, session_id, facts(world, *MORNINGS[:2]), now + HOUR)
    told.append(events(world, now + HOUR, world.course.id))
    training.remove_session(world.system, session_id, now + 2 * HOUR)
    told.append(events(world, now + 2 * HOUR, world.course.id))
    for uid, (start, _sequence, _status) in told[0].items():
        counted = [one[uid][1] for one in told]
        assert counted[0] < counted[1] <= counted[2]
        assert counted[2] > counted[1] or start == MORNINGS[2][0]
    assert {status for _start, _sequence, status in told[2].values()} == {"CANCELLED"}


def test_a_simple_session_s_event_stays_when_dates_are_added(
    world: SmallWorld, now: dt.datetime
) -> None:
    simple = training.create_session(world.system, facts(world, MORNINGS[0]), now)
    training.enrol(world.system, simple, world.mediators[0].id, now)
    before = events(world, now)
    training.edit_session(world.system, simple, facts(world), now + HOUR)
    after = events(world, now + HOUR)
    assert before.keys() < after.keys()
    assert len(after) == 3
    training.remove_session(world.system, simple, now + 2 * HOUR)
    gone = events(world, now + 2 * HOUR)
    assert {status for _start, _sequence, status in gone.values()} == {"CANCELLED"}
    assert gone.keys() == after.keys()
    assert CalledOffTraining.select().count() == 6, "each date, for the course and for Ana"


def test_no_result_before_the_last_date(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    ana = world.mediators[0].id
    second, last = (MORNINGS[n][0] for n in (1, 2))
    on_the_second = second + 12 * HOUR
    passed = CompletionResult.PASSED
    with pytest.raises(Invalid) as refused:
        training.record_completion(
            world.system, world.course.id, ana, second.date(), passed, on_the_second, session_id
        )
    assert {one.field for one in refused.value.faults} == {"completed_on"}
    assert not attendance.grid(world.system, session_id, on_the_second).may_begin
    grid = attendance.grid(world.system, session_id, last + 4 * HOUR)
    assert (grid.may_begin, grid.on) == (True, last.date())
    training.record_completion(
        world.system, world.course.id, ana, last.date(), passed, last + 4 * HOUR, session_id
    )
    later = replace(facts(world), parts=(*MORNINGS, (last + DAY, last + DAY + HOUR)))
    with pytest.raises(Invalid):
        training.edit_session(world.system, session_id, later, last + 5 * HOUR)
    page = session_pages.session_page(world.system, session_id, on_the_second)
    assert (page.begun, page.last_begun, page.over) == (True, False, False)


def test_the_door_opens_for_each_date(world: SmallWorld, now: dt.datetime, session_id: int) -> None:
    trainer, ana = actor(world.trainer), actor(world.mediator)
    for start, end in MORNINGS:
        assert check_ins.door(trainer, session_id, KEY, start).code
        shut = check_ins.door(trainer, session_id, KEY, end)
        assert not shut.code
        assert shut.over == (end == MORNINGS[2][1])
    between = MORNINGS[1][0] - 2 * HOUR
    code = check_ins.shown_code(KEY, session_id, between)
    with pytest.raises(Invalid):
        check_ins.check_in(ana, session_id, code, KEY, between)
    assert check_ins.door(trainer, session_id, KEY, between).opens_at == (
        MORNINGS[1][0] - session_parts.DOOR_OPENS_BEFORE
    )
    code = check_ins.shown_code(KEY, session_id, MORNINGS[1][0])
    check_ins.check_in(ana, session_id, code, KEY, MORNINGS[1][0])
    assert [*check_ins.arrivals_of(session_id)] == [world.mediators[0].id]
    assert check_ins.door(trainer, session_id, KEY, MORNINGS[1][0]).present == 1
    at = MORNINGS[2][0]
    assert check_ins.door(trainer, session_id, KEY, at).present == 0, "the next date is another"
    for _press in range(2):
        check_ins.check_in(ana, session_id, check_ins.shown_code(KEY, session_id, at), KEY, at)
    (row,) = attendance.grid(trainer, session_id, at).rows
    assert row.arrivals == (MORNINGS[1][0], at)


def test_hours_are_those_of_the_dates(world: SmallWorld, now: dt.datetime, session_id: int) -> None:
    ana = world.mediators[0]
    worked = worked_between(MONDAY, MONDAY + 6 * DAY, [ana.id])
    assert worked[ana.id].training_minutes == 9 * 60


def test_a_message_names_every_date(world: SmallWorld, now: dt.datetime, session_id: int) -> None:
    assert Message.select().count() == 1
    told = Message.get().details["session"]["parts"]
    assert [dt.datetime.fromisoformat(start) for start, _end in told] == [
        start for start, _end in MORNINGS
    ]
    said = title(messages_of(actor(world.mediator))[0])
    assert said.count("–") >= 3
