"""Erasing a person: nothing of them is left anywhere, and what the service counts stays."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app import handlers, runs
from app.models import (
    TABLES,
    AbsenceKind,
    Assignment,
    AuditEntry,
    Completion,
    CompletionResult,
    DeadAddress,
    Mail,
    Mediator,
    Message,
    Nomination,
    NominationStatus,
    Roster,
    RosterFigures,
    Run,
    RunStatus,
    User,
    UserRole,
    database,
)
from app.services import (
    audit,
    erasure,
    feeds,
    judging,
    mediators,
    outbox,
    own_times,
    roster_figures,
    rosters,
    scenario_choice,
    waiting,
)
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.feeds import Subject, SubjectKind
from app.services.rights import Actor, actor_of
from app.services.telling import tell

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def user_id(email: str) -> int:
    return int(User.get(User.email == email).id)


@pytest.fixture
def worked(world: SmallWorld, now: dt.datetime) -> Roster:
    """Ana's week, published and its wait tried out, also without her; a course, an absence;
    another was told her name."""
    ana = world.mediators[0]
    require(world.lisbon, 1, 9, 13, ["lang:uk"])
    week = draft(world, [("ana", "lisbon", 1, 9, 17), ("bo", "lisbon", 2, 9, 17)], now)
    rosters.publish(world.system, week.id, now)
    roster = Roster.get_by_id(week.id)
    roster_figures.figures_of(roster)
    Completion.create(
        mediator=ana,
        course=world.course,
        completed_on=now.date(),
        result=CompletionResult.PASSED,
        recorded_at=now,
        note=f"{ana.name} was late",
    )
    own_times.add_absence(
        world.system, ana.id, now + 30 * DAY, now + 31 * DAY, AbsenceKind.SICKNESS, now
    )
    tell([user_id(world.other_mediator)], "swap_offered", "k", {"giver": ana.name}, now)
    waited(world, week, "", now)
    waited(world, week, ana.code, now)
    scenario_choice.rename(world.system, week.id, f"Without {ana.name}", now)
    scenario_choice.rename(world.system, week.id, "", now)
    Mediator.update(active=False, ends_on=now.date() - DAY).where(Mediator.id == ana.id).execute()
    return roster


def waited(world: SmallWorld, week: Roster, away: str, now: dt.datetime) -> Run:
    """A try-out of the week's wait that has ended, as it is kept."""
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, week.id, 1, away, now)
    loads = [{"mediator": code, "minutes": 60} for code in ("ana", "bo") if code != away]
    days = [{"day": 1, "date": "2026-03-10", "mediators": loads}]
    Run.update(result={"days": days}, status=RunStatus.DONE, ended_at=now).where(
        Run.id == run_id
    ).execute()
    return Run.get_by_id(run_id)


