"""What is kept is in the register, goes in time, is handed out, is erased; readings are logged."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import zipfile
from typing import Any

import peewee
import pytest
from every_table import fill_every_table
from flask import Flask
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app import handlers, runs, triggers
from app.models import (
    TABLES,
    Absence,
    AbsenceKind,
    Arrival,
    Assignment,
    AuditEntry,
    LateChange,
    Mediator,
    Message,
    Nomination,
    NominationStatus,
    RequestStatus,
    Roster,
    User,
    database,
)
from app.services import (
    account_admin,
    audit,
    audit_seals,
    daily,
    directory,
    erasure,
    leave_requests,
    network_view,
    own_data,
    own_times,
    retention,
    week_view,
)
from app.services.errors import Forbidden, NotFound
from app.services.keyring import Keyring
from app.services.privacy_register import REGISTER, all_kept
from app.services.privacy_rules import Gone, Ground, Until
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)
YEAR = 366 * DAY


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def user_id(email: str) -> int:
    return int(User.get(User.email == email).id)


def readings() -> list[tuple[int | None, str, list[int]]]:
    rows = AuditEntry.select().where(AuditEntry.action.endswith(".read")).order_by(AuditEntry.id)
    return [(row.user_id, row.action, row.details["of"]) for row in rows]


# The register.


def test_every_table_and_every_column_is_in_the_register_once() -> None:
    """A new table, or a new column, must be said to be personal or not before this passes."""
    kept = all_kept()
    assert sorted(one.table.__name__ for one in kept) == sorted(one.__name__ for one in TABLES)
    for one in kept:
        names = sorted(field.name for field in one.table._meta.sorted_fields)  # type: ignore[attr-defined]
        assert sorted(one.fields()) == names, one.table.__name__


def test_what_points_to_a_person_is_personal_or_sealed() -> None:
    for one in all_kept():
        pointing = {
            field.name
            for field in one.table._meta.sorted_fields  # type: ignore[attr-defined]
            if isinstance(field, peewee.ForeignKeyField) and field.rel_model in (User, Mediator)
        }
        assert pointing <= set(one.personal.split()), one.table.__name__
        assert set(one.sensitive.split()) <= set(one.personal.split())


def test_laws_are_named_in_words() -> None:
    """Whoever reads the register need not know a jurist's marks."""
    for activity in REGISTER:
        assert "CT " not in str(activity.basis)
        assert not activity.basis or "art. " in str(activity.basis), activity.key


def test_every_personal_table_has_a_ground_and_a_time() -> None:
    for activity in REGISTER:
        for one in activity.kept:
            assert one.rules
            if one.personal:
                assert activity.ground is not Ground.NONE
                assert activity.basis
            for rule in one.rules:
                if not isinstance(rule, Until):
                    assert rule.column in one.fields()


# Times of keeping.


