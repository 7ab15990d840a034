"""The languages that the network knows: those of its people, those of external translators.

A language that only translators hold is there to be called in; what is foreseen and published by
language goes by those that are spoken at the centres or were asked for there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from peewee import fn

from app.models import (
    Arrival,
    Language,
    Mediator,
    MediatorLanguage,
    Translator,
    TranslatorLanguage,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.rights import Actor, require_coordinator


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """A language, and how many of the network's people and of the translators in use speak it."""

    code: str
    name_pt: str
    name_en: str
    mediators: int
    translators: int


def language_list(actor: Actor) -> list[LanguageLine]:
    """Every language, in order. Network coordinators only."""
    require_coordinator(actor)
    people = _counts(
        MediatorLanguage.select(MediatorLanguage.language, fn.COUNT(MediatorLanguage.id))
        .join(Mediator)
        .where(Mediator.active)
        .group_by(MediatorLanguage.language)
    )
    helpers = _counts(
        TranslatorLanguage.select(TranslatorLanguage.language, fn.COUNT(TranslatorLanguage.id))
        .join(Translator)
        .where(Translator.active)
        .group_by(TranslatorLanguage.language)
    )
    return [
        LanguageLine(
            row.code, row.name_pt, row.name_en, people.get(row.code, 0), helpers.get(row.code, 0)
        )
        for row in Language.select().order_by(Language.position, Language.code)
    ]


def create_language(
    actor: Actor,
    code: str,
    name_pt: str,
    name_en: str,
    now: dt.datetime,
    position: int | None = None,
) -> str:
    """Add a language by its BCP 47 code, by default after the others. Raises Invalid."""
    require_coordinator(actor)
    faults = Faults()
    taken = Language.get_or_none(Language.code == code) is not None
    faults.code("code", code, taken)
    faults.length("code", code, 16)
    _check_names(faults, name_pt, name_en)
    faults.raise_any()
    with database.atomic():
        last = Language.select(fn.MAX(Language.position)).scalar()
        Language.create(
            code=code,
            name_pt=name_pt.strip(),
            name_en=name_en.strip(),
            position=int(last or 0) + 1 if position is None else position,
        )
        audit.record(actor, "language.create", "language", code, now)
    return code


def rename_language(actor: Actor, code: str, name_pt: str, name_en: str, now: dt.datetime) -> None:
    """Call a language otherwise; its code stays. Raises Invalid, NotFound."""
    require_coordinator(actor)
    if Language.get_or_none(Language.code == code) is None:
        raise NotFound
    faults = Faults()
    _check_names(faults, name_pt, name_en)
    faults.raise_any()
    with database.atomic():
        names = {"name_pt": name_pt.strip(), "name_en": name_en.strip()}
        Language.update(names).where(Language.code == code).execute()
        audit.record(actor, "language.rename", "language", code, now)


def centre_languages() -> list[str]:
    """Codes of the languages that the network's people speak or visitors came in, in order."""
    spoken = MediatorLanguage.select(MediatorLanguage.language)
    # Each is looked up, and not a year of arrivals read for the few languages in them.
    came = fn.EXISTS(Arrival.select(Arrival.id).where(Arrival.language == Language.code))
    rows = Language.select().where(Language.code.in_(spoken) | came)
    return [row.code for row in rows.order_by(Language.position, Language.code)]


def translators_only() -> set[str]:
    """Codes of the languages that translators hold and none of the network's people."""
    spoken = MediatorLanguage.select(MediatorLanguage.language)
    rows = (
        TranslatorLanguage.select(TranslatorLanguage.language)
        .where(TranslatorLanguage.language.not_in(spoken))
        .distinct()
    )
    return {row.language_id for row in rows}


def _check_names(faults: Faults, name_pt: str, name_en: str) -> None:
    faults.text("name_pt", name_pt)
    faults.text("name_en", name_en)


def _counts(query: object) -> dict[str, int]:
    return {code: int(count) for code, count in query.tuples()}  # type: ignore[attr-defined]
