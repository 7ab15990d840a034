"""When a certification counts, and what a completion does to it.

The rule of renewal, for a completion on day c while one is held through day e, with a window of
w days and a validity v:

    base  = min(e, c + w)       if one is held on c, else c - 1
    new   = base + 1 … base + v

so that renewing inside the window loses nothing (the new one starts when the old one ends),
renewing before it carries w days over and no more, and no renewal ever ends before what is held.
The end grows with e and with c, which is why one more completion, entered in whatever order,
never takes a day away.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from training.faults import Fault, TrainingFault
from training.records import (
    Certification,
    CertificationRule,
    Completion,
    CompletionId,
    Courses,
    MediatorId,
    Result,
    equivalents_of,
)

A_DAY = timedelta(days=1)
LISBON = "Europe/Lisbon"
_FOR_GOOD = date.max


@dataclass(frozen=True, slots=True)
class Span:
    """Instants [start, end), UTC; `end` None means for good."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Days `first` through `last`, both counted in; None means for good."""

    first: date
    last: date | None

    def holds(self, day: date) -> bool:
        return self.first <= day <= (self.last or _FOR_GOOD)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that completions came to: certifications in order, and completions that issued none."""

    certifications: tuple[Certification, ...]
    without_effect: tuple[tuple[Completion, Fault], ...]


def certification_after(
    completion: Completion,
    rule: CertificationRule,
    held: Iterable[Certification],
    courses: Courses | None = None,
    zone: str = LISBON,
) -> Certification:
    """The certification that a completion issues or renews.

    held     certifications; those of other people and kinds are ignored
    courses  for equivalences, and for versions made due by newer ones
    zone     where the day of a withdrawal is told

    Raises `TrainingFault` with every reason where it issues nothing: a course that has nothing
    to do with the rule, a failed result, a renewal course with nothing left to renew, a version
    that counts no more.
    """
    day = completion.completed_on
    spans = valid_days(_standing(held, completion.mediator, rule.kind, day, zone))
    held_until = next((span.last or _FOR_GOOD for span in spans if span.holds(day)), None)
    first = _first_day(day, held_until, rule)
    last = max(_last_day(first, rule), held_until or date.min)
    counts_until = _counts_until(completion, courses)
    faults = list(_reasons_against(completion, rule, spans, courses))
    if counts_until < first:
        expected = f"a newer version; this one counts through {counts_until}"
        faults.append(_fault(completion, "version", completion.version, expected))
    if faults:
        raise TrainingFault(faults)
    last = min(last, counts_until)
    until = None if last == _FOR_GOOD else last
    return Certification(completion.mediator, rule.kind, first, until, completion.id)


def certifications_from(
    completions: Iterable[Completion],
    rules: Iterable[CertificationRule],
    courses: Courses | None = None,
    withdrawals: Mapping[CompletionId, datetime] | None = None,
    zone: str = LISBON,
    held: Iterable[Certification] = (),
) -> Ledger:
    """Every certification that these completions issue, whatever order they were entered in.

    Completions are taken by day. Of several on one day for the same person and kind, the one
    that reaches farthest counts. `withdrawals` says which certification, by the completion that
    issued it, was withdrawn and when. `held` are those that no completion issued: they can be
    renewed, and are not among what is returned.
    """
    besides = by_person_and_kind(held)
    rules = sorted(rules, key=lambda rule: rule.kind)
    issued: list[Certification] = []
    idle: list[tuple[Completion, Fault]] = []
    ordered = sorted(completions, key=lambda one: (one.mediator, one.completed_on, one.id))
    for mediator, of_person in groupby(ordered, key=lambda one: one.mediator):
        own = list(of_person)
        for rule in rules:
            given = besides.get((mediator, rule.kind), [])
            certifications, faults = _of_one(own, rule, courses, withdrawals or {}, zone, given)
            issued += certifications
            idle += faults
    issued.sort(
        key=lambda one: (one.mediator, one.kind, one.valid_from, one.valid_until or date.max)
    )
    return Ledger(tuple(issued), tuple(idle))


def valid_on(certification: Certification, day: date, zone: str = LISBON) -> bool:
    """Whether it counts on the whole of a day; on the day of its withdrawal it does not."""
    return any(span.holds(day) for span in valid_days([certification], zone))


def valid_days(certifications: Iterable[Certification], zone: str = LISBON) -> tuple[DaySpan, ...]:
    """The days on which at least one of these counts all day, merged and in order.

    For certifications of one person and kind.
    """
    spans: list[DaySpan] = []
    for one in sorted(certifications, key=lambda one: one.valid_from):
        last = one.valid_until or _FOR_GOOD
        if one.withdrawn_at is not None:
            last = min(last, _local_day(one.withdrawn_at, zone) - A_DAY)
        if last < one.valid_from:
            continue
        before = (spans[-1].last or _FOR_GOOD) if spans else None
        if before is not None and (before == _FOR_GOOD or one.valid_from <= before + A_DAY):
            spans[-1] = DaySpan(spans[-1].first, _open(max(before, last)))
        else:
            spans.append(DaySpan(one.valid_from, _open(last)))
    return tuple(spans)


def valid_spans(certifications: Iterable[Certification], zone: str) -> tuple[Span, ...]:
    """The instants during which at least one of these counts, merged and in order.

    For certifications of one person and kind. Days begin and end at midnight in the office's
    zone; a withdrawal ends at its very instant. This is what a roster asks.
    """
    spans: list[Span] = []
    for one in sorted(certifications, key=lambda one: one.valid_from):
        start = _midnight(one.valid_from, zone)
        end = None if one.valid_until is None else _midnight(one.valid_until + A_DAY, zone)
        if one.withdrawn_at is not None:
            withdrawn = one.withdrawn_at.astimezone(UTC)
            end = withdrawn if end is None else min(end, withdrawn)
        if end is not None and end <= start:
            continue
        if spans and (spans[-1].end is None or start <= spans[-1].end):
            before = spans[-1].end
            latest = None if before is None or end is None else max(before, end)
            spans[-1] = Span(spans[-1].start, latest)
        else:
            spans.append(Span(start, end))
    return tuple(spans)


def by_person_and_kind(
    certifications: Iterable[Certification],
) -> dict[tuple[MediatorId, str], list[Certification]]:
    """Certifications gathered for `valid_days` and `valid_spans`."""
    gathered: dict[tuple[MediatorId, str], list[Certification]] = {}
    for one in certifications:
        gathered.setdefault((one.mediator, one.kind), []).append(one)
    return gathered


def _of_one(
    completions: list[Completion],
    rule: CertificationRule,
    courses: Courses | None,
    withdrawals: Mapping[CompletionId, datetime],
    zone: str,
    given: list[Certification],
) -> tuple[list[Certification], list[tuple[Completion, Fault]]]:
    """One person's certifications of one kind, day by day, besides those `given`."""
    held = list(given)
    idle: list[tuple[Completion, Fault]] = []
    concerned = [one for one in completions if _concerns(one, rule, courses)]
    for _, of_day in groupby(concerned, key=lambda one: one.completed_on):
        found: list[tuple[Certification, Completion]] = []
        for completion in of_day:
            try:
                issued = certification_after(completion, rule, held, courses, zone)
                found.append((issued, completion))
            except TrainingFault as refused:
                idle += [(completion, fault) for fault in refused.faults]
        found.sort(key=lambda pair: pair[0].valid_until or _FOR_GOOD, reverse=True)
        for issued, completion in found[:1]:
            held.append(replace(issued, withdrawn_at=withdrawals.get(completion.id)))
        for _, completion in found[1:]:
            expected = f"one completion for {rule.kind} a day"
            idle.append((completion, _fault(completion, "day", completion.completed_on, expected)))
    return held[len(given) :], idle


