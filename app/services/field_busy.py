"""When mediators are out with a field route: time that is taken, beside shifts and training."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from app.models import FieldRoute, FieldSeat
from app.models.written import written

Span = tuple[int, dt.datetime, dt.datetime]


def field_spans(
    since: dt.datetime,
    until: dt.datetime,
    mediator_ids: Iterable[int] | None = None,
    *,
    without: int | None = None,
) -> list[Span]:
    """(mediator, from, until) of each route that touches `[since, until)`, but for one of them."""
    ids = None if mediator_ids is None else list(mediator_ids)
    return _spans(since, until, ids, without)


@written
def _spans(since: Any, until: Any, mediator_ids: Any, without: Any) -> Any:
    query = (
        FieldSeat.select(FieldSeat.mediator, FieldRoute.starts_at, FieldRoute.ends_at)
        .join(FieldRoute)
        .where(
            FieldSeat.cancelled_at.is_null(),
            FieldRoute.cancelled_at.is_null(),
            FieldRoute.starts_at < until,
            FieldRoute.ends_at > since,
        )
    )
    if mediator_ids is not None:
        query = query.where(FieldSeat.mediator.in_(mediator_ids))
    if without is not None:
        query = query.where(FieldRoute.id != without)
    return query.tuples()


def outings(
    since: dt.datetime, until: dt.datetime, mediator_ids: Iterable[int], *, without: int
) -> defaultdict[int, list[tuple[dt.datetime, dt.datetime]]]:
    """The same by mediator."""
    found: defaultdict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for mediator_id, start, end in field_spans(since, until, mediator_ids, without=without):
        found[mediator_id].append((start, end))
    return found
