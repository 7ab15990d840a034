"""A mobile unit's route as cover of its office: its people count where they are, nowhere else."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    MediatorOffice,
    Office,
    OfficeKind,
    OpeningHours,
    RequestStatus,
    Roster,
)
from app.services import (
    coverage,
    draft_facts,
    field_changes,
    field_crew,
    field_routes,
    rosters,
    versions,
)
from app.services.coordination import coordination
from app.services.cover import demand_of
from app.services.field_checks import RouteFacts, StopFacts
from app.services.field_cover import MET, UNMET
from app.services.horizon import Horizon
from app.services.judging import judge
from app.services.ladder import RungKind
from app.services.now_view import now_page
from app.services.problems import build_problem
from app.services.roster_figures import figures_of
from app.services.standing import current_roster
from app.services.waiting_run import serving_mediators
from solver import solve

TUESDAY = MONDAY + dt.timedelta(days=1)


def stop(place: str, start: int, end: int) -> StopFacts:
    return StopFacts(
        place=place, address="", latitude=38.5, longitude=-8.9, from_minute=start * 60,
        until_minute=end * 60, languages=("uk",),
    )  # fmt: skip


@pytest.fixture
def unit(world: SmallWorld) -> Office:
    """A mobile unit, asked for Portuguese, Ukrainian and Creole on Tuesday from eight to six."""
    office = Office.create(
        group=world.group, code="mobile", name="Unidade", kind=OfficeKind.MOBILE_UNIT, capacity=2,
        district="",
    )  # fmt: skip
    OpeningHours.create(office=office, weekday=1, opens_minute=480, closes_minute=1080)
    for language in ("pt", "uk", "kea"):
        require(office, 1, 8, 18, [f"lang:{language}"])
    return office


@pytest.fixture
def route(world: SmallWorld, unit: Office, now: dt.datetime) -> int:
    """Of Ana, who speaks Ukrainian, and Bo."""
    return go_out(world, unit, now)


def go_out(world: SmallWorld, unit: Office, now: dt.datetime) -> int:
    """Out from nine to five, with stops from ten to twelve and from two to four."""
    facts = RouteFacts(
        office_id=unit.id, date=TUESDAY, name="Litoral", leaves_minute=540, returns_minute=1020,
        stops=(stop("Mercado", 10, 12), stop("Junta", 14, 16)),
    )  # fmt: skip
    made = field_routes.create_route(world.system, facts, now)
    for person in world.mediators[:2]:
        field_crew.assign(world.system, made, person.id, now)
    return made


def by_language(world: SmallWorld, unit: Office, roster: Roster) -> dict[str, tuple[int, int]]:
    """Minutes needed and missing of the unit's Tuesday."""
    return {
        label: (needed, missing)
        for code, label, _day, needed, missing in figures_of(roster).cover
        if code == unit.code
    }


def test_what_those_along_meet_asks_for_nobody_else(world: SmallWorld, route: int) -> None:
    """Before and after the route the unit asks as ever; at its stops Ana and Bo meet what they
    can; on the way nobody is asked for."""
    problem = build_problem(world.group, MONDAY)
    day = problem.days[1].start
    told = {
        (need.needs[0], (need.start - day) / 2, "".join(need.id.partition("~")[1:]))
        for need in problem.requirements
    }
    for skill in ("lang:pt", "lang:uk", "lang:kea"):
        assert {(skill, 8.0, ""), (skill, 17.0, "")} <= told
    for start in (10.0, 14.0):
        assert {("lang:uk", start, MET), ("lang:pt", start, MET)} <= told
        assert ("lang:kea", start, UNMET) in told
    assert {start for _skill, start, _kind in told} == {8.0, 10.0, 14.0, 17.0}
    assert all(bool(one.cost) is ("~" not in one.id) for one in problem.requirements)


