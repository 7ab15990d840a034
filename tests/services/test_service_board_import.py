"""A board out to a file and in again: the same days, one edit, a reason for each bad row."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from drafts import draft
from fresh_databases import Prepare
from openpyxl import load_workbook
from small_world import MONDAY, SmallWorld

from app.models import Assignment, Roster, RosterEdit, Upload, User
from app.services import board_import, editing, own_hours, roster_tables, sheets_out
from app.services.editing import BrokenRules
from app.services.errors import Conflict, Invalid
from app.services.open_drafts import CellEdit, Said
from app.services.own_hours import Hours
from app.services.rights import Actor, actor_of
from app.services.rosters import publish

PICKS = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13), ("dina", "azores", 1, 9, 13)]


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.coordinator))


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    def lay_out() -> Roster:
        return draft(world, PICKS, now)

    found: Roster = prepared("roster", lay_out)
    return found


def exported(actor: Actor, roster: Roster, form: str, now: dt.datetime) -> bytes:
    tables = roster_tables.roster_tables(actor, roster.id, "board", None, now)
    return sheets_out.write(tables, form)


def preview(actor: Actor, roster: Roster, content: bytes, now: dt.datetime):
    upload = board_import.take_in(actor, roster.id, "board.csv", content, now)
    return upload, board_import.preview(actor, roster.id, upload)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_taken_out_changes_nothing_when_it_comes_in(
    coordinator: Actor, roster: Roster, now: dt.datetime, form: str
) -> None:
    _upload, found = preview(coordinator, roster, exported(coordinator, roster, form, now), now)
    assert (found.file.faults, found.changed, found.people) == ((), 0, 3)


def test_a_changed_file_is_one_edit_that_can_be_undone(
    coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    text = exported(coordinator, roster, "csv", now).decode("utf-8-sig")
    moved = text.replace("09:00;13:00", "10:00;14:00", 1)
    upload, found = preview(coordinator, roster, moved.encode(), now)
    assert (found.file.fault_count, found.changed) == (0, 1)
    board_import.carry_out(coordinator, roster.id, upload, now)
    starts = [row.starts_at.hour for row in rows(roster, "ana")]
    assert starts == [10]
    assert RosterEdit.select().where(RosterEdit.roster == roster).count() == 1
    editing.undo(coordinator, roster.id, Roster.get_by_id(roster.id).revision, now)
    assert [row.starts_at.hour for row in rows(roster, "ana")] == [9]


def test_people_in_the_file_get_its_days_and_no_other(
    coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    """Ana moves to Tuesday: her Monday goes; Bo and Dina, not in the file, stay."""
    tuesday = MONDAY + dt.timedelta(days=1)
    content = f"code;date;office;start;end\nana;{tuesday};lisbon;09:00;13:00\n".encode()
    upload, found = preview(coordinator, roster, content, now)
    assert (found.people, found.changed) == (1, 2)
    board_import.carry_out(coordinator, roster.id, upload, now)
    assert [row.date for row in rows(roster, "ana")] == [tuesday]
    assert len(rows(roster, "bo")) == len(rows(roster, "dina")) == 1


def test_every_bad_row_is_told_with_its_line_and_nothing_is_saved(
    coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    content = (
        b"code;date;office;start;end\n"
        b"nobody;2026-03-09;lisbon;09:00;13:00\n"
        b"ana;2026-04-09;lisbon;09:00;13:00\n"
        b"ana;2026-03-10;paris;09:00;13:00\n"
        b"ana;2026-03-11;lisbon;nine;13:00\n"
        b"bo;2026-03-11;lisbon;05:00;09:00\n"
        b"bo;2026-03-12;lisbon;=1+1;13:00\n"
        b"bo;2026-03-12;lisbon;09:00;13:00\n"
        b"bo;2026-03-12;lisbon;10:00;14:00\n"
    )
    upload, found = preview(coordinator, roster, content, now)
    assert [(one.line, one.column) for one in found.file.faults] == [
        (2, "code"), (3, "date"), (4, "office"), (5, "start"), (6, "start"), (7, "start"),
        (9, "date"),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        board_import.carry_out(coordinator, roster.id, upload, now)
    assert len(rows(roster, "ana")) == 1


def test_broken_rules_are_told_before_and_refused_unless_wanted(
    coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    """Ana may not work in the Azores."""
    content = b"code;date;office;start;end\nana;2026-03-09;azores;09:00;13:00\n"
    upload, found = preview(coordinator, roster, content, now)
    assert {one.rule for one in found.broken} == {"office"}
    with pytest.raises(BrokenRules):
        board_import.carry_out(coordinator, roster.id, upload, now)
    board_import.carry_out(coordinator, roster.id, upload, now, said=Said(allow_broken=True))
    assert rows(roster, "ana")[0].office.code == "azores"


def test_only_a_draft_takes_a_board(
    world: SmallWorld, coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    publish(world.system, roster.id, now)
    with pytest.raises(Conflict):
        board_import.take_in(coordinator, roster.id, "x.csv", b"code\nana\n", now)


def test_a_file_is_its_sender_s_only(
    world: SmallWorld, coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    from app.services.errors import NotFound

    upload, _found = preview(coordinator, roster, exported(coordinator, roster, "csv", now), now)
    other = actor_of(User.get(User.email == world.administrator))
    with pytest.raises(NotFound):
        board_import.preview(other, roster.id, upload)


def test_a_name_that_looks_like_a_formula_is_harmless_in_a_spreadsheet(
    world: SmallWorld, coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    ana.called_name = "=HYPERLINK(1)"
    ana.save()
    book = load_workbook(io.BytesIO(exported(coordinator, roster, "xlsx", now)))
    names = [row[1] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert "'=HYPERLINK(1)" in names


def test_cover_and_hours_add_up_to_what_the_judge_says(
    coordinator: Actor, roster: Roster, now: dt.datetime
) -> None:
    (hours,) = roster_tables.roster_tables(coordinator, roster.id, "hours", None, now)
    worked = {row[0]: row[4] for row in hours.rows}
    assert (worked["ana"], worked["bo"], worked["eva"]) == (240, 240, 0)


def test_the_edit_is_made_and_the_file_goes_or_neither(
    coordinator: Actor, roster: Roster, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is cut off between the two finds a file that waits for what it has done already."""
    content = f"code;date;office;start;end\nana;{MONDAY};lisbon;10:00;14:00\n".encode()
    upload, _found = preview(coordinator, roster, content, now)
    with monkeypatch.context() as cut:
        cut.setattr(Upload, "delete_instance", None)
        with pytest.raises(TypeError):
            board_import.carry_out(coordinator, roster.id, upload, now)
    assert [row.starts_at.hour for row in rows(roster, "ana")] == [9]
    board_import.carry_out(coordinator, roster.id, upload, now)
    assert [row.starts_at.hour for row in rows(roster, "ana")] == [10]
    assert Upload.get_or_none(Upload.id == upload) is None


