"""A withdrawal marks the published shifts it breaks, and tells who coordinates them."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import Certification, Message, User
from app.services import rosters, training
from app.services.errors import Forbidden
from app.services.rights import Actor, actor_of
from app.services.withdrawals import broken_by_withdrawal, broken_shifts

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def certify(world: SmallWorld, who: int, since: dt.date) -> Certification:
    return Certification.create(
        mediator=world.mediators[who], kind="legal", valid_from=since, valid_until=None,
        number=f"{who}-{since}",
    )  # fmt: skip


def publish(world: SmallWorld, now: dt.datetime, who: str = "ana bo") -> None:
    """Monday and Tuesday at Lisbon's legal desk, nine to eleven, one person; both days by all."""
    for day in (0, 1):
        require(world.lisbon, day, 9, 11, ["cert:legal"])
    picks = [(code, "lisbon", day, 8, 17) for code in who.split() for day in (0, 1)]
    rosters.publish(world.system, draft(world, picks, now).id, now)


def test_the_shifts_that_counted_on_it_are_broken(world: SmallWorld, now: dt.datetime) -> None:
    held = certify(world, 0, now.date())
    publish(world, now)
    assert broken_by_withdrawal(held.id, now) == ()
    training.withdraw_certification(actor(world.coordinator), held.id, "complaint", now)
    broken = broken_by_withdrawal(held.id, now)
    assert [(one.mediator_name, one.date) for one in broken] == [
        ("Ana", MONDAY), ("Ana", MONDAY + DAY)
    ]  # fmt: skip
    assert {one.missing_minutes for one in broken} == {120}
    assert broken_shifts(actor(world.coordinator), "lisbon", MONDAY, now) == broken
    told = list(Message.select().where(Message.kind == "certification_withdrawn"))
    assert [one.user.email for one in told] == [world.coordinator]
    assert [one["date"] for one in told[0].details["shifts"]] == ["2026-03-09", "2026-03-10"]


def test_a_desk_that_somebody_else_can_serve_is_whole(world: SmallWorld, now: dt.datetime) -> None:
    held = certify(world, 0, now.date())
    certify(world, 1, now.date())
    publish(world, now)
    training.withdraw_certification(actor(world.coordinator), held.id, "complaint", now)
    assert broken_by_withdrawal(held.id, now) == ()
    assert not Message.select().where(Message.kind == "certification_withdrawn").exists()


def test_only_what_is_still_to_come_is_broken(world: SmallWorld, now: dt.datetime) -> None:
    held = certify(world, 0, now.date())
    publish(world, now)
    tuesday_at_ten = dt.datetime.combine(MONDAY + DAY, dt.time(10), dt.UTC)
    training.withdraw_certification(actor(world.coordinator), held.id, "complaint", tuesday_at_ten)
    (broken,) = broken_by_withdrawal(held.id, tuesday_at_ten)
    assert (broken.date, broken.missing_minutes) == (MONDAY + DAY, 60)


def test_another_certification_of_the_kind_keeps_them(world: SmallWorld, now: dt.datetime) -> None:
    held = certify(world, 0, now.date())
    certify(world, 0, now.date() - DAY)
    publish(world, now)
    training.withdraw_certification(actor(world.coordinator), held.id, "twice entered", now)
    assert broken_by_withdrawal(held.id, now) == ()


def test_the_week_is_its_coordinators_to_read(world: SmallWorld, now: dt.datetime) -> None:
    for email in (world.azores_coordinator, world.trainer, world.mediator):
        with pytest.raises(Forbidden):
            broken_shifts(actor(email), "lisbon", MONDAY, now)
