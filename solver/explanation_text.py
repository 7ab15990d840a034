"""An explanation as lines of English, for the command."""

from __future__ import annotations

from collections.abc import Iterator

from solver.causes import Cause, HeldBack
from solver.explain import CauseTotal, Explanation, Shortfall, WorstGap
from solver.problem import Problem
from solver.speaker_value import SpeakerValue

MOST_VALUES = 15

WORDS = {
    Cause.NOT_QUALIFIED: "not qualified at that time",
    Cause.ON_LEAVE: "on leave or unavailable",
    Cause.IN_TRAINING: "in training",
    Cause.IN_BREAK: "in a break",
    Cause.ELSEWHERE: "at another office",
    Cause.DEARER: "used for something dearer",
    Cause.OTHER_HOURS: "there at other hours",
    Cause.NO_SHIFT: "no shift covers it",
    Cause.DAY_LIMIT: "at the day's limit",
    Cause.WEEK_LIMIT: "at the week's limit",
    Cause.REST_LIMIT: "held back by rest",
    Cause.LOCKED: "locked elsewhere in the day",
    Cause.CAPACITY: "the office is full",
    Cause.OFF: "off, and could come",
}


def text_of(problem: Problem, explanation: Explanation) -> Iterator[str]:
    """Line by line; times are hours since the day's midnight, as elapsed."""
    if not explanation.shortfalls:
        yield "Cover is short nowhere."
    else:
        yield "Where cover is short, and what holds back those who could help:"
    for one in explanation.shortfalls:
        yield from _shortfall(problem, one)
    yield from _totals(explanation.totals)
    if explanation.worst_gap is not None:
        yield from _worst(problem, explanation.worst_gap)
    yield from _values(explanation.values)


def _shortfall(problem: Problem, one: Shortfall) -> Iterator[str]:
    minimum = f", {one.below_minimum} of them below the minimum" if one.below_minimum else ""
    yield (
        f"{one.office}  {when(problem, one.start, one.end)}  {needs_text(one.needs)}: "
        f"{one.missing} missing{minimum}, cost {one.cost}"
    )
    if one.nobody_holds_it:
        elsewhere = ", ".join(one.at_other_offices) or "nobody at all"
        yield f"    nobody of this office holds it; at other offices: {elsewhere}"
    by_cause: dict[Cause, list[str]] = {}
    for person in one.people:
        by_cause.setdefault(person.cause, []).append(_person(person))
    for cause, people in by_cause.items():
        yield f"    {WORDS[cause]}: {', '.join(people)}"


def _person(person: HeldBack) -> str:
    if person.serves is not None:
        return f"{person.mediator} (for {needs_text(person.serves)})"
    if person.rule is not None:
        return f"{person.mediator} ({person.rule})"
    return person.mediator


def _totals(totals: tuple[CauseTotal, ...]) -> Iterator[str]:
    if totals:
        yield ""
        yield "By cause (a slot short for several causes counts with each):"
    for one in totals:
        words = "nobody of the office holds it" if one.cause is None else WORDS[one.cause]
        yield (
            f"    {words:30} cost {one.cost:7}   missing in slots {one.short_slots:6}"
            f"   people in slots {one.person_slots:6}"
        )


def _worst(problem: Problem, worst: WorstGap) -> Iterator[str]:
    gap = worst.shortfall
    yield ""
    yield (
        f"Worst gap: {gap.office}  {when(problem, gap.start, gap.end)}  {needs_text(gap.needs)}, "
        f"cost {gap.cost}. It takes {worst.people_missing} more who hold it, there throughout."
    )
    for closer in worst.closers:
        instead = f" instead of {closer.was}" if closer.was else ""
        yield (
            f"    {closer.mediator} working {closer.shift}{instead}: the roster's cost changes by "
            f"{closer.cost_change:+}, and {closer.gap_cost} of cover is left there"
        )
    if not worst.closers:
        yield "    none of the staff can help without breaking a rule"


def _values(values: tuple[SpeakerValue, ...]) -> Iterator[str]:
    saving = [one for one in values if one.always]
    if saving:
        yield ""
        yield "One more person would save (cover counted again exactly, nobody else moved):"
    for one in saving[:MOST_VALUES]:
        yield (
            f"    {one.office}  {needs_text(one.needs):28} {one.one_person:7} with the best shift "
            f"of five days a week, {one.always} if always there"
        )


def needs_text(needs: tuple[str, ...]) -> str:
    return " + ".join(needs) or "anyone"


def when(problem: Problem, start: int, end: int) -> str:
    """`2026-03-02 08:30-10:00`, in time elapsed since the day's midnight."""
    day = problem.days[problem.day_of_slot[start]]
    clock = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (
        (slot - day.start) * problem.slot_minutes for slot in (start, end)
    ))  # fmt: skip
    return f"{day.date} {'-'.join(clock)}"
