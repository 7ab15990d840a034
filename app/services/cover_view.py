"""Cover of an office's week as a page draws it: a strip for each thing asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.services.cover import CoverState, Demand, SlotCover
from app.services.cover_labels import KIND_ORDER, PRESENCE, Labels
from app.services.horizon import Horizon
from app.services.names import sorting_key
from app.services.timeline import Window
from solver import problem as sp

DEEPEST_LEVEL = 5
"""Missing mediators from which the shade of a shortage deepens no further."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of slots in one state, drawn from `x`, `w` wide."""

    x: int
    w: int
    state: CoverState
    level: int
    """1 to 5 for one to five and more missing; 0 where nothing is."""
    missing: int
    numbered: bool = True
    """False where its number would run into a worse neighbour's."""


@dataclass(frozen=True, slots=True)
class CoverDay:
    stretches: tuple[Stretch, ...]
    needed_minutes: int
    """Mediator-minutes asked for."""
    missing_minutes: int
    first_gap: str
    """When the first shortage begins, wall clock; empty without one."""


@dataclass(frozen=True, slots=True)
class CoverRow:
    code: str
    """Names the row in addresses."""
    label: str
    name: str
    """The label under a heading that says whether places or presence are told."""
    tag: str
    kind: str
    """`language`, `desk`, `presence` or `anyone`."""
    days: tuple[CoverDay, ...]

    @property
    def needed_minutes(self) -> int:
        return sum(day.needed_minutes for day in self.days)

    @property
    def missing_minutes(self) -> int:
        return sum(day.missing_minutes for day in self.days)


@dataclass(frozen=True, slots=True)
class CoverCell:
    clock: str
    state: CoverState
    level: int
    needed: int
    missing: int
    spare: int


@dataclass(frozen=True, slots=True)
class DayRow:
    code: str
    label: str
    name: str
    tag: str
    kind: str
    cells: tuple[CoverCell, ...]
    missing_minutes: int


@dataclass(frozen=True, slots=True)
class DayCover:
    """One day, half hour by half hour."""

    hours: tuple[str, ...]
    units_an_hour: int
    rows: tuple[DayRow, ...]


def cover_rows(demand: Demand, window: Window) -> tuple[CoverRow, ...]:
    """A row for each need: places before presence, the worst first, languages first when equal."""
    labels = Labels(demand)
    rows = [
        CoverRow(
            code=key.code,
            label=labels.text(key),
            name=labels.short(key),
            tag=labels.tag(key),
            kind=labels.kind(key),
            days=tuple(_day(slots, day, demand.horizon, window) for day in demand.horizon.days),
        )
        for key, slots in demand.table.items()
    ]
    return tuple(
        sorted(rows, key=lambda row: _worst_first(row.missing_minutes, row.kind, row.label))
    )


def day_cover(demand: Demand, window: Window, day: int) -> DayCover:
    """One day in half hours: places before presence, the row that lacks most first."""
    span = demand.horizon.days[day]
    labels = Labels(demand)
    rows = []
    for key, slots in demand.table.items():
        if not any(span.start <= slot < span.end for slot in slots):
            continue
        by_unit = {
            window.unit(demand.horizon.instant(slot)): cover
            for slot, cover in slots.items()
            if span.start <= slot < span.end
        }
        cells = tuple(_cell(window.clock(unit), by_unit.get(unit)) for unit in range(window.units))
        missing = sum(cell.missing for cell in cells) * window.slot_minutes
        row = DayRow(
            code=key.code,
            label=labels.text(key),
            name=labels.short(key),
            tag=labels.tag(key),
            kind=labels.kind(key),
            cells=cells,
            missing_minutes=missing,
        )
        rows.append((_worst_first(missing, row.kind, row.label), row))
    rows.sort(key=lambda one: one[0])
    return DayCover(
        hours=tuple(f"{hour:02d}" for hour in window.hours),
        units_an_hour=60 // window.slot_minutes,
        rows=tuple(row for _order, row in rows),
    )


def _day(slots: Mapping[int, SlotCover], day: sp.Day, horizon: Horizon, window: Window) -> CoverDay:
    mine = [(slot, slots[slot]) for slot in range(day.start, day.end) if slot in slots]
    short = [slot for slot, cover in mine if cover.missing]
    return CoverDay(
        stretches=tuple(_numbered(list(_stretches(mine, horizon, window)))),
        needed_minutes=sum(cover.needed for _slot, cover in mine) * horizon.slot_minutes,
        missing_minutes=sum(cover.missing or 0 for _slot, cover in mine) * horizon.slot_minutes,
        first_gap=window.clock(window.unit(horizon.instant(short[0]))) if short else "",
    )


def _stretches(
    covers: Sequence[tuple[int, SlotCover]], horizon: Horizon, window: Window
) -> Iterable[Stretch]:
    """Neighbouring slots of one shade drawn as one."""
    pending: Stretch | None = None
    for slot, cover in covers:
        x, w = window.place(horizon.instant(slot), horizon.instant(slot + 1))
        now = Stretch(x, w, cover.state, _level(cover), cover.missing or 0)
        if (
            pending
            and pending.x + pending.w == x
            and (pending.state, pending.missing) == (now.state, now.missing)
        ):
            pending = replace(pending, w=pending.w + w)
            continue
        if pending:
            yield pending
        pending = now
    if pending:
        yield pending


def _numbered(stretches: Sequence[Stretch]) -> Iterable[Stretch]:
    """A half hour is as wide as one digit: of neighbours the worst keeps its number."""
    for index, one in enumerate(stretches):
        beside = (*stretches[max(0, index - 1) : index], *stretches[index + 1 : index + 2])
        touching = [two for two in beside if one.x in (two.x + two.w, two.x - one.w)]
        hidden = one.w == 1 and any(two.missing > one.missing for two in touching)
        yield replace(one, numbered=not hidden)


def _cell(clock: str, cover: SlotCover | None) -> CoverCell:
    if cover is None:
        return CoverCell(clock, CoverState.NOT_ASKED, 0, 0, 0, 0)
    return CoverCell(
        clock, cover.state, _level(cover), cover.needed, cover.missing or 0, cover.spare
    )


def _level(cover: SlotCover) -> int:
    return min(DEEPEST_LEVEL, cover.missing or 0)


def _worst_first(missing_minutes: int, kind: str, label: str) -> tuple[bool, int, int, str]:
    return kind == PRESENCE, -missing_minutes, KIND_ORDER[kind], sorting_key(label)
