"""The level of days: trust in days, calendar effects."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecast.calendar import Calendar, Holiday, HolidayKind
from forecast.daily import HOLIDAY_EFFECTS, day_facts, fit_days, trust
from forecast.grouping import sum_by

LISBON = ZoneInfo("Europe/Lisbon")


def test_trust_at_its_limits():
    # Deviations of the logarithm in fifths: the robust standard deviation is 0.2 × 1.4826.
    usual = np.exp(np.tile([0.2, -0.2, 0.0], 30))
    sigma = 1.4826 * 0.2
    for deviations, expected in [(2.4, 1.0), (5.0, 0.25), (6.2, 0.0)]:
        ratio = usual.copy()
        ratio[45] = np.exp(deviations * sigma)
        assert trust(ratio)[45] == pytest.approx(expected, abs=0.02)
        assert (np.delete(trust(ratio), 45) > 0.99).all()


def test_a_new_level_is_not_an_outlier_and_few_days_are_all_trusted():
    rng = np.random.default_rng(0)
    ratio = np.exp(rng.normal(0, 0.1, 100))
    ratio[60:] *= 3
    assert (trust(ratio)[:50] > 0.3).all()
    assert (trust(ratio)[70:] > 0.3).all()
    assert trust(np.array([1.0, 90.0])).tolist() == [1.0, 1.0]


def test_calendar_effects_of_a_bridge():
    shut = date(2026, 6, 10)
    holidays = (
        Holiday(shut, HolidayKind.PUBLIC),
        Holiday(shut + timedelta(days=1), HolidayKind.RELIGIOUS),
    )
    calendar = Calendar(LISBON, dict.fromkeys(range(5), ((480, 1200),)), holidays)
    days = np.array([shut.toordinal() + d for d in (-2, -1, 1, 2)])
    effects = day_facts(days, calendar).effects
    named = [
        {name for name, holds in zip(HOLIDAY_EFFECTS, row, strict=True) if holds} for row in effects
    ]
    assert named == [set(), {"eve_of_closure"}, {"on_religious", "after_closure"}, set()]
    assert not day_facts(days, None).effects.any()


def test_the_day_after_a_closure_is_learned():
    calendar_days = [date(2025, 1, 6) + timedelta(days=d) for d in range(182)]
    mondays = [day for day in calendar_days if day.weekday() == 0][::4]
    shut = [Holiday(day, HolidayKind.PUBLIC) for day in [*mondays, date(2025, 7, 14)]]
    calendar = Calendar(LISBON, dict.fromkeys(range(5), ((480, 1200),)), tuple(shut))
    days = np.array([day.toordinal() for day in calendar_days if calendar.hours(day)])
    facts = day_facts(days, calendar)
    total = np.where(facts.effects[:, -1] > 0, 180.0, 100.0)
    origin = calendar_days[-1].toordinal() + 1
    model = fit_days(facts, total, np.ones(len(days)), np.ones(len(days)), origin)
    ahead = day_facts(
        np.array([date(2025, 7, 15).toordinal(), date(2025, 7, 16).toordinal()]), calendar
    )
    after, usual = model.level(ahead)
    assert after > 1.3 * usual
    assert usual == pytest.approx(100, rel=0.08)


def test_sums_by_group_are_numpys():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 7, 50)
    values = rng.normal(size=(50, 3, 2))
    expected = np.zeros((8, 3, 2))
    np.add.at(expected, group, values)
    assert np.allclose(sum_by(group, values, 8), expected)
