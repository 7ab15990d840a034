"""Files of arrivals: every bad row named, all or nothing, never counted twice."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from hostile_workbooks import far_row
from openpyxl import Workbook
from small_world import SmallWorld

from app.models import Arrival, Office, Upload, User
from app.services import imports, sheets
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.rights import SYSTEM, actor_of

GOOD = """office;date;time;language;need;visitors
lisbon;02/03/2026;09:10;uk;legal;2
Lisboa;2026-03-02;9h29;Ukrainian;Legal support;1
Ponta Delgada;02/03/2026;09:00;português;;3
"""


@pytest.fixture
def actor(world: SmallWorld) -> Any:
    return actor_of(User.get(User.email == world.coordinator))


def sent(actor: Any, content: str | bytes, now: dt.datetime, name: str = "march.csv") -> int:
    data = content.encode() if isinstance(content, str) else content
    return imports.take_in(actor, name, data, now)


def stored() -> dict[tuple[str, dt.datetime, str, str], int]:
    return {
        (one.office.code, one.starts_at, one.language_id, one.need): one.count
        for one in Arrival.select()
    }


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, 2, hour, minute, tzinfo=dt.UTC)


EXPECTED = {
    ("lisbon", at(9), "uk", "legal"): 3,
    ("azores", at(10), "pt", "general"): 3,  # nine o'clock there is ten in UTC
}


def test_a_file_is_read_by_names_and_the_office_s_own_clock(actor: Any, now: dt.datetime) -> None:
    one = sent(actor, GOOD, now)
    told = imports.preview(actor, one, now)
    assert told.ready
    assert (told.file.lines, told.visitors, told.cells, told.new, told.changed) == (3, 6, 2, 2, 0)
    assert not Arrival.select().exists(), "looking writes nothing"
    assert imports.carry_out(actor, one, now) == 6
    assert stored() == EXPECTED
    assert not Upload.select().exists()


def test_again_or_corrected_it_counts_once(actor: Any, now: dt.datetime) -> None:
    imports.carry_out(actor, sent(actor, GOOD, now), now)
    imports.carry_out(actor, sent(actor, GOOD, now), now)
    assert stored() == EXPECTED
    corrected = sent(actor, GOOD.replace("legal;2", "legal;7"), now)
    told = imports.preview(actor, corrected, now)
    assert (told.new, told.changed, told.cells) == (0, 1, 2)
    imports.carry_out(actor, corrected, now)
    assert stored()[("lisbon", at(9), "uk", "legal")] == 8


def test_what_the_reception_counted_itself_is_told(
    world: SmallWorld, actor: Any, now: dt.datetime
) -> None:
    for start, office in ((at(9), world.lisbon), (at(9), world.azores), (at(12), world.lisbon)):
        Arrival.create(office=office, starts_at=start, language="uk", need="general", count=4)
    Arrival.create(
        office=world.lisbon, starts_at=at(9), language="uk", need="general", count=5, source="queue"
    )
    also = imports.preview(actor, sent(actor, GOOD, now), now).also
    assert also == (("desk", 4), ("queue", 5))


def test_a_corrected_language_does_not_count_twice_where_days_are_replaced_whole(
    actor: Any, now: dt.datetime
) -> None:
    imports.carry_out(actor, sent(actor, GOOD, now), now)
    lisbon = Office.get(Office.code == "lisbon")
    for days in (-1, 1):
        Arrival.create(
            office=lisbon, starts_at=at(9) + dt.timedelta(days=days), language="uk", need="legal",
            count=1, source="import",
        )  # fmt: skip
    corrected = GOOD.replace("9:10;uk", "9:10;zh").replace("Ukrainian", "zh")
    one = sent(actor, corrected, now)
    told = imports.preview(actor, one, now)
    assert (told.new, told.changed, told.gone, told.gone_visitors) == (1, 0, 1, 3)
    imports.carry_out(actor, one, now, whole_days=True)
    assert {key: count for key, count in stored().items() if key[1].date() == at(9).date()} == {
        ("lisbon", at(9), "zh", "legal"): 3,
        ("azores", at(10), "pt", "general"): 3,
    }
    assert len(stored()) == 4, "other days stand"


def test_added_to_what_is_there_nothing_goes_but_what_is_said_to_be_none(
    actor: Any, now: dt.datetime
) -> None:
    imports.carry_out(actor, sent(actor, GOOD, now), now)
    none = "office;date;time;language;need;visitors\nlisbon;02/03/2026;09:10;uk;legal;0\n"
    one = sent(actor, none, now)
    told = imports.preview(actor, one, now)
    assert (told.ready, told.cells, told.removed, told.gone) == (True, 0, 1, 0)
    assert imports.carry_out(actor, one, now) == 0
    assert stored() == {("azores", at(10), "pt", "general"): 3}


BAD = """office;date;time;language;need;visitors
lisbon;02/03/2026;09:10;uk;legal;2
atlantis;02/03/2026;09:10;uk;legal;2
lisbon;31/02/2026;09:10;uk;legal;2
lisbon;02/03/2026;25:10;uk;legal;2
lisbon;02/03/2026;09:10;klingon;legal;2
lisbon;02/03/2026;09:10;uk;gold;2
lisbon;02/03/2026;09:10;uk;legal;-1
lisbon;02/03/2026;09:10;uk;legal;2.5
lisbon;02/03/2027;09:10;uk;legal;2
lisbon;0001-01-01;00:10;uk;legal;2
nowhere;soon;late;xx;yy;many
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_bad_row_is_named_and_nothing_saved(actor: Any, now: dt.datetime, kind: str) -> None:
    rows = [tuple(line.split(";")) for line in BAD.splitlines()]
    content = BAD.encode() if kind == "csv" else workbook(*rows)
    one = sent(actor, content, now, f"bad.{kind}")
    told = imports.preview(actor, one, now)
    found = [(fault.line, fault.column, fault.value) for fault in told.file.faults]
    assert found == [
        (3, "office", "atlantis"),
        (4, "date", "31/02/2026"),
        (5, "time", "25:10"),
        (6, "language", "klingon"),
        (7, "need", "gold"),
        (8, "visitors", "-1"),
        (9, "visitors", "2.5"),
        (10, "date", "02/03/2027"),
        (11, "date", "0001-01-01"),
        (12, "office", "nowhere"),
        (12, "date", "soon"),
        (12, "language", "xx"),
        (12, "need", "yy"),
        (12, "visitors", "many"),
    ]
    assert all(fault.expected for fault in told.file.faults)
    with pytest.raises(Invalid) as refused:
        imports.carry_out(actor, one, now)
    assert len(refused.value.faults) == 14
    assert not Arrival.select().exists()


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_reads_like_a_csv(actor: Any, now: dt.datetime) -> None:
    content = workbook(
        ("centro", "data", "hora", "língua", "quantidade"),
        ("lisbon", dt.date(2026, 3, 2), dt.time(9, 10), "uk", 2),
        ("lisbon", dt.datetime(2026, 3, 2), "09:40", "uk", 3.0),  # noqa: DTZ001 - a cell has no zone
    )
    imports.carry_out(actor, sent(actor, content, now, "march.xlsx"), now)
    assert stored() == {
        ("lisbon", at(9), "uk", "general"): 2,
        ("lisbon", at(9, 30), "uk", "general"): 3,
    }


