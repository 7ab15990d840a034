"""No more mediators serve at an office at once than it has room for."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "capacity"


def violations(view: View) -> Iterator[Violation]:
    offices = view.problem.offices
    for (office, slot), servers in sorted(view.places.items()):
        most = offices[office].capacity
        if most is not None and len(servers) > most:
            yield Violation(
                NAME, {"office": offices[office].id, "slot": slot, "present": len(servers)}
            )