def test_rows_go_one_day_after_their_time_and_not_before(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Each table's own rule at its limit: what is a day younger stays."""
    ana, edges = world.mediators[0], []
    fill_every_table(ana, User.get(User.email == world.mediator))
    for one in all_kept():
        gone = [rule for rule in one.rules if isinstance(rule, Gone)]
        if len(gone) == 1 and gone[0].only is None and one.table is not LateChange:
            edges.append((one.table, gone[0]))
    assert len(edges) >= 15
    for table, rule in edges:
        row = table.select().first()
        if row is None:
            continue
        key = table._meta.primary_key == row.get_id()  # type: ignore[attr-defined]
        for days, there in ((rule.days, True), (rule.days + 1, False)):
            at: Any = now - dt.timedelta(days=days)
            field = getattr(table, rule.column)
            table.update({field: at.date() if isinstance(field, peewee.DateField) else at}).where(
                key
            ).execute()
            with database.atomic() as transaction:
                retention.keep_to_register(now)
                assert table.select().where(key).exists() is there, (table.__name__, days)
                transaction.rollback()
    assert Mediator.get_by_id(ana.id).name == ana.name


def test_the_kind_of_an_absence_goes_before_the_absence(
    world: SmallWorld, now: dt.datetime
) -> None:
    def sick(days_ago: int) -> Absence:
        ends = now - days_ago * DAY
        return Absence.create(
            mediator=world.mediators[0],
            starts_at=ends - DAY,
            ends_at=ends,
            kind=AbsenceKind.SICKNESS,
            status=RequestStatus.APPROVED,
        )

    fresh, older, oldest = sick(364), sick(367), sick(1831)
    assert retention.keep_to_register(now)["absence"] == 3
    assert Absence.get_by_id(fresh.id).kind == AbsenceKind.SICKNESS
    assert Absence.get_by_id(older.id).kind == AbsenceKind.OTHER
    assert not Absence.select().where(Absence.id == oldest.id).exists()


def test_old_rosters_go_with_their_shifts_and_counts_stay(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    weeks = [MONDAY - weeks * 7 * DAY for weeks in (1, 270)]
    for week in weeks:
        write_roster(world, week, [Shift(ana, world.lisbon, week)])
    Arrival.create(office=world.lisbon, starts_at=now - 6 * YEAR, language="zh", need="x", count=4)
    retention.keep_to_register(now)
    assert [one.week_starts_on for one in Roster.select()] == weeks[:1]
    assert Assignment.select().count() == 1
    assert Arrival.select().count() == 1


def test_whoever_was_accepted_and_never_came_is_not_kept_for_ever(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    for mediator in (None, ana):
        Nomination.create(
            mediator=mediator,
            association=ana.association_id,
            proposed_on=now.date() - 2 * YEAR,
            status=NominationStatus.ACCEPTED,
            decided_on=now.date() - YEAR,
            name="Rui",
        )
    assert retention.keep_to_register(now)["nomination"] == 1
    assert [row.mediator_id for row in Nomination.select()] == [ana.id]


def test_a_nomination_that_nobody_answers_lapses(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    for days in (730, 731):
        Nomination.create(
            association=ana.association_id, proposed_on=now.date() - days * DAY,
            status=NominationStatus.PROPOSED, name="Rui",
        )  # fmt: skip
    assert retention.keep_to_register(now)["nomination"] == 1
    assert [row.proposed_on for row in Nomination.select()] == [now.date() - 730 * DAY]


def test_an_account_stopped_five_years_ago_is_erased(world: SmallWorld, now: dt.datetime) -> None:
    """One day after its time and not before; a mediator's goes with their record."""
    trainer, ana = user_id(world.trainer), user_id(world.mediator)
    for one in (trainer, ana):
        account_admin.stop(world.system, one, now)
    for days, erased in ((1830, False), (1831, True)):
        User.update(stopped_at=now - days * DAY).where(User.stopped_at.is_null(False)).execute()
        assert retention.keep_to_register(now).get("user") == (1 if erased else None)
        assert (User.get_by_id(trainer).email == world.trainer) is not erased
    assert User.get_by_id(trainer).name == erasure.number_of("user", trainer)
    assert User.get_by_id(ana).email == world.mediator
    assert "user" not in retention.keep_to_register(now)
    assert audit.verify() is None


def test_a_stopped_account_takes_no_word_of_anybody_else_with_it(
    world: SmallWorld, now: dt.datetime
) -> None:
    """An account may be called as an office or another person is. What was told of its own is
    gone for years when it is erased."""
    trainer = user_id(world.trainer)
    account_admin.stop(world.system, trainer, now)
    User.update(stopped_at=now - 1831 * DAY, name="Lisboa").where(User.id == trainer).execute()
    details = {"office": "Lisboa", "names": ["Lisboa"]}
    told = Message.create(
        user=user_id(world.mediator), kind="x", key="x", details=details, created_at=now
    )
    assert retention.keep_to_register(now)["user"] == 1
    assert User.get_by_id(trainer).name == erasure.number_of("user", trainer)
    assert Message.get_by_id(told.id).details == details


def test_when_an_account_was_stopped_is_written_down_once(
    world: SmallWorld, now: dt.datetime
) -> None:
    trainer = user_id(world.trainer)
    for days in (0, 9):
        account_admin.stop(world.system, trainer, now + days * DAY)
        assert User.get_by_id(trainer).stopped_at == now
    account_admin.restore(world.system, trainer, now)
    assert User.get_by_id(trainer).stopped_at is None


def test_whose_contract_ended_five_years_ago_is_erased(world: SmallWorld, now: dt.datetime) -> None:
    ana, bo = world.mediators[:2]
    Mediator.update(ends_on=now.date() - 1831 * DAY).where(Mediator.id == ana.id).execute()
    Mediator.update(ends_on=now.date() - 1830 * DAY).where(Mediator.id == bo.id).execute()
    assert retention.keep_to_register(now)["mediator"] == 1
    assert Mediator.get_by_id(ana.id).name == ana.name, "reading where she stands takes long"
    assert "mediator" not in retention.keep_to_register(now + dt.timedelta(minutes=1))
    run = runs.claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    runs.execute(run, {erasure.KIND: handlers.erase}, "me")
    assert Mediator.get_by_id(ana.id).name == erasure.number_of("mediator", ana.id)
    assert Mediator.get_by_id(bo.id).name == bo.name
    assert "mediator" not in retention.keep_to_register(now + dt.timedelta(hours=1))


def test_the_worker_does_it_once_a_night(world: SmallWorld) -> None:
    before = dt.datetime(2026, 3, 5, 2, 59, tzinfo=dt.UTC)
    assert daily.do_what_is_due(before) == []
    assert daily.do_what_is_due(before + dt.timedelta(minutes=1)) == ["retention"]
    assert daily.do_what_is_due(before + dt.timedelta(minutes=2)) == []
    assert daily.do_what_is_due(before + dt.timedelta(hours=4)) == ["remind"]
    assert daily.do_what_is_due(before + DAY + dt.timedelta(hours=4)) == ["retention", "remind"]


def test_a_rule_that_fails_takes_nothing_back_of_those_before(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies half way has done half, and the next one does the rest an hour later."""
    monkeypatch.setattr(daily, "_resting", {})
    at = dt.datetime(2026, 3, 5, 4, tzinfo=dt.UTC)
    old = Absence.create(
        mediator=world.mediators[0],
        starts_at=at - 6 * YEAR,
        ends_at=at - 6 * YEAR,
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )

    class Died(BaseException):
        """As a process that is killed: nothing of ours is run after it."""

    def dies(*_told: object) -> int:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(audit, "shorten", dies)
        with pytest.raises(Died):
            daily.do_what_is_due(at)
    assert not Absence.select().where(Absence.id == old.id).exists()
    assert "retention" not in daily.do_what_is_due(at + daily.HELD_FOR / 2)
    assert "retention" in daily.do_what_is_due(at + daily.HELD_FOR)
    assert "retention" not in daily.do_what_is_due(at + 2 * daily.HELD_FOR)


def test_every_night_the_log_tells_where_the_audit_log_ends(
    world: SmallWorld, now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "escala.audit"):
        retention.keep_to_register(now)
    end = audit.end_of_log()
    assert f"audit log ends at {end.id}:{end.hash}, {end.count} entries" in caplog.text


# The audit log.


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_the_database_refuses_to_alter_or_shorten_the_log(
    world: SmallWorld, now: dt.datetime
) -> None:
    audit.record(world.system, "test", "x", 1, now)
    count = AuditEntry.select().count()
    for query in (AuditEntry.update(action="y"), AuditEntry.delete()):
        with pytest.raises(peewee.DatabaseError, match="appended only"), database.atomic():
            query.execute()
    assert AuditEntry.select().count() == count
    assert audit.verify() is None


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_old_entries_go_and_the_chain_says_so(world: SmallWorld, now: dt.datetime) -> None:
    """The database holds against its own clock, so the entries here are really old."""
    first = AuditEntry.select().count()
    old = dt.datetime.now(dt.UTC) - 6 * YEAR
    _take_all_away(first)
    for number in range(3):
        audit.record(world.system, "test.old", "x", number, old)
    audit.record(world.system, "test.new", "x", 9, now)
    assert audit.verify() is None
    with database.atomic():
        assert audit.shorten(now - 5 * YEAR, now) == 3
    actions = [one.action for one in AuditEntry.select().order_by(AuditEntry.id)]
    assert actions == ["test.new", audit.SHORTENED]
    assert audit.verify() is None
    with database.atomic():
        assert audit.shorten(now - 5 * YEAR, now) == 0


def _take_all_away(count: int) -> None:
    """As a new service begins: the world's own entries are of today."""
    from app import triggers

    for name, table in triggers._present():
        if name.startswith("append_only_audit"):
            on_table = f' ON "{table}"' if triggers.is_postgresql() else ""
            database.execute_sql(f'DROP TRIGGER "{name}"{on_table}')
    assert AuditEntry.delete().execute() == count
    triggers.install()


def test_an_entry_taken_away_from_the_beginning_shows(world: SmallWorld, now: dt.datetime) -> None:
    audit.record(world.system, "test", "x", 1, now)
    first = AuditEntry.select().order_by(AuditEntry.id).first()
    second = AuditEntry.select().where(AuditEntry.id > first.id).order_by(AuditEntry.id).first()
    triggers.take_away()
    first.delete_instance()
    assert audit.verify() == second.id


def test_an_entry_written_with_the_database_alone_shows(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Whoever has no key can chain an entry of their own, and cannot seal it."""
    audit.record(world.system, "test", "x", 1, now)
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    forged = AuditEntry(
        at=now, action="y", object_kind="x", object_id="1", details={}, previous_hash=last.hash
    )
    forged.hash = audit_seals.plain_hash(forged)
    forged.save(force_insert=True)
    assert audit.verify() == forged.id


def test_plain_entries_of_before_are_followed_by_sealed_ones(
    world: SmallWorld, now: dt.datetime
) -> None:
    _take_all_away(AuditEntry.select().count())
    key = Keyring("k" * 40).derive("audit")
    audit_seals.use_key(None)
    try:
        audit.record(world.system, "test", "x", 1, now)
    finally:
        audit_seals.use_key(key)
    audit.record(world.system, "test", "x", 2, now)
    assert audit.examine() == audit_seals.Verdict(None, sealed=1, plain=1, foreign=0)
    audit_seals.use_key(Keyring("another" * 8).derive("audit"))
    try:
        assert audit.examine().foreign == 1, "after the secret key was changed"
        audit.record(world.system, "test", "x", 3, now)
        assert audit.verify() is None
    finally:
        audit_seals.use_key(key)
    assert audit.verify() is not None, "an older key does not come back"


def test_a_log_cut_off_at_its_end_shows_by_where_it_ended(
    app: Flask, world: SmallWorld, now: dt.datetime
) -> None:
    audit.record(world.system, "test", "x", 1, now)
    end = str(audit.end_of_log())
    run = app.test_cli_runner().invoke
    assert run(args=["audit", "--since", end]).exit_code == 0
    triggers.take_away()
    AuditEntry.delete().where(AuditEntry.id == int(end.partition(":")[0])).execute()
    assert audit.verify() is None, "what is left is sound in itself"
    cut = run(args=["audit", "--since", end])
    assert cut.exit_code == 1
    assert "the log was cut or rewritten" in cut.output
    audit.record(world.system, "test", "y", 1, now)
    assert run(args=["audit", "--since", end]).exit_code == 1
    assert run(args=["audit", "--since", "x"]).exit_code == 1
    AuditEntry.delete().execute()
    assert run(args=["audit", "--since", end]).exit_code == 1


def test_an_entry_that_lets_young_ones_go_is_not_believed(
    world: SmallWorld, now: dt.datetime
) -> None:
    """As one would who has the key: what goes must have been kept its time."""
    for number in range(3):
        audit.record(world.system, "test", "x", number, now)
    triggers.take_away()
    with database.atomic():
        assert audit.shorten(now + DAY, now + 2 * DAY) > 3
    assert audit.verify() == AuditEntry.select().order_by(AuditEntry.id).first().id


# Readings.


def test_each_reading_of_absences_by_another_is_written_down(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana, dina = world.mediators[0], world.mediators[3]
    for one, kind in ((ana, AbsenceKind.SICKNESS), (dina, AbsenceKind.LEAVE)):
        own_times.add_absence(world.system, one.id, now + 5 * DAY, now + 7 * DAY, kind, now)
    coordinator = actor(world.coordinator)
    reader = coordinator.user_id
    directory.mediator_page(coordinator, ana.id, now)
    assert readings() == [(reader, "absence.read", [ana.id])]
    week_view.week_view(coordinator, "lisbon", MONDAY, now=now)
    assert readings()[1:] == [(reader, "absence.read", [ana.id])]
    network_view.network_view(coordinator, MONDAY, now)
    assert readings()[2:] == [(reader, "absence.read", [ana.id, dina.id])]
    own_times.add_absence(
        actor(world.other_mediator),
        world.mediators[1].id,
        now + 20 * DAY,
        now + 21 * DAY,
        AbsenceKind.LEAVE,
        now,
    )
    leave_requests.to_answer(coordinator, now)
    told = [ana.id, world.mediators[1].id]
    assert readings()[3:] == [(reader, "absence.read", told)]
    assert audit.verify() is None


def test_ones_own_and_empty_readings_are_not(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    directory.mediator_page(actor(world.coordinator), ana.id, now)
    own_times.add_absence(
        actor(world.mediator), ana.id, now + DAY, now + 2 * DAY, AbsenceKind.SICKNESS, now
    )
    own_times.absences_of(actor(world.mediator), ana.id, now, now + 9 * DAY, now)
    assert readings() == []


def test_the_form_that_shows_a_gender_is_written_down(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    coordinator = actor(world.coordinator)
    directory.mediator_to_edit(coordinator, ana.id, now)
    assert readings() == []
    Mediator.update(gender="woman").where(Mediator.id == ana.id).execute()
    directory.mediator_to_edit(coordinator, ana.id, now)
    assert readings() == [(coordinator.user_id, "gender.read", [ana.id])]


# A person's data.


def content_of(file: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        found: dict[str, Any] = json.loads(archive.read(own_data.FILE))
        return found


def test_a_persons_file_holds_all_of_theirs_and_nothing_of_others(
    world: SmallWorld, now: dt.datetime
) -> None:
    fill_every_table(world.mediators[0], User.get(User.email == world.mediator))
    ana = actor(world.mediator)
    content = content_of(own_data.own_file(ana, now))
    tables = {name: rows for one in content["activities"] for name, rows in one["tables"].items()}
    assert tables["mediator"][0]["name"] == world.mediators[0].name
    assert tables["user"][0]["email"] == world.mediator
    for one in all_kept():
        if not one.about:
            continue
        name = one.table._meta.table_name  # type: ignore[attr-defined]
        for row in tables.get(name, ()):
            assert set(row) == set(one.personal.split())
            assert row.get("mediator", ana.mediator_id) in (ana.mediator_id, None)
            assert row.get("user", ana.user_id) == ana.user_id
    assert {"absence", "wish", "assignment", "completion", "busy_time", "late_change"} <= set(
        tables
    )
    text = json.dumps(content, ensure_ascii=False)
    for other in world.mediators[1:]:
        assert other.name not in text


def test_the_file_says_who_read_the_record(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    own_times.add_absence(world.system, ana.id, now + DAY, now + 2 * DAY, AbsenceKind.SICKNESS, now)
    directory.mediator_page(actor(world.coordinator), ana.id, now)
    done = content_of(own_data.own_file(actor(world.mediator), now))["done_with_your_record"]
    assert {"by_account": user_id(world.coordinator), "action": "absence.read"}.items() <= next(
        one for one in done if one["action"] == "absence.read"
    ).items()


def test_the_file_says_who_read_the_record_among_others(
    world: SmallWorld, now: dt.datetime
) -> None:
    """The board of a week shows several people's absences at once."""
    ana, bo, dina = world.mediators[0], world.mediators[1], world.mediators[3]
    for one in (ana, dina):
        own_times.add_absence(
            world.system, one.id, now + 5 * DAY, now + 7 * DAY, AbsenceKind.SICKNESS, now
        )
    network_view.network_view(actor(world.coordinator), MONDAY, now)
    assert readings()[-1][2] == [ana.id, dina.id]

    def told(mediator_id: int) -> list[str]:
        file = own_data.file_of_mediator(actor(world.coordinator), mediator_id, now)
        return [one["action"] for one in content_of(file)["done_with_your_record"]]

    assert "absence.read" in told(ana.id)
    assert "absence.read" in told(dina.id)
    assert "absence.read" not in told(bo.id)


def test_who_may_take_a_file_away(world: SmallWorld, now: dt.datetime) -> None:
    caio = world.mediators[2].id
    assert own_data.file_of_mediator(actor(world.coordinator), caio, now)
    for email in (world.azores_coordinator, world.mediator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            own_data.file_of_mediator(actor(email), caio, now)
        with pytest.raises(Forbidden):
            own_data.file_of_account(actor(email), user_id(world.trainer), now)
    with pytest.raises(NotFound):
        own_data.file_of_mediator(actor(world.coordinator), 4711, now)
    entry = AuditEntry.select().where(AuditEntry.action == "personal_data.file").get()
    assert (entry.object_kind, entry.object_id) == ("mediator", str(caio))
