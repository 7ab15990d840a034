from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import easy_problems, legal_rosters, problems, rosters
from small_problem import mediator, problem, requirement, shift

from solver.causes import Cause, HeldBack
from solver.check import check
from solver.draft import Change, Draft
from solver.explain import Scope, Shortfall, closers, explain
from solver.explanation_text import text_of, when
from solver.formats.problem_file import read_problem
from solver.problem import Assignment, Problem

UK: dict[str, Any] = {"skills": {"lang:uk": None}}


def week(**limits: int) -> list[dict[str, int]]:
    return [{"min_slots": 0, "max_slots": 168, "max_days": 7, **limits}]


def world(person: dict[str, Any], **changes: Any) -> Problem:
    """Three days of a 8-16 shift with a break at 12 and a 14-22 one, at faro; the same 8-16 at
    porto. Ukrainian is wanted at faro on day 1 at 12 to 13, or as `changes` say."""
    shifts = []
    for day in range(3):
        begin = 24 * day
        for office in ("faro", "porto"):
            shifts.append(
                shift(
                    f"{office}{day}", day, 8, 16, office=office, breaks=[[begin + 12, begin + 13]]
                )
            )
        shifts.append(shift(f"late{day}", day, 14, 22))
    return read_problem(
        problem(
            3,
            offices=[
                {"id": "faro", "capacity": changes.pop("capacity", None)},
                {"id": "porto", "capacity": None},
            ],
            shifts=shifts,
            mediators=[mediator("ana", **{**UK, **person}), mediator("bo")],
            requirements=changes.pop(
                "requirements", [requirement("uk", 34, 35, needs=["lang:uk"])]
            ),
            **changes,
        )
    )


BOTH = {"faro": 0, "porto": 0}

CASES: list[tuple[Cause, dict[str, Any], dict[str, Any], list[tuple[str, str]], str | None]] = [
    (Cause.OFF, {}, {}, [], None),
    (Cause.NOT_QUALIFIED, {"skills": {"lang:uk": [0, 34]}}, {}, [("ana", "faro1")], None),
    (Cause.ON_LEAVE, {"unavailable": [[24, 48]]}, {}, [], None),
    (Cause.ON_LEAVE, {"unavailable": [[37, 38]]}, {}, [], "unavailable"),
    (Cause.IN_TRAINING, {"busy": [[33, 36]]}, {}, [("ana", "faro1")], None),
    (Cause.ELSEWHERE, {"offices": BOTH}, {}, [("ana", "porto1")], None),
    (
        Cause.IN_BREAK,
        {},
        {"requirements": [requirement("uk", 36, 37, needs=["lang:uk"])]},
        [("ana", "faro1")],
        None,
    ),
    (Cause.OTHER_HOURS, {}, {}, [("ana", "late1")], None),
    (
        Cause.NO_SHIFT,
        {},
        {"requirements": [requirement("uk", 30, 31, needs=["lang:uk"])]},
        [],
        None,
    ),
    (Cause.DAY_LIMIT, {"shift_slots": [8, 12]}, {}, [], "shift_slots"),
    (Cause.DAY_LIMIT, {"max_day_slots": 8, "busy": [[42, 45]]}, {}, [], "max_day_slots"),
    (Cause.WEEK_LIMIT, {"weeks": week(max_days=1)}, {}, [("ana", "faro0")], "week_max_days"),
    (Cause.WEEK_LIMIT, {"weeks": week(max_slots=13)}, {}, [("ana", "faro0")], "week_max_slots"),
    (Cause.REST_LIMIT, {"min_rest_slots": 11}, {}, [("ana", "late0")], "min_rest"),
    (
        Cause.LOCKED,
        {},
        {"locked": [{"mediator": "ana", "shift": "late1"}]},
        [("ana", "late1")],
        "locked",
    ),
    (Cause.CAPACITY, {}, {"capacity": 1}, [("bo", "faro1")], "capacity"),
    (
        Cause.DEARER,
        {"skills": {"lang:uk": None, "lang:ru": None}},
        {
            "requirements": [
                requirement("uk", 34, 35, needs=["lang:uk"]),
                requirement("ru", 34, 35, needs=["lang:ru"], cost=20, minimum_cost=20),
            ]
        },
        [("ana", "faro1")],
        None,
    ),
]


@pytest.mark.parametrize(("cause", "person", "changes", "roster", "rule"), CASES)
def test_the_binding_cause_is_named(
    cause: Cause,
    person: dict[str, Any],
    changes: dict[str, Any],
    roster: list[tuple[str, str]],
    rule: str | None,
) -> None:
    small = world(person, **changes)
    (short,) = explain(small, roster).shortfalls
    assert short.needs == ("lang:uk",)
    assert [(one.mediator, one.cause, one.rule) for one in short.people] == [("ana", cause, rule)]
    if cause is Cause.DEARER:
        assert short.people[0].serves == ("lang:ru",)


