"""Reminders before a certification ends: at 90, 60, 30 and 7 days, once each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from training.horizon import Expiry
from training.records import MediatorId

DAYS_BEFORE = (90, 60, 30, 7)


class Audience(StrEnum):
    MEDIATOR = "mediator"
    TRAINER = "trainer"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True, order=True)
class ReminderKey:
    """What makes a reminder the same one: keep these to send each once.

    After a renewal `last_day` is another, and so are the reminders.
    """

    mediator: MediatorId
    kind: str
    last_day: date
    days_before: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder to send, and to whom; the coordinator where cover is at stake."""

    key: ReminderKey
    days_left: int
    to: tuple[Audience, ...]


def reminders_due(
    expiries: Iterable[Expiry],
    today: date,
    sent: Collection[ReminderKey],
    at_stake: Collection[tuple[MediatorId, str]] = frozenset(),
    days_before: tuple[int, ...] = DAYS_BEFORE,
) -> tuple[Reminder, ...]:
    """The reminders to send today, soonest end first.

    Of the steps already passed only the nearest to the end is sent, if it was not: after a stop
    of the worker, or for a certification entered late, nobody gets three letters on one day.
    `at_stake` comes from `Horizon.at_stake`.
    """
    due = []
    for expiry in sorted(expiries):
        days_left = (expiry.last_day - today).days
        passed = [step for step in days_before if step >= days_left]
        if days_left < 0 or not passed:
            continue
        key = ReminderKey(expiry.mediator, expiry.kind, expiry.last_day, min(passed))
        if key in sent:
            continue
        to = [Audience.MEDIATOR, Audience.TRAINER]
        if (expiry.mediator, expiry.kind) in at_stake:
            to.append(Audience.COORDINATOR)
        due.append(Reminder(key, days_left, tuple(to)))
    return tuple(due)
