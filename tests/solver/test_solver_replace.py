from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_problems import easy_problems, legal_rosters, problems, rosters
from small_problem import mediator, problem, requirement, shift

from solver.check import check
from solver.formats.problem_file import read_problem
from solver.problem import Problem
from solver.replace import RepairKind, replacements
from solver.result import Violation
from solver.stand_in import has_new


def week(**limits: int) -> list[dict[str, int]]:
    return [{"min_slots": 0, "max_slots": 168, "max_days": 7, **limits}]


def office(people: list[dict[str, Any]], **changes: Any) -> Problem:
    """Two days; 8-16, 8-12 and 12-20 each; one wanted from 8 to 16."""
    shifts = [
        shift(f"{day}.{name}", day, start, end)
        for day in range(2)
        for name, start, end in (("day", 8, 16), ("half", 8, 12), ("late", 12, 20))
    ]
    asked = [requirement(f"r{day}", 24 * day + 8, 24 * day + 16) for day in range(2)]
    told = {"shifts": shifts, "mediators": people, "requirements": asked, **changes}
    return read_problem(problem(2, **told))


def moves(repair: Any) -> list[tuple[str, str | None, str | None]]:
    return [(one.mediator, one.before, one.after) for one in repair.changes]


def test_a_colleague_who_is_off_takes_the_shift() -> None:
    world = office([mediator("ana"), mediator("bo", offices={"faro": 3})])
    best = replacements(world, [("ana", "0.day")], "ana", 0)[0]
    assert best.kind is RepairKind.STAND_IN
    assert moves(best) == [("ana", "0.day", None), ("bo", None, "0.day")]
    assert best.cost == 3 + 80
    assert best.difference["office"] == 3
    assert best.difference["cover"] == 0
    assert best.to_json() == {
        "assignments": [{"mediator": "bo", "shift": "0.day"}],
        "changes": [
            {"mediator": "ana", "from": "0.day", "to": None},
            {"mediator": "bo", "from": None, "to": "0.day"},
        ],
        "cost": 83,
        "parts": check(world, [("bo", "0.day")]).to_json()["parts"],
    }


def test_where_nobody_can_take_it_whole_a_shorter_shift_is_offered() -> None:
    world = office([mediator("ana"), mediator("bo", shift_slots=[1, 4])])
    best = replacements(world, [("ana", "0.day")], "ana", 0)[0]
    assert best.kind is RepairKind.OTHER_SHIFT
    assert moves(best)[1] == ("bo", None, "0.half")


def test_a_colleague_on_duty_moves() -> None:
    world = office([mediator("ana"), mediator("bo", skills={"lang:pt": [0, 30]})])
    best = replacements(world, [("ana", "0.day"), ("bo", "0.late")], "ana", 0)[0]
    assert best.kind is RepairKind.MOVED
    assert moves(best)[1] == ("bo", "0.late", "0.day")


def test_a_colleague_at_the_weekly_limit_swaps_a_later_day_with_the_absent() -> None:
    people = [
        mediator("ana", weeks=week(min_slots=8)),
        mediator("bo", weeks=week(max_days=1), shift_slots=[8, 8]),
    ]
    world = office(people, costs={"under_slot": 1, "change": 0})
    found = replacements(world, [("ana", "0.day"), ("bo", "1.day")], "ana", 0)
    assert found[0].kind is RepairKind.SWAP
    assert sorted(moves(found[0]), key=str) == [
        ("ana", "0.day", None),
        ("ana", None, "1.day"),
        ("bo", "1.day", None),
        ("bo", None, "0.day"),
    ]
    assert found[0].cost == 0


def test_a_chain_of_two_fills_what_the_first_leaves() -> None:
    """Only bo knows the language; only caio can take bo's shift, and not ana's."""
    people = [
        mediator("ana", skills={"lang:uk": None}),
        mediator("bo", skills={"lang:uk": None, "lang:pt": None}),
        mediator("caio", shift_slots=[1, 4]),
    ]
    world = office(people)
    data = world.to_json()
    data["requirements"] = [
        requirement("uk", 8, 16, needs=["lang:uk"], cost=50, minimum_cost=50),
        requirement("pt", 8, 12),
    ]
    world = read_problem(data)
    best = replacements(world, [("ana", "0.day"), ("bo", "0.half")], "ana", 0)[0]
    assert best.kind is RepairKind.CHAIN
    assert sorted(moves(best), key=str) == [
        ("ana", "0.day", None),
        ("bo", "0.half", "0.day"),
        ("caio", None, "0.half"),
    ]
    assert best.cost == 0


