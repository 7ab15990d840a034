"""Which courses somebody has passed, and which they lack for another."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from training.eligibility import has_passed, missing_prerequisites
from training.records import Completion, CourseVersion, Result, courses_by_code

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
DAY = date(2026, 5, 4)


def done(course, day=date(2026, 1, 1), version=1, result=Result.PASSED, mediator=7):
    return Completion(1, mediator, course, version, day, result)


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


def test_what_is_missing_is_named_in_the_courses_order():
    assert missing_prerequisites(LAW, [], COURSES, DAY) == ("basics", "ethics")
    assert missing_prerequisites(LAW, [done("degree")], COURSES, DAY) == ("ethics",)


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


@given(COMPLETIONS, st.dates(date(2025, 6, 1), date(2026, 12, 31)), st.randoms())
def test_the_order_of_entry_does_not_matter(completions, day, random):
    shuffled = list(completions)
    random.shuffle(shuffled)
    found = missing_prerequisites(LAW, shuffled, COURSES, day)
    assert found == missing_prerequisites(LAW, completions, COURSES, day)
