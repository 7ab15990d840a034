"""The initial and the continuous programme: their courses, and how far each mediator has come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.models import Completion, Course, Mediator
from app.services.errors import Forbidden
from app.services.horizon import network_date
from app.services.mediators import get_mediator, list_mediators
from app.services.names import sorting_key
from app.services.rights import Actor
from app.services.training_records import completion_record, course_catalogue
from training import records
from training.eligibility import has_passed

INITIAL = "initial"


@dataclass(frozen=True, slots=True)
class Step:
    """A course of the initial programme, as one mediator stands with it."""

    course_id: int
    title_pt: str
    title_en: str
    minutes: int
    passed: bool


@dataclass(frozen=True, slots=True)
class ProgrammeCourse:
    """A course that is given, in its newest version, and who of the actor's people lacks it."""

    course_id: int
    code: str
    title_pt: str
    title_en: str
    minutes: int
    programme: str
    people: int
    lacking: tuple[str, ...]
    """Names of active mediators who have not passed it, nor one that counts as it."""


def steps_of(actor: Actor, mediator_id: int, now: dt.datetime) -> tuple[Step, ...]:
    """The initial programme of one mediator. Raises NotFound, or Forbidden where they are not the
    actor's to see."""
    get_mediator(actor, mediator_id)
    passed = _Passed([mediator_id], network_date(now))
    return tuple(
        Step(one.id, one.title_pt, one.title_en, one.minutes, passed.has(mediator_id, one.code))
        for one in _given()
        if one.programme == INITIAL
    )


def programme_courses(actor: Actor, now: dt.datetime) -> tuple[ProgrammeCourse, ...]:
    """Every course that is given, the initial programme first. For coordinators and trainers."""
    if not actor.is_coordinator and not actor.is_trainer:
        raise Forbidden
    names = _people(actor)
    passed = _Passed(names, network_date(now))
    found = [
        ProgrammeCourse(
            one.id, one.code, one.title_pt, one.title_en, one.minutes, one.programme, len(names),
            tuple(names[who] for who in names if not passed.has(who, one.code)),
        )
        for one in _given()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.programme != INITIAL, one.code)))


class _Passed:
    """Which courses people have passed by a day, equivalences and due versions told in."""

    def __init__(self, mediator_ids: Iterable[int], on: dt.date) -> None:
        self._on = on
        self._catalogue = course_catalogue()
        self._held: dict[int, list[records.Completion]] = defaultdict(list)
        rows = Completion.select(Completion, Course).join(Course)
        theirs = Completion.mediator.in_(list(mediator_ids))
        for row in rows.where(theirs, Completion.replaced_at.is_null()):
            self._held[row.mediator_id].append(completion_record(row))

    def has(self, mediator_id: int, code: str) -> bool:
        return has_passed(code, self._held.get(mediator_id, ()), self._catalogue, self._on)


def _given() -> list[Course]:
    """Active courses, of each code the newest version, by code."""
    newest: dict[str, Course] = {}
    for row in Course.select().where(Course.active).order_by(Course.code, Course.version):
        newest[row.code] = row
    return list(newest.values())


def _people(actor: Actor) -> dict[int, str]:
    """Active mediators the actor coordinates, of all for a trainer: id to name, by name."""
    if actor.is_coordinator:
        rows = [(one.id, one.shown_name) for one in list_mediators(actor)]
    else:
        rows = [
            (row.id, row.called_name or row.name)
            for row in Mediator.select().where(Mediator.active)
        ]
    return dict(sorted(rows, key=lambda one: sorting_key(one[1])))
