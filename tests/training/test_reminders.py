"""Reminders: at their day, once each, to those concerned."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.horizon import Expiry
from training.reminders import Audience, ReminderKey, reminders_due

LAST = date(2026, 6, 30)
ENDS = Expiry(LAST, 7, "legal")
DAY = timedelta(days=1)


def due(days_left, sent=(), **options):
    return reminders_due([ENDS], LAST - days_left * DAY, sent, **options)


@pytest.mark.parametrize(
    ("days_left", "step"),
    [(91, None), (90, 90), (61, 90), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7)],
)
def test_each_step_begins_on_its_day(days_left, step):
    found = due(days_left)
    assert [one.key.days_before for one in found] == ([] if step is None else [step])
    assert all(one.days_left == days_left for one in found)


def test_after_the_last_day_there_is_nothing_to_remind_of():
    assert due(-1) == ()


def test_the_coordinator_is_told_when_cover_is_at_stake():
    plain, staked = due(30)[0], due(30, at_stake={(7, "legal")})[0]
    assert plain.to == (Audience.MEDIATOR, Audience.TRAINER)
    assert staked.to == (*plain.to, Audience.COORDINATOR)
    assert due(30, at_stake={(8, "legal"), (7, "social")})[0].to == plain.to


def test_after_a_renewal_the_new_end_has_reminders_of_its_own():
    sent = {one.key for one in due(30)}
    assert due(29, sent) == ()
    renewed = Expiry(LAST + 365 * DAY, 7, "legal")
    (again,) = reminders_due([renewed], renewed.last_day - 30 * DAY, sent)
    assert again.key == ReminderKey(7, "legal", LAST + 365 * DAY, 30)


@given(
    st.sets(
        st.builds(
            Expiry,
            st.integers(0, 200).map(lambda days: LAST + days * DAY),
            st.integers(1, 3),
            st.sampled_from(["legal", "social"]),
        ),
        max_size=6,
    ),
    st.sets(st.integers(-120, 210)),
)
def test_whatever_days_the_worker_runs_each_is_sent_once_and_one_a_day(expiries, runs):
    sent = []
    for offset in sorted(runs):
        found = [one.key for one in reminders_due(expiries, LAST + offset * DAY, set(sent))]
        assert len({(key.mediator, key.kind, key.last_day) for key in found}) == len(found)
        sent += found
    assert len(set(sent)) == len(sent)


@given(st.builds(Expiry, st.just(LAST), st.just(7), st.just("legal")), st.integers(91, 200))
def test_a_worker_that_runs_daily_sends_all_four(expiry, ahead):
    sent = []
    for left in range(ahead, -3, -1):
        sent += [one.key for one in reminders_due([expiry], LAST - left * DAY, set(sent))]
    assert [key.days_before for key in sent] == [90, 60, 30, 7]
