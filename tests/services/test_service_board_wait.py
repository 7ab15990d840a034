"""The wait as the board tells it: from what was simulated, and whether it still holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from drafts import draft
from small_world import MONDAY, SmallWorld

from app.models import ForecastSlot, Office, Roster, Run, RunStatus, User
from app.services import waiting, waiting_basis
from app.services.board_wait import board_wait
from app.services.errors import Forbidden, NotFound
from app.services.rights import actor_of
from app.services.waiting_basis import Changed


def row(visitors: float, wait: float, within: float, language: str | None = None) -> dict[str, Any]:
    return {
        "language": language,
        "visitors": visitors,
        "wait": [wait, wait, wait],
        "within": [within, within, within],
        "phone": [0.1, 0.1, 0.1],
    }


def day(index: int, pt: tuple[float, float, float], uk: tuple[float, float, float]) -> Any:
    visitors = pt[0] + uk[0]
    wait, within = ((pt[0] * pt[n] + uk[0] * uk[n]) / visitors for n in (1, 2))
    return {
        "day": index,
        "target_share": 0.8,
        "target_minutes": 15,
        "overall": row(visitors, wait, within),
        "by_language": [row(*pt, "pt"), row(*uk, "uk")],
    }


def simulated(
    world: SmallWorld, roster: Roster, now: dt.datetime, *days: Any, factor: int = 1, away: str = ""
) -> Run:
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, factor, away, now)
    basis = waiting_basis.basis(world.lisbon, MONDAY)
    result = {"days": list(days), "basis": basis}
    Run.update(status=RunStatus.DONE, result=result, ended_at=now).where(Run.id == run_id).execute()
    return Run.get_by_id(run_id)


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime) -> Roster:
    return draft(world, [("ana", "lisbon", 0, 8, 17), ("bo", "lisbon", 0, 9, 18)], now)


def test_nothing_is_told_before_anything_was_simulated(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    told = board_wait(world.system, "lisbon", roster.id)
    assert (told.week_figures, told.run_id, told.languages) == (None, None, ())
    assert not told.foreseen
    run_id = waiting.ask_simulation(world.system, "lisbon", MONDAY, roster.id, 1, "", now)
    assert board_wait(world.system, "lisbon", roster.id).run_id == run_id


def test_a_week_s_wait_counts_each_day_and_language_by_its_visitors(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    """Portuguese: (60×4 + 20×12) / 80 = 6 min, (60×0.9 + 20×0.5) / 80 = 0.8 in time."""
    simulated(
        world, roster, now,
        day(0, (60, 4.0, 0.9), (10, 20.0, 0.4)), day(1, (20, 12.0, 0.5), (10, 10.0, 0.6)),
    )  # fmt: skip
    told = board_wait(world.system, "lisbon", roster.id)
    assert [one.code for one in told.languages] == ["uk", "pt"], "the least in time first"
    uk, pt = (one.figures for one in told.languages)
    assert (pt.visitors, pt.wait, pt.within) == pytest.approx((80, 6.0, 0.8))
    assert (uk.visitors, uk.wait, uk.within) == pytest.approx((20, 15.0, 0.5))
    assert told.week_figures is not None
    assert told.week_figures.wait == pytest.approx((80 * 6 + 20 * 15) / 100)
    assert told.week_figures.within == pytest.approx(0.74)
    assert told.week_figures.phone == pytest.approx(0.1)
    assert (told.target_share, told.target_minutes, told.made_at) == (0.8, 15, now)
    assert not told.edited_since
    assert told.outdated == ()


def test_what_does_not_hold_any_more_says_so(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    simulated(world, roster, now, day(0, (60, 4.0, 0.9), (10, 20.0, 0.4)))
    ForecastSlot.create(
        office=world.lisbon, week_starts_on=MONDAY, starts_at=now, mean=1, q50=1, q80=1, q90=1,
        q95=1, made_at=now,
    )  # fmt: skip
    told = board_wait(world.system, "lisbon", roster.id)
    assert told.outdated == (Changed.FORECAST,)
    assert told.foreseen
    roster.revision += 1
    roster.save()
    told = board_wait(world.system, "lisbon", roster.id)
    assert told.edited_since
    assert told.week_figures is not None, "what was is shown still, and marked"


def test_what_ifs_of_the_roster_as_it_stands_are_told(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    calm, busy = day(0, (60, 4.0, 0.9), (10, 20.0, 0.4)), day(0, (120, 30.0, 0.2), (20, 40.0, 0.1))
    simulated(world, roster, now, calm)
    simulated(world, roster, now, busy, factor=2)
    simulated(world, roster, now, busy, away="ana")
    told = board_wait(world.system, "lisbon", roster.id)
    assert {(one.factor, one.away_name) for one in told.what_ifs} == {(2, ""), (1, "Ana")}
    assert all(one.figures.wait > told.week_figures.wait for one in told.what_ifs)
    roster.revision += 1
    roster.save()
    assert board_wait(world.system, "lisbon", roster.id).what_ifs == ()


def test_a_what_if_does_not_stand_on_a_forecast_made_anew(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    """The plain question is asked again after the forecast, the other one is not."""
    calm, busy = day(0, (60, 4.0, 0.9), (10, 20.0, 0.4)), day(0, (120, 30.0, 0.2), (20, 40.0, 0.1))
    simulated(world, roster, now, busy, factor=2)
    ForecastSlot.create(
        office=world.lisbon, week_starts_on=MONDAY, starts_at=now, mean=1, q50=1, q80=1, q90=1,
        q95=1, made_at=now,
    )  # fmt: skip
    simulated(world, roster, now, calm)
    told = board_wait(world.system, "lisbon", roster.id)
    assert (told.outdated, told.what_ifs) == ((), ())


def test_a_language_of_too_few_on_every_day_comes_last(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    """Two Ukrainians a week wait long by chance; of Portuguese only the Tuesday is thin."""
    monday, tuesday = (day(n, (60, 4.0, 0.9), (1, 60.0, 0.1)) for n in (0, 1))
    for one in (monday, tuesday):
        one["by_language"][1]["few"] = True
    tuesday["by_language"][0]["few"] = True
    simulated(world, roster, now, monday, tuesday)
    told = board_wait(world.system, "lisbon", roster.id)
    assert [(one.code, one.few) for one in told.languages] == [("pt", False), ("uk", True)]


def at_desk(need: str, visitors: float, wait: float, within: float, **other: Any) -> Any:
    told = {"received": 0.9, "busy": 0.5, "few": False, **other}
    return {"need": need, **row(visitors, wait, within), **told}


def test_each_desk_is_told_as_a_queue_of_its_own(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    """Legal: (6×10 + 2×30) / 8 = 15 min, (6×0.9 + 2×0.1) / 8 = 0.7 in time; on Tuesday nobody
    sits there. To the social desk too few come to say much."""
    monday, tuesday = (day(n, (60, 4.0, 0.9), (10, 20.0, 0.4)) for n in (0, 1))
    monday["desks"] = [
        at_desk("legal", 6, 10.0, 0.9),
        at_desk("social", 1, 60.0, 0.1, few=True),
        at_desk("health", 9, 2.0, 0.95, received=1.0),
    ]
    tuesday["desks"] = [at_desk("legal", 2, 30.0, 0.1, received=0.5, busy=None)]
    simulated(world, roster, now, monday, tuesday)
    told = board_wait(world.system, "lisbon", roster.id)
    assert [one.need for one in told.desks] == ["legal", "health", "social"]
    legal, health, social = told.desks
    assert (legal.figures.visitors, legal.figures.wait) == pytest.approx((8, 15.0))
    assert (legal.figures.within, legal.received) == pytest.approx((0.7, 0.8))
    assert (legal.empty_days, health.empty_days) == (1, 0)
    assert social.few
    assert told.desks_short == (legal,), "of too few nothing is said to be short"


def test_it_is_told_to_those_who_coordinate_the_office(world: SmallWorld, roster: Roster) -> None:
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    with pytest.raises(Forbidden):
        board_wait(bound, "lisbon", roster.id)
    with pytest.raises(NotFound):
        board_wait(world.system, "lisbon", roster.id + 1)
    assert Office.get(Office.code == "lisbon").group_id == roster.group_id
