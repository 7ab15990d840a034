"""Placing a session where it costs least cover: "three hours for these twelve people within six
weeks".

Each week to come has a roster (published, a draft) or, where none was built yet, one that stands
in for it: the solver's answer for the week, found in a few seconds and kept nowhere. What a session
costs is what the judge says of that roster with these people busy, less what it says without.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from app.i18n import _
from app.models import (
    Mediator,
    Run,
    RunStatus,
    database,
)
from app.runs import Commit, RunContext, enqueue
from app.services import audit, training
from app.services.courses import require_runs
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.placing_costs import CoverCosts, Weighed
from app.services.placing_times import (
    Wanted,
    away_of,
    busy_of,
    candidates_of,
    check,
    groups_of,
    knowable,
    tells_on_few,
    weeks_of,
)
from app.services.rights import Actor
from app.services.session_checks import SessionFacts
from app.services.session_clashes import may_know_why
from app.services.session_rows import zone_of_place
from app.services.telling import name_of
from app.services.time_away import leave_between
from training.placing import Choice, place_session

KIND = "placing"
KEPT = 8


@dataclass(frozen=True, slots=True)
class GroupView:
    starts_at: dt.datetime
    ends_at: dt.datetime
    names: tuple[str, ...]
    people: tuple[int, ...]
    cost: int
    on_leave: tuple[str, ...]
    """Of these, who is on leave then and the reader coordinates; read anew each time."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One way to hold it; `minutes` is the cover it costs, by language, what is lost first."""

    number: int
    groups: tuple[GroupView, ...]
    absent: tuple[str, ...]
    """Who can come to no group: in another session then, or on leave of which all who may read
    this may know."""
    cost: int
    known: bool
    """Whether its weeks could be weighed; where not, the cost says nothing."""
    minutes: tuple[tuple[str, int], ...]
    split: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class PlacingPage:
    run_id: int
    course_id: int
    status: RunStatus
    choices: tuple[ChoiceView, ...]
    """The best first."""
    weeks_unsolved: tuple[dt.date, ...]
    """Weeks for which no roster could be found; what is lost in them is not known."""
    weeks_unasked: tuple[dt.date, ...]
    """Weeks that ask for nobody; what is lost in them is not known either."""
    weeks_solved: int
    weighed: bool
    """False where what a time costs would tell on the few people asked for."""
    zone: str
    error: str


def ask(actor: Actor, wanted: Wanted, now: dt.datetime) -> int:
    """Queue the search; the run's id. For who runs the course. Raises Invalid."""
    require_runs(actor, wanted.course_id)
    wanted = replace(wanted, leave_of=knowable(actor, wanted))
    check(wanted, now)
    parameters = {
        "course": wanted.course_id,
        "minutes": wanted.minutes,
        "first": wanted.first_day.isoformat(),
        "last": wanted.last_day.isoformat(),
        "people": list(wanted.people),
        "office": wanted.office_id,
        "link": wanted.link,
        "trainers": list(wanted.trainer_ids),
        "languages": list(wanted.languages),
        "split": wanted.may_split,
        "leave_of": sorted(wanted.leave_of),
    }
    with database.atomic():
        run_id = enqueue(KIND, parameters, now, asked_by=actor.user_id)
        audit.record(actor, "run.ask.placing", "run", run_id, now, course=wanted.course_id)
    return run_id


def page(actor: Actor, run_id: int) -> PlacingPage:
    """What the search came to, for who runs the course."""
    run = _run(actor, run_id)
    people = {row.id: row for row in Mediator.select()}
    known = {one for one, row in people.items() if may_know_why(actor, row)}
    wanted = _wanted(run.parameters)
    result = run.result if run.status == RunStatus.DONE else {}
    weighed = not tells_on_few(wanted)
    return PlacingPage(
        run_id=run_id,
        course_id=wanted.course_id,
        status=run.status,
        choices=tuple(
            _choice_view(number, one if weighed else _unweighed(one), people, known)
            for number, one in enumerate(result.get("choices", ()))
        ),
        weeks_unsolved=tuple(map(dt.date.fromisoformat, result.get("unsolved", ()))),
        weeks_unasked=tuple(map(dt.date.fromisoformat, result.get("unasked", ()))),
        weeks_solved=result.get("solved", 0),
        weighed=weighed,
        zone=zone_of_place(wanted.office_id),
        error=run.error,
    )


def progress(actor: Actor, run_id: int) -> tuple[RunStatus, int, int]:
    """How far the search is: weeks done, of how many."""
    run = _run(actor, run_id)
    last = run.progress[-1] if run.progress else {}
    return run.status, last.get("done", 0), last.get("of", 0)


