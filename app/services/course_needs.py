"""Whom a course would bring nothing yet: they hold for long what it certifies for, or passed it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from app.models import Certification, CertificationKind, Completion, Course
from app.services.training_records import (
    RuleBook,
    certification_record,
    completion_record,
    rule_book,
)
from training import records
from training.eligibility import has_passed
from training.validity import valid_days


@dataclass(frozen=True, slots=True)
class Had:
    """What somebody has of a course already."""

    until: dt.date | None
    """The last day of what it certifies for; None where that has no end."""


def had_already(
    course_code: str, mediator_ids: Collection[int], on: dt.date, book: RuleBook | None = None
) -> dict[int, Had]:
    """Those of `mediator_ids` whom the course brings nothing on a day.

    A course that certifies: who holds each of its kinds then and past the days in which renewing
    loses nothing. Another: who has passed it, or what counts as it. Without a `book` the rules are
    read.
    """
    book = book or rule_book()
    kinds = book.kinds_of(course_code)
    if not kinds:
        return {one: Had(None) for one in _passed(course_code, mediator_ids, on, book)}
    lasts = [_held_past_renewal(one, mediator_ids, on) for one in kinds]
    everyone = set.intersection(*(set(one) for one in lasts))
    ends = {who: [last for one in lasts if (last := one[who]) is not None] for who in everyone}
    return {who: Had(min(theirs, default=None)) for who, theirs in ends.items()}


def _held_past_renewal(
    kind: CertificationKind, mediator_ids: Collection[int], on: dt.date
) -> dict[int, dt.date | None]:
    rows = Certification.select().where(
        Certification.kind == kind.code, Certification.mediator.in_(list(mediator_ids))
    )
    held: dict[int, list[records.Certification]] = defaultdict(list)
    for row in rows:
        held[row.mediator_id].append(certification_record(row))
    opens = on + dt.timedelta(days=kind.renewal_window_days)
    return {
        who: span.last
        for who, theirs in held.items()
        for span in valid_days(theirs)
        if span.holds(on) and (span.last is None or span.last > opens)
    }


def _passed(code: str, mediator_ids: Collection[int], on: dt.date, book: RuleBook) -> list[int]:
    rows = Completion.select(Completion, Course).join(Course)
    theirs = Completion.mediator.in_(list(mediator_ids))
    held: dict[int, list[records.Completion]] = defaultdict(list)
    for row in rows.where(theirs, Completion.replaced_at.is_null()):
        held[row.mediator_id].append(completion_record(row))
    return [one for one in mediator_ids if has_passed(code, held[one], book.catalogue, on)]
