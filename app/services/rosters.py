"""Rosters: built as drafts, judged, published in versions."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import solver
from app.i18n import _
from app.models import (
    Office,
    PlanningGroup,
    Requirement,
    Roster,
    RosterStatus,
    database,
)
from app.services import audit, judging, late_changes, messages, phone_falls, runs
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.horizon import Horizon, monday_of
from app.services.late_changes import Why
from app.services.passed import refuse_rewriting
from app.services.people_now import broken_since
from app.services.problems import BuildOptions, build_problem
from app.services.rights import Actor, require_coordinator
from app.services.roster_changes import PersonChange, changes_between
from app.services.roster_rows import (
    add_assignments,
    carry_identity,
    given_in,
    hold_week,
    next_version,
)
from app.services.shown import Shown, refuse_unseen
from app.services.standing import current_roster, latest_roster
from app.services.undone_swaps import refuse_undoing
from solver import problem as sp
from solver.result import Judgement, Progress, Result, Status, Violation
from solver.stand_in import has_new

OWN_WORDS = Why()
"""Late changes are the coordinator's, who says why."""
SICK_CALL = "sick_call"
"""Among a roster's options: the sick call that it repairs, so that it can be taken back."""


def ask_build(
    actor: Actor,
    group_id: int,
    week_starts_on: dt.date,
    now: dt.datetime,
    *,
    keep_locks: bool = True,
    few_changes: bool = False,
    even_evenings: bool = False,
    other_offices: bool = True,
    name: str = "",
    seconds: int | None = None,
) -> int:
    """Queue a build of the group's week; the run's id. Network coordinators only."""
    require_coordinator(actor)
    group = PlanningGroup.get_or_none(PlanningGroup.id == group_id)
    if group is None:
        raise NotFound
    if week_starts_on != monday_of(week_starts_on):
        raise Invalid([InputFault("week", week_starts_on.isoformat(), _("a Monday"))])
    if not is_asked_for(group_id, week_starts_on):
        raise Invalid(
            [InputFault("week", week_starts_on.isoformat(), _("a week with requirements"))]
        )
    options = BuildOptions(keep_locks, few_changes, even_evenings, other_offices)
    asked = {
        "group": group_id,
        "week": week_starts_on.isoformat(),
        "options": asdict(options),
        "seconds": seconds,
    }
    with database.atomic():
        return runs.ask(actor, "build", asked | {"name": name}, now, told=asked)


@dataclass(frozen=True, slots=True)
class Built:
    """A solved week that is not yet saved."""

    group: PlanningGroup
    week_starts_on: dt.date
    problem: sp.Problem
    result: Result
    judgement: Judgement
    base: Roster | None
    options: BuildOptions | None = None
    """What was asked for; None where nothing was searched."""


def build(
    group: PlanningGroup,
    week_starts_on: dt.date,
    options: BuildOptions,
    *,
    seconds: float,
    workers: int,
    seed: int = 0,
    steps_a_person: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    now: dt.datetime | None = None,
) -> Built:
    """Solve the group's week; writes nothing. What has begun of it by `now` stays as published.

    With `steps_a_person` the search ends by its steps, so many for each mediator, in one process:
    the roster is then the same on any machine. Raises Invalid where facts and locks collide.
    """
    base = latest_roster(group.id, week_starts_on)
    problem = build_problem(group, week_starts_on, options, base, now)
    result = solver.solve(
        problem,
        time_limit=seconds,
        workers=workers,
        seed=seed,
        steps=steps_a_person and steps_a_person * len(problem.mediators),
        on_progress=on_progress,
        should_stop=should_stop,
    )
    if result.status is Status.INFEASIBLE:
        raise Invalid(
            [
                InputFault(
                    str(one.details.get("mediator", one.rule)),
                    json.dumps(one.to_json(), ensure_ascii=False),
                    _("facts and locks that can hold together"),
                )
                for one in result.conflict
            ]
        )
    if result.status is Status.NO_SOLUTION and should_stop is not None and should_stop():
        raise Conflict(_("The build was stopped before it had a roster."))
    if result.status is Status.NO_SOLUTION:
        raise Conflict(_("No roster was found in the time given; give the build more time."))
    judgement = solver.check(problem, result.assignments)
    return Built(group, week_starts_on, problem, result, judgement, base, options)


def save_draft(actor: Actor, built: Built, now: dt.datetime, name: str = "") -> int:
    """Keep a built week as a new draft version; the roster's id. Call within a transaction."""
    horizon = Horizon(built.week_starts_on, slot_minutes=built.problem.slot_minutes)
    # The locks are kept with the shifts, where an edit can take them off.
    kept = replace(built.problem, locked=())
    hold_week(built.group.id)
    version = next_version(built.group.id, built.week_starts_on)
    roster = Roster.create(
        group=built.group,
        week_starts_on=built.week_starts_on,
        version=version,
        status=RosterStatus.DRAFT,
        name=name,
        solver_status=str(built.result.status),
        cost=built.judgement.cost,
        bound=built.result.bound,
        parts=dict(built.judgement.parts),
        solve_seconds=built.result.seconds,
        problem_json=json.dumps(kept.to_json(), separators=(",", ":")),
        based_on=built.base,
        options=asdict(built.options) if built.options else {},
        created_at=now,
    )
    add_assignments(roster, built.problem, built.result.assignments, horizon, built.base, now)
    audit.record(actor, "roster.draft", "roster", roster.id, now, version=version, cost=roster.cost)
    return int(roster.id)


