"""The rules and costs that tie a mediator's days together, one tracker each.

A tracker walks the days in order and carries a small state. `step` takes the state before a
day and what is done that day, and gives the state after it with the cost incurred, or None
where the rule is broken. `features` names what the tracker looks at, so that choices no
tracker can tell apart form one class. A new rule of this kind is one tracker and one line in
`TRACKERS`.
"""

from __future__ import annotations

from collections.abc import Callable

from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.kinds import Kinds
from solver.engine.trackers.rest import Rest
from solver.engine.trackers.runs import Runs
from solver.engine.trackers.successions import Successions
from solver.engine.trackers.tracker import Tracker
from solver.engine.trackers.unsocial import UnsocialShifts
from solver.engine.trackers.weekends import Weekends
from solver.engine.trackers.weeks import Weeks
from solver.engine.trackers.wishes import SpanningWishes
from solver.problem import Mediator

TRACKERS: tuple[Callable[[Frame, Mediator, Choices], Tracker], ...] = (
    Weeks,
    Runs,
    Rest,
    Weekends,
    Kinds,
    Successions,
    UnsocialShifts,
    SpanningWishes,
)
