"""docs/roster-problem.md is true: its fields, rules, costs, commands and its example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from solver import COST_TERMS, RULE_NAMES
from solver import problem as sp
from solver.__main__ import BAD_INPUT, EXIT_CODES, INTERRUPTED, VIOLATIONS, main
from solver.check import check
from solver.costs import TERMS
from solver.formats import json_file, limits
from solver.formats.problem_file import read_problem
from solver.formats.problem_writing import write_problem
from solver.formats.roster_file import read_roster
from solver.infeasible import conflict
from solver.result import BadInput, Result, Status

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/roster-problem.md").read_text()
PROBLEM, ROSTER, JUDGED = (
    json.loads(one) for one in re.findall(r"```json\n(.+?)```", DOCUMENT, re.DOTALL)
)


def section(heading: str) -> str:
    """From a heading of any depth to the next."""
    return re.split(r"^#+ ", DOCUMENT.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.M)[0]


def told(text: str) -> set[str]:
    """The words in code: `{id, capacity}` tells of two."""
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", code)}


@pytest.mark.parametrize(
    ("heading", "classes"),
    [
        ("A problem", (sp.Problem, sp.Day, sp.Office, sp.Assignment, sp.Costs)),
        ("A shift", (sp.Shift,)),
        ("A mediator", (sp.Mediator, sp.WeekLimits, sp.History, sp.Wish, sp.Unsocial)),
        ("A requirement", (sp.Requirement,)),
    ],
)
def test_every_field_is_told_where_it_belongs(heading: str, classes: tuple[Any, ...]) -> None:
    known = {
        name
        for one in classes
        for name in (one._fields if hasattr(one, "_fields") else [f.name for f in fields(one)])
    }
    assert known - told(section(heading)) == set()


def test_the_fields_told_of_a_list_are_those_that_are_read() -> None:
    """Nothing told that the format does not have."""
    written = write_problem(read_problem(PROBLEM))
    for heading, one in (("A shift", "shifts"), ("A requirement", "requirements")):
        (braced, *_) = re.findall(r"`\{([^}]+)\}`", section(heading))
        assert set(braced.split(", ")) == set(written[one][0]) - {"excess_cost", "kind"}
    rows = set(re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", section("A mediator"), re.M))
    named = {word for row in rows for word in re.findall(r"\w+", row)}
    assert named == {one.name for one in fields(sp.Mediator)}


def test_the_roster_s_fields_and_states() -> None:
    text = section("A roster")
    assert set(Result("x", Status.OPTIMAL, 0, 0, 0.0, ()).to_json()) | set(Status) <= told(text)


def names_in_rows(heading: str) -> Iterator[str]:
    for row in re.findall(r"^\| (`.+?) \|", section(heading), re.M):
        yield from re.findall(r"`(\w+)`", row)


def test_every_rule_and_cost_term_is_told_and_no_other() -> None:
    assert sorted(names_in_rows("Rules")) == sorted(RULE_NAMES)
    assert tuple(names_in_rows("Costs")) == COST_TERMS == tuple(one.NAME for one in TERMS)


def test_the_example_is_a_problem_and_costs_what_is_said() -> None:
    problem = read_problem(PROBLEM)
    roster = read_roster(ROSTER)
    assert check(problem, roster).to_json() == JUDGED
    assert ROSTER["cost"] == JUDGED["cost"]


def test_the_commands_take_what_is_told_and_end_as_told(capsys: pytest.CaptureFixture[str]) -> None:
    text = section("Commands")
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = capsys.readouterr().out
    commands = re.findall(r"^    (\w+) ", listed, re.M)
    assert [*commands] == re.findall(r"^\| `(\w+) [A-Z-]", text, re.M)
    for command in commands:
        with pytest.raises(SystemExit):
            main([command, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--output"}
        row = next(one for one in text.splitlines() if one.startswith(f"| `{command} "))
        assert set(re.findall(r"--[a-z-]+", row)) == options
    assert re.search(r"solve .*0 with a roster, 3 if there is none, 4 if none", text)
    assert [EXIT_CODES[one] for one in Status] == [0, 0, 3, 4]
    assert (BAD_INPUT, VIOLATIONS, INTERRUPTED) == (2, 1, 130)


def test_every_fact_that_may_collide_is_told() -> None:
    written = {
        name
        for path in (ROOT / "solver").rglob("*.py")
        for name in re.findall(r'"fact": "(\w+)"', path.read_text())
    }
    assert len(written) >= 7
    assert written | {"fact", "facts", "no_schedule"} <= told(section("Commands"))


def test_what_says_that_the_offices_have_no_room_is_told() -> None:
    full = deepcopy(PROBLEM)
    full["offices"][0]["capacity"] = 1
    for mediator in full["mediators"]:
        mediator["weeks"][0] |= {"hard_min_slots": 14}
    (violation,) = conflict(read_problem(full))
    assert violation.details["facts"] == []
    assert {*violation.details} - {"week"} <= told(section("Commands"))


REFUSED: tuple[tuple[tuple[str | int, ...], Any, str], ...] = (
    (("name",), "", "name"),
    (("name",), "x" * 201, "name"),
    (("shifts", 1, "end"), 49, "shifts[1].end"),
    (("previous",), [{"mediator": "ana", "shift": "gone"}], "previous[0].shift"),
    (("previous",), [{"mediator": "gone", "shift": "mon"}], "previous[0].mediator"),
    (("locked",), [{"mediator": "ana", "shift": "gone"}], "locked[0].shift"),
    (("mediators", 0, "weeks", 0, "min_slots"), 17, "mediators[0].weeks[0].min_slots"),
    (("mediators", 0, "shift_slots"), [8, 4], "mediators[0].shift_slots"),
    (("mediators", 0, "wishes", 0, "end"), 49, "mediators[0].wishes[0].end"),
    (("requirements", 0, "minimum"), 2, "requirements[0].minimum"),
    (("requirements", 0, "minimum_cost"), 9, "requirements[0].minimum_cost"),
    (("requirements", 0, "needs"), ["lang:uk", "lang:uk"], "requirements[0].needs"),
    (("requirements", 0, "excess_cost"), 1, "requirements[0].excess_cost"),
    (("requirements", 0, "count"), limits.MOST_COUNT + 1, "requirements[0].count"),
)


@pytest.mark.parametrize(("place", "value", "field"), REFUSED)
def test_what_is_told_to_be_refused_is_refused(
    place: tuple[str | int, ...],
    value: Any,
    field: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = deepcopy(PROBLEM)
    within: Any = problem
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = value
    with pytest.raises(BadInput) as refused:
        read_problem(problem)
    assert [one.field for one in refused.value.faults] == [field]
    for name, held in (("problem", problem), ("roster", ROSTER)):
        (tmp_path / name).write_text(json.dumps(held))
    assert main(["check", str(tmp_path / "problem"), str(tmp_path / "roster")]) == BAD_INPUT
    printed = json.loads(capsys.readouterr().out)
    assert {*printed, *printed["faults"][0], printed["status"]} <= told(section("Commands"))


def test_the_limits_told_are_those_that_hold() -> None:
    found = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]{3,}", DOCUMENT)[-5:]]
    assert found == [
        limits.MOST_SLOTS,
        limits.MOST_DAY_SLOTS,
        limits.MOST_COUNT,
        limits.MOST_ENTRIES,
        limits.MOST_COST,
    ]
    assert json_file.MOST_BYTES == 256 * 2**20
