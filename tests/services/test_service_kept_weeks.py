"""Weeks kept read: what is near a roster that is known is judged by the difference, exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drafts import shift_id, week_problem
from small_world import SmallWorld

from app.services import kept_weeks
from app.services.kept_weeks import KeptWeek, week_of_text
from solver import Assignment, Draft, check


def shifts(problem: Any, *picks: tuple[str, int, int]) -> tuple[Assignment, ...]:
    """(mediator, day, start hour) of shifts of eight hours at Lisbon."""
    return tuple(
        Assignment(who, shift_id(problem, "lisbon", day, starts, starts + 8))
        for who, day, starts in picks
    )


def test_a_roster_near_to_a_known_one_is_judged_as_a_whole_one_would_be(
    world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = week_problem(world)
    week = KeptWeek(problem)
    before = shifts(problem, ("ana", 0, 9), ("ana", 1, 9), ("eva", 0, 10))
    after = shifts(problem, ("ana", 0, 9), ("ana", 2, 10), ("eva", 0, 10), ("eva", 1, 9))
    whole = Draft(problem, after)
    week.draft(before)
    made: list[object] = []
    monkeypatch.setattr(kept_weeks, "Draft", lambda *given: made.append(given))

    found = week.draft(after)

    assert made == []
    assert found.judgement == whole.judgement
    assert set(found.assignments) == set(after)
    for slot in range(problem.days[0].start, problem.days[2].end):
        assert list(found.servers("lisbon", slot)) == list(whole.servers("lisbon", slot))


def test_two_shifts_on_a_day_and_shifts_nobody_knows_are_judged_whole(world: SmallWorld) -> None:
    problem = week_problem(world)
    week = KeptWeek(problem)
    before = shifts(problem, ("ana", 0, 9))
    twice = (*before, *shifts(problem, ("ana", 0, 10)))
    unknown = (*before, Assignment("nobody", before[0].shift))
    week.judgement(before)

    assert week.judgement(twice) == check(problem, twice)
    assert week.judgement(unknown) == check(problem, unknown)


def test_edits_of_one_week_let_no_other_go(world: SmallWorld) -> None:
    problem = week_problem(world)
    text, other = json.dumps(problem.to_json()), json.dumps(problem.to_json() | {"name": "other"})
    given = shifts(problem, ("ana", 0, 9))
    kept = week_of_text(other).draft(given)
    for day in range(5):
        for starts in (9, 10):
            week_of_text(text).draft(shifts(problem, ("ana", day, starts)))

    assert week_of_text(other).draft(given) is kept


def test_what_is_asked_for_again_stays_longest(
    world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A published roster that is looked at all day outlasts the edits of a draft of its week."""
    problem = week_problem(world)
    week = KeptWeek(problem)
    monkeypatch.setattr(kept_weeks, "_ROSTERS_KEPT", 2)
    monkeypatch.setattr(kept_weeks, "_PARTS_KEPT", 2)
    monkeypatch.setattr(kept_weeks, "_NEAR", 0)
    rosters = [shifts(problem, ("ana", day, 9)) for day in range(3)]
    published = week.draft(rosters[0])
    judged = week.judgement(rosters[0])
    part = week.part("published", lambda: object())
    for edit in rosters[1:]:
        week.draft(edit)
        week.judgement(edit)
        week.part(edit, lambda: object())

        assert week.draft(rosters[0]) is published
        assert week.judgement(rosters[0]) is judged
        assert week.part("published", lambda: object()) is part