def publish(
    actor: Actor,
    roster_id: int,
    now: dt.datetime,
    *,
    why: Why = OWN_WORDS,
    swap_id: int | None = None,
    undo_swaps: bool = False,
    only_new: bool = False,
    correct_passed: bool = False,
    shown: Shown | None = None,
) -> bool:
    """Make a draft the week's roster, supersede the one before, and tell whom it concerns; whether
    it was not that already.

    Changes of a published week that come late go into the register, put down to `why`.
    Publishing what is published already changes nothing. Raises Invalid with every broken hard
    rule, also where someone has fallen out since the draft was built, and where a reason for
    late changes is missing; UndoesSwaps where approved swaps or agreed loans would be undone,
    unless `undo_swaps` says that they are meant to be; RewritesPassed where shifts that have begun
    would change, unless `correct_passed` says the same; NotAsShown where it would do something else
    than was `shown`. With `only_new`, rules that the published version breaks already stand in
    nobody's way: a loan, a swap or a repair is not about them.
    """
    require_coordinator(actor)
    with database.atomic():
        hold_week(_get(roster_id).group_id, roster_id)
        roster = _get(roster_id)
        if roster.status == RosterStatus.PUBLISHED:
            return False
        if roster.status == RosterStatus.SUPERSEDED:
            raise Conflict(_("A newer version of this week has been published."))
        refuse_unseen(roster, shown)
        before = current_roster(roster.group_id, roster.week_starts_on)
        broken = _broken(roster, now)
        if only_new and before is not None:
            known = _broken(before, now)
            broken = tuple(one for one in broken if has_new([one], known))
        if broken:
            raise Invalid(
                [
                    InputFault(one.rule, one.text, _("no broken rule"))
                    for one in judging.faults_of(broken)
                ]
            )
        if not undo_swaps:
            refuse_undoing(roster)
        changes = changes_between(before, roster)
        if not correct_passed:
            refuse_rewriting(before, changes, now)
        answered = phone_falls.standing_in(roster.week_starts_on)
        carry_identity(before, roster, now)
        if before is not None:
            # Whose day it repaired is noted only while it can be taken back (`sick_calls`).
            kept = {name: value for name, value in before.options.items() if name != SICK_CALL}
            Roster.update(status=RosterStatus.SUPERSEDED, options=kept).where(
                Roster.id == before.id
            ).execute()
        Roster.update(
            status=RosterStatus.PUBLISHED, published_at=now, published_by=actor.user_id
        ).where(Roster.id == roster.id).execute()
        late_changes.record(actor, roster, late_changes.late_among(before, changes, now), why, now)
        phone_falls.fall(answered, roster.week_starts_on, actor.user_id, now)
        messages.tell_of_publication(roster, changes, now, swap_id=swap_id)
        audit.record(actor, "roster.publish", "roster", roster.id, now, changes=len(changes))
    return True


def publication_preview(actor: Actor, roster_id: int) -> tuple[PersonChange, ...]:
    """What publishing this draft will change, and for whom."""
    require_coordinator(actor)
    roster = _get(roster_id)
    return changes_between(current_roster(roster.group_id, roster.week_starts_on), roster)


def problem_of(roster: Roster) -> sp.Problem:
    """The problem that a roster was built and is judged on."""
    return sp.Problem.from_json(json.loads(roster.problem_json))


def solver_assignments(roster: Roster) -> tuple[sp.Assignment, ...]:
    """The roster's rows as the solver has them."""
    return given_in(roster.id)


def judge(roster: Roster) -> Judgement:
    """The judge's word on a roster as it stands in the database."""
    return solver.check(problem_of(roster), solver_assignments(roster))


def _broken(roster: Roster, now: dt.datetime) -> tuple[Violation, ...]:
    """What the judge finds, and who has fallen out since."""
    judged = judge(roster).violations
    return judged + broken_since(roster, judged, now)


def _get(roster_id: int) -> Roster:
    roster = Roster.get_or_none(Roster.id == roster_id)
    if roster is None:
        raise NotFound
    return roster


def is_asked_for(group_id: int, week: dt.date) -> bool:
    """Whether it is known whom any office of the group needs in the week."""
    return bool(
        Requirement.select()
        .join(Office)
        .where(Office.group == group_id, Requirement.week_starts_on == week)
        .exists()
    )
