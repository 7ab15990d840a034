"""Rows of some mediators, with what they speak and where else they work, read in three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from app.models import Mediator, MediatorLanguage, MediatorOffice
from app.models.written import written

MediatorRows = tuple[Mediator, list[MediatorLanguage], list[MediatorOffice]]


def rows_with(ids: Sequence[int]) -> list[MediatorRows]:
    """The mediators of these ids, in no order, each with their languages and other offices."""
    spoken, others = _by_mediator(_languages(ids)), _by_mediator(_offices(ids))
    return [(row, spoken[row.id], others[row.id]) for row in _mediators(ids)]


def _by_mediator(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.mediator_id].append(row)
    return found


@written
def _mediators(ids: Any) -> Any:
    return Mediator.select().where(Mediator.id.in_(ids))


@written
def _languages(ids: Any) -> Any:
    return MediatorLanguage.select().where(MediatorLanguage.mediator.in_(ids))


@written
def _offices(ids: Any) -> Any:
    return MediatorOffice.select().where(MediatorOffice.mediator.in_(ids))