def rows(roster: Roster, code: str) -> list[Assignment]:
    found = Assignment.select().where(Assignment.roster == roster).order_by(Assignment.date)
    return [row for row in found if row.mediator.code == code]


def test_an_edit_after_the_preview_is_not_written_over(
    coordinator: Actor, world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    content = f"code;date;office;start;end\nana;{MONDAY};lisbon;10:00;14:00\n".encode()
    upload, found = preview(coordinator, roster, content, now)
    cell = CellEdit(world.mediators[0].id, MONDAY, None)
    editing.change(coordinator, roster.id, found.revision, [cell], now)
    with pytest.raises(Conflict):
        board_import.carry_out(coordinator, roster.id, upload, now, revision=found.revision)
    assert rows(roster, "ana") == []


def test_an_office_coordinator_brings_in_what_they_took_out(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Dina also works in Lisbon, which the table of the Azores does not show."""
    picks = [("dina", "azores", 1, 9, 13), ("dina", "lisbon", 2, 9, 13)]
    roster = draft(world, picks, now)
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    content = exported(bound, roster, "csv", now)
    _upload, found = preview(bound, roster, content, now)
    assert (found.file.faults, found.people, found.changed) == ((), 1, 0)
    wednesday = MONDAY + dt.timedelta(days=2)
    moved = content.decode("utf-8-sig").replace(str(wednesday - dt.timedelta(days=1)), str(MONDAY))
    upload, found = preview(bound, roster, moved.encode(), now)
    assert found.changed == 2
    board_import.carry_out(bound, roster.id, upload, now, said=Said(allow_broken=True))
    assert [row.date for row in rows(roster, "dina")] == [MONDAY, wednesday]


def test_every_break_goes_out_and_comes_in(
    coordinator: Actor, world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    split = ((12 * 60, 12 * 60 + 30), (15 * 60, 15 * 60 + 30))
    hours = Hours(world.mediators[1].id, MONDAY, "lisbon", 9 * 60, 18 * 60, split)
    revision = own_hours.give(coordinator, roster.id, 0, hours, now, Said(allow_broken=True))
    content = exported(coordinator, roster, "csv", now)
    assert "12:00-12:30, 15:00-15:30" in content.decode("utf-8-sig")
    _upload, found = preview(coordinator, roster, content, now)
    assert (found.file.faults, found.changed) == ((), 0)
    cell = CellEdit(world.mediators[1].id, MONDAY, None)
    editing.change(coordinator, roster.id, revision, [cell], now)
    upload, found = preview(coordinator, Roster.get_by_id(roster.id), content, now)
    board_import.carry_out(coordinator, roster.id, upload, now, said=Said(allow_broken=True))
    (row,) = rows(roster, "bo")
    assert len(row.breaks) == 2


@pytest.mark.parametrize(
    ("start", "breaks", "column"),
    [("09:10", "", "start"), ("09:00", "noon", "breaks"), ("09:00", "11:00-11:10", "breaks")],
)
def test_times_between_two_half_hours_are_faults(
    coordinator: Actor, roster: Roster, now: dt.datetime, start: str, breaks: str, column: str
) -> None:
    line = f"ana;{MONDAY};lisbon;{start};13:00;{breaks}"
    content = f"code;date;office;start;end;breaks\n{line}\n".encode()
    _upload, found = preview(coordinator, roster, content, now)
    assert [one.column for one in found.file.faults] == [column]
