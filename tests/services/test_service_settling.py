"""Certifications as the results leave them: nothing valid with nothing behind it, whatever the
order of entry."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import SmallWorld

from app.models import (
    AuditEntry,
    Certification,
    CertificationKind,
    Completion,
    CompletionResult,
    Course,
    Message,
    User,
    database,
)
from app.services import training
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.rights import Actor, actor_of
from app.services.settling import settle_kind
from app.services.training_records import completion_record, course_catalogue, rule_book
from training.validity import certifications_from

PASSED, FAILED = CompletionResult.PASSED, CompletionResult.FAILED
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
FIRST = dt.date(2025, 4, 1)
RENEWED = dt.date(2026, 3, 1)
SPAN = (dt.date(2026, 4, 1), dt.date(2027, 3, 31))


@pytest.fixture
def refresher(world: SmallWorld) -> Course:
    """A course that renews Legal support and cannot issue it."""
    CertificationKind.update(renewal_course="REFRESH").execute()
    return Course.create(code="REFRESH", title_pt="x", title_en="x", minutes=60)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def record(world: SmallWorld, course: Course, day: dt.date, now: dt.datetime) -> training.Recorded:
    ana = world.mediators[0].id
    return training.record_completion(world.system, course.id, ana, day, PASSED, now)


def standing() -> list[tuple[dt.date, dt.date | None]]:
    rows = Certification.select().where(Certification.withdrawn_at.is_null())
    return [(row.valid_from, row.valid_until) for row in rows.order_by(Certification.valid_from)]


def test_a_renewal_falls_with_the_result_it_renewed_and_comes_back_with_it(
    world: SmallWorld, now: dt.datetime, refresher: Course
) -> None:
    first = record(world, world.course, FIRST, now)
    renewal = record(world, refresher, RENEWED, now)
    assert standing()[1] == SPAN
    failed = training.correct_completion(world.system, first.completion_id, FIRST, FAILED, now)
    assert standing() == []
    row = Certification.get_by_id(renewal.certification_id)
    assert (row.groundless, row.withdrawn_at, row.withdrawal_reason) == (True, now, "")
    training.correct_completion(world.system, failed.completion_id, FIRST, PASSED, now + HOUR)
    assert standing() == [(FIRST, SPAN[0] - DAY), SPAN]
    back = Certification.get_by_id(renewal.certification_id)
    assert not back.groundless


def test_a_renewal_that_a_newer_version_overtakes_stands_no_more(
    world: SmallWorld, now: dt.datetime
) -> None:
    record(world, world.course, FIRST, now)
    record(world, world.course, RENEWED, now)
    assert standing()[1] == SPAN
    with database.atomic():
        Course.create(
            code=world.course.code, version=2, title_pt="x", title_en="x", minutes=60,
            certification="legal", older_due_on=dt.date(2026, 3, 15),
        )  # fmt: skip
        settle_kind("legal", now)
    assert standing() == [(FIRST, dt.date(2026, 3, 15))]


def test_a_withdrawal_before_the_renewal_takes_it_along(
    world: SmallWorld, now: dt.datetime, refresher: Course
) -> None:
    first = record(world, world.course, FIRST, now)
    record(world, refresher, RENEWED, now)
    assert first.certification_id is not None
    training.withdraw_certification(
        world.system, first.certification_id, "Conduta", now, RENEWED - DAY
    )
    assert standing() == []
    training.reinstate_certification(world.system, first.certification_id, now)
    assert standing() == [(FIRST, SPAN[0] - DAY), SPAN]
    assert Certification.get_by_id(first.certification_id).withdrawal_reason == ""
    assert AuditEntry.select().where(AuditEntry.action == "certification.reinstate").exists()
    told = Message.select().where(Message.kind == "certification_changed").order_by(Message.id)
    assert [(one.user.email, one.details["what"]) for one in told] == [
        (world.mediator, "withdrawn"), (world.mediator, "withdrawn"),
        (world.mediator, "reinstated"), (world.mediator, "reinstated"),
    ]  # fmt: skip


def test_only_a_persons_withdrawal_is_taken_back(
    world: SmallWorld, now: dt.datetime, refresher: Course
) -> None:
    first = record(world, world.course, FIRST, now)
    renewal = record(world, refresher, RENEWED, now)
    training.correct_completion(world.system, first.completion_id, FIRST, FAILED, now)
    for one in (first, renewal):
        assert one.certification_id is not None
        with pytest.raises(Conflict):
            training.reinstate_certification(world.system, one.certification_id, now)
        with pytest.raises(Forbidden):
            training.reinstate_certification(actor(world.mediator), one.certification_id, now)


def test_what_rests_on_nothing_is_not_reinstated(
    world: SmallWorld, now: dt.datetime, refresher: Course
) -> None:
    first = record(world, world.course, FIRST, now)
    renewal = record(world, refresher, RENEWED, now)
    assert renewal.certification_id is not None
    training.withdraw_certification(world.system, renewal.certification_id, "Conduta", now)
    training.correct_completion(world.system, first.completion_id, FIRST, FAILED, now)
    told = Message.select().where(Message.kind == "certification_changed").count()
    with pytest.raises(Conflict, match="rests on nothing"):
        training.reinstate_certification(world.system, renewal.certification_id, now + HOUR)
    assert Message.select().where(Message.kind == "certification_changed").count() == told
    row = Certification.get_by_id(renewal.certification_id)
    assert (row.withdrawn_at, row.withdrawal_reason, row.groundless) == (now, "Conduta", False)


def test_a_correction_keeps_a_persons_withdrawal(world: SmallWorld, now: dt.datetime) -> None:
    first = record(world, world.course, FIRST, now)
    assert first.certification_id is not None
    training.withdraw_certification(world.system, first.certification_id, "Conduta", now)
    again = training.correct_completion(
        world.system, first.completion_id, FIRST + DAY, PASSED, now + HOUR
    )
    assert standing() == []
    row = Certification.get(Certification.completion == again.completion_id)
    assert (row.withdrawn_at, row.withdrawal_reason) == (now, "Conduta")
    failed = training.correct_completion(
        world.system, again.completion_id, FIRST + DAY, FAILED, now + HOUR
    )
    training.correct_completion(world.system, failed.completion_id, FIRST, PASSED, now + 2 * HOUR)
    assert standing() == [], "not by way of a failed result either"


def test_a_result_recorded_by_mistake_is_taken_back_and_kept(
    world: SmallWorld, now: dt.datetime, refresher: Course
) -> None:
    first = record(world, world.course, FIRST, now)
    record(world, refresher, RENEWED, now)
    with pytest.raises(Forbidden):
        training.remove_completion(actor(world.other_trainer), first.completion_id, now)
    training.remove_completion(actor(world.trainer), first.completion_id, now)
    assert standing() == []
    assert Message.select().where(Message.kind == "certification_changed").count() == 2
    (kept,) = training.completions_of(world.system, world.course.id)
    assert (kept.replaced_at, kept.mistaken) == (now, True)
    with pytest.raises(Conflict):
        training.remove_completion(world.system, first.completion_id, now)
    record(world, world.course, FIRST, now)
    assert len(standing()) == 2


def test_minutes_and_remark_are_corrected_too(world: SmallWorld, now: dt.datetime) -> None:
    first = record(world, world.course, FIRST, now)
    attended = training.Attended(90, "Saiu mais cedo")
    again = training.correct_completion(
        world.system, first.completion_id, FIRST, PASSED, now, attended
    )
    row = Completion.get_by_id(again.completion_id)
    assert (row.minutes, row.note) == (90, "Saiu mais cedo")
    with pytest.raises(Invalid) as error:
        training.correct_completion(
            world.system, again.completion_id, FIRST, PASSED, now, training.Attended(-1, "x" * 501)
        )
    assert {one.field for one in error.value.faults} == {"minutes", "note"}


def test_of_two_results_on_one_day_the_farther_reaching_counts(
    world: SmallWorld, now: dt.datetime
) -> None:
    other = Course.create(
        code="INTENSIVE", title_pt="x", title_en="x", minutes=60, certification="legal"
    )
    record(world, world.course, FIRST, now)
    record(world, other, FIRST, now)
    assert standing() == [(FIRST, dt.date(2026, 3, 31))]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    entries=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 40), st.booleans()),
        min_size=1, max_size=6, unique_by=lambda one: (one[0], one[1]),
    )
)  # fmt: skip
def test_the_service_comes_to_what_the_library_says(
    world: SmallWorld, now: dt.datetime, entries: list[tuple[int, int, bool]]
) -> None:
    with database.atomic() as transaction:
        CertificationKind.update(renewal_course="REFRESH", grace_days=20).execute()
        courses = [
            world.course,
            Course.create(code="REFRESH", title_pt="x", title_en="x", minutes=60),
            Course.create(
                code=world.course.code, version=2, title_pt="x", title_en="x", minutes=60,
                certification="legal", older_due_on=dt.date(2025, 9, 1),
            ),
            Course.create(code="OTHER", title_pt="x", title_en="x", minutes=60),
        ]  # fmt: skip
        for course, month, passed in entries:
            training.record_completion(
                world.system, courses[course].id, world.mediators[0].id,
                dt.date(2023, 1, 1) + month * 25 * DAY, PASSED if passed else FAILED, now,
            )  # fmt: skip
        rows = Completion.select(Completion, Course).join(Course)
        ledger = certifications_from(
            [completion_record(one) for one in rows], [rule_book().rules["legal"]],
            course_catalogue(),
        )  # fmt: skip
        wanted = [(one.valid_from, one.valid_until) for one in ledger.certifications]
        assert standing() == sorted(wanted)
        transaction.rollback()