def test_nobody_else_leaves_the_gap_alone() -> None:
    world = office([mediator("ana")])
    (gap,) = replacements(world, [("ana", "0.day")], "ana", 0)
    assert gap.kind is RepairKind.GAP
    assert moves(gap) == [("ana", "0.day", None)]


def test_a_legal_shift_is_found_behind_five_better_ones_that_are_not() -> None:
    """Four hours are left of bo's week; the seven longer shifts serve more of what is asked."""
    shifts = [shift(f"long{one}", 0, 8, 14 + one) for one in range(7)]
    world = read_problem(
        problem(
            1,
            shifts=[shift("lost", 0, 8, 16), *shifts, shift("short", 0, 12, 16)],
            mediators=[mediator("ana"), mediator("bo", weeks=week(max_slots=4))],
            requirements=[requirement("pt", 8, 20)],
        )
    )
    best = replacements(world, [("ana", "lost")], "ana", 0)[0]
    assert moves(best) == [("ana", "lost", None), ("bo", None, "short")]


def test_the_absents_hard_minimum_is_met_by_a_longer_shift_on_a_later_day() -> None:
    """Eight slots are owed: four that day, four the next, where another shift has eight."""
    owing = mediator("ana", weeks=week(hard_min_slots=8))
    world = read_problem(
        problem(
            2,
            shifts=[
                shift("0.half", 0, 8, 12),
                shift("1.half", 1, 8, 12),
                shift("1.late", 1, 12, 16),
                shift("1.day", 1, 8, 16),
            ],
            mediators=[owing, mediator("bo")],
            requirements=[requirement("pt", 8, 12)],
        )
    )
    best = replacements(world, [("ana", "0.half"), ("ana", "1.half")], "ana", 0)[0]
    assert best.cost == 0
    assert sorted(best.assignments) == [("ana", "1.day"), ("bo", "0.half")]


def test_two_later_days_make_up_a_hard_minimum_where_one_does_not() -> None:
    owing = mediator("ana", weeks=week(hard_min_slots=12))
    shifts = [shift("0.long", 0, 8, 20)]
    for day in (1, 2):
        shifts += [shift(f"{day}.half", day, 8, 12), shift(f"{day}.day", day, 8, 14)]
    world = read_problem(problem(3, shifts=shifts, mediators=[owing, mediator("bo")]))
    best = replacements(world, [("ana", "0.long")], "ana", 0)[0]
    assert {("ana", "1.day"), ("ana", "2.day")} <= set(best.assignments)


def test_colleagues_of_other_offices_are_left_alone_where_asked() -> None:
    """Bo works in Porto that day and could come over; Cai is off and dearer."""
    both = {"faro": 0, "porto": 0}
    world = office(
        [mediator("ana"), mediator("bo", offices=both), mediator("cai", offices={"faro": 90})],
        offices=[{"id": "faro", "capacity": None}, {"id": "porto", "capacity": None}],
        shifts=[shift("0.day", 0, 8, 16), shift("0.porto", 0, 8, 16, office="porto")],
        requirements=[requirement("r0", 8, 16, count=1)],
    )
    given = [("ana", "0.day"), ("bo", "0.porto")]
    found = replacements(world, given, "ana", 0)
    assert "bo" in {one.mediator for repair in found for one in repair.changes}
    own = replacements(world, given, "ana", 0, only_at=frozenset({"faro"}))
    assert {one.mediator for repair in own for one in repair.changes} == {"ana", "cai"}
    nobody = replacements(world, given, "ana", 0, only_at=frozenset({"porto"}))
    assert [one.kind for one in nobody] == [RepairKind.GAP]


def test_without_a_shift_there_is_nothing_to_repair() -> None:
    world = office([mediator("ana"), mediator("bo")])
    assert replacements(world, [("ana", "0.day")], "ana", 1) == ()
    with pytest.raises(KeyError):
        replacements(world, [("ana", "0.day")], "zoe", 0)


def test_the_absents_own_lock_is_given_up_and_no_other() -> None:
    locked = [{"mediator": "ana", "shift": "0.day"}, {"mediator": "bo", "shift": "0.late"}]
    world = office([mediator("ana"), mediator("bo"), mediator("caio")], locked=locked)
    found = replacements(world, [("ana", "0.day"), ("bo", "0.late")], "ana", 0, limit=9)
    assert found
    assert all(("bo", "0.late") in repair.assignments for repair in found)


