"""What Timefold is told of a roster problem, and how it counts: `timefold_choices` makes it.

Nothing here knows Timefold, but all of it is translated to Java by `timefold_model`. What the
translator cannot make sense of, it calls in Python instead, many times slower and without a
word: hence plain loops of few forms. Facts are told apart by identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FREE = ""
"""The shift of a choice to give none."""

DIGIT = 10
"""Bits of a digit that counts people of one sort."""


@dataclass(eq=False)
class Cell:
    """An office in a slot, and what is asked for there; a bit stands for each requirement."""

    index: int
    bits: list[int]
    """One for each person asked for exclusively, the dearest to lack first."""
    prices: list[int]
    """What lacking each of them costs."""
    present_bits: list[int]
    """One for each requirement of presence."""
    present_costs: list[list[int]]
    """Its cost by the number present, up to the number asked for."""
    excess_costs: list[int]
    capacity: int
    """-1 for no limit."""
    empty_cost: int = 0
    sorts: list[int] = field(default_factory=list)
    """The sorts of people who may serve, each by the bits of the requirements it counts for."""
    known: dict[int, int] = field(default_factory=dict)
    """Who serves, as `Person.serves` adds up -> the cost."""


@dataclass(eq=False)
class Choice:
    """A shift, or none, for a day, together with the busy time of that day."""

    number: int
    shift: str
    office: str
    kind: str
    start: int
    end: int
    worked: int
    on_duty: int
    unsocial: int
    cells: list[Cell]


@dataclass(eq=False)
class Rules:
    """What holds for everybody."""

    days: int
    weekends: list[int]
    """The days of each as bits."""
    successions: set[tuple[str, str]]
    under_slot: int
    change: int


@dataclass(eq=False)
class Person:
    index: int
    id: str
    least_slots: list[int]
    most_slots: list[int]
    hard_least_slots: list[int]
    most_days: list[int]
    min_rest: int
    longest_run: int
    run_before: int
    shortest_run: int
    shortest_off: int
    most_weekends: int
    free_unsocial: int
    unsocial_cost: int
    office_costs: dict[str, int]
    kind_most: dict[str, int]
    rules: Rules
    serves: dict[int, int]
    """Cell -> one of the person's sort, in the digit of that sort. Sums tell how many of each
    sort serve; someone who counts for nothing adds 0."""


@dataclass(eq=False)
class Asked:
    """A wish, by the numbers of the choices that touch it."""

    person: int
    off: bool
    cost: int
    touching: set[int]


@dataclass
class DayChoices:
    person: Person
    day: int
    choices: list[Choice]
    before: str
    """The shift already published."""


@dataclass
class Facts:
    days: list[DayChoices]
    asked: list[Asked]
    week_of_day: list[int]


def cell_cost(cell: Cell, serving: list[int]) -> int:
    """Least cost of counting those who serve, each given by what they add.

    The dearest person asked for comes first and moves others on where that makes room: what
    can be met together is a matroid, so that no choice made is ever regretted.
    """
    total = 0
    for one in serving:
        total += one
    if total in cell.known:
        return cell.known[total]
    people: list[int] = []
    left = total
    for sort in cell.sorts:
        for _ in range(left & ((1 << DIGIT) - 1)):
            people.append(sort)
        left = left >> DIGIT
    cost = exclusive_cost(cell, people)
    for place in range(len(cell.present_bits)):
        present = 0
        for bits in people:
            if bits & cell.present_bits[place]:
                present += 1
        costs = cell.present_costs[place]
        most = len(costs) - 1
        if present > most:
            cost += costs[most] + cell.excess_costs[place] * (present - most)
        else:
            cost += costs[present]
    cell.known[total] = cost
    return cost


def exclusive_cost(cell: Cell, people: list[int]) -> int:
    cost = 0
    closed = 0
    taken = [0] * len(people)
    for place in range(len(cell.bits)):
        bit = cell.bits[place]
        tried = [False] * len(people)
        met = bit & closed == 0 and makes_room(bit, people, taken, tried)
        if not met:
            # Nobody was found by way of those tried, so nobody ever will be.
            closed = closed | bit | counted_for(taken, tried)
            cost += cell.prices[place]
    return cost


def counted_for(taken: list[int], tried: list[bool]) -> int:
    bits = 0
    for place in range(len(taken)):
        if tried[place]:
            bits = bits | taken[place]
    return bits


def makes_room(bit: int, people: list[int], taken: list[int], tried: list[bool]) -> bool:
    """Whether one more person can count for `bit`; `taken` holds what each counts for."""
    for place in range(len(people)):
        if taken[place] == 0 and people[place] & bit:
            taken[place] = bit
            return True
    for place in range(len(people)):
        if not tried[place] and people[place] & bit:
            tried[place] = True
            if makes_room(taken[place], people, taken, tried):
                taken[place] = bit
                return True
    return False


def weekend_faults(person: Person, mask: int) -> int:
    """By how many weekends with a duty day the person has too many."""
    worked = 0
    for weekend in person.rules.weekends:
        if mask & weekend:
            worked += 1
    if worked > person.most_weekends:
        return worked - person.most_weekends
    return 0


def run_faults(person: Person, mask: int) -> int:
    """By how many days the runs of duty and of rest are too long or too short.

    `mask` has a bit for each day of duty. Runs at the edges may be as short as they like.
    """
    days = person.rules.days
    faults = 0
    length = 0
    was_on = True
    first = 0
    for day in range(days + 1):
        on = day < days and (mask >> day) & 1 == 1
        if day > 0 and (on != was_on or day == days):
            inside = first > 0 and day < days
            if was_on:
                before = person.run_before if first == 0 else 0
                if length + before > person.longest_run:
                    faults += length + before - person.longest_run
                if inside and length < person.shortest_run:
                    faults += person.shortest_run - length
            elif inside and length < person.shortest_off:
                faults += person.shortest_off - length
            length = 0
            first = day
        was_on = on
        length += 1
    return faults
