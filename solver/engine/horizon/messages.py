"""What a run's parent and its searches tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from solver.problem import Assignment, Problem

RosterAndCost = tuple[tuple[Assignment, ...], int]


@dataclass(frozen=True)
class Task:
    problem: Problem
    start: tuple[Assignment, ...] | None
    until: float
    """When the run is over, by the clock that all processes share: starting takes its time too."""
    seed: int
    lead: bool


@dataclass(frozen=True)
class Found:
    roster: tuple[Assignment, ...]
    cost: int
    step: str


@dataclass(frozen=True)
class Bounded:
    bound: int
    step: str


@dataclass(frozen=True)
class Impossible:
    mediator: str


@dataclass(frozen=True)
class Finished:
    """The search ended by itself."""
