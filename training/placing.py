"""The time of a session that costs least cover.

"Three hours for these twelve people within six weeks": each candidate time is priced by what the
desks would lose, language by language. What that is, a function given by the caller says, who can
ask the roster's solver; it is asked as seldom as may be, and never twice the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from training.faults import Fault, TrainingFault
from training.records import Interval, MediatorId

_TIMES_TO_HALVE = 8
_PAIRS_TO_PRICE = 5
"""Two groups: each person is priced alone at so many times, and so many pairs of times in full."""


@dataclass(frozen=True, slots=True)
class CoverCost:
    """What taking people away costs: in all, and by language, in the roster's own units."""

    total: float
    by_language: Mapping[str, float] = field(default_factory=dict)
    known: bool = True
    """False where there is nothing to weigh it by; the total is then no reason to come first."""


CostOf = Callable[[datetime, datetime, frozenset[MediatorId]], CoverCost]
"""Start and end of a session and the people in it → the cover that costs."""


@dataclass(frozen=True, slots=True)
class Group:
    """People in one session."""

    start: datetime
    end: datetime
    people: frozenset[MediatorId]
    cost: CoverCost


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to hold the session: a group, or two; `absent` can come to neither, `away` would
    miss the one they are in."""

    groups: tuple[Group, ...]
    absent: frozenset[MediatorId]
    away: frozenset[MediatorId] = frozenset()

    @property
    def total(self) -> float:
        return sum(group.cost.total for group in self.groups)

    @property
    def known(self) -> bool:
        """Whether the cost of every group is known."""
        return all(group.cost.known for group in self.groups)

    @property
    def by_language(self) -> dict[str, float]:
        """What the choice does to each language."""
        added: dict[str, float] = {}
        for group in self.groups:
            for language, cost in group.cost.by_language.items():
                added[language] = added.get(language, 0.0) + cost
        return added


@dataclass(frozen=True, slots=True)
class Placing:
    """Whole groups ranked, best first; and the best split where it beats them all."""

    whole: tuple[Choice, ...]
    split: Choice | None


def candidate_times(
    openings: Iterable[Interval], minutes: int, step_minutes: int = 30
) -> tuple[Interval, ...]:
    """Every start within the given openings at which so many minutes fit, in order."""
    faults = [
        Fault("session", name, str(value), "1 or more")
        for name, value in (("minutes", minutes), ("step_minutes", step_minutes))
        if value < 1
    ]
    if faults:
        raise TrainingFault(faults)
    length, step = timedelta(minutes=minutes), timedelta(minutes=step_minutes)
    found: set[tuple[datetime, datetime]] = set()
    for opening in openings:
        start = opening.start
        while start + length <= opening.end:
            found.add((start, start + length))
            start += step
    return tuple(Interval(start, end) for start, end in sorted(found))


def place_session(
    candidates: Sequence[Interval],
    people: Collection[MediatorId],
    busy: Mapping[MediatorId, Sequence[Interval]],
    cost_of: CostOf,
    keep: int = 10,
    may_split: bool = True,
    away: Mapping[MediatorId, Sequence[Interval]] | None = None,
) -> Placing:
    """Rank the times for a session and say whether two groups would cost less.

    busy  time in which people cannot come at all: leave, other sessions. Shifts are not busy
          time here, they are what the cost is about
    away  time that counts as busy in the ranking, but who is away keeps their place in the
          session, and in two groups nobody is put into one for it: what comes of it need not say
          whose time it was

    Times at which more people can come rank before cheaper ones with fewer; of those with as many,
    times whose cost is not known come last. A split, at two times of known cost that do not
    overlap, is offered where as many can come and the two groups together cost less than the best
    whole.

    Raises `TrainingFault` where there is nothing to rank.
    """
    _check(candidates, people, keep)
    price = _Price(cost_of)
    able = {time: _able(time, people, busy) for time in candidates}
    free = {time: _able(time, able[time], away or {}) for time in candidates}
    ranked = sorted(
        (
            Choice(
                (price.group(time, able[time]),),
                frozenset(people) - able[time],
                able[time] - free[time],
            )
            for time in candidates
            if able[time]
        ),
        key=_rank,
    )
    split = _best_split(ranked, people, able, free, price) if may_split and ranked else None
    return Placing(tuple(ranked[:keep]), split)


class _Price:
    """The caller's cost, remembered."""

    def __init__(self, cost_of: CostOf) -> None:
        self.cost_of = cost_of
        self.known: dict[tuple[Interval, frozenset[MediatorId]], CoverCost] = {}

    def of(self, time: Interval, people: frozenset[MediatorId]) -> CoverCost:
        key = (time, people)
        if key not in self.known:
            self.known[key] = self.cost_of(time.start, time.end, people)
        return self.known[key]

    def alone(self, one: MediatorId, time: Interval) -> float:
        return self.of(time, frozenset({one})).total

    def group(self, time: Interval, people: frozenset[MediatorId]) -> Group:
        return Group(time.start, time.end, people, self.of(time, people))


