"""What became of a press, kept for two days.

The browser remembers no better: the answer that would have told it may have been lost on the way.
"""

from __future__ import annotations

from typing import Any

from app.models import IdempotencyKey


def hold(scope: str, press_id: str) -> IdempotencyKey | None:
    """What is known of a press, held to the end of the transaction: two do not both act on it.

    None of one that was never counted, or too long ago.
    """
    mine = (IdempotencyKey.scope == scope, IdempotencyKey.key == press_id)
    # A write that changes nothing; the second of two transactions waits for it.
    IdempotencyKey.update(status=IdempotencyKey.status).where(*mine).execute()
    found: IdempotencyKey | None = IdempotencyKey.get_or_none(*mine)
    return found


def was_taken_back(known: IdempotencyKey | None) -> bool:
    return known is not None and bool(known.answer.get("taken_back"))


def mark_taken_back(known: IdempotencyKey | None) -> None:
    _keep(known, {"taken_back": True})


def noted(known: IdempotencyKey | None) -> dict[str, Any] | None:
    """The outcome, minutes and service minutes last noted of it; None where none were."""
    return None if known is None else known.answer.get("noted")


def note(known: IdempotencyKey | None, **ending: Any) -> None:
    """Remember how it ended."""
    if known is not None:
        _keep(known, {**known.answer, "noted": ending})


def _keep(known: IdempotencyKey | None, answer: dict[str, Any]) -> None:
    if known is not None:
        IdempotencyKey.update(answer=answer).where(IdempotencyKey.id == known.id).execute()
