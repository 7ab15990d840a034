"""What an office needs in each slot, what it is given and what is missing."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.models import CertificationKind, Language, Office, Requirement
from app.models.written import written
from app.services.field_cover import missing_of
from app.services.horizon import Horizon
from app.services.judging import Judged
from app.services.names import in_readers_language
from solver import problem as sp
from solver.view import facts_of


class CoverState(StrEnum):
    NOT_ASKED = "not_asked"
    NEEDED = "needed"
    """Asked for, and no roster yet to say what is given."""
    MET = "met"
    SURPLUS = "surplus"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class RowKey:
    """Requirements that ask for the same skills in the same way make one row."""

    needs: tuple[str, ...]
    exclusive: bool

    @property
    def code(self) -> str:
        """The row's name in an address: `lang:uk,cert:legal`, with a `!` where presence is."""
        return ",".join(self.needs) + ("" if self.exclusive else "!")

    @staticmethod
    def of_code(code: str) -> RowKey:
        """The row of that name, whether or not anything like it is asked for."""
        needs = code.removesuffix("!")
        return RowKey(tuple(sorted(needs.split(","))) if needs else (), not code.endswith("!"))


@dataclass(frozen=True, slots=True)
class SlotCover:
    needed: int
    missing: int | None
    """None while there is no roster."""
    spare: int
    """Who serves there, holds the skills and is counted for nothing else."""

    @property
    def state(self) -> CoverState:
        if self.missing is None:
            return CoverState.NEEDED
        if self.missing:
            return CoverState.SHORT
        return CoverState.SURPLUS if self.spare else CoverState.MET


Table = Mapping[RowKey, Mapping[int, SlotCover]]
"""Cover by what is asked for and slot."""


@dataclass(frozen=True)
class Demand:
    """Cover of each row in each slot of the week that asks for something."""

    horizon: Horizon
    table: Table
    names: Mapping[str, str]
    """A skill's name in the reader's language."""
    in_roster: bool = True
    """False where there is a roster, which was not built for the office."""

    def spans(self) -> Iterable[tuple[dt.datetime, dt.datetime]]:
        """Each asked slot's beginning and end."""
        for slot in {slot for row in self.table.values() for slot in row}:
            yield self.horizon.instant(slot), self.horizon.instant(slot + 1)

    def asked_days(self) -> set[int]:
        """Indices of the days that ask for anybody."""
        slots = {slot for row in self.table.values() for slot in row}
        return {
            index
            for index, day in enumerate(self.horizon.days)
            if any(day.start <= slot < day.end for slot in slots)
        }


def demand_of(office: Office, horizon: Horizon, judged: Judged | None) -> Demand:
    """What the office needs in the week and, with a roster, what is missing of it.

    With a roster the needs are those it was built on, so that what is shown is what was judged.
    """
    return demands_of([office], horizon, judged)[office.id]


def demands_of(
    offices: Iterable[Office], horizon: Horizon, judged: Judged | None
) -> dict[int, Demand]:
    """As `demand_of`, for several offices, by id.

    An office that was not there yet when the roster was built shows what it asks for alone, and
    is counted neither as needing nor as lacking anybody.
    """
    names = skill_names()
    cover = _RosterCover(judged) if judged else None
    return {
        office.id: Demand(
            horizon,
            cover.at(office.code)
            if cover and cover.knows(office.code)
            else _asked(_needs_of_rows(office, horizon), horizon),
            names,
            in_roster=cover is None or cover.knows(office.code),
        )
        for office in offices
    }


def _needs_of_rows(office: Office, horizon: Horizon) -> list[sp.Requirement]:
    found = []
    for row in Requirement.select().where(
        Requirement.office == office, Requirement.week_starts_on == horizon.starts_on
    ):
        span = horizon.span(row.starts_at, row.ends_at)
        if span and row.count:
            found.append(
                sp.Requirement(
                    str(row.id),
                    office.code,
                    *span,
                    tuple(row.needs),
                    row.count,
                    row.minimum,
                    row.cost,
                    row.minimum_cost,
                    row.exclusive,
                    row.excess_cost,
                )
            )
    return found


