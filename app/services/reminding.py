"""Reminders before a certification ends, as messages: at 90, 60, 30 and 7 days, once each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple

from app.models import (
    CertificationKind,
    Course,
    CourseTrainer,
    Mediator,
    Message,
    Office,
    User,
    database,
)
from app.services.horizon import network_date
from app.services.horizon_view import MONTHS, network_horizon
from app.services.telling import Telling, coordinators_of, name_of, tell_each
from app.services.training_records import rule_book
from training.horizon import Loss
from training.reminders import Audience, Reminder, ReminderKey, reminders_due
from training.validity import add_months

KIND = "certification_ends"


def remind(now: dt.datetime) -> int:
    """Tell mediators and trainers, and coordinators where a desk would lose a language; the
    number of messages written. Called again on the same day it writes none."""
    today = network_date(now)
    with database.atomic():
        ahead = network_horizon(now, today, add_months(today, MONTHS))
        due = reminders_due(ahead.expiries, today, _sent(), ahead.at_stake())
        return tell_each(_tellings(due, _offices_losing(ahead.losses)), now)


def _sent() -> set[ReminderKey]:
    """What was told already, to whomever; the messages themselves are the memory."""
    return {
        ReminderKey(
            row.details["mediator_id"],
            row.details["kind"],
            dt.date.fromisoformat(row.details["last_day"]),
            row.details["days_before"],
        )
        for row in Message.select(Message.details).where(Message.kind == KIND)
    }


def _offices_losing(losses: Iterable[Loss]) -> dict[tuple[int, str], set[int]]:
    """Who leaves and the kind they lose → the offices whose desks that takes a language off."""
    ids = {row.code: row.id for row in Office.select(Office.id, Office.code)}
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for one in losses:
        for leaver in one.leavers:
            found[leaver.mediator, leaver.kind].add(ids[one.office])
    return found


def _tellings(
    due: Iterable[Reminder], losing: dict[tuple[int, str], set[int]]
) -> Iterable[Telling]:
    mediators = {row.id: row for row in Mediator.select()}
    kinds = {row.code: row for row in CertificationKind.select()}
    accounts = {
        row.mediator_id: row.id
        for row in User.select().where(User.active, User.mediator.is_null(False))
    }
    trainers = _trainers()
    for one in due:
        key, mediator = one.key, mediators[one.key.mediator]
        to: set[int] = set()
        if Audience.MEDIATOR in one.to and mediator.id in accounts:
            to.add(accounts[mediator.id])
        if Audience.TRAINER in one.to:
            to |= trainers[key.kind]
        if Audience.COORDINATOR in one.to:
            to |= set(coordinators_of(sorted(losing[mediator.id, key.kind])))
        for user_id in sorted(to):
            yield Telling(
                user_id,
                KIND,
                ".".join([KIND, *map(str, astuple(key)), str(user_id)]),
                {
                    "mediator_id": mediator.id,
                    "mediator": name_of(mediator),
                    "kind": key.kind,
                    "name_pt": kinds[key.kind].name_pt,
                    "name_en": kinds[key.kind].name_en,
                    "last_day": key.last_day.isoformat(),
                    "days_before": key.days_before,
                    "days_left": one.days_left,
                    "at_stake": Audience.COORDINATOR in one.to,
                },
            )


def _trainers() -> dict[str, set[int]]:
    """Kind of certification → users who run a course that issues or renews it, or counts as one."""
    book = rule_book()
    found: dict[str, set[int]] = defaultdict(set)
    query = CourseTrainer.select(CourseTrainer, Course).join(Course)
    query = query.switch(CourseTrainer).join(User).where(User.active, Course.active)
    for row in query:
        for kind in book.kinds_of(row.course.code):
            found[kind.code].add(row.user_id)
    return found
