"""A kept feed holds until a row behind it changes, and then no longer: the database counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from drafts import draft
from icalendar import Calendar
from published import PUBLISHED_AT, Shift, write_roster
from small_world import MONDAY, SmallWorld

from app import triggers
from app.database import is_postgresql
from app.models import (
    Assignment,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    FeedDocument,
    FeedToken,
    Mediator,
    Office,
    OfficeKind,
    Roster,
    SessionPart,
    User,
    UserRole,
    database,
)
from app.services import (
    courses,
    enrolments,
    feed_notes,
    feed_words,
    feeds,
    mediators,
    places,
    rosters,
    session_events,
    sessions,
)
from app.services.errors import Forbidden, NotFound
from app.services.feed_reading import look_up
from app.services.feed_subjects import Subject, SubjectKind
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)
LATER = dt.timedelta(hours=2)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def follow(who: str, now: dt.datetime, kind: str = "", number: int = 0, **choices: object) -> str:
    subject = Subject(SubjectKind(kind), number) if kind else None
    settings = {"locale": "en", "details": True, "keep_cancelled": True, "name": f"{kind}{number}"}
    made = feeds.create_feed(actor(who), now=now, subject=subject, **(settings | choices))  # type: ignore[arg-type]
    return made.token


@pytest.fixture
def tokens(world: SmallWorld, now: dt.datetime) -> dict[str, str]:
    """A feed of each kind, of a published week, all written and kept."""
    ana, bo, *_others = world.mediators
    shifts = [Shift(ana, world.lisbon, MONDAY), Shift(bo, world.lisbon, MONDAY + DAY)]
    write_roster(world, MONDAY, shifts)
    session = CourseSession.create(
        course=world.course,
        starts_at=dt.datetime(2026, 3, 11, 14, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 3, 11, 17, tzinfo=dt.UTC),
        office=world.azores,
    )
    Enrolment.create(
        session=session, mediator=ana, status=EnrolmentStatus.ENROLLED, asked_at=PUBLISHED_AT
    )
    made = {
        "ana": follow(world.mediator, now),
        "bo": follow(world.other_mediator, now),
        "lisbon": follow(world.coordinator, now, "office", world.lisbon.id),
        "azores": follow(world.azores_coordinator, now, "office", world.azores.id),
        "course": follow(world.trainer, now, "course", world.course.id),
        "aurora": follow(world.association, now, "association", world.associations[0].id),
    }
    for token in made.values():
        feeds.read_feed(token, now)
    return made


def stale(tokens: dict[str, str], now: dt.datetime) -> set[str]:
    return {name for name, token in tokens.items() if not look_up(token, now).holds}


Change = Callable[[SmallWorld], object]
CHANGES: dict[str, tuple[Change, set[str]]] = {
    "a published shift moves": (
        lambda world: (
            Assignment.update(sequence=1).where(Assignment.mediator == world.mediators[1]).execute()
        ),
        {"bo", "lisbon"},
    ),
    "a published shift goes": (
        lambda world: (
            Assignment.delete().where(Assignment.mediator == world.mediators[0]).execute()
        ),
        {"ana", "lisbon", "aurora"},
    ),
    "a seat is given back": (
        lambda _world: Enrolment.update(status=EnrolmentStatus.CANCELLED).execute(),
        {"ana", "course", "aurora"},
    ),
    "a session moves": (
        lambda _world: CourseSession.update(
            starts_at=CourseSession.get().starts_at + dt.timedelta(hours=1)
        ).execute(),
        {"ana", "course", "aurora", "azores"},
    ),
    "a session is given a date": (
        lambda _world: SessionPart.create(
            session=CourseSession.get(),
            starts_at=CourseSession.get().starts_at,
            ends_at=CourseSession.get().ends_at,
        ),
        {"ana", "course", "aurora", "azores"},
    ),
    "a session is removed": (
        lambda _world: CourseSession.delete().execute(),
        {"ana", "course", "aurora", "azores"},
    ),
    "an office moves house": (
        lambda world: (
            Office.update(address="Rua Nova 1").where(Office.id == world.lisbon).execute()
        ),
        {"ana", "bo", "lisbon", "azores", "course", "aurora"},
    ),
    "an office becomes a telephone service, served from elsewhere": (
        lambda world: (
            Office.update(kind=OfficeKind.TELEPHONE).where(Office.id == world.azores).execute()
        ),
        {"ana", "bo", "lisbon", "azores", "course", "aurora"},
    ),
    "an office gets more seats, which no feed shows": (
        lambda _world: Office.update(capacity=99).execute(),
        set(),
    ),
    "a person takes another name": (
        lambda world: (
            Mediator.update(called_name="Beatriz")
            .where(Mediator.id == world.mediators[1])
            .execute()
        ),
        {"bo", "lisbon", "azores", "course", "aurora"},
    ),
    "a person's contract changes, which no feed shows": (
        lambda _world: Mediator.update(week_minutes=1200).execute(),
        set(),
    ),
    "a feed is to be in Portuguese": (
        lambda world: (
            FeedToken.update(locale="pt").where(FeedToken.mediator == world.mediators[0]).execute()
        ),
        {"ana"},
    ),
    "a draft is saved": (
        lambda world: draft(world, [("ana", "lisbon", 0, 9, 13)], PUBLISHED_AT),
        set(),
    ),
    "a fetch is noted": (lambda _world: FeedToken.update(fetched_at=PUBLISHED_AT).execute(), set()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_reaches_the_feeds_that_show_it_and_no_other(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime, what: str
) -> None:
    assert stale(tokens, now) == set()
    change, touched = CHANGES[what]
    change(world)
    assert stale(tokens, now) == touched
    for token in tokens.values():
        feeds.read_feed(token, now)
    assert stale(tokens, now) == set()


def test_publishing_reaches_who_is_in_either_version(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    made = draft(world, [("caio", "lisbon", 0, 9, 13)], now)
    assert stale(tokens, now) == set()
    rosters.publish(world.system, made.id, now)
    assert stale(tokens, now) == {"ana", "bo", "lisbon", "aurora"}


def test_what_is_rolled_back_changes_no_feed(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    with database.atomic() as transaction:
        Assignment.delete().execute()
        transaction.rollback()
    assert stale(tokens, now) == set()


def test_a_feed_written_anew_for_nothing_keeps_its_tag_and_date(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    before = look_up(tokens["ana"], now)
    FeedDocument.update(changes=FeedDocument.changes + 1).execute()
    feeds.read_feed(tokens["ana"], now + LATER)
    after = look_up(tokens["ana"], now + LATER)
    assert (after.etag, after.modified, after.holds) == (before.etag, before.modified, True)


def test_a_new_month_calls_for_a_new_feed(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    next_month = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    assert look_up(tokens["ana"], next_month - second).holds
    assert not look_up(tokens["ana"], next_month).holds


def test_who_writes_late_does_not_undo_who_wrote_later(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    """Two processes write one feed; the one that read older rows ends last."""
    from app.services import feed_reading

    token_id = look_up(tokens["bo"], now).token_id
    old = FeedDocument.get_by_id(token_id).changes
    Assignment.delete().where(Assignment.mediator == world.mediators[1]).execute()
    newer = feeds.read_feed(tokens["bo"], now)
    feed_reading._keep(token_id, old, b"old", now, now + DAY, now)
    assert feeds.read_feed(tokens["bo"], now).body == newer.body
    assert look_up(tokens["bo"], now).holds


def test_triggers_that_a_migration_lost_are_put_back(world: SmallWorld) -> None:
    assert not triggers.install()
    name, table = triggers._present()[0]
    on_table = f' ON "{table}"' if is_postgresql() else ""
    database.execute_sql(f'DROP TRIGGER "{name}"{on_table}')
    assert triggers.install()
    assert name in dict(triggers._present())


@pytest.mark.parametrize("name", ["lisbon", "course", "aurora"])
def test_who_loses_the_right_loses_the_feed_at_once(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime, name: str
) -> None:
    owner = FeedToken.get(FeedToken.token_hash == look_up(tokens[name], now).token_hash).user
    UserRole.delete().where(UserRole.user == owner).execute()
    with pytest.raises(NotFound):
        look_up(tokens[name], now)


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("azores_coordinator", "office"),
        ("mediator", "office"),
        ("other_trainer", "course"),
        ("mediator", "course"),
        ("coordinator", "association"),
        ("coordinator", "mediator"),
        ("other_mediator", "mediator"),
    ],
)
def test_nobody_follows_what_is_not_theirs(
    world: SmallWorld, now: dt.datetime, who: str, kind: str
) -> None:
    numbers = {
        "office": world.lisbon.id,
        "course": world.course.id,
        "association": world.associations[0].id,
        "mediator": world.mediators[0].id,
    }
    with pytest.raises(Forbidden):
        follow(getattr(world, who), now, kind, numbers[kind])


def test_each_kind_shows_what_it_should(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    shown = {name: feeds.read_feed(token, now).body.decode() for name, token in tokens.items()}
    count = {name: text.count("BEGIN:VEVENT") for name, text in shown.items()}
    assert count == {"ana": 2, "bo": 1, "lisbon": 2, "azores": 1, "course": 1, "aurora": 2}
    assert "SUMMARY:Ana\r\n" in shown["lisbon"]
    assert "SUMMARY:Bo\r\n" in shown["lisbon"]
    assert "SUMMARY:Ana · Lisboa" in shown["aurora"]
    assert "Bo" not in shown["aurora"]
    assert "1 of 20 seats taken" in shown["course"]
    assert "Ana" not in shown["course"]


def test_a_moved_and_a_cancelled_session_raise_the_sequence(
    world: SmallWorld, now: dt.datetime
) -> None:
    trainer = actor(world.trainer)
    facts = sessions.SessionFacts(
        course_id=world.course.id,
        starts_at=dt.datetime(2026, 3, 11, 14, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 3, 11, 17, tzinfo=dt.UTC),
        office_id=world.lisbon.id,
    )
    session = sessions.create_session(trainer, facts, now)
    enrolments.enrol(trainer, session, world.mediators[0].id, now)
    keeping = follow(world.mediator, now, name="keeps")
    plain = follow(world.mediator, now, name="plain", keep_cancelled=False)
    uid, sequence, status = told(keeping, now)
    assert (sequence, status) == (0, "CONFIRMED")

    moved = sessions.SessionFacts(
        course_id=world.course.id,
        starts_at=facts.starts_at + DAY,
        ends_at=facts.ends_at + DAY,
        office_id=world.lisbon.id,
    )
    sessions.edit_session(trainer, session, moved, now + LATER)
    assert told(keeping, now + LATER) == (uid, 1, "CONFIRMED")
    enrolments.cancel_enrolment(trainer, session, world.mediators[0].id, now + LATER)
    assert told(keeping, now + LATER) == (uid, 2, "CANCELLED")
    assert b"VEVENT" not in feeds.read_feed(plain, now + LATER).body
    enrolments.enrol(trainer, session, world.mediators[0].id, now + 2 * LATER)
    assert told(keeping, now + 2 * LATER) == (uid, 3, "CONFIRMED")
    sessions.remove_session(trainer, session, now + 3 * LATER)
    assert told(keeping, now + 3 * LATER) == (uid, 4, "CANCELLED")
    again = sessions.create_session(trainer, facts, now + 3 * LATER)
    enrolments.enrol(trainer, again, world.mediators[0].id, now + 3 * LATER)
    body = feeds.read_feed(keeping, now + 3 * LATER).body
    assert body.count(b"BEGIN:VEVENT") == 2, "a number given again is another event"


def told(token: str, now: dt.datetime) -> tuple[str, int, str]:
    from icalendar import Calendar

    (event,) = Calendar.from_ical(feeds.read_feed(token, now).body).walk("VEVENT")
    return str(event["uid"]), int(event["sequence"]), str(event["status"])


def test_another_name_or_address_counts_up_what_is_to_come(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    """SEQUENCE and LAST-MODIFIED move on, so that a calendar takes the event anew."""
    later = now + LATER

    def told(whose: str, word: str) -> set[tuple[int, dt.datetime]]:
        found = Calendar.from_ical(feeds.read_feed(tokens[whose], later).body)
        return {
            (int(one["SEQUENCE"]), one["LAST-MODIFIED"].dt)
            for one in found.walk("VEVENT")
            if word in f"{one['SUMMARY']} {one['LOCATION']}"
        }

    lisbon = places.get_office(world.system, world.lisbon.id)
    moved = replace(lisbon, address="Rua Nova, 1")
    places.edit_office(world.system, world.lisbon.id, moved, later)
    assert told("ana", "Rua Nova") == {(1, later)}
    course = courses.get_course(world.system, world.course.id)
    titled = replace(course, title_en="Mediation, part one", title_pt="Mediação, parte um")
    courses.edit_course(world.system, world.course.id, titled, later)
    assert told("ana", "part one") == {(1, later)}
    own = Mediator.get_by_id(world.mediators[0].id)
    mediators.set_own_details(actor(world.mediator), own.id, "Aninhas", own.email, later)
    assert told("lisbon", "Aninhas") == {(2, later)}
    places.edit_office(world.system, world.lisbon.id, moved, later + LATER)
    assert told("ana", "Rua Nova") == {(2, later)}, "nothing has changed"


def test_a_course_s_seats_count_up_as_they_are_taken_given_back_and_offered(
    world: SmallWorld, tokens: dict[str, str], now: dt.datetime
) -> None:
    session = CourseSession.get()
    bo = actor(world.other_mediator)
    course = next(one for name, one in tokens.items() if "course" in name)

    def sequence(at: dt.datetime) -> int:
        (event,) = Calendar.from_ical(feeds.read_feed(course, at).body).walk("VEVENT")
        return int(event["SEQUENCE"])

    counted = [sequence(now)]
    assert bo.mediator_id is not None
    for step in range(1, 4):
        at = now + step * LATER
        if step == 2:
            enrolments.cancel_enrolment(bo, session.id, bo.mediator_id, at)
        else:
            enrolments.enrol(bo, session.id, bo.mediator_id, at)
        counted.append(sequence(at))
    assert counted == sorted(set(counted))
    seat = Enrolment.get(Enrolment.mediator == bo.mediator_id)
    feed_words.person_renamed(bo.mediator_id, now + 5 * LATER)
    assert Enrolment.get_by_id(seat.id).sequence == seat.sequence + 1
    dates = [(session.starts_at, session.ends_at)]
    assert not session_events.moves(session, session.__data__, dates)
    assert session_events.moves(
        session, session.__data__ | {"capacity": session.capacity + 1}, dates
    )


def test_a_fetch_noted_later_saw_what_was_published_by_then(
    world: SmallWorld, tokens: dict[str, str]
) -> None:
    group = world.lisbon.group_id
    write_roster(world, MONDAY + 7 * DAY, [])
    Roster.update(published_at=PUBLISHED_AT + LATER).where(
        Roster.week_starts_on == MONDAY + 7 * DAY
    ).execute()
    assert feed_notes.newest_version(group) == f"{MONDAY + 7 * DAY}/1"
    assert feed_notes.newest_version(group, PUBLISHED_AT + LATER / 2) == f"{MONDAY}/1"
    assert feed_notes.newest_version(group, PUBLISHED_AT - LATER) == ""
