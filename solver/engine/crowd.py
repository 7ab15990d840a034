"""The people in one cell and what they are counted for, kept optimal as they come and go.

When one person comes, the dearest open place that an alternating path reaches is filled; when
one goes, their place is refilled along the path that leaves the cheapest place open. Either
exchange keeps the counting optimal (shortest augmenting paths; Edmonds and Karp, 1972).
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.engine.cells import gains


class Crowd:
    """People by number, the requirement each serves (-1: none), and the cost of open places."""

    __slots__ = ("_gain", "_holder", "_masks", "_served", "_values", "cost")

    def __init__(self, values: Sequence[Sequence[int]]) -> None:
        self._values = values
        self._masks: dict[int, int] = {}
        self._served: dict[int, int] = {}
        self._holder: list[list[int]] = [[] for _ in values]
        self._gain: tuple[int, ...] | None = None
        self.cost = sum(value for row in values for value in row)

    @property
    def gain(self) -> tuple[int, ...]:
        """Per requirement: what one more person who answers it saves."""
        if self._gain is None:
            if self.cost:
                self._gain = gains(self._values, self._masks, self._holder)
            else:
                self._gain = (0,) * len(self._values)
        return self._gain

    def add(self, person: int, mask: int) -> None:
        self._gain = None
        self._masks[person] = mask
        values, holder = self._values, self._holder
        parent: dict[int, tuple[int, int]] = {}
        queue = _bits(mask)
        seen = mask
        best, end = 0, -1
        for requirement in queue:
            held = holder[requirement]
            row = values[requirement]
            if len(held) < len(row) and row[len(held)] > best:
                best, end = row[len(held)], requirement
            for other in held:
                fresh = self._masks[other] & ~seen
                if fresh:
                    seen |= fresh
                    for more in _bits(fresh):
                        parent[more] = (requirement, other)
                        queue.append(more)
        self._served[person] = -1
        if end < 0:
            return
        self.cost -= best
        while end in parent:
            before, moved = parent[end]
            holder[before].remove(moved)
            holder[end].append(moved)
            self._served[moved] = end
            end = before
        holder[end].append(person)
        self._served[person] = end

    def remove(self, person: int) -> None:
        del self._masks[person]
        left = self._served.pop(person)
        if left < 0:
            return
        self._gain = None
        values, holder = self._values, self._holder
        holder[left].remove(person)
        opened = values[left][len(holder[left])]
        idle = [one for one, served in self._served.items() if served < 0]
        parent: dict[int, tuple[int, int]] = {}
        queue = [left]
        seen = 1 << left
        least, end = opened, left
        for requirement in queue:
            for one in idle:
                if self._masks[one] >> requirement & 1:
                    self._shift(parent, requirement, left)
                    holder[requirement].append(one)
                    self._served[one] = requirement
                    return
            for other, held in enumerate(holder):
                if seen >> other & 1:
                    continue
                for one in held:
                    if self._masks[one] >> requirement & 1:
                        seen |= 1 << other
                        parent[other] = (requirement, one)
                        queue.append(other)
                        last = values[other][len(held) - 1]
                        if last < least:
                            least, end = last, other
                        break
        self._shift(parent, end, left)
        self.cost += least

    def _shift(self, parent: dict[int, tuple[int, int]], end: int, left: int) -> None:
        """Move people along the path from `end` to `left`, leaving a place open at `end`."""
        while end != left:
            after, moved = parent[end]
            self._holder[end].remove(moved)
            self._holder[after].append(moved)
            self._served[moved] = after
            end = after


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        mask ^= low
        found.append(low.bit_length() - 1)
    return found
