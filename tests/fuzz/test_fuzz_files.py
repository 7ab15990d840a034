"""Files on their way in: whatever is in them, they are read or refused, and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import json
from functools import cache
from types import ModuleType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from drafts import draft, require
from hostile_workbooks import hostile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError
from small_world import SmallWorld, hold_session

from app.models import Arrival, Mediator, Upload, User, database
from app.services import (
    attendance,
    board_import,
    import_reader,
    imports,
    own_calendars,
    people_import,
)
from app.services.errors import Invalid
from app.services.passed import RewritesPassed
from app.services.rights import Actor, actor_of
from training.faults import TrainingFault
from training.workbook_rows import LAST_ROW, cells_told, row_told, rows_of

bounded = settings(
    max_examples=60,
    deadline=dt.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = st.sampled_from(
    """office date time language need visitors codigo nome associacao regime centro linguas
        inicio fim genero horas hours email data hora x""".split()  # noqa: SIM905 - read as words
) | st.text(max_size=8)
WORDS = st.sampled_from(
    """lisbon azores Lisboa uk pt zh legal general aurora private ana bo 02/03/2026 2026-03-02
        09:10 9h29 -1 0 1 2 10001 1e9 NaN inf =1+1 31/02/2026 0001-01-01 9999-12-31 24:00
        pt,uk(native) 2026-03-29T01:30+01:00""".split()  # noqa: SIM905 - read as words
) | st.text(max_size=12)


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.coordinator))


def csv(draw: Any) -> bytes:
    between = draw(st.sampled_from(";,\t"))
    lines = draw(st.lists(st.lists(WORDS, max_size=8), max_size=8))
    header = draw(st.lists(NAMES, max_size=8))
    text = "\n".join(between.join(one) for one in [header, *lines])
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])), "surrogatepass")


CELLS = (
    WORDS
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.none()
)


def xlsx(draw: Any) -> bytes:
    book = Workbook()
    for row in [draw(st.lists(NAMES, max_size=8)), *draw(st.lists(st.lists(CELLS, max_size=8)))]:
        try:
            book.active.append(row)
        except (IllegalCharacterError, ValueError):  # no program writes such a file
            continue
    return saved(book)


def saved(book: Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@cache
def sound_xlsx() -> bytes:
    book = Workbook()
    book.active.append(["office", "date", "time", "language", "visitors"])
    for hour in range(8, 18):
        book.active.append(["lisbon", dt.date(2026, 3, 2), dt.time(hour), "uk", 2])
    return saved(book)


def broken_xlsx(draw: Any) -> bytes:
    """A sound file with some bytes changed or its end cut off."""
    data = bytearray(sound_xlsx())
    for _change in range(draw(st.integers(1, 6))):
        data[draw(st.integers(4, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(4, len(data)))] if draw(st.booleans()) else data)


ROW_NUMBERS = "1 2 2 3 7 40".split()  # noqa: SIM905
ODD_NUMBERS = "0 -1 1.0 1.5 1e3 x 1048576 1048577 2000000000 99999999999999999999".split()  # noqa: SIM905
REFERENCES = "A1 B1 C2 A2 Z3".split()  # noqa: SIM905
ODD_REFERENCES = "ZZ3 XFD1048576 AAAAA1 A0 1A a1 A-1 A A9999999999".split()  # noqa: SIM905
VALUES = st.sampled_from("0 1 2 -1 45999 45999.5 99999999999 1e9 1e999".split())  # noqa: SIM905
ODD_VALUES = st.sampled_from("NaN 2026-03-02T09:00 2026-13-45 09:10 x".split()) | st.text(  # noqa: SIM905
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=6
)
FORMULAS = st.sampled_from(
    [
        "<f>1+1</f>",
        '<f t="shared" si="0" ref="A1:A9">A1+B$1</f>',
        '<f t="shared" si="0"/>',
        '<f t="shared" si="9"/>',
        '<f t="array" ref="A1:B2">A1</f>',
        '<f t="dataTable" ref="A1" r1="B1"/>',
        "<f/>",
    ]
)


def attributes(draw: Any, **values: Any) -> str:
    """Those of `values` that are drawn, as XML; each may be left out."""
    found = ((name, draw(st.none() | one)) for name, one in values.items())
    return "".join(f" {name}={quoteattr(value)}" for name, value in found if value is not None)


def raw_cell(draw: Any, odd: bool) -> str:
    kinds = st.sampled_from(["n", "b", "str", "inlineStr", *(["s", "d", "e", "x"] if odd else [])])
    styles = st.sampled_from(["0", "1", *(["9", "-1", "x"] if odd else [])])
    places = st.sampled_from(REFERENCES + (ODD_REFERENCES if odd else []))
    said = attributes(draw, r=places, t=kinds, s=styles)
    formula = draw(FORMULAS) if draw(st.integers(0, 4)) == 0 else ""
    value = escape(draw(VALUES | ODD_VALUES if odd else VALUES))
    held = draw(st.sampled_from([f"<v>{value}</v>", f"<is><t>{value}</t></is>", "<v/>", ""]))
    return f"<c{said}>{formula}{held}</c>"


def raw_xlsx(draw: Any) -> bytes:
    """A sheet as no program writes it: rows and cells said to stand anywhere."""
    odd = draw(st.booleans())
    numbers = st.sampled_from(ROW_NUMBERS + (ODD_NUMBERS if odd else []))
    spans = st.sampled_from(["1:8", "1:16384", "9999999999:1", "x"])
    rows = []
    for _row in range(draw(st.integers(1, 5))):
        said = attributes(draw, r=numbers, spans=spans, ht=VALUES)
        cells = "".join(raw_cell(draw, odd) for _cell in range(draw(st.integers(0, 5))))
        rows.append(f"<row{said}>{cells}</row>")
    sizes = ["A1", "A1:XFD1048576", "B7:A1", *(["A1:ZZZZZ99999999999", "x"] if odd else [])]
    size = draw(st.none() | st.sampled_from(sizes))
    return hostile(
        "".join(rows),
        styles='<cellXfs><xf/><xf numFmtId="14"/></cellXfs>',
        strings=f"<si><t>{escape(draw(ODD_VALUES))}</t></si><si/>",
        before=f'<dimension ref="{size}"/>' if size else "",
    )


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # of sheets as odd as these
@settings(bounded, max_examples=150)
@given(st.data(), st.sampled_from([xlsx, broken_xlsx, raw_xlsx, raw_xlsx]), st.booleans())
def test_a_workbook_s_rows_are_read_or_refused(data: Any, make: Any, values: bool) -> None:
    """Here without the process apart that the product reads it in, so that more are tried."""
    try:
        rows = list(rows_of(make(data.draw), 20, 12, values))
    except TrainingFault as refused:
        told(refused)
        return
    assert [one.number for one in rows] == sorted({one.number for one in rows})
    for row in rows:
        assert 1 <= row.number <= LAST_ROW
        assert 1 <= len(row.cells) <= 12
        assert repr(row_told(row.number, json.loads(json.dumps(cells_told(row))))) == repr(row)


@st.composite
def files(draw: Any) -> bytes:
    kind = draw(
        st.sampled_from(
            ["bytes", "zip", "csv", "csv", "csv", "csv", "csv", "xlsx", "broken", "raw"]
        )
    )
    if kind == "bytes":
        return draw(st.binary(max_size=300))
    if kind == "zip":
        return b"PK\x03\x04" + draw(st.binary(max_size=300))
    return {"csv": csv, "xlsx": xlsx, "broken": broken_xlsx, "raw": raw_xlsx}[kind](draw)


mappings = st.none() | st.dictionaries(
    st.sampled_from(sorted({*import_reader.FIELDS, *people_import.FIELDS})),
    st.integers(-2, 12),
)


def bring_in(
    service: ModuleType, actor: Actor, content: bytes, mapping: dict[str, int] | None, **more: str
) -> None:
    """As a person would: upload, look, bring in; each may refuse it."""
    now = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
    with database.atomic() as transaction:
        try:
            upload = service.take_in(actor, "file", content, now)
            found = service.preview(actor, upload, now, mapping, **more)
            if found.ready:
                service.carry_out(actor, upload, now, mapping, **more)
                assert not Upload.select().where(Upload.id == upload).exists()
        except Invalid as refused:
            told(refused)
        transaction.rollback()


def told(refused: Invalid | TrainingFault) -> None:
    """A refusal says what is wrong."""
    assert refused.faults


@bounded
@given(files(), mappings, st.sampled_from(["", "lisbon", "nowhere"]))
@example(b"date;language\n31/12/9999 23:59;pt\n", None, "azores")
def test_arrivals_are_read_or_refused(
    coordinator: Actor, content: bytes, mapping: dict[str, int] | None, office: str
) -> None:
    bring_in(imports, coordinator, content, mapping, office=office)
    assert not Arrival.select().exists()


@bounded
@given(files(), mappings)
def test_people_are_read_or_refused(
    coordinator: Actor, content: bytes, mapping: dict[str, int] | None
) -> None:
    people = Mediator.select().count()
    bring_in(people_import, coordinator, content, mapping)
    assert Mediator.select().count() == people


@settings(bounded, max_examples=5)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_a_calendar_file_is_read_or_refused(world: SmallWorld, content: bytes) -> None:
    """The parser itself is tried far more often in tests/calendars/test_busy.py; each file here
    is parsed in a process apart, as it is in the product."""
    actor = actor_of(User.get(User.email == world.mediator))
    now = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
    framed = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + content + b"\r\nEND:VEVENT\r\nEND:VCALENDAR"
    for data in (content, framed):
        try:
            assert own_calendars.take_file(actor, data, now) >= 0
        except Invalid as refused:
            told(refused)


BOARD_NAMES = st.sampled_from(
    "code codigo date data office centro start inicio end fim breaks pausas x".split()  # noqa: SIM905
)
BOARD_WORDS = WORDS | st.sampled_from(
    "ana bo caio 2026-03-09 09/03/2026 2026-03-10 09:00 13:00 17:00 11:00-11:30".split()  # noqa: SIM905
)


@st.composite
def boards(draw: Any) -> bytes:
    """Lines that look like a week's shifts."""
    header = draw(st.permutations(["code", "date", "office", "start", "end"]))
    lines = draw(st.lists(st.lists(BOARD_WORDS, min_size=4, max_size=6), max_size=6))
    named = [draw(BOARD_NAMES) if draw(st.integers(0, 9)) == 0 else one for one in header]
    return "\n".join(";".join(one) for one in [named, *lines]).encode("utf-8", "surrogatepass")


