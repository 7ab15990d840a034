"""Weeks that a process keeps read: the problem, and what was worked out of it, by its text.

Everything here follows from the problem's text and the shifts given, so that nothing kept can be
out of date; it is let go together, with the weeks that were used last kept.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

import solver
from solver import Change, Draft
from solver import problem as sp
from solver.result import Judgement

WEEKS_KEPT = 32
"""Planning groups' weeks that a process keeps read: two of each of a country's, and more."""
_ROSTERS_KEPT = 4
"""Of one week, as its shifts stood last: of a draft that is edited, the newest edits."""
_PARTS_KEPT = 256
"""Of one week, what is worked out of an office's shifts: of all offices of a country, and more."""
_NEAR = 24
"""Shifts that two rosters differ in, up to which one is judged by the other."""

Shifts = Collection[sp.Assignment]
Made = TypeVar("Made")


class KeptWeek:
    """A problem, with the rosters of it that were judged last."""

    def __init__(self, problem: sp.Problem) -> None:
        self.problem = problem
        self._drafts: OrderedDict[frozenset[sp.Assignment], Draft] = OrderedDict()
        self._judgements: OrderedDict[frozenset[sp.Assignment], Judgement] = OrderedDict()
        self._parts: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def draft(self, given: Shifts) -> Draft:
        """The roster judged. A week takes a fifth of a second to judge whole, one edit of it a
        thousandth: a roster near to one that is known, such as what another process has made of
        it since, is judged by the difference."""
        key = frozenset(given)
        with self._lock:
            found = _newest(self._drafts, key)
            known = list(self._drafts.items())
        if found is None:
            found = self._by_difference(key, known) or Draft(self.problem, given)
            self.keep(given, found)
        return found

    def keep(self, given: Iterable[sp.Assignment], draft: Draft) -> None:
        self._put(self._drafts, frozenset(given), draft, _ROSTERS_KEPT)

    def judgement(self, given: Shifts) -> Judgement:
        """What the judge says, also of shifts and people that the problem does not know."""
        key = frozenset(given)
        with self._lock:
            found = _newest(self._judgements, key)
        if found is None:
            known = all(map(self._knows, given))
            judge = self.draft(given).judgement if known else solver.check(self.problem, given)
            found = self._put(self._judgements, key, judge, _ROSTERS_KEPT)
        return found

    def part(self, key: Any, make: Callable[[], Made]) -> Made:
        """What `make` makes, made once; `key` names what it follows from besides the problem."""
        with self._lock:
            found: Made | None = _newest(self._parts, key)
        return self._put(self._parts, key, make(), _PARTS_KEPT) if found is None else found

    def _put(self, kept: OrderedDict[Any, Any], key: Any, value: Made, most: int) -> Made:
        with self._lock:
            kept[key] = value
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
        return value

    def _knows(self, one: sp.Assignment) -> bool:
        problem = self.problem
        return one.mediator in problem.mediator_by_id and one.shift in problem.shift_by_id

    def _by_difference(
        self,
        wanted: frozenset[sp.Assignment],
        known: list[tuple[frozenset[sp.Assignment], Draft]],
    ) -> Draft | None:
        """The roster made of the known one that it differs least from; None where none is near."""
        nearest = min(known, key=lambda one: len(one[0] ^ wanted), default=None)
        if nearest is None or len(nearest[0] ^ wanted) > _NEAR:
            return None
        before, draft = nearest
        days = {self._day(one) for one in filter(self._knows, before ^ wanted)}
        becomes: dict[tuple[str, int], str | None] = dict.fromkeys(days)
        for one in filter(self._knows, wanted):
            day = self._day(one)
            if day in becomes:
                if becomes[day] is not None:
                    return None  # two shifts on one day, which no edit gives
                becomes[day] = one.shift
        return draft.with_changes(
            Change(mediator, day, shift) for (mediator, day), shift in sorted(becomes.items())
        )

    def _day(self, one: sp.Assignment) -> tuple[str, int]:
        return one.mediator, self.problem.shift_by_id[one.shift].day


def _newest(kept: OrderedDict[Any, Any], key: Any) -> Any:
    """What is kept there, as what was asked for last; None where nothing is."""
    if key in kept:
        kept.move_to_end(key)
    return kept.get(key)


# A week's problem is a megabyte of text that never changes, read at every look at the week.
@lru_cache(maxsize=WEEKS_KEPT)
def week_of_text(text: str) -> KeptWeek:
    return KeptWeek(sp.Problem.from_json(json.loads(text)))


def problem_of_text(text: str) -> sp.Problem:
    return week_of_text(text).problem