def _standing(
    held: Iterable[Certification], mediator: MediatorId, kind: str, day: date, zone: str
) -> list[Certification]:
    """What can be renewed on a day: nothing withdrawn by then; a later withdrawal is not yet."""
    return [
        replace(one, withdrawn_at=None)
        for one in held
        if (one.mediator, one.kind) == (mediator, kind)
        and (one.withdrawn_at is None or _local_day(one.withdrawn_at, zone) > day)
    ]


def _concerns(completion: Completion, rule: CertificationRule, courses: Courses | None) -> bool:
    return _issues(completion, rule, courses) or completion.course == rule.renewal_course


def _issues(completion: Completion, rule: CertificationRule, courses: Courses | None) -> bool:
    return any(
        completion.course in equivalents_of(course, courses or {}) for course in rule.courses
    )


def _reasons_against(
    completion: Completion,
    rule: CertificationRule,
    spans: tuple[DaySpan, ...],
    courses: Courses | None,
) -> Iterator[Fault]:
    day = completion.completed_on
    if completion.result is not Result.PASSED:
        yield _fault(completion, "result", completion.result.value, Result.PASSED.value)
    if _issues(completion, rule, courses):
        return
    if completion.course != rule.renewal_course:
        listed = [*rule.courses, *([rule.renewal_course] if rule.renewal_course else [])]
        yield _fault(completion, "course", completion.course, " or ".join(listed))
        return
    grace = timedelta(days=rule.grace_days)
    renewable = any(
        span.first <= day and (span.last is None or day <= span.last + grace) for span in spans
    )
    if not renewable:
        expected = f"a certification held, or ended at most {rule.grace_days} days before"
        yield _fault(completion, "renewal", f"on {day}", expected)


def _first_day(day: date, held_until: date | None, rule: CertificationRule) -> date:
    if held_until is None:
        return day
    return min(held_until, day + timedelta(days=rule.renewal_window_days)) + A_DAY


def _last_day(first: date, rule: CertificationRule) -> date:
    if not rule.validity_months and not rule.validity_days:
        return _FOR_GOOD
    return add_months(first, rule.validity_months) + timedelta(days=rule.validity_days) - A_DAY


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last day where it has no such day."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _counts_until(completion: Completion, courses: Courses | None) -> date:
    course = (courses or {}).get(completion.course)
    return (course and course.counts_until(completion.version)) or _FOR_GOOD


def _local_day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _midnight(day: date, zone: str) -> datetime:
    """The instant a day begins: where midnight is skipped or comes twice, the first moment."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def _open(last: date) -> date | None:
    return None if last == _FOR_GOOD else last


def _fault(completion: Completion, field: str, value: object, expected: str) -> Fault:
    return Fault(f"completion {completion.id}", field, str(value), expected)
