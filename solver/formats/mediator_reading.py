"""The mediators of an `escala-problem/1`."""

from __future__ import annotations

from collections.abc import Collection

from solver.formats.fields import Fields, is_integer
from solver.formats.limits import MOST_COST, MOST_COUNT, MOST_SLOTS
from solver.problem import (
    Day,
    History,
    Interval,
    Mediator,
    Unsocial,
    WeekLimits,
    Wish,
    WishKind,
)


def read_mediator(
    one: Fields, days: tuple[Day, ...], week_count: int | None, office_ids: Collection[str]
) -> Mediator:
    horizon = days[-1].end if days else MOST_SLOTS
    busy = one.intervals("busy", 0, horizon)
    one.refuse_overlaps("busy", busy)
    for span in busy:
        if days and not any(day.start <= span.start and span.end <= day.end for day in days):
            one.fault("busy", list(span), "an interval within one day")
    history = one.part("history")
    unsocial = one.part("unsocial")
    return Mediator(
        id=one.text("id"),
        skills=_skills(one, horizon),
        offices=_office_costs(one, office_ids),
        unavailable=one.intervals("unavailable", 0, horizon),
        busy=tuple(sorted(busy)),
        shift_slots=_shift_slots(one),
        max_day_slots=one.integer("max_day_slots", 0, MOST_SLOTS),
        weeks=_week_limits(one, week_count),
        min_rest_slots=one.integer("min_rest_slots", 0, MOST_SLOTS),
        max_consecutive_days=one.integer("max_consecutive_days", 0, MOST_COUNT),
        history=History(
            last_end=history.optional_integer("last_end", -MOST_SLOTS, 0),
            consecutive_days=history.integer("consecutive_days", 0, MOST_COUNT),
        ),
        wishes=_wishes(one, horizon),
        unsocial=Unsocial(
            free=unsocial.integer("free", 0, MOST_COUNT),
            cost=unsocial.integer("cost", 0, MOST_COST),
        ),
        min_consecutive_days=one.integer("min_consecutive_days", 1, MOST_COUNT, default=1),
        min_consecutive_off=one.integer("min_consecutive_off", 1, MOST_COUNT, default=1),
        max_weekends=one.optional_integer("max_weekends", 0, MOST_COUNT),
        kind_max=_kind_max(one),
    )


def _skills(one: Fields, horizon: int) -> dict[str, Interval | None]:
    return {
        skill: None if span is None else one.interval(f"skills.{skill}", span, 0, horizon)
        for skill, span in one.mapping("skills").items()
    }


def _office_costs(one: Fields, office_ids: Collection[str]) -> dict[str, int]:
    costs = one.mapping("offices")
    for office, cost in costs.items():
        one.refuse_unknown("offices", office, office_ids, "an office")
        if not is_integer(cost) or not 0 <= cost <= MOST_COST:
            one.fault(f"offices.{office}", cost, f"a whole number from 0 to {MOST_COST}")
    return dict(costs)


def _kind_max(one: Fields) -> dict[str, int]:
    limits = one.mapping("kind_max", optional=True)
    for kind, most in limits.items():
        if not is_integer(most) or not 0 <= most <= MOST_COUNT:
            one.fault(f"kind_max.{kind}", most, f"a whole number from 0 to {MOST_COUNT}")
    return dict(limits)


def _shift_slots(one: Fields) -> tuple[int, int]:
    value = one.data.get("shift_slots", "(missing)")
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(is_integer(slots) for slots in value)
        and 0 <= value[0] <= value[1] <= MOST_SLOTS
    ):
        return value[0], value[1]
    one.fault("shift_slots", value, "[min, max] worked slots with 0 <= min <= max")
    return 0, 0


def _week_limits(one: Fields, week_count: int | None) -> tuple[WeekLimits, ...]:
    values = one.items("weeks")
    listed = isinstance(one.data.get("weeks"), list)
    if listed and week_count is not None and len(values) != week_count:
        one.fault("weeks", f"{len(values)} entries", f"one for each of {week_count} weeks")
    limits = []
    for index, value in enumerate(values):
        week = Fields(one.faults, one.owner, one.at(f"weeks[{index}]"), value)
        if not week.clean:
            continue
        limit = WeekLimits(
            min_slots=week.integer("min_slots", 0, MOST_SLOTS),
            max_slots=week.integer("max_slots", 0, MOST_SLOTS),
            max_days=week.integer("max_days", 0, MOST_COUNT),
            hard_min_slots=week.integer("hard_min_slots", 0, MOST_SLOTS, default=0),
        )
        if week.sound("min_slots", "max_slots") and limit.min_slots > limit.max_slots:
            week.fault("min_slots", limit.min_slots, f"at most max_slots, {limit.max_slots}")
        limits.append(limit)
    return tuple(limits)


def _wishes(one: Fields, horizon: int) -> tuple[Wish, ...]:
    wishes = []
    for index, value in enumerate(one.items("wishes")):
        wish = Fields(one.faults, one.owner, one.at(f"wishes[{index}]"), value)
        if not wish.clean:
            continue
        start, end = wish.integer("start", 0, horizon), wish.integer("end", 0, horizon)
        kind = wish.data.get("kind")
        if kind not in ("off", "on"):
            wish.fault("kind", kind, "'off' or 'on'")
            kind = "off"
        cost = wish.integer("cost", 0, MOST_COST)
        if wish.sound("start", "end") and end <= start:
            wish.fault("end", end, f"a slot after the start, {start}")
        wishes.append(Wish(start, end, WishKind(kind), cost))
    return tuple(wishes)
