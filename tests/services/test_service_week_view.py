"""A week of an office as its page shows it: cover counted, people laid to scale, who may look."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    Closure,
    Mediator,
    MediatorOffice,
    Office,
    RequestStatus,
    Requirement,
    Role,
    Roster,
    RosterStatus,
)
from app.services.cell_view import cell_view
from app.services.cover import CoverState, demand_of
from app.services.cover_totals import CoverTotals
from app.services.errors import Forbidden, NotFound
from app.services.horizon import Horizon
from app.services.judging import judge
from app.services.rights import Actor
from app.services.timeline import Window
from app.services.week_view import WeekView, week_view

NOW = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
COORDINATOR = Actor(user_id=None, roles=frozenset({Role.COORDINATOR}))


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def view_of(world: SmallWorld, office: str = "lisbon", **extra: int) -> WeekView:
    return week_view(COORDINATOR, office, MONDAY, now=NOW, **extra)


def row(view: WeekView, label: str):
    return next(one for one in view.cover if one.label == label)


def person(view: WeekView, name: str):
    return next(one for one in (*view.people, *view.visitors) if one.name == name)


def test_an_office_of_which_nothing_is_known(world: SmallWorld) -> None:
    view = view_of(world)
    assert (view.has_forecast, view.has_requirements, view.roster) == (False, False, None)
    assert view.cover == ()
    assert view.versions == ()
    assert [one.name for one in view.people] == ["Ana", "Bo", "Caio"]
    assert all(one.minutes == 0 for one in view.people)
    assert view.open_days == {0, 1, 2, 3, 4}


def test_needs_without_a_roster_are_not_missing(world: SmallWorld) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:uk"], 2)
    view = view_of(world)
    ukrainian = row(view, "Ukrainian")
    assert ukrainian.needed_minutes == 2 * 3 * 60
    assert ukrainian.missing_minutes == 0
    assert {one.state for one in ukrainian.days[0].stretches} == {CoverState.NEEDED}
    assert ukrainian.days[0].needed_minutes == 2 * 3 * 60


def test_one_person_counts_for_one_language_at_a_time(world: SmallWorld, now: dt.datetime) -> None:
    """Ana speaks Ukrainian and Russian: with both asked for, one of them goes without."""
    require(world.lisbon, 0, 9, 11, ["lang:uk"])
    require(world.lisbon, 0, 9, 11, ["lang:ru"])
    draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    view = view_of(world)
    missing = row(view, "Ukrainian").missing_minutes + row(view, "Russian").missing_minutes
    assert missing == 2 * 60
    assert view.missing_minutes == 2 * 60
    assert view.needed_minutes == 4 * 60


def test_a_presence_counts_whoever_is_there(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 9, 11, ["lang:uk"])
    require(world.lisbon, 0, 9, 11, ["lang:ru"], exclusive=False)
    draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    assert view_of(world).missing_minutes == 0
    assert view_of(world).totals == CoverTotals(120, 0, 120, 0)


def test_of_neighbouring_half_hours_the_worst_keeps_its_number(
    world: SmallWorld, now: dt.datetime
) -> None:
    for half, count in ((9, 1), (9.5, 4), (10, 2), (11, 1)):
        require(world.lisbon, 0, half, half + 0.5, ["lang:zh"], count)
    draft(world, [], now)
    stretches = row(view_of(world), "Mandarin").days[0].stretches
    assert [(one.missing, one.numbered) for one in stretches] == [
        (1, False), (4, True), (2, False), (1, True),
    ]  # fmt: skip


def test_a_break_is_not_cover(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 8, 17, ["lang:zh"])
    roster = draft(world, [("bo", "lisbon", 0, 8, 17)], now)
    [assignment] = Assignment.select().where(Assignment.roster == roster)
    [(start, end)] = assignment.breaks
    pause = dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)
    mandarin = row(view_of(world), "Mandarin")
    assert mandarin.missing_minutes == pause // dt.timedelta(minutes=1)
    local = dt.datetime.fromisoformat(start).astimezone(dt.UTC)
    assert mandarin.days[0].first_gap == local.strftime("%H:%M")


def test_someone_free_is_surplus_and_someone_counted_is_not(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 9, 11, ["lang:pt"])
    draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 10, 14)], now)
    [first, second] = row(view_of(world), "Portuguese").days[0].stretches
    assert (first.state, first.w) == (CoverState.MET, 2)
    assert (second.state, second.w) == (CoverState.SURPLUS, 2)


def test_missing_agrees_with_the_judges_cost(world: SmallWorld, now: dt.datetime) -> None:
    """All shortages cost 10 here, so ten times what the page counts is what the judge counts."""
    for day, (needs, count) in product(
        range(3), [(["lang:pt"], 2), (["lang:uk"], 1), (["lang:ru"], 1), (["lang:zh"], 2)]
    ):
        require(world.lisbon, day, 9, 12, needs, count)
    picks = [(who, "lisbon", day, 9, 13) for day in range(2) for who in ("ana", "bo", "caio")]
    roster = draft(world, picks, now)
    view = view_of(world)
    assert view.missing_minutes > 0
    assert view.missing_minutes // 30 * 10 == judge(roster).judgement.parts["cover"]


def test_the_worst_language_comes_first(world: SmallWorld) -> None:
    require(world.lisbon, 0, 9, 10, ["lang:kea"])
    require(world.lisbon, 0, 9, 12, ["lang:zh"])
    draft(world, [], dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    assert [one.label for one in view_of(world).cover] == ["Mandarin", "Cape Verdean creole"]


def test_what_all_rows_ask_for_is_said_once(world: SmallWorld) -> None:
    require(world.lisbon, 0, 9, 10, ["cert:legal", "lang:zh"])
    require(world.lisbon, 0, 9, 10, ["cert:legal", "lang:uk"], exclusive=False)
    view = view_of(world)
    assert view.common_skills == ("Legal support",)
    assert [(one.label, one.tag, one.kind) for one in view.cover] == [
        ("Mandarin", "ZH", "language"),
        ("Ukrainian (present)", "UK", "presence"),
    ]
    require(world.lisbon, 0, 9, 10)
    view = view_of(world)
    assert view.common_skills == ()
    assert {one.label for one in view.cover} == {
        "Mandarin + Legal support",
        "Anyone",
        "Ukrainian + Legal support (present)",
    }


def test_a_bar_lies_where_its_hours_are(world: SmallWorld, now: dt.datetime) -> None:
    draft(world, [("ana", "lisbon", 1, 9, 18)], now)
    view = view_of(world)
    [bar] = person(view, "Ana").days[1].bars
    assert view.window.clock(bar.x) == "09:00"
    assert view.window.clock(bar.x + bar.w) == "18:00"
    [(x, w)] = bar.gaps
    assert bar.x < x < x + w < bar.x + bar.w
    assert person(view, "Ana").minutes == 8 * 60
    assert person(view, "Ana").days[0].bars == ()


def test_the_azores_read_their_own_clock(world: SmallWorld, now: dt.datetime) -> None:
    """Nine in Lisbon is eight in Ponta Delgada, where the office opens then."""
    require(world.azores, 0, 8, 10, ["lang:en"])
    draft(world, [("dina", "azores", 0, 9, 13)], now)
    view = view_of(world, "azores")
    [bar] = person(view, "Dina").days[0].bars
    assert view.window.clock(bar.x) == "08:00"
    assert view.missing_minutes == 0


def test_people_elsewhere_are_shown_with_the_office(world: SmallWorld, now: dt.datetime) -> None:
    eva = Mediator.get(Mediator.code == "eva")
    MediatorOffice.create(mediator=eva, office=world.lisbon)
    draft(world, [("eva", "lisbon", 0, 9, 13), ("dina", "azores", 0, 9, 13)], now)
    at_lisbon = view_of(world)
    assert [one.name for one in at_lisbon.visitors] == ["Eva"]
    assert person(at_lisbon, "Eva").home == "Ponta Delgada"
    assert person(at_lisbon, "Eva").days[0].bars[0].elsewhere == ""
    at_home = person(view_of(world, "azores"), "Eva")
    assert at_home.days[0].bars[0].elsewhere == "Lisboa"
    assert at_home.days[0].bars[0].elsewhere_tag == "Lisboa"
    assert at_home.home == ""


def test_a_holiday_is_not_owed(world: SmallWorld, now: dt.datetime) -> None:
    assert person(view_of(world), "Bo").owed_minutes == 40 * 60
    Closure.create(office=world.lisbon, date=MONDAY, reason="Moving house")
    draft(world, [], now)
    assert person(view_of(world), "Bo").owed_minutes == 32 * 60


@pytest.mark.parametrize(
    ("status", "shown"),
    [(RequestStatus.APPROVED, "sick"), (RequestStatus.ASKED, ""), (RequestStatus.DECLINED, "")],
)
def test_only_approved_absences_keep_people_off(
    world: SmallWorld, status: RequestStatus, shown: str
) -> None:
    start = Horizon(MONDAY).instant(48)
    Absence.create(
        mediator=world.mediators[0],
        starts_at=start,
        ends_at=start + dt.timedelta(days=1),
        kind=AbsenceKind.SICKNESS,
        status=status,
    )
    days = person(view_of(world), "Ana").days
    assert [day.off for day in days] == ["", shown, "", "", "", "", ""]


def test_a_closed_day_says_why(world: SmallWorld) -> None:
    Closure.create(office=world.lisbon, date=MONDAY, reason="Moving house")
    view = view_of(world)
    assert view.closed[0] == "Moving house"
    assert 0 not in view.open_days


def test_the_draft_is_shown_before_the_published(world: SmallWorld, now: dt.datetime) -> None:
    published = draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    Roster.update(status=RosterStatus.PUBLISHED).where(Roster.id == published.id).execute()
    assert view_of(world).roster.version.id == published.id
    newer = draft(world, [], now)
    assert view_of(world).roster.version.id == newer.id
    assert view_of(world, roster_id=published.id).roster.version.id == published.id
    assert [one.version for one in view_of(world).versions] == [2, 1]


def test_a_broken_rule_is_told_with_its_article(world: SmallWorld, now: dt.datetime) -> None:
    """From 18:00 to 08:00 are fourteen hours of rest; the problem is made to ask for twenty."""
    roster = draft(world, [("bo", "lisbon", 0, 9, 18), ("bo", "lisbon", 1, 8, 17)], now)
    assert view_of(world).roster.faults == ()
    asks_more = roster.problem_json.replace('"min_rest_slots":22', '"min_rest_slots":40')
    Roster.update(problem_json=asks_more).where(Roster.id == roster.id).execute()
    [fault] = view_of(world).roster.faults
    assert fault.rule == "min_rest"
    assert fault.article == "CT 214"
    assert fault.text == "Bo has too little rest between two days."


def test_a_broken_rule_leads_to_its_day_only_whom_it_opens_to(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Bo of Lisbon; Eva of the Azores, who is at work in Lisbon, in a draft and published."""
    MediatorOffice.create(mediator=world.mediators[4], office=world.lisbon)
    roster = draft(
        world,
        [
            (code, "lisbon", day, begins, begins + 9)
            for code in ("bo", "eva")
            for day, begins in ((0, 9), (1, 8))
        ],
        now,
    )
    asks_more = roster.problem_json.replace('"min_rest_slots":22', '"min_rest_slots":40')
    Roster.update(problem_json=asks_more).where(Roster.id == roster.id).execute()

    def opening(*offices: Office) -> set[str]:
        bound = replace(COORDINATOR, office_ids=frozenset(one.id for one in offices))
        reader = bound if offices else COORDINATOR
        code = offices[0].code if offices else "lisbon"
        faults = week_view(reader, code, MONDAY, now=now).roster.faults
        rests = [one for one in faults if one.rule == "min_rest"]
        assert {one.mediator_code for one in rests} == {"bo", "eva"}
        for one in rests:
            date = MONDAY + dt.timedelta(days=one.day)
            with nullcontext() if one.may_open else pytest.raises(Forbidden):
                cell_view(reader, roster.id, one.mediator_id, date, now)
        return {one.mediator_code for one in rests if one.may_open}

    assert opening() == opening(world.lisbon, world.azores) == {"bo", "eva"}
    assert (opening(world.lisbon), opening(world.azores)) == ({"bo"}, set())
    Roster.update(status=RosterStatus.PUBLISHED).where(Roster.id == roster.id).execute()
    assert (opening(world.lisbon), opening(world.azores)) == ({"bo", "eva"}, {"eva"})