def test_a_formula_is_a_fault_not_a_value(actor: Any, now: dt.datetime) -> None:
    content = workbook(
        ("office", "date", "language", "visitors"),
        ("lisbon", "2026-03-02 09:00", "uk", "=1+1"),
    )
    told = imports.preview(actor, sent(actor, content, now, "march.xlsx"), now)
    (fault,) = told.file.faults
    assert (fault.line, fault.column, fault.value) == (2, "visitors", "=1+1")
    assert "rmula" in fault.expected


def test_without_an_office_s_column_one_is_chosen(actor: Any, now: dt.datetime) -> None:
    one = sent(actor, "when,spoken\n2026-03-02T09:10:00Z,uk\n2026-03-02T10:10+01:00,uk\n", now)
    mapping = {"date": 0, "language": 1}
    told = imports.preview(actor, one, now, mapping)
    assert [fault.column for fault in told.file.faults] == ["office"]
    imports.carry_out(actor, one, now, mapping, "lisbon")
    assert stored() == {("lisbon", at(9), "uk", "general"): 2}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"office;date\n",
        b"\x00\x01\x02",
        b"PK\x03\x04 not a workbook",
        b'office;date\n"lisbon;2026',
        b";".join([b"x"] * 41) + b"\n1\n",
    ],
)
def test_what_is_no_table_is_refused_at_the_file(
    actor: Any, now: dt.datetime, content: bytes
) -> None:
    with pytest.raises(Invalid) as refused:
        sent(actor, content, now)
    assert [one.field for one in refused.value.faults] == ["file"]
    assert not Upload.select().exists()


def test_limits_hold_at_their_edge(
    actor: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "ROWS_MOST", 3)
    assert sent(actor, GOOD, now)
    with pytest.raises(Invalid):
        sent(actor, GOOD + "lisbon;02/03/2026;09:10;uk;legal;2\n", now)
    monkeypatch.setattr(sheets, "BYTES_MOST", len(GOOD.encode()))
    assert sent(actor, GOOD, now)
    with pytest.raises(Invalid):
        sent(actor, GOOD + " ", now)


def test_a_small_archive_that_unpacks_huge_is_refused_unread(actor: Any, now: dt.datetime) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (sheets.UNPACKED_MOST + 1))
    with pytest.raises(Invalid, match=r"unpacks|descomprim|MB"):
        sent(actor, out.getvalue(), now, "bomb.xlsx")


def test_a_row_said_to_stand_beyond_every_sheet_is_refused(actor: Any, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refused:
        sent(actor, far_row(2_000_000_000), now, "far.xlsx")
    assert [one.field for one in refused.value.faults] == ["file"]


def test_a_file_is_its_sender_s_and_offices_one_s_own(
    world: SmallWorld, actor: Any, now: dt.datetime
) -> None:
    one = sent(actor, GOOD, now)
    with pytest.raises(NotFound):
        imports.preview(SYSTEM, one, now)
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    told = imports.preview(bound, sent(bound, GOOD, now), now)
    assert [fault.value for fault in told.file.faults] == ["lisbon", "Lisboa"]
    with pytest.raises(Forbidden):
        sent(actor_of(User.get(User.email == world.mediator)), GOOD, now)
