"""XLSX files out of any hand: read, or refused within what one file may cost."""

import datetime as dt
import io

import pytest
from hostile_workbooks import (
    far_row,
    hostile,
    line,
    many_styles,
    same_text,
    shared_formula,
    wide_row,
)
from openpyxl import Workbook

from training.faults import TrainingFault
from training.sheet import MOST_LINES
from training.workbook import read_workbook
from training.workbook_apart import rows_apart
from training.workbook_rows import LAST_ROW, Formula, Row, rows_of


def refused(data, **limits):
    with pytest.raises(TrainingFault) as caught:
        rows_apart(data, 20_000, 40, **limits)
    return [fault.field for fault in caught.value.faults]


def test_the_process_says_what_the_reader_says_of_every_kind_of_cell():
    book = Workbook()
    book.active.append(
        ["é\n", 7, 2.5, True, dt.date(2026, 3, 2), dt.time(9, 10), dt.datetime(2026, 3, 2, 9)]  # noqa: DTZ001 - a cell has no zone
    )
    book.active.append([])
    book.active.append([None, "=1+1", None, " "])
    kept = io.BytesIO()
    book.save(kept)
    rows = rows_apart(kept.getvalue(), 100, 40)
    assert rows == list(rows_of(kept.getvalue(), 100, 40))
    assert rows[0].cells[:4] == ("é\n", 7, 2.5, True)
    assert rows[0].cells[5:] == (dt.time(9, 10), dt.datetime(2026, 3, 2, 9))  # noqa: DTZ001
    assert rows[1] == Row(3, (None, Formula("=1+1")))


def test_rows_are_read_to_the_last_that_a_spreadsheet_has_and_refused_below():
    assert [row.number for row in rows_apart(far_row(LAST_ROW), 100, 40)] == [1, 2, LAST_ROW]
    assert refused(far_row(LAST_ROW + 1)) == ["rows"]


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (wide_row(1_000_000), {"memory_mb": 96}),
        (many_styles(500_000), {"memory_mb": 96}),
        (shared_formula(8_000, 20_000), {"seconds": 1}),
    ],
    ids=["a row of a million cells", "half a million fonts", "a long formula shared by many"],
)
def test_what_takes_too_much_work_is_refused(data, limits):
    assert len(data) < 120_000
    assert refused(data, **limits) == ["reading"]


def test_a_text_shown_by_many_cells_is_not_multiplied_without_end():
    with pytest.raises(TrainingFault, match="signs"):
        rows_apart(same_text(1_000_000, 30), 100, 40)


def test_what_comes_of_the_reading_is_bounded_in_bytes_too():
    """A sign outside the alphabets takes four of them: it was held whole, twelve a sign."""
    assert refused(same_text(1_000, 9_000, "\N{MUSICAL SYMBOL G CLEF}")) == ["cells"]


def test_a_file_of_many_parts_and_one_that_is_cut_say_what_they_are():
    whole = line(1, "nome", "data")
    assert refused(hostile(whole, more=1_000)) == ["parts"]
    with pytest.raises(TrainingFault, match="contents is not XLSX"):
        rows_apart(hostile(whole)[:-40], 100, 40)


def test_a_sheet_of_results_keeps_the_numbers_of_its_lines():
    data = hostile(line(2, "nome", "resultado") + line(5, "ana", "sim"))
    assert read_workbook(data) == [[], ["nome", "resultado"], [], [], ["ana", "sim"]]
    with pytest.raises(TrainingFault, match=f"lines is {MOST_LINES + 1}"):
        read_workbook(far_row(MOST_LINES + 1))