def test_the_day_that_lacks_most_is_the_day_looked_at(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 1, 9, 10, ["lang:zh"])
    require(world.lisbon, 3, 9, 12, ["lang:zh"])
    draft(world, [], now)
    assert view_of(world).day == 3
    assert view_of(world, day=1).day == 1
    assert view_of(world, day=99).day == 3
    [closely] = view_of(world, day=1).day_cover.rows
    short = [cell for cell in closely.cells if cell.state is CoverState.SHORT]
    assert [cell.clock for cell in short] == ["09:00", "09:30"]
    assert closely.missing_minutes == 60


def test_the_week_under_way_opens_today(world: SmallWorld, now: dt.datetime) -> None:
    """Or on the next open day; once none is left, on the day that lacks most like other weeks."""
    require(world.lisbon, 1, 9, 10, ["lang:zh"])
    draft(world, [], now)

    def shown(on: int, **asked: int) -> tuple[int, bool]:
        when = dt.datetime.combine(MONDAY, dt.time(9), dt.UTC) + dt.timedelta(days=on)
        view = week_view(COORDINATOR, "lisbon", MONDAY, now=when, **asked)
        return view.day, view.lacks_most

    assert shown(-3) == (1, True)
    assert shown(4) == (4, False)
    assert shown(4, day=1) == (1, False)
    assert shown(5) == (1, True), "open from Monday to Friday"
    Closure.create(office=world.lisbon, date=MONDAY, reason="Works")
    assert shown(0) == (1, False)


