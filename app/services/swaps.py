"""Swaps and handovers of published shifts: offered, accepted, approved into a new version.

Every step judges the change anew (`swap_rules`). A shift stays whose it is until a coordinator
approves; then a new version of the week is published with the two changed and nobody else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from app.i18n import _
from app.models import (
    Assignment,
    LateCause,
    Mediator,
    Roster,
    Swap,
    SwapStatus,
    database,
)
from app.services import audit, rosters
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.late_changes import Why
from app.services.new_versions import hold_published, new_version
from app.services.published import live_row, standing_row
from app.services.rights import SYSTEM, Actor, require_self_or_coordinator
from app.services.swap_ends import LIVE, lapse
from app.services.swap_offices import may_decide, offices_of, pass_alone
from app.services.swap_rules import Move, PublishedWeek
from app.services.swap_telling import (
    DoneFor,
    Gone,
    tell_done_for,
    tell_gone,
    tell_open,
    told_of,
)
from app.services.telling import coordinators_of, tell, users_of


class Lapsed(Conflict):
    """The roster has changed under the swap, or its shift has begun; it can go no further."""


def offer(
    actor: Actor,
    uid: str,
    now: dt.datetime,
    *,
    asked_id: int | None = None,
    returned_uid: str | None = None,
) -> int:
    """Offer a published shift, by its UID; the swap's id.

    `asked_id` alone is asked, for a shift of theirs where `returned_uid` names one; without it
    everyone who may take the shift is told. Raises Invalid where nobody may, or where that one
    may not; Conflict where the shift is already on offer.
    """
    given = live_row(uid)
    require_self_or_coordinator(actor, given.mediator_id, given.mediator.home_office_id)
    with database.atomic():
        _require_to_come(given, now)
        _require_free(given)
        week = PublishedWeek(_roster_of(given))
        if asked_id is None:
            takers = {move.taker.id for move in week.moves(given, now)}
            if not takers:
                raise Conflict(_("Nobody may take this shift; ask a coordinator."))
            returned = None
        else:
            move = Move(
                given, _mediator(asked_id), live_row(returned_uid) if returned_uid else None
            )
            returned = move.returned
            if returned is not None:
                _require_to_come(returned, now)
            week.require_legal(move)
            takers = {asked_id}
        swap = Swap.create(
            given=given,
            asked=asked_id,
            returned=returned,
            offered_at=now,
            offered_by=actor.user_id,
        )
        if asked_id is None:
            tell_open(swap, takers, now)
        else:
            key = f"swap.{swap.id}.swap_asked"
            tell(users_of(takers), "swap_asked", key, told_of(swap), now)
        tell_done_for(actor, swap, given.mediator, DoneFor.OFFERED, now)
        _log(actor, "offer", swap, now)
    return int(swap.id)


def accept(
    actor: Actor,
    swap_id: int,
    taker_id: int,
    now: dt.datetime,
    returned_uid: str | None = None,
) -> bool:
    """Take an offered shift, for one of the taker's own where the UID names it; whether that is
    published already, as it is where every office it touches says so and no cover is lost.

    The taker does it, or a coordinator of their office for them. Raises Invalid where it is not
    legal, Conflict where somebody was quicker or the roster has changed.
    """
    swap = _find(swap_id)
    taker = _mediator(taker_id)
    require_self_or_coordinator(actor, taker.id, taker.home_office_id)
    if swap.asked_id is not None and swap.asked_id != taker.id:
        raise NotFound
    with _lapsing(swap, now), database.atomic():
        if swap.asked_id is not None:
            returned = swap.returned
        else:
            returned = live_row(returned_uid) if returned_uid else None
        given, returned = _standing(swap, returned, now)
        week, move = PublishedWeek(_roster_of(given)), Move(given, taker, returned)
        week.require_legal(move)
        _step(swap, SwapStatus.OFFERED, SwapStatus.ACCEPTED, taker=taker.id, returned=returned,
              accepted_at=now)  # fmt: skip
        swap = _find(swap_id)
        _log(actor, "accept", swap, now)
        tell_gone(swap, Gone.TAKEN, now, but=taker_id)
        tell_done_for(actor, swap, taker, DoneFor.AGREED, now)
        if week.cover_change(move) <= 0 and _approved_by_itself(swap, now):
            return True
        told = told_of(swap)
        # By the instant too: a word can be taken back and given again.
        key = f"swap.{swap_id}.{now.isoformat()}"
        tell(users_of([given.mediator_id]), "swap_accepted", f"{key}.accepted", told, now)
        tell(coordinators_of(offices_of(swap)), "swap_waits", f"{key}.waits", told, now)
    return False


def approve(actor: Actor, swap_id: int, now: dt.datetime) -> int:
    """Publish a version of the week with the swap made; its roster's id.

    For coordinators of the network, or of every office that it touches. Raises Invalid where it
    is no longer legal, Conflict where the roster has changed under it.
    """
    swap = _find(swap_id)
    _require_decides(actor, swap)
    with _lapsing(swap, now), database.atomic():
        _step(swap, SwapStatus.ACCEPTED, SwapStatus.APPROVED, decided_at=now,
              decided_by=actor.user_id)  # fmt: skip
        given, returned = _standing(swap, swap.returned, now)
        hold_published(_roster_of(given))
        week = PublishedWeek(_roster_of(given))
        move = Move(given, _mediator(swap.taker_id), returned)
        week.require_legal(move)
        roster = new_version(week, week.after(move), now)
        # Whoever may decide this swap may publish its two changes, and nothing else is in it.
        rosters.publish(
            replace(actor, office_ids=None),
            roster.id,
            now,
            why=Why(LateCause.SWAP),
            swap_id=swap_id,
            undo_swaps=True,
            only_new=True,
        )
        _log(actor, "approve", swap, now, roster=roster.id)
    return int(roster.id)


def decline(actor: Actor, swap_id: int, now: dt.datetime) -> None:
    """Say no: the one who is asked to an offer, a coordinator to either."""
    swap = _find(swap_id)
    may = swap.status == SwapStatus.OFFERED and swap.asked_id is not None
    if not (may and actor.mediator_id == swap.asked_id):
        _require_decides(actor, swap)
    _end(actor, swap, SwapStatus.DECLINED, now)


def withdraw(actor: Actor, swap_id: int, now: dt.datetime) -> None:
    """Take an offer back, also an accepted one: its giver, or a coordinator for them."""
    swap = _find(swap_id)
    giver = swap.given.mediator
    require_self_or_coordinator(actor, giver.id, giver.home_office_id)
    _end(actor, swap, SwapStatus.WITHDRAWN, now)


def take_back_word(actor: Actor, swap_id: int, now: dt.datetime) -> None:
    """Undo one's agreement while nobody has decided: the taker, or a coordinator for them.

    What was offered to everyone is on offer again; what one person was asked for is declined.
    The giver and the coordinators are told. Raises Conflict once it is decided.
    """
    swap = _find(swap_id)
    taker = swap.taker
    if taker is None:
        raise Conflict(_("This swap is no longer where you saw it."))
    require_self_or_coordinator(actor, taker.id, taker.home_office_id)
    told, offices = told_of(swap), offices_of(swap)
    columns: dict[str, Any]
    if swap.asked_id is None:
        after, columns = SwapStatus.OFFERED, {"taker": None, "returned": None, "accepted_at": None}
    else:
        after, columns = SwapStatus.DECLINED, {"decided_at": now, "decided_by": actor.user_id}
    with database.atomic():
        _step(swap, SwapStatus.ACCEPTED, after, **columns)
        people = {*users_of([swap.given.mediator_id]), *coordinators_of(offices)} - {actor.user_id}
        key = f"swap.{swap_id}.unaccepted.{now.isoformat()}"
        tell(people, "swap_unaccepted", key, told | {"open": swap.asked_id is None}, now)
        tell_done_for(actor, swap, taker, DoneFor.WORD_BACK, now)
        if swap.asked_id is None:
            _tell_open_again(_find(swap_id), taker, now)
        _log(actor, "unaccept", swap, now)


def _find(swap_id: int) -> Swap:
    swap = Swap.get_or_none(Swap.id == swap_id)
    if swap is None:
        raise NotFound
    return swap


def _mediator(mediator_id: int) -> Mediator:
    found = Mediator.get_or_none(Mediator.id == mediator_id)
    if found is None:
        raise NotFound
    return found


def _roster_of(row: Assignment) -> Roster:
    found: Roster = Roster.get_by_id(row.roster_id)
    return found


def _require_to_come(row: Assignment, now: dt.datetime) -> None:
    if row.starts_at <= now:
        raise Conflict(_("This shift has already begun."))


def _require_free(given: Assignment) -> None:
    there = Swap.select().join(Assignment, on=Swap.given).where(
        Assignment.uid == given.uid, Swap.status.in_(LIVE)
    )  # fmt: skip
    if there.exists():
        raise Conflict(_("This shift is already on offer."))


def _standing(
    swap: Swap, returned: Assignment | None, now: dt.datetime
) -> tuple[Assignment, Assignment | None]:
    """Both shifts as published now. Raises Lapsed when either has changed or begun."""
    given = standing_row(swap.given)
    back = standing_row(returned) if returned is not None else None
    if given is None or (returned is not None and back is None):
        raise Lapsed(_("The roster has changed; this swap no longer fits it."))
    if any(row is not None and row.starts_at <= now for row in (given, back)):
        raise Lapsed(_("This shift has already begun."))
    return given, back


@contextmanager
def _lapsing(swap: Swap, now: dt.datetime) -> Iterator[None]:
    """What can go no further is closed and told, after all that it began is taken back."""
    try:
        yield
    except Lapsed:
        with database.atomic():
            lapse(swap, now)
        raise


def _approved_by_itself(swap: Swap, now: dt.datetime) -> bool:
    """Publish it where every office that it touches lets swaps through without a coordinator.

    Where the week cannot be published, for whatever else is broken in it, a coordinator decides.
    """
    if not pass_alone(offices_of(swap)):
        return False
    try:
        with database.atomic():
            approve(SYSTEM, swap.id, now)
    except Invalid:
        return False
    return True


def _require_decides(actor: Actor, swap: Swap) -> None:
    if not may_decide(actor, swap):
        raise Forbidden


def _step(swap: Swap, before: SwapStatus, after: SwapStatus, **columns: Any) -> None:
    moved = (
        Swap.update(status=after, **columns)
        .where(Swap.id == swap.id, Swap.status == before)
        .execute()
    )
    if not moved:
        raise Conflict(_("This swap is no longer where you saw it."))


def _end(actor: Actor, swap: Swap, status: SwapStatus, now: dt.datetime) -> None:
    with database.atomic():
        _step(swap, swap.status if swap.status in LIVE else SwapStatus.OFFERED, status,
              decided_at=now, decided_by=actor.user_id)  # fmt: skip
        people = [swap.given.mediator_id, swap.taker_id or swap.asked_id]
        others = [one for one in users_of(people) if one != actor.user_id]
        tell(others, f"swap_{status}", f"swap.{swap.id}.{status}", told_of(swap), now)
        tell_gone(swap, Gone.ENDED, now, but=swap.taker_id)
        _log(actor, str(status), swap, now)


def _tell_open_again(swap: Swap, but: Mediator, now: dt.datetime) -> None:
    given = standing_row(swap.given)
    if given is not None and given.starts_at > now:
        moves = PublishedWeek(_roster_of(given)).moves(given, now)
        tell_open(swap, {move.taker.id for move in moves} - {but.id}, now)


def _log(actor: Actor, verb: str, swap: Swap, now: dt.datetime, **details: Any) -> None:
    audit.record(actor, f"swap.{verb}", "swap", swap.id, now, **details)
