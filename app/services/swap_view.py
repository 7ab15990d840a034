"""What the pages of swaps show: one's own, what one is asked, what waits for a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.models import Assignment, Mediator, Office, Roster, Swap, SwapStatus
from app.services import swap_ends
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.my_duties import ShiftView, shift_view
from app.services.published import live_assignments, live_row, standing_row
from app.services.rights import Actor, require_any_coordinator, require_self_or_coordinator
from app.services.swap_ends import LIVE
from app.services.swap_offices import may_decide, offices_of, pass_alone
from app.services.swap_rules import Move, PublishedWeek
from app.services.telling import name_of


@dataclass(frozen=True, slots=True)
class Option:
    """One legal way to take a shift: by whom, and for which of theirs."""

    mediator_id: int
    mediator_name: str
    returned: ShiftView | None
    loses_cover: bool

    @property
    def value(self) -> str:
        """What a form sends for it: `12`, or `12:uid`."""
        return f"{self.mediator_id}:{self.returned.uid}" if self.returned else f"{self.mediator_id}"


@dataclass(frozen=True, slots=True)
class SwapView:
    id: int
    status: SwapStatus
    giver_name: str
    given: ShiftView
    taker_name: str
    """Who takes it or is asked; empty where everyone is."""
    returned: ShiftView | None
    offered_at: dt.datetime
    answer_by: dt.datetime
    """When the first of its shifts begins."""
    passes_alone: bool
    """Published without a coordinator, where no cover is lost."""
    fits: bool
    """Both shifts are still published so and to come."""
    loses_cover: bool
    may_withdraw: bool
    may_take_back: bool
    """The actor agreed to it, and nobody has decided yet."""
    may_decline: bool
    may_decide: bool
    may_accept: bool


@dataclass(frozen=True, slots=True)
class SwapList:
    live: tuple[SwapView, ...]
    """Those the actor gives, takes, is asked or may decide, and open ones of their group."""
    past: tuple[SwapView, ...]


@dataclass(frozen=True, slots=True)
class ShiftOnOffer:
    giver_id: int
    giver_name: str
    shift: ShiftView
    options: tuple[Option, ...]
    passes_alone: bool


@dataclass(frozen=True, slots=True)
class OwnShift:
    """A published shift to come of somebody."""

    shift: ShiftView
    may_be_given: bool
    """Somebody may take it, outright or for one of theirs."""


def swaps_for(actor: Actor, now: dt.datetime) -> SwapList:
    """Raises Forbidden for who is neither mediator nor coordinator."""
    if not (actor.is_mediator or actor.is_coordinator):
        raise Forbidden
    newest = Swap.select().order_by(Swap.id.desc())
    weeks: dict[int, PublishedWeek] = {}
    # What still waits is seen however much has been decided since.
    live, past = (
        [row for row in rows if _may_see(actor, row) and _concerns(actor, row, weeks, now)]
        for rows in (
            newest.where(Swap.status.in_(list(LIVE))),
            newest.where(Swap.status.not_in(list(LIVE))).limit(200),
        )
    )
    return SwapList(
        live=tuple(_view(actor, row, now) for row in live),
        past=tuple(_view(actor, row, now) for row in past[:20]),
    )


def swaps_to_decide(actor: Actor, now: dt.datetime) -> list[SwapView]:
    """Accepted swaps that the actor may approve, the earliest shift first."""
    require_any_coordinator(actor)
    rows = Swap.select().where(Swap.status == SwapStatus.ACCEPTED)
    views = [_view(actor, row, now, weigh=True) for row in rows if may_decide(actor, row)]
    return sorted(views, key=lambda one: (one.given.starts_at, one.id))


def get_swap(actor: Actor, swap_id: int, now: dt.datetime) -> tuple[SwapView, tuple[Option, ...]]:
    """One swap, and the ways in which the actor may take it. Raises NotFound for others'."""
    row = Swap.get_or_none(Swap.id == swap_id)
    if row is None or not _may_see(actor, row):
        raise NotFound
    view = _view(actor, row, now)
    given = standing_row(row.given)
    if given is None or not view.may_accept:
        return view, ()
    week = PublishedWeek(Roster.get_by_id(given.roster_id))
    return view, tuple(
        _option(week, move)
        for move in _asked_moves(week, row, given, now)
        if _may_take(actor, move.taker)
    )


def shift_on_offer(actor: Actor, uid: str, now: dt.datetime) -> ShiftOnOffer:
    """A published shift and everyone who may legally take it, cover kept first."""
    given = live_row(uid)
    giver = given.mediator
    require_self_or_coordinator(actor, giver.id, giver.home_office_id)
    week = PublishedWeek(Roster.get_by_id(given.roster_id))
    options = [_option(week, move) for move in week.moves(given, now)]
    options.sort(key=lambda one: (one.loses_cover, one.returned is not None, one.mediator_name))
    return ShiftOnOffer(
        giver.id,
        name_of(giver),
        shift_view(given, giver),
        tuple(options),
        pass_alone({given.office_id, giver.home_office_id}),
    )


