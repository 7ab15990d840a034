from __future__ import annotations

from pathlib import Path

import pytest

from solver.check import check
from solver.formats.nrp import load_nrp, read_nrp
from solver.formats.problem_file import read_problem
from solver.result import BadInput

INSTANCE = """# three nurses, nine days
SECTION_HORIZON
# days
9

SECTION_SHIFTS
E,480,
N,600,E

SECTION_STAFF
A,E=9|N=0,2400,960,3,2,2,1
B,E=9|N=2,3000,0,5,1,1,1

SECTION_DAYS_OFF
A,0,8

SECTION_SHIFT_ON_REQUESTS
A,1,E,4

SECTION_SHIFT_OFF_REQUESTS
B,2,N,3

SECTION_COVER
1,E,2,100,1
1,N,1,50,7
2,N,0,100,7
"""


def test_the_instance_becomes_a_problem_that_reads_back() -> None:
    problem = read_nrp(INSTANCE, "tiny")
    assert read_problem(problem.to_json()) == problem
    assert problem.slot_minutes == 60
    assert (problem.days[1].start, problem.days[1].end) == (18, 36)
    assert problem.shift_by_id["1.N"].worked == tuple(range(26, 36))
    assert problem.weekends == ((5, 6),)
    assert problem.forbidden_successions == (("N", "E"),)


def test_half_hours_make_half_hour_slots() -> None:
    assert read_nrp(INSTANCE.replace("N,600", "N,630"), "tiny").slot_minutes == 30


def test_the_cost_is_the_published_objective() -> None:
    problem = read_nrp(INSTANCE, "tiny")
    roster = [("A", "2.E"), ("A", "3.E"), ("B", "1.E"), ("B", "2.N")]
    # A's wish for 1.E unmet: 4; B's wish against 2.N: 3; 1.E lacks one of two: 100;
    # 1.N lacks its one: 50; 2.N has one too many: 7.
    judgement = check(problem, roster)
    assert judgement.violations == ()
    assert judgement.parts["wishes"] == 7
    assert judgement.parts["cover"] == 157
    assert judgement.cost == 164


@pytest.mark.parametrize(
    ("roster", "rules"),
    [
        ([("A", "1.E"), ("A", "2.E")], []),
        ([("A", "1.E"), ("A", "2.N")], ["kind_max"]),
        ([("A", "0.E"), ("A", "1.E")], ["unavailable"]),
        ([("A", "1.E")], ["week_min_slots", "min_consecutive_days"]),
        (
            [("A", "1.E"), ("A", "2.E"), ("A", "3.E"), ("A", "4.E")],
            ["max_consecutive_days"],
        ),
        ([("A", "1.E"), ("A", "2.E"), ("B", "1.N"), ("B", "2.E")], ["forbidden_succession"]),
    ],
)
def test_what_the_text_forbids_breaks_a_rule(
    roster: list[tuple[str, str]], rules: list[str]
) -> None:
    judgement = check(read_nrp(INSTANCE, "tiny"), roster)
    assert [violation.rule for violation in judgement.violations] == rules


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("\n9\n", "\nnine\n", "line 4"),
        ("E,480,", "E,480.5,", "line 7"),
        ("A,E=9|N=0", "A,E=9|X=0", "line 11"),
        ("B,E=9|N=2,3000,0,5,1,1,1", "B,E=9|N=2,3000,0,5", "line 12"),
        ("A,0,8", "A,0,9", "line 15"),
        ("A,1,E,4", "C,1,E,4", "line 18"),
        ("1,N,1,50,7", "1,N,1,50,-7", "line 25"),
        ("SECTION_COVER", "SECTION_WISHES", "line 23"),
        ("A,E=9|N=0", "A,E=²|N=0", "line 11"),
        ("A,E=9|N=0", f"A,E={'9' * 5000}|N=0", "line 11"),
        ("A,E=9|N=0", f"{'A' * 201},E=9|N=0", "line 11"),
        ("E,480,", f"{'E' * 200},480,", "line 7"),
        ("N,600,E", "N,600,X", "line 8"),
        ("A,E=9|N=0,2400,960,3,2,2,1", "A,E=9|N=0,2400,960,3,2,2,200000", "line 11"),
    ],
)
def test_a_fault_is_named_by_its_line(old: str, new: str, where: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_nrp(INSTANCE.replace(old, new, 1), "tiny")
    assert {fault.id for fault in caught.value.faults} >= {where}


def test_the_longest_names_make_a_problem_that_reads_back() -> None:
    kind, name = "E" * 190, "A" * 190
    text = INSTANCE.replace("E", kind).replace("A", name)
    for section in ("HORIZON", "SHIFTS", "STAFF", "DAYS_OFF", "SHIFT_ON_REQUESTS", "COVER",
                    "SHIFT_OFF_REQUESTS"):  # fmt: skip
        long = f"SECTION_{section}".replace("E", kind).replace("A", name)
        text = text.replace(long + "\n", f"SECTION_{section}\n")
    assert read_problem(read_nrp(text, "tiny").to_json()).mediators[0].id == name


def test_a_year_of_many_shift_types_still_converts() -> None:
    """As large as the largest that are published, and in quarters of an hour."""
    kinds = [f"k{one}" for one in range(32)]
    lines = ["SECTION_HORIZON", "364", "SECTION_SHIFTS"]
    lines += [f"{kind},{(480, 615, 720)[place % 3]}," for place, kind in enumerate(kinds)]
    lines += ["SECTION_STAFF"]
    most = "|".join(f"{kind}=364" for kind in kinds)
    lines += [f"S{one},{most},150000,0,5,1,1,52" for one in range(150)]
    lines += ["SECTION_COVER"]
    lines += [f"{day},{kind},1,100,1" for day in range(364) for kind in kinds]
    problem = read_nrp("\n".join(lines), "year")
    assert problem.slot_minutes == 15
    assert len(read_problem(problem.to_json()).shifts) == 364 * 32


def test_a_weight_may_be_as_high_as_a_cost() -> None:
    text = INSTANCE.replace("1,E,2,100,1", "1,E,2,100000000,1")
    assert read_nrp(text, "tiny").requirements[0].cost == 10**8


def test_an_empty_text_lacks_its_sections(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("")
    with pytest.raises(BadInput) as caught:
        load_nrp(path)
    assert len(caught.value.faults) == 3
