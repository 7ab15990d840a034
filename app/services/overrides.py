"""A coordinator's word over derived requirements: kept apart, laid over them, and what it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import (
    Desk,
    Language,
    Office,
    OfficeKind,
    Requirement,
    RequirementOverride,
    database,
)
from app.services import audit, requirements
from app.services.checks import SLOT_MINUTES, Faults
from app.services.errors import NotFound
from app.services.horizon import monday_of
from app.services.openings import opening_calendar, why_shut
from app.services.rights import Actor, require_coordinator
from forecast.erlang import waits_beyond
from forecast.requirements import LANGUAGE_PREFIX, Kind

ANY = "any"
"""The label of mediators of whatever language."""
COUNT_MOST = 100
NOTE_MOST = 500
STEP = dt.timedelta(minutes=SLOT_MINUTES)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideFacts:
    """So many mediators of a label on a date, between two wall-clock minutes of the office."""

    label: str
    date: dt.date
    from_minute: int
    until_minute: int
    count: int
    note: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What an override changes: mediator minutes, and the share of visitors received in time."""

    derived_minutes: int
    asked_minutes: int
    within_before: float | None
    within_after: float | None
    """None where the reception's queue is not touched or nothing is known of it."""
    wait_minutes: int


@dataclass(frozen=True, slots=True)
class OverrideView:
    id: int
    label: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    count: int
    note: str
    effect: Effect


def override(
    actor: Actor, office: Office, week_starts_on: dt.date, facts: OverrideFacts, now: dt.datetime
) -> int:
    """Ask for `facts.count` whatever the derivation says; the override's id. Raises Invalid."""
    require_coordinator(actor, office.id)
    _check(office, week_starts_on, facts)
    openings = opening_calendar(office)
    with database.atomic():
        row = RequirementOverride.create(
            office=office,
            week_starts_on=week_starts_on,
            starts_at=openings.instant(facts.date, facts.from_minute),
            ends_at=openings.instant(facts.date, facts.until_minute),
            label=facts.label,
            count=facts.count,
            note=facts.note.strip(),
            user=actor.user_id,
            at=now,
        )
        _lay_anew(office, week_starts_on)
        audit.record(
            actor, "requirement.override", "office", office.id, now,
            label=facts.label, count=facts.count, override=row.id,
        )  # fmt: skip
    return int(row.id)


def remove_override(actor: Actor, override_id: int, now: dt.datetime) -> RequirementOverride:
    """Let the derivation speak again; the row that was."""
    row = RequirementOverride.get_or_none(RequirementOverride.id == override_id)
    if row is None:
        raise NotFound
    require_coordinator(actor, row.office_id)
    with database.atomic():
        row.delete_instance()
        _lay_anew(row.office, row.week_starts_on)
        audit.record(
            actor, "requirement.override_removed", "office", row.office_id, now,
            label=row.label, override=override_id,
        )  # fmt: skip
    return row


def overrides_of(office: Office, week_starts_on: dt.date) -> list[OverrideView]:
    """Of an office's week, in order of time; the caller has checked the right."""
    stored = _stored(office, week_starts_on)
    if not stored:
        return []
    rows = list(
        Requirement.select().where(
            Requirement.office == office, Requirement.week_starts_on == week_starts_on
        )
    )
    return [
        OverrideView(
            one.id, one.label, one.starts_at, one.ends_at, one.count, one.note, _effect(one, rows)
        )
        for one in stored
    ]


def labels(office: Office) -> tuple[list[str], list[str]]:
    """What can be asked for there: language codes, and the needs that have a desk."""
    languages = [one.code for one in Language.select().order_by(Language.position, Language.code)]
    return languages, [one.need for one in Desk.select().where(Desk.office == office)]


