"""All that is kept, in a file and back: on both databases, sound, damaged, of other versions."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from small_world import SmallWorld
from whole_database import BOTH, exports, rows_of, run, without_last_entry

from app import triggers
from app.copies.backup import write_backup
from app.database import database_of
from app.models import (
    Arrival,
    AuditEntry,
    LinkKind,
    Mail,
    MailStatus,
    Office,
    Roster,
    User,
    database,
)
from app.services import account_admin, account_links, api_keys, audit, outbox, sign_ins
from app.services.errors import NotFound
from app.services.keyring import Keyring
from app.services.telling import tell


def test_a_backup_makes_the_folder_it_is_to_lie_in(
    world: SmallWorld, now: dt.datetime, tmp_path: Path
) -> None:
    file = tmp_path / "backups" / "today.zip"
    write_backup(file, now)
    assert file.is_file()


@BOTH
def test_backup_wipe_restore_gives_the_same_bytes(
    app: Flask,
    world: SmallWorld,
    feed: str,
    now: dt.datetime,
    tmp_path: Path,
    database_url: str,
) -> None:
    before, rows = exports(world, feed, tmp_path / "before", now), rows_of(database_url)
    file = tmp_path / "kept.zip"
    made = run(app, "backup", file)
    assert made.exit_code == 0, made.output
    assert file.stat().st_mode & 0o077 == 0
    refused = run(app, "restore", file)
    assert refused.exit_code == 1
    assert "is not empty" in refused.output
    assert "with --replace they are thrown away" in refused.output
    Office.update(name="Somewhere else").execute()
    Roster.update(problem_json="{}").execute()
    Arrival.delete().execute()
    restored = run(app, "restore", "--replace", file)
    assert restored.exit_code == 0, restored.output
    assert without_last_entry(rows_of(database_url), "database.restore") == rows
    assert exports(world, feed, tmp_path / "after", now) == before
    assert audit.verify() is None
    assert Arrival.create(
        office=world.lisbon, starts_at=now, language="zh", need="legal", count=1
    ).id
    # The registers are guarded as before.
    with pytest.raises(Exception, match="appended only"), database.atomic():
        AuditEntry.update(action="x").execute()


def test_a_backup_of_one_kind_is_restored_into_the_other(
    app: Flask,
    world: SmallWorld,
    feed: str,
    now: dt.datetime,
    tmp_path: Path,
    other_url: str,
) -> None:
    before = exports(world, feed, tmp_path / "before", now)
    assert run(app, "backup", tmp_path / "kept.zip").exit_code == 0
    home = database.obj
    database.initialize(database_of(other_url))
    restored = run(app, "restore", tmp_path / "kept.zip")
    assert restored.exit_code == 0, restored.output
    with database.connection_context():
        assert exports(world, feed, tmp_path / "after", now) == before
    database.obj.close_all()
    database.initialize(home)


def test_what_was_withdrawn_since_does_not_open_again_unseen(
    app: Flask, world: SmallWorld, now: dt.datetime, tmp_path: Path
) -> None:
    today = dt.datetime.now(dt.UTC)
    ana = User.get(User.email == world.mediator)
    token = sign_ins.start(ana, "", False, today)
    link = account_admin.send_link(world.system, ana.id, Keyring("k" * 40), today)
    key, _secret = api_keys.create_key(world.system, "Queue tickets", ["lisbon"], today)
    made = run(app, "backup", tmp_path / "kept.zip")
    end = audit.end_of_log()
    assert f"its audit log ends at {end.id}:{end.hash}" in made.output
    sign_ins.end_all(ana.id, today)
    api_keys.revoke_key(world.system, key, today)
    restored = run(app, "restore", "--replace", tmp_path / "kept.zip")
    assert restored.exit_code == 0, restored.output
    assert sign_ins.find(token, today) is None
    with pytest.raises(NotFound):
        account_links.look_up(link.token, LinkKind.NEW_PASSWORD, today)
    assert f"key of another system {key}: Queue tickets" in restored.output
    assert world.administrator in restored.output
    assert world.mediator not in restored.output
    entry = AuditEntry.get(AuditEntry.action == "database.restore")
    assert entry.details["sessions_ended"] == entry.details["links_withdrawn"] == 1
    assert run(app, "audit", "--since", end).exit_code == 0


def test_what_goes_out_by_mail_again_is_told(app: Flask, world: SmallWorld, tmp_path: Path) -> None:
    """Mails that wait or that a worker had in hand, what is in no mail yet, links asked for: not
    what has ended or is too old to be sent."""
    today = dt.datetime.now(dt.UTC)
    long_ago = today - dt.timedelta(days=30)
    ana = User.get(User.email == world.mediator)
    for at in (today, long_ago):
        kept = [outbox.queue_letter(ana.id, "invitation", {}, at) for _ in range(5)]
        ends = {kept[0]: MailStatus.CLAIMED, kept[1]: MailStatus.HANDED, kept[2]: MailStatus.SENT}
        for number, status in ends.items():
            Mail.update(status=status, lease_until=at).where(Mail.id == number).execute()
        tell([ana.id], "swap_rejected", f"told {at}", {}, at)
        account_links.ask_new_password(ana.email, "127.0.0.1", Keyring("k" * 40), at)
    assert run(app, "backup", tmp_path / "kept.zip").exit_code == 0
    restored = run(app, "restore", "--replace", tmp_path / "kept.zip")
    assert restored.exit_code == 0, restored.output
    told = restored.output.partition("these go out by mail")[2].splitlines()
    assert told == [
        " once a worker runs; some may have gone out since the backup:",
        "  3 mails that wait or were being sent",
        "  1 messages that are in no mail yet",
        "  1 requests for a new password",
    ]


def _rewrite(file: Path, member: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[member] = change(members[member])
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _turn_a_bit(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        largest = max(archive.infolist(), key=lambda one: one.compress_size)
    data = bytearray(file.read_bytes())
    data[largest.header_offset + 60 + largest.compress_size // 2] ^= 1
    file.write_bytes(data)


def _leave_out_a_row(file: Path) -> None:
    """As one would who knows zip files: every sum of the archive is right."""
    _rewrite(file, "tables/user.jsonl", lambda content: content.partition(b"\n")[2])


@pytest.mark.parametrize("damage", [_cut, _turn_a_bit, _leave_out_a_row])
def test_a_damaged_backup_is_refused_and_nothing_changes(
    app: Flask,
    world: SmallWorld,
    tmp_path: Path,
    database_url: str,
    damage: Callable[[Path], None],
) -> None:
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0
    assert run(app, "restore", "--check", file).exit_code == 0
    rows = rows_of(database_url)
    damage(file)
    for args in (["restore", "--check", file], ["restore", "--replace", file]):
        answer = run(app, *args)
        assert answer.exit_code == 1
        assert f"{file} is damaged" in answer.output
    assert rows_of(database_url) == rows


def test_a_backup_of_a_newer_version_is_refused(
    app: Flask, world: SmallWorld, tmp_path: Path
) -> None:
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0

    def of_a_later_version(content: bytes) -> bytes:
        manifest = json.loads(content)
        manifest["migrations"].append("9999_later")
        return json.dumps(manifest).encode()

    _rewrite(file, "manifest.json", of_a_later_version)
    answer = run(app, "restore", "--replace", file)
    assert answer.exit_code == 1
    assert "newer than this: 9999_later" in answer.output


def test_a_database_of_a_newer_version_is_left_alone(
    app: Flask, world: SmallWorld, tmp_path: Path
) -> None:
    """Back to the version before, as somebody might: its triggers would take the place of those
    that the newer one's tables need."""
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0
    database.execute_sql(
        "INSERT INTO schema_migration (name, applied) VALUES ('9999_later', CURRENT_TIMESTAMP)"
    )
    triggers.take_away()
    for name in ("migrate", "serve", "web", "worker"):
        answer = run(app, name)
        assert answer.exit_code == 1
        assert "newer version of Escala, which applied 9999_later: start" in answer.output
    assert triggers.install(), "none was put into it"
    ready = app.test_client().get("/ready/web")
    assert ready.status_code == 503
    assert ready.get_json()["checks"] == {"database": True, "migrations": False}
    assert "start that one" in ready.get_json()["reason"]
    assert run(app, "restore", "--replace", file).exit_code == 0
    assert run(app, "migrate").output == "up to date\n"
    assert app.test_client().get("/ready/web").status_code == 200


def test_a_backup_that_fails_leaves_the_one_before(
    app: Flask, world: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0
    before = file.read_bytes()
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0013_privacy'")
    answer = run(app, "backup", file)
    assert answer.exit_code == 1
    assert "run `flask migrate` on it (0013_privacy)" in answer.output
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.glob(".kept*")] == []


def test_what_a_killed_backup_left_goes_with_the_next_and_one_under_way_stays(
    world: SmallWorld, now: dt.datetime, tmp_path: Path
) -> None:
    """Such a part is personal data that nobody knows of; the next is named by another day."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, under_way = (
        tmp_path / f".before.zip.{number}.part" for number in (ended.pid, os.getppid())
    )
    for one in (left, under_way):
        one.write_bytes(b"PK")
    write_backup(tmp_path / "kept.zip", now)
    assert not left.exists()
    assert under_way.exists()