def shifts_to_offer(
    actor: Actor, mediator_id: int, now: dt.datetime
) -> tuple[str, tuple[OwnShift, ...]]:
    """A person's name and published shifts to come, for them or their coordinators."""
    mediator = (
        Mediator.select(Mediator, Office).join(Office).where(Mediator.id == mediator_id).first()
    )
    if mediator is None:
        require_any_coordinator(actor)
        raise NotFound
    require_self_or_coordinator(actor, mediator.id, mediator.home_office_id)
    weeks: dict[int, PublishedWeek] = {}
    return name_of(mediator), tuple(
        OwnShift(shift_view(row, mediator), _somebody_may_take(row, weeks, now))
        for row in live_assignments(mediator.id, now)
        if row.starts_at > now
    )


def _may_see(actor: Actor, row: Swap) -> bool:
    mine = actor.mediator_id
    if mine is not None and mine in (row.given.mediator_id, row.taker_id, row.asked_id):
        return True
    if may_decide(actor, row) or _coordinates(actor, row.given.mediator):
        return True
    everyone = row.asked_id is None and row.status == SwapStatus.OFFERED
    return everyone and actor.is_mediator and _group_of(mine) == row.given.office.group_id


def _concerns(actor: Actor, row: Swap, weeks: dict[int, PublishedWeek], now: dt.datetime) -> bool:
    """An open offer concerns its giver, coordinators, and those who may legally take it."""
    mine = actor.mediator_id
    if row.asked_id is not None or row.status != SwapStatus.OFFERED or actor.is_coordinator:
        return True
    given = standing_row(row.given)
    if mine == row.given.mediator_id or given is None or given.starts_at <= now:
        return mine == row.given.mediator_id
    return _somebody_may_take(given, weeks, now, mine)


def _somebody_may_take(
    given: Assignment,
    weeks: dict[int, PublishedWeek],
    now: dt.datetime,
    taker_id: int | None = None,
) -> bool:
    """Whether anybody, or that one, may take the shift; a week once opened is kept in `weeks`."""
    if given.roster_id not in weeks:
        weeks[given.roster_id] = PublishedWeek(Roster.get_by_id(given.roster_id))
    return any(True for _move in weeks[given.roster_id].moves(given, now, taker_id))


def _group_of(mediator_id: int | None) -> int | None:
    found = Mediator.get_or_none(Mediator.id == mediator_id)
    return found.home_office.group_id if found else None


def _coordinates(actor: Actor, mediator: Mediator) -> bool:
    if not actor.is_coordinator:
        return False
    return actor.office_ids is None or mediator.home_office_id in actor.office_ids


def _may_take(actor: Actor, taker: Mediator) -> bool:
    return actor.mediator_id == taker.id or _coordinates(actor, taker)


def _asked_moves(
    week: PublishedWeek, row: Swap, given: Assignment, now: dt.datetime
) -> Iterable[Move]:
    if row.asked is None:
        return week.moves(given, now)
    back = standing_row(row.returned) if row.returned else None
    if row.returned and back is None:
        return ()
    move = Move(given, row.asked, back)
    return (move,) if week.is_legal(move) else ()


def _option(week: PublishedWeek, move: Move) -> Option:
    return Option(
        mediator_id=move.taker.id,
        mediator_name=name_of(move.taker),
        returned=shift_view(move.returned, move.taker) if move.returned else None,
        loses_cover=week.cover_change(move) > 0,
    )


def _view(actor: Actor, row: Swap, now: dt.datetime, *, weigh: bool = False) -> SwapView:
    giver, other = row.given.mediator, row.taker or row.asked
    offered = row.status == SwapStatus.OFFERED
    given = standing_row(row.given) if row.status in LIVE else None
    back = standing_row(row.returned) if row.returned and given is not None else None
    fits = row.status in LIVE and swap_ends.cause_of(row, now) is None
    asked = row.asked
    mine = actor.mediator_id == giver.id
    may_accept = offered and fits and not (mine and not actor.is_coordinator)
    if asked is not None:
        may_accept = may_accept and _may_take(actor, asked)
    decides = row.status == SwapStatus.ACCEPTED and may_decide(actor, row)
    return SwapView(
        id=row.id,
        status=row.status,
        giver_name=name_of(giver),
        given=shift_view(row.given, giver),
        taker_name=name_of(other) if other else "",
        returned=shift_view(row.returned, other) if row.returned and other else None,
        offered_at=row.offered_at,
        answer_by=min(one.starts_at for one in (row.given, row.returned) if one is not None),
        passes_alone=pass_alone(offices_of(row)),
        fits=fits,
        loses_cover=weigh and fits and _loses_cover(row, given, back),
        may_withdraw=row.status in LIVE and (mine or _coordinates(actor, giver)),
        may_take_back=row.status == SwapStatus.ACCEPTED
        and row.taker is not None
        and actor.mediator_id == row.taker_id,
        may_decline=(offered and asked is not None and actor.mediator_id == asked.id) or decides,
        may_decide=decides,
        may_accept=may_accept,
    )


def _loses_cover(row: Swap, given: Assignment | None, back: Assignment | None) -> bool:
    if given is None or row.taker is None:
        return False
    week = PublishedWeek(Roster.get_by_id(given.roster_id))
    move = Move(given, row.taker, back)
    try:
        week.require_legal(move)
    except Invalid:
        return False
    return week.cover_change(move) > 0
