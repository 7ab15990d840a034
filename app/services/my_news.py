"""What changed in a mediator's shifts, training and routes since they last confirmed them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.i18n import _
from app.models import WeekLook, database
from app.services.errors import Conflict
from app.services.field_routes import RouteView
from app.services.my_duties import (
    Duties,
    ShiftView,
    TrainingView,
    duties_of,
    own_duties,
    own_mediator,
)
from app.services.names import in_readers_language
from app.services.rights import Actor

OLDEST_PAGE = dt.timedelta(days=30)
"""How old a page may be that one still confirms from."""


class Duty(StrEnum):
    """What takes a mediator's time."""

    SHIFT = "shift"
    TRAINING = "training"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class SeenDuty:
    """A duty as it was when it was last confirmed, or as it is now."""

    kind: Duty
    name: str
    """The office of a shift, the course of a training, a route with its places."""
    zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]


@dataclass(frozen=True, slots=True)
class DutyChange:
    """`before` None: come since; `after` None: gone."""

    before: SeenDuty | None
    after: SeenDuty | None


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look among the duties not yet over."""

    looked_at: dt.datetime | None
    changes: tuple[DutyChange, ...]
    mark: str
    """Names what is shown, so that nobody confirms what came after."""


def news(actor: Actor, now: dt.datetime, duties: Duties | None = None) -> News:
    """What changed since the actor last confirmed; at first, all that is ahead is new."""
    duties = duties or own_duties(actor, now)
    look = WeekLook.get_or_none(WeekLook.mediator == duties.mediator)
    known: dict[str, Any] = look.shifts if look else {}
    there = _snapshot(duties.between(now))
    changes = []
    for key in sorted(known.keys() | there.keys()):
        before = _seen(key, known[key]) if key in known else None
        after = _seen(key, there[key]) if key in there else None
        over = after is None and before is not None and before.ends_at <= now
        if known.get(key) != there.get(key) and not over:
            changes.append(DutyChange(before, after))
    return News(
        looked_at=look.at if look else None,
        changes=tuple(sorted(changes, key=_when)),
        mark=_mark(there, now),
    )


def confirm(actor: Actor, mark: str, now: dt.datetime) -> None:
    """Note that the actor has seen what `mark` names. Raises Conflict where it has changed.

    What has only begun or ended since the page was made has not changed.
    """
    mediator = own_mediator(actor)
    made_at = _made_at(mark, now)
    there = _snapshot(duties_of(mediator, made_at)) if made_at else {}
    if made_at is None or mark != _mark(there, made_at):
        raise Conflict(_("Your shifts have changed again meanwhile; look at them once more."))
    with database.atomic():
        WeekLook.insert(mediator=mediator, at=now, shifts=there).on_conflict(
            conflict_target=[WeekLook.mediator],
            preserve=[WeekLook.at, WeekLook.shifts],
        ).execute()


def _snapshot(ahead: Duties) -> dict[str, list[Any]]:
    """Key → what a duty is, as JSON keeps it."""
    told = {one.uid: _told(one, one.office_name, breaks=one.breaks) for one in ahead.shifts}
    for session in ahead.training:
        later = f".{session.date_uid}" if session.date_uid else ""
        told[f"training-{session.session_id}{later}"] = _told(
            session, session.title_pt, title_en=session.title_en
        )
    for route in ahead.routes:
        told[f"route-{route.id}"] = _told(route, f"{route.name} ({route.places})")
    return told


def _told(
    one: ShiftView | TrainingView | RouteView,
    name: str,
    *,
    title_en: str = "",
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...] = (),
) -> list[Any]:
    paused = [[edge.isoformat() for edge in pause] for pause in breaks]
    told = [name, one.zone, one.starts_at.isoformat(), one.ends_at.isoformat(), paused]
    return [*told, title_en] if title_en else told


def _seen(key: str, told: list[Any]) -> SeenDuty:
    name, zone, start, end, breaks, *title_en = told
    instant = dt.datetime.fromisoformat
    kind = next((one for one in Duty if key.startswith(f"{one}-")), Duty.SHIFT)
    return SeenDuty(
        kind=kind,
        name=in_readers_language(name, *title_en) if title_en else name,
        zone=zone,
        starts_at=instant(start),
        ends_at=instant(end),
        breaks=tuple((instant(begins), instant(ends)) for begins, ends in breaks),
    )


def _when(change: DutyChange) -> dt.datetime:
    return min(one.starts_at for one in (change.before, change.after) if one is not None)


def _mark(there: dict[str, list[Any]], made_at: dt.datetime) -> str:
    """When the page was made, and what it showed."""
    digest = hashlib.sha256(json.dumps(there, sort_keys=True).encode()).hexdigest()[:24]
    return f"{made_at.isoformat()} {digest}"


def _made_at(mark: str, now: dt.datetime) -> dt.datetime | None:
    """When the page of that mark was made; None for no such moment or one too long ago."""
    try:
        made_at = dt.datetime.fromisoformat(mark.partition(" ")[0])
    except ValueError:
        return None
    if made_at.tzinfo is None or not now - OLDEST_PAGE <= made_at <= now:
        return None
    return made_at
