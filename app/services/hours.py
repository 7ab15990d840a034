"""Working time added up from spans, each minute once: pure sums, no rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

Times = tuple[dt.datetime, dt.datetime]
_MINUTE = dt.timedelta(minutes=1)


def merged(spans: Iterable[Times]) -> list[Times]:
    """The same time in spans that neither overlap nor touch, by start."""
    found: list[Times] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Times], taken: Iterable[Times]) -> list[Times]:
    """What of `spans` lies in none of `taken`, in spans that neither overlap nor touch."""
    gaps = merged(taken)
    found: list[Times] = []
    for start, end in merged(spans):
        for begins, ends in gaps:
            if ends <= start or end <= begins:
                continue
            if start < begins:
                found.append((start, begins))
            start = ends
        if start < end:
            found.append((start, end))
    return found


def minutes_in(spans: Iterable[Times]) -> int:
    """Whole minutes of spans that do not overlap."""
    return sum((end - start for start, end in spans), dt.timedelta()) // _MINUTE


def minutes_besides(times: Times, breaks: Iterable[Times], taken: Sequence[Times]) -> int:
    """Minutes of `times` without its breaks, and without what of it lies in `taken`.

    `taken` are spans as `merged` gives them, counted elsewhere: a shift's hours during which its
    person is in training or out on a route are worked once.
    """
    begins, ends = times
    at_work: list[Times] = []
    for start, end in sorted(breaks):
        at_work.append((begins, start))
        begins = end
    at_work.append((begins, ends))
    twice = dt.timedelta()
    for one in taken:
        for piece in at_work:
            twice += max(dt.timedelta(), min(one[1], piece[1]) - max(one[0], piece[0]))
    return minutes_in(at_work) - twice // _MINUTE
