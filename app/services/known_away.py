"""Whether it is known already that somebody is away on a day of a roster, whyever they are."""

from __future__ import annotations

import datetime as dt

from app.models import Mediator
from app.services.home_days import span_of
from app.services.open_drafts import OpenDraft
from app.services.time_away import leave_between


def known_away(draft: OpenDraft, mediator: Mediator, date: dt.date, now: dt.datetime) -> bool:
    """Whether an approved absence covers what is left of the day's shift; without one, the day.

    Absences are days of the home office: those of the Azores begin an hour after the roster's.
    """
    row = draft.row(mediator.id, date)
    if row is None:
        starts_at, ends_at = span_of(mediator, date, date)
    else:
        leaves = draft.horizon.instant(draft.horizon.slot_ceiling(now))
        starts_at, ends_at = max(row.starts_at, leaves), row.ends_at
    return any(
        one.starts_at <= starts_at and one.ends_at >= ends_at
        for one in leave_between([mediator.id], starts_at, ends_at)
    )
