"""Reminders: at 90, 60, 30 and 7 days, to whom they concern, once each."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from small_world import SmallWorld

from app.models import (
    Certification,
    CertificationKind,
    Course,
    CourseTrainer,
    Desk,
    MediatorOffice,
    Message,
    User,
)
from app.services.reminding import remind

DAY = dt.timedelta(days=1)
LAST = dt.date(2026, 5, 1)


@pytest.fixture
def ends(world: SmallWorld, now: dt.datetime) -> None:
    """Ana, the only one in Lisbon for Ukrainian and Russian, is certified through LAST."""
    Certification.create(
        mediator=world.mediators[0], kind="legal", valid_from=now.date() - 300 * DAY,
        valid_until=LAST, number="1",
    )  # fmt: skip


def at(days_before: int) -> dt.datetime:
    return dt.datetime.combine(LAST - days_before * DAY, dt.time(6), dt.UTC)


def told() -> Counter[str]:
    return Counter(row.user.email for row in Message.select())


@pytest.mark.parametrize("days", [90, 60, 30, 7, 0])
def test_at_each_step_the_three_are_told_once(ends: None, world: SmallWorld, days: int) -> None:
    assert remind(at(days)) == 3
    assert told() == Counter([world.mediator, world.trainer, world.coordinator])
    assert remind(at(days)) == 0
    details = Message.select().first().details
    assert (details["days_left"], details["last_day"]) == (days, LAST.isoformat())
    assert details["at_stake"] is True


def test_a_year_of_mornings_tells_each_person_four_times(ends: None, world: SmallWorld) -> None:
    assert remind(at(91)) == 0, "not before ninety days"
    for days in range(90, -30, -1):
        remind(at(days))
    assert set(told().values()) == {4}
    steps = Counter(row.details["days_before"] for row in Message.select())
    assert steps == Counter({90: 3, 60: 3, 30: 3, 7: 3})


def test_coordinators_are_left_alone_where_the_desk_keeps_its_language(
    ends: None, world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    Certification.create(
        mediator=ana, kind="legal", valid_from=LAST + DAY, valid_until=LAST + 700 * DAY, number="2"
    )
    assert remind(at(30)) == 0, "renewed: nothing ends"
    Certification.delete().where(Certification.number == "2").execute()
    for mediator in world.mediators[1:3]:
        for language in ("uk", "ru", "pt"):
            mediator.languages.model.insert(
                mediator=mediator, language=language, level="fluent"
            ).on_conflict_ignore().execute()
        Certification.create(
            mediator=mediator, kind="legal", valid_from=now.date(), valid_until=None,
            number=mediator.code,
        )  # fmt: skip
    assert remind(at(30)) == 2
    assert told() == Counter([world.mediator, world.trainer])


def test_the_office_that_loses_the_language_is_told_and_so_is_who_renews(
    ends: None, world: SmallWorld, now: dt.datetime
) -> None:
    """Ana is of Lisbon, but it is the Azores' desk that has nobody else."""
    ana = world.mediators[0]
    MediatorOffice.create(mediator=ana, office=world.azores, cost=3)
    Desk.update(office=world.azores).execute()
    refresher = Course.create(code="REFRESH", title_pt="x", title_en="x", minutes=60)
    CertificationKind.update(renewal_course="REFRESH").execute()
    CourseTrainer.create(course=refresher, user=User.get(User.email == world.other_trainer))
    remind(at(30))
    assert {*told()} == {
        world.mediator, world.trainer, world.other_trainer, world.coordinator,
        world.azores_coordinator,
    }  # fmt: skip
