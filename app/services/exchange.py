"""Files out: a roster's problem and the roster itself, as the contract writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from app.models import Roster
from app.services import rosters
from app.services.errors import NotFound


def export_roster(roster_id: int, folder: Path) -> tuple[Path, Path]:
    """Write `problem.json` and `roster.json` into `folder`; their paths."""
    roster = Roster.get_or_none(Roster.id == roster_id)
    if roster is None:
        raise NotFound
    folder.mkdir(parents=True, exist_ok=True)
    problem = json.loads(roster.problem_json)
    answer = {
        "format": "escala-roster/1",
        "problem": problem["name"],
        "status": roster.solver_status,
        "cost": roster.cost,
        "bound": roster.bound,
        "seconds": roster.solve_seconds,
        "assignments": [
            {"mediator": one.mediator, "shift": one.shift}
            for one in rosters.solver_assignments(roster)
        ],
    }
    paths = folder / "problem.json", folder / "roster.json"
    for path, content in zip(paths, (problem, answer), strict=True):
        _write_beside(path, content)
    return paths


def _write_beside(path: Path, content: Any) -> None:
    """Write a neighbour and rename it, so that no reader ever meets half a file."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    fresh.replace(path)