def test_erasing_keeps_the_counts_and_nothing_of_the_person(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    cost = judging.judge(worked).judgement.cost
    figures = RosterFigures.get()
    minutes = [(one.starts_at, one.ends_at, one.office_id) for one in Assignment.select()]
    Mediator.update(called_name="Anabela").where(Mediator.id == ana.id).execute()
    address = _feed_of_lisbon(world, now)
    assert "Anabela" in feeds.read_feed(address, now).body.decode().replace("\r\n ", "")
    assert erase(actor(world.coordinator), ana.id, ana.name, now) == RunStatus.DONE
    number = erasure.number_of("mediator", ana.id)
    kept = Mediator.get_by_id(ana.id)
    assert (kept.name, kept.code, kept.email, kept.gender) == (number, number, "", "")
    assert kept.association_id == ana.association_id
    after = [(one.starts_at, one.ends_at, one.office_id) for one in Assignment.select()]
    assert after == minutes
    fresh = Roster.get_by_id(worked.id)
    assert judging.judge(fresh).judgement.cost == cost
    after_figures = RosterFigures.get()
    assert after_figures.cover == figures.cover
    assert [one[1:] for one in after_figures.wishes] == [one[1:] for one in figures.wishes]
    assert Completion.get().result == CompletionResult.PASSED
    assert (
        _found_anywhere(ana.name, "Anabela", ana.email or "nobody@nowhere", world.mediator, '"ana"')
        == []
    )
    assert audit.verify() is None
    plain, without = Run.select().where(Run.kind == "waiting").order_by(Run.id)
    assert [one["mediator"] for one in plain.result["days"][0]["mediators"]] == [number, "bo"]
    assert without.parameters["away"] == number
    entry = AuditEntry.select().where(AuditEntry.action == "run.ask.waiting")
    assert [one.details["away"] for one in entry.order_by(AuditEntry.id)] == [None, ana.id]


def _feed_of_lisbon(world: SmallWorld, now: dt.datetime) -> str:
    """The address of a coordinator's calendar of the office, which shows everyone there."""
    subject = Subject(SubjectKind.OFFICE, world.lisbon.id)
    made = feeds.create_feed(
        actor(world.coordinator), name="Desk", locale="pt", details=True, keep_cancelled=False,
        now=now, subject=subject,
    )  # fmt: skip
    return made.token


def erase(who: Actor, mediator_id: int, typed: str, now: dt.datetime) -> RunStatus:
    """Ask for it, and carry it out as a worker does; what became of the run."""
    run_id = erasure.ask_erase_mediator(who, mediator_id, typed, now)
    run = runs.claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    assert run.id == run_id
    runs.execute(run, {erasure.KIND: handlers.erase}, "me")
    return RunStatus(Run.get_by_id(run_id).status)


def _found_anywhere(*words: str) -> list[tuple[str, str]]:
    """Where one of these still stands, in any column of any table."""
    return [
        (table.__name__, word)
        for table in TABLES
        for row in table.select().dicts()
        for word in words
        if word in json.dumps(row, default=str, ensure_ascii=False)
        or word in "".join(str(one) for one in row.values())
        or word in _unpacked(row)
    ]


def _unpacked(row: dict[str, object]) -> str:
    """What a kept calendar says, its long lines joined."""
    packed = bytes(row.get("gzipped") or b"")  # type: ignore[arg-type, call-overload]
    return gzip.decompress(packed).decode().replace("\r\n ", "") if packed else ""


def test_the_account_opens_nothing_any_more(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    account = user_id(world.mediator)
    assert erase(actor(world.coordinator), ana.id, ana.name, now) == RunStatus.DONE
    row = User.get_by_id(account)
    assert (row.active, row.password_hash) == (False, "")
    assert row.erased_at is not None
    assert not UserRole.select().where(UserRole.user == account).exists()
    assert [one.kind for one in Message.select().where(Message.user == account)] in (
        [],
        ["roster_published"],
    )


def test_earlier_nominations_and_addresses_go_too(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    """Declined at first, taken later; and an address that no longer worked."""
    ana = world.mediators[0]
    Mediator.update(email="ana@old.example").where(Mediator.id == ana.id).execute()
    first = {"association": ana.association_id, "proposed_on": now.date(), "note": "knows Ana"}
    for status, name, email in (
        (NominationStatus.DECLINED, ana.name, ""),
        (NominationStatus.WITHDRAWN, "A. Lima", "ana@old.example"),
        (NominationStatus.PROPOSED, ana.name, ""),
    ):
        Nomination.create(status=status, name=name, email=email, **first)
    mail = outbox.queue_letter(user_id(world.mediator), "test", {}, now)
    Mail.update(address="ana@older.example").where(Mail.id == mail).execute()
    for address in ("ana@old.example", "ana@older.example"):
        DeadAddress.create(address=address, since=now, answer=f"550 <{address}>")
    assert erase(actor(world.coordinator), ana.id, ana.name, now) == RunStatus.DONE
    kept = [(row.status, row.name, row.note) for row in Nomination.select().order_by(Nomination.id)
            if row.mediator_id is None]  # fmt: skip
    assert kept == [
        (NominationStatus.DECLINED, "", ""),
        (NominationStatus.WITHDRAWN, "", ""),
        (NominationStatus.PROPOSED, ana.name, "knows Ana"),
    ], "one that is still open may be a namesake's"
    assert _found_anywhere("ana@old.example", "ana@older.example") == []


def test_what_stands_against_erasing(world: SmallWorld, worked: Roster, now: dt.datetime) -> None:
    ana, bo = world.mediators[:2]
    coordinator = actor(world.coordinator)
    with pytest.raises(Conflict, match=r".*"):
        erasure.ask_erase_mediator(coordinator, bo.id, bo.name, now)
    with pytest.raises(Invalid):
        erasure.ask_erase_mediator(coordinator, ana.id, "Ana", now)
    for email in (world.azores_coordinator, world.trainer, world.association, world.mediator):
        with pytest.raises(Forbidden):
            erasure.ask_erase_mediator(actor(email), ana.id, ana.name, now)
    assert Mediator.get_by_id(ana.id).name == ana.name
    assert erase(coordinator, ana.id, ana.name, now) == RunStatus.DONE
    with pytest.raises(Conflict):
        erasure.ask_erase_mediator(coordinator, ana.id, ana.name, now)
    with pytest.raises(Conflict):
        mediators.edit_mediator(
            coordinator, ana.id, mediators.get_mediator(coordinator, ana.id), now
        )


def test_who_is_taken_on_again_meanwhile_is_not_erased(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    erasure.ask_erase_mediator(actor(world.coordinator), ana.id, ana.name, now)
    Mediator.update(active=True, ends_on=None).where(Mediator.id == ana.id).execute()
    run = runs.claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    runs.execute(run, {erasure.KIND: handlers.erase}, "me")
    assert Run.get_by_id(run.id).status == RunStatus.FAILED
    assert Mediator.get_by_id(ana.id).name == ana.name
    assert '"ana"' in Roster.get_by_id(worked.id).problem_json


def test_what_is_written_between_looking_and_erasing_is_erased_too(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    found = erasure.traces_of(ana.id, lambda _done, _of: None)
    tell([user_id(world.other_mediator)], "swap_offered", "k2", {"giver": ana.name}, now)
    with database.atomic():
        erasure.erase_mediator(actor(world.coordinator), ana.id, found, now)
    assert _found_anywhere(ana.name, '"ana"') == []


def test_a_run_that_ends_after_the_erasure_brings_nothing_back(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    """It read who there was before, and its result is written when it ends."""
    ana = world.mediators[0]
    for kind in ("waiting", "build"):
        Run.create(kind=kind, parameters={}, asked_at=now)
    found = erasure.traces_of(ana.id, lambda _done, _of: None)

    def reading_long(_context: runs.RunContext) -> runs.Commit:
        if not Mediator.get_by_id(ana.id).erased_at:
            with database.atomic():
                erasure.erase_mediator(actor(world.coordinator), ana.id, found, now)
        return lambda: {"days": [{"mediators": [{"mediator": "ana"}]}]}

    started = [runs.claim("me", dt.datetime.now(dt.UTC)) for _kind in range(2)]
    for run in started:
        assert run is not None
        runs.execute(run, dict.fromkeys(("waiting", "build"), reading_long), "me")
        assert Run.get_by_id(run.id).status == RunStatus.CANCELLED
    assert _found_anywhere('"ana"') == []


def test_whose_contract_ended_long_ago_stops_no_build(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    """They are erased by night, while all groups may be built."""
    ana = world.mediators[0]
    Mediator.update(ends_on=now.date() - 366 * DAY).where(Mediator.id == ana.id).execute()
    for kind in ("waiting", "build"):
        Run.create(kind=kind, status=RunStatus.RUNNING, asked_at=now)
    found = erasure.traces_of(ana.id, lambda _done, _of: None)
    with database.atomic():
        erasure.erase_mediator(actor(world.coordinator), ana.id, found, now)
    asked = Run.select().where(Run.ended_at.is_null())
    assert {run.kind: run.cancel_asked for run in asked} == {"waiting": True, "build": False}


def test_a_run_that_ends_between_looking_and_erasing_is_looked_at_again(
    world: SmallWorld, worked: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    run = Run.create(kind="waiting", status=RunStatus.RUNNING, asked_at=now)
    found = erasure.traces_of(ana.id, lambda _done, _of: None)
    result = {"days": [{"mediators": [{"mediator": "ana"}]}]}
    Run.update(result=result, status=RunStatus.DONE, ended_at=now).where(Run.id == run.id).execute()
    with database.atomic():
        erasure.erase_mediator(actor(world.coordinator), ana.id, found, now)
    assert _found_anywhere('"ana"') == []


def test_an_account_without_a_mediator_is_erased_by_an_administrator(
    world: SmallWorld, now: dt.datetime
) -> None:
    trainer = User.get(User.email == world.trainer)
    admin = actor(world.administrator)
    with pytest.raises(Forbidden):
        erasure.erase_account(actor(world.coordinator), trainer.id, trainer.name, now)
    with pytest.raises(Conflict):
        erasure.erase_account(admin, admin.user_id or 0, "x", now)
    with pytest.raises(Conflict):
        erasure.erase_account(admin, user_id(world.mediator), "x", now)
    erasure.erase_account(admin, trainer.id, trainer.name, now)
    assert _found_anywhere(f'"{world.trainer}"', f'"{trainer.name}"') == []
