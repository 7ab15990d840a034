"""Why someone is missing, in words."""

from __future__ import annotations

from app.i18n import _
from app.services.why_view import CauseGroup
from solver import Cause


def cause_words(cause: Cause | None) -> str:
    """What holds people back, in a few words that a list of names can follow."""
    if cause is None:
        return _("Nobody of this office speaks or holds it")
    return {
        Cause.NOT_QUALIFIED: _("Their certification does not hold at that time"),
        Cause.ON_LEAVE: _("On leave or not available"),
        Cause.IN_TRAINING: _("In training"),
        Cause.IN_BREAK: _("In their break"),
        Cause.ELSEWHERE: _("At another office that day"),
        Cause.DEARER: _("There, and needed more for something else"),
        Cause.OTHER_HOURS: _("There at other hours of the day, and more use then"),
        Cause.NO_SHIFT: _("No hours on offer reach that time"),
        Cause.DAY_LIMIT: _("At the limit of a day's work"),
        Cause.WEEK_LIMIT: _("At the limit of the week"),
        Cause.REST_LIMIT: _("Held back by rest between days"),
        Cause.LOCKED: _("Their shift of that day is locked"),
        Cause.CAPACITY: _("The office has no room for one more"),
        Cause.OFF: _("Off, and could come"),
    }[cause]


def group_words(group: CauseGroup) -> str:
    """On leave or not available: Ana, Bo and 2 from other offices."""
    told = []
    for one in group.people:
        extra = ", ".join(
            part
            for part in (_("for %(who)s", who=one.serves) if one.serves else "", one.article)
            if part
        )
        told.append(f"{one.name} ({extra})" if extra else one.name)
    if group.unnamed:
        told.append(_("%(num)d from other offices", num=group.unnamed))
    return ", ".join(told)
