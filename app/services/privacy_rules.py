"""The words in which the register of what is kept is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.models import BaseModel

DAY, WEEK, YEAR = 1, 7, 365
FIVE_YEARS = 1830
"""Days: five years and some, so that the database's own count of years is over too."""


class Ground(StrEnum):
    """On what legal ground personal data are kept (GDPR 6 and 9)."""

    CONTRACT = "contract"
    """6(1)(b): the work agreed with the person."""
    LAW = "law"
    """6(1)(c): a duty the law lays on the service."""
    PUBLIC_TASK = "public_task"
    """6(1)(e): the public task of receiving migrants."""
    EMPLOYMENT_LAW = "employment_law"
    """9(2)(b): health data, as the law of work asks for."""
    CONSENT = "consent"
    """6(1)(a): only where the person gave it, and until they take it back."""
    NONE = "none"
    """Nothing personal."""


class Until(StrEnum):
    """How long what has no time of its own is kept."""

    PERSON = "person"
    """As long as the record of the person, until that is erased."""
    ROW = "row"
    """As long as what it belongs to."""
    SERVICE = "service"
    """As long as the service: settings, or counts without persons."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Rows go `days` after the instant or date in `column`; where that is empty they stay."""

    column: str
    days: int
    only: Callable[[], Any] | None = None
    """Which rows alone; None for all."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """`field` turns to `to`, `days` after the instant or date in `column`; the row stays."""

    column: str
    days: int
    field: str
    to: Any


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What stands under `key` in the JSON of `field` goes, `days` after the instant or date in
    `column`; the row and all else in it stay.

    Carried out every night, it has not to look through all years again: what is `past` days more
    is left alone.
    """

    column: str
    days: int
    field: str
    key: str
    past: int


@dataclass(frozen=True, slots=True)
class Erased:
    """The person is erased (`app.services.erasure`, `translator_end`), `days` after the instant or
    date in `column`; where that is empty they stay."""

    column: str
    days: int
    only: Callable[[], Any] | None = None
    """Which people alone; None for all."""


@dataclass(frozen=True, slots=True)
class Shortened:
    """The audit log loses its oldest entries and says so in its chain (`audit.shorten`)."""

    column: str
    days: int


Rule = Until | Gone | Emptied | Forgotten | Erased | Shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One table: which of its columns tell of a person, and when its rows go."""

    table: type[BaseModel]
    personal: str = ""
    """Names of fields, with spaces between: what tells of a person."""
    sealed: str = ""
    """What opens something: never shown, in nobody's file."""
    sensitive: str = ""
    """Of the personal ones, those of GDPR 9: each reading by another is written to the log."""
    plain: str = ""
    """All others."""
    about: tuple[str, ...] = ()
    """The ways to the person a row is about: `mediator`, `user`, `calendar.mediator`."""
    rules: tuple[Rule, ...]

    def fields(self) -> tuple[str, ...]:
        return tuple(f"{self.personal} {self.sealed} {self.plain}".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is kept for one purpose (GDPR 30), in words for people."""

    key: str
    name: Any
    what: Any
    why: Any
    ground: Ground
    basis: Any
    """The articles, as they are cited."""
    readers: Any
    kept: tuple[Kept, ...]
