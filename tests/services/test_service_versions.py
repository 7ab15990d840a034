"""A new draft from any version, two versions compared, and a sick call from press to message."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    Message,
    RequestStatus,
    Role,
    Roster,
    RosterStatus,
)
from app.services import roster_changes, rosters, sick_calls, versions
from app.services.errors import Conflict, Forbidden
from app.services.moves import Move, MoveKind, make
from app.services.rights import Actor


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    """Ana receives Ukrainians on Monday; Caio is there on Tuesday."""

    def lay_out() -> Roster:
        require(world.lisbon, 0, 9, 12, ["lang:pt"])
        picks = [("ana", "lisbon", 0, 9, 13), ("caio", "lisbon", 1, 9, 13)]
        roster = draft(world, picks, now)
        rosters.publish(world.system, roster.id, now)
        return Roster.get_by_id(roster.id)

    found: Roster = prepared("published", lay_out)
    return found


def uids(roster_id: int) -> dict[tuple[str, dt.date], str]:
    rows = Assignment.select().where(Assignment.roster == roster_id)
    return {(row.mediator.code, row.date): row.uid for row in rows}


def test_a_published_week_is_changed_through_a_draft_that_keeps_its_events(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    made = versions.draft_from(world.system, published.id, now)
    copy = Roster.get_by_id(made)
    assert (copy.status, copy.version, copy.based_on_id) == (RosterStatus.DRAFT, 2, published.id)
    assert uids(made) == uids(published.id)
    assert roster_changes.changes_between(published, copy) == ()
    bo = world.mediators[1].id
    move = Move(MoveKind.HAND, world.mediators[2].id, MONDAY + dt.timedelta(days=1), None, bo)
    make(world.system, made, 0, move, now)
    rosters.publish(world.system, made, now)
    assert uids(made)["ana", MONDAY] == uids(published.id)["ana", MONDAY]


def test_two_versions_are_compared_person_by_person(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    made = versions.draft_from(world.system, published.id, now)
    tuesday = MONDAY + dt.timedelta(days=1)
    caio, bo = world.mediators[2].id, world.mediators[1].id
    make(world.system, made, 0, Move(MoveKind.HAND, caio, tuesday, None, bo), now)
    view = versions.compare(world.system, published.id, made)
    assert [name for name, _changes in view.people] == ["Bo", "Caio"]
    ((gained,), (lost,)) = (changes for _name, changes in view.people)
    assert (gained.date, gained.before) == (tuesday, None)
    assert (lost.date, lost.after) == (tuesday, None)


def test_an_older_version_comes_back_as_a_draft(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    second = versions.draft_from(world.system, published.id, now)
    make(world.system, second, 0, Move(MoveKind.TAKE, world.mediators[0].id, MONDAY), now)
    rosters.publish(world.system, second, now)
    restored = versions.draft_from(world.system, published.id, now)
    preview = rosters.publication_preview(world.system, restored)
    assert [(one.mediator, one.date, one.before) for one in preview] == [("Ana", MONDAY, None)]
    assert Roster.get_by_id(second).status is RosterStatus.PUBLISHED


def test_a_sick_call_offers_repairs_and_the_one_taken_is_published_and_told(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    Message.delete().execute()
    call = sick_calls.sick_call(world.system, published.id, ana.id, MONDAY, now)
    assert 1 <= len(call.repairs) <= 3
    costs = [one.effect.cost for one in call.repairs]
    assert costs == sorted(costs)
    chosen = call.repairs[0]
    assert {one.name for one in chosen.changes} > {"Ana"}
    made = sick_calls.take(world.system, published.id, ana.id, MONDAY, chosen.key, now)
    roster = Roster.get_by_id(made)
    assert roster.status is RosterStatus.PUBLISHED
    assert Roster.get_by_id(published.id).status is RosterStatus.SUPERSEDED
    absence = Absence.get(Absence.mediator == ana)
    assert absence.kind is AbsenceKind.SICKNESS
    assert (absence.ends_at - absence.starts_at) == dt.timedelta(days=1)
    assert ("ana", MONDAY) not in uids(made)
    person = rosters.problem_of(roster).mediator_by_id["ana"]
    assert any(start == 0 for start, _end in person.unavailable)
    changed = {one.mediator_id for one in roster_changes.changes_between(published, roster)}
    told = {one.user.mediator_id for one in Message.select()}
    assert told == changed & {one.id for one in world.mediators[:2]}, "those who have an account"
    assert ana.id in told


def test_somebody_ill_on_another_day_stops_no_repair(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Caio is ill on Tuesday and nobody stands in yet; Ana's Monday is repaired all the same."""
    ana, _bo, caio, *_others = world.mediators
    tuesday = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
    Absence.create(
        mediator=caio, starts_at=tuesday, ends_at=tuesday + dt.timedelta(days=1),
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    key = sick_calls.sick_call(world.system, published.id, ana.id, MONDAY, now).repairs[0].key
    made = sick_calls.take(world.system, published.id, ana.id, MONDAY, key, now)
    assert Roster.get_by_id(made).status is RosterStatus.PUBLISHED


def test_a_repair_is_taken_once(world: SmallWorld, published: Roster, now: dt.datetime) -> None:
    ana = world.mediators[0]
    key = sick_calls.sick_call(world.system, published.id, ana.id, MONDAY, now).repairs[0].key
    with pytest.raises(Conflict):
        sick_calls.take(world.system, published.id, ana.id, MONDAY, "nonsense", now)
    assert Absence.select().count() == 0
    sick_calls.take(world.system, published.id, ana.id, MONDAY, key, now)
    with pytest.raises(Conflict):
        sick_calls.take(world.system, published.id, ana.id, MONDAY, key, now)
    assert Absence.select().count() == 1
    assert Roster.select().count() == 2


def test_only_the_network_s_coordinators_publish_and_restore(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    roles = frozenset({Role.COORDINATOR})
    bound = Actor(user_id=None, roles=roles, office_ids=frozenset({world.azores.id}))
    ana = world.mediators[0].id
    with pytest.raises(Forbidden):
        versions.draft_from(bound, published.id, now)
    with pytest.raises(Forbidden):
        versions.compare(bound, published.id, published.id)
    with pytest.raises(Forbidden):
        sick_calls.sick_call(bound, published.id, ana, MONDAY, now)
    with pytest.raises(Forbidden):
        sick_calls.take(bound, published.id, ana, MONDAY, "", now)
