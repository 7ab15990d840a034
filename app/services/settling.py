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
from app.services.training_telling import tell_certification
from app.services.withdrawals import tell_of_changed
from training import records
from training.certificate import RANDOM_BYTES, certificate_number
from training.validity import certifications_from


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
        settle_person(mediator_id, kind, book, now)
        if _spans(mediator_id, kind) != before:
            tell_of_changed(mediator_id, kind, now)
    return len(people)


def _spans(mediator_id: int, kind: str) -> set[tuple[Any, ...]]:
    rows = Certification.select().where(
        Certification.mediator == mediator_id, Certification.kind == kind
    )
    return {(row.id, row.valid_from, row.valid_until, row.withdrawn_at) for row in rows}


def settle_person(mediator_id: int, kind: str, book: RuleBook, now: dt.datetime) -> None:
    """Reckon every certification of a kind anew, by day of completion: whatever the order in
    which results are entered, the certifications come out the same, those of the library. One
    that somebody withdrew stays withdrawn; one whose result issues nothing any more is withdrawn
    as groundless, and comes back when a later reckoning issues it."""
    issued = list(
        Certification.select().where(
            Certification.mediator == mediator_id, Certification.kind == kind
        )
    )
    standing = {one.completion_id: one for one in issued if one.completion_id is not None}
    passed = {one.id: one for one in _passed(mediator_id, kind, book)}
    ledger = certifications_from(
        [completion_record(one) for one in passed.values()],
        [book.rules[kind]],
        book.catalogue,
        {
            completion_id: one.withdrawn_at
            for completion_id, one in standing.items()
            if one.withdrawn_at is not None and not one.groundless
        },
        held=[certification_record(one) for one in _given(issued, set(passed))],
    )
    wanted = {one.completion: one for one in ledger.certifications}
    for completion_id, one in wanted.items():
        _keep(standing.get(completion_id), one, passed[completion_id], now)
    for completion_id, row in standing.items():
        if completion_id in passed.keys() - wanted.keys() and row.withdrawn_at is None:
            row.withdrawn_at, row.groundless = now, True
            row.save()
            tell_certification(None, row, "withdrawn", now)


def _given(issued: list[Certification], passed: set[int]) -> list[Certification]:
    """Those that no result of the rule as it is issued: by no result of ours, or by a course that
    issued the kind once. They stand as they are, and can be renewed."""
    others = [one for one in issued if one.completion_id not in passed and not one.groundless]
    asked = [one.completion_id for one in others if one.completion_id is not None]
    if not asked:
        return others
    counts = Completion.select(Completion.id).where(
        Completion.id.in_(asked),
        Completion.result == CompletionResult.PASSED,
        Completion.replaced_at.is_null(),
    )
    known = {None, *(one.id for one in counts)}
    return [one for one in others if one.completion_id in known]


def _keep(
    standing: Certification | None,
    wanted: records.Certification,
    completion: Completion,
    now: dt.datetime,
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
        return
    days = (standing.valid_from, standing.valid_until)
    if standing.groundless or days != (wanted.valid_from, wanted.valid_until):
        standing.valid_from, standing.valid_until = wanted.valid_from, wanted.valid_until
        if standing.groundless:
            standing.withdrawn_at, standing.groundless = None, False
            tell_certification(None, standing, "reinstated", now)
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
