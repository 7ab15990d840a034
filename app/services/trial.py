"""Finding every fault of an input at once, also where some of it could not even be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.models import database


@contextmanager
def trial(keep: bool) -> Iterator[None]:
    """What is saved inside stays only with `keep`; without it, only the faults are wanted.

    A page that could not read one field gives the rest to the service all the same, so that the
    reader is told everything in one go, and nothing is saved.
    """
    with database.atomic() as transaction:
        yield
        if not keep:
            transaction.rollback()
