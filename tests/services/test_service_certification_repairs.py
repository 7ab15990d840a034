"""A certification that counts no more: drafts say so, published shifts are mended, all are told."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import Certification, CompletionResult, Message, Roster, User
from app.services import certification_repairs, draft_facts, rosters, training
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.rights import Actor, actor_of
from app.services.withdrawals import broken_shifts

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def certify(world: SmallWorld, who: int, since: dt.date) -> Certification:
    return Certification.create(
        mediator=world.mediators[who], kind="legal", valid_from=since, valid_until=None,
        number=f"{who}-{since}",
    )  # fmt: skip


def published(world: SmallWorld, now: dt.datetime) -> Roster:
    """Monday's legal desk, nine to eleven, by Ana; Bo, certified as well, is off."""
    require(world.lisbon, 0, 9, 11, ["cert:legal"])
    made = draft(world, [("ana", "lisbon", 0, 8, 17)], now)
    rosters.publish(world.system, made.id, now)
    return made


def test_a_draft_says_what_has_changed_and_is_judged_anew(
    world: SmallWorld, now: dt.datetime
) -> None:
    held = certify(world, 0, now.date())
    require(world.lisbon, 0, 9, 11, ["cert:legal"])
    made = draft(world, [("ana", "lisbon", 0, 8, 17)], now)
    who = actor(world.coordinator)
    assert draft_facts.changed_facts(who, made.id) == ()
    before = rosters.judge(made).parts["cover"]
    training.withdraw_certification(who, held.id, "complaint", now)
    (change,) = draft_facts.changed_facts(who, made.id)
    assert (change.kind, change.name) == (draft_facts.ChangeKind.SKILL_LOST, "Ana")
    assert rosters.judge(Roster.get_by_id(made.id)).parts["cover"] == before, "the stored problem"
    draft_facts.bring_up_to_date(who, made.id, now)
    kept = Roster.get_by_id(made.id)
    assert draft_facts.changed_facts(who, made.id) == ()
    assert rosters.judge(kept).parts["cover"] == before + 4 * 10, "two hours missing, 10 a slot"
    assert kept.cost == rosters.judge(kept).cost
    with pytest.raises(Forbidden):
        draft_facts.bring_up_to_date(actor(world.azores_coordinator), made.id, now)


def test_a_colleague_comes_besides_and_the_mark_goes(world: SmallWorld, now: dt.datetime) -> None:
    held = certify(world, 0, now.date())
    certify(world, 1, now.date())
    roster = published(world, now)
    who = actor(world.coordinator)
    training.withdraw_certification(who, held.id, "complaint", now)
    assert len(broken_shifts(who, "lisbon", MONDAY, now)) == 1
    ana = world.mediators[0].id
    view = certification_repairs.repairs_for(who, roster.id, ana, MONDAY, now)
    best = view.beside[0]
    assert [(one.name, one.before) for one in best.changes] == [("Bo", None)]
    assert best.effect.parts["cover"] == -40, "two hours, 10 a slot"
    made = certification_repairs.take(who, roster.id, ana, MONDAY, best.key, now)
    new = Roster.get_by_id(made)
    assert {row.mediator.code for row in new.assignments} == {"ana", "bo"}
    assert rosters.judge(new).parts["cover"] == 0
    assert broken_shifts(who, "lisbon", MONDAY, now) == ()
    with pytest.raises(Conflict):
        certification_repairs.take(who, roster.id, ana, MONDAY, best.key, now)


def test_a_gap_can_be_accepted(world: SmallWorld, now: dt.datetime) -> None:
    held = certify(world, 0, now.date())
    roster = published(world, now)
    who = actor(world.coordinator)
    training.withdraw_certification(who, held.id, "complaint", now)
    ana = world.mediators[0].id
    view = certification_repairs.repairs_for(who, roster.id, ana, MONDAY, now)
    assert view.beside == (), "nobody else is certified"
    as_it_is = certification_repairs.AS_IT_IS
    made = certification_repairs.take(who, roster.id, ana, MONDAY, as_it_is, now)
    assert broken_shifts(who, "lisbon", MONDAY, now) == ()
    assert rosters.judge(Roster.get_by_id(made)).parts["cover"] == 40


def test_a_correction_that_takes_it_away_is_told_too(world: SmallWorld, now: dt.datetime) -> None:
    trainer = actor(world.trainer)
    recorded = training.record_completion(
        trainer, world.course.id, world.mediators[0].id, now.date(), CompletionResult.PASSED, now
    )
    published(world, now)
    later = now + dt.timedelta(minutes=5)
    training.correct_completion(
        trainer, recorded.completion_id, now.date(), CompletionResult.FAILED, later
    )
    (told,) = Message.select().where(Message.kind == "certification_withdrawn")
    assert told.user.email == world.coordinator
    assert [one["date"] for one in told.details["shifts"]] == [MONDAY.isoformat()]
    assert len(broken_shifts(actor(world.coordinator), "lisbon", MONDAY, later)) == 1


def test_a_withdrawal_may_reach_back_and_no_further_than_it_was_valid(
    world: SmallWorld, now: dt.datetime
) -> None:
    held = certify(world, 0, now.date() - 5 * DAY)
    who = actor(world.coordinator)
    for since in (now.date() + DAY, now.date() - 6 * DAY):
        with pytest.raises(Invalid) as refused:
            training.withdraw_certification(who, held.id, "complaint", now, since)
        assert [one.field for one in refused.value.faults] == ["since"]
    training.withdraw_certification(who, held.id, "complaint", now, now.date() - 5 * DAY)
    assert Certification.get_by_id(held.id).withdrawn_at.date() == now.date() - 5 * DAY
