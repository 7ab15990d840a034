"""The network on one page: cover, wait, shortages, fragile languages, complaints and praises.

Everything is counted elsewhere; here it is put together, each figure with where it leads.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.i18n import _
from app.models import ArrivalOutcome, Feedback, FeedbackKind, Language, Office, Roster
from app.services.horizon import monday_of, network_date
from app.services.language_map import MapCell, MapRow, language_map
from app.services.names import in_readers_language, sorting_key
from app.services.office_choice import offices_of
from app.services.published import live_rosters
from app.services.rights import Actor
from app.services.roster_figures import ANYONE, figures_of

WAIT_WEEKS = 4
WEEKS_SHOWN = 2
SHORTAGES_MOST = 12
FRAGILE_MOST = 8
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekCover:
    """Minutes of mediators; None where the week is not published."""

    needed: int | None
    missing: int | None

    @property
    def share(self) -> float | None:
        if not self.needed:
            return None
        return 1 - (self.missing or 0) / self.needed


@dataclass(frozen=True, slots=True)
class OfficeLine:
    code: str
    name: str
    weeks: tuple[WeekCover, ...]
    waits: int
    """Visits of the last weeks whose wait was noted."""
    mean_wait: float | None
    """Of those, in minutes."""
    target_minutes: int
    left: int
    """Who left before being received."""
    complaints: int
    praises: int

    @property
    def waits_too_long(self) -> bool:
        return self.mean_wait is not None and self.mean_wait > self.target_minutes

    @property
    def tells(self) -> bool:
        """Whether there is anything of these weeks to read in its line."""
        known = any(one.needed is not None for one in self.weeks)
        return known or bool(self.waits or self.left or self.complaints or self.praises)


@dataclass(frozen=True, slots=True)
class Shortage:
    """An office's day in which a language, or anyone at all, is missing."""

    office_code: str
    office: str
    date: dt.date
    week: dt.date
    label: str
    needed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Coordination:
    weeks: tuple[dt.date, ...]
    year: int
    offices: tuple[OfficeLine, ...]
    total: OfficeLine
    shortages: tuple[Shortage, ...]
    """What is missing most first, from today on."""
    fragile: tuple[tuple[MapRow, MapCell], ...]
    absent: tuple[tuple[MapRow, MapCell], ...]


def coordination(actor: Actor, now: dt.datetime) -> Coordination:
    """Of the offices the actor coordinates. Raises Forbidden for anyone else."""
    offices = offices_of(actor)
    today = network_date(now)
    weeks = tuple(monday_of(today) + n * WEEK for n in range(WEEKS_SHOWN))
    cover, asked, shortages = _cover(offices, weeks, today)
    waits, said = _waits(offices, now), _said(offices, today.year)
    groups_asked = {(one.group_id, week) for one in offices for week in weeks} & asked
    lines = tuple(
        OfficeLine(
            code=one.code,
            name=one.name,
            weeks=tuple(
                WeekCover(*cover[one.code, week])
                if (one.group_id, week) in groups_asked
                else WeekCover(None, None)
                for week in weeks
            ),
            waits=waits[one.id][0],
            mean_wait=waits[one.id][1] / waits[one.id][0] if waits[one.id][0] else None,
            target_minutes=one.target_wait_minutes,
            left=waits[one.id][2],
            complaints=said[one.id, FeedbackKind.COMPLAINT],
            praises=said[one.id, FeedbackKind.PRAISE],
        )
        for one in offices
    )
    map_ = language_map(actor, now)
    return Coordination(
        weeks=weeks,
        year=today.year,
        offices=tuple(sorted(lines, key=_worst_first)),
        total=_total(lines, sum(one[1] for one in waits.values())),
        shortages=shortages,
        fragile=map_.fragile[:FRAGILE_MOST],
        absent=map_.absent[:FRAGILE_MOST],
    )


