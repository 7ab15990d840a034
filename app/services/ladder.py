"""Whom to turn to when nobody at a desk speaks a visitor's language, the nearest help first.

A rung is a function of who is at work now, the language and the instant; to add one (say, a list
of external translators) write it and put it into `RUNGS` at its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.models import OfficeKind
from app.services.presence import Present

EACH_MOST = 2
"""Names told on one rung: a screen is read from afar."""


class RungKind(StrEnum):
    COLLEAGUE = "colleague"
    """Somebody at another centre, by phone."""
    TELEPHONE = "telephone"
    """The telephone translation service."""


@dataclass(frozen=True, slots=True)
class Help:
    """Somebody who can be asked now, and until when."""

    kind: RungKind
    name: str
    place: str
    until: dt.datetime
    zone: str


Rung = Callable[[Iterable[Present], str, int, dt.datetime], Iterable[Help]]
"""(who is at work in the network, language, the office that asks, now) → help in order."""


def colleagues_elsewhere(
    present: Iterable[Present], language: str, office_id: int, now: dt.datetime
) -> Iterable[Help]:
    """Who receives at another centre now and stays longest."""
    there = _elsewhere(present, language, office_id, now)
    return _help(
        RungKind.COLLEAGUE, (one for one in there if one.office_kind != OfficeKind.TELEPHONE)
    )


def telephone_service(
    present: Iterable[Present], language: str, office_id: int, now: dt.datetime
) -> Iterable[Help]:
    """Who is on the telephone translation service now."""
    there = _elsewhere(present, language, office_id, now)
    return _help(
        RungKind.TELEPHONE, (one for one in there if one.office_kind == OfficeKind.TELEPHONE)
    )


RUNGS: tuple[Rung, ...] = (colleagues_elsewhere, telephone_service)


def ladder(
    present: Iterable[Present], language: str, office_id: int, now: dt.datetime
) -> tuple[Help, ...]:
    """All help for a language, rung by rung; empty where the network has nobody now."""
    people = tuple(present)
    return tuple(one for rung in RUNGS for one in rung(people, language, office_id, now))


def _elsewhere(
    present: Iterable[Present], language: str, office_id: int, now: dt.datetime
) -> Iterable[Present]:
    """Who receives in the language now, at any office but that one."""
    return (
        one
        for one in present
        if language in one.languages and one.serves(now) and one.office_id != office_id
    )


def _help(kind: RungKind, people: Iterable[Present]) -> list[Help]:
    longest = sorted(people, key=lambda one: (-one.ends_at.timestamp(), one.name))
    return [
        Help(kind, one.name, one.office_name, one.ends_at, one.zone) for one in longest[:EACH_MOST]
    ]