def test_who_may_look(world: SmallWorld) -> None:
    bound = Actor(
        user_id=None,
        roles=frozenset({Role.COORDINATOR}),
        office_ids=frozenset({world.azores.id}),
    )
    assert week_view(bound, None, MONDAY, now=NOW).office.code == "azores"
    assert [one.code for one in week_view(bound, "azores", MONDAY, now=NOW).offices] == ["azores"]
    with pytest.raises(Forbidden):
        week_view(bound, "lisbon", MONDAY, now=NOW)
    for role in (Role.MEDIATOR, Role.TRAINER, Role.ASSOCIATION):
        with pytest.raises(Forbidden):
            week_view(Actor(user_id=None, roles=frozenset({role})), "lisbon", MONDAY, now=NOW)


def test_what_is_not_there(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(NotFound):
        week_view(COORDINATOR, "nowhere", MONDAY, now=NOW)
    with pytest.raises(NotFound):
        week_view(COORDINATOR, "lisbon", MONDAY + dt.timedelta(days=1), now=NOW)
    roster = draft(world, [], now)
    with pytest.raises(NotFound):
        week_view(
            COORDINATOR, "lisbon", MONDAY + dt.timedelta(weeks=1), roster_id=roster.id, now=NOW
        )


def test_the_needs_judged_are_those_shown(world: SmallWorld, now: dt.datetime) -> None:
    """A requirement that came after the roster is not shown as missing in it."""
    require(world.lisbon, 0, 9, 10, ["lang:zh"])
    roster = draft(world, [], now)
    Requirement.update(count=9).execute()
    demand = demand_of(world.lisbon, Horizon(MONDAY), judge(roster))
    assert {cover.needed for slots in demand.table.values() for cover in slots.values()} == {1}


def test_a_window_cuts_what_lies_outside_it() -> None:
    window = Window(ZoneInfo("Europe/Lisbon"), 8 * 60, 12 * 60, 30)

    def at(hour: int, minute: int = 0) -> dt.datetime:
        return dt.datetime(2026, 1, 5, hour, minute, tzinfo=dt.UTC)

    assert window.units == 8
    assert window.place(at(8), at(9)) == (0, 2)
    assert window.place(at(7), at(9)) == (0, 2)
    assert window.place(at(11), at(14)) == (6, 2)
    assert window.place(at(11, 30), at(12)) == (7, 1)
    assert window.ticks == ((0, 8),)


def test_a_large_board_comes_by_the_hundred_and_finds(world: SmallWorld) -> None:
    model = world.mediators[0]
    here = len(view_of(world).people)
    for index in range(101 - here):
        Mediator.create(
            code=f"many{index:03}",
            name=f"Zélia {index:03}",
            association=model.association,
            regime=model.regime,
            week_minutes=2100,
            shift_least_minutes=240,
            shift_most_minutes=420,
            home_office=world.lisbon,
            starts_on=model.starts_on,
        )
    first, last = view_of(world).board, view_of(world, page=2).board
    assert (first.everyone, first.found, first.pages) == (101, 101, 2)
    assert (len(first.home), len(last.home)) == (100, 1)
    assert last.home[0].name == f"Zélia {100 - here:03}"
    assert view_of(world, page=9).board.page == 2
    found = week_view(COORDINATOR, "lisbon", MONDAY, find="zelia 00", now=NOW).board
    assert [one.name for one in found.home] == [f"Zélia 00{index}" for index in range(10)]
    assert (found.found, found.pages) == (10, 1)
    assert week_view(COORDINATOR, "lisbon", MONDAY, find="nobody", now=NOW).board.home == ()


def test_a_language_finds_who_speaks_it(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    names = {
        one.name for one in week_view(COORDINATOR, "lisbon", MONDAY, find="UK", now=NOW).board.home
    }
    speakers = {one.name for one in view_of(world).people if "uk" in one.languages}
    assert speakers
    assert speakers <= names
    assert len(names) < len(view_of(world).people)
