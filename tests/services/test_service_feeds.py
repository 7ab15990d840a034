"""Feeds: the hours the roster holds, the same bytes until a row changes, nobody else's."""

from __future__ import annotations

import datetime as dt
import gzip
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Component
from published import PUBLISHED_AT, Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.models import (
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    FeedDocument,
    FeedToken,
    Office,
    User,
)
from app.services import feeds
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)
SPRING = dt.date(2026, 3, 29)
AUTUMN = dt.date(2026, 10, 25)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def new_feed(world: SmallWorld, now: dt.datetime, **choices: object) -> feeds.NewFeed:
    settings = {"name": "Phone", "locale": "en", "details": True, "keep_cancelled": False}
    return feeds.create_feed(actor(world.mediator), now=now, **(settings | choices))  # type: ignore[arg-type]


def events(document: feeds.WrittenFeed) -> list[Component]:
    return list(Calendar.from_ical(document.body).walk("VEVENT"))


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
@pytest.mark.parametrize("place", ["lisbon", "azores"])
def test_hours_are_the_offices_on_both_sides_of_a_clock_change(
    world: SmallWorld, change: dt.date, place: str
) -> None:
    """Read back by icalendar, every shift stands at the wall-clock hours it was given."""
    office: Office = getattr(world, place)
    ana = world.mediators[0]
    dates = [change + n * DAY for n in (-2, -1, 0, 1, 2)]
    mondays = sorted({date - date.weekday() * DAY for date in dates})
    for monday in mondays:
        in_week = [date for date in dates if monday <= date < monday + 7 * DAY]
        write_roster(
            world,
            monday,
            [Shift(ana, office, date, "09:00", "17:30", ("13:00", "14:00")) for date in in_week],
        )
    now = dt.datetime.combine(change, dt.time(8), dt.UTC)
    document = feeds.read_feed(new_feed(world, now).token, now)
    zone = ZoneInfo(office.zone)
    read = [
        (one["dtstart"].dt.astimezone(zone), one["dtend"].dt.astimezone(zone))
        for one in events(document)
    ]
    assert [(start.date(), f"{start:%H:%M}", f"{end:%H:%M}") for start, end in read] == [
        (date, "09:00", "17:30") for date in dates
    ]
    assert all("13:00–14:00" in str(one["description"]) for one in events(document))
    offsets = {start.utcoffset() for start, _end in read}
    assert len(offsets) == 2, "the change lies inside"


def test_the_same_roster_gives_the_same_bytes(world: SmallWorld, now: dt.datetime) -> None:
    write_roster(world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY)])
    token = new_feed(world, now).token
    first = feeds.read_feed(token, now)
    FeedDocument.update(rendered=-1).execute()  # written anew, not only kept
    second = feeds.read_feed(token, now + dt.timedelta(hours=20))
    assert (first.body, first.gzipped, first.etag) == (second.body, second.gzipped, second.etag)
    assert gzip.decompress(first.gzipped) == first.body


def test_a_change_keeps_the_uid_and_raises_the_sequence(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY)])
    token = new_feed(world, now).token
    (before,) = events(feeds.read_feed(token, now))
    changed_at = now + dt.timedelta(hours=1)
    write_roster(
        world,
        MONDAY,
        [Shift(ana, world.lisbon, MONDAY, "10:00", "18:00", sequence=1)],
        version=2,
        at=changed_at,
    )
    document = feeds.read_feed(token, now + dt.timedelta(hours=2))
    (after,) = events(document)
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after["last-modified"].dt == after["dtstamp"].dt == changed_at
    assert document.modified == now + dt.timedelta(hours=2), "when the change was first seen"
    assert before["last-modified"].dt == PUBLISHED_AT


