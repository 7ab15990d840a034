from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problem import mediator, problem, requirement, shift

from solver.formats.json_file import load_json, parse_json, write_json
from solver.formats.problem_file import load_problem, read_problem, save_problem
from solver.formats.roster_file import load_roster, read_roster, save_roster
from solver.problem import Interval, Problem
from solver.result import BadInput


@pytest.fixture
def example(data_folder: Path) -> dict[str, Any]:
    return json.loads((data_folder / "example-problem.json").read_text())


def faults_of(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        read_problem(data)
    return [(fault.id, fault.field) for fault in caught.value.faults]


def test_the_example_is_read_field_by_field(example: dict[str, Any]) -> None:
    problem = read_problem(example)
    ana = problem.mediators[0]
    assert problem.slot_count == 48
    assert problem.offices[0].capacity == 2
    assert problem.shifts[0].worked == (8, 9, 10, 11, 13, 14, 15)
    assert ana.skills == {"lang:pt": None, "lang:uk": None, "cert:legal": Interval(0, 30)}
    assert ana.busy == (Interval(38, 41),)
    assert ana.history.last_end == -4
    assert problem.requirements[4].excess_cost == 2
    assert problem.previous is not None
    assert problem.previous[0] == ("caio", "tue-late")


def test_what_is_written_reads_back_equal(example: dict[str, Any], tmp_path: Path) -> None:
    example["mediators"][0].update(max_weekends=1, kind_max={"late": 2}, min_consecutive_off=2)
    example["shifts"][0]["kind"] = "early"
    example["weekends"] = [[0, 1]]
    example["forbidden_successions"] = [["late", "early"]]
    example["mediators"][1]["weeks"][0]["hard_min_slots"] = 7
    problem = read_problem(example)
    save_problem(tmp_path / "problem.json", problem)
    assert load_problem(tmp_path / "problem.json") == problem
    assert Problem.from_json(problem.to_json()) == problem


def test_a_gzipped_file_is_read(example: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "problem.json.gz"
    path.write_bytes(gzip.compress(json.dumps(example).encode()))
    assert load_problem(path) == read_problem(example)


WRONG = [
    (("format",), "escala-problem/2", "format"),
    (("name",), "", "name"),
    (("name",), "\ud800", "name"),
    (("slot_minutes",), 25, "slot_minutes"),
    (("slot_minutes",), True, "slot_minutes"),
    (("days",), [], "days"),
    (("days", 1, "start"), 23, "days[1].start"),
    (("days", 1, "date"), "2026-03-04", "days[1].date"),
    (("days", 1, "date"), "soon", "days[1].date"),
    (("days", 1, "date"), "20260303", "days[1].date"),
    (("days", 1, "date"), "2026-W10-2", "days[1].date"),
    (("days", 0, "date"), "9999-12-31", "days[1].date"),
    (("days", 0, "date"), "0001-01-01", "days[1].date"),
    (("weeks",), [[0]], "weeks"),
    (("weeks",), [[1]], "weeks"),
    (("weeks",), [[0, 2]], "weeks[0]"),
    (("offices", 0, "capacity"), -1, "offices[0].capacity"),
    (("shifts", 1, "id"), "mon-early", "shifts[1].id"),
    (("shifts", 0, "office"), "porto", "shifts[0].office"),
    (("shifts", 0, "day"), 2, "shifts[0].day"),
    (("shifts", 0, "day"), 1, "shifts[0].start"),
    (("shifts", 0, "end"), 8, "shifts[0].end"),
    (("shifts", 3, "end"), 49, "shifts[3].end"),
    (("shifts", 0, "breaks"), [[12, 13], [12, 14]], "shifts[0].breaks"),
    (("shifts", 0, "breaks"), [[7, 9]], "shifts[0].breaks[0]"),
    (("shifts", 0, "breaks"), [[8, 16]], "shifts[0].breaks"),
    (("shifts", 0, "unsocial"), 0, "shifts[0].unsocial"),
    (("mediators", 0, "skills", "lang:uk"), [5, 5], "mediators[0].skills.lang:uk"),
    (("mediators", 0, "offices"), {"porto": 0}, "mediators[0].offices"),
    (("mediators", 0, "offices"), {"faro": -1}, "mediators[0].offices.faro"),
    (("mediators", 0, "unavailable"), [[9, 8]], "mediators[0].unavailable[0]"),
    (("mediators", 0, "unavailable"), [[0, 49]], "mediators[0].unavailable[0]"),
    (("mediators", 0, "busy"), [[20, 30]], "mediators[0].busy"),
    (("mediators", 0, "busy"), [[2, 5], [4, 6]], "mediators[0].busy"),
    (("mediators", 0, "shift_slots"), [5, 4], "mediators[0].shift_slots"),
    (("mediators", 0, "weeks"), [], "mediators[0].weeks"),
    (("mediators", 0, "weeks", 0, "min_slots"), 15, "mediators[0].weeks[0].min_slots"),
    (("mediators", 0, "history", "last_end"), 1, "mediators[0].history.last_end"),
    (("mediators", 0, "history"), None, "mediators[0].history"),
    (("mediators", 0, "wishes", 0, "kind"), "maybe", "mediators[0].wishes[0].kind"),
    (("mediators", 0, "wishes", 0, "end"), 12, "mediators[0].wishes[0].end"),
    (("mediators", 0, "unsocial", "cost"), 1.5, "mediators[0].unsocial.cost"),
    (("mediators", 0, "min_consecutive_off"), 0, "mediators[0].min_consecutive_off"),
    (("mediators", 0, "kind_max"), {"late": "two"}, "mediators[0].kind_max.late"),
    (("requirements", 0, "minimum"), 2, "requirements[0].minimum"),
    (("requirements", 0, "minimum_cost"), 9, "requirements[0].minimum_cost"),
    (("requirements", 0, "needs"), ["lang:uk", "lang:uk"], "requirements[0].needs"),
    (("requirements", 0, "end"), 49, "requirements[0].end"),
    (("requirements", 0, "excess_cost"), 1, "requirements[0].excess_cost"),
    (("requirements", 0, "cost"), float("nan"), "requirements[0].cost"),
    (("locked",), [{"mediator": "zoe", "shift": "tue-half"}], "locked[0].mediator"),
    (("previous",), [{"mediator": "ana", "shift": "x"}], "previous[0].shift"),
    (("costs", "change"), "20", "costs.change"),
    (("weekends",), [[1, 0]], "weekends[0]"),
    (("forbidden_successions",), [["late"]], "forbidden_successions[0]"),
]


@pytest.mark.parametrize(("place", "value", "field"), WRONG)
def test_each_fault_is_found_and_named_once(
    example: dict[str, Any], place: tuple[str | int, ...], value: Any, field: str
) -> None:
    holder: Any = example
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    assert [found for _, found in faults_of(example)] == [field]


def test_all_faults_come_at_once_with_their_ids(example: dict[str, Any]) -> None:
    example["shifts"][0]["end"] = 3
    del example["mediators"][1]["max_day_slots"]
    example["requirements"][2]["minimum"] = 5
    example["locked"] = [{"mediator": "zoe", "shift": "tue-half"}]
    assert faults_of(example) == [
        ("mon-early", "shifts[0].end"),
        ("bo", "mediators[1].max_day_slots"),
        ("pt", "requirements[2].minimum"),
        ("problem", "locked[0].mediator"),
    ]


def test_one_fault_of_an_entry_hides_none_of_its_others(example: dict[str, Any]) -> None:
    example["name"] = 5
    example["slot_minutes"] = 7
    example["shifts"][0].update(office="nowhere", start=9, end=9, breaks=[[9, 1]], unsocial=1)
    example["requirements"][0].update(office="no", start=5, end=2, exclusive="x", minimum=5)
    assert [field for _, field in faults_of(example)] == [
        "name",
        "slot_minutes",
        "shifts[0].unsocial",
        "shifts[0].office",
        "shifts[0].end",
        "shifts[0].breaks[0]",
        "requirements[0].exclusive",
        "requirements[0].office",
        "requirements[0].end",
        "requirements[0].minimum",
    ]


def test_a_day_of_unknown_length_echoes_nowhere(example: dict[str, Any]) -> None:
    example["days"][1]["end"] = "late"
    example["days"][0]["date"] = None
    assert [field for _, field in faults_of(example)] == ["days[0].date", "days[1].end"]


def test_a_day_far_longer_than_any_is_refused() -> None:
    endless = problem(1, requirements=[requirement(f"r{one}", 0, 2_000) for one in range(24)])
    endless["days"][0]["end"] = 900_000
    assert [field for _, field in faults_of(endless)] == ["days[0].end"]


def test_a_shift_far_longer_than_any_is_refused() -> None:
    data = problem(2, shifts=[shift("long", 0, 8, 10_009)])
    data["days"][0]["end"] = data["days"][1]["start"] = 9_000
    data["days"][1]["end"] = 18_000
    assert [field for _, field in faults_of(data)] == ["shifts[0].end"]


@pytest.mark.parametrize("field", ["shifts", "requirements", "mediators"])
def test_more_slots_than_memory_holds_are_refused(field: str) -> None:
    entries = {
        "shifts": shift("one", 0, 0, 9_000),
        "requirements": requirement("one", 0, 9_000),
        "mediators": mediator("one", busy=[[0, 9_000]]),
    }
    data = problem(1)
    data["days"][0]["end"] = 9_000
    data[field] = [{**entries[field], "id": str(one)} for one in range(112)]
    assert [found for _, found in faults_of(data)] == [field]
    data[field].pop()
    assert read_or_none(data) is not None


def test_a_fault_says_what_it_found_and_expected(example: dict[str, Any]) -> None:
    example["requirements"][2]["minimum"] = 5
    with pytest.raises(BadInput) as caught:
        read_problem(example)
    assert str(caught.value) == "pt: requirements[2].minimum is 5, expected at most the count, 2"


@pytest.mark.parametrize("data", [None, 3, [], "text", [[]], {}, {"format": "escala-problem/1"}])
def test_something_else_altogether_is_refused(data: Any) -> None:
    assert faults_of(data)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"9" * 5000,
        b'{"id": "x", "end": 1, "end": 2}',
    ],
)
def test_hostile_texts_are_refused(text: bytes) -> None:
    with pytest.raises(BadInput):
        parse_json(text)