def test_every_cause_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(Cause)


def test_nobody_of_the_office_holds_it() -> None:
    small = world({"offices": {"porto": 0}})
    (short,) = explain(small, []).shortfalls
    assert short.nobody_holds_it
    assert short.at_other_offices == ("ana",)
    assert [one.cause for one in explain(small, []).totals] == [None]


def test_slots_that_are_short_alike_become_one_shortfall() -> None:
    asked = [
        requirement(f"r{slot}", slot, slot + 1, needs=["lang:uk"], count=2, minimum=1,
                    minimum_cost=25)
        for slot in range(32, 36)
    ]  # fmt: skip
    explanation = explain(world({}, requirements=asked), [("ana", "faro1")])
    (short,) = explanation.shortfalls
    assert (short.start, short.end, short.missing, short.below_minimum) == (32, 36, 1, 0)
    assert short.cost == 40
    assert short.requirements == ("r32", "r33", "r34", "r35")
    assert short.nobody_holds_it


def test_what_one_more_speaker_saves_is_counted_exactly() -> None:
    """Wanted from 12 on day 1, for three slots: the break at 12 costs one of them."""
    asked = [requirement("uk", 36, 39, needs=["lang:uk"], cost=7, minimum_cost=7)]
    explanation = explain(world({}, requirements=asked), [])
    (value,) = explanation.values
    assert (value.office, value.needs) == ("faro", ("lang:uk",))
    assert value.always == 21
    assert value.one_person == 14


def test_the_worst_gap_names_whom_it_would_take() -> None:
    asked = [
        requirement("small", 10, 11, needs=["lang:uk"]),
        requirement("great", 58, 60, needs=["lang:uk"], cost=30, minimum_cost=30),
    ]
    small = world({"offices": {"faro": 4}}, requirements=asked)
    worst = explain(small, []).worst_gap
    assert worst is not None
    assert worst.shortfall.requirements == ("great",)
    assert worst.people_missing == 1
    (closer,) = worst.closers
    assert (closer.mediator, closer.shift, closer.was) == ("ana", "faro2", None)
    assert closer.gap_cost == 0
    assert closer.cost_change == 4 - 60
    assert closer.cost_change == check(small, [("ana", "faro2")]).cost - check(small, []).cost


def test_full_cover_leaves_nothing_to_explain() -> None:
    small = world({})
    explanation = explain(small, [("ana", "faro1")])
    assert explanation.shortfalls == ()
    assert explanation.worst_gap is None
    assert next(iter(text_of(small, explanation))) == "Cover is short nowhere."


def test_the_text_says_where_when_and_why() -> None:
    small = world({"min_rest_slots": 11})
    lines = list(text_of(small, explain(small, [("ana", "late0")])))
    assert "faro  2026-03-03 10:00-11:00  lang:uk: 1 missing, cost 10" in lines
    assert "    held back by rest: ana (min_rest)" in lines
    assert when(small, 24, 25) == "2026-03-03 00:00-01:00"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_shortfalls_cost_what_cover_costs_without_excess(data: st.DataObject) -> None:
    small = data.draw(problems())
    without = small.to_json()
    for need in without["requirements"]:
        need["excess_cost"] = 0
    small = read_problem(without)
    roster = data.draw(rosters(small))
    once = {}
    for name, one in roster:  # two shifts at once would count someone twice
        if one in small.shift_by_id:
            once[name, small.shift_by_id[one].day] = (name, one)
    explanation = explain(small, list(once.values()))
    assert (
        sum(one.cost for one in explanation.shortfalls)
        == (check(small, list(once.values())).parts["cover"])
    )
    assert list(text_of(small, explanation))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_whoever_is_said_to_be_off_could_come(data: st.DataObject) -> None:
    small = data.draw(easy_problems())
    roster = data.draw(legal_rosters(small))
    for short in explain(small, roster).shortfalls:
        for person in short.people:
            legal = [
                one
                for one in small.shifts
                if one.office == short.office
                and short.start in one.worked
                and one.day == small.day_of_slot[short.start]
                and not check(
                    small,
                    [
                        *(
                            pair
                            for pair in roster
                            if pair[0] != person.mediator
                            or small.shift_by_id[pair[1]].day != one.day
                        ),
                        (person.mediator, one.id),
                    ],
                ).violations
            ]
            if person.cause is Cause.OFF:
                assert legal
            if person.cause in (Cause.CAPACITY, Cause.REST_LIMIT, Cause.WEEK_LIMIT):
                assert not legal


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_one_row_of_a_day_is_explained_as_in_the_whole(data: st.DataObject) -> None:
    problem = data.draw(problems())
    roster = data.draw(rosters(problem))
    whole = explain(problem, roster)
    draft = Draft(
        problem, [Assignment(*one) for one in roster if _is_known(problem, Assignment(*one))]
    )
    for office in problem.offices:
        for day in range(len(problem.days)):
            of_day = explain(problem, draft, only=Scope(office.id, day))
            assert _by_slot(problem, of_day.shortfalls, office.id, day) == _by_slot(
                problem, whole.shortfalls, office.id, day
            )
            for one in of_day.shortfalls[:2]:
                row = explain(
                    problem,
                    draft,
                    only=Scope(office.id, day, tuple(reversed(one.needs)), one.exclusive),
                )
                assert one in row.shortfalls
                assert {frozenset(two.needs) for two in row.values} == {frozenset(one.needs)}


