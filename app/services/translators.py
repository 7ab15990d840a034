"""External translators: called when a language has nobody in the network, never rostered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import (
    Language,
    Office,
    OfficeKind,
    Translator,
    TranslatorHours,
    TranslatorLanguage,
    database,
)
from app.models.written import written
from app.services import arrivals, audit
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.names import sorting_key
from app.services.places import Hours
from app.services.places_check import check_hours
from app.services.rights import Actor, require_any_coordinator, require_coordinator

PRICE_MOST_CENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatorFacts:
    """What is known of a translator. `price_cents` is of each minute begun; the hours are those on
    call, of the wall clock of the telephone service."""

    office_id: int
    name: str
    phone: str = ""
    price_cents: int
    languages: tuple[str, ...]
    hours: tuple[Hours, ...] = ()
    active: bool = True
    ended_on: dt.date | None = None
    """The last day they are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatorView(TranslatorFacts):
    id: int
    zone: str
    erased: bool = False

    def has_ended(self, now: dt.datetime) -> bool:
        """Whether their last day is over, by the wall clock of the telephone service."""
        return (
            self.ended_on is not None and self.ended_on < now.astimezone(ZoneInfo(self.zone)).date()
        )

    def on_call_until(self, now: dt.datetime) -> dt.datetime | None:
        """The end of the hours on call that `now` lies in; None outside of them."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        ends = [
            one.closes_minute
            for one in self.hours
            if one.weekday == local.weekday() and one.opens_minute <= minute < one.closes_minute
        ]
        if not self.active or self.has_ended(now) or not ends:
            return None
        midnight = dt.datetime.combine(local.date(), dt.time(), local.tzinfo)
        day, rest = divmod(max(ends), 24 * 60)
        end = midnight + dt.timedelta(days=day)
        return end.replace(hour=rest // 60, minute=rest % 60).astimezone(dt.UTC)


def telephone_services(actor: Actor, now: dt.datetime) -> list[Office]:
    """The telephone services whose calls the actor takes today, or coordinates."""
    rows = _telephone_services()
    logged = arrivals.offices_logged(actor, now) if rows else None
    return [one for one in rows if logged is None or one.id in logged]


@written
def _telephone_services() -> Any:
    query = Office.select().where(Office.active, Office.kind == OfficeKind.TELEPHONE)
    return query.order_by(Office.position, Office.name)


def list_translators(actor: Actor, now: dt.datetime) -> list[TranslatorView]:
    """The translators of the actor's telephone services, those in use first, by name; without
    those who were erased."""
    mine = [one.id for one in telephone_services(actor, now)]
    if not mine:
        raise Forbidden
    found = _views(Translator.office.in_(mine) & Translator.erased_at.is_null())
    return sorted(found, key=lambda one: (not one.active, sorting_key(one.name)))


def on_call(now: dt.datetime) -> list[tuple[TranslatorView, dt.datetime]]:
    """Who can be called now and until when, of all the network, the cheapest first.

    For the ladder: it asks for no actor, as who is at work elsewhere is told without one.
    """
    found = [
        (one, until)
        for one in _views(Translator.active)
        if (until := one.on_call_until(now)) is not None
    ]
    return sorted(found, key=lambda one: (one[0].price_cents, sorting_key(one[0].name)))


def translator_to_edit(actor: Actor, translator_id: int) -> TranslatorView:
    """One translator, for who coordinates their telephone service. Raises NotFound, Forbidden."""
    require_any_coordinator(actor)
    row = _row(translator_id)
    require_coordinator(actor, row.office_id)
    return _views(Translator.id == row.id)[0]


def create_translator(actor: Actor, facts: TranslatorFacts, now: dt.datetime) -> int:
    """Add a translator; the id. Raises Invalid, Forbidden."""
    require_any_coordinator(actor)
    _check(actor, facts, now)
    with database.atomic():
        row = Translator.create(**_columns(facts))
        _replace_children(row.id, facts)
        audit.record(actor, "translator.create", "translator", row.id, now)
    return int(row.id)


def edit_translator(
    actor: Actor, translator_id: int, facts: TranslatorFacts, now: dt.datetime
) -> None:
    """Put `facts` in place of what was known. Calls already logged keep what they cost.

    Raises Invalid, NotFound, Forbidden, and Conflict for one who was erased.
    """
    if translator_to_edit(actor, translator_id).erased:
        raise Conflict(_("This record was erased already."))
    _check(actor, facts, now)
    with database.atomic():
        Translator.update(**_columns(facts)).where(Translator.id == translator_id).execute()
        _replace_children(translator_id, facts)
        audit.record(actor, "translator.edit", "translator", translator_id, now)


def _check(actor: Actor, facts: TranslatorFacts, now: dt.datetime) -> None:
    faults = Faults()
    offices = {one.id for one in telephone_services(actor, now)}
    if faults.one_of("office_id", facts.office_id, offices):
        require_coordinator(actor, facts.office_id)
    faults.text("name", facts.name)
    faults.length("phone", facts.phone, 32)
    faults.whole("price_cents", facts.price_cents, 0, PRICE_MOST_CENTS)
    known = {row.code for row in Language.select(Language.code)}
    if not facts.languages:
        faults.add("languages", "", _("at least one language"))
    for code in facts.languages:
        faults.one_of("languages", code, known)
    check_hours(faults, facts.hours)
    faults.raise_any()


def _columns(facts: TranslatorFacts) -> dict[str, object]:
    return {
        "office": facts.office_id,
        "name": facts.name.strip(),
        "phone": facts.phone.strip(),
        "price_cents": facts.price_cents,
        "active": facts.active,
        "ended_on": facts.ended_on,
    }


def _replace_children(translator_id: int, facts: TranslatorFacts) -> None:
    for table in (TranslatorLanguage, TranslatorHours):
        table.delete().where(table.translator == translator_id).execute()
    for code in dict.fromkeys(facts.languages):
        TranslatorLanguage.create(translator=translator_id, language=code)
    for one in facts.hours:
        TranslatorHours.create(
            translator=translator_id,
            weekday=one.weekday,
            opens_minute=one.opens_minute,
            closes_minute=one.closes_minute,
        )


def _row(translator_id: int) -> Translator:
    row = Translator.get_or_none(Translator.id == translator_id)
    if row is None:
        raise NotFound
    return row


def _views(wanted: object) -> list[TranslatorView]:
    rows = list(Translator.select(Translator, Office).join(Office).where(wanted))
    ids = [row.id for row in rows]
    spoken: defaultdict[int, list[str]] = defaultdict(list)
    for translator_id, code in _spoken(ids):
        spoken[translator_id].append(code)
    hours: defaultdict[int, list[Hours]] = defaultdict(list)
    for translator_id, *span in _hours(ids):
        hours[translator_id].append(Hours(*span))
    return [
        TranslatorView(
            id=row.id,
            office_id=row.office_id,
            zone=row.office.zone,
            name=row.name,
            phone=row.phone,
            price_cents=row.price_cents,
            active=row.active,
            ended_on=row.ended_on,
            erased=row.erased_at is not None,
            languages=tuple(spoken[row.id]),
            hours=tuple(hours[row.id]),
        )
        for row in rows
    ]


@written
def _spoken(translator_ids: Any) -> Any:
    query = TranslatorLanguage.select(TranslatorLanguage.translator, TranslatorLanguage.language)
    query = query.join(Language).where(TranslatorLanguage.translator.in_(translator_ids))
    return query.order_by(Language.position, Language.code).tuples()


@written
def _hours(translator_ids: Any) -> Any:
    times = TranslatorHours.weekday, TranslatorHours.opens_minute, TranslatorHours.closes_minute
    query = TranslatorHours.select(TranslatorHours.translator, *times)
    query = query.where(TranslatorHours.translator.in_(translator_ids))
    return query.order_by(TranslatorHours.weekday, TranslatorHours.opens_minute).tuples()
