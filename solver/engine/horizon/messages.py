"""What a run's parent and its searches tell each other, and how it travels.

Frames are pickles, each after its length in eight bytes. Both ends of the pipes are processes
of this program: the parent starts the other and nobody else can write there.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from solver.problem import Assignment, Problem

RosterAndCost = tuple[tuple[Assignment, ...], int]


@dataclass(frozen=True)
class Task:
    problem: Problem
    start: tuple[Assignment, ...] | None
    seconds: float
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


def write_frame(stream: BinaryIO, message: object) -> None:
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(struct.pack(">Q", len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """The next message, or None where the other end is gone."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    data = stream.read(struct.unpack(">Q", head)[0])
    return pickle.loads(data)  # nosec B301 # noqa: S301 - written by the process at the other end
