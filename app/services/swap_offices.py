"""The offices that a swap touches: who decides it, and whether it passes without anybody."""

from __future__ import annotations

from app.models import Office, Swap
from app.services.rights import Actor


def may_decide(actor: Actor, swap: Swap) -> bool:
    """Whether the actor coordinates every office that the swap touches."""
    if not actor.is_coordinator:
        return False
    return actor.office_ids is None or offices_of(swap) <= actor.office_ids


def offices_of(swap: Swap) -> set[int]:
    """The home offices of both and the offices of their shifts, as far as they are known yet."""
    people = [one for one in (swap.given.mediator, swap.taker, swap.asked) if one is not None]
    shifts = [one for one in (swap.given, swap.returned) if one is not None]
    return {one.home_office_id for one in people} | {one.office_id for one in shifts}


def pass_alone(office_ids: set[int]) -> bool:
    """Whether all of these offices let swaps that cost no cover through by themselves."""
    strict = Office.select().where(Office.id.in_(office_ids), ~Office.auto_approve_swaps)
    return not strict.exists()
