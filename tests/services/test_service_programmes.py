"""Courses in versions, equivalences, renewal courses: certifications follow the rule as it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace

import pytest
from drafts import require
from small_world import SmallWorld

from app.models import AuditEntry, Certification, CompletionResult, User
from app.services import programmes, training
from app.services.courses import CourseFacts
from app.services.errors import Forbidden, Invalid
from app.services.rights import Actor, actor_of

PASSED = CompletionResult.PASSED
DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def course(world: SmallWorld, code: str, now: dt.datetime, **other: object) -> int:
    trainer = User.get(User.email == world.trainer).id
    facts = {"code": code, "title_pt": code, "title_en": code, "minutes": 60, **other}
    return training.create_course(
        actor(world.coordinator),
        CourseFacts(**facts, trainer_ids=(trainer,)),  # type: ignore[arg-type]
        now,
    )


def held(world: SmallWorld, who: int = 0) -> list[tuple[dt.date, dt.date | None]]:
    rows = Certification.select().where(Certification.mediator == world.mediators[who])
    return sorted((row.valid_from, row.valid_until) for row in rows)


def passed(world: SmallWorld, course_id: int, on: dt.date, now: dt.datetime) -> training.Recorded:
    ana = world.mediators[0].id
    return training.record_completion(actor(world.trainer), course_id, ana, on, PASSED, now)


def test_an_equivalent_course_issues_and_is_a_prerequisite_passed(
    world: SmallWorld, now: dt.datetime
) -> None:
    same = course(world, "ABROAD", now)
    view = training.get_course(actor(world.coordinator), world.course.id)
    facts = CourseFacts(**{name: getattr(view, name) for name in CourseFacts.__dataclass_fields__})
    training.edit_course(
        actor(world.coordinator), world.course.id, replace(facts, equivalents=("ABROAD",)), now
    )
    after = course(world, "MORE", now, requires=("LEGAL",))
    with pytest.raises(Invalid):
        passed(world, after, now.date(), now)
    assert passed(world, same, now.date(), now).certification_id is not None
    passed(world, after, now.date(), now)


def test_a_new_version_makes_older_completions_due(world: SmallWorld, now: dt.datetime) -> None:
    today = now.date()
    passed(world, world.course.id, today - 10 * DAY, now)
    due = today + 30 * DAY
    assert held(world)[0][1] > due
    newer = course(world, "LEGAL", now, version=2, certification="legal", older_due_on=due)
    assert held(world) == [(today - 10 * DAY, due)]
    passed(world, newer, today, now)
    assert held(world)[-1][1] > due


def test_a_renewal_course_renews_what_is_held_and_issues_nothing(
    world: SmallWorld, now: dt.datetime
) -> None:
    refresh = course(world, "REFRESH", now)
    who, today = actor(world.coordinator), now.date()
    before = programmes.kind_to_edit(who, "legal")
    rule = programmes.KindFacts(
        name_pt=before.name_pt, name_en=before.name_en, validity_months=12,
        renewal_course="REFRESH",
    )  # fmt: skip
    programmes.edit_kind(who, "legal", rule, now)
    assert passed(world, refresh, today - 40 * DAY, now).certification_id is None
    passed(world, world.course.id, today - 20 * DAY, now)
    assert passed(world, refresh, today, now).certification_id is not None
    assert len(held(world)) == 2


def test_a_shorter_validity_shortens_what_is_held_and_keeps_its_number(
    world: SmallWorld, now: dt.datetime
) -> None:
    passed(world, world.course.id, now.date(), now)
    number = Certification.get().number
    who = actor(world.coordinator)
    rule = programmes.KindFacts(name_pt="Jurídico", name_en="Legal", validity_months=6)
    assert programmes.edit_kind(who, "legal", rule, now) == 1
    kept = Certification.get()
    assert (kept.number, kept.valid_until) == (number, dt.date(2026, 9, 3))
    for email in (world.trainer, world.azores_coordinator, world.mediator):
        with pytest.raises(Forbidden):
            programmes.edit_kind(actor(email), "legal", rule, now)
    with pytest.raises(Invalid) as refused:
        programmes.edit_kind(who, "legal", replace(rule, grace_days=366, name_pt=""), now)
    assert {one.field for one in refused.value.faults} == {"grace_days", "name_pt"}


def test_a_kind_is_added_by_network_coordinators_and_checked(
    world: SmallWorld, now: dt.datetime
) -> None:
    who = actor(world.coordinator)
    rule = programmes.KindFacts(
        name_pt="Violência", name_en="Violence", validity_months=24, grace_days=30,
        renewal_window_days=120, renewal_course="LEGAL",
    )  # fmt: skip
    assert programmes.create_kind(who, "safety", rule, now) == "safety"
    view = programmes.kind_to_edit(who, "safety")
    assert view == programmes.KindView(**asdict(rule), code="safety", courses=())
    assert AuditEntry.select().where(AuditEntry.action == "certification_kind.create").count() == 1
    wrong = replace(rule, validity_months=0, grace_days=-1, renewal_course="NONE")
    with pytest.raises(Invalid) as refused:
        programmes.create_kind(who, "safety", wrong, now)
    assert {one.field for one in refused.value.faults} == {
        "code", "validity_months", "grace_days", "renewal_course",
    }  # fmt: skip
    for email in (world.trainer, world.azores_coordinator, world.mediator):
        with pytest.raises(Forbidden):
            programmes.create_kind(actor(email), "other", rule, now)
        with pytest.raises(Forbidden):
            programmes.rename_kind(actor(email), "safety", "other", now)


def test_a_kind_in_use_keeps_its_code(world: SmallWorld, now: dt.datetime) -> None:
    who = actor(world.coordinator)
    rule = programmes.KindFacts(name_pt="Violência", name_en="Violence", validity_months=24)
    for code in ("saftey", "violence", "asked"):
        programmes.create_kind(who, code, rule, now)
    programmes.rename_kind(who, "saftey", "safety", now)
    assert programmes.kind_to_edit(who, "safety").name_en == "Violence"
    require(world.lisbon, 0, 9, 12, ["cert:asked"])
    for used in ("legal", "violence", "asked"):
        with pytest.raises(Invalid) as refused:
            programmes.rename_kind(who, used, "another", now)
        assert [one.field for one in refused.value.faults] == ["code"]
    with pytest.raises(Invalid):
        programmes.rename_kind(who, "safety", "legal", now)


def test_the_first_version_has_no_older_ones(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refused:
        course(world, "NEW", now, older_due_on=now.date(), equivalents=("NOBODY",))
    assert {one.field for one in refused.value.faults} == {"older_due_on", "equivalents.0"}
