"""Certifications brought in line with results: issued, renewed and reckoned anew."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from app.models import Certification, Completion, CompletionResult, Course
from app.services.training_records import (
    RuleBook,
    certification_record,
    completion_record,
    rule_book,
)
from app.services.withdrawals import tell_of_changed
from training import records
from training.certificate import RANDOM_BYTES, certificate_number
from training.faults import TrainingFault
from training.validity import certification_after


def settle_course(code: str, now: dt.datetime) -> None:
    """Reckon anew every kind that a course has to do with. Call within a transaction."""
    book = rule_book()
    for kind in book.kinds_of(code):
        settle_kind(kind.code, now, book)


def settle_kind(kind: str, now: dt.datetime, book: RuleBook | None = None) -> int:
    """Reckon everybody's certifications of a kind anew, as its rule now stands; how many people
    hold or held it. Call within a transaction."""
    book = book or rule_book()
    holders = Certification.select(Certification.mediator).where(Certification.kind == kind)
    people = {row.mediator_id for row in holders}
    people |= {row.mediator_id for row in _passed_rows(kind, book)}
    for mediator_id in sorted(people):
        before = _spans(mediator_id, kind)
        settle_person(mediator_id, kind, book)
        if _spans(mediator_id, kind) != before:
            tell_of_changed(mediator_id, kind, now)
    return len(people)


def _spans(mediator_id: int, kind: str) -> set[tuple[int, dt.date, dt.date | None]]:
    rows = Certification.select().where(
        Certification.mediator == mediator_id, Certification.kind == kind
    )
    return {(row.id, row.valid_from, row.valid_until) for row in rows}


def settle_person(mediator_id: int, kind: str, book: RuleBook) -> None:
    """Reckon every certification of a kind anew, by day of completion: whatever the order in
    which results are entered, the certifications come out the same. One that somebody withdrew
    stays withdrawn; a completion that issues nothing leaves its earlier one as it was."""
    rule, catalogue = book.rules[kind], book.catalogue
    issued = list(
        Certification.select().where(
            Certification.mediator == mediator_id, Certification.kind == kind
        )
    )
    by_completion = {one.completion_id: one for one in issued}
    held = [certification_record(one) for one in issued if one.completion_id is None]
    for completion in _passed(mediator_id, kind, book):
        standing = by_completion.get(completion.id)
        if standing is not None and standing.withdrawn_at is not None:
            held.append(certification_record(standing))
            continue
        try:
            wanted = certification_after(completion_record(completion), rule, held, catalogue)
        except TrainingFault:
            # A result that renews nothing is kept all the same: it was taken and passed.
            continue
        _keep(standing, wanted, completion)
        held.append(wanted)


def _keep(
    standing: Certification | None, wanted: records.Certification, completion: Completion
) -> None:
    """Issue what is wanted, or move the days of what stands; its number stays."""
    if standing is None:
        Certification.create(
            mediator=completion.mediator_id,
            kind=wanted.kind,
            valid_from=wanted.valid_from,
            valid_until=wanted.valid_until,
            number=certificate_number(secrets.token_bytes(RANDOM_BYTES)),
            completion=completion.id,
        )
    elif (standing.valid_from, standing.valid_until) != (wanted.valid_from, wanted.valid_until):
        standing.valid_from, standing.valid_until = wanted.valid_from, wanted.valid_until
        standing.save()


def _passed(mediator_id: int, kind: str, book: RuleBook) -> list[Completion]:
    rows = _passed_rows(kind, book, Completion.mediator == mediator_id)
    return sorted(rows, key=lambda one: (one.completed_on, one.id))


def _passed_rows(kind: str, book: RuleBook, *conditions: Any) -> list[Completion]:
    """Passes of every course that has to do with a kind."""
    query = Completion.select(Completion, Course).join(Course)
    return list(
        query.where(
            Course.code.in_(sorted(book.accepted(kind))),
            Completion.result == CompletionResult.PASSED,
            Completion.replaced_at.is_null(),
            *conditions,
        )
    )
