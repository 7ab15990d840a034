"""Small random problems over several weeks that use every rule of the contract."""

from __future__ import annotations

import random

from solver.problem import (
    Assignment,
    Costs,
    Day,
    History,
    Interval,
    Mediator,
    Office,
    Problem,
    Requirement,
    Shift,
    Unsocial,
    WeekLimits,
    Wish,
    WishKind,
)

DAY_SLOTS = 6
KINDS = ("early", "late")


def random_problem(seed: int, *, days: int = 9, mediators: int = 2, locks: bool = False) -> Problem:
    """`days` days of two or three shifts; hard rules tight enough for few legal schedules."""
    rng = random.Random(seed)
    calendar = tuple(
        Day(f"2026-03-{day + 2:02d}", day * DAY_SLOTS, (day + 1) * DAY_SLOTS) for day in range(days)
    )
    split = days // 2 + 1
    weeks = (tuple(range(split)), tuple(range(split, days)))
    offices = (Office("a", rng.choice((None, None, 1))), Office("b", None))
    shifts = []
    for day in range(days):
        start = day * DAY_SLOTS
        shifts.append(Shift(f"{day}.early", "a", day, start, start + 3, (), False, "early"))
        shifts.append(
            Shift(
                f"{day}.late",
                "a",
                day,
                start + 2,
                start + 6,
                (Interval(start + 3, start + 4),),
                True,
                "late",
            )
        )
        if rng.random() < 0.4:
            shifts.append(Shift(f"{day}.b", "b", day, start + 1, start + 4, (), False, None))
    people = tuple(_mediator(rng, f"m{index}", calendar, weeks) for index in range(mediators))
    locked = ()
    if locks:
        locked = (Assignment("m0", rng.choice(shifts).id),)
    previous = None
    if rng.random() < 0.3:
        chosen = rng.sample(shifts, 3)
        previous = tuple({shift.day: Assignment("m0", shift.id) for shift in chosen}.values())
    return Problem(
        name=f"case-{seed}",
        slot_minutes=60,
        days=calendar,
        weeks=weeks,
        offices=offices,
        shifts=tuple(shifts),
        mediators=people,
        requirements=tuple(_requirements(rng, calendar)),
        locked=locked,
        previous=previous,
        costs=Costs(rng.choice((0, 2)), 3),
        weekends=((2, 3), (6, 7)) if days > 7 else ((2, 3),),
        forbidden_successions=(("late", "early"),) if rng.random() < 0.5 else (),
    )


def _mediator(
    rng: random.Random, name: str, days: tuple[Day, ...], weeks: tuple[tuple[int, ...], ...]
) -> Mediator:
    limits = []
    for week in weeks:
        low = rng.choice((0, 3, 6))
        limits.append(
            WeekLimits(
                min_slots=low + rng.choice((0, 3)),
                max_slots=low + rng.choice((6, 9)),
                max_days=rng.choice((3, 4, len(week))),
                hard_min_slots=low if rng.random() < 0.5 else 0,
            )
        )
    busy: tuple[Interval, ...] = ()
    if rng.random() < 0.25:
        start = rng.randrange(len(days)) * DAY_SLOTS + 1
        busy = (Interval(start, start + 2),)
    worked_before = rng.choice((0, 0, 1, 2))
    total = days[-1].end
    wishes = []
    for _ in range(3):
        start = rng.randrange(len(days)) * DAY_SLOTS + rng.randrange(4)
        length = 9 if rng.random() < 0.1 else 2
        kind = rng.choice((WishKind.OFF, WishKind.ON))
        wishes.append(Wish(start, min(total, start + length), kind, rng.randint(1, 6)))
    away = rng.randrange(total - 4)
    return Mediator(
        id=name,
        skills={"lang:uk": None} if rng.random() < 0.6 else {"lang:ru": Interval(0, total // 2)},
        offices={"a": 0, "b": 2} if rng.random() < 0.5 else {"a": 0},
        unavailable=(Interval(away, away + 2),),
        busy=busy,
        shift_slots=(1, DAY_SLOTS),
        max_day_slots=rng.choice((4, 5, 6)),
        weeks=tuple(limits),
        min_rest_slots=rng.choice((0, 2, 3, 4)),
        max_consecutive_days=rng.choice((2, 3, 5)),
        history=History(-rng.choice((0, 1, 2)) if worked_before else None, worked_before),
        wishes=tuple(wishes),
        unsocial=Unsocial(rng.choice((0, 1)), rng.choice((0, 4))),
        min_consecutive_days=rng.choice((1, 2)),
        min_consecutive_off=rng.choice((1, 2, 3)),
        max_weekends=rng.choice((None, 1)),
        kind_max=rng.choice(({}, {"late": 1}, {"early": 2, "late": 2})),
    )


def _requirements(rng: random.Random, days: tuple[Day, ...]) -> list[Requirement]:
    needs = []
    for index, day in enumerate(days):
        for slot in (day.start + 1, day.start + 4):
            for skill in ("lang:uk", "lang:ru"):
                if rng.random() < 0.7:
                    count = rng.choice((1, 1, 2))
                    needs.append(
                        Requirement(
                            f"{slot}.{skill}",
                            "a",
                            slot,
                            slot + 1,
                            (skill,),
                            count,
                            rng.choice((0, count)),
                            10,
                            25,
                            True,
                        )
                    )
        needs.append(
            Requirement(f"{index}.here", "a", day.start, day.start + 2, (), 1, 0, 7, 7, False, 3)
        )
    return needs
