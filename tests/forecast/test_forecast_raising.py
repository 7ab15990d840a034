"""Languages that fall short with requirements met exactly are raised, no head is added."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from forecast.erlang import Target
from forecast.network import forecast_office
from forecast.raising import RAISED_MOST, commonest, meeting_exactly, staff_office_raised
from forecast.requirements import Desk, Kind, ServiceTimes, StaffingRules
from forecast.staffing import staff_office
from forecast.visitors import OfficeDay
from forecast.waiting import Manners, simulate

SHARES = {"pt": 0.6, "uk": 0.15, "zh": 0.1, "kea": 0.1, "ne": 0.05}
SERVICE = ServiceTimes(default_minutes=18)
MANNERS = Manners()
EVERYTHING = frozenset(f"lang:{language}" for language in SHARES)


@pytest.fixture
def forecast(make_history):
    made = make_history(shares=SHARES, arrivals_a_day=300)
    return forecast_office(made.series, made.calendar, made.last, 7)


def heads(plan):
    found = Counter()
    for need in plan.needs:
        if need.exclusive and need.kind is not Kind.DESK:
            found[need.start] += need.count
    return found


def within(forecast, needs, day, language):
    met = meeting_exactly(needs, "pt")
    simulated = OfficeDay.of_forecast(forecast, day, met, service=SERVICE, manners=MANNERS)
    report = simulate(simulated, replications=80, seed=7)
    return next(row.within.value for row in report.by_language if row.language == language)


def test_who_falls_short_is_raised_and_the_heads_stay_as_many(forecast):
    plain = staff_office(forecast, SERVICE)
    plan = staff_office_raised(forecast, SERVICE, MANNERS)
    raised = [need for need in plan.needs if need.reason.raised > 0]
    assert {need.id for need in raised} >= {"ne"}
    assert commonest(forecast) == "pt"
    assert "pt" not in {need.id for need in raised}
    assert heads(plan) == heads(plain)
    before = {(need.start, need.id): need.count for need in plain.needs}
    for need in plan.needs:
        assert need.count == before[need.start, need.id] + need.reason.raised
        assert need.reason.raised <= RAISED_MOST
        assert need.count >= 1
        assert need.minimum <= need.count
    for need in raised:
        assert need.reason.simulated_within < MANNERS.target.share


def test_raising_shortens_the_wait_of_those_raised(forecast):
    plain, plan = staff_office(forecast, SERVICE), staff_office_raised(forecast, SERVICE, MANNERS)
    raised = Counter(need.id for need in plan.needs if need.reason.raised > 0)
    language, _ = raised.most_common(1)[0]
    starts = {need.start for need in plan.needs if need.id == language and need.reason.raised > 0}
    day = Counter(start.date() for start in starts).most_common(1)[0][0]

    def of_day(needs):
        return [need for need in needs if need.start.date() == day]

    low = within(forecast, of_day(plain.needs), day, language)
    high = within(forecast, of_day(plan.needs), day, language)
    assert high > low + 0.05


def test_people_who_speak_everything_need_no_raising(forecast):
    plan = staff_office_raised(forecast, SERVICE, MANNERS, [EVERYTHING])
    assert not [need for need in plan.needs if need.reason.raised]
    assert plan.needs == staff_office(forecast, SERVICE).needs


def test_a_target_easily_met_raises_nobody_and_the_same_comes_out_again(forecast):
    easy = replace(MANNERS, target=Target(0.05, 15))
    plain = staff_office(forecast, SERVICE)
    assert staff_office_raised(forecast, SERVICE, easy).needs == plain.needs
    assert (
        staff_office_raised(forecast, SERVICE, MANNERS).needs
        == staff_office_raised(forecast, SERVICE, MANNERS).needs
    )


def test_a_roster_meets_the_requirements_exactly(forecast):
    repertoires = [frozenset({"lang:pt", "lang:uk", "lang:zh"}), frozenset({"lang:pt", "lang:kea"})]
    day = date.fromordinal(int(forecast.grid.days[0]))
    needs = [n for n in staff_office(forecast, SERVICE).needs if n.start.date() == day]
    team = meeting_exactly(needs, "pt", repertoires)
    assert needs
    for start in {need.start for need in needs}:
        inside = [
            one
            for one in team
            if any(a <= start and start + timedelta(minutes=30) <= b for a, b in one.serving)
        ]
        here = [need for need in needs if need.start == start]
        assert len(inside) == sum(need.count for need in here if need.exclusive)
        for need in here:
            speakers = [one for one in inside if set(need.needs) <= one.skills]
            if need.kind is Kind.LANGUAGE:
                assert len(speakers) >= need.count
            if need.kind is Kind.PRESENCE:
                assert len(speakers) >= min(need.count, len(inside))


def test_desks_are_left_as_they_are(make_history):
    made = make_history(shares=SHARES, arrivals_a_day=300)
    forecast = forecast_office(made.series, made.calendar, made.last, 7)
    (need,) = forecast.needs
    desk = Desk("all", frozenset({need}), "cert:legal", 1)
    rules = StaffingRules(minimum_heads=0)
    plan = staff_office_raised(forecast, SERVICE, MANNERS, desks=[desk], rules=rules)
    assert plan.needs == staff_office(forecast, SERVICE, desks=[desk], rules=rules).needs