def test_a_key_given_twice_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        parse_json('{"shifts": [{"id": "x", "end": 1, "end": 2}]}')
    assert [(fault.id, fault.field) for fault in caught.value.faults] == [("x", "end")]


def test_a_missing_file_and_a_torn_gzip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load_json(tmp_path / "none.json")
    torn = tmp_path / "torn.json.gz"
    torn.write_bytes(gzip.compress(b"[" + b"1," * 5000 + b"1]")[:-30])
    with pytest.raises(BadInput):
        load_json(torn)


def test_a_million_faults_are_counted_not_listed(example: dict[str, Any]) -> None:
    example["offices"] = [{}] * 5000
    with pytest.raises(BadInput) as caught:
        read_problem(example)
    assert len(caught.value.faults) == 1001
    assert "more" in caught.value.faults[-1].value


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.data())
def test_any_value_in_any_field_is_read_or_refused(data: st.DataObject) -> None:
    path = Path(__file__).parent / "data" / "example-problem.json"
    example = copy.deepcopy(json.loads(path.read_text()))
    holder: Any = example
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            holder[key] = data.draw(JSON_VALUES)
            break
        holder = inner
    problem = read_or_none(example)
    assert problem is None or read_problem(problem.to_json()) == problem


def read_or_none(data: Any) -> Problem | None:
    """The problem, or None where it is refused; anything else than `BadInput` fails the test."""
    try:
        return read_problem(data)
    except BadInput:
        return None


