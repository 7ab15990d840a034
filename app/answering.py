"""What fails or refuses a command ends it in one line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.failures import AWAY, failure_of, lets_nobody_connect
from app.services.errors import NotFound, ServiceError

log = logging.getLogger("escala.commands")


@contextmanager
def answering(setting: str = "ESCALA_DATABASE_URL") -> Iterator[None]:
    """Also a decorator. What is AWAY within becomes a ClickException: the database that `setting`
    names does not answer, or what else is wrong, with the first line of what its driver says (host
    and user, no password). Where it answers, the log says in which place it failed."""
    try:
        yield
    except AWAY as error:
        told = str(error).strip().partition("\n")[0]
        if lets_nobody_connect(error):
            told = f"the database of {setting} does not answer: {told}"
        else:
            log.error("a command failed: %s", failure_of(error))
            told = f"the database of {setting}: {told}"
        raise click.ClickException(told) from None


@contextmanager
def refusals_in_words(missing: str = "such thing") -> Iterator[None]:
    """What a service refuses ends a command with its reason instead of a trace; `missing` is what
    there may be none of, e.g. `roster 8`."""
    try:
        yield
    except NotFound as error:
        named = f"{missing} {error}".strip()
        raise click.ClickException(f"there is no {named}") from None
    except ServiceError as error:
        raise click.ClickException(str(error) or type(error).__name__) from None
