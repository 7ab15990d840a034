"""At the door and after: codes that change, opinions without names, hours and the export."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from openpyxl import load_workbook
from small_world import SmallWorld

from app.models import (
    AuditEntry,
    CheckIn,
    Completion,
    CompletionResult,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    SessionOpinion,
    SessionPart,
    User,
)
from app.services import (
    attendance,
    check_ins,
    opinions,
    session_parts,
    sheets_out,
    training_report,
)
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of

KEY = b"k" * 32
STEP = dt.timedelta(seconds=check_ins.STEP_SECONDS)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def session(world: SmallWorld, now: dt.datetime) -> CourseSession:
    """From an hour after `now`, with Ana enrolled and Bo waiting."""
    starts_at = now + dt.timedelta(hours=1)
    made = CourseSession.create(
        course=world.course, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=3),
        office=world.lisbon,
    )  # fmt: skip
    for mediator, status in zip(
        world.mediators, (EnrolmentStatus.ENROLLED, EnrolmentStatus.WAITING), strict=False
    ):
        Enrolment.create(session=made, mediator=mediator, status=status, asked_at=now)
    return made


def refused(who: Actor, session: CourseSession, code: str, at: dt.datetime) -> str:
    with pytest.raises(Invalid) as caught:
        check_ins.check_in(who, session.id, code, KEY, at)
    return caught.value.faults[0].expected


def test_the_door_is_open_from_half_an_hour_before_to_the_end(
    world: SmallWorld, session: CourseSession
) -> None:
    trainer = actor(world.trainer)
    opens = session.starts_at - session_parts.DOOR_OPENS_BEFORE
    second = dt.timedelta(seconds=1)
    shown = {
        at: bool(check_ins.door(trainer, session.id, KEY, at).code)
        for at in (opens - second, opens, session.ends_at - second, session.ends_at)
    }
    assert list(shown.values()) == [False, True, True, False]


def test_a_code_counts_for_its_half_minute_and_the_next(
    world: SmallWorld, session: CourseSession
) -> None:
    ana, at = actor(world.mediator), session.starts_at
    code = check_ins.door(actor(world.trainer), session.id, KEY, at).code
    assert code != check_ins.door(actor(world.trainer), session.id, KEY, at + STEP).code
    assert "the door shows now" in refused(ana, session, code, at + 2 * STEP)
    spaced = f"{code[:4].lower()} {code[4:]}"
    check_ins.check_in(ana, session.id, spaced, KEY, at + STEP)
    check_ins.check_in(ana, session.id, code, KEY, at + STEP)
    assert CheckIn.select().count() == 1, "a second press changes nothing"
    (row,) = attendance.grid(actor(world.trainer), session.id, at).rows
    assert row.arrivals == (at + STEP,)


def test_only_who_is_enrolled_with_this_session_s_code(
    world: SmallWorld, session: CourseSession, now: dt.datetime
) -> None:
    at = session.starts_at
    code = check_ins.door(actor(world.trainer), session.id, KEY, at).code
    assert "enrolled" in refused(actor(world.other_mediator), session, code, at)
    other = check_ins.code_of(KEY, session.id + 1, int(at.timestamp()) // 30)
    foreign = check_ins.code_of(b"another key", session.id, int(at.timestamp()) // 30)
    for wrong in ("", "AAAAAAAA", other, foreign, "é" * 8):
        assert "the door shows now" in refused(actor(world.mediator), session, wrong, at)
    assert "half an hour before" in refused(actor(world.mediator), session, code, now)
    assert "not over" in refused(actor(world.mediator), session, code, session.ends_at)
    with pytest.raises(Forbidden):
        check_ins.check_in(actor(world.trainer), session.id, code, KEY, at)
    with pytest.raises(NotFound):
        check_ins.check_in(actor(world.mediator), session.id + 1, code, KEY, at)
    with pytest.raises(Forbidden):
        check_ins.door(actor(world.other_trainer), session.id, KEY, at)


def test_an_opinion_is_given_once_after_the_session_and_names_nobody(
    world: SmallWorld, session: CourseSession
) -> None:
    ana, after = actor(world.mediator), session.ends_at
    with pytest.raises(Conflict):
        opinions.give(ana, session.id, 5, "", after - dt.timedelta(seconds=1))
    for score in (0, 6):
        with pytest.raises(Invalid):
            opinions.give(ana, session.id, score, "", after)
    entries = AuditEntry.select().count()
    opinions.give(ana, session.id, 4, "More examples", after)
    assert AuditEntry.select().count() == entries, "the log would tell who"
    with pytest.raises(Conflict):
        opinions.give(ana, session.id, 1, "", after)
    with pytest.raises(Forbidden):
        opinions.give(actor(world.other_mediator), session.id, 5, "", after)
    columns = set(SessionOpinion._meta.fields)
    assert columns == {"id", "session", "score", "comment"}


def test_opinions_show_from_the_third_on(world: SmallWorld, session: CourseSession) -> None:
    for score in (5, 4):
        SessionOpinion.create(session=session, score=score, comment="b")
    assert opinions.satisfaction([session.id])[session.id].mean_tenths is None
    SessionOpinion.create(session=session, score=4, comment="a")
    found = opinions.satisfaction([session.id])[session.id]
    assert (found.count, found.mean_tenths, found.comments) == (3, 43, ("a", "b", "b"))


def complete(world: SmallWorld, who: int, on: dt.date, minutes: int | None, passed: bool) -> None:
    Completion.create(
        mediator=world.mediators[who], course=world.course, completed_on=on, minutes=minutes,
        result=CompletionResult.PASSED if passed else CompletionResult.FAILED,
        recorded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip


def test_hours_are_held_against_the_right_by_association(
    world: SmallWorld, now: dt.datetime
) -> None:
    complete(world, 0, dt.date(2026, 2, 2), 120, passed=True)
    complete(world, 1, dt.date(2026, 2, 2), None, passed=False)
    complete(world, 1, dt.date(2025, 2, 2), None, passed=True)
    page = training_report.hours_page(actor(world.coordinator), 2026, now)
    had = {page.names[one.mediator]: (one.had, one.owed) for one in page.people}
    assert had["Ana"] == (120, 2400 - 120)
    assert had["Bo"] == (0, 2400), "who failed is not taken to have stayed to the end"
    by_name = {one.association: (one.people, one.had) for one in page.associations}
    assert by_name == {"Associação Aurora": (3, 120), "Associação Ponte": (2, 0)}
    mine = training_report.own_hours(actor(world.mediator), now)
    assert mine is not None
    assert (mine.had, mine.owed) == (120, 2400 - 120)
    assert training_report.own_hours(actor(world.trainer), now) is None
    own = training_report.hours_page(actor(world.association), 2026, now)
    assert set(own.names.values()) == {"Ana", "Caio", "Eva"}
    assert own.courses == ()
    bound = training_report.hours_page(actor(world.azores_coordinator), 2026, now)
    assert set(bound.names.values()) == {"Dina", "Eva"}
    for email in (world.trainer, world.mediator):
        with pytest.raises(Forbidden):
            training_report.hours_page(actor(email), 2026, now)


def test_who_passed_stayed_who_did_not_come_did_not(world: SmallWorld, now: dt.datetime) -> None:
    complete(world, 0, dt.date(2026, 2, 2), None, passed=True)
    complete(world, 1, dt.date(2026, 2, 2), None, passed=False)
    Completion.update(result=CompletionResult.ABSENT).where(
        Completion.mediator == world.mediators[1]
    ).execute()
    page = training_report.hours_page(actor(world.coordinator), 2026, now)
    had = {page.names[one.mediator]: one.had for one in page.people}
    assert (had["Ana"], had["Bo"]) == (180, 0)
    (course,) = page.courses
    assert (course.people, course.passed, course.failed) == (1, 1, 0)


def test_dates_before_and_after_new_year_have_their_share_of_the_minutes(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Two of three hours in December, one in January, when the results are had."""
    starts = [
        dt.datetime(2025, 12, 30, 9, tzinfo=dt.UTC),
        dt.datetime(2026, 1, 6, 9, tzinfo=dt.UTC),
    ]
    ends = [starts[0] + dt.timedelta(hours=2), starts[1] + dt.timedelta(hours=1)]
    held = CourseSession.create(
        course=world.course, starts_at=starts[0], ends_at=ends[1], office=world.lisbon
    )
    for start, end in zip(starts, ends, strict=True):
        SessionPart.create(session=held, starts_at=start, ends_at=end)
    complete(world, 0, dt.date(2026, 1, 6), 170, passed=True)
    Completion.update(session=held).execute()
    told = {}
    for year in (2024, 2025, 2026):
        page = training_report.hours_page(actor(world.coordinator), year, now)
        lines = [(one.people, one.passed, one.failed, one.minutes) for one in page.courses]
        had = {page.names[one.mediator]: one.had for one in page.people}
        told[year] = had.get("Ana", 0), lines
    assert told == {
        2024: (0, []), 2025: (113, [(1, 0, 0, 113)]), 2026: (57, [(1, 1, 0, 57)]),
    }  # fmt: skip


