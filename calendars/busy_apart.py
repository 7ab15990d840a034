"""`read_busy` in a process of its own, for calendars that come from outside.

A calendar of a few lines can make any recurrence library think for minutes. A process can be
given so much processor time and memory and no more; a thread cannot.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from calendars.busy import (
    DEFAULT_LIMITS,
    BusyInterval,
    BusyLimits,
    BusyReading,
    check_question,
    read_busy,
)
from calendars.faults import CalendarFault, Fault, refuse


def read_busy_apart(
    data: bytes,
    horizon_start: datetime,
    horizon_end: datetime,
    zone: str = "Europe/Lisbon",
    limits: BusyLimits = DEFAULT_LIMITS,
    seconds: int = 10,
    memory_mb: int = 1024,
) -> BusyReading:
    """`read_busy` in a process of its own that is ended after `seconds` of work.

    Same result and faults; "seconds" and "memory" are two more reasons to be refused. Starting
    the process costs some tenths of a second.
    """
    check_question(data, horizon_start, horizon_end, zone, limits)
    question = {
        "horizon": [horizon_start.isoformat(), horizon_end.isoformat()],
        "zone": zone,
        "limits": [limits.bytes, limits.events, limits.occurrences, limits.horizon_days],
        "seconds": seconds,
        "memory_mb": memory_mb,
    }
    home = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            [sys.executable, "-m", "calendars.busy_apart"],
            input=json.dumps(question).encode() + b"\n" + data,
            capture_output=True,
            timeout=seconds + 5,
            cwd=home,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(home)},
            check=False,
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise refuse(
            "calendar", "reading", "not finished", f"within {seconds} s and {memory_mb} MB"
        ) from None
    if "refused" in answer:
        raise CalendarFault([Fault(*fault) for fault in answer["refused"]])
    return BusyReading(
        tuple(
            BusyInterval(datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in answer["events"]
        ),
        tuple(Fault(*fault) for fault in answer["unread"]),
    )


def _answer(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    """What the process apart says: the reading, or why not, as JSON."""
    start, end = map(datetime.fromisoformat, question["horizon"])
    try:
        reading = read_busy(data, start, end, question["zone"], BusyLimits(*question["limits"]))
    except CalendarFault as refused:
        return {"refused": [_row(fault) for fault in refused.faults]}
    return {
        "events": [[one.start.isoformat(), one.end.isoformat()] for one in reading.events],
        "unread": [_row(fault) for fault in reading.unread],
    }


def _row(fault: Fault) -> list[str]:
    return [fault.thing, fault.field, fault.value, fault.expected]


def _main() -> None:
    import resource

    question = json.loads(sys.stdin.buffer.readline())
    seconds, memory = question["seconds"], question["memory_mb"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    json.dump(_answer(question, sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    _main()
