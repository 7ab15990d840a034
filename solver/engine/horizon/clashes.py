"""Which shift of one day excludes which of a following day: rest and forbidden successions."""

from __future__ import annotations

import numpy as np

from solver.engine.horizon.space import Bools, Space
from solver.problem import Mediator, Shift


class ClashTable:
    """Which option of one day excludes which of a following day: rest and forbidden successions."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.forbidden = set(space.problem.forbidden_successions)
        days = space.problem.days
        self._shortest = min(day.end - day.start for day in days)
        late = max((s.end - days[s.day].end for s in space.problem.shifts), default=0)
        self._overhang = max(0, late)

    def reach(self, mediator: Mediator) -> int:
        """Most days between two duty days whose rest can still be too short."""
        return 1 + max(0, self._overhang + mediator.min_rest_slots - 1) // self._shortest

    def clash(self, m: int, day: int, gap: int) -> tuple[Bools, list[int | None], list[int | None]]:
        """[choices of `day`, choices of `day + gap`] True where the second may not follow.

        A choice is an option, or None for a busy day without a shift.
        """
        before, after = self.choices(m, day), self.choices(m, day + gap)
        return self.table(m, day, before, after, gap), before, after

    def table(
        self,
        m: int,
        day: int,
        before: list[int | None],
        after: list[int | None],
        gap: int = 1,
    ) -> Bools:
        """`clash` for given choices, all with m's rest (and m's busy time)."""
        rest = self.space.problem.mediators[m].min_rest_slots
        ends = np.array([self._edge(m, x, day)[1] for x in before], dtype=np.int64)
        starts = np.array([self._edge(m, x, day + gap)[0] for x in after], dtype=np.int64)
        table = np.asarray(ends[:, None] + rest > starts[None, :])
        if gap == 1 and self.forbidden:
            kinds = sorted({kind for pair in self.forbidden for kind in pair})
            row = np.array([self._kind(x, kinds) for x in before], dtype=np.int64)
            column = np.array([self._kind(x, kinds) for x in after], dtype=np.int64)
            banned = np.zeros((len(kinds) + 1, len(kinds) + 1), dtype=bool)
            for first, second in self.forbidden:
                banned[kinds.index(first), kinds.index(second)] = True
            table |= banned[row[:, None], column[None, :]]
        return table

    def choices(self, m: int, day: int) -> list[int | None]:
        options: list[int | None] = list(self.space.options_of(m, day))
        if self.space.busy_day[m, day]:
            options.append(None)
        return options

    def after_history(self, m: int, day: int) -> list[int | None]:
        """Choices of `day` that come too soon after the last duty before the horizon."""
        mediator = self.space.problem.mediators[m]
        last = mediator.history.last_end
        if last is None:
            return []
        earliest = last + mediator.min_rest_slots
        return [x for x in self.choices(m, day) if self._edge(m, x, day)[0] < earliest]

    def facts_collide(self, m: int) -> bool:
        """Whether busy time alone is too long in a day or leaves too little rest."""
        space, mediator = self.space, self.space.problem.mediators[m]
        busy = np.flatnonzero(space.busy_day[m]).tolist()
        if any(space.busy_amount[m, day] > mediator.max_day_slots for day in busy):
            return True
        if any(None in self.after_history(m, day) for day in busy):
            return True
        reach = self.reach(mediator)
        return any(
            0 < after - day <= reach and self.table(m, day, [None], [None], after - day).any()
            for day in busy
            for after in busy
        )

    def bicliques(self, m: int) -> list[tuple[list[int], list[int]]]:
        """Sets of options of which at most one may be worked, over all pairs of days.

        Busy days without a shift are duty of their own: what clashes with them is emptied by
        a row that allows none (the second set is then a single option twice).
        """
        out: list[tuple[list[int], list[int]]] = []
        mediator = self.space.problem.mediators[m]
        for day in range(self.space.days):
            banned = [x for x in self.after_history(m, day) if x is not None]
            out.extend(([x], [x]) for x in banned)
            for gap in range(1, self.reach(mediator) + 1):
                if day + gap < self.space.days:
                    out.extend(self._day_pair(m, day, gap))
        return out

    def _day_pair(self, m: int, day: int, gap: int) -> list[tuple[list[int], list[int]]]:
        table, before, after = self.clash(m, day, gap)
        if not table.any():
            return []
        out: list[tuple[list[int], list[int]]] = []
        distinct, group = np.unique(table, axis=1, return_inverse=True)
        group = group.ravel()
        for index in range(distinct.shape[1]):
            rows = distinct[:, index]
            if not rows.any():
                continue
            wider = (distinct & rows[:, None]).sum(axis=0) == rows.sum()
            members = [after[j] for j in np.flatnonzero(wider[group])]
            first = [before[i] for i in np.flatnonzero(rows)]
            # A busy day clashes with or without a shift: banning each option is enough.
            out.extend(([x], [x]) for x in members if x is not None and None in first)
            out.extend(([x], [x]) for x in first if x is not None and None in members)
            plain = [x for x in first if x is not None], [x for x in members if x is not None]
            if plain[0] and plain[1]:
                out.append(plain)
        return out

    def _edge(self, m: int, option: int | None, day: int) -> tuple[int, int]:
        span = self.space.span(m, option, day)
        assert span is not None  # noqa: S101 - a choice is duty
        return span

    def _kind(self, option: int | None, kinds: list[str]) -> int:
        if option is None:
            return len(kinds)
        kind = self._shift(option).kind
        return kinds.index(kind) if kind in kinds else len(kinds)

    def _shift(self, option: int) -> Shift:
        return self.space.problem.shifts[int(self.space.shift[option])]
