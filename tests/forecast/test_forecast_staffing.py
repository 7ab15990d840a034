"""Requirements: pooled heads divided whole, presence for the rare, desks of their own."""

from collections import defaultdict
from dataclasses import asdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.calendar import Calendar
from forecast.erlang import Target, waits_beyond
from forecast.faults import BadInput
from forecast.grid import horizon_grid
from forecast.network import forecast_office
from forecast.office import OfficeForecast
from forecast.requirements import Desk, Kind, Measured, ServiceTimes, StaffingRules
from forecast.staffing import at_reception, largest_remainder, staff_desk, staff_office
from forecast.waiting import Manners, OfficeDay, ServingMediator, simulate

LISBON = ZoneInfo("Europe/Lisbon")
few_examples = settings(max_examples=25, deadline=None)
SHARES = {"pt": 0.55, "kea": 0.25, "uk": 0.15, "zh": 0.04, "wo": 0.01}


@pytest.fixture
def forecast(make_history):
    made = make_history(shares=SHARES, needs=("legal", "social", None), arrivals_a_day=600)
    return forecast_office(made.series, made.calendar, made.last, 7)


def heads_by_slot(plan, kind):
    found = defaultdict(int)
    for need in plan.needs:
        if need.kind is kind:
            found[need.start] += need.count
    return found


@given(st.lists(st.floats(0, 50), min_size=1, max_size=20), st.integers(0, 60))
def test_largest_remainder_adds_up_and_stays_within_one(parts, heads):
    whole = sum(parts)
    quota = np.array(parts) * heads / whole if whole > 0 else np.zeros(len(parts))
    given_heads = largest_remainder(quota)
    assert given_heads.sum() == round(quota.sum())
    assert (np.abs(given_heads - quota) < 1 + 1e-6).all()
    assert (given_heads >= 0).all()


def test_largest_remainder_gives_what_is_left_to_the_largest():
    assert largest_remainder(np.array([2.5, 1.3, 1.2])).tolist() == [3, 1, 1]
    assert largest_remainder(np.array([0.5, 0.5, 2.0])).tolist() == [1, 0, 2]
    assert largest_remainder(np.array([1.5, 0.5])).tolist() == [2, 0]


def test_exclusive_counts_add_up_to_the_pooled_heads(forecast):
    plan = staff_office(forecast, ServiceTimes())
    by_slot = heads_by_slot(plan, Kind.LANGUAGE)
    assert [by_slot[start] for start in forecast.starts] == plan.heads.tolist()
    assert (plan.heads > 0).all()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    minutes=st.floats(4, 40),
    share=st.floats(0.5, 0.95),
    common=st.floats(0, 3),
    chance=st.floats(0.01, 1),
)
def test_requirements_are_sound_whatever_the_rules(forecast, minutes, share, common, chance):
    rules = StaffingRules(Target(share, 10), presence_chance=chance, common_load=common)
    plan = staff_office(forecast, ServiceTimes(default_minutes=minutes), rules=rules)
    counted, anyone = heads_by_slot(plan, Kind.LANGUAGE), heads_by_slot(plan, Kind.ANY)
    together = [counted.get(start, 0) + anyone.get(start, 0) for start in forecast.starts]
    assert together == plan.heads.tolist()
    seen = set()
    for need in plan.needs:
        assert 0 <= need.minimum <= need.count
        assert need.end - need.start == timedelta(minutes=30)
        assert need.exclusive is (need.kind is not Kind.PRESENCE)
        assert (need.start, need.id) not in seen
        seen.add((need.start, need.id))


def test_the_rare_language_gets_presence_and_never_a_person_of_its_own(forecast):
    plan = staff_office(forecast, ServiceTimes())
    of_wo = [need for need in plan.needs if need.id == "wo"]
    assert {need.kind for need in of_wo} == {Kind.PRESENCE}
    assert all(need.reason.chance >= 0.25 and need.count == 1 for need in of_wo)
    assert all(need.needs == ("lang:wo",) for need in of_wo)