def test_a_year_that_no_calendar_has_is_not_there(world: SmallWorld, now: dt.datetime) -> None:
    for year in (0, 99999):
        with pytest.raises(NotFound):
            training_report.funders_tables(actor(world.coordinator), year, now)


def test_the_export_counts_by_each_and_names_nobody(world: SmallWorld, now: dt.datetime) -> None:
    Mediator.update(gender="woman").where(Mediator.code == "ana").execute()
    world.associations[0].name = "=HYPERLINK(1)"
    world.associations[0].save()
    complete(world, 0, dt.date(2026, 2, 2), 120, passed=True)
    complete(world, 1, dt.date(2026, 2, 2), None, passed=False)
    tables = training_report.funders_tables(actor(world.coordinator), 2026, now)
    text = sheets_out.write(tables, "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    told = {(row[1], row[2]): row[3:7] for row in rows[1:]}
    assert told["gender", "woman"] == ["1", "1", "0", "120"]
    assert told["gender", "not given"] == ["1", "0", "1", "0"]
    assert told["language", "português"] == ["2", "1", "1", "120"]
    assert told["language", "mandarim"] == ["1", "0", "1", "0"]
    assert told["course", "LEGAL v1 Apoio jurídico"] == ["2", "1", "1", "120"]
    assert told["association", "'=HYPERLINK(1)"] == ["1", "1", "0", "120"], "no formula"
    assert "Ana" not in text
    book = load_workbook(io.BytesIO(sheets_out.write(tables, "xlsx")))
    assert book.sheetnames == ["Training", "course", "language", "gender", "association"]
    assert all(one.data_type != "f" for sheet in book for row in sheet for one in row)
    for email in (world.azores_coordinator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            training_report.funders_tables(actor(email), 2026, now)
