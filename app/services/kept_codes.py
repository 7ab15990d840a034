"""Codes that kept rosters are written in: while one holds a code, it stays.

A roster keeps the very problem it was built on, so that it can be judged the same years later. To
write a new code into it would be to alter that evidence; so the code is refused, and the name,
which people read, may change at any time.
"""

from __future__ import annotations

import datetime as dt
import json

from app.i18n import _
from app.models import Roster
from app.services.checks import Faults
from app.services.traces import holds


def check_code_kept(faults: Faults, what: str, before: str, after: str) -> None:
    """A fault at `code` where it changes and a roster holds it; `what` is a list of the problem."""
    if before == after:
        return
    week = latest_week(what, before)
    if week is not None:
        expected = _(
            "%(code)s as before: the rosters up to the week of %(week)s are kept under it "
            "(the name may change)",
            code=before,
            week=week.isoformat(),
        )
        faults.add("code", after, expected)


def latest_week(what: str, code: str) -> dt.date | None:
    """The last week with a kept roster that knows `code` among its `mediators` or `offices`."""
    rows = (
        Roster.select(Roster.week_starts_on, Roster.problem_json)
        .where(holds(Roster.problem_json, [code]))
        .order_by(Roster.week_starts_on.desc())
    )
    for row in rows.iterator():
        if any(one.get("id") == code for one in json.loads(row.problem_json).get(what, [])):
            week: dt.date = row.week_starts_on
            return week
    return None
