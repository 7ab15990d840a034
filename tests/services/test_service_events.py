"""Demand events: checked, bound to the offices their coordinator plans."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import DemandEvent, User
from app.services import events
from app.services.errors import Forbidden, Invalid
from app.services.events import EventFacts
from app.services.rights import Actor, actor_of

DAY = dt.date(2026, 3, 9)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def test_an_event_is_added_changed_listed_and_removed(world: SmallWorld, now: dt.datetime) -> None:
    event = EventFacts(
        name="Dia do consulado", starts_on=DAY, ends_on=DAY, factor_percent=150,
        offices=("lisbon",), languages=("uk",), needs=("legal",),
    )  # fmt: skip
    event_id = events.create_event(world.system, event, now)
    (view,) = events.list_events(world.system, DAY)
    assert view == events.EventView(id=event_id, may_edit=True, **{
        name: getattr(event, name) for name in EventFacts.__dataclass_fields__
    })  # fmt: skip
    (read_only,) = events.list_events(actor(world.azores_coordinator), DAY)
    assert not read_only.may_edit
    events.edit_event(world.system, event_id, replace(view, factor_percent=80), now)
    assert DemandEvent.get_by_id(event_id).factor_percent == 80
    assert events.list_events(world.system, DAY + dt.timedelta(days=1)) == []
    events.remove_event(world.system, event_id, now)
    assert not DemandEvent.select().exists()


def test_every_fault_of_an_event_at_once(world: SmallWorld, now: dt.datetime) -> None:
    bad = EventFacts(
        name="", starts_on=DAY, ends_on=DAY - dt.timedelta(days=1), factor_percent=1001,
        offices=("lisbon", "lisbon", "mars"), languages=("tlh",), needs=("magic",),
    )  # fmt: skip
    with pytest.raises(Invalid) as error:
        events.create_event(world.system, bad, now)
    assert [fault.field for fault in error.value.faults] == [
        "name", "ends_on", "factor_percent", "offices.1", "offices.2", "languages.0", "needs.0",
    ]  # fmt: skip
    assert not DemandEvent.select().exists()


def test_a_bound_coordinator_names_their_own_offices(world: SmallWorld, now: dt.datetime) -> None:
    bound = actor(world.azores_coordinator)
    own = EventFacts(
        name="Festa", starts_on=DAY, ends_on=DAY, factor_percent=50, offices=("azores",)
    )
    event_id = events.create_event(bound, own, now)
    for offices in ((), ("lisbon",), ("azores", "lisbon")):
        with pytest.raises(Forbidden):
            events.create_event(bound, replace(own, offices=offices), now)
        with pytest.raises(Forbidden):
            events.edit_event(bound, event_id, replace(own, offices=offices), now)
    for email in (world.mediator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            events.list_events(actor(email), DAY)
        with pytest.raises(Forbidden):
            events.create_event(actor(email), own, now)
