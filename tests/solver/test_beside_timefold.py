"""What Timefold is told of a problem, against the judge. Timefold itself is not needed."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import problems
from small_problem import mediator, problem, requirement, shift

from solver.check import check
from solver.formats.problem_file import read_problem
from solver.problem import Assignment, Problem
from solver.result import Judgement

sys.path.append(str(Path(__file__).parents[1] / "bench"))
from timefold_choices import facts_of, roster_of
from timefold_facts import FREE, Choice, Facts, cell_cost, run_faults

RUN_RULES = {"max_consecutive_days", "min_consecutive_days", "min_consecutive_off"}
RULES_OF_ONE_SHIFT = {"office", "unavailable", "shift_slots", "max_day_slots", "one_shift_a_day"}


def test_a_choice_for_each_day_becomes_a_roster() -> None:
    told = read_problem(
        problem(
            days=2,
            shifts=[
                shift("mon", 0, 8, 16),
                shift("mon-long", 0, 8, 20),
                shift("tue", 1, 8, 16),
            ],
            mediators=[
                mediator("ana", shift_slots=[8, 8]),
                mediator("rui", unavailable=[[0, 24]]),
            ],
            requirements=[requirement("pt", 8, 16)],
        )
    )
    facts = facts_of(told)
    offered = [[choice.shift for choice in one.choices] for one in facts.days]
    assert offered == [[FREE, "mon"], [FREE, "tue"], [FREE], [FREE, "tue"]]

    chosen = [(one.person.id, one.choices[-1].shift) for one in facts.days]
    roster = roster_of(chosen)
    assert roster == (
        Assignment("ana", "mon"),
        Assignment("ana", "tue"),
        Assignment("rui", "tue"),
    )
    assert check(told, roster).cost == 0


@given(problems(), st.data())
@settings(max_examples=60, deadline=None)
def test_facts_count_what_the_judge_counts(told: Problem, data: st.DataObject) -> None:
    facts = facts_of(told)
    chosen = [data.draw(st.sampled_from(one.choices)) for one in facts.days]
    judgement = check(
        told,
        roster_of(
            (one.person.id, choice.shift) for one, choice in zip(facts.days, chosen, strict=True)
        ),
    )
    assert cover_of(told, facts, chosen) == judgement.parts["cover"]
    assert wishes_of(facts, chosen) == judgement.parts["wishes"]

    broken = broken_rules(judgement)
    locked = {one.mediator for one in told.locked}
    chosen_so = broken - broken_rules(check(told, ()))
    assert not {one for one in chosen_so if one[0] in RULES_OF_ONE_SHIFT and one[1] not in locked}
    masks: dict[int, int] = defaultdict(int)
    for one, choice in zip(facts.days, chosen, strict=True):
        masks[one.person.index] |= choice.on_duty << one.day
    for one in facts.days:
        faults = run_faults(one.person, masks[one.person.index])
        assert bool(faults) == any((rule, one.person.id) in broken for rule in RUN_RULES)


def broken_rules(judgement: Judgement) -> set[tuple[str, Any]]:
    """Each broken rule, with the mediator who breaks it."""
    return {(one.rule, one.details.get("mediator")) for one in judgement.violations}


def cover_of(told: Problem, facts: Facts, chosen: list[Choice]) -> int:
    """Of every place asked for, by the facts."""
    empty = sum(
        need.shortfall_cost(need.count) * (need.end - need.start) for need in told.requirements
    )
    serving: dict[int, list[int]] = defaultdict(list)
    cells = {}
    for one, choice in zip(facts.days, chosen, strict=True):
        for cell in choice.cells:
            cells[cell.index] = cell
            serving[cell.index].append(one.person.serves.get(cell.index, 0))
    return empty - sum(
        cell.empty_cost - cell_cost(cell, serving[index]) for index, cell in cells.items()
    )


def wishes_of(facts: Facts, chosen: list[Choice]) -> int:
    numbers: dict[int, set[int]] = defaultdict(set)
    for one, choice in zip(facts.days, chosen, strict=True):
        numbers[one.person.index].add(choice.number)
    return sum(
        wish.cost for wish in facts.asked if bool(wish.touching & numbers[wish.person]) == wish.off
    )
