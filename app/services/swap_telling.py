"""What is told of an open shift to those it is offered to: that it is on offer, that it is gone;
and of what a coordinator does for somebody, to them.

Who was told of an offer learns in the application when somebody else takes it, or it ends
otherwise; by mail only who has read of the offer by mail and wants each message at once. An offer
that no mail holds yet goes out by none once it is gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from app.models import Assignment, MailChoice, Mediator, Message, Swap, User
from app.services.rights import Actor
from app.services.telling import Telling, name_of, tell, tell_each, users_of

_AT_ONCE = 300


class Gone(StrEnum):
    """Why a shift is on offer no more."""

    TAKEN = "taken"
    ENDED = "ended"
    """Taken back, or a coordinator said no."""
    CHANGED = "changed"
    """It is no longer published so."""


def tell_open(swap: Swap, taker_ids: Iterable[int], now: dt.datetime) -> None:
    """Tell these mediators that the shift is theirs to take; anew where it is on offer again."""
    turn = len(_turns(swap))
    tell(users_of(taker_ids), "swap_open", _key(swap, turn), told_of(swap), now)


def tell_gone(swap: Swap, gone: Gone, now: dt.datetime, *, but: int | None = None) -> None:
    """Tell those it was last offered to, but for the mediator `but`, once for each offer.

    Call within a transaction. Nothing is told of a shift that one person alone was asked to take.
    """
    turns = _turns(swap)
    if not turns:
        return
    taker = users_of([but])
    offers = [one for one in turns[-1] if one.user_id not in taker]
    mailed = _hold_back([one.id for one in offers])
    at_once = _wanting_each(one.user_id for one in offers)
    # Not who takes it: that is for those two and the coordinators.
    told = told_of(swap) | {"taker": "", "returned": None, "gone": str(gone)}
    key = f"swap.{swap.id}.swap_gone.{len(turns)}"
    tell_each(
        [
            Telling(
                user_id=one.user_id,
                kind="swap_gone",
                key=f"{key}.{one.user_id}",
                details=told,
                by_mail=one.id in mailed and one.user_id in at_once,
            )
            for one in offers
        ],
        now,
    )


class DoneFor(StrEnum):
    """What a coordinator did in somebody's name."""

    OFFERED = "offered"
    AGREED = "agreed"
    WORD_BACK = "word_back"


def tell_done_for(
    actor: Actor, swap: Swap, mediator: Mediator, what: DoneFor, now: dt.datetime
) -> None:
    """Tell a mediator what a coordinator did for them; nothing of what they did themselves."""
    if actor.user_id is None or actor.mediator_id == mediator.id:
        return
    key = f"swap.{swap.id}.for_you.{what}.{now.isoformat()}"
    tell(users_of([mediator.id]), "swap_for_you", key, told_of(swap) | {"what": str(what)}, now)


def told_of(swap: Swap) -> dict[str, Any]:
    """A swap as messages keep it."""

    def shift(row: Assignment | None) -> dict[str, str] | None:
        if row is None:
            return None
        return {
            "office": row.office.name,
            "zone": row.office.zone,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
        }

    taker = swap.taker or swap.asked
    return {
        "swap": swap.id,
        "giver": name_of(swap.given.mediator),
        "taker": name_of(taker) if taker else "",
        "given": shift(swap.given),
        "returned": shift(swap.returned),
    }


def _turns(swap: Swap) -> list[list[Message]]:
    """What was told of the shift each time that it was on offer to everyone."""
    people = [row.id for row in User.select(User.id).where(User.mediator.is_null(False))]
    found: list[list[Message]] = []
    while told := _with_keys([f"{_key(swap, len(found))}.{one}" for one in people]):
        found.append(told)
    return found


def _key(swap: Swap, turn: int) -> str:
    key = f"swap.{swap.id}.swap_open"
    return f"{key}.again{turn}" if turn else key


def _with_keys(keys: list[str]) -> list[Message]:
    return [
        row
        for start in range(0, len(keys), _AT_ONCE)
        for row in Message.select().where(Message.key.in_(keys[start : start + _AT_ONCE]))
    ]


def _hold_back(message_ids: list[int]) -> set[int]:
    """Let those that no mail holds yet go out by none; the ids of the others."""
    mailed: set[int] = set()
    for start in range(0, len(message_ids), _AT_ONCE):
        some = message_ids[start : start + _AT_ONCE]
        Message.update(mail_due_at=None).where(
            Message.id.in_(some), Message.mail.is_null()
        ).execute()
        # Read after, not before: a worker may have made a mail of one meanwhile.
        held = Message.select(Message.id).where(Message.id.in_(some), ~Message.mail.is_null())
        mailed |= {row.id for row in held}
    return mailed


def _wanting_each(user_ids: Iterable[int]) -> set[int]:
    rows = User.select(User.id).where(
        User.id.in_(list(user_ids)), User.mail_choice == MailChoice.AT_ONCE
    )
    return {row.id for row in rows}
