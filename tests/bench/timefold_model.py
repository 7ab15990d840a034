"""The roster problem as constraint streams of Timefold's Python solver, for comparison.

A planning entity is a mediator's day, its variable what that day holds. Rules that look at one
shift alone (office, length, leave, the day's limit, locks, rest since before the horizon) are in
the range of the variable; every other rule is a hard constraint, and every cost a soft one. The
cover of an office in a slot is counted exactly, so that the score is the contract's cost less
what the cover of nobody at all costs. Rest is between neighbouring days, as if it were never
longer than a night and a day off.

The search begins with nobody on duty: Timefold's construction, which tries every choice of every
day first, would take most of a minute. `timefold` is a package of requirements/bench.txt and
needs a Java 17.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    EnvironmentMode,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningPin,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardSoftScore,
    Joiners,
    constraint_provider,
)
from timefold_facts import (
    Asked,
    Choice,
    Facts,
    Person,
    cell_cost,
    run_faults,
    weekend_faults,
)


@planning_entity
@dataclass
class Duty:
    """A mediator's day."""

    id: Annotated[int, PlanningId]
    person: Person
    day: int
    week: int
    bit: int
    before: str
    choices: Annotated[list[Choice], ValueRangeProvider]
    settled: Annotated[bool, PlanningPin]
    """Nothing but one choice, which the search then leaves alone."""
    choice: Annotated[Choice, PlanningVariable] = field(default=None)


@planning_solution
@dataclass
class Plan:
    duties: Annotated[list[Duty], PlanningEntityCollectionProperty]
    asked: Annotated[list[Asked], ProblemFactCollectionProperty]
    score: Annotated[HardSoftScore | None, PlanningScore] = field(default=None)


HARD = HardSoftScore.ONE_HARD
SOFT = HardSoftScore.ONE_SOFT


@constraint_provider
def constraints(factory: ConstraintFactory) -> list[Constraint]:
    return [
        *_weeks(factory),
        *_days_in_a_row(factory),
        *_kinds(factory),
        *_places(factory),
        *_wishes(factory),
        *_costs_of_shifts(factory),
    ]


def _weeks(factory: ConstraintFactory) -> list[Constraint]:
    weeks = factory.for_each(Duty).group_by(
        lambda duty: duty.person,
        lambda duty: duty.week,
        ConstraintCollectors.sum(lambda duty: duty.choice.worked),
        ConstraintCollectors.sum(lambda duty: duty.choice.on_duty),
    )
    return [
        weeks.filter(lambda person, week, slots, days: slots > person.most_slots[week])
        .penalize(HARD, lambda person, week, slots, days: slots - person.most_slots[week])
        .as_constraint("week_max_slots"),
        weeks.filter(lambda person, week, slots, days: slots < person.hard_least_slots[week])
        .penalize(HARD, lambda person, week, slots, days: person.hard_least_slots[week] - slots)
        .as_constraint("week_min_slots"),
        weeks.filter(lambda person, week, slots, days: days > person.most_days[week])
        .penalize(HARD, lambda person, week, slots, days: days - person.most_days[week])
        .as_constraint("week_max_days"),
        weeks.filter(lambda person, week, slots, days: slots < person.least_slots[week])
        .penalize(
            SOFT,
            lambda person, week, slots, days: (
                (person.least_slots[week] - slots) * person.rules.under_slot
            ),
        )
        .as_constraint("hours"),
    ]


def _days_in_a_row(factory: ConstraintFactory) -> list[Constraint]:
    days = factory.for_each(Duty).group_by(
        lambda duty: duty.person,
        ConstraintCollectors.sum(lambda duty: duty.bit * duty.choice.on_duty),
    )
    neighbours = factory.for_each(Duty).join(
        Duty,
        Joiners.equal(lambda duty: duty.person.index),
        Joiners.equal(lambda duty: duty.day + 1, lambda duty: duty.day),
    )
    return [
        days.penalize(HARD, lambda person, mask: run_faults(person, mask)).as_constraint("runs"),
        days.penalize(HARD, lambda person, mask: weekend_faults(person, mask)).as_constraint(
            "max_weekends"
        ),
        neighbours.filter(
            lambda one, two: (
                one.choice.on_duty * two.choice.on_duty == 1
                and two.choice.start - one.choice.end < one.person.min_rest
            )
        )
        .penalize(HARD)
        .as_constraint("min_rest"),
        neighbours.filter(
            lambda one, two: (one.choice.kind, two.choice.kind) in one.person.rules.successions
        )
        .penalize(HARD)
        .as_constraint("forbidden_succession"),
    ]