def choose(actor: Actor, run_id: int, number: int, now: dt.datetime) -> list[int]:
    """Plan the sessions of a choice and enrol its people, all or nothing; the sessions' ids."""
    run = _run(actor, run_id)
    listed = run.result.get("choices", ())
    if run.status != RunStatus.DONE or not 0 <= number < len(listed):
        raise NotFound
    wanted = _wanted(run.parameters)
    made = []
    with database.atomic():
        # The update holds the run: of two who choose at once the second sees what was taken.
        Run.update(status=Run.status).where(Run.id == run_id).execute()
        run = Run.get_by_id(run_id)
        listed = run.result.get("choices", ())
        if any(one.get("taken") for one in listed):
            raise Conflict(_("One of these times has been chosen already."))
        for group in listed[number]["groups"]:
            facts = SessionFacts(
                course_id=wanted.course_id,
                starts_at=dt.datetime.fromisoformat(group["starts_at"]),
                ends_at=dt.datetime.fromisoformat(group["ends_at"]),
                office_id=wanted.office_id,
                link=wanted.link,
                capacity=max(len(group["people"]), 1),
                self_enrol=False,
                trainer_ids=wanted.trainer_ids,
                languages=wanted.languages,
            )
            session_id = training.create_session(actor, facts, now)
            for mediator_id in group["people"]:
                training.enrol(actor, session_id, mediator_id, now)
            made.append(session_id)
        result = dict(run.result)
        result["choices"] = [{**one, "taken": index == number} for index, one in enumerate(listed)]
        Run.update(result=result).where(Run.id == run_id).execute()
    return made


def search(context: RunContext) -> Commit:
    """The run: a roster for every week, then the times ranked."""
    wanted = _wanted(context.parameters)
    weighed = not tells_on_few(wanted)
    weeks = weeks_of(wanted) if weighed else []
    groups = groups_of(wanted.people)
    costs = CoverCosts(wanted.people)
    now = dt.datetime.now(dt.UTC)
    by_what: defaultdict[Weighed, set[str]] = defaultdict(set)
    for done, week in enumerate(weeks):
        context.report(step="placing", done=done, of=len(weeks) + 1)
        for group in groups:
            by_what[costs.add_week(group, week, now, context.should_stop)].add(week.isoformat())
    context.report(step="placing", done=len(weeks), of=len(weeks) + 1)
    placing = place_session(
        candidates_of(wanted),
        wanted.people,
        busy_of(wanted),
        costs.cost_of,
        away=away_of(wanted),
        keep=KEPT,
        may_split=wanted.may_split,
    )
    ranked = [*([placing.split] if placing.split else []), *placing.whole]
    found = [_choice_json(one) for one in ranked]
    if not weighed:
        found = [_unweighed(one) for one in found]

    def commit() -> dict[str, Any]:
        return {
            "choices": found,
            "unsolved": sorted(by_what[Weighed.UNSOLVED]),
            "unasked": sorted(by_what[Weighed.NOBODY_ASKED]),
            "solved": len(by_what[Weighed.SOLVED]),
        }

    return commit


def _choice_json(one: Choice) -> dict[str, Any]:
    return {
        "groups": [
            {
                "starts_at": group.start.isoformat(),
                "ends_at": group.end.isoformat(),
                "people": sorted(group.people),
                "cost": round(group.cost.total),
            }
            for group in one.groups
        ],
        "absent": sorted(one.absent),
        "known": one.known,
        "minutes": {name: round(minutes) for name, minutes in one.by_language.items()},
    }


def _unweighed(told: dict[str, Any]) -> dict[str, Any]:
    """A choice of which nothing is said but when and for whom."""
    groups = [{**one, "cost": 0} for one in told["groups"]]
    return {**told, "groups": groups, "known": False, "minutes": {}}


def _choice_view(
    number: int, told: dict[str, Any], people: dict[int, Mediator], known: set[int]
) -> ChoiceView:
    groups = tuple(_group_view(one, people, known) for one in told["groups"])
    return ChoiceView(
        number=number,
        groups=groups,
        absent=_names(told["absent"], people),
        cost=sum(one.cost for one in groups),
        known=told.get("known", True),
        minutes=tuple(sorted(told["minutes"].items(), key=lambda pair: (-pair[1], pair[0]))),
        split=len(groups) > 1,
        taken=bool(told.get("taken")),
    )


def _group_view(told: dict[str, Any], people: dict[int, Mediator], known: set[int]) -> GroupView:
    starts_at = dt.datetime.fromisoformat(told["starts_at"])
    ends_at = dt.datetime.fromisoformat(told["ends_at"])
    asked = [one for one in told["people"] if one in known]
    away = {one.mediator_id for one in leave_between(asked, starts_at, ends_at)}
    return GroupView(
        starts_at=starts_at,
        ends_at=ends_at,
        names=_names(told["people"], people),
        people=tuple(told["people"]),
        cost=told["cost"],
        on_leave=_names(away, people),
    )


def _names(ids: Iterable[int], people: dict[int, Mediator]) -> tuple[str, ...]:
    return tuple(sorted(name_of(people[one]) for one in ids if one in people))


def _wanted(told: dict[str, Any]) -> Wanted:
    return Wanted(
        course_id=told["course"],
        minutes=told["minutes"],
        first_day=dt.date.fromisoformat(told["first"]),
        last_day=dt.date.fromisoformat(told["last"]),
        people=tuple(told["people"]),
        office_id=told["office"],
        link=told["link"],
        trainer_ids=tuple(told["trainers"]),
        languages=tuple(told.get("languages", ())),
        may_split=told["split"],
        # A search of before this was noted went by everyone's leave.
        leave_of=frozenset(told.get("leave_of", told["people"])),
    )


def _run(actor: Actor, run_id: int) -> Run:
    run = Run.get_or_none(Run.id == run_id)
    if run is None or run.kind != KIND:
        raise NotFound
    require_runs(actor, run.parameters["course"])
    wanted = _wanted(run.parameters)
    if wanted.leave_of - knowable(actor, wanted):
        # Its times were shaped by leave that is not this reader's to know.
        raise Forbidden
    return run