def test_a_language_unlikely_to_come_is_left_to_the_telephone(forecast):
    rules = StaffingRules(presence_chance=1.0)
    assert not [
        need
        for need in staff_office(forecast, ServiceTimes(), rules=rules).needs
        if need.id == "wo"
    ]


def test_more_visitors_longer_services_and_stricter_targets_never_need_fewer(forecast):
    plain = staff_office(forecast, ServiceTimes()).heads
    longer = staff_office(forecast, ServiceTimes(default_minutes=20)).heads
    strict = staff_office(forecast, ServiceTimes(), rules=StaffingRules(Target(0.95, 15))).heads
    assert (longer >= plain).all()
    assert (longer > plain).any()
    assert (strict >= plain).all()
    assert (strict > plain).any()


def test_pooling_needs_fewer_than_a_queue_for_each_language(forecast):
    plan = staff_office(forecast, ServiceTimes())
    apart = np.zeros(len(forecast.starts), dtype=int)
    for need in plan.needs:
        n = 1
        load = need.reason.load
        while 1 - waits_beyond(n, load, 1.0) < 0.8:
            n += 1
        apart[forecast.starts.index(need.start)] += n
    assert plan.heads.sum() < 0.85 * apart.sum()


def test_a_desk_is_a_pool_of_its_own_asking_for_its_certification(forecast):
    desk = Desk("legal", frozenset({"legal"}), "cert:legal")
    service = ServiceTimes({"legal": 40.0}, 15.0)
    plan = staff_office(forecast, service, desks=[desk])
    whole = staff_office(forecast, service)
    asked = [need for need in plan.needs if need.kind is Kind.DESK]
    assert {need.needs for need in asked} == {("cert:legal",)}
    by_slot = heads_by_slot(plan, Kind.DESK)
    assert [by_slot[start] for start in forecast.starts] == plan.desk_heads["legal"].tolist()
    assert (plan.heads < whole.heads).any()
    legal = forecast.mean[:, :, forecast.needs.index("legal")].sum()
    assert sum(need.reason.arrivals for need in asked) == pytest.approx(legal, rel=0.02)
    assert all(need.reason.service_minutes == pytest.approx(40) for need in asked)


def test_a_desk_keeps_its_minimum_without_visitors(forecast):
    desk = Desk("violence", frozenset({"violence"}), "cert:violence", minimum=1)
    plan = staff_office(forecast, ServiceTimes(), desks=[desk])
    assert plan.desk_heads["violence"].tolist() == [1] * len(forecast.starts)


def test_the_reason_holds_the_numbers_that_made_the_count(forecast):
    plan = staff_office(forecast, ServiceTimes())
    for need in plan.needs[:200]:
        reason = need.reason
        i = forecast.starts.index(need.start)
        j = forecast.languages.index(need.id)
        assert reason.pool_heads == plan.heads[i]
        assert reason.arrivals == pytest.approx(forecast.language_mean[i, j])
        assert reason.pool_arrivals == pytest.approx(forecast.total_mean[i])
        assert reason.share_within >= reason.target_share
        assert abs(need.count - reason.quota) < 1 or need.kind is Kind.PRESENCE
        assert all(np.isfinite(v) for v in asdict(reason).values() if v is not None)


def test_a_local_centre_with_few_visitors_keeps_one_mediator(make_history):
    made = make_history(arrivals_a_day=4, shares={"pt": 0.8, "ne": 0.2})
    forecast = forecast_office(made.series, made.calendar, made.last, 7)
    plan = staff_office(forecast, ServiceTimes())
    assert set(plan.heads.tolist()) == {1}
    assert {need.id for need in plan.needs if need.kind is Kind.LANGUAGE} == {"pt"}


