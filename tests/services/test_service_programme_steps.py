"""The initial programme: its courses, who lacks them, and how far each has come."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from small_world import SmallWorld

from app.models import Completion, CompletionResult, Course, CourseEquivalent, User
from app.services.errors import Forbidden
from app.services.programme_steps import INITIAL, programme_courses, steps_of
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def course(code: str, **columns: Any) -> Course:
    return Course.create(
        code=code, title_pt=code, title_en=code, minutes=600, programme=INITIAL, **columns
    )


def passed(world: SmallWorld, one: Course, person: int, on: dt.date) -> None:
    Completion.create(
        mediator=world.mediators[person], course=one, completed_on=on,
        result=CompletionResult.PASSED, recorded_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )  # fmt: skip


def test_a_course_is_passed_from_its_day_also_by_one_that_counts_as_it(
    world: SmallWorld, now: dt.datetime
) -> None:
    welcome, ethics, abroad = course("WELCOME"), course("ETHICS"), course("ABROAD", active=False)
    CourseEquivalent.create(course=ethics, counts_code="ABROAD")
    passed(world, abroad, 0, now.date())
    passed(world, welcome, 1, now.date() + DAY)
    ana = actor(world.mediator)
    assert [(one.title_en, one.passed) for one in steps_of(ana, world.mediators[0].id, now)] == [
        ("ETHICS", True),
        ("WELCOME", False),
    ]
    initial = [one for one in programme_courses(world.system, now) if one.programme == INITIAL]
    assert [one.code for one in initial] == ["ETHICS", "WELCOME"]
    lacking = {one.code: set(one.lacking) for one in initial}
    assert lacking["WELCOME"] - lacking["ETHICS"] == {"Ana"}
    assert "Bo" in lacking["WELCOME"], "he passes it tomorrow"
    (later,) = (one for one in programme_courses(world.system, now + DAY) if one.code == "WELCOME")
    assert "Bo" not in later.lacking


def test_only_the_newest_version_stands_in_a_programme(world: SmallWorld, now: dt.datetime) -> None:
    course("WELCOME")
    newer = course("WELCOME", version=2)
    found = [one for one in programme_courses(world.system, now) if one.code == "WELCOME"]
    assert [one.course_id for one in found] == [newer.id]


def test_who_may_read_them(world: SmallWorld, now: dt.datetime) -> None:
    course("WELCOME")
    assert programme_courses(actor(world.trainer), now)
    bound = {name for one in programme_courses(actor(world.azores_coordinator), now)
             for name in one.lacking}  # fmt: skip
    assert "Ana" not in bound
    assert bound
    for email in (world.mediator, world.association):
        with pytest.raises(Forbidden):
            programme_courses(actor(email), now)
    with pytest.raises(Forbidden):
        steps_of(actor(world.other_mediator), world.mediators[0].id, now)