def test_shortest_runs_may_take_the_absents_next_day_too() -> None:
    shifts = [shift(f"{day}", day, 8, 16) for day in range(5)]
    people = [mediator("ana", min_consecutive_days=2), mediator("bo")]
    world = read_problem(problem(5, shifts=shifts, mediators=people))
    found = replacements(world, [("ana", "1"), ("ana", "2"), ("ana", "0")], "ana", 1)
    assert found
    for repair in found:
        assert repair.judgement.violations == ()
        assert ("ana", "2") not in repair.assignments or ("ana", "3") in repair.assignments


def test_an_office_too_full_already_is_repaired_as_long_as_it_gets_no_fuller() -> None:
    """Four are there for one place; when ana falls out three are left, which is no new fault."""
    names = ["ana", "bo", "caio", "dee"]
    people = [mediator(name, skills={"lang:uk": None}) for name in names]
    world = office([*people, mediator("eva")], offices=[{"id": "faro", "capacity": 1}])
    found = replacements(world, [(name, "0.day") for name in names], "ana", 0)
    assert found
    assert all(("ana", "0.day") not in repair.assignments for repair in found)


@pytest.mark.parametrize(
    ("rule", "measure", "worse"),
    [
        ("capacity", "present", 1),
        ("week_max_slots", "slots", 1),
        ("week_min_slots", "slots", -1),
        ("min_rest", "slots", -1),
        ("max_weekends", "weekends", 1),
    ],
)
def test_a_fault_is_new_where_it_is_worse_than_before(rule: str, measure: str, worse: int) -> None:
    was = Violation(rule, {"mediator": "ana", measure: 5})
    assert not has_new([was], [was])
    assert not has_new([Violation(rule, {"mediator": "ana", measure: 5 - worse})], [was])
    assert has_new([Violation(rule, {"mediator": "ana", measure: 5 + worse})], [was])
    assert has_new([Violation(rule, {"mediator": "bo", measure: 5 - worse})], [was])
    assert has_new([Violation("locked", {"mediator": "ana", measure: 5})], [was])


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_every_repair_is_legal_exact_and_without_the_absent(data: st.DataObject) -> None:
    world = data.draw(easy_problems())
    roster = data.draw(legal_rosters(world))
    assume(roster)
    absent, lost = data.draw(st.sampled_from(roster))
    day = world.shift_by_id[lost].day
    found = replacements(world, roster, absent, day, limit=6)
    assert found
    assert [repair.cost for repair in found] == sorted(repair.cost for repair in found)
    assert len({repair.changes for repair in found}) == len(found)
    for repair in found:
        assert check(world, repair.assignments) == repair.judgement
        assert repair.judgement.violations == ()
        assert not any(
            name == absent and world.shift_by_id[one].day == day for name, one in repair.assignments
        )


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_what_was_broken_before_may_stay_and_nothing_else_breaks(data: st.DataObject) -> None:
    world = data.draw(problems())
    roster = data.draw(rosters(world))
    known = [pair for pair in roster if pair[1] in world.shift_by_id and pair[0] != "nobody"]
    assume(known)
    absent, lost = known[0]
    before = check(world, roster).violations
    for repair in replacements(world, roster, absent, world.shift_by_id[lost].day):
        for violation in check(world, repair.assignments).violations:
            own_lock = violation.rule == "locked" and violation.details["mediator"] == absent
            assert own_lock or not has_new([violation], before)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_no_change_of_one_colleague_is_cheaper_than_the_best_repair(data: st.DataObject) -> None:
    world = data.draw(easy_problems())
    roster = data.draw(legal_rosters(world))
    assume(roster)
    absent, lost = roster[0]
    day, office_id = world.shift_by_id[lost].day, world.shift_by_id[lost].office
    rest = roster[1:]
    costs = []
    for person in world.mediators:
        if person.id == absent:
            continue
        kept = [
            pair for pair in rest if pair[0] != person.id or world.shift_by_id[pair[1]].day != day
        ]
        for one in world.shifts:
            judged = check(world, [*kept, (person.id, one.id)])
            here = one.day == day and one.office == office_id
            if here and (person.id, one.id) not in rest and not judged.violations:
                costs.append(judged.cost)
    assume(costs)
    assert replacements(world, roster, absent, day)[0].cost <= min(costs)
