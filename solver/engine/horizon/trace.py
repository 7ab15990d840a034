"""The options of the best paths, from the last day back, all members of a crew at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.engine.horizon.frames import Frame
from solver.engine.horizon.space import Bools, Ints

if TYPE_CHECKING:
    from solver.engine.horizon.paths import CrewPaths, Layer

NOWHERE = -(1 << 40)
"""The value of a state that does not exist."""


def trace(paths: CrewPaths, legal: Bools) -> list[Ints | None]:
    """For each member solved for: the options of a best path; None for who has none."""
    who = np.flatnonzero(legal)
    chosen = np.full((paths.size, paths.space.days), -1, dtype=np.int64)
    if len(who):
        walk = _Walk(paths, who)
        for day in range(paths.space.days - 1, -1, -1):
            chosen[who, day] = walk.back(day)
    return [row[row >= 0] if ok else None for row, ok in zip(chosen, legal.tolist(), strict=True)]


@dataclass
class _States:
    """Where each member stands; `label` counts only for who is on duty."""

    off: Bools
    label: Ints
    place: Ints
    """Index of the run on duty, or of the days off."""
    counters: Ints
    """[counters, members] their values."""


class _Walk:
    def __init__(self, paths: CrewPaths, who: Ints) -> None:
        self._paths = paths
        self._who = who
        self._rows = np.arange(len(who))
        self._zeros = np.zeros(len(who), dtype=np.int64)
        self._none = np.full(len(who), -1, dtype=np.int64)
        self._at = self._best(paths.entries[-1], paths.frames.settled[-1])

    def _best(self, last: Layer, frame: Frame) -> _States:
        rows = np.arange(len(self._who))
        duty = last.duty[self._who].reshape(len(rows), -1)
        rest = last.off[self._who].reshape(len(rows), -1)
        at_duty, at_rest = duty.argmin(axis=1), rest.argmin(axis=1)
        off = rest[rows, at_rest] <= duty[rows, at_duty]
        label, run, *counters = np.unravel_index(at_duty, last.duty.shape[1:])
        place, *others = np.unravel_index(at_rest, last.off.shape[1:])
        values = [np.where(off, b, a) for a, b in zip(counters, others, strict=True)]
        lows = np.array([[low] for low, _ in frame])
        where = np.asarray(np.where(off, place, run), dtype=np.int64)
        return _States(off, np.asarray(label, dtype=np.int64), where, np.array(values) + lows)

    def back(self, day: int) -> Ints:
        """Step from the end of a day to its eve; the options taken, -1 for none."""
        paths, at = self._paths, self._at
        if paths.entries[day + 1] is not paths.closings[day]:
            self._unsettle(day)
        value = self._value(day)
        self._day = day
        self._tables: dict[tuple[int, ...], tuple[Ints, Ints]] = {}
        self._options = self._none.copy()
        self._lost = np.ones(len(value), dtype=bool)
        self._new = _States(at.off.copy(), at.label.copy(), at.place.copy(), at.counters.copy())
        if at.off.any():
            self._back_from_rest(value)
        if not at.off.all():
            self._back_from_duty(value)
        if self._lost.any():
            raise AssertionError("a state without an origin")
        self._at = self._new
        return self._options

    def _value(self, day: int) -> Ints:
        """What each member's best path costs up to the end of the day."""
        layer, at = self._paths.closings[day], self._at
        index = self._index(self._paths.frames.closing[day], at.counters)
        rest = layer.off[(self._who, np.minimum(at.place, self._paths.offs - 1), *index)]
        label = np.clip(at.label, 0, layer.duty.shape[1] - 1)
        place = np.minimum(at.place, self._paths.runs - 1)
        duty = layer.duty[(self._who, label, place, *index)]
        return np.asarray(np.where(at.off, rest, duty), dtype=np.int64)

    @staticmethod
    def _index(frame: Frame, counters: Ints) -> list[Ints]:
        return [values - low for values, (low, _) in zip(counters, frame, strict=False)]

    def _unsettle(self, day: int) -> None:
        """The units and duty days of the week before it was settled."""
        paths, at = self._paths, self._at
        layer, frame = paths.closings[day], paths.frames.closing[day]
        pay = paths.pay(paths.week_of[day])[self._who]
        index = [c - low for c, (low, _) in zip(at.counters[:-2], frame[:-2], strict=True)]
        rest = layer.off[(self._who, np.minimum(at.place, paths.offs - 1), *index)]
        label = np.minimum(at.label, layer.duty.shape[1] - 1)
        duty = layer.duty[(self._who, label, np.minimum(at.place, paths.runs - 1), *index)]
        total = np.where(at.off[:, None, None], rest, duty).astype(np.int64) + pay
        units, days = np.unravel_index(total.reshape(len(total), -1).argmin(1), total.shape[1:])
        at.counters[-2] = units + frame[-2][0]
        at.counters[-1] = days + frame[-1][0]

    def _eve(self, moved: tuple[int, ...]) -> tuple[Ints, Ints]:
        """[members, days off] and [members, labels, runs] on the eve, the counters moved back."""
        if moved not in self._tables:
            layer = self._paths.entries[self._day]
            frame = self._paths.frames.entry(self._day)
            there = np.ones(len(self._who), dtype=bool)
            index = []
            for values, offset, (low, high) in zip(self._at.counters, moved, frame, strict=True):
                place = values - (offset + low)
                inside = (place >= 0) & (place < high - low)
                there &= inside
                index.append(place * inside)
            rest = layer.off[(self._who, slice(None), *index)].astype(np.int64)
            duty = layer.duty[(self._who, slice(None), slice(None), *index)].astype(np.int64)
            if not there.all():
                rest[~there] = NOWHERE
                duty[~there] = NOWHERE
            self._tables[moved] = rest, duty
        return self._tables[moved]

    def _take(
        self,
        whom: Bools,
        off: bool,
        label: Ints,
        place: Ints,
        moved: tuple[int, ...],
        option: Ints,
    ) -> None:
        """These members came from there."""
        whom = whom & self._lost
        if not whom.any():
            return
        new = self._new
        new.off[whom], new.label[whom], new.place[whom] = off, label[whom], place[whom]
        new.counters[:, whom] -= np.array(moved)[:, None]
        self._options[whom] = option[whom]
        self._lost &= ~whom

    def _back_from_rest(self, value: Ints) -> None:
        paths, at = self._paths, self._at
        still = (0,) * len(at.counters)
        rest, duty = self._eve(still)
        last = paths.offs - 1
        earlier = np.clip(at.place - 1, 0, last)
        on_rest = at.off & (at.place > 0) & (rest[self._rows, earlier] == value)
        self._take(on_rest, True, self._none, earlier, still, self._none)
        on_rest = at.off & (at.place == last) & (rest[:, last] == value)
        self._take(on_rest, True, self._none, at.place, still, self._none)
        ends = at.off & (at.place == paths.rest_place(self._day)[self._who])
        if (ends & self._lost).any():
            stops = paths.may_stop(self._day)[self._who]
            match = (duty == value[:, None, None]) & stops[:, None, :] & ends[:, None, None]
            flat = match.reshape(len(ends), -1)
            label, run = np.unravel_index(flat.argmax(axis=1), match.shape[1:])
            self._take(flat.any(axis=1), False, label, run, still, self._none)

    def _back_from_duty(self, value: Ints) -> None:
        paths, at = self._paths, self._at
        last = paths.offs - 1
        for index, one in enumerate(paths.crew.days[self._day].classes):
            row = paths.classes.first_class[self._day] + index
            whom = ~at.off & (at.label == one.label) & paths.classes.open_classes[row, self._who]
            if not (whom & self._lost).any():
                continue
            source = value - paths.classes.prices[row, self._who]
            option = paths.classes.cheapest[row, self._who]
            for moved, limits, extra in paths.steps(self._day, index, True):
                rest, _ = self._eve(moved)
                found = whom & (at.place == 0) & self._within(limits, moved)
                found &= rest[:, last] == source - extra
                self._take(found, True, self._none, self._zeros + last, moved, option)
            for moved, limits, extra in paths.steps(self._day, index, False):
                _, duty = self._eve(moved)
                fits = whom & self._within(limits, moved)
                places = [(fits & (at.place > 0), np.maximum(at.place - 1, 0))]
                if not paths.crew.longest_binds:
                    places.append((fits & (at.place == paths.runs - 1), at.place))
                for mine, place in places:
                    run = np.minimum(place, paths.runs - 1)
                    match = duty[self._rows, :, run] == (source - extra)[:, None]
                    match &= np.array(one.before)
                    found = mine & match.any(axis=1)
                    self._take(found, False, match.argmax(axis=1), run, moved, option)

    def _within(self, limits: tuple[int, ...] | None, moved: tuple[int, ...]) -> Bools | bool:
        """Whether the counters had the only values that may move so."""
        fits: Bools | bool = True
        for axis, limit in enumerate(limits or ()):
            if limit >= 0:
                fits = fits & (self._at.counters[axis] - moved[axis] == limit)
        return fits
