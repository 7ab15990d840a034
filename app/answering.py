"""A command without its database ends in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.failures import AWAY


@contextmanager
def answering(setting: str = "ESCALA_DATABASE_URL") -> Iterator[None]:
    """Also a decorator. What is AWAY within becomes a ClickException: the database that `setting`
    names does not answer, with the first line of what its driver says (host and user, no
    password)."""
    try:
        yield
    except AWAY as error:
        told = str(error).strip().partition("\n")[0]
        raise click.ClickException(f"the database of {setting} does not answer: {told}") from None
