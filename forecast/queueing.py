"""One day of an office, event by event: who comes, who serves them, who gives up.

Visitors are called in order of arrival by whoever can serve them. Among free mediators the one
with the fewest languages and certifications is taken first, so that those who can serve many
stay free. A service once begun is finished, even into a break; a break is not made up for.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

Minutes = float


class Outcome(IntEnum):
    SERVED = 0
    LEFT = 1
    """Gave up."""
    PHONE = 2
    """Sent to the telephone service."""
    UNSERVED = 3
    """Still waiting when the last mediator went home."""


@dataclass(frozen=True, slots=True)
class Server:
    """serves: the queues they can call from. serving: [start, end) minutes, in order."""

    serves: frozenset[int]
    serving: tuple[tuple[Minutes, Minutes], ...]


@dataclass(frozen=True, slots=True)
class Office:
    """The servers, and for each queue the order in which idle servers are looked for."""

    servers: tuple[Server, ...]
    preference: tuple[tuple[int, ...], ...]

    @property
    def last_end(self) -> Minutes:
        return max((end for server in self.servers for _, end in server.serving), default=0.0)


@dataclass(slots=True)
class DayTrace:
    """Per visitor in order of arrival: outcome and minutes waited. Per server: minutes busy and
    visitors served."""

    outcome: list[int]
    waited: list[Minutes]
    busy: list[Minutes]
    served: list[int]


_ON_DUTY, _FREE = 0, 1


def run_day(
    office: Office,
    arrival: Sequence[Minutes],
    queue: Sequence[int],
    service: Sequence[Minutes],
    patience: Sequence[Minutes],
    phone_after: Minutes,
) -> DayTrace:
    """Play one day.

    arrival (ascending), queue, service, patience: one of each per visitor. phone_after: minutes
    after which somebody still waiting is sent to the telephone service. A visitor whom nobody
    will be able to serve for the rest of the day is sent there at once.
    """
    servers, preference = office.servers, office.preference
    trace = DayTrace(
        [Outcome.UNSERVED] * len(arrival),
        [0.0] * len(arrival),
        [0.0] * len(servers),
        [0] * len(servers),
    )
    outcome, waited, busy, served = trace.outcome, trace.waited, trace.busy, trace.served
    waiting: list[deque[int]] = [deque() for _ in preference]
    until = [0.0] * len(servers)
    free = [True] * len(servers)
    last_chance = [
        max((servers[s].serving[-1][1] for s in order if servers[s].serving), default=0.0)
        for order in preference
    ]
    events: list[tuple[Minutes, int, int, Minutes]] = [
        (start, _ON_DUTY, s, end)
        for s, server in enumerate(servers)
        for start, end in server.serving
    ]
    heapq.heapify(events)

    def leave(visitor: int) -> None:
        """A visitor nobody called in time: gave up, or was sent to the telephone."""
        if phone_after <= patience[visitor]:
            outcome[visitor], waited[visitor] = Outcome.PHONE, phone_after
        else:
            outcome[visitor], waited[visitor] = Outcome.LEFT, patience[visitor]

    def call(s: int, visitor: int, now: Minutes) -> None:
        free[s] = False
        outcome[visitor], waited[visitor] = Outcome.SERVED, now - arrival[visitor]
        length = service[visitor]
        busy[s] += length
        served[s] += 1
        heapq.heappush(events, (now + length, _FREE, s, 0.0))

    def next_for(s: int, now: Minutes) -> int | None:
        """The longest-waiting visitor that server s can serve, taken off their queue."""
        first, chosen = None, None
        for q in servers[s].serves:
            line = waiting[q]
            while line and arrival[line[0]] + min(patience[line[0]], phone_after) <= now:
                leave(line.popleft())
            if line and (first is None or line[0] < first):
                first, chosen = line[0], line
        if chosen is not None:
            chosen.popleft()
        return first

    def handle(event: tuple[Minutes, int, int, Minutes]) -> None:
        now, kind, s, end = event
        if kind == _ON_DUTY:
            until[s] = end
        else:
            free[s] = True
        if free[s] and until[s] > now:
            visitor = next_for(s, now)
            if visitor is not None:
                call(s, visitor, now)

    for visitor, now in enumerate(arrival):
        while events and events[0][0] <= now:
            handle(heapq.heappop(events))
        q = queue[visitor]
        for s in preference[q]:
            if free[s] and until[s] > now:
                call(s, visitor, now)
                break
        else:
            if last_chance[q] <= now:
                outcome[visitor] = Outcome.PHONE
            else:
                waiting[q].append(visitor)
    while events:
        handle(heapq.heappop(events))
    for q, line in enumerate(waiting):
        closing = last_chance[q]
        for visitor in line:
            if arrival[visitor] + min(patience[visitor], phone_after) <= closing:
                leave(visitor)
            else:
                waited[visitor] = max(closing - arrival[visitor], 0.0)
    return trace
