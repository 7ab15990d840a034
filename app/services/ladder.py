"""Whom to turn to when nobody at a desk speaks a visitor's language, the nearest help first.

A rung is a function of who is at hand now, the language and the instant; to add one write it and
put it into `RUNGS` at its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.models import OfficeKind
from app.services import translators
from app.services.presence import Present

EACH_MOST = 2
"""Names told on one rung: a screen is read from afar."""


class RungKind(StrEnum):
    QUIET = "quiet"
    """Somebody at another centre whom it would not miss now."""
    COLLEAGUE = "colleague"
    """Somebody at another centre, by phone."""
    TELEPHONE = "telephone"
    """The telephone translation service."""
    TRANSLATOR = "translator"
    """An external translator on call, who costs by the minute."""


@dataclass(frozen=True, slots=True)
class Help:
    """Somebody who can be asked now, and until when."""

    kind: RungKind
    name: str
    place: str
    until: dt.datetime
    zone: str
    phone: str = ""
    price_cents: int | None = None
    """For each minute; None for who costs nothing more."""


OnCall = tuple[translators.TranslatorView, dt.datetime]


@dataclass(frozen=True, slots=True)
class AtHand:
    """Whom the rungs choose from now."""

    present: tuple[Present, ...]
    """At work in the network."""
    on_call: tuple[OnCall, ...]
    """External translators, each with until when, the cheapest first."""


Rung = Callable[[AtHand, str, int, dt.datetime], Iterable[Help]]
"""(who is at hand, language, the office that asks, now) → help in order."""


def quiet_colleagues(
    at_hand: AtHand, language: str, office_id: int, now: dt.datetime
) -> Iterable[Help]:
    """Who is at another centre that would not miss them now: cover there is above what is asked."""
    there = _elsewhere(at_hand.present, language, office_id, now)
    return _help(RungKind.QUIET, (one for one in there if one.spare))


def colleagues_elsewhere(
    at_hand: AtHand, language: str, office_id: int, now: dt.datetime
) -> Iterable[Help]:
    """Who receives at another centre now, where they are needed, and stays longest."""
    there = _elsewhere(at_hand.present, language, office_id, now)
    return _help(
        RungKind.COLLEAGUE,
        (one for one in there if one.office_kind != OfficeKind.TELEPHONE and not one.spare),
    )


def telephone_service(
    at_hand: AtHand, language: str, office_id: int, now: dt.datetime
) -> Iterable[Help]:
    """Who is on the telephone translation service now."""
    there = _elsewhere(at_hand.present, language, office_id, now)
    return _help(
        RungKind.TELEPHONE, (one for one in there if one.office_kind == OfficeKind.TELEPHONE)
    )


def external_translators(
    at_hand: AtHand, language: str, office_id: int, now: dt.datetime
) -> Iterable[Help]:
    """Who is on call now outside the network, the cheapest first."""
    del office_id, now  # they answer for every office
    speaking = [one for one in at_hand.on_call if language in one[0].languages]
    return [
        Help(RungKind.TRANSLATOR, one.name, "", until, one.zone, one.phone, one.price_cents)
        for one, until in speaking[:EACH_MOST]
    ]


RUNGS: tuple[Rung, ...] = (
    quiet_colleagues,
    colleagues_elsewhere,
    telephone_service,
    external_translators,
)


def ladder(
    present: Iterable[Present],
    language: str,
    office_id: int,
    now: dt.datetime,
    on_call: Iterable[OnCall] | None = None,
) -> tuple[Help, ...]:
    """All help for a language, rung by rung; empty where the network has nobody now.

    `on_call`: `translators.on_call(now)`, where it was read already.
    """
    called = translators.on_call(now) if on_call is None else on_call
    at_hand = AtHand(tuple(present), tuple(called))
    return tuple(one for rung in RUNGS for one in rung(at_hand, language, office_id, now))


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
