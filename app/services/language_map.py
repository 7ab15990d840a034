"""Languages by offices: who speaks what where, and what hangs on one person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import fn

from app.models import Arrival, Language, Mediator, MediatorLanguage, MediatorOffice, Office
from app.services.days_off import in_service
from app.services.horizon import network_date
from app.services.names import in_readers_language, sorting_key
from app.services.office_choice import offices_of
from app.services.rights import Actor

ASKED_WEEKS = 12
WEEKS_A_MONTH = 52 / 12


class Strength(StrEnum):
    NOBODY = "nobody"
    """Asked for, and nobody speaks it."""
    ONE = "one"
    """One person from nothing."""
    FEW = "few"
    ENOUGH = "enough"
    NOT_ASKED = "not_asked"
    """Nobody speaks it and nobody asked."""


@dataclass(frozen=True, slots=True)
class MapCell:
    office_code: str
    office_name: str
    people: int
    """At home there."""
    visiting: int
    """From elsewhere, who may work there."""
    asked_a_month: int
    """Visitors a month of late."""
    strength: Strength
    only: str
    """The one person's name, where all hangs on one."""
    only_id: int | None


@dataclass(frozen=True, slots=True)
class MapRow:
    code: str
    name: str
    cells: tuple[MapCell, ...]
    people: int
    """Who speaks it in the offices shown, each once."""

    @property
    def fragile(self) -> int:
        return sum(one.strength in (Strength.NOBODY, Strength.ONE) for one in self.cells)


@dataclass(frozen=True, slots=True)
class LanguageMap:
    offices: tuple[tuple[str, str], ...]
    rows: tuple[MapRow, ...]
    """The most fragile first."""
    fragile: tuple[tuple[MapRow, MapCell], ...]
    """Cells that hang on one person and are asked for, the most asked for first."""
    absent: tuple[tuple[MapRow, MapCell], ...]
    """Cells asked for where nobody is at home who speaks it, the most asked for first."""


def language_map(actor: Actor, now: dt.datetime) -> LanguageMap:
    """Of the offices the actor coordinates. Raises Forbidden for anyone else.

    A person counts where they are at home, active, within their contract today; who may visit
    counts as visiting only, since the visit has to be planned.
    """
    offices = offices_of(actor)
    today = network_date(now)
    people = {one.id: one for one in Mediator.select().where(in_service(today, today))}
    speakers: defaultdict[str, set[int]] = defaultdict(set)
    for row in MediatorLanguage.select():
        if row.mediator_id in people:
            speakers[row.language_id].add(row.mediator_id)
    visits: defaultdict[int, set[int]] = defaultdict(set)
    for visit in MediatorOffice.select():
        visits[visit.office_id].add(visit.mediator_id)
    asked = _asked(offices, now)
    rows = []
    for language in Language.select():
        name = in_readers_language(language.name_pt, language.name_en)
        cells = tuple(
            _cell(office, speakers[language.code], people, visits[office.id],
                  asked.get((office.id, language.code), 0))
            for office in offices
        )  # fmt: skip
        here = {
            one
            for one in speakers[language.code]
            if any(people[one].home_office_id == office.id for office in offices)
        }
        if here or any(one.asked_a_month for one in cells):
            rows.append(MapRow(language.code, name, cells, len(here)))
    rows.sort(key=lambda row: (-row.fragile, row.people, sorting_key(row.name)))
    return LanguageMap(
        offices=tuple((one.code, one.name) for one in offices),
        rows=tuple(rows),
        fragile=_asked_first(rows, Strength.ONE),
        absent=_asked_first(rows, Strength.NOBODY),
    )


def _asked_first(rows: list[MapRow], wanted: Strength) -> tuple[tuple[MapRow, MapCell], ...]:
    found = [
        (row, cell)
        for row in rows
        for cell in row.cells
        if cell.strength is wanted and cell.asked_a_month
    ]
    return tuple(sorted(found, key=lambda one: -one[1].asked_a_month))


def _cell(
    office: Office,
    speakers: set[int],
    people: dict[int, Mediator],
    visitors: set[int],
    asked: int,
) -> MapCell:
    here = [one for one in speakers if people[one].home_office_id == office.id]
    only = people[here[0]] if len(here) == 1 else None
    return MapCell(
        office_code=office.code,
        office_name=office.name,
        people=len(here),
        visiting=len(speakers & visitors - set(here)),
        asked_a_month=asked,
        strength=strength(len(here), asked),
        only=(only.called_name or only.name) if only else "",
        only_id=only.id if only else None,
    )


def strength(people: int, asked_a_month: int) -> Strength:
    """How far a language at an office is from nothing."""
    if people == 0:
        return Strength.NOBODY if asked_a_month else Strength.NOT_ASKED
    if people == 1:
        return Strength.ONE
    return Strength.FEW if people == 2 else Strength.ENOUGH


def _asked(offices: list[Office], now: dt.datetime) -> dict[tuple[int, str], int]:
    """Visitors a month, of the last weeks; less than one a month rounds up."""
    rows: Any = (
        Arrival.select(Arrival.office, Arrival.language, fn.SUM(Arrival.count))
        .where(
            Arrival.office.in_([one.id for one in offices]),
            Arrival.starts_at >= now - dt.timedelta(weeks=ASKED_WEEKS),
            Arrival.starts_at < now,
        )
        .group_by(Arrival.office, Arrival.language)
    )
    return {
        (office_id, code): -int(-int(count) * WEEKS_A_MONTH // ASKED_WEEKS)
        for office_id, code, count in rows.tuples()
    }
