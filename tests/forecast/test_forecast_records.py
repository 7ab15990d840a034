"""Reading arrival records, and naming every fault of a bad one."""

import gzip

import pytest

from forecast.faults import BadInput
from forecast.records import read_records

GOOD = "start,count\n2026-03-02 08:00,3\n2026-03-02 08:30,0\n2026-03-03 08:00,5\n"


def faults_of(path):
    with pytest.raises(BadInput) as bad:
        read_records(path)
    return [(int(f.where.split()[-1]), f.field, f.value) for f in bad.value.faults]


def test_a_single_series(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(GOOD)
    record = read_records(path)
    assert record.languages == ("",)
    assert record.grid.slot_minutes == 30
    assert record.counts.ravel().tolist() == [3, 0, 5]
    assert record.grid.slots.tolist() == [16, 17, 16]


def test_gzip_byte_order_mark_column_order_and_other_columns(tmp_path):
    path = tmp_path / "a.csv.gz"
    text = "\ufeffmean,count, series ,start\n1.5,2,uk,2026-03-02T08:00\n1,7,pt,2026-03-02T09:00\n"
    path.write_bytes(gzip.compress(text.encode()))
    record = read_records(path)
    assert record.languages == ("uk", "pt")
    assert record.grid.slot_minutes == 60
    assert record.counts[:, :, 0].tolist() == [[2, 0], [0, 7]]


def test_offsets_tell_the_two_hours_of_an_autumn_night_apart(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "start,count\n2026-10-25 00:00+01:00,1\n2026-10-25 01:00+00:00,3\n"
        "2026-10-25 01:00+01:00,2\n2026-10-25 02:00+00:00,4\n"
    )
    record = read_records(path)
    assert record.counts.ravel().tolist() == [1, 2, 3, 4]
    assert record.grid.slots.tolist() == [0, 1, 1, 2]
    path.write_text("start,count\n2026-10-25 01:00,1\n2026-10-25 01:00,3\n")
    assert faults_of(path) == [(3, "start", "2026-10-25 01:00")]


@pytest.mark.parametrize(
    ("times", "minutes"),
    [
        (["2026-03-02 00:00", "2026-03-03 00:00"], 1440),
        (["2026-03-02 08:00", "2026-03-02 08:15", "2026-03-02 09:00", "2026-03-02 09:15"], 15),
    ],
)
def test_the_slot_is_found(tmp_path, times, minutes):
    path = tmp_path / "a.csv"
    path.write_text("start,count\n" + "".join(f"{time},1\n" for time in times))
    assert read_records(path).grid.slot_minutes == minutes


def test_every_bad_cell_is_named(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(
        "start,count,series\n"
        "2026-03-02 08:00,3,pt\n"
        "yesterday,4,pt\n"
        "2026-03-02 08:30,-1,pt\n"
        "2026-03-02 09:00,2.5,pt\n"
        "2026-03-02 09:30,,\n"
        "2026-03-02 10:00,1\n"
        "2026-03-02 08:00,9,pt\n"
        "2026-03-02 10:07,9,pt\n"
        "\n"
        "2026-03-02 10:30,x,uk\n"
        "2026-03-02 11:00,1,uk\n"
        "2026-03-02 11:30,1,uk\n"
    )
    assert faults_of(path) == [
        (3, "start", "yesterday"),
        (4, "count", "-1"),
        (5, "count", "2.5"),
        (6, "count", ""),
        (6, "series", ""),
        (7, "row", "2026-03-02 10:00,1"),
        (8, "start", "2026-03-02 08:00"),
        (9, "start", "2026-03-02 10:07"),
        (11, "count", "x"),
    ]


def test_missing_columns_empty_files_and_what_is_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("when,how many\n1,2\n")
    assert [fault[1] for fault in faults_of(path)] == ["header", "header"]
    path.write_text("")
    assert [fault[1] for fault in faults_of(path)] == ["header", "header"]
    path.write_text("start,count\n")
    assert faults_of(path) == [(2, "row", "")]
    path.write_bytes(b"\xff\xfe\x00")
    assert [fault[1] for fault in faults_of(path)] == ["file"]
    assert [fault[1] for fault in faults_of(tmp_path / "absent.csv")] == ["file"]
    packed = tmp_path / "a.csv.gz"
    packed.write_text(GOOD)
    assert [fault[1] for fault in faults_of(packed)] == ["file"]


def test_a_column_named_twice_and_a_cell_without_end_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("start,count,start\n2026-03-02 08:00,1,2026-03-02 09:00\n")
    assert faults_of(path) == [(1, "header", "start,count,start")]
    path.write_text("start,count\n2026-03-02 08:00," + "9" * 200_000 + "\n")
    assert [fault[:2] for fault in faults_of(path)] == [(2, "row")]


def test_a_count_has_a_bound(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("start,count\n2026-03-02 08:00,1000000000\n2026-03-02 08:30,1000000001\n")
    assert faults_of(path) == [(3, "count", "1000000001")]