def test_a_dropped_shift_leaves_the_feed_or_stays_as_cancelled(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    write_roster(
        world,
        MONDAY,
        [Shift(ana, world.lisbon, MONDAY), Shift(ana, world.lisbon, MONDAY + DAY)],
    )
    dropped_at = now + dt.timedelta(hours=1)
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY)], version=2, at=dropped_at)
    plain = feeds.read_feed(new_feed(world, now).token, now)
    keeping = feeds.read_feed(new_feed(world, now, name="Desk", keep_cancelled=True).token, now)
    assert [str(one["status"]) for one in events(plain)] == ["CONFIRMED"]
    kept, cancelled = events(keeping)
    assert str(kept["status"]) == "CONFIRMED"
    assert str(cancelled["status"]) == "CANCELLED"
    assert cancelled["sequence"] == 1
    assert cancelled["dtstamp"].dt == dropped_at


def test_a_shift_dropped_by_an_older_draft_stays_as_cancelled(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Version 2 was published; then version 1, a draft until then, without the shift."""
    ana = world.mediators[0]
    both = [Shift(ana, world.lisbon, MONDAY), Shift(ana, world.lisbon, MONDAY + DAY)]
    write_roster(world, MONDAY, both, version=2)
    dropped_at = now + dt.timedelta(hours=1)
    write_roster(world, MONDAY, both[:1], version=1, at=dropped_at)
    _kept, cancelled = events(feeds.read_feed(new_feed(world, now, keep_cancelled=True).token, now))
    assert str(cancelled["status"]) == "CANCELLED"
    assert cancelled["dtstamp"].dt == dropped_at


def test_training_stands_beside_the_shifts(world: SmallWorld, now: dt.datetime) -> None:
    session = CourseSession.create(
        course=world.course,
        starts_at=dt.datetime(2026, 3, 10, 14, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC),
        link="https://example.org/room",
    )
    for mediator, status in zip(
        world.mediators[:2], (EnrolmentStatus.ENROLLED, EnrolmentStatus.WAITING), strict=True
    ):
        Enrolment.create(session=session, mediator=mediator, status=status, asked_at=PUBLISHED_AT)
    (event,) = events(feeds.read_feed(new_feed(world, now).token, now))
    assert "Legal support" in str(event["summary"])
    assert event["dtstart"].dt == session.starts_at
    assert str(event["url"]) == "https://example.org/room"
    portuguese = new_feed(world, now, name="Other", locale="pt")
    assert "Apoio jurídico" in str(events(feeds.read_feed(portuguese.token, now))[0]["summary"])


def test_busy_tells_no_place(world: SmallWorld, now: dt.datetime) -> None:
    write_roster(world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY)])
    document = feeds.read_feed(new_feed(world, now, details=False).token, now)
    assert "Lisboa" not in document.body.decode()
    assert len(events(document)) == 1


def test_only_ones_own_shifts(world: SmallWorld, now: dt.datetime) -> None:
    ana, bo, *_others = world.mediators
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY), Shift(bo, world.lisbon, MONDAY)])
    (event,) = events(feeds.read_feed(new_feed(world, now).token, now))
    assert str(event["uid"]).startswith("ana-")


def test_a_quarter_of_the_past_is_kept(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    kept, gone = dt.date(2025, 12, 1), dt.date(2025, 11, 30)
    for date in (kept, gone):
        write_roster(world, date - date.weekday() * DAY, [Shift(ana, world.lisbon, date)])
    (event,) = events(feeds.read_feed(new_feed(world, now).token, now))
    assert event["dtstart"].dt.date() == kept


def test_the_token_is_not_kept(world: SmallWorld, now: dt.datetime) -> None:
    token = new_feed(world, now).token
    row = FeedToken.get()
    assert len(token) >= 43
    assert token not in str(row.__data__)
    assert len(row.token_hash) == 64


def test_rotation_and_revocation_work_at_once(world: SmallWorld, now: dt.datetime) -> None:
    mediator = actor(world.mediator)
    old = new_feed(world, now)
    feeds.read_feed(old.token, now)
    new = feeds.rotate_feed(mediator, old.id, now)
    with pytest.raises(NotFound):
        feeds.read_feed(old.token, now)
    feeds.read_feed(new.token, now)
    assert feeds.revoke_feed(mediator, new.id, now) == "Phone"
    with pytest.raises(NotFound):
        feeds.read_feed(new.token, now)
    with pytest.raises(NotFound):
        feeds.rotate_feed(mediator, new.id, now)
    assert feeds.list_feeds(mediator) == ()


def test_an_account_that_may_not_sign_in_has_no_feed(world: SmallWorld, now: dt.datetime) -> None:
    token = new_feed(world, now).token
    User.update(active=False).where(User.email == world.mediator).execute()
    with pytest.raises(NotFound):
        feeds.read_feed(token, now)


def test_someone_elses_feed_is_not_found(world: SmallWorld, now: dt.datetime) -> None:
    made = new_feed(world, now)
    other = actor(world.other_mediator)
    for act in (feeds.rotate_feed, feeds.revoke_feed):
        with pytest.raises(NotFound):
            act(other, made.id, now)
    assert feeds.list_feeds(other) == ()
    feeds.read_feed(made.token, now)


def test_every_fault_of_a_feed_at_once(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refused:
        new_feed(world, now, name=" ", locale="fr")
    assert {fault.field for fault in refused.value.faults} == {"name", "locale"}
    with pytest.raises(Invalid):
        new_feed(world, now, name="x" * (feeds.NAME_MOST + 1))
    new_feed(world, now, name="x" * feeds.NAME_MOST)
    with pytest.raises(Invalid):
        new_feed(world, now, name="X" * feeds.NAME_MOST)
    assert FeedToken.select().count() == 1


def test_no_more_than_so_many_devices(world: SmallWorld, now: dt.datetime) -> None:
    for n in range(feeds.DEVICES_MOST):
        made = new_feed(world, now, name=f"Phone {n}")
    with pytest.raises(Invalid):
        new_feed(world, now, name="One more")
    feeds.revoke_feed(actor(world.mediator), made.id, now)
    new_feed(world, now, name="One more")


@pytest.mark.parametrize("who", ["coordinator", "trainer", "association"])
def test_who_has_no_shifts_has_no_feed(world: SmallWorld, now: dt.datetime, who: str) -> None:
    with pytest.raises(Forbidden):
        feeds.create_feed(
            actor(getattr(world, who)),
            name="Phone",
            locale="pt",
            details=True,
            keep_cancelled=False,
            now=now,
        )


def test_a_fetch_is_noted_with_the_version_it_saw(world: SmallWorld, now: dt.datetime) -> None:
    mediator = actor(world.mediator)
    token = new_feed(world, now).token
    (never,) = feeds.list_feeds(mediator)
    assert (never.fetched_at, never.current) == (None, False)

    write_roster(world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY)])
    feeds.read_feed(token, now)
    (seen,) = feeds.list_feeds(mediator)
    assert (seen.fetched_at, seen.seen_week, seen.seen_version) == (now, MONDAY, 1)
    assert seen.current

    feeds.read_feed(token, now + feeds.SEEN_EVERY - dt.timedelta(seconds=1))
    assert feeds.list_feeds(mediator)[0].fetched_at == now, "spared"
    feeds.read_feed(token, now + feeds.SEEN_EVERY)
    assert feeds.list_feeds(mediator)[0].fetched_at == now + feeds.SEEN_EVERY

    write_roster(world, MONDAY, [], version=2, at=now)
    assert not feeds.list_feeds(mediator)[0].current
    soon = now + feeds.SEEN_EVERY + dt.timedelta(seconds=1)
    feeds.read_feed(token, soon)
    (again,) = feeds.list_feeds(mediator)
    assert (again.fetched_at, again.seen_version, again.current) == (soon, 2, True)
