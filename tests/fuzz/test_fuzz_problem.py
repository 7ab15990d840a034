"""Problem files: any JSON is a problem or is refused with its faults, and nothing else."""

from __future__ import annotations

import copy
import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver import Problem, check
from solver.formats.json_file import parse_json
from solver.formats.problem_file import read_problem
from solver.result import BadInput

EXAMPLE = Path(__file__).parents[1] / "solver" / "data" / "example-problem.json"
bounded = settings(
    max_examples=150,
    deadline=dt.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["ana", "faro", "mon-early", "lang:pt", "2026-03-02", 0, 1, -1, 48]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)


@cache
def sound() -> dict[str, Any]:
    return json.loads(EXAMPLE.read_text())


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, by the keys that lead there."""
    if not isinstance(data, dict | list):
        return []
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    return [one for key, inner in entries for one in [(*path, key), *places(inner, (*path, key))]]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """The example with some places replaced, taken out or doubled."""
    data = copy.deepcopy(sound())
    for _change in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(data)))
        around = data
        for key in path[:-1]:
            around = around[key]
        what = draw(st.sampled_from(["replace", "replace", "take out", "double"]))
        if what == "replace":
            around[path[-1]] = draw(VALUES)
        elif what == "take out":
            del around[path[-1]]
        elif isinstance(around, list):
            around.append(copy.deepcopy(around[path[-1]]))
    return data


def told(refused: BadInput) -> None:
    """A refusal says what is wrong."""
    assert refused.faults


def read_or_refused(data: Any) -> None:
    try:
        problem = Problem.from_json(data)
    except BadInput as refused:
        told(refused)
        return
    assert read_problem(problem.to_json()) == problem
    assert check(problem, ()).cost >= 0


@bounded
@given(changed())
def test_a_file_that_is_nearly_right(data: Any) -> None:
    read_or_refused(data)


@bounded
@given(VALUES)
def test_any_json(data: Any) -> None:
    read_or_refused(data)


@bounded
@given(st.binary(max_size=200) | changed().map(lambda data: json.dumps(data).encode()[:-40]))
def test_any_bytes(content: bytes) -> None:
    try:
        read_or_refused(parse_json(content, "file"))
    except BadInput as refused:
        told(refused)
