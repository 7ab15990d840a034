"""A planning group begun with an office, by its name alone: its code, for commands and files, is
made of that."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import count

from app.i18n import _
from app.models import PlanningGroup, database
from app.services.checks import Faults
from app.services.errors import InputFault, Invalid
from app.services.names import sorting_key
from app.services.places import OfficeFacts, create_office, create_planning_group, edit_office
from app.services.rights import Actor, require_coordinator

_CODE_MOST = 28
"""Leaves room for a number within a code's 32 characters."""
_NO_GROUP = 0


def save_office(
    actor: Actor, office_id: int | None, office: OfficeFacts, group_name: str, now: dt.datetime
) -> int:
    """Open an office, or change that of `office_id`; its id.

    Where a `group_name` is given, it begins a planning group of that name. Raises Invalid with
    every fault, the name's at `group_name`; Forbidden, NotFound.
    """
    with database.atomic():
        unnamed: list[InputFault] = []
        if group_name:
            try:
                office = replace(office, group_id=name_group(actor, group_name, now))
            except Invalid as error:
                unnamed = error.faults
                office = replace(office, group_id=_NO_GROUP)
        try:
            if office_id is None:
                return create_office(actor, office, now)
            edit_office(actor, office_id, office, now)
            return office_id
        except Invalid as error:
            # That the office is without a group follows from the name's fault.
            rest = [one for one in error.faults if not unnamed or one.field != "group_id"]
            raise Invalid(unnamed + rest) from error


def name_group(actor: Actor, name: str, now: dt.datetime) -> int:
    """Make a planning group of that name; its id. Raises Invalid at `group_name`, Forbidden."""
    require_coordinator(actor)
    faults = Faults()
    faults.text("group_name", name)
    known = {sorting_key(row.name.strip()) for row in PlanningGroup.select(PlanningGroup.name)}
    if sorting_key(name.strip()) in known:
        taken = _("a name that no planning group has; one that is there already is chosen above")
        faults.add("group_name", name, taken)
    faults.raise_any()
    return create_planning_group(actor, _free_code(name), name.strip(), now)


def _free_code(name: str) -> str:
    """Of the letters and digits of the name that a code may hold; with a number where another name
    shortens alike."""
    plain = re.sub("[^a-z0-9]+", "-", sorting_key(name))[:_CODE_MOST].strip("-") or "group"
    taken = {row.code for row in PlanningGroup.select(PlanningGroup.code)}
    tried = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(code for code in tried if code not in taken)