def test_bad_desks_and_times_are_all_named(forecast):
    desks = [
        Desk("a", frozenset({"legal", "social"}), "cert:a"),
        Desk("b", frozenset({"legal", "social"}), "cert:b"),
    ]
    with pytest.raises(BadInput) as bad:
        staff_office(forecast, ServiceTimes(), desks=desks)
    assert [f.value for f in bad.value.faults] == ["legal", "social"]
    with pytest.raises(BadInput) as bad:
        ServiceTimes({"legal": 0.0}, -1.0, {"zh": float("nan")})
    assert len(bad.value.faults) == 3


def test_measured_service_times_lean_on_the_default_while_few():
    assumed = ServiceTimes({"social": 12.0}, default_minutes=15)
    times = assumed.learned({"legal": Measured(10, 300.0), "social": Measured(990, 24_750.0)})
    assert times.of("pt", "legal") == pytest.approx(22.5)
    assert times.of("pt", "social") == pytest.approx(24.87)
    assert times.of("pt", "tax") == 15
    assert assumed.learned({"social": Measured(0, 0.0)}).of("pt", "social") == 12
    with pytest.raises(BadInput) as bad:
        assumed.learned(
            {"legal": Measured(1, 0.0), "tax": Measured(1, 5.0), "social": Measured(-1, 3.0)}
        )
    assert [f.where for f in bad.value.faults] == ["services of legal", "services of social"]


def test_requirements_say_how_many_services_were_measured(make_history):
    made = make_history(shares=SHARES, arrivals_a_day=600)
    forecast = forecast_office(made.series, made.calendar, made.last, 7)
    (need,) = forecast.needs
    plain = staff_office(forecast, ServiceTimes())
    learned = ServiceTimes().learned({need: Measured(40, 1000.0), "elsewhere": Measured(7, 70.0)})
    longer = staff_office(forecast, learned)
    assert {one.reason.measured_services for one in plain.needs} == {0}
    assert {one.reason.measured_services for one in longer.needs} == {40}
    assert {round(one.reason.service_minutes, 6) for one in longer.needs} == {23.0}
    assert longer.heads.sum() > 1.3 * plain.heads.sum()


def test_languages_too_rare_to_count_ask_together_for_anyone(make_history):
    shares = {"pt": 0.25, "uk": 0.25, "ne": 0.25, "bn": 0.25}
    made = make_history(arrivals_a_day=8, shares=shares)
    forecast = forecast_office(made.series, made.calendar, made.last, 7)
    plan = staff_office(forecast, ServiceTimes())
    assert not [need for need in plan.needs if need.kind is Kind.LANGUAGE]
    anyone = [need for need in plan.needs if need.kind is Kind.ANY]
    assert {(need.needs, need.count, need.minimum) for need in anyone} == {((), 1, 1)}


def test_the_heads_asked_for_keep_the_promise_when_simulated(make_history):
    """Everybody speaks everything, so that only the number of heads is tried."""
    made = make_history(shares=SHARES, arrivals_a_day=600)
    forecast = forecast_office(made.series, made.calendar, made.last, 7)
    plan = staff_office(forecast, ServiceTimes(default_minutes=18))
    day = made.last
    slots = [i for i in range(len(forecast.starts)) if forecast.grid.days[i] == day.toordinal()]
    skills = frozenset(f"lang:{language}" for language in forecast.languages)
    half_hour = timedelta(minutes=30)
    team = [
        ServingMediator(
            f"m{m}",
            skills,
            tuple(
                (forecast.starts[i], forecast.starts[i] + half_hour)
                for i in slots
                if plan.heads[i] > m
            ),
        )
        for m in range(int(plan.heads[slots].max()))
    ]
    office = OfficeDay.of_forecast(
        forecast,
        day,
        team,
        service=ServiceTimes(default_minutes=18),
        manners=Manners(patience_minutes=None, phone_after_minutes=None),
    )
    report = simulate(office, replications=150, seed=1)
    assert report.overall.within.value > 0.8
    # A slot's last visitors are served by the next slot's heads, so no hour is held exactly.
    assert min(row.within.value for row in report.by_hour) > 0.7
    # One in eight fewer would break the promise: the heads are not merely many.
    fewer = simulate(office.without(*[m.id for m in team[::8]]), replications=150, seed=1)
    assert min(row.within.value for row in fewer.by_hour) < 0.8


