"""The catalogue of shift shapes: which shifts an office's day could hold.

Wall-clock hours become slots here. A shape is a start, a length of work and at most one break of
the regime's length, placed so that no stretch of work is longer than the law allows
(CT 213: at most five hours on end).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BREAK_STEP_SLOTS = 1
"""Breaks are offered at every slot, so that a desk need not empty at one o'clock."""
START_STEP_SLOTS = 1


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """One contract's way of working, in slots."""

    worked_slots: int
    """Work of one shift, breaks left out."""
    longest_stretch_slots: int
    break_slots: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A shift in slots of the horizon."""

    start: int
    end: int
    breaks: tuple[tuple[int, int], ...]


def shapes_of_day(opening: Iterable[tuple[int, int]], rules: Iterable[ShapeRule]) -> list[Shape]:
    """Every shape within the day's opening intervals (slots, half-open), earliest first.

    Work longer than one stretch has a break inside. Where the office shuts over noon, a shift may
    span the pause, which is then its break. An opening shorter than every shift is one shift.
    """
    intervals = sorted(opening)
    found = {shape for rule in set(rules) for shape in _shapes_of_rule(intervals, rule)}
    return sorted(found, key=lambda shape: (shape.start, shape.end, shape.breaks))


def _shapes_of_rule(intervals: list[tuple[int, int]], rule: ShapeRule) -> Iterator[Shape]:
    for opens, closes in intervals:
        if rule.worked_slots <= rule.longest_stretch_slots:
            yield from _unbroken(opens, closes, rule.worked_slots)
        else:
            yield from _broken(opens, closes, rule)
    for (opens, pause), (resumes, closes) in itertools.pairwise(intervals):
        yield from _spanning(opens, pause, resumes, closes, rule)


def _unbroken(opens: int, closes: int, worked: int) -> Iterator[Shape]:
    for start in range(opens, closes - worked + 1, START_STEP_SLOTS):
        yield Shape(start, start + worked, ())


def _broken(opens: int, closes: int, rule: ShapeRule) -> Iterator[Shape]:
    length = rule.worked_slots + rule.break_slots
    earliest = max(rule.worked_slots - rule.longest_stretch_slots, rule.worked_slots // 3)
    latest = min(rule.longest_stretch_slots, rule.worked_slots - rule.worked_slots // 3)
    for start in range(opens, closes - length + 1, START_STEP_SLOTS):
        for before in range(earliest, latest + 1, BREAK_STEP_SLOTS):
            pause = start + before
            yield Shape(start, start + length, ((pause, pause + rule.break_slots),))


def _spanning(
    opens: int, pause: int, resumes: int, closes: int, rule: ShapeRule
) -> Iterator[Shape]:
    """Shifts across the hours in which the office is shut, those hours being the break."""
    for before in range(1, min(pause - opens, rule.longest_stretch_slots) + 1):
        after = rule.worked_slots - before
        if 1 <= after <= min(closes - resumes, rule.longest_stretch_slots):
            yield Shape(pause - before, resumes + after, ((pause, resumes),))
