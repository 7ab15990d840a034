"""What a report counts, into the lines of one grouping and into one line of it all."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from peewee import fn

from app.i18n import _
from app.models import (
    Arrival,
    ArrivalOutcome,
    Association,
    Language,
    Mediator,
    Office,
    Roster,
    Run,
    RunStatus,
)
from app.services.months import month_key
from app.services.names import in_readers_language, month_words, sorting_key
from app.services.published import live_rosters
from app.services.roster_figures import ANYONE, figures_of
from app.services.worked import worked_between

WEEK = dt.timedelta(days=7)


class Grouping(StrEnum):
    OFFICE = "office"
    LANGUAGE = "language"
    ASSOCIATION = "association"
    MONTH = "month"


def _all_of(grouping: Grouping) -> str:
    """What the last line holds: Portuguese says "all" otherwise of offices than of languages."""
    return {
        Grouping.OFFICE: _("All offices"),
        Grouping.LANGUAGE: _("All languages"),
        Grouping.ASSOCIATION: _("All associations"),
        Grouping.MONTH: _("All months"),
    }[grouping]


@dataclass(slots=True)
class Line:
    """One office, language, association or month. Minutes of mediators unless said otherwise."""

    name: str
    needed: int = 0
    missing: int = 0
    visitors: int = 0
    simulated: list[tuple[float, float]] = field(default_factory=list)
    """(visitors, mean wait in minutes) of each simulated day."""
    waits: int = 0
    """Visits whose wait was noted at the desk."""
    waited: int = 0
    left: int = 0
    worked: int = 0
    owed: int = 0
    unsocial: int = 0
    people: int = 0
    wishes: int = 0
    met: int = 0

    @property
    def tells(self) -> bool:
        """Whether there is more to tell of it than that visitors came."""
        counted = self.needed, self.owed, self.worked, self.waits, self.unsocial, self.wishes
        return any(counted) or bool(self.simulated)

    @property
    def cover_share(self) -> float | None:
        return 1 - self.missing / self.needed if self.needed else None

    @property
    def simulated_wait(self) -> float | None:
        weight = sum(visitors for visitors, _wait in self.simulated)
        if not weight:
            return None
        return sum(visitors * wait for visitors, wait in self.simulated) / weight

    @property
    def logged_wait(self) -> float | None:
        return self.waited / self.waits if self.waits else None


@dataclass(frozen=True, slots=True)
class PersonLine:
    mediator_id: int
    code: str
    name: str
    office: str
    association: str
    worked: int
    owed: int
    unsocial: int
    wishes: int
    met: int


class Counting:
    """Everything counted into the lines of one grouping, and into one line of it all."""

    def __init__(
        self, offices: dict[int, Office], first: dt.date, last: dt.date, grouping: Grouping
    ) -> None:
        self.offices, self.first, self.last, self.grouping = offices, first, last, grouping
        self.by_code = {one.code: one for one in offices.values()}
        self.languages = {
            one.code: in_readers_language(one.name_pt, one.name_en) for one in Language.select()
        }
        self.associations = {one.id: one.name for one in Association.select()}
        self.lines: dict[str, Line] = {}
        self.total = Line(_all_of(grouping))
        self.people: list[PersonLine] = []
        self.weeks = 0

    def count(self) -> None:
        """Everything once; call it once."""
        rosters = list(
            Roster.select()
            .where(
                Roster.id.in_(live_rosters()),
                Roster.week_starts_on > self.first - WEEK,
                Roster.week_starts_on <= self.last,
            )
            .order_by(Roster.week_starts_on)
        )
        for roster in rosters:
            self._cover(figures_of(roster).cover)
        self._simulated({one.id for one in rosters})
        self._arrivals()
        self._outcomes()
        begun = [one for one in rosters if one.week_starts_on >= self.first]
        self.weeks = len({one.week_starts_on for one in begun})
        self._people(begun)

    def order(self, key: str, line: Line) -> tuple[Any, ...]:
        """Months in their order, the rest by what is missing, then by name."""
        if self.grouping is Grouping.MONTH:
            return (key,)
        return (-line.missing, sorting_key(line.name))

    def _into(
        self,
        office: Office | None,
        language: str | None,
        date: dt.date | None,
        mediator: Any = None,
    ) -> Iterable[Line]:
        """The lines that something counts in: the total, and its group where it has one."""
        yield self.total
        key, name = self._group(office, language, date, mediator)
        if key:
            yield self.lines.setdefault(key, Line(name))

    def _group(
        self, office: Office | None, language: str | None, date: dt.date | None, mediator: Any
    ) -> tuple[str, str]:
        if self.grouping is Grouping.OFFICE and office is not None:
            return office.code, office.name
        if self.grouping is Grouping.LANGUAGE and language is not None:
            return language, self._language(language)
        if self.grouping is Grouping.ASSOCIATION and mediator is not None:
            return str(mediator.association_id), self.associations[mediator.association_id]
        if self.grouping is Grouping.MONTH and date is not None:
            return f"{date:%Y-%m}", month_words(date)
        return "", ""

    def _language(self, label: str) -> str:
        if label == ANYONE:
            return _("Desks and anyone")
        return " + ".join(self.languages.get(one, one) for one in label.split("+"))

    def _cover(self, cover: Iterable[list[Any]]) -> None:
        for code, label, day, needed, missing in cover:
            date = dt.date.fromisoformat(day)
            office = self.by_code.get(code)
            if office is None or not self.first <= date <= self.last:
                continue
            for line in self._into(office, label, date):
                line.needed += needed
                line.missing += missing

    def _simulated(self, roster_ids: set[int]) -> None:
        """The newest simulation of each office and week, as foreseen."""
        seen: set[tuple[str, int]] = set()
        runs = Run.select().where(Run.kind == "waiting", Run.status == RunStatus.DONE)
        for run in runs.order_by(Run.id.desc()):
            asked = run.parameters
            key = (asked.get("office", ""), asked.get("roster", 0))
            plain = asked.get("factor") == 1 and not asked.get("away")
            if not plain or key in seen or key[1] not in roster_ids or key[0] not in self.by_code:
                continue
            seen.add(key)
            for day in run.result.get("days", []):
                self._simulated_day(self.by_code[key[0]], day)

    def _simulated_day(self, office: Office, day: dict[str, Any]) -> None:
        date = dt.date.fromisoformat(day["date"])
        if not self.first <= date <= self.last:
            return
        if self.grouping is not Grouping.LANGUAGE:
            for line in self._into(office, None, date):
                _simulated_into(line, day["overall"])
            return
        _simulated_into(self.total, day["overall"])
        for row in day["by_language"]:
            for line in self._into(office, row["language"], date):
                if line is not self.total:
                    _simulated_into(line, row)

    def _arrivals(self) -> None:
        for lines, (count,) in self._of_period(Arrival, Arrival.count):
            for line in lines:
                line.visitors += count

    def _outcomes(self) -> None:
        table = ArrivalOutcome
        counted = self._of_period(table, table.waits, table.waited_minutes, table.left)
        for lines, (waits, waited, left) in counted:
            for line in lines:
                line.waits += waits
                line.waited += waited
                line.left += left

    def _of_period(
        self, table: Any, *columns: Any
    ) -> Iterable[tuple[Iterable[Line], tuple[int, ...]]]:
        """Sums over the half hours of the period, in UTC, each with the lines it counts in."""
        since = dt.datetime.combine(self.first, dt.time(), dt.UTC)
        until = dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), dt.UTC)
        keys = {
            Grouping.OFFICE: [table.office],
            Grouping.LANGUAGE: [table.language],
            Grouping.MONTH: [month_key(table.starts_at)],
        }.get(self.grouping, [])
        rows = (
            table.select(*keys, *map(fn.SUM, columns))
            .where(
                table.office.in_(list(self.offices)),
                table.starts_at >= since,
                table.starts_at < until,
            )
            .group_by(*keys)
            .tuples()
        )
        for row in rows:
            key, sums = row[: len(keys)], row[len(keys) :]
            yield self._lines_at(*key), tuple(int(one or 0) for one in sums)

    def _lines_at(self, key: Any = None) -> Iterable[Line]:
        """The lines of an office's id, a language or a month, whichever the grouping is by."""
        return self._into(
            self.offices[key] if self.grouping is Grouping.OFFICE else None,
            key if self.grouping is Grouping.LANGUAGE else None,
            dt.date.fromisoformat(f"{key}-01") if self.grouping is Grouping.MONTH else None,
        )

    def _people(self, rosters: list[Roster]) -> None:
        mediators = {
            one.code: one
            for one in Mediator.select().where(Mediator.home_office.in_(list(self.offices)))
        }
        ids = [one.id for one in mediators.values()]
        of_person: defaultdict[str, Line] = defaultdict(lambda: Line(""))
        for roster in rosters:
            monday = roster.week_starts_on
            worked = worked_between(monday, monday + WEEK - dt.timedelta(days=1), ids)
            for code, wishes, met, owed in figures_of(roster).wishes:
                mediator = mediators.get(code)
                if mediator is None:
                    continue
                one = worked[mediator.id]
                home = self.offices[mediator.home_office_id]
                for line in (of_person[code], *self._into(home, None, monday, mediator)):
                    line.wishes += wishes
                    line.met += met
                    line.owed += owed
                    line.worked += one.minutes
                    line.unsocial += one.unsocial
        for code, told in of_person.items():
            self._person(mediators[code], told)

    def _person(self, mediator: Mediator, told: Line) -> None:
        home = self.offices[mediator.home_office_id]
        self.people.append(
            PersonLine(
                mediator.id,
                mediator.code,
                mediator.called_name or mediator.name,
                home.name,
                self.associations[mediator.association_id],
                told.worked,
                told.owed,
                told.unsocial,
                told.wishes,
                told.met,
            )
        )
        for line in self._into(home, None, None, mediator):
            line.people += 1


def _simulated_into(line: Line, row: dict[str, Any]) -> None:
    wait = row["wait"][0]
    if wait is not None and row["visitors"]:
        line.simulated.append((row["visitors"], wait))