def test_the_value_of_a_speaker_on_one_day_is_that_days_share() -> None:
    problem = world({})
    (on_day,) = explain(problem, (), only=Scope("faro", 1)).values
    (none,) = explain(problem, (), only=Scope("faro", 0)).values
    (whole,) = explain(problem, ()).values
    assert (on_day.always, on_day.one_person) == (whole.always, whole.one_person)
    assert (none.always, none.one_person) == (0, 0)


def test_closers_are_everyone_who_could_make_the_gap_smaller_with_no_rule_broken() -> None:
    problem = world({})
    (gap,) = explain(problem, ()).shortfalls
    draft = Draft(problem)
    (found,) = closers(draft, gap)
    after = draft.with_changes([Change(found.mediator, 1, found.shift)])
    assert found.mediator == "ana"
    assert found.cost_change == after.cost - draft.cost
    assert after.is_legal
    assert found.gap_cost == 0


def test_whoever_the_office_has_no_room_for_closes_nothing() -> None:
    small = world({}, capacity=0)
    explanation = explain(small, ())
    assert explanation.shortfalls[0].people[0].cause is Cause.CAPACITY
    assert explanation.worst_gap is not None
    assert explanation.worst_gap.closers == ()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_closer_does_what_making_the_change_would_do(data: st.DataObject) -> None:
    """Weighed by the worth of each step, against the roster judged anew with the change made."""
    problem = data.draw(easy_problems())
    draft = Draft(problem, data.draw(rosters(problem)))
    for gap in explain(problem, draft.assignments).shortfalls[:3]:
        slots = range(gap.start, gap.end)
        for one in closers(draft, gap):
            day = problem.shift_by_id[one.shift].day
            after = draft.with_changes([Change(one.mediator, day, one.shift)])
            assert one.cost_change == after.cost - draft.cost
            assert one.gap_cost == sum(after.cover_cost(gap.office, slot) for slot in slots)


def _is_known(problem: Problem, one: Assignment) -> bool:
    return one.mediator in problem.mediator_by_id and one.shift in problem.shift_by_id


def _by_slot(
    problem: Problem, found: tuple[Shortfall, ...], office: str, day: int
) -> set[tuple[int, tuple[str, ...], bool, int, tuple[HeldBack, ...]]]:
    return {
        (slot, one.needs, one.exclusive, one.missing, one.people)
        for one in found
        if one.office == office
        for slot in range(one.start, one.end)
        if problem.day_of_slot[slot] == day
    }


def night_world(**bo: Any) -> Problem:
    """A night shift of day 0 from 20 to 4, a day shift of day 1; wanted from 1 to 3 at night."""
    return read_problem(
        problem(
            2,
            shifts=[shift("night", 0, 20, 28), shift("day", 1, 8, 16)],
            mediators=[mediator("ana"), mediator("bo", **bo)],
            requirements=[requirement("pt", 25, 27)],
        )
    )


def test_a_gap_after_midnight_is_laid_to_the_shifts_of_the_eve() -> None:
    world = night_world(unavailable=[[0, 24]])
    found = explain(world, [])
    (gap,) = found.shortfalls
    assert [(one.mediator, one.cause) for one in gap.people] == [
        ("ana", Cause.OFF),
        ("bo", Cause.ON_LEAVE),
    ]
    assert found.worst_gap is not None
    (closer,) = found.worst_gap.closers
    assert (closer.mediator, closer.shift, closer.was, closer.gap_cost) == ("ana", "night", None, 0)
    assert closer.cost_change == -20


def test_who_works_the_day_after_is_held_from_the_night_by_their_rest() -> None:
    world = night_world(min_rest_slots=11)
    (gap,) = explain(world, [("bo", "day")]).shortfalls
    assert gap.people[1] == HeldBack("bo", Cause.REST_LIMIT, rule="min_rest")
