"""A planning group by its name alone: its code, for commands and files, is made of that."""

from __future__ import annotations

import datetime as dt
import re
from itertools import count

from app.models import PlanningGroup
from app.services.checks import Faults
from app.services.names import sorting_key
from app.services.places import create_planning_group
from app.services.rights import Actor, require_coordinator

_CODE_MOST = 28
"""Leaves room for a number within a code's 32 characters."""


def name_group(actor: Actor, name: str, now: dt.datetime) -> int:
    """Make a planning group of that name; its id. Raises Invalid at `group_name`, Forbidden."""
    require_coordinator(actor)
    faults = Faults()
    faults.text("group_name", name)
    faults.raise_any()
    return create_planning_group(actor, _free_code(name), name.strip(), now)


def _free_code(name: str) -> str:
    """Of the letters and digits of the name that a code may hold; with a number where taken."""
    plain = re.sub("[^a-z0-9]+", "-", sorting_key(name))[:_CODE_MOST].strip("-") or "group"
    taken = {row.code for row in PlanningGroup.select(PlanningGroup.code)}
    tried = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(code for code in tried if code not in taken)