def applied(office: Office, week_starts_on: dt.date, rows: Iterable[Row]) -> list[Row]:
    """The derived rows of `Requirement` with the overrides laid over them, in order of time.

    What was derived is kept in the reason, under `derived`.
    """
    found = list(rows)
    for one in _stored(office, week_starts_on):
        spanned = [
            row
            for row in found
            if row["label"] == one.label and one.starts_at <= row["starts_at"] < one.ends_at
        ]
        for row in spanned:
            _lay(row, one)
        present = {row["starts_at"] for row in spanned}
        missing = [start for start in _open_slots(office, one) if start not in present]
        if one.count:
            found += [_added(office, week_starts_on, start, one) for start in missing]
    return sorted(found, key=lambda row: (row["starts_at"], row["label"]))


def _lay(row: Row, one: RequirementOverride) -> None:
    derived = row["reason"].get("derived") or {"count": row["count"], "minimum": row["minimum"]}
    row["count"] = one.count
    row["minimum"] = min(derived["minimum"], one.count)
    row["note"] = one.note
    row["reason"] = {**row["reason"], "derived": derived}


def _added(
    office: Office, week_starts_on: dt.date, start: dt.datetime, one: RequirementOverride
) -> Row:
    """A requirement where the derivation asked for nothing."""
    return {
        "office": office.id,
        "week_starts_on": week_starts_on,
        "starts_at": start,
        "ends_at": start + STEP,
        "needs": _skills(office, one.label),
        "label": one.label,
        "count": one.count,
        "minimum": 0,
        "cost": requirements.SHORT_COST,
        "minimum_cost": requirements.SHORT_COST,
        "exclusive": True,
        "excess_cost": 0,
        "reason": {"kind": "override", "derived": {"count": 0, "minimum": 0}},
        "note": one.note,
    }


def _skills(office: Office, label: str) -> list[str]:
    desk = Desk.get_or_none(Desk.office == office, Desk.need == label)
    if desk is not None:
        return [f"cert:{desk.certification_id}"] if desk.certification_id else []
    spoken = [] if label == ANY else [LANGUAGE_PREFIX + label]
    telephone = office.kind == OfficeKind.TELEPHONE
    return [*spoken, *(requirements.REFERRALS if telephone else ())]


def _open_slots(office: Office, one: RequirementOverride) -> list[dt.datetime]:
    openings = opening_calendar(office)
    spans = openings.intervals(one.starts_at.astimezone(openings.zone).date())
    slots = []
    start = one.starts_at
    while start < one.ends_at:
        if any(opens <= start and start + STEP <= closes for opens, closes in spans):
            slots.append(start)
        start += STEP
    return slots


def _lay_anew(office: Office, week_starts_on: dt.date) -> None:
    """Put the week's stored requirements back to what was derived, then lay all overrides."""
    mine = (Requirement.office == office) & (Requirement.week_starts_on == week_starts_on)
    kept: Iterable[Any] = Requirement.select().where(mine).order_by(Requirement.id).dicts()
    derived = [row for one in kept if (row := _as_derived(one)) is not None]
    # Before anything is derived nothing is asked for; the override waits for the derivation.
    rows = applied(office, week_starts_on, derived) if derived else []
    Requirement.delete().where(mine).execute()
    for first in range(0, len(rows), 1000):
        Requirement.insert_many(rows[first : first + 1000]).execute()


def _as_derived(stored: Row) -> Row | None:
    row = {name: value for name, value in stored.items() if name != "id"}
    derived = row["reason"].get("derived")
    if derived is None:
        return row
    if row["reason"].get("kind") == "override":
        return None
    row["reason"] = {name: value for name, value in row["reason"].items() if name != "derived"}
    return row | derived | {"note": ""}


def _stored(office: Office, week_starts_on: dt.date) -> Sequence[RequirementOverride]:
    return list(
        RequirementOverride.select()
        .where(
            RequirementOverride.office == office,
            RequirementOverride.week_starts_on == week_starts_on,
        )
        .order_by(RequirementOverride.id)
    )


