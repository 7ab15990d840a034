"""Swaps that publishing a draft would undo: named before it happens, and never undone silently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import Assignment, Roster, Swap, SwapStatus
from app.services import editing
from app.services.errors import Conflict
from app.services.open_drafts import CellEdit, find_roster
from app.services.rights import Actor, require_coordinator
from app.services.roster_rows import by_person_day, same_shift
from app.services.standing import current_roster
from app.services.telling import name_of
from app.services.undone_loans import loans_undone_by

Rows = dict[tuple[int, dt.date], Assignment]


@dataclass(frozen=True, slots=True)
class UndoneSwap:
    """An approved swap that stands in the published version and not in the draft."""

    swap_id: int
    giver: str
    taker: str
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    office: str
    zone: str
    cells: tuple[CellEdit, ...]
    """What puts it into the draft."""


class UndoesSwaps(Conflict):
    """Publishing would undo swaps or loans; its details are those, as `UndoneSwap` and
    `UndoneLoan`."""


def undone_by(roster: Roster) -> tuple[UndoneSwap, ...]:
    """The swaps that publishing this draft would undo, by date."""
    published = current_roster(roster.group_id, roster.week_starts_on)
    if published is None or published.id == roster.id:
        return ()
    swaps = _approved(roster)
    if not swaps:
        return ()
    now_there, will_be = by_person_day(published), by_person_day(roster)
    found = [
        _told(swap, will_be)
        for swap in swaps
        if _stands(swap, now_there) and not _stands(swap, will_be)
    ]
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.swap_id)))


def keep(
    actor: Actor, roster_id: int, swap_id: int, revision: int, now: dt.datetime
) -> UndoneSwap | None:
    """Put an approved swap into the draft, as one edit; None where it is not undone any more.

    Network coordinators only. Raises what `editing.change` does.
    """
    require_coordinator(actor)
    undone = undone_by(find_roster(actor, roster_id))
    swap = next((one for one in undone if one.swap_id == swap_id), None)
    if swap is not None:
        editing.change(actor, roster_id, revision, swap.cells, now)
    return swap


def refuse_undoing(roster: Roster) -> None:
    """Raises UndoesSwaps where publishing the draft would undo any swap or loan."""
    swaps, loans = undone_by(roster), loans_undone_by(roster)
    if swaps or loans:
        told = [f"{one.giver} → {one.taker}, {one.date.isoformat()}" for one in swaps]
        told += [f"{one.name} → {one.borrower}, {one.date.isoformat()}" for one in loans]
        words = _("This would undo what was agreed: %(what)s", what="; ".join(told))
        raise UndoesSwaps(words, (*swaps, *loans))


def _approved(roster: Roster) -> list[Swap]:
    """Approved swaps of the week, the newest first."""
    given = Assignment.alias()
    query = (
        Swap.select(Swap)
        .join(given, on=Swap.given == given.id)
        .join(Roster, on=given.roster == Roster.id)
        .where(
            Swap.status == SwapStatus.APPROVED,
            Roster.group == roster.group_id,
            Roster.week_starts_on == roster.week_starts_on,
        )
        .order_by(Swap.decided_at.desc(), Swap.id.desc())
    )
    return list(query)


def _stands(swap: Swap, rows: Rows) -> bool:
    """Whether each works what the swap gave them."""
    return all(
        (row := rows.get((mediator_id, shift.date))) is not None and same_shift(row, shift)
        for mediator_id, shift in _got(swap)
    ) and not any(
        (row := rows.get((mediator_id, shift.date))) is not None and same_shift(row, shift)
        for mediator_id, shift in _gave(swap)
    )


def _got(swap: Swap) -> Iterator[tuple[int, Any]]:
    yield swap.taker_id, swap.given
    if swap.returned is not None:
        yield swap.given.mediator_id, swap.returned


def _gave(swap: Swap) -> Iterator[tuple[int, Any]]:
    yield swap.given.mediator_id, swap.given
    if swap.returned is not None:
        yield swap.taker_id, swap.returned


def _told(swap: Swap, rows: Rows) -> UndoneSwap:
    cells: dict[tuple[int, dt.date], CellEdit] = {}
    taker: Any = swap.taker  # an approved swap has one
    for mediator_id, shift in _gave(swap):
        row = rows.get((mediator_id, shift.date))
        if row is not None and same_shift(row, shift):
            cells[mediator_id, shift.date] = CellEdit(mediator_id, shift.date, None)
    for mediator_id, shift in _got(swap):
        cells[mediator_id, shift.date] = CellEdit(mediator_id, shift.date, shift.shift)
    return UndoneSwap(
        swap_id=swap.id,
        giver=name_of(swap.given.mediator),
        taker=name_of(taker),
        date=swap.given.date,
        starts_at=swap.given.starts_at,
        ends_at=swap.given.ends_at,
        office=swap.given.office.name,
        zone=swap.given.office.zone,
        cells=tuple(cells.values()),
    )