def _best_split(
    ranked: Sequence[Choice],
    people: Collection[MediatorId],
    able: Mapping[Interval, frozenset[MediatorId]],
    free: Mapping[Interval, frozenset[MediatorId]],
    price: _Price,
) -> Choice | None:
    """The best two groups at two of the most promising times, if better than the best whole.

    A pair of times promises what its people cost one by one, each where it is cheaper.
    """
    promises = []
    weighed = [choice for choice in ranked if choice.known]
    for first, second in combinations(_promising(weighed), 2):
        halves = _halves(first, second, able, price)
        if all(halves):
            missed = len(people) - len(halves[0] & free[first]) - len(halves[1] & free[second])
            alone = sum(
                price.alone(one, time)
                for time, half in zip((first, second), halves, strict=True)
                for one in half
            )
            promises.append((missed, alone, first.start, second.start, first, second, halves))
    promises.sort(key=lambda promise: promise[:4])
    choices = [
        _improved(first, second, halves, people, able, free, price)
        for *_, first, second, halves in promises[:_PAIRS_TO_PRICE]
    ]
    best = min(choices, key=_rank, default=None)
    if best is None or _rank(best)[:3] >= _rank(ranked[0])[:3]:
        return None
    return best


def _promising(ranked: Sequence[Choice]) -> list[Interval]:
    """The best times for all, then the cheapest for each person who can come; no two overlap,
    since one trainer gives both groups. In order of time, so that no rank shapes the halves."""
    per_head = sorted(ranked, key=lambda one: one.total / len(one.groups[0].people))
    picked: list[Interval] = []
    for one in [*ranked[: _TIMES_TO_HALVE // 2], *per_head]:
        time = Interval(one.groups[0].start, one.groups[0].end)
        if len(picked) < _TIMES_TO_HALVE and not any(time.overlaps(other) for other in picked):
            picked.append(time)
    return sorted(picked, key=lambda time: time.start)


def _halves(
    first: Interval,
    second: Interval,
    able: Mapping[Interval, frozenset[MediatorId]],
    price: _Price,
) -> tuple[frozenset[MediatorId], frozenset[MediatorId]]:
    """Each person where they can come; else where alone it costs less; where it is the same,
    where there are fewer. Who is away at one of the two is not put into the other for it: the
    names would tell."""
    either = able[first] & able[second]
    here = able[first] - able[second]
    there = able[second] - able[first]
    for one in sorted(either):
        at_first = (price.alone(one, first), len(here))
        at_second = (price.alone(one, second), len(there))
        if at_first <= at_second:
            here |= {one}
        else:
            there |= {one}
    return here, there


def _improved(
    first: Interval,
    second: Interval,
    halves: tuple[frozenset[MediatorId], frozenset[MediatorId]],
    people: Collection[MediatorId],
    able: Mapping[Interval, frozenset[MediatorId]],
    free: Mapping[Interval, frozenset[MediatorId]],
    price: _Price,
) -> Choice:
    """The two groups, people moved one by one while together they get cheaper."""
    here, there = halves
    absent = frozenset(people) - here - there
    away = (here - free[first]) | (there - free[second])

    def priced(one: frozenset[MediatorId], other: frozenset[MediatorId]) -> Choice:
        return Choice((price.group(first, one), price.group(second, other)), absent, away)

    best = priced(here, there)
    for one in sorted(able[first] & able[second]):
        moved_here, moved_there = here ^ {one}, there ^ {one}
        if moved_here and moved_there:
            moved = priced(moved_here, moved_there)
            if moved.total < best.total:
                best, here, there = moved, moved_here, moved_there
    return best


def _able(
    time: Interval, people: Collection[MediatorId], busy: Mapping[MediatorId, Sequence[Interval]]
) -> frozenset[MediatorId]:
    return frozenset(
        one for one in people if not any(time.overlaps(taken) for taken in busy.get(one, ()))
    )


def _rank(choice: Choice) -> tuple[int, bool, float, int, datetime]:
    return (
        len(choice.absent) + len(choice.away),
        not choice.known,
        choice.total,
        len(choice.groups),
        choice.groups[0].start,
    )


def _check(candidates: Sequence[Interval], people: Collection[MediatorId], keep: int) -> None:
    faults = []
    if not candidates:
        faults.append(Fault("session", "times", "none", "at least one time in opening hours"))
    if not people:
        faults.append(Fault("session", "people", "none", "at least one person"))
    if keep < 1:
        faults.append(Fault("session", "keep", str(keep), "1 or more"))
    if faults:
        raise TrainingFault(faults)
