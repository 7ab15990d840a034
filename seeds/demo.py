"""The CNAIM demonstration, whole: everything laid relative to one date, through the services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from app.models import Office, database
from app.services.horizon import network_date
from app.services.regimes_by_law import lay_out_regimes
from app.services.rights import SYSTEM, Actor
from seeds.accounts import PASSWORD, Login, load_accounts
from seeds.arrivals import HISTORY_WEEKS, load_arrivals
from seeds.courses import load_certifications, load_courses, load_sessions
from seeds.events import load_events
from seeds.feedback import load_feedback
from seeds.field import load_field_routes
from seeds.held_sessions import load_held_sessions
from seeds.mail import load_mail
from seeds.places import load_offices, load_vocabulary
from seeds.staff import (
    NETWORK_ZONE,
    load_associations,
    load_mediators,
    load_nominations,
    load_times,
)
from seeds.tables import read_table
from seeds.telephone import load_translators
from seeds.tickets import load_tickets

__all__ = ["PASSWORD", "DemoSummary", "Login", "is_loaded", "load"]

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done and how much there is."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was loaded."""

    today: dt.date
    mediators: int
    offices: int
    languages: int
    associations: int
    certifications: int
    arrival_rows: int
    visitors: int
    logins: tuple[Login, ...]
    """Who can sign in; all with `PASSWORD`."""


def is_loaded() -> bool:
    """Whether this database holds a demonstration, or anything that would be in its way."""
    return bool(Office.select().exists())


def moment_of(today: dt.date, now: dt.datetime | None) -> dt.datetime:
    """The instant that the records bear. No record of a demonstration started at night lies
    ahead of it."""
    if now is not None and network_date(now) >= today:
        return now
    return dt.datetime.combine(today, dt.time(7), NETWORK_ZONE).astimezone(dt.UTC)


def load(
    today: dt.date,
    actor: Actor = SYSTEM,
    now: dt.datetime | None = None,
    progress: Progress = lambda _step, _done, _total: None,
    history_weeks: int = HISTORY_WEEKS,
) -> DemoSummary:
    """Load the demonstration into an empty database, all or nothing.

    The same `today` gives the same data. Records bear `now`; where `today` is still to come, or no
    `now` is given, seven in the morning of `today`, so that a demonstration laid in the future
    still lies in its own past. Takes some ten seconds, half of them for the
    arrivals of `history_weeks` up to yesterday.
    """
    moment = moment_of(today, now)
    with database.atomic():
        progress("offices", 0, 1)
        load_vocabulary(actor, moment)
        offices = load_offices(actor, today, moment)
        progress("offices", 1, 1)

        progress("people", 0, 3)
        associations = load_associations(actor, today, moment)
        regimes = lay_out_regimes(actor, moment)
        progress("people", 1, 3)
        staff = load_mediators(actor, offices, associations, regimes, today, moment)
        progress("people", 2, 3)
        load_times(actor, staff, today, moment)
        progress("people", 3, 3)

        progress("accounts", 0, 1)
        logins = load_accounts(actor, offices, associations, staff, moment)
        load_mail(logins, moment)
        load_nominations(actor, offices, associations, moment)
        progress("accounts", 1, 1)

        progress("training", 0, 3)
        courses = load_courses(actor, logins, moment)
        progress("training", 1, 3)
        certifications = load_certifications(actor, courses, staff, today, moment)
        progress("training", 2, 3)
        load_held_sessions(actor, courses, offices, today, moment)
        load_sessions(actor, courses, offices, staff, today, moment)
        progress("training", 3, 3)

        load_field_routes(actor, today, moment)
        load_translators(actor, offices, moment)
        load_tickets(actor, offices, moment)
        load_events(actor, today, moment)
        load_feedback(actor, offices, today, moment)
        rows, visitors = load_arrivals(
            actor,
            offices,
            today,
            moment,
            lambda done, total: progress("arrivals", done, total),
            history_weeks,
        )
    return DemoSummary(
        today=today,
        mediators=len(staff),
        offices=len(offices),
        languages=len(read_table("languages")),
        associations=len(associations),
        certifications=certifications,
        arrival_rows=rows,
        visitors=visitors,
        logins=logins,
    )