def _asked(needs: Sequence[sp.Requirement], horizon: Horizon) -> dict[RowKey, dict[int, SlotCover]]:
    counts: defaultdict[RowKey, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for need in needs:
        for slot in range(need.start, min(need.end, horizon.slot_count)):
            counts[row_key(need)][slot] += need.count
    return {
        key: {slot: SlotCover(count, None, 0) for slot, count in slots.items()}
        for key, slots in counts.items()
    }


class _RosterCover:
    """Who is missing where in a roster, by the exact counting that costs least."""

    def __init__(self, judged: Judged) -> None:
        self._week = judged.week
        self._problem = judged.problem
        self._places = {one.id: place for place, one in enumerate(self._problem.offices)}
        shifts = self._problem.shift_by_id
        self._given: defaultdict[str, list[sp.Assignment]] = defaultdict(list)
        for one in judged.assignments:
            if one.shift in shifts:
                self._given[shifts[one.shift].office].append(one)

    def knows(self, office: str) -> bool:
        return office in self._places

    def at(self, office: str) -> Table:
        """The cover of an office that the problem knows: counted once as its shifts stand."""
        given = tuple(self._given[office])
        return self._week.part((_RosterCover, office, given), lambda: self._count(office, given))

    def _count(self, office: str, given: tuple[sp.Assignment, ...]) -> Table:
        place = self._places[office]
        counting = facts_of(self._problem).cover
        served = serving(self._problem, given)[office]
        table: defaultdict[RowKey, dict[int, SlotCover]] = defaultdict(dict)
        for slot in sorted(slot for at, slot in counting.tables if at == place):
            asked = counting.tables[place, slot]
            servers = served.get(slot, [])
            people = [self._problem.mediators[one] for one in servers]
            counted = counting.serves(place, slot, servers)
            met = Counter(counted.values())
            idle = [people[server] for server, meets in counted.items() if meets is None]
            for index, need in enumerate(asked.exclusive):
                missing = missing_of(need, met[index])
                cover = SlotCover(need.count, missing, _holding(need, idle, slot))
                _add(table[row_key(need)], slot, cover)
            for need in asked.presence:
                missing = max(0, missing_of(need, _holding(need, people, slot)))
                _add(table[row_key(need)], slot, SlotCover(need.count, missing, 0))
        return table


def _add(row: dict[int, SlotCover], slot: int, more: SlotCover) -> None:
    """Put one requirement into its row; two that ask alike add up."""
    had = row.get(slot, SlotCover(0, 0, more.spare))
    row[slot] = SlotCover(
        needed=had.needed + more.needed,
        missing=(had.missing or 0) + (more.missing or 0),
        spare=more.spare,
    )


def _holding(need: sp.Requirement, people: Iterable[sp.Mediator], slot: int) -> int:
    """How many of `people` hold what the requirement asks for."""
    return sum(all(one.holds(skill, slot) for skill in need.needs) for one in people)


def serving(
    problem: sp.Problem, assignments: tuple[sp.Assignment, ...]
) -> Mapping[str, Mapping[int, list[int]]]:
    """Office → slot → who serves, by place: at work, in no break and no training."""
    places = {one.id: index for index, one in enumerate(problem.mediators)}
    found: defaultdict[str, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in assignments:
        shift = problem.shift_by_id.get(one.shift)
        mediator = problem.mediator_by_id.get(one.mediator)
        if shift is None or mediator is None:
            continue
        at_office = found[shift.office]
        for slot in shift.worked:
            if slot not in mediator.busy_slots:
                at_office[slot].append(places[one.mediator])
    return found


def row_key(need: sp.Requirement) -> RowKey:
    return RowKey(tuple(sorted(need.needs)), need.exclusive)


def skill_names() -> dict[str, str]:
    """Languages and certifications as the reader calls them, by skill."""
    names = {f"lang:{code}": in_readers_language(*told) for code, *told in _languages()}
    names |= {f"cert:{code}": in_readers_language(*told) for code, *told in _certifications()}
    return names


@written
def _languages() -> Any:
    return Language.select(Language.code, Language.name_pt, Language.name_en).tuples()


@written
def _certifications() -> Any:
    kind = CertificationKind
    return kind.select(kind.code, kind.name_pt, kind.name_en).tuples()