def _check(office: Office, week_starts_on: dt.date, facts: OverrideFacts) -> None:
    faults = Faults()
    languages, desks = labels(office)
    faults.one_of("label", facts.label, [*languages, *desks, ANY])
    if monday_of(facts.date) != week_starts_on:
        faults.add("date", facts.date, _("a day of that week"))
    for field in ("from_minute", "until_minute"):
        faults.whole(field, getattr(facts, field), 0, 24 * 60, SLOT_MINUTES)
    if not faults.found and facts.until_minute <= facts.from_minute:
        faults.add("until_minute", facts.until_minute, _("a time after the first"))
    if not faults.found:
        _check_open(faults, office, facts)
    faults.whole("count", facts.count, 0, COUNT_MOST)
    faults.text("note", facts.note, NOTE_MOST, lines=True)
    faults.raise_any()


def _check_open(faults: Faults, office: Office, facts: OverrideFacts) -> None:
    """Somewhere in its span the office opens: else nobody would ever be asked for."""
    openings = opening_calendar(office)
    shut = why_shut(openings, facts.date)
    if shut:
        expected = _("a day on which the office opens; it is shut that day: %(why)s", why=shut)
        faults.add("date", facts.date, expected)
        return
    spans = openings.intervals(facts.date)
    first = openings.instant(facts.date, facts.from_minute)
    last = openings.instant(facts.date, facts.until_minute)
    if not any(opens < last and first < closes for opens, closes in spans):
        hours = ", ".join(
            f"{opens.astimezone(openings.zone):%H:%M}–{closes.astimezone(openings.zone):%H:%M}"
            for opens, closes in spans
        )
        expected = _("a time at which the office is open: %(hours)s", hours=hours)
        faults.add("from_minute", facts.from_minute, expected)


def _effect(one: RequirementOverride, rows: Sequence[Requirement]) -> Effect:
    inside = [row for row in rows if one.starts_at <= row.starts_at < one.ends_at]
    touched = [row for row in inside if row.label == one.label]
    before = after = weight = 0.0
    wait = 0
    for start in {row.starts_at for row in touched if row.exclusive}:
        here = [row for row in inside if row.starts_at == start]
        heads = _queue_of(one.label, here)
        known = next((row.reason for row in heads if row.reason.get("pool_heads")), None)
        if known is None:
            continue
        asked = sum(row.count for row in heads)
        derived = sum(row.reason.get("derived", {}).get("count", row.count) for row in heads)
        wait = int(known["target_minutes"])
        before += known["pool_arrivals"] * _within(derived, known)
        after += known["pool_arrivals"] * _within(asked, known)
        weight += known["pool_arrivals"]
    return Effect(
        sum(row.reason.get("derived", {}).get("count", row.count) for row in touched)
        * SLOT_MINUTES,
        sum(row.count for row in touched) * SLOT_MINUTES,
        before / weight if weight else None,
        after / weight if weight else None,
        wait,
    )


def _queue_of(label: str, here: Sequence[Requirement]) -> list[Requirement]:
    """The rows of a half hour whose heads serve the same queue as the label's: the reception's
    together, a desk's alone; none where the label asks for nobody of its own."""
    desk = [row for row in here if row.label == label and row.reason.get("kind") == Kind.DESK]
    if desk:
        return desk
    pool = [row for row in here if _in_pool(row)]
    return pool if any(row.label == label for row in pool) else []


def _in_pool(row: Requirement) -> bool:
    """Whether it counts among the reception's heads."""
    kind = row.reason.get("kind")
    spoken = any(skill.startswith(LANGUAGE_PREFIX) for skill in row.needs)
    return row.exclusive and (
        kind in (Kind.LANGUAGE, Kind.ANY) or (kind == "override" and (spoken or row.label == ANY))
    )


def _within(heads: int, known: dict[str, Any]) -> float:
    """Share received in time by so many, at the load expected (no allowance for busy days)."""
    wait = known["target_minutes"] / max(known["service_minutes"], 1e-9)
    return 1.0 - float(waits_beyond(heads, known["pool_load"], wait))
