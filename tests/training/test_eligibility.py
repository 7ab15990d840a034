"""Who may take a course, get a seat, move up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.eligibility import (
    Due,
    conflicts,
    due_again,
    enrol,
    has_passed,
    missing_for_programme,
    missing_prerequisites,
    overlapping_sessions,
    promotions,
)
from training.records import (
    Completion,
    CourseVersion,
    Enrolment,
    EnrolmentStatus,
    Interval,
    Result,
    Role,
    Session,
    courses_by_code,
)

COURSES = courses_by_code(
    [
        CourseVersion("basics", 1, "Iniciação", 3000, equivalents=("degree",)),
        CourseVersion("degree", 1, "Licenciatura", 0, equivalents=("doctorate", "basics")),
        CourseVersion("doctorate", 1, "Doutoramento", 0),
        CourseVersion("law", 1, "Direito", 600, prerequisites=("basics",)),
        CourseVersion("law", 2, "Direito", 600, older_due_on=date(2026, 6, 30)),
        CourseVersion("law", 3, "Direito", 600, prerequisites=("basics", "ethics")),
    ]
)
LAW = COURSES["law"].current
START = datetime(2026, 5, 4, 9, tzinfo=UTC)
NOW = START - timedelta(days=10)
SESSION = Session(1, "law", 3, START, START + timedelta(hours=3), capacity=2, trainers=(50,))
DAY = date(2026, 5, 4)


def done(course, day=date(2026, 1, 1), version=1, result=Result.PASSED, mediator=7):
    return Completion(1, mediator, course, version, day, result)


READY = [done("basics"), done("ethics")]


def seat(number, mediator, status=EnrolmentStatus.ENROLLED, minute=0, session=1):
    return Enrolment(number, session, mediator, status, NOW + timedelta(minutes=minute))


def test_a_course_is_passed_from_its_day_by_itself_or_by_what_counts_as_it():
    day = date(2026, 1, 1)
    assert has_passed("basics", [done("basics", day)], COURSES, day)
    assert not has_passed("basics", [done("basics", day)], COURSES, day - timedelta(days=1))
    assert not has_passed("basics", [done("basics", result=Result.FAILED)], COURSES, DAY)
    assert has_passed("basics", [done("degree")], COURSES, DAY)
    assert has_passed("basics", [done("doctorate")], COURSES, DAY)  # through the degree
    assert not has_passed("doctorate", [done("basics")], COURSES, DAY)
    assert has_passed("gone", [done("gone")], COURSES, DAY)  # a course no longer in the list


def test_an_older_version_counts_through_its_due_date():
    old, newer = done("law", version=1), done("law", version=2)
    last = date(2026, 6, 30)
    assert has_passed("law", [old], COURSES, last)
    assert not has_passed("law", [old], COURSES, last + timedelta(days=1))
    assert has_passed("law", [newer], COURSES, date(2030, 1, 1))


def test_due_again_names_those_whose_newest_pass_ages():
    completions = [
        done("law", version=1),
        done("law", version=1, mediator=8),
        done("law", version=2, mediator=8),
        done("law", version=1, mediator=9, result=Result.FAILED),
    ]
    assert due_again(completions, COURSES, date(2026, 6, 30)) == (
        Due(7, "law", 1, 3, date(2026, 6, 30)),
    )
    assert due_again(completions, COURSES, date(2026, 6, 29)) == ()


def test_what_is_missing_is_named_in_the_courses_order():
    assert missing_prerequisites(LAW, [], COURSES, DAY) == ("basics", "ethics")
    assert missing_prerequisites(LAW, [done("degree")], COURSES, DAY) == ("ethics",)
    assert missing_for_programme(["law", "basics"], READY, COURSES, DAY) == ("law",)


def judged(**options):
    given_options = {
        "by": Role.TRAINER,
        "now": NOW,
        "enrolments": [],
        "completions": READY,
        "courses": COURSES,
        **options,
    }
    session = given_options.pop("session", SESSION)
    return enrol(session, 7, **given_options)


def test_seats_are_given_until_there_are_none_and_then_there_is_a_list():
    one, two = seat(1, 1), seat(2, 2)
    gone = seat(3, 3, EnrolmentStatus.CANCELLED)
    elsewhere = seat(4, 4, session=2)
    assert judged(enrolments=[one, gone, elsewhere]).status is EnrolmentStatus.ENROLLED
    assert judged(enrolments=[one, two]).status is EnrolmentStatus.WAITING


def test_every_reason_against_is_told_at_once():
    late = replace(SESSION, enrolled_by=frozenset({Role.COORDINATOR}), version=9)
    decision = judged(
        session=late, now=START, by=Role.MEDIATOR, enrolments=[seat(1, 7, EnrolmentStatus.WAITING)]
    )
    assert decision.status is None
    assert [fault.field for fault in decision.refusals] == [
        "course",
        "enrolled by",
        "start",
        "enrolment",
    ]
    missing = judged(completions=[])
    assert [fault.value for fault in missing.refusals] == ["without basics", "without ethics"]


def test_one_may_enrol_until_the_session_begins():
    assert judged(now=START - timedelta(seconds=1)).status is EnrolmentStatus.ENROLLED
    assert judged(now=START).status is None


def test_somebody_who_cancelled_may_come_back():
    gone = seat(1, 7, EnrolmentStatus.CANCELLED)
    assert judged(enrolments=[gone]).status is EnrolmentStatus.ENROLLED


def test_prerequisites_are_asked_on_the_day_of_the_session():
    just = [done("basics", DAY), done("ethics", DAY)]
    assert judged(completions=just).status is EnrolmentStatus.ENROLLED
    assert judged(completions=just, day=DAY - timedelta(days=1)).status is None


def test_conflicts_are_shown_and_refuse_nothing():
    def taken(start_hours, end_hours, reason):
        hour = timedelta(hours=1)
        return Interval(START + start_hours * hour, START + end_hours * hour, reason)

    before, shift, leave, after = (
        taken(-2, 0, "shift"),
        taken(2, 8, "shift"),
        taken(-9, 1, "leave"),
        taken(3, 4, "shift"),
    )
    decision = judged(taken=[before, shift, leave, after])
    assert decision.status is EnrolmentStatus.ENROLLED
    assert decision.conflicts == (leave, shift) == conflicts(SESSION, [shift, leave])


def test_the_list_moves_up_by_time_asked_and_passes_over_who_cannot_come():
    waiting = [
        seat(5, 15, EnrolmentStatus.WAITING, minute=3),
        seat(6, 16, EnrolmentStatus.WAITING, minute=1),
        seat(4, 14, EnrolmentStatus.WAITING, minute=1),
        seat(3, 13, EnrolmentStatus.WAITING, minute=2),
    ]

    def moved(*enrolled, **options):
        found = promotions(SESSION, [*enrolled, *waiting], options.pop("now", NOW), **options)
        return [one.mediator for one in found]

    assert moved() == [14, 16]
    assert moved(seat(1, 1)) == [14]
    assert moved(seat(1, 1), seat(2, 2)) == []
    assert moved(seat(1, 1), seat(2, 2), seat(8, 8)) == []  # capacity lowered since
    assert moved(may=lambda mediator: mediator not in (14, 16)) == [13, 15]
    assert moved(now=START) == []
    assert moved(now=START - timedelta(seconds=1)) == [14, 16]


@pytest.mark.parametrize(("offset_minutes", "trainers", "found"), [
    (179, (50, 51), True), (180, (50,), False), (0, (51,), False), (-179, (50,), True),
])  # fmt: skip
def test_a_trainer_cannot_be_in_two_places(offset_minutes, trainers, found):
    shift = timedelta(minutes=offset_minutes)
    other = replace(SESSION, id=2, start=START + shift, end=SESSION.end + shift, trainers=trainers)
    assert bool(overlapping_sessions([SESSION, other])) is found


COMPLETIONS = st.lists(
    st.builds(
        done,
        st.sampled_from(["basics", "degree", "doctorate", "ethics", "law"]),
        st.dates(date(2025, 6, 1), date(2026, 12, 31)),
        st.integers(1, 3),
        st.sampled_from(list(Result)),
    ),
    min_size=1,
    max_size=6,
)


@given(COMPLETIONS, st.dates(date(2025, 6, 1), date(2026, 12, 31)))
def test_one_more_completion_never_removes_an_eligibility(completions, day):
    fewer = missing_prerequisites(LAW, completions[:-1], COURSES, day)
    more = missing_prerequisites(LAW, completions, COURSES, day)
    assert set(more) <= set(fewer)
    before = judged(completions=completions[:-1], day=day)
    after = judged(completions=completions, day=day)
    assert before.status is None or after.status is before.status


@given(COMPLETIONS, st.dates(date(2025, 6, 1), date(2026, 12, 31)), st.randoms())
def test_the_order_of_entry_does_not_matter(completions, day, random):
    shuffled = list(completions)
    random.shuffle(shuffled)
    assert judged(completions=completions, day=day) == judged(completions=shuffled, day=day)


@given(
    st.lists(st.tuples(st.sampled_from(EnrolmentStatus), st.integers(0, 5)), max_size=10),
    st.integers(0, 6),
)
def test_after_moving_up_no_seat_is_empty_while_somebody_waits(drawn, capacity):
    enrolments = [seat(n, n, status, minute) for n, (status, minute) in enumerate(drawn)]
    session = replace(SESSION, capacity=capacity)
    up = promotions(session, enrolments, NOW)
    counts = {s: sum(one.status is s for one in enrolments) for s in EnrolmentStatus}
    enrolled = counts[EnrolmentStatus.ENROLLED] + len(up)
    assert enrolled <= max(capacity, counts[EnrolmentStatus.ENROLLED])
    assert len(up) == counts[EnrolmentStatus.WAITING] or enrolled >= capacity
