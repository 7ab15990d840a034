"""The simulated wait of a roster: who receives when, what if, and past weeks foreseen again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from drafts import draft, require
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld, log_arrivals

from app.models import Arrival, Certification, DemandEvent, ForecastSlot, Run, RunStatus, User
from app.services import accuracy_view, planning, waiting, waiting_basis, waiting_run
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.judging import judge
from app.services.rights import actor_of

LISBON_DAY = [("ana", "lisbon", 0, 8, 17), ("bo", "lisbon", 0, 9, 18)]


ENDED = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)


class Bell:
    """Stands for a run's context: parameters in, progress out."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        self.points: list[dict[str, Any]] = []

    def should_stop(self) -> bool:
        return False

    def report(self, **point: Any) -> None:
        self.points.append(point)


def simulated(run_id: int) -> dict[str, Any]:
    bell = Bell(Run.get_by_id(run_id).parameters)
    result = waiting_run.simulate_week(bell)()  # type: ignore[arg-type]
    assert bell.points[-1]["done"] == bell.points[-1]["of"] == 7
    Run.update(status=RunStatus.DONE, result=result, ended_at=ENDED).where(
        Run.id == run_id
    ).execute()
    return result


@pytest.fixture
def history(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> None:
    def lay_out() -> None:
        log_arrivals(world, now.date(), days=42)

    prepared("history", lay_out)


def test_breaks_and_desks_are_no_time_at_the_reception(world: SmallWorld, now: dt.datetime) -> None:
    """Ana is the only one of the two who may hold the legal desk; there she does not receive."""
    from app.models import Requirement

    Certification.create(
        mediator=world.mediators[0], kind="legal", valid_from=dt.date(2026, 1, 1), number="1"
    )
    require(world.lisbon, 0, 8, 18, ["lang:pt"], 2)
    require(world.lisbon, 0, 10, 11, ["cert:legal"])
    Requirement.update(label="legal", cost=50, minimum_cost=50).where(
        Requirement.starts_at.hour == 10
    ).execute()
    roster = draft(world, LISBON_DAY, now)
    serving = {
        one.id: one.serving
        for one in waiting_run.serving_mediators(world.lisbon, MONDAY, judge(roster))
    }
    minutes = {
        code: sum((end - start).total_seconds() / 60 for start, end in spans)
        for code, spans in serving.items()
    }
    worked = {
        row.mediator.code: (row.ends_at - row.starts_at).total_seconds() / 60
        - sum(
            (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds() / 60
            for start, end in row.breaks
        )
        for row in roster.assignments
    }
    assert minutes == {"ana": worked["ana"] - 60, "bo": worked["bo"]}
    desk = dt.datetime(2026, 3, 9, 10, 15, tzinfo=dt.UTC)
    assert not any(start <= desk < end for start, end in serving["ana"])


def test_twice_as_many_and_one_away_wait_longer(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    planning.derive_requirements(world.group, MONDAY, now)
    roster = draft(world, LISBON_DAY, now)

    def monday(factor: int, away: str) -> dict[str, Any]:
        run_id = waiting.ask_simulation(
            world.system, "lisbon", MONDAY, roster.id, factor, away, now
        )
        return simulated(run_id)["days"][0]["overall"]

    usual, doubled, alone = monday(1, ""), monday(2, ""), monday(1, "ana")
    assert doubled["visitors"] == pytest.approx(2 * usual["visitors"], rel=0.1)
    for worse in (doubled, alone):
        assert worse["wait"][1] > usual["wait"][2], "beyond what chance would do"
        assert worse["within"][2] < usual["within"][1]
    for low, value, high in (
        (one[1], one[0], one[2]) for one in (usual["wait"], usual["within"], usual["phone"])
    ):
        assert low <= value <= high


def test_who_goes_straight_to_a_desk_does_not_queue_at_the_reception(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    """All come with a legal question: from ten to twelve the desk calls their numbers itself."""
    Arrival.update(need="legal").execute()
    planning.derive_requirements(world.group, MONDAY, now)
    roster = draft(world, LISBON_DAY, now)

    def hours() -> set[int]:
        run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
        rows = simulated(run_id)["days"][0]["by_hour"]
        return {dt.datetime.fromisoformat(row["hour"]).hour for row in rows if row["visitors"]}

    assert hours() == set(range(8, 18))
    world.lisbon.gives_tickets = True
    world.lisbon.save()
    assert hours() == set(range(8, 18)) - {10, 11}


def test_each_desk_is_a_queue_of_its_own_with_who_sits_there(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    """Ana alone may hold the legal desk, which one in two visitors asks for from ten to twelve."""
    Certification.create(
        mediator=world.mediators[0], kind="legal", valid_from=dt.date(2026, 1, 1), number="1"
    )
    Arrival.update(need="legal").where(Arrival.id.bin_and(1) == 0).execute()
    planning.derive_requirements(world.group, MONDAY, now)
    roster = draft(world, LISBON_DAY, now)

    def legal(factor: int, away: str) -> dict[str, Any]:
        run_id = waiting.ask_simulation(
            world.system, "lisbon", MONDAY, roster.id, factor, away, now
        )
        (desk,) = simulated(run_id)["days"][0]["desks"]
        assert desk["need"] == "legal"
        return desk

    usual, doubled, empty = legal(1, ""), legal(2, ""), legal(1, "ana")
    assert usual["visitors"] > 1
    assert usual["wait"][1] <= usual["wait"][0] <= usual["wait"][2]
    assert doubled["visitors"] == pytest.approx(2 * usual["visitors"], rel=0.1)
    assert doubled["busy"] > usual["busy"] > 0
    assert (empty["within"][0], empty["received"], empty["busy"]) == (0, 0, None)


def test_a_language_nobody_speaks_goes_to_the_telephone(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    planning.derive_requirements(world.group, MONDAY, now)
    roster = draft(world, LISBON_DAY[:1], now)  # Ana: pt, uk, ru
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
    rows = {row["language"]: row for row in simulated(run_id)["days"][0]["by_language"]}
    assert rows["zh"]["within"][0] == 0
    assert rows["zh"]["phone"][0] > 0.4
    assert rows["pt"]["within"][0] > 0


def test_the_view_shows_the_newest_answer_to_the_same_question_only(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    planning.derive_requirements(world.group, MONDAY, now)
    roster = draft(world, LISBON_DAY, now)
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
    again = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
    assert again == run_id, "one is on its way already"
    assert waiting.wait_view(world.system, "lisbon", MONDAY).run_id == run_id
    simulated(run_id)
    view = waiting.wait_view(world.system, "lisbon", MONDAY)
    assert view.run_id is None
    assert [one["day"] for one in view.days] == [0, 1, 2, 3, 4]
    assert dict(view.people) == {"ana": "Ana", "bo": "Bo"}
    assert not waiting.wait_view(world.system, "lisbon", MONDAY, factor=2).days
    roster.revision += 1
    roster.save()
    assert not waiting.wait_view(world.system, "lisbon", MONDAY).days, "the roster has changed"


def test_what_cannot_be_asked_is_refused(world: SmallWorld, now: dt.datetime) -> None:
    roster = draft(world, LISBON_DAY, now)
    with pytest.raises(Invalid) as refused:
        waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 3, "dina", now)
    assert [one.field for one in refused.value.faults] == ["factor", "away"]
    with pytest.raises(NotFound):
        waiting.ask_simulation(
            world.system, "lisbon", MONDAY + dt.timedelta(days=7), roster.id, 1, "", now
        )
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    with pytest.raises(Forbidden):
        waiting.ask_simulation(bound, "lisbon", MONDAY, roster.id, 1, "", now)
    assert not Run.select().exists()


def test_the_back_test_foresees_each_week_from_what_was_before_it(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Thrice as many came in the last week: it is named, and the weeks before are not."""
    log_arrivals(world, now.date(), days=84)
    last = MONDAY - dt.timedelta(days=14)
    Arrival.update(count=Arrival.count * 3).where(
        Arrival.office == world.lisbon,
        Arrival.starts_at >= dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC),
    ).execute()
    run_id = accuracy_view.ask_back_test(world.system, "lisbon", now)
    bell = Bell(Run.get_by_id(run_id).parameters)
    result = accuracy_view.back_test(bell)()  # type: ignore[arg-type]
    doubts = {week["monday"]: week["doubts"] for week in result["weeks"]}
    assert doubts[last.isoformat()] == ["far_above"]
    assert [monday for monday, found in doubts.items() if found] == [last.isoformat()]
    assert {row["language"] for row in result["languages"]} >= {"pt", "uk", "zh"}
    assert result["total"]["wape"] > 0
    Run.update(status=RunStatus.DONE, result=result).where(Run.id == run_id).execute()
    view = accuracy_view.accuracy_view(world.system, "lisbon", now)
    assert view.tested == result
    assert len(view.band_weeks) == len(result["weeks"])
    assert (view.band_kept, view.band and view.band.monday) == (False, max(view.band_weeks))
    chosen = accuracy_view.accuracy_view(world.system, "lisbon", now, last).band
    assert chosen is not None
    came = [one.came for day in chosen.days for one in day.half_hours]
    week = next(week for week in result["weeks"] if week["monday"] == last.isoformat())
    assert sum(filter(None, came)) == week["actual"]
    assert sum(one.outside for day in chosen.days for one in day.half_hours) > len(came) / 2


def test_a_kept_forecast_is_held_against_what_came_so_far(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    assert accuracy_view.accuracy_view(world.system, "lisbon", now).kept is None
    this = MONDAY - dt.timedelta(days=7)
    planning.forecast_week(world.group, this, now - dt.timedelta(days=5))
    kept = accuracy_view.accuracy_view(world.system, "lisbon", now).kept
    assert kept is not None
    came = sum(
        row.count
        for row in Arrival.select().where(
            Arrival.office == world.lisbon,
            Arrival.starts_at >= dt.datetime(this.year, this.month, this.day, tzinfo=dt.UTC),
        )
    )
    assert kept["total"]["actual"] == came
    assert [week["monday"] for week in kept["weeks"]] == [this.isoformat()]
    view = accuracy_view.accuracy_view(world.system, "lisbon", now)
    assert view.band_kept
    assert view.band is not None
    assert [len(day.half_hours) for day in view.band.days] == [20] * 5
    seen = {
        day.date.weekday(): {one.came is None for one in day.half_hours} for day in view.band.days
    }
    assert (seen[0], seen[1], seen[3]) == ({False}, {False}, {True})
    for day in view.band.days:
        for one in day.half_hours:
            assert one.levels[0] <= one.levels[1] <= one.levels[2] <= view.band.top


def test_a_week_foreseen_when_it_had_begun_is_no_measure(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    this = MONDAY - dt.timedelta(days=7)
    planning.forecast_week(world.group, this, now)
    view = accuracy_view.accuracy_view(world.system, "lisbon", now)
    assert (view.kept, view.late) == (None, (this,))


def test_a_simulation_is_found_after_a_hundred_others(world: SmallWorld, now: dt.datetime) -> None:
    roster = draft(world, LISBON_DAY, now)
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
    days = [{"day": 0, "date": MONDAY.isoformat()}]
    Run.update(status=RunStatus.DONE, result={"days": days}).where(Run.id == run_id).execute()
    for other in range(100):
        question = waiting.Question("azores", MONDAY, other, 1)
        Run.create(
            kind="waiting", parameters=question.parameters(), about=question.about,
            status=RunStatus.DONE, asked_at=now,
        )  # fmt: skip
    assert waiting.simulated(world.lisbon, roster) == days


def test_what_a_simulation_rested_on_and_rests_on_no_more(
    world: SmallWorld, now: dt.datetime
) -> None:
    roster = draft(world, LISBON_DAY, now)
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
    result = {
        "days": [{"day": 0, "date": MONDAY.isoformat()}],
        "basis": waiting_basis.basis(world.lisbon, MONDAY),
    }
    Run.update(status=RunStatus.DONE, result=result, ended_at=ENDED).where(
        Run.id == run_id
    ).execute()

    def outdated() -> tuple[str, ...]:
        view = waiting.wait_view(world.system, "lisbon", MONDAY)
        assert view.made_at == ENDED
        return view.outdated

    assert outdated() == ()
    for code, expected in (("azores", ()), ("lisbon", ("events",))):
        DemandEvent.create(
            name="Law", starts_on=MONDAY, ends_on=MONDAY, factor_percent=150, offices=[code]
        )
        assert outdated() == expected
    world.lisbon.target_wait_minutes += 5
    world.lisbon.save()
    ForecastSlot.create(
        office=world.lisbon, week_starts_on=MONDAY, starts_at=now, mean=1, q50=1, q80=1, q90=1,
        q95=1, made_at=now,
    )  # fmt: skip
    assert outdated() == ("forecast", "events", "target")


def test_events_are_known_to_the_back_test(
    world: SmallWorld, history: None, now: dt.datetime
) -> None:
    last = MONDAY - dt.timedelta(days=14)
    run_id = accuracy_view.ask_back_test(world.system, "lisbon", now)
    parameters = Run.get_by_id(run_id).parameters

    def foreseen() -> float:
        result = accuracy_view.back_test(Bell(parameters))()  # type: ignore[arg-type]
        weeks = {week["monday"]: week["forecast"] for week in result["weeks"]}
        return weeks[last.isoformat()]

    before = foreseen()
    DemandEvent.create(
        name="A new law",
        starts_on=last,
        ends_on=last + dt.timedelta(days=6),
        factor_percent=200,
    )
    assert foreseen() == pytest.approx(2 * before, rel=0.02)
