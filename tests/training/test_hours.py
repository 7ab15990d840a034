"""The yearly right to training."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.faults import TrainingFault
from training.hours import Attendance, Engagement, hours_of_year


def test_a_whole_year_is_forty_hours_and_only_the_years_days_count():
    attended = [
        Attendance(1, date(2026, 1, 1), 600),
        Attendance(1, date(2026, 12, 31), 300),
        Attendance(1, date(2025, 12, 31), 999),
        Attendance(1, date(2027, 1, 1), 999),
    ]
    (row,) = hours_of_year(2026, [Engagement(1, "A")], attended).people
    assert (row.had, row.right, row.owed) == (900, 2400, 1500)


@pytest.mark.parametrize(
    ("starts", "ends", "right"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), 2400),
        (date(2026, 12, 31), None, 7),  # a day: 2400 / 365
        (None, date(2026, 1, 1), 7),
        (date(2026, 7, 2), None, 1203),  # 183 of 365 days
        (date(2025, 1, 1), date(2027, 1, 1), 2400),
    ],
)
def test_the_right_is_in_proportion_to_the_days_engaged(starts, ends, right):
    (row,) = hours_of_year(2026, [Engagement(1, "A", starts, ends)], []).people
    assert row.right == right


def test_a_year_engaged_on_no_day_is_no_row():
    assert hours_of_year(2026, [Engagement(1, "A", None, date(2025, 12, 31))], []).people == ()


def test_hours_go_to_the_association_of_their_day_and_surplus_helps_no_other():
    engagements = [
        Engagement(1, "A", None, date(2026, 6, 30)),
        Engagement(1, "B", date(2026, 7, 1)),
        Engagement(2, "B"),
    ]
    attended = [
        Attendance(1, date(2026, 6, 30), 2000),
        Attendance(1, date(2026, 7, 1), 100),
        Attendance(3, date(2026, 7, 1), 100),
    ]
    year = hours_of_year(2026, engagements, attended)
    assert [(row.mediator, row.association, row.had, row.owed) for row in year.people] == [
        (2, "B", 0, 2400),
        (1, "B", 100, 1110),
        (1, "A", 2000, 0),
    ]
    assert [(row.association, row.people, row.had, row.owed) for row in year.associations] == [
        ("B", 2, 100, 3510),
        ("A", 1, 2000, 0),
    ]


def test_another_right_may_be_given():
    assert hours_of_year(2026, [Engagement(1, "A")], [], right_minutes=60).people[0].owed == 60


def test_every_fault_is_told_at_once():
    engagements = [
        Engagement(1, "A", date(2026, 5, 2), date(2026, 5, 1)),
        Engagement(2, "A", None, date(2026, 5, 1)),
        Engagement(2, "B", date(2026, 5, 1)),
        Engagement(3, "A"),
        Engagement(3, "", date(2026, 1, 1)),
    ]
    with pytest.raises(TrainingFault) as caught:
        hours_of_year(2026, engagements, [Attendance(1, date(2026, 1, 1), -1)])
    assert [(fault.thing, fault.field) for fault in caught.value.faults] == [
        ("engagement of mediator 1 at A", "ends"),
        ("engagement of mediator 2 at B", "starts"),
        ("engagement of mediator 3 at no association", "starts"),
        ("attendance of mediator 1 on 2026-01-01", "minutes"),
    ]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 364), st.integers(0, 500)), max_size=20),
    st.integers(1, 364),
)
def test_an_engagement_cut_in_two_comes_to_the_same(drawn, cut):
    first = date(2026, 1, 1)
    attended = [Attendance(who, first + timedelta(days=day), n) for who, day, n in drawn]
    edge = first + timedelta(days=cut)
    whole = hours_of_year(2026, [Engagement(1, "A")], attended)
    parts = [Engagement(1, "A", None, edge - timedelta(days=1)), Engagement(1, "A", edge)]
    assert hours_of_year(2026, parts, attended) == whole
    assert whole.people[0].had == sum(n for who, _, n in drawn if who == 1)
