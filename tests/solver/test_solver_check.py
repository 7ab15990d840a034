from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import naive_judge
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import problems, rosters
from small_problem import mediator, problem, shift

from solver import Change, Draft, Problem, check
from solver.formats.problem_file import load_problem, read_problem
from solver.formats.roster_file import load_roster


@pytest.mark.parametrize(
    ("roster", "verdict"),
    [
        ("example-roster.json", "example-check.json"),
        ("example-roster-broken.json", "example-check-broken.json"),
    ],
)
def test_the_worked_examples_come_out_to_the_unit(
    data_folder: Path, roster: str, verdict: str
) -> None:
    problem = load_problem(data_folder / "example-problem.json")
    judged = check(problem, load_roster(data_folder / roster)).to_json()
    assert judged == json.loads((data_folder / verdict).read_text())


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_the_judge_agrees_with_a_naive_one(data: st.DataObject) -> None:
    problem = data.draw(problems())
    roster = data.draw(rosters(problem))
    judged = check(problem, roster)
    expected = naive_judge.judge(problem, roster)
    assert dict(judged.parts) == expected["parts"]
    assert sorted(violation.rule for violation in judged.violations) == expected["rules"]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_draft_edited_is_judged_as_a_whole_roster_would_be(data: st.DataObject) -> None:
    problem = data.draw(problems())
    draft = Draft(problem, data.draw(rosters(problem)))
    for _ in range(data.draw(st.integers(0, 4))):
        changes = [
            Change(
                data.draw(st.sampled_from(problem.mediators)).id,
                chosen.day,
                data.draw(st.sampled_from([None, chosen.id])),
            )
            for chosen in data.draw(st.lists(st.sampled_from(problem.shifts), max_size=3))
        ]
        before = draft.judgement
        edited = draft.with_changes(changes)
        assert draft.judgement == before
        draft = edited
    judged = check(problem, draft.assignments)
    assert draft.parts == judged.parts
    assert draft.is_legal == (not judged.violations)
    assert sorted(map(repr, draft.violations)) == sorted(map(repr, judged.violations))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_the_order_of_a_roster_and_a_pickled_problem_change_nothing(data: st.DataObject) -> None:
    problem = data.draw(problems())
    roster = data.draw(rosters(problem))
    judged = check(problem, roster)
    shuffled = data.draw(st.permutations(roster))
    copied: Problem = pickle.loads(pickle.dumps(problem))
    assert copied == problem
    assert check(copied, shuffled).parts == judged.parts


def test_judging_explaining_and_repairing_import_no_optimiser(data_folder: Path) -> None:
    program = (
        "import sys, solver, solver.__main__ as m;"
        f"m.main(['check', {str(data_folder / 'example-problem.json')!r},"
        f" {str(data_folder / 'example-roster.json')!r}]);"
        "bad = {'ortools', 'highspy', 'numpy', 'scipy'} & set(sys.modules);"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_day_that_differs_costs_once_whatever_was_published_there() -> None:
    shifts = [shift("s", 0, 8, 12), shift("t", 0, 12, 16)]
    world = problem(1, shifts=shifts, mediators=[mediator("ana")],
                    costs={"under_slot": 0, "change": 20})  # fmt: skip

    def change(previous: list[str], roster: list[str]) -> int:
        world["previous"] = [{"mediator": "ana", "shift": one} for one in previous]
        return check(read_problem(world), [("ana", one) for one in roster]).parts["change"]

    assert change(["s", "s"], ["s"]) == 0
    assert change(["s", "s"], []) == 20
    assert change(["s", "t"], ["s"]) == 20
    assert change(["s", "t"], []) == 20
    assert change(["s"], ["t"]) == 20
    assert change([], ["s", "t"]) == 40  # as the worked example counts them
