"""A problem of many offices, large enough that laying it out takes more than a moment."""

from __future__ import annotations

import random
from typing import Any

from small_problem import mediator, problem, requirement, shift

from solver.formats.problem_file import read_problem
from solver.problem import Problem


def network(offices: int, people: int) -> Problem:
    """A week; everyone works at their own office or the next one, and speaks three languages."""
    draw = random.Random(offices * people)
    names = [f"o{index}" for index in range(offices)]
    languages = [f"lang:{index}" for index in range(8)]
    shifts = [
        shift(f"{name}.{day}.{start}.{length}", day, start, start + length, office=name)
        for name in names
        for day in range(7)
        for start in range(7, 15)
        for length in (4, 6, 8)
    ]
    asked = [
        requirement(
            f"{name}.{language}.{slot}", slot, slot + 1, office=name, needs=[language],
            count=draw.randint(1, 4), cost=draw.randint(5, 15), minimum_cost=30,
        )
        for name in names
        for day in range(7)
        for slot in range(24 * day + 8, 24 * day + 20)
        for language in languages
        if draw.random() < 0.5
    ]  # fmt: skip
    return read_problem(
        problem(
            offices=[{"id": name, "capacity": 40} for name in names],
            shifts=shifts,
            mediators=[_person(index, names, languages, draw) for index in range(people)],
            requirements=asked,
            costs={"under_slot": 2, "change": 0},
        )
    )


def _person(
    index: int, names: list[str], languages: list[str], draw: random.Random
) -> dict[str, Any]:
    home = index % len(names)
    most = draw.randint(30, 40)
    return mediator(
        f"m{index}",
        offices={names[home]: 0, names[(home + 1) % len(names)]: 3},
        skills=dict.fromkeys(draw.sample(languages, 3)),
        shift_slots=[4, 8],
        weeks=[{"min_slots": most - 4, "max_slots": most, "max_days": 5}],
        min_rest_slots=11,
    )