def _cover(
    offices: list[Office], weeks: tuple[dt.date, ...], today: dt.date
) -> tuple[
    defaultdict[tuple[str, dt.date], list[int]], set[tuple[int, dt.date]], tuple[Shortage, ...]
]:
    """(office, week) → needed and missing; the published (group, week); the worst shortages."""
    mine = {one.code: one for one in offices}
    names = {row.code: in_readers_language(row.name_pt, row.name_en) for row in Language.select()}
    found: defaultdict[tuple[str, dt.date], list[int]] = defaultdict(lambda: [0, 0])
    published, short = set(), []
    rosters = Roster.select(Roster.id, Roster.group, Roster.week_starts_on).where(
        Roster.id.in_(live_rosters()),
        Roster.week_starts_on.in_(list(weeks)),
        Roster.group.in_(sorted({one.group_id for one in offices})),
    )
    # All at once: what is counted for the first time is written, and no reading may be under way.
    for roster in list(rosters):
        published.add((roster.group_id, roster.week_starts_on))
        for code, label, day, needed, missing in figures_of(Roster.get_by_id(roster.id)).cover:
            if code not in mine:
                continue
            found[code, roster.week_starts_on][0] += needed
            found[code, roster.week_starts_on][1] += missing
            date = dt.date.fromisoformat(day)
            if missing and date >= today:
                office = mine[code].name
                told = _label(label, names)
                short.append(
                    Shortage(code, office, date, roster.week_starts_on, told, needed, missing)
                )
    short.sort(key=lambda one: (-one.missing, one.date, one.office, one.label))
    return found, published, tuple(short[:SHORTAGES_MOST])


def _label(label: str, names: dict[str, str]) -> str:
    if label == ANYONE:
        return _("Desks and anyone")
    return " + ".join(names.get(one, one) for one in label.split("+"))


def _waits(offices: list[Office], now: dt.datetime) -> defaultdict[int, tuple[int, int, int]]:
    """Office → visits with a noted wait, their minutes, who left; of the last weeks."""
    table = ArrivalOutcome
    rows: Any = (
        table.select(
            table.office, fn.SUM(table.waits), fn.SUM(table.waited_minutes), fn.SUM(table.left)
        )
        .where(
            table.office.in_([one.id for one in offices]),
            table.starts_at >= now - WAIT_WEEKS * WEEK,
            table.starts_at <= now,
        )
        .group_by(table.office)
        .tuples()
    )
    found: defaultdict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for office, waits, minutes, left in rows:
        found[office] = int(waits or 0), int(minutes or 0), int(left or 0)
    return found


def _said(offices: list[Office], year: int) -> Counter[tuple[int, Any]]:
    rows = Feedback.select().where(
        Feedback.office.in_([one.id for one in offices]),
        Feedback.received_on >= dt.date(year, 1, 1),
        Feedback.received_on <= dt.date(year, 12, 31),
    )
    found: Counter[tuple[int, Any]] = Counter()
    for row in rows:
        found[row.office_id, row.kind] += row.count
    return found


def _worst_first(one: OfficeLine) -> tuple[int, str]:
    return -sum(week.missing or 0 for week in one.weeks), sorting_key(one.name)


def _total(lines: tuple[OfficeLine, ...], waited: int) -> OfficeLine:
    weeks = []
    for index in range(WEEKS_SHOWN):
        known = [one.weeks[index] for one in lines if one.weeks[index].needed is not None]
        needed, missing = (
            sum(getattr(one, name) or 0 for one in known) for name in ("needed", "missing")
        )
        weeks.append(WeekCover(needed, missing) if known else WeekCover(None, None))
    waits = sum(one.waits for one in lines)
    return OfficeLine(
        code="",
        name=_("All offices"),
        weeks=tuple(weeks),
        waits=waits,
        mean_wait=waited / waits if waits else None,
        target_minutes=max((one.target_minutes for one in lines), default=0),
        left=sum(one.left for one in lines),
        complaints=sum(one.complaints for one in lines),
        praises=sum(one.praises for one in lines),
    )