def _kinds(factory: ConstraintFactory) -> list[Constraint]:
    return [
        factory.for_each(Duty)
        .filter(lambda duty: duty.choice.kind in duty.person.kind_most)
        .group_by(
            lambda duty: duty.person,
            lambda duty: duty.choice.kind,
            ConstraintCollectors.count(),
        )
        .filter(lambda person, kind, count: count > person.kind_most[kind])
        .penalize(HARD, lambda person, kind, count: count - person.kind_most[kind])
        .as_constraint("kind_max")
    ]


def _places(factory: ConstraintFactory) -> list[Constraint]:
    cells = (
        factory.for_each(Duty)
        .filter(lambda duty: len(duty.choice.cells) > 0)
        .expand(lambda duty: duty.choice.cells)
        .flatten_last(lambda cells: cells)
        .group_by(
            lambda duty, cell: cell,
            ConstraintCollectors.to_list(lambda duty, cell: duty.person.serves.get(cell.index, 0)),
        )
    )
    return [
        cells.filter(lambda cell, serving: -1 < cell.capacity < len(serving))
        .penalize(HARD, lambda cell, serving: len(serving) - cell.capacity)
        .as_constraint("capacity"),
        # Against nobody there: what a place without anyone costs is the same in every roster.
        cells.reward(
            SOFT, lambda cell, serving: cell.empty_cost - cell_cost(cell, serving)
        ).as_constraint("cover"),
    ]


def _wishes(factory: ConstraintFactory) -> list[Constraint]:
    whose = Joiners.equal(lambda wish: wish.person, lambda duty: duty.person.index)
    touches = Joiners.filtering(lambda wish, duty: duty.choice.number in wish.touching)
    return [
        factory.for_each(Asked)
        .filter(lambda wish: wish.off)
        .if_exists(Duty, whose, touches)
        .penalize(SOFT, lambda wish: wish.cost)
        .as_constraint("wishes for time off"),
        factory.for_each(Asked)
        .filter(lambda wish: not wish.off)
        .if_not_exists(Duty, whose, touches)
        .penalize(SOFT, lambda wish: wish.cost)
        .as_constraint("wishes for time on"),
    ]


def _costs_of_shifts(factory: ConstraintFactory) -> list[Constraint]:
    return [
        factory.for_each(Duty)
        .filter(lambda duty: duty.choice.office != "")
        .penalize(SOFT, lambda duty: duty.person.office_costs.get(duty.choice.office, 0))
        .as_constraint("office"),
        factory.for_each(Duty)
        .filter(lambda duty: duty.choice.unsocial == 1)
        .group_by(lambda duty: duty.person, ConstraintCollectors.count())
        .filter(lambda person, count: count > person.free_unsocial)
        .penalize(SOFT, lambda person, count: (count - person.free_unsocial) * person.unsocial_cost)
        .as_constraint("unsocial"),
        factory.for_each(Duty)
        .filter(lambda duty: duty.person.rules.change > 0 and duty.choice.shift != duty.before)
        .penalize(SOFT, lambda duty: duty.person.rules.change)
        .as_constraint("change"),
    ]


def solve_by_timefold(facts: Facts, seconds: float, seed: int) -> tuple[tuple[str, str], ...]:
    """(mediator, shift or FREE) of each day, as Timefold finds it in `seconds`.

    They begin once its model is translated and laid out.
    """
    config = SolverConfig(
        solution_class=Plan,
        entity_class_list=[Duty],
        environment_mode=EnvironmentMode.NO_ASSERT,
        random_seed=seed,
        score_director_factory_config=ScoreDirectorFactoryConfig(
            constraint_provider_function=constraints
        ),
        termination_config=TerminationConfig(
            spent_limit=Duration(milliseconds=round(1000 * seconds))
        ),
    )
    solver = SolverFactory.create(config).build_solver()
    found = solver.solve(_plan(facts))
    return tuple((duty.person.id, duty.choice.shift) for duty in found.duties)


def _plan(facts: Facts) -> Plan:
    duties = [
        Duty(
            id=number,
            person=one.person,
            day=one.day,
            week=facts.week_of_day[one.day],
            bit=1 << one.day,
            before=one.before,
            choices=one.choices,
            settled=len(one.choices) == 1,
            choice=one.choices[0],
        )
        for number, one in enumerate(facts.days)
    ]
    return Plan(duties, facts.asked)
