"""Known causes that raise or lower demand on some dates: a new law, a consulate's day, Ramadan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass

from app.models import DemandEvent, Language, Office, database
from app.services import audit
from app.services.checks import Faults
from app.services.errors import Forbidden, NotFound
from app.services.needs import NEEDS
from app.services.rights import Actor, require_any_coordinator

FACTOR_PERCENT_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """`factor_percent` 100 leaves demand as it is. Empty offices, languages or needs mean all."""

    name: str
    starts_on: dt.date
    ends_on: dt.date
    factor_percent: int
    offices: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView(EventFacts):
    id: int
    may_edit: bool
    """Whether the reader may change or remove it."""


def create_event(actor: Actor, event: EventFacts, now: dt.datetime) -> int:
    """Add an event; its id. A coordinator bound to offices may name only those. Raises Invalid."""
    _require(actor, event.offices)
    _check(event)
    with database.atomic():
        row = DemandEvent.create(**_columns(event))
        audit.record(actor, "event.create", "event", row.id, now, factor=event.factor_percent)
    return int(row.id)


def edit_event(actor: Actor, event_id: int, event: EventFacts, now: dt.datetime) -> None:
    """Put `event` in place of what it was. Raises Invalid."""
    _require(actor, tuple(_row(event_id).offices))
    _require(actor, event.offices)
    _check(event)
    with database.atomic():
        DemandEvent.update(**_columns(event)).where(DemandEvent.id == event_id).execute()
        audit.record(actor, "event.edit", "event", event_id, now, factor=event.factor_percent)


def remove_event(actor: Actor, event_id: int, now: dt.datetime) -> None:
    require_any_coordinator(actor)
    row = _row(event_id)
    _require(actor, tuple(row.offices))
    with database.atomic():
        row.delete_instance()
        audit.record(actor, "event.remove", "event", event_id, now)


def list_events(actor: Actor, since: dt.date) -> list[EventView]:
    """Events that end on `since` or later, the earliest first; for coordinators."""
    require_any_coordinator(actor)
    rows = DemandEvent.select().where(DemandEvent.ends_on >= since)
    return [_view(actor, row) for row in rows.order_by(DemandEvent.starts_on, DemandEvent.id)]


def event_to_edit(actor: Actor, event_id: int) -> EventView:
    """One event, for who may change it. Raises NotFound, Forbidden."""
    require_any_coordinator(actor)
    row = _row(event_id)
    _require(actor, tuple(row.offices))
    return _view(actor, row)


def _view(actor: Actor, row: DemandEvent) -> EventView:
    return EventView(
        id=row.id,
        may_edit=_may_edit(actor, tuple(row.offices)),
        name=row.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        factor_percent=row.factor_percent,
        offices=tuple(row.offices),
        languages=tuple(row.languages),
        needs=tuple(row.needs),
    )


def _require(actor: Actor, offices: Collection[str]) -> None:
    require_any_coordinator(actor)
    if not _may_edit(actor, offices):
        raise Forbidden


def _may_edit(actor: Actor, offices: Collection[str]) -> bool:
    """Whoever plans the whole network where no office is named, else each office named."""
    if actor.office_ids is None:
        return True
    known = Office.select().where(Office.code.in_(offices), Office.id.in_(actor.office_ids))
    return bool(offices) and known.count() == len(set(offices))


def _row(event_id: int) -> DemandEvent:
    row = DemandEvent.get_or_none(DemandEvent.id == event_id)
    if row is None:
        raise NotFound
    return row


def _check(event: EventFacts) -> None:
    faults = Faults()
    faults.text("name", event.name)
    faults.dates(event.starts_on, event.ends_on, "ends_on")
    faults.whole("factor_percent", event.factor_percent, 0, FACTOR_PERCENT_MOST)
    named = {
        "offices": {row.code for row in Office.select(Office.code)},
        "languages": {row.code for row in Language.select(Language.code)},
        "needs": set(NEEDS),
    }
    for field, known in named.items():
        values = getattr(event, field)
        faults.unique(field, values)
        for index, value in enumerate(values):
            faults.one_of(f"{field}.{index}", value, known)
    faults.raise_any()


def _columns(event: EventFacts) -> dict[str, object]:
    columns = asdict(event)
    for name in ("id", "may_edit"):
        columns.pop(name, None)
    for field in ("offices", "languages", "needs"):
        columns[field] = list(columns[field])
    return columns
