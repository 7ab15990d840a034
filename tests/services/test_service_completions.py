"""A result recorded issues, renews, or leaves alone a certification, in one transaction."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from small_world import SmallWorld

from app.models import (
    AuditEntry,
    Certification,
    CertificationKind,
    Completion,
    CompletionResult,
    Course,
    CoursePrerequisite,
    MediatorOffice,
    User,
    database,
)
from app.services import training
from app.services.certificates import certification_page
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of
from app.services.training import CertificationState, SessionFacts
from training.certificate import read_number

PASSED, FAILED = CompletionResult.PASSED, CompletionResult.FAILED
TODAY = dt.date(2026, 3, 4)
DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def record(
    world: SmallWorld,
    day: dt.date,
    now: dt.datetime,
    result: CompletionResult = PASSED,
    who: int = 0,
) -> training.Recorded:
    return training.record_completion(
        actor(world.trainer), world.course.id, world.mediators[who].id, day, result, now
    )


def spans(mediator_id: int) -> list[tuple[dt.date, dt.date | None]]:
    rows = Certification.select().where(
        Certification.mediator == mediator_id, Certification.withdrawn_at.is_null()
    )
    return [(row.valid_from, row.valid_until) for row in rows.order_by(Certification.valid_from)]


def test_a_pass_certifies_for_the_kinds_months(world: SmallWorld, now: dt.datetime) -> None:
    recorded = record(world, TODAY, now)
    assert (recorded.valid_from, recorded.valid_until) == (TODAY, dt.date(2027, 3, 3))
    (held,) = training.certifications_of(world.system, world.mediators[0].id, now)
    assert held.state is CertificationState.VALID
    assert held.id == recorded.certification_id
    assert read_number(held.number) == held.number
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.object_id) == (
        "completion.record", str(recorded.completion_id),
    )  # fmt: skip


def test_a_fail_is_kept_and_certifies_nothing(world: SmallWorld, now: dt.datetime) -> None:
    recorded = record(world, TODAY, now, FAILED)
    assert recorded.certification_id is None
    assert Completion.get().result == FAILED
    assert not Certification.select().exists()


def test_a_renewal_in_the_window_follows_on(world: SmallWorld, now: dt.datetime) -> None:
    record(world, dt.date(2025, 4, 1), now)
    renewed = record(world, TODAY, now)
    assert (renewed.valid_from, renewed.valid_until) == (
        dt.date(2026, 4, 1), dt.date(2027, 3, 31),
    )  # fmt: skip
    held = training.certifications_of(world.system, world.mediators[0].id, now)
    assert [one.state for one in held] == [CertificationState.NOT_YET, CertificationState.VALID]


def test_after_a_lapse_it_starts_on_the_day_of_the_course(
    world: SmallWorld, now: dt.datetime
) -> None:
    record(world, dt.date(2024, 1, 10), now)
    again = record(world, TODAY, now)
    assert again.valid_from == TODAY
    states = training.certifications_of(world.system, world.mediators[0].id, now)
    assert [one.state for one in states] == [
        CertificationState.VALID, CertificationState.EXPIRED,
    ]  # fmt: skip


def test_the_order_of_entry_does_not_matter(world: SmallWorld, now: dt.datetime) -> None:
    days = [dt.date(2024, 1, 10), dt.date(2025, 1, 5), dt.date(2025, 12, 20)]
    outcomes = set()
    for who, order in enumerate(itertools.islice(itertools.permutations(days), 5)):
        for day in order:
            record(world, day, now, who=who)
        outcomes.add(tuple(spans(world.mediators[who].id)))
    assert len(outcomes) == 1
    assert len(next(iter(outcomes))) == 3


def test_every_fault_of_a_result_at_once(world: SmallWorld, now: dt.datetime) -> None:
    session_id = training.create_session(
        world.system,
        SessionFacts(
            course_id=world.course.id,
            starts_at=now + 48 * dt.timedelta(hours=1),
            ends_at=now + 50 * dt.timedelta(hours=1),
            office_id=world.lisbon.id,
        ),
        now,
    )
    CoursePrerequisite.create(course=world.course, required_code="ACO")
    with pytest.raises(Invalid) as error:
        training.record_completion(
            world.system, world.course.id, world.mediators[0].id, TODAY + DAY, PASSED, now,
            session_id,
        )  # fmt: skip
    assert [fault.field for fault in error.value.faults] == [
        "completed_on", "completed_on", "mediator_id",
    ]  # fmt: skip
    assert not Completion.select().exists()
    assert not Certification.select().exists()


def test_a_session_of_another_course_is_refused(world: SmallWorld, now: dt.datetime) -> None:
    other = Course.create(code="OTHER", title_pt="x", title_en="x", minutes=60)
    session_id = training.create_session(
        world.system,
        SessionFacts(
            course_id=other.id, starts_at=now - DAY, ends_at=now, link="https://example.org"
        ),
        now,
    )
    with pytest.raises(Invalid) as error:
        training.record_completion(
            world.system, world.course.id, world.mediators[0].id, TODAY, PASSED, now, session_id
        )
    assert faults_of(error) == {"session_id"}


def test_a_required_course_counts_from_the_day_it_was_passed(
    world: SmallWorld, now: dt.datetime
) -> None:
    first = Course.create(code="ACO", title_pt="x", title_en="x", minutes=60)
    CoursePrerequisite.create(course=world.course, required_code="ACO")
    ana = world.mediators[0].id
    training.record_completion(world.system, first.id, ana, TODAY, FAILED, now)
    with pytest.raises(Invalid):
        record(world, TODAY, now)
    training.record_completion(world.system, first.id, ana, TODAY - DAY, PASSED, now)
    with pytest.raises(Invalid) as error:
        record(world, TODAY - 2 * DAY, now)
    assert faults_of(error) == {"mediator_id"}
    record(world, TODAY - DAY, now)


def test_one_person_has_one_result_a_day(world: SmallWorld, now: dt.datetime) -> None:
    record(world, TODAY, now, FAILED)
    with pytest.raises(Invalid) as error:
        record(world, TODAY, now, PASSED)
    assert faults_of(error) == {"completed_on"}
    record(world, TODAY - DAY, now)


def test_only_the_courses_trainers_record(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0].id
    for email in (
        world.other_trainer, world.mediator, world.association, world.azores_coordinator,
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            training.record_completion(actor(email), world.course.id, ana, TODAY, PASSED, now)
    with pytest.raises(NotFound):
        training.record_completion(world.system, 999, ana, TODAY, PASSED, now)
    with pytest.raises(NotFound):
        training.record_completion(world.system, world.course.id, 999, TODAY, PASSED, now)


def test_a_correction_keeps_the_history_and_takes_back_the_certificate(
    world: SmallWorld, now: dt.datetime
) -> None:
    recorded = record(world, TODAY, now)
    corrected = training.correct_completion(
        actor(world.trainer), recorded.completion_id, TODAY, FAILED, now + dt.timedelta(hours=1)
    )
    assert corrected.certification_id is None
    history = training.completions_of(actor(world.trainer), world.course.id)
    assert [(one.result, one.replaced_at is None) for one in history] == [
        (FAILED, True), (PASSED, False),
    ]  # fmt: skip
    (held,) = training.certifications_of(world.system, world.mediators[0].id, now)
    assert held.state is CertificationState.WITHDRAWN
    with pytest.raises(Conflict):
        training.correct_completion(
            actor(world.trainer), recorded.completion_id, TODAY, PASSED, now
        )
    back = training.correct_completion(
        actor(world.trainer), corrected.completion_id, TODAY, PASSED, now
    )
    assert spans(world.mediators[0].id) == [(TODAY, dt.date(2027, 3, 3))]
    assert back.certification_id != recorded.certification_id


def test_a_correction_of_the_first_moves_the_renewal_that_built_on_it(
    world: SmallWorld, now: dt.datetime
) -> None:
    first = record(world, dt.date(2025, 4, 1), now)
    renewal = record(world, TODAY, now)
    assert renewal.valid_from == dt.date(2026, 4, 1)
    training.correct_completion(
        actor(world.trainer), first.completion_id, dt.date(2025, 4, 1), FAILED, now
    )
    assert spans(world.mediators[0].id) == [(TODAY, dt.date(2027, 3, 3))]
    moved = Certification.get(Certification.completion == renewal.completion_id)
    assert moved.id == renewal.certification_id


def test_a_correction_that_is_refused_changes_nothing(world: SmallWorld, now: dt.datetime) -> None:
    recorded = record(world, TODAY, now)
    with pytest.raises(Invalid):
        training.correct_completion(
            actor(world.trainer), recorded.completion_id, TODAY + DAY, PASSED, now
        )
    assert Completion.get().replaced_at is None
    assert spans(world.mediators[0].id) == [(TODAY, dt.date(2027, 3, 3))]


def test_what_was_withdrawn_stays_so_whatever_is_recorded_later(
    world: SmallWorld, now: dt.datetime
) -> None:
    recorded = record(world, dt.date(2025, 4, 1), now)
    assert recorded.certification_id is not None
    with pytest.raises(Invalid):
        training.withdraw_certification(actor(world.trainer), recorded.certification_id, " ", now)
    training.withdraw_certification(actor(world.trainer), recorded.certification_id, "Conduta", now)
    with pytest.raises(Conflict):
        training.withdraw_certification(
            actor(world.trainer), recorded.certification_id, "Conduta", now
        )
    record(world, TODAY, now)
    row = Certification.get_by_id(recorded.certification_id)
    assert (row.withdrawn_at, row.withdrawal_reason) == (now, "Conduta")
    assert spans(world.mediators[0].id) == [(TODAY, dt.date(2027, 3, 3))]


def test_who_may_withdraw_and_who_may_see(world: SmallWorld, now: dt.datetime) -> None:
    recorded = record(world, TODAY, now)
    assert recorded.certification_id is not None
    ana = world.mediators[0].id
    for email in (
        world.other_trainer, world.mediator, world.association, world.azores_coordinator,
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            training.withdraw_certification(actor(email), recorded.certification_id, "x", now)
    for email in (world.mediator, world.coordinator, world.trainer, world.association):
        assert len(training.certifications_of(actor(email), ana, now)) == 1
    for email in (world.other_mediator, world.other_trainer, world.azores_coordinator):
        with pytest.raises(Forbidden):
            training.certifications_of(actor(email), ana, now)
    training.withdraw_certification(actor(world.coordinator), recorded.certification_id, "x", now)


def test_expiring_counts_to_the_very_day_and_leaves_out_the_renewed(
    world: SmallWorld, now: dt.datetime
) -> None:
    ends = TODAY + 30 * DAY
    first = dt.date(2025, 4, 4)
    assert record(world, first, now).valid_until == ends
    record(world, first, now, who=1)
    record(world, TODAY, now, who=1)

    def found(email: str, days: int) -> list[str]:
        return [one.mediator_name for one in training.expiring(actor(email), days, now)]

    assert found(world.coordinator, 30) == ["Ana"]
    assert found(world.coordinator, 29) == []
    assert found(world.trainer, 30) == ["Ana"]
    assert found(world.mediator, 30) == ["Ana"]
    assert found(world.other_mediator, 30) == []
    assert found(world.azores_coordinator, 30) == []
    with pytest.raises(Invalid):
        training.expiring(world.system, -1, now)


def test_what_ends_soon_leads_only_where_its_reader_may_go(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Ana's other kind is of no course of the trainer's: not theirs to renew, nor to see here."""
    record(world, dt.date(2025, 4, 4), now)
    CertificationKind.create(code="social", name_pt="Social", name_en="Social")
    Certification.create(
        mediator=world.mediators[0], kind="social", number="other",
        valid_from=TODAY - DAY, valid_until=TODAY + 5 * DAY,
    )  # fmt: skip

    def found(email: str) -> list[tuple[str, bool]]:
        listed = training.expiring(actor(email), 30, now)
        for one in listed:
            if one.may_open:
                certification_page(actor(email), one.id, now)
            else:
                with pytest.raises(Forbidden):
                    certification_page(actor(email), one.id, now)
        return [(one.kind, one.may_open) for one in listed]

    assert found(world.trainer) == [("legal", True)]
    assert found(world.coordinator) == [("social", True), ("legal", True)]
    assert found(world.mediator) == [("social", False), ("legal", False)]
    MediatorOffice.create(mediator=world.mediators[0], office=world.azores, cost=3)
    assert found(world.azores_coordinator) == [("social", False), ("legal", False)], "a visitor"


def test_recording_reads_courses_and_rules_once(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(12):
        CertificationKind.create(code=f"k{index}", name_pt="K", name_en="K")
    asked: list[str] = []
    execute = database.obj.execute_sql
    monkeypatch.setattr(
        database.obj, "execute_sql", lambda sql, *rest: asked.append(sql) or execute(sql, *rest)
    )
    record(world, TODAY, now)
    of_courses = [sql for sql in asked if 'FROM "course" ' in sql]
    assert len(of_courses) <= 4, "the course itself, the book's two; not once a kind"
    assert len(asked) <= 30
