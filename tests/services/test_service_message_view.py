"""Messages: one's own, newest first, confirmed once."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import MONDAY, SmallWorld

from app.models import Message, User
from app.services import message_view
from app.services.errors import NotFound
from app.services.rights import Actor, actor_of
from app.services.telling import coordinators_of, tell

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


@pytest.fixture
def bo(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.other_mediator))


def say(to: Actor, key: str, at: dt.datetime, **details: object) -> None:
    assert to.user_id is not None
    tell([to.user_id], "roster_published", key, details, at)


def test_newest_first_with_old_and_new_times(
    ana: Actor, bo: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    before = {
        "office": "Ponta Delgada",
        "starts_at": "2026-03-09T09:00:00+00:00",
        "ends_at": "2026-03-09T18:00:00+00:00",
    }
    change = {"date": MONDAY.isoformat(), "before": before, "after": None}
    say(ana, "a", now, changes=[change])
    say(ana, "b", now + MINUTE)
    say(bo, "c", now)
    newest, oldest = message_view.messages_of(ana)
    assert newest.changes == ()
    (told,) = oldest.changes
    assert told.after is None
    assert told.before is not None
    assert (told.before.zone, told.before.starts_at.hour) == ("Atlantic/Azores", 9)


def test_nobody_is_told_twice(ana: Actor, now: dt.datetime) -> None:
    say(ana, "a", now)
    say(ana, "a", now + MINUTE)
    assert message_view.unread_count(ana) == 1


def test_seen_counts_once_and_only_one_s_own(ana: Actor, bo: Actor, now: dt.datetime) -> None:
    say(ana, "a", now)
    (one,) = message_view.messages_of(ana)
    with pytest.raises(NotFound):
        message_view.mark_seen(bo, one.id, now)
    message_view.mark_seen(ana, one.id, now)
    message_view.mark_seen(ana, one.id, now + MINUTE)
    assert message_view.messages_of(ana)[0].read_at == now
    assert message_view.unread_count(ana) == 0


def test_all_are_those_that_the_page_showed(ana: Actor, bo: Actor, now: dt.datetime) -> None:
    for key in "abc":
        say(ana, key, now)
    say(bo, "d", now)
    newest = message_view.messages_of(ana)[0].id
    say(ana, "later", now + MINUTE)
    assert message_view.mark_all_seen(ana, newest, now) == 3
    assert message_view.unread_count(ana) == 1
    assert message_view.unread_count(bo) == 1


def test_an_office_s_coordinators_are_its_own_and_the_network_s(world: SmallWorld) -> None:
    def told(office: object) -> list[str]:
        return sorted(User.get_by_id(one).email for one in coordinators_of([office.id]))

    assert told(world.lisbon) == [world.coordinator]
    assert told(world.azores) == [world.azores_coordinator, world.coordinator]
    assert Message.select().count() == 0