@settings(bounded, max_examples=40)
@given(files() | boards(), st.none() | st.dictionaries(BOARD_NAMES, st.integers(-2, 12)))
@example(b"code;date;office;start;end\nana;2026-03-09;lisbon;09:00;13:00", None)
@example(b"code;date;office;start;end\nana;2026-03-09;lisbon;24:00;00:00", None)
def test_a_week_s_board_is_read_or_refused(
    coordinator: Actor, world: SmallWorld, content: bytes, mapping: dict[str, int] | None
) -> None:
    now = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
    with database.atomic() as transaction:
        for office in (world.lisbon, world.azores):
            require(office, 0, 8, 18)
        roster = draft(world, [], now).id
        try:
            upload = board_import.take_in(coordinator, roster, "board", content, now)
            found = board_import.preview(coordinator, roster, upload, mapping)
            if found.ready:
                board_import.carry_out(coordinator, roster, upload, now, mapping)
        except Invalid as refused:
            told(refused)
        except RewritesPassed:
            pass
        transaction.rollback()


@bounded
@given(files() | boards(), st.text(max_size=200), st.sampled_from(["", "results.csv", "r.xlsx"]))
def test_a_sheet_of_results_is_read_or_refused(
    coordinator: Actor, world: SmallWorld, content: bytes, text: str, name: str
) -> None:
    now = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
    with database.atomic() as transaction:
        session = hold_session(world, now).id
        try:
            cells = attendance.cells_of(text, content if name else b"", name)
            if not attendance.preview(coordinator, session, cells, now).faults:
                attendance.save_sheet(coordinator, session, cells, now)
        except (TrainingFault, Invalid) as refused:
            told(refused)
        transaction.rollback()