def test_no_roster_sends_anybody_after_them(world: SmallWorld, route: int) -> None:
    """Solved, judged by the same contract: what a route meets costs nothing and draws nobody."""
    problem = build_problem(world.group, MONDAY)
    result = solve(problem, time_limit=5, workers=1, seed=1)
    assert result.cost is not None
    assert result.bound is not None
    assert result.bound <= result.cost
    given = coverage.of_assignments(problem, result.assignments)
    assert given.by_language["uk"] == pytest.approx(4 / 6, abs=0.01)
    assert given.by_language["kea"] == 0


def test_cover_figures_and_the_coordination_s_page_count_them_there(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    rosters.publish(world.system, draft(world, [("caio", "lisbon", 1, 9, 13)], now).id, now)
    roster = current_roster(world.group.id, MONDAY)
    assert by_language(world, unit, roster) == {
        "pt": (360, 120), "uk": (360, 120), "kea": (360, 360),
    }  # fmt: skip
    demand = demand_of(unit, Horizon(MONDAY), judge(roster))
    assert {key.code: sum(one.missing or 0 for one in slots.values()) for key, slots in
            demand.table.items()} == {"lang:pt": 4, "lang:uk": 4, "lang:kea": 12}  # fmt: skip
    page = coordination(world.system, now)
    (line,) = [one for one in page.offices if one.code == unit.code]
    assert (line.weeks[1].needed, line.weeks[1].missing) == (1080, 600)


def test_the_simulation_of_waits_has_them_at_the_stops(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    found = serving_mediators(unit, MONDAY, judge(draft(world, [], now)))
    assert [(one.id, [(a.hour, b.hour) for a, b in one.serving]) for one in found] == [
        ("ana", [(10, 12), (14, 16)]), ("bo", [(10, 12), (14, 16)]),
    ]  # fmt: skip


def test_a_unit_under_way_is_open_whatever_its_hours(
    world: SmallWorld, unit: Office, route: int
) -> None:
    """Its opening hours name other days. From its first stop to its last it is open; on the way,
    nobody speaks what they speak at the stops."""
    OpeningHours.delete().where(OpeningHours.office == unit).execute()

    def told(hour: int) -> tuple[int | None, bool]:
        page = now_page(world.system, unit.code, dt.datetime(2026, 3, 10, hour, 30, tzinfo=dt.UTC))
        return page.open_until and page.open_until.hour, bool(page.unspoken)

    assert [told(hour) for hour in (9, 10, 12, 15, 16)] == [
        (None, False), (16, False), (16, True), (16, False), (None, False),
    ]  # fmt: skip


def test_the_simulation_of_waits_has_nobody_twice_and_nobody_who_is_absent(
    world: SmallWorld, unit: Office, now: dt.datetime
) -> None:
    """A route from after the roster: Ana's shift at the unit gives way to it, and Bo is ill."""
    for mediator in world.mediators[:2]:
        MediatorOffice.create(mediator=mediator, office=unit)
    picks = [("ana", "mobile", 1, 8, 12), ("bo", "mobile", 1, 14, 18)]
    judged = judge(draft(world, picks, now))
    go_out(world, unit, now)
    noon = dt.datetime.combine(TUESDAY, dt.time(12), dt.UTC)
    Absence.create(
        mediator=world.mediators[1], starts_at=noon, ends_at=noon + dt.timedelta(days=1),
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    found = serving_mediators(unit, MONDAY, judged)
    assert [(one.id, [(a.hour, b.hour) for a, b in one.serving]) for one in found] == [
        ("ana", [(8, 9), (10, 12), (14, 16)]), ("bo", [(10, 12), (17, 18)]),
    ]  # fmt: skip


def test_who_is_away_that_day_meets_nothing(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    Absence.create(
        mediator=world.mediators[0], starts_at=now, ends_at=now + dt.timedelta(days=30),
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    rosters.publish(world.system, draft(world, [], now).id, now)
    found = by_language(world, unit, current_roster(world.group.id, MONDAY))
    assert found == {"pt": (360, 120), "uk": (360, 360), "kea": (360, 360)}


def test_a_centre_s_team_meets_nothing_of_the_centre_s(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    Office.update(kind=OfficeKind.LOCAL_CENTRE).where(Office.id == unit.id).execute()
    assert not any("~" in one.id for one in build_problem(world.group, MONDAY).requirements)


def test_a_draft_brought_up_to_date_follows_the_route(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    made = draft(world, [], now)
    field_changes.cancel_route(world.system, route, now)
    draft_facts.bring_up_to_date(world.system, made.id, now)
    needs = rosters.problem_of(Roster.get_by_id(made.id)).requirements
    assert {(one.end - one.start, one.cost) for one in needs} == {(20, 10)}


def test_brought_up_to_date_in_the_week_what_was_met_stays_met(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    published = draft(world, [], now)
    rosters.publish(world.system, published.id, now)
    wednesday = dt.datetime.combine(TUESDAY + dt.timedelta(days=1), dt.time(9), dt.UTC)
    made = versions.draft_from(world.system, published.id, wednesday)

    def met() -> dict[str, int]:
        needs = rosters.problem_of(Roster.get_by_id(made)).requirements
        return {one.id: one.count for one in needs if one.id.endswith(MET)}

    before = met()
    assert before
    draft_facts.bring_up_to_date(world.system, made, wednesday)
    assert met() == before


def test_now_shows_them_at_the_stop_and_not_at_home(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    picks = [("ana", "lisbon", 1, 13, 17), ("caio", "lisbon", 1, 9, 13)]
    made = draft(world, picks, now)
    Roster.update(status="published", published_at=now).where(Roster.id == made.id).execute()

    def told(clock: int, office: str) -> tuple[list[tuple[str, str]], list[str], list[str]]:
        at = dt.datetime.combine(TUESDAY, dt.time(clock, 30), dt.UTC)
        page = now_page(world.system, office, at)
        return (
            [(one.name, one.station) for one in page.here],
            [one.name for one in page.away],
            [one.name for one in page.coming],
        )

    assert told(9, "mobile") == ([], [], ["Ana", "Bo"])
    assert told(10, "mobile") == ([("Ana", "Mercado"), ("Bo", "Mercado")], [], [])
    assert told(12, "mobile") == ([], ["Ana", "Bo"], [])
    assert told(14, "mobile") == ([("Ana", "Junta"), ("Bo", "Junta")], [], [])
    assert told(16, "mobile") == ([], [], [])
    assert told(14, "lisbon")[:2] == ([], ["Ana"])
    lisbon = now_page(world.system, "lisbon", dt.datetime.combine(TUESDAY, dt.time(14, 30), dt.UTC))
    ukrainian = next(one for one in lisbon.unspoken if one.code == "uk")
    assert [(one.kind, one.name, one.place) for one in ukrainian.ladder] == [
        (RungKind.COLLEAGUE, "Ana", "Unidade")
    ]


def test_a_shift_at_the_unit_is_no_second_presence(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    Office.update(kind=OfficeKind.MOBILE_UNIT).where(Office.id == unit.id).execute()
    MediatorOffice.create(mediator=world.mediators[0], office=unit)
    made = draft(world, [("ana", "mobile", 1, 9, 13)], now)
    Roster.update(status="published", published_at=now).where(Roster.id == made.id).execute()
    at = dt.datetime.combine(TUESDAY, dt.time(10, 30), dt.UTC)
    assert [one.name for one in now_page(world.system, "mobile", at).here] == ["Ana", "Bo"]


def test_who_begins_at_the_unit_is_there_until_the_route_leaves(
    world: SmallWorld, unit: Office, route: int, now: dt.datetime
) -> None:
    MediatorOffice.create(mediator=world.mediators[0], office=unit)
    made = draft(world, [("ana", "mobile", 1, 8, 12)], now)
    Roster.update(status="published", published_at=now).where(Roster.id == made.id).execute()

    def told(hour: int, minute: int) -> tuple[list[str], list[str]]:
        at = dt.datetime.combine(TUESDAY, dt.time(hour, minute), dt.UTC)
        page = now_page(world.system, "mobile", at)
        return [one.name for one in page.here], [one.name for one in page.coming]

    assert told(8, 30) == (["Ana"], ["Ana", "Bo"])
    assert told(9, 0) == ([], ["Ana", "Bo"])
