"""The time that costs least, against trying everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.faults import TrainingFault
from training.placing import Choice, CoverCost, candidate_times, place_session
from training.records import Interval

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(start, end):
    return Interval(NINE + start * HOUR, NINE + end * HOUR)


TIMES = [hours(0, 3), hours(3, 6), hours(6, 9)]


def table(costs):
    """A cost that adds up people: costs[(hour of the start, person)]."""
    asked = []

    def cost_of(start, end, people):
        assert end - start == 3 * HOUR
        asked.append((start, people))
        by_person = {one: costs.get((start.hour - 9, one), 0) for one in people}
        languages = {"uk": sum(by_person.values())} if people else {}
        return CoverCost(sum(by_person.values()), languages)

    cost_of.asked = asked
    return cost_of


def test_candidates_start_at_every_step_that_leaves_room():
    found = candidate_times([hours(0, 4), hours(3, 6)], 180)
    assert [(one.start - NINE) / HOUR for one in found] == [0, 0.5, 1, 3]
    assert all(one.end - one.start == 3 * HOUR for one in found)
    assert candidate_times([hours(0, 3)], 181) == ()
    with pytest.raises(TrainingFault) as caught:
        candidate_times([], 0, 0)
    assert len(caught.value.faults) == 2


def test_times_are_ranked_by_cost_and_each_says_what_it_does_to_each_language():
    placing = place_session(TIMES, [1, 2], {}, table({(0, 1): 5, (3, 2): 1, (6, 2): 2}))
    assert [choice.total for choice in placing.whole] == [1, 2, 5]
    assert placing.whole[0].by_language == {"uk": 1}
    assert placing.whole[0].groups[0].start == NINE + 3 * HOUR


def test_a_time_at_which_more_can_come_ranks_before_a_cheaper_one():
    busy = {2: [hours(2, 3)]}
    placing = place_session(TIMES[:2], [1, 2], busy, table({(3, 1): 50}), may_split=False)
    assert [(choice.total, choice.absent) for choice in placing.whole] == [
        (50, frozenset()),
        (0, {2}),
    ]


def test_two_groups_are_offered_when_they_cost_less():
    costs = {(0, 1): 9, (0, 2): 9, (3, 3): 9, (3, 4): 9, (6, 1): 7, (6, 3): 7}
    placing = place_session(TIMES, [1, 2, 3, 4], {}, table(costs))
    assert placing.whole[0].total == 14
    assert placing.split.total == 0
    by_start = {group.start: group.people for group in placing.split.groups}
    assert by_start == {NINE: {3, 4}, NINE + 3 * HOUR: {1, 2}}


def test_two_groups_are_offered_when_no_time_suits_all():
    busy = {1: [TIMES[0], TIMES[2]], 2: [TIMES[1]], 3: [TIMES[1], TIMES[2]]}
    placing = place_session(TIMES, [1, 2, 3], busy, table({(0, 2): 3}))
    assert placing.whole[0].absent
    assert placing.split.absent == frozenset()


def test_two_groups_that_cost_the_same_are_not_offered():
    assert place_session(TIMES, [1, 2], {}, table({})).split is None
    assert place_session(TIMES, [1], {}, table({(0, 1): 1})).split is None
    costs = {(0, 1): 9, (3, 2): 9}
    assert place_session(TIMES[:2], [1, 2], {}, table(costs), may_split=False).split is None


def test_the_cost_is_never_asked_twice():
    cost_of = table({(0, 1): 9, (0, 2): 9, (3, 3): 9, (3, 4): 9, (6, 1): 7})
    place_session(TIMES, [1, 2, 3, 4], {}, cost_of)
    assert len(set(cost_of.asked)) == len(cost_of.asked)
    assert all(people for _, people in cost_of.asked)


def test_only_the_best_are_kept_and_nobody_at_all_is_no_choice():
    assert len(place_session(TIMES, [1], {}, table({}), keep=2).whole) == 2
    nobody = place_session(TIMES[:1], [1], {1: [TIMES[0]]}, table({}))
    assert (nobody.whole, nobody.split) == ((), None)


def test_what_is_not_known_to_cost_anything_comes_last_and_in_no_group_of_two():
    costs = {(3, 1): 9, (3, 2): 9, (6, 1): 5, (6, 2): 7}
    weighed = table(costs)

    def cost_of(start, end, people):
        return replace(weighed(start, end, people), known=start > NINE)

    placing = place_session(TIMES, [1, 2], {}, cost_of)
    assert [(one.known, one.total) for one in placing.whole] == [
        (True, 12), (True, 18), (False, 0),
    ]  # fmt: skip
    assert placing.split is None, "in known weeks two groups cost as much or more"
    busy = {2: [TIMES[1], TIMES[2]]}
    first = place_session(TIMES, [1, 2], busy, cost_of).whole[0]
    assert (first.known, first.absent) == (False, frozenset()), "who can come counts first"


def test_who_is_away_counts_in_the_ranking_and_keeps_their_place():
    away = {2: [TIMES[0]], 3: [TIMES[0], TIMES[2]]}
    placing = place_session(TIMES, [1, 2, 3], {}, table({(3, 1): 9}), away=away)
    told = [(one.groups[0].start, one.groups[0].people, one.away) for one in placing.whole]
    everyone = frozenset({1, 2, 3})
    assert told == [
        (TIMES[1].start, everyone, frozenset()),
        (TIMES[2].start, everyone, frozenset({3})),
        (TIMES[0].start, everyone, frozenset({2, 3})),
    ]


def test_nobody_is_put_into_one_of_two_groups_for_being_away():
    costs = {(0, 1): 9, (0, 2): 9, (3, 3): 9, (3, 4): 9, (6, 1): 30, (6, 3): 30}
    groups = place_session(TIMES[:2], PEOPLE, {}, table(costs)).split.groups
    assert [one.people for one in groups] == [{3, 4}, {1, 2}]
    for one, time in product(PEOPLE, TIMES[:2]):
        split = place_session(TIMES[:2], PEOPLE, {}, table(costs), away={one: [time]}).split
        assert split is None or split.groups == groups


def test_nothing_to_rank_is_told_all_at_once():
    with pytest.raises(TrainingFault) as caught:
        place_session([], [], {}, table({}), keep=0)
    assert [fault.field for fault in caught.value.faults] == ["times", "people", "keep"]


PEOPLE = (1, 2, 3, 4)
COSTS = st.dictionaries(
    st.tuples(st.sampled_from([0, 3, 6]), st.sampled_from(PEOPLE)), st.integers(0, 9)
)
BUSY = st.dictionaries(st.sampled_from(PEOPLE), st.lists(st.sampled_from(TIMES), max_size=2))


@given(COSTS, BUSY)
def test_with_costs_that_add_up_the_answer_is_the_best_of_all(costs, busy):
    """Every time and every way to part the people, tried one by one."""

    def able(time):
        return [one for one in PEOPLE if time not in busy.get(one, [])]

    def price(time, people):
        return sum(costs.get(((time.start - NINE) // HOUR, one), 0) for one in people)

    def parts(people):
        return chain.from_iterable(combinations(people, n) for n in range(len(people) + 1))

    wholes = [(4 - len(able(time)), price(time, able(time))) for time in TIMES if able(time)]
    splits = [
        (4 - len(set(one) | set(other)), price(first, one) + price(second, other))
        for first, second in combinations(TIMES, 2)
        for one in parts(able(first))
        for other in parts([who for who in able(second) if who not in one])
        if one and other
    ]
    placing = place_session(TIMES, PEOPLE, busy, table(costs))

    def rank(choice: Choice):
        return len(choice.absent), choice.total

    assert [rank(choice) for choice in placing.whole] == sorted(wholes)
    best = min(splits, default=None)
    if placing.split is not None:
        assert rank(placing.split) == best < min(wholes)
    elif wholes and best is not None:
        assert best >= min(wholes)
