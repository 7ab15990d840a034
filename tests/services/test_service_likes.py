"""An office that has hardly opened is foreseen like others of its kind, nearest in size."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import MONDAY, SmallWorld, log_arrivals

from app.models import Arrival, Office, OfficeKind, OpeningHours, PlanningGroup
from app.services import planning
from app.services.likes import counted_days, hardly_opened, likes_of
from app.services.openings import opening_calendar
from forecast.network import WARM_DAYS


def opened(
    group: PlanningGroup, code: str, kind: OfficeKind, capacity: int | None, day_arrivals: int = 0
) -> Office:
    """A new office open as the others are; two weeks with so many a day, if any."""
    office = Office.create(
        group=group, code=code, name=code.title(), kind=kind, capacity=capacity, position=9
    )
    for weekday in range(5):
        OpeningHours.create(office=office, weekday=weekday, opens_minute=480, closes_minute=1080)
    if day_arrivals:
        for before in range(1, 15):
            date = MONDAY - dt.timedelta(days=5 + before)
            for start, _end in opening_calendar(office).intervals(date):
                for half in range(20):
                    Arrival.create(
                        office=office, starts_at=start + half * dt.timedelta(minutes=30),
                        language="uk", need="general", count=day_arrivals // 20,
                    )  # fmt: skip
    return office


@pytest.fixture
def counted(world: SmallWorld, now: dt.datetime) -> SmallWorld:
    log_arrivals(world, now.date())
    return world


def week_of(world: SmallWorld, group: PlanningGroup, code: str, now: dt.datetime) -> float:
    return float(planning.prepare_forecast(group, MONDAY, now).forecasts[code].total_mean.sum())


def test_an_office_without_arrivals_is_its_like_by_size(
    counted: SmallWorld, now: dt.datetime
) -> None:
    """Lisbon, of its kind, receives ten at once; the new one five. The Azores are of another."""
    porto = opened(counted.group, "porto", OfficeKind.CENTRE, 5)
    (like,) = likes_of(porto, MONDAY)
    assert (like.office.code, like.scale) == ("lisbon", 0.5)
    prepared = planning.prepare_forecast(counted.group, MONDAY, now)
    lisbon, new = prepared.forecasts["lisbon"], prepared.forecasts["porto"]
    assert new.total_mean.sum() == pytest.approx(lisbon.total_mean.sum() / 2, rel=1e-6)
    assert new.basis == "1 likes (scales 0.5) × 1.00 by 0 own days"
    assert new.total_spread.max() > lisbon.total_spread.max(), "it is less sure"
    one = planning.forecast_of(porto, MONDAY, now)
    assert one.total_mean.sum() == pytest.approx(new.total_mean.sum())
    told = hardly_opened(porto.id, MONDAY, now)
    assert told is not None
    assert (told.days, told.needed, told.likes) == (0, WARM_DAYS, ("Lisboa",))
    assert hardly_opened(counted.lisbon.id, MONDAY, now) is None


def test_two_weeks_of_its_own_correct_the_like(counted: SmallWorld, now: dt.datetime) -> None:
    """Two hundred a week by its size; a hundred came, all of them speaking Ukrainian."""
    porto = opened(counted.group, "porto", OfficeKind.CENTRE, 5, day_arrivals=20)
    assert counted_days(porto, MONDAY) == 10
    new = planning.prepare_forecast(counted.group, MONDAY, now).forecasts["porto"]
    assert new.basis.endswith("by 10 own days")
    assert 95 < new.total_mean.sum() < 125
    shares = new.language_mean.sum(axis=0) / new.total_mean.sum()
    assert shares[new.languages.index("uk")] > 0.5
    assert counted_days(counted.lisbon, MONDAY) == WARM_DAYS


def test_what_has_been_counted_so_far_is_what_was_before_today(
    counted: SmallWorld, now: dt.datetime
) -> None:
    """The tenth of March: the week before is over, of this one only Monday has passed."""
    porto = opened(counted.group, "porto", OfficeKind.CENTRE, 5, day_arrivals=20)
    tuesday, week = MONDAY_NOON + dt.timedelta(days=1), dt.timedelta(weeks=1)
    Arrival.create(
        office=porto, starts_at=tuesday - dt.timedelta(hours=2), language="uk", need="general",
        count=1,
    )  # fmt: skip
    Arrival.create(
        office=porto, starts_at=MONDAY_NOON, language="uk", need="general", count=1
    )  # fmt: skip
    told = [hardly_opened(porto.id, MONDAY + n * week, tuesday) for n in (-1, 0, 1)]
    assert [one and one.days for one in told] == [None, 10, 11]


def test_one_planned_alone_looks_to_the_rest_of_the_network(
    counted: SmallWorld, now: dt.datetime
) -> None:
    alone = PlanningGroup.create(code="north", name="Norte")
    for code, capacity in (("braga", 2), ("viseu", None)):
        office = opened(alone, code, OfficeKind.LOCAL_CENTRE, capacity)
        (like,) = likes_of(office, MONDAY)
        assert (like.office.code, like.scale) == ("azores", 1.0)
    assert week_of(counted, alone, "braga", now) == pytest.approx(
        week_of(counted, counted.group, "azores", now), rel=0.15
    )


def test_those_planned_together_and_nearest_in_size_come_first(
    counted: SmallWorld, now: dt.datetime
) -> None:
    elsewhere = PlanningGroup.create(code="north", name="Norte")
    new = opened(counted.group, "new", OfficeKind.CENTRE, 8)
    for code, group, capacity in (
        ("far", elsewhere, 8), ("tiny", counted.group, 1), ("near", counted.group, 9),
    ):  # fmt: skip
        opened(group, code, OfficeKind.CENTRE, capacity)
    Arrival.insert_many(
        [
            {
                "office": Office.get(Office.code == code),
                "starts_at": MONDAY_NOON - dt.timedelta(days=day),
                "language": "pt", "need": "general", "count": 5,
            }
            for code in ("far", "tiny", "near")
            for day in range(6, 40)
        ]
    ).execute()  # fmt: skip
    found = likes_of(new, MONDAY)
    assert [one.office.code for one in found] == ["near", "lisbon", "tiny"]
    assert [round(one.scale, 2) for one in found] == [0.89, 0.8, 4.0]


def test_those_named_by_hand_come_before_those_found(counted: SmallWorld, now: dt.datetime) -> None:
    """The Azores are of another kind, and named; who has counted too little is passed over."""
    porto = opened(counted.group, "porto", OfficeKind.CENTRE, 5)
    cold = opened(counted.group, "cold", OfficeKind.CENTRE, 5)
    porto.likes = [cold.id, counted.azores.id]
    porto.save()
    (like,) = likes_of(porto, MONDAY)
    assert (like.office.code, like.named) == ("azores", True)
    told = hardly_opened(porto.id, MONDAY, now)
    assert told is not None
    assert (told.likes, told.named) == ((counted.azores.name,), True)
    assert week_of(counted, counted.group, "porto", now) == pytest.approx(
        like.scale * week_of(counted, counted.group, "azores", now), rel=0.15
    )
    porto.likes = [cold.id]
    porto.save()
    (found,) = likes_of(porto, MONDAY)
    assert (found.office.code, found.named) == ("lisbon", False)


MONDAY_NOON = dt.datetime.combine(MONDAY, dt.time(12), dt.UTC)