def steady(visitors: dict[str, float], hours: int = 8) -> OfficeForecast:
    """A day on which as many come in each half hour, by need; nothing else varies."""
    grid = horizon_grid(Calendar(LISBON, {0: ((540, 540 + 60 * hours),)}), date(2026, 7, 6), 1)
    mean = np.tile(np.array([[list(visitors.values())]]), (len(grid), 1, 1))
    n = len(grid)
    spread = np.full(n, 1e-9)
    return OfficeForecast(
        "lisbon", grid, ("pt",), tuple(visitors), mean, spread[:, None], spread, "made", 100
    )


def test_a_desk_asks_for_what_erlang_gives_by_hand():
    """Nine an hour for ten minutes keep 1.5 busy. By Erlang C two leave 0.643 waiting, of whom
    e^-0.75 longer than 15 minutes: 69.6 % in time. Three: 0.237 and e^-2.25, 97.5 %."""
    forecast = steady({"general": 20.0, "legal": 4.5})
    keeps = np.array([6 <= i < 12 for i in range(16)])
    service = ServiceTimes(default_minutes=10.0)
    desk = Desk("legal", frozenset({"legal"}), "cert:legal", minimum=1)
    asked = staff_desk(forecast, service, desk, keeps)
    assert [need.start for need in asked] == list(forecast.starts[6:12])
    last = asked[-1]
    assert (last.count, last.minimum, last.needs) == (3, 1, ("cert:legal",))
    assert last.reason.arrivals == pytest.approx(4.5)
    assert last.reason.load == pytest.approx(1.5, abs=0.01)
    assert last.reason.share_within == pytest.approx(0.975, abs=0.002)
    assert last.reason.service_minutes == pytest.approx(10)
    four = Desk("legal", frozenset({"legal"}), "cert:legal", minimum=4)
    assert {need.count for need in staff_desk(forecast, service, four, keeps)} == {4}


@few_examples
@given(
    visitors=st.floats(0, 12),
    more=st.floats(0, 6),
    minimum=st.integers(0, 5),
    minutes=st.floats(5, 40),
    opens=st.integers(0, 15),
)
def test_a_desk_is_never_below_its_rule_nor_for_more_visitors_smaller(
    visitors, more, minimum, minutes, opens
):
    keeps = np.arange(16) >= opens
    desk = Desk("legal", frozenset({"legal"}), "cert:legal", minimum=minimum)
    service = ServiceTimes(default_minutes=minutes)
    fewer, larger = (
        {
            need.start: need.count
            for need in staff_desk(steady({"general": 5.0, "legal": n}), service, desk, keeps)
        }
        for n in (visitors, visitors + more)
    )
    assert len(fewer) == (16 - opens if minimum else len(fewer))
    assert all(count >= max(1, minimum) for count in fewer.values())
    assert all(larger[start] >= count for start, count in fewer.items())


def test_who_goes_straight_to_a_desk_is_no_work_of_the_pool():
    """The first four half hours of legal questions are a desk's: there the pool is as if they did
    not come, yet a speaker of their language is to be present as before."""
    both = steady({"general": 0.05, "legal": 6.0})
    straight = np.zeros((len(both.starts), 2), dtype=bool)
    straight[:4, 1] = True
    rules = StaffingRules(minimum_heads=0)
    service = ServiceTimes(default_minutes=10)
    plan = staff_office(both, service, rules=rules, straight=straight)
    alone = staff_office(at_reception(both, straight), service, rules=rules)
    assert (plan.heads == alone.heads).all()
    assert plan.heads[0] == 0 < plan.heads[-1]
    first = [need for need in plan.needs if need.start == both.starts[0]]
    assert [(need.kind, need.id) for need in first] == [(Kind.PRESENCE, "pt")]
    assert not [need for need in alone.needs if need.start == both.starts[0]]
