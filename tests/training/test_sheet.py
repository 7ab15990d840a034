"""Results pasted from a sheet: good rows, and every reason against the others."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from training.faults import TrainingFault
from training.records import Result
from training.sheet import (
    MOST_BYTES,
    MOST_LINES,
    Known,
    SheetRow,
    SheetSettings,
    read_sheet,
    read_text,
)
from training.workbook import read_workbook

PEOPLE = [
    Known(1, "Fatou Sané", "fatou@example.org", "M001"),
    Known(2, "José Sá", "jose@example.org", "M002"),
    Known(3, "Ana Lima", "ana@example.org", "M003"),
    Known(4, "Ana Lima", "lima@example.org", "M004"),
]
DAY = date(2026, 5, 4)
SETTINGS = SheetSettings(date(2026, 5, 1), date(2026, 5, 31), day=DAY)


def read(text, settings=SETTINGS):
    return read_sheet(read_text(text), PEOPLE, settings)


def faults(text, settings=SETTINGS):
    return [(fault.thing, fault.field, fault.value) for fault in read(text, settings).faults]


def test_a_paste_is_read_by_its_headings():
    pasted = (
        "Mediador\tResultado\tMinutos\tNota\tSala\r\n"
        "Fatou Sané\tAprovado\t180\tmuito bem\tA\r\n"
        "\r\n"
        "josé  sá\treprovada\t\t\tB\r\n"
    )
    assert read(pasted).all_or_nothing() == (
        SheetRow(2, 1, Result.PASSED, DAY, 180, "muito bem"),
        SheetRow(4, 2, Result.FAILED, DAY, None, ""),
    )


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffresult;e-mail;date\npassed;FATOU@example.org;2026-05-04\n".encode(),
        "Avaliação,N.º,Data\nApto,m001,04/05/2026\n",
        "Avaliação;Número;Dia\nsim;M001;04.05.2026\n".encode("cp1252"),
        'Nome;Presença;Data\n"Fatou Sané";X;4/5/2026\n'.encode("cp1252"),
        "name\tresult\tdate\nFatou Sane\tyes\t2026-05-04 00:00:00",
    ],
)
def test_any_separator_order_encoding_and_date_form(data):
    (row,) = read(data).all_or_nothing()
    assert (row.row, row.mediator, row.result, row.on) == (2, 1, Result.PASSED, DAY)


@pytest.mark.parametrize("result", list(Result))
@pytest.mark.parametrize(
    ("yes", "no"), [("aprovada", "reprovada"), ("sim", "não"), ("1", "0"), ("X", "falso")]
)
@pytest.mark.parametrize("away", ["faltou", "Falta", "ausente", "absent"])
def test_the_usual_words_for_each_result(result, yes, no, away):
    word = {Result.PASSED: yes, Result.FAILED: no, Result.ABSENT: away}[result]
    (row,) = read(f"nome\tresultado\nFatou Sané\t{word}").rows
    assert row.result is result


def test_every_bad_row_has_every_reason_and_good_rows_are_shown():
    text = (
        "nome\temail\tresultado\tdata\tminutos\n"
        "Fatou Sané\t\taprovado\t\t\n"
        "Ninguém\t\ttalvez\t31/04/2026\t-5\n"
        "Ana Lima\t\tsim\t\t\n"
        "Ana Lima\tlima@example.org\tsim\t2026-06-01\t60001\n"
        "Fatou Sané\tjose@example.org\tsim\t\t\n"
        "\tfatou@example.org\tnão\t\t\n"
        "\t\tsim\t\t\n"
    )
    assert faults(text) == [
        ("row 3", "person", "'Ninguém'"),
        ("row 3", "result", "'talvez'"),
        ("row 3", "date", "'31/04/2026'"),
        ("row 3", "minutes", "'-5'"),
        ("row 4", "person", "'Ana Lima'"),
        ("row 5", "date", "2026-06-01"),
        ("row 5", "minutes", "'60001'"),
        ("row 6", "person", "'Fatou Sané' and 'jose@example.org'"),
        ("row 7", "person", "'fatou@example.org'"),
        ("row 8", "person", "''"),
    ]
    reading = read(text)
    assert [row.row for row in reading.rows] == [2]
    assert "2 people have this name" in str(reading.faults[4])
    assert "one result for a person; row 2 has one" in str(reading.faults[8])
    with pytest.raises(TrainingFault) as caught:
        reading.all_or_nothing()
    assert caught.value.faults == reading.faults


@pytest.mark.parametrize(
    ("day", "good"),
    [("2026-04-30", False), ("2026-05-01", True), ("2026-05-31", True), ("2026-06-01", False)],
)
def test_the_day_at_its_limits_and_one_past(day, good):
    assert (not faults(f"nome\tresultado\tdata\nFatou Sané\tsim\t{day}")) is good


def test_a_day_is_asked_for_where_the_session_gives_none():
    settings = SheetSettings(DAY, DAY)
    assert faults("nome\tresultado\nFatou Sané\tsim", settings) == [("row 2", "date", "''")]


def test_only_those_enrolled_and_without_a_result():
    settings = SheetSettings(DAY, DAY, day=DAY, enrolled={1, 3}, recorded={3})
    text = "n.º\tresultado\nM001\tsim\nM002\tsim\nM003\tsim"
    found = read(text, settings)
    assert [row.mediator for row in found.rows] == [1]
    assert ["enrolled" in fault.expected for fault in found.faults] == [True, False]
    assert "correct the one there is" in found.faults[1].expected


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", ["rows"]),
        ("\n \t\n", ["rows"]),
        ("nome\tresultado\n", ["rows"]),
        ("quem\tquando\nFatou\tontem", ["name", "result"]),
        ("nome\tname\tresultado\tresult\nA\tB\tC\tD", ["name", "result"]),
        ("nome\nFatou Sané", ["result"]),
    ],
)
def test_a_table_that_is_none_or_has_other_columns_is_refused_whole(text, fields):
    with pytest.raises(TrainingFault) as caught:
        read(text)
    assert [fault.field for fault in caught.value.faults] == fields


def test_rows_and_bytes_at_their_limit_and_one_past():
    def of(rows):
        return "nome\tresultado\n" + "Ninguém\tsim\n" * rows

    settings = SheetSettings(DAY, DAY, day=DAY, most_rows=3)
    assert len(read(of(3), settings).faults) == 3
    with pytest.raises(TrainingFault, match="rows is 4, expected at most 3"):
        read(of(4), settings)
    line = b"x" * 99 + b"\n"
    assert len(read_text(line * (MOST_BYTES // 100))) == MOST_BYTES // 100
    with pytest.raises(TrainingFault, match=f"at most {MOST_BYTES}"):
        read_text(line * (MOST_BYTES // 100) + b"x")
    assert len(read_text("\n" * MOST_LINES)) == MOST_LINES
    with pytest.raises(TrainingFault, match=f"at most {MOST_LINES}"):
        read_text("\n" * 1_000_000)


@pytest.mark.parametrize("data", [b"PK\x03\x04\x00\x00", "nome\0"])
def test_what_is_no_text_is_refused(data):
    with pytest.raises(TrainingFault, match="a table as text or CSV"):
        read_text(data)


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_read_like_a_paste():
    data = workbook(
        ["Nome", "Resultado", "Data", "Minutos"],
        ["Fatou Sané", True, datetime(2026, 5, 4, tzinfo=UTC).replace(tzinfo=None), 180.0],
        ["José Sá", 0, date(2026, 5, 5), None],
    )
    assert read_sheet(read_workbook(data), PEOPLE, SETTINGS).all_or_nothing() == (
        SheetRow(2, 1, Result.PASSED, DAY, 180, ""),
        SheetRow(3, 2, Result.FAILED, date(2026, 5, 5), None, ""),
    )


def test_a_workbook_of_too_many_rows_is_refused_without_reading_them_all():
    data = workbook(["nome", "resultado"], *[["Ninguém", "sim"]] * 20)
    cells = read_workbook(data, most_rows=10)
    assert len(cells) == 12
    with pytest.raises(TrainingFault, match="rows is 11, expected at most 10"):
        read_sheet(cells, PEOPLE, SheetSettings(DAY, DAY, day=DAY, most_rows=10))


def packed(parts, name="x", content=b""):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(parts):
            archive.writestr(f"{name}{number}", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "contents"),
        (b"nome\tresultado", "contents"),
        (packed(1), "contents"),
        (packed(1001), "parts"),
        (packed(6, content=bytes(10_000_000)), "unpacked"),
        (b"x" * (MOST_BYTES + 1), "bytes"),
    ],
)
def test_what_is_no_workbook_or_too_much_of_one_is_refused(data, field):
    with pytest.raises(TrainingFault) as caught:
        read_workbook(data)
    assert [fault.field for fault in caught.value.faults] == [field]


CELLS = st.sampled_from(
    ["nome", "resultado", "email", "data", "Fatou Sané", "Ana Lima", "sim", "não", "", "2026-05-04",
     "ana@example.org", '"', "x\ty", "\n", ";", "😀", "99"]
) | st.text(max_size=5)  # fmt: skip


@given(st.lists(st.lists(CELLS, max_size=5).map("\t".join), max_size=6).map("\n".join))
def test_any_paste_is_read_or_refused_and_no_row_is_both(text):
    try:
        reading = read(text)
    except TrainingFault as fault:
        refused = fault.faults
    else:
        refused = ()
        good = [row.row for row in reading.rows]
        bad = {int(fault.thing.removeprefix("row ")) for fault in reading.faults}
        assert not bad & set(good)
        assert len({row.mediator for row in reading.rows}) == len(good)
        assert good == sorted(good)
    assert refused or reading.rows or reading.faults


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(data):
    for reader in (read_text, read_workbook):
        try:
            cells = reader(data)
        except TrainingFault:
            continue
        assert all(isinstance(cell, str) for row in cells for cell in row)


def test_many_dates_have_many_minutes():
    (row,) = read("nome\tresultado\tminutos\nFatou Sané\tsim\t1800").all_or_nothing()
    assert row.minutes == 5 * 6 * 60