def test_a_roster_reads_back_equal(data_folder: Path, tmp_path: Path) -> None:
    roster = load_roster(data_folder / "example-roster.json")
    assert roster.cost == 214
    assert len(roster.assignments) == 4
    save_roster(tmp_path / "roster.json", roster)
    assert load_roster(tmp_path / "roster.json") == roster


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "escala-problem/1"),
        ("problem", 3),
        ("status", "fine"),
        ("cost", -1),
        ("bound", 1.5),
        ("seconds", float("inf")),
        ("seconds", 10**400),
        ("assignments", {}),
        ("assignments", [{"mediator": "ana"}]),
    ],
)
def test_a_wrong_roster_is_refused(data_folder: Path, field: str, value: Any) -> None:
    data = json.loads((data_folder / "example-roster.json").read_text())
    data[field] = value
    with pytest.raises(BadInput) as caught:
        read_roster(data)
    assert len(caught.value.faults) == 1


def test_all_faults_of_a_roster_come_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        read_roster({"format": "escala-roster/1", "status": "fine", "assignments": [{}]})
    assert [fault.field for fault in caught.value.faults] == [
        "problem",
        "status",
        "assignments[0].mediator",
        "assignments[0].shift",
    ]


def test_the_longest_name_a_folder_takes_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("r" * 250 + ".json")
    write_json(path, {"new": 1})
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "roster.json"
    write_json(path, {"old": 1})
    with pytest.raises(TypeError):
        write_json(path, {"new": object()})
    assert json.loads(path.read_text()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [path]
