"""When certifications count: each rule at its limit and one day past, and what never happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from training.faults import TrainingFault
from training.records import (
    Certification,
    CertificationRule,
    Completion,
    CourseVersion,
    Result,
    courses_by_code,
)
from training.validity import (
    DaySpan,
    Span,
    add_months,
    certification_after,
    certifications_from,
    valid_days,
    valid_on,
    valid_spans,
)

DAY = timedelta(days=1)
LEGAL = CertificationRule(
    kind="legal",
    courses=("law",),
    validity_months=12,
    grace_days=30,
    renewal_course="law-refresh",
    renewal_window_days=90,
)
FOR_GOOD = replace(LEGAL, validity_months=0)


def done(day, course="law", number=1, version=1, result=Result.PASSED, mediator=7):
    return Completion(number, mediator, course, version, day, result)


def held(first, last, **fields):
    return Certification(7, "legal", first, last, **fields)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_first_completion_counts_from_its_day_for_the_validity():
    assert certification_after(done(date(2026, 3, 1)), LEGAL, []) == Certification(
        7, "legal", date(2026, 3, 1), date(2027, 2, 28), completion=1
    )


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 31), 36, date(2029, 5, 31)),
    ],
)
def test_months_are_calendar_months(day, months, expected):
    assert add_months(day, months) == expected


def test_months_and_days_of_validity_add_up_and_none_means_for_good():
    rule = replace(LEGAL, validity_months=1, validity_days=10)
    assert certification_after(done(date(2026, 1, 1)), rule, []).valid_until == date(2026, 2, 10)
    assert certification_after(done(date(2026, 1, 1)), FOR_GOOD, []).valid_until is None


END = date(2026, 12, 31)
NOW_HELD = held(date(2026, 1, 1), END)


def test_inside_the_window_the_new_one_starts_when_the_old_one_ends():
    for day in (END - 90 * DAY, END - 30 * DAY, END):
        renewed = certification_after(done(day, "law-refresh"), LEGAL, [NOW_HELD])
        assert (renewed.valid_from, renewed.valid_until) == (date(2027, 1, 1), date(2027, 12, 31))


def test_one_day_before_the_window_the_windows_days_are_carried_and_no_more():
    renewed = certification_after(done(END - 91 * DAY), LEGAL, [NOW_HELD])
    assert (renewed.valid_from, renewed.valid_until) == (END, date(2027, 12, 30))


@pytest.mark.parametrize("days_late", [1, 30])
def test_within_the_grace_days_the_renewal_course_still_renews_from_its_own_day(days_late):
    day = END + days_late * DAY
    renewed = certification_after(done(day, "law-refresh"), LEGAL, [NOW_HELD])
    assert renewed.valid_from == day
    in_grace = [END + n * DAY for n in range(1, days_late)]
    assert not any(valid_on(one, day) for one in (NOW_HELD, renewed) for day in in_grace)


def test_past_the_grace_days_only_the_whole_course_will_do():
    day = END + 31 * DAY
    with pytest.raises(TrainingFault, match="ended at most 30 days before"):
        certification_after(done(day, "law-refresh"), LEGAL, [NOW_HELD])
    assert certification_after(done(day), LEGAL, [NOW_HELD]).valid_from == day


def test_the_renewal_course_alone_issues_nothing():
    with pytest.raises(TrainingFault, match="a certification held"):
        certification_after(done(END, "law-refresh"), LEGAL, [])


def test_what_is_held_by_others_or_of_another_kind_is_nothing_to_renew():
    others = [replace(NOW_HELD, mediator=8), replace(NOW_HELD, kind="social")]
    with pytest.raises(TrainingFault):
        certification_after(done(END, "law-refresh"), LEGAL, others)
    assert certification_after(done(END), LEGAL, others).valid_from == END


def test_all_reasons_are_given_at_once():
    failed = done(date(2026, 1, 2), "cooking", result=Result.FAILED)
    with pytest.raises(TrainingFault) as caught:
        certification_after(failed, LEGAL, [])
    assert [(fault.field, fault.value, fault.expected) for fault in caught.value.faults] == [
        ("result", "failed", "passed"),
        ("course", "cooking", "law or law-refresh"),
    ]


def test_a_withdrawn_one_cannot_be_renewed_from_the_day_of_its_withdrawal_on():
    withdrawn = replace(NOW_HELD, withdrawn_at=at(2026, 11, 1, 12))
    before = certification_after(done(date(2026, 10, 31), "law-refresh"), LEGAL, [withdrawn])
    assert before.valid_from == date(2027, 1, 1)
    with pytest.raises(TrainingFault):
        certification_after(done(date(2026, 11, 1), "law-refresh"), LEGAL, [withdrawn])
    again = certification_after(done(date(2026, 11, 1)), LEGAL, [withdrawn])
    assert again.valid_from == date(2026, 11, 1)


def test_what_is_held_for_good_stays_for_good():
    renewed = certification_after(done(END), LEGAL, [held(date(2026, 1, 1), None)])
    assert renewed.valid_until is None


def test_a_later_one_that_is_apart_does_not_delay_the_new_one():
    later = held(date(2027, 6, 1), date(2028, 5, 31))
    assert certification_after(done(END), LEGAL, [later]).valid_from == END


# ---- Versions and equivalences ----

VERSIONS = courses_by_code(
    [
        CourseVersion("law", 1, "Direito", 600),
        CourseVersion("law", 2, "Direito", 600, older_due_on=date(2026, 6, 30)),
        CourseVersion("law", 3, "Direito", 600, equivalents=("degree",)),
    ]
)


def test_a_new_version_makes_older_completions_due():
    old = certification_after(done(date(2026, 1, 1), version=1), LEGAL, [], VERSIONS)
    assert old.valid_until == date(2026, 6, 30)
    new = certification_after(done(date(2026, 1, 1), version=2), LEGAL, [], VERSIONS)
    assert new.valid_until == date(2026, 12, 31)


def test_an_old_version_past_its_due_date_issues_nothing():
    last_day = certification_after(done(date(2026, 6, 30), version=1), LEGAL, [], VERSIONS)
    assert last_day.valid_from == last_day.valid_until == date(2026, 6, 30)
    with pytest.raises(TrainingFault, match="counts through 2026-06-30"):
        certification_after(done(date(2026, 7, 1), version=1), LEGAL, [], VERSIONS)


def test_a_course_that_counts_as_another_issues_its_certification():
    assert certification_after(done(END, "degree"), LEGAL, [], VERSIONS).valid_from == END
    with pytest.raises(TrainingFault):
        certification_after(done(END, "degree"), LEGAL, [])


# ---- Days and instants ----


def test_both_days_count_and_the_day_of_withdrawal_does_not():
    one = held(date(2026, 3, 1), date(2026, 3, 31))
    for day, counts in (
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ):
        assert valid_on(one, day) is counts
    withdrawn = replace(one, withdrawn_at=at(2026, 3, 10, 23, 30))
    assert [valid_on(withdrawn, date(2026, 3, day)) for day in (9, 10, 11)] == [True, False, False]
    in_summer = replace(one, valid_until=None, withdrawn_at=at(2026, 7, 9, 23, 30))
    assert valid_on(in_summer, date(2026, 7, 9))  # by then it is the 10th in Lisbon
    assert not valid_on(in_summer, date(2026, 7, 9), "Atlantic/Azores")


def test_spans_begin_and_end_at_the_offices_midnight():
    summer = held(date(2026, 7, 1), date(2026, 7, 31))
    assert valid_spans([summer], "Europe/Lisbon") == (
        Span(at(2026, 6, 30, 23), at(2026, 7, 31, 23)),
    )
    assert valid_spans([summer], "Atlantic/Azores") == (Span(at(2026, 7, 1), at(2026, 8, 1)),)


def test_where_midnight_is_skipped_or_comes_twice_the_day_begins_once():
    """In the Azores the clocks change at midnight."""
    spring = held(date(2026, 3, 29), date(2026, 3, 29))
    autumn = held(date(2026, 10, 25), date(2026, 10, 25))
    assert valid_spans([spring], "Atlantic/Azores") == (Span(at(2026, 3, 29, 1), at(2026, 3, 30)),)
    assert valid_spans([autumn], "Atlantic/Azores") == (
        Span(at(2026, 10, 25), at(2026, 10, 26, 1)),
    )


def test_spans_that_touch_are_one_and_a_withdrawal_cuts_at_its_instant():
    first = held(date(2026, 1, 1), date(2026, 1, 31))
    second = held(date(2026, 2, 1), None, withdrawn_at=at(2026, 2, 10, 15, 20))
    third = held(date(2026, 2, 12), date(2026, 2, 12))
    assert valid_spans([third, second, first], "Europe/Lisbon") == (
        Span(at(2026, 1, 1), at(2026, 2, 10, 15, 20)),
        Span(at(2026, 2, 12), at(2026, 2, 13)),
    )
    assert valid_days([third, second, first]) == (
        DaySpan(date(2026, 1, 1), date(2026, 2, 9)),
        DaySpan(date(2026, 2, 12), date(2026, 2, 12)),
    )
    assert valid_spans([held(END, None, withdrawn_at=at(2026, 1, 1))], "Europe/Lisbon") == ()


# ---- What never happens ----

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
RULES = st.builds(
    lambda months, days, grace, window: replace(
        LEGAL,
        validity_months=months,
        validity_days=days,
        grace_days=grace,
        renewal_window_days=window,
    ),
    st.integers(0, 24),
    st.integers(0, 40),
    st.integers(0, 60),
    st.integers(0, 200),
)
COMPLETION_LISTS = st.lists(
    st.tuples(
        DAYS,
        st.sampled_from(["law", "law-refresh", "degree", "cooking"]),
        st.integers(1, 3),
        st.sampled_from([Result.PASSED, Result.PASSED, Result.FAILED]),
        st.integers(1, 2),
    ),
    max_size=8,
).map(
    lambda drawn: [
        done(day, course, number, version, result, mediator)
        for number, (day, course, version, result, mediator) in enumerate(drawn, 1)
    ]
)


@given(DAYS, st.integers(0, 900), DAYS, RULES)
def test_renewing_never_ends_before_what_is_held(first, length, day, rule):
    old = held(first, first + length * DAY)
    renewed = certification_after(done(day), rule, [old])
    if old.valid_from <= day <= old.valid_until:
        assert (renewed.valid_until or date.max) >= old.valid_until
        before, after = valid_days([old]), valid_days([old, renewed])
        assert len(after) == 1  # and it leaves no gap
        assert after[0].first == before[0].first


@given(DAYS, st.integers(0, 900), st.data(), RULES)
def test_renewing_later_never_ends_sooner(first, length, data, rule):
    old = held(first, first + length * DAY)
    early, late = sorted(first + data.draw(st.integers(0, length + 100)) * DAY for _ in range(2))
    ends = [
        certification_after(done(day), rule, [old]).valid_until or date.max for day in (early, late)
    ]
    assert ends[0] <= ends[1]


def covered(ledger):
    """The days of each person, a little past the drawn dates."""
    days = set()
    for one in ledger.certifications:
        day, last = one.valid_from, min(one.valid_until or date.max, date(2032, 1, 1))
        while day <= last:
            days.add((one.mediator, day))
            day += DAY
    return days


@given(COMPLETION_LISTS, RULES, st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_matter(completions, rule, random):
    shuffled = list(completions)
    random.shuffle(shuffled)
    assert certifications_from(completions, [rule], VERSIONS) == certifications_from(
        shuffled, [rule], VERSIONS
    )
    renumbered = [replace(one, id=100 - one.id) for one in completions]
    assert covered(certifications_from(renumbered, [rule], VERSIONS)) == covered(
        certifications_from(completions, [rule], VERSIONS)
    )


@given(COMPLETION_LISTS.filter(bool), RULES)
@example(  # renewed just inside the window; an older completion moves the window
    [done(date(2026, 2, 1)), done(date(2025, 3, 1), number=2), done(date(2024, 6, 1), number=3)],
    LEGAL,
)
def test_one_more_completion_never_takes_a_day_away(completions, rule):
    fewer = certifications_from(completions[:-1], [rule], VERSIONS)
    more = certifications_from(completions, [rule], VERSIONS)
    assert covered(fewer) <= covered(more)


@given(COMPLETION_LISTS, RULES)
def test_every_completion_of_a_course_that_matters_is_accounted_for(completions, rule):
    ledger = certifications_from(completions, [rule], VERSIONS)
    accounted = [one.completion for one in ledger.certifications]
    accounted += {completion.id for completion, _ in ledger.without_effect}
    assert sorted(accounted) == [one.id for one in completions if one.course != "cooking"]


def test_of_two_completions_on_one_day_the_farther_reaching_counts():
    old, new = done(date(2026, 1, 1)), done(date(2026, 1, 1), number=2, version=2)
    ledger = certifications_from([old, new], [LEGAL], VERSIONS)
    assert [one.completion for one in ledger.certifications] == [2]
    assert [(one.id, fault.field) for one, fault in ledger.without_effect] == [(1, "day")]


def test_withdrawals_are_kept_by_the_completion_that_issued():
    completions = [done(date(2026, 1, 1)), done(date(2026, 12, 1), "law-refresh", 2)]
    ledger = certifications_from(completions, [LEGAL], VERSIONS, {1: at(2026, 5, 1)})
    assert [one.completion for one in ledger.certifications] == [1]
    assert ledger.certifications[0].withdrawn_at == at(2026, 5, 1)
    assert [one.id for one, _ in ledger.without_effect] == [2]


@given(
    st.lists(st.tuples(DAYS, st.integers(-5, 400), st.none() | st.integers(-10, 9000)), max_size=6),
    st.sampled_from(["Europe/Lisbon", "Atlantic/Azores"]),
    st.integers(0, 24 * 365 * 8),
)
def test_merged_spans_agree_with_asking_each_certification(drawn, zone, hour):
    certifications = [
        held(
            first,
            first + length * DAY,
            withdrawn_at=None
            if hours is None
            else datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(hours=hours),
        )
        for first, length, hours in drawn
    ]
    spans = valid_spans(certifications, zone)
    instant = at(2023, 12, 1) + timedelta(hours=hour)
    inside = any(span.start <= instant < span.end for span in spans)
    assert inside == any(
        span.start <= instant < span.end
        for one in certifications
        for span in valid_spans([one], zone)
    )
    assert all(a.end < b.start for a, b in pairwise(spans))
    day = instant.date()
    assert any(span.holds(day) for span in valid_days(certifications, zone)) == any(
        valid_on(one, day, zone) for one in certifications
    )
