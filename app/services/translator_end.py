"""External translators who are called no more: taking who they are out of the records.

They have no account and stand in no roster: their own rows are all there is, and the calls they
helped in, which stay under a number with what they cost.
"""

from __future__ import annotations

import datetime as dt

from app.i18n import _
from app.models import Translator, TranslatorHours, TranslatorLanguage, database
from app.services import audit
from app.services.erasure import ErasurePage, number_of
from app.services.errors import Conflict, InputFault, Invalid
from app.services.rights import Actor
from app.services.translators import TranslatorView, translator_to_edit


def translator_page(actor: Actor, translator_id: int, now: dt.datetime) -> ErasurePage:
    """Whom the actor may erase, and what stands against it. Raises NotFound, Forbidden."""
    one = translator_to_edit(actor, translator_id)
    return ErasurePage(one.name, _refusal(one, now), None)


def erase_translator(actor: Actor, translator_id: int, typed: str, now: dt.datetime) -> None:
    """Erase a translator who has ended. `typed` is their name, as a confirmation.

    Raises Invalid for another, Conflict before they ended or when it is done already, NotFound,
    Forbidden.
    """
    with database.atomic():
        page = translator_page(actor, translator_id, now)
        if page.refusal:
            raise Conflict(page.refusal)
        if typed.strip() != page.name:
            raise Invalid([InputFault("name", typed, _("the name exactly as it stands above"))])
        erase_record(actor, translator_id, now)


def erase_record(actor: Actor, translator_id: int, now: dt.datetime) -> None:
    """Erase a translator whom the caller has checked. In a transaction."""
    for table in (TranslatorLanguage, TranslatorHours):
        table.delete().where(table.translator == translator_id).execute()
    number = number_of("translator", translator_id)
    Translator.update(name=number, phone="", active=False, erased_at=now).where(
        Translator.id == translator_id
    ).execute()
    audit.record(actor, "translator.erase", "translator", translator_id, now)


def _refusal(one: TranslatorView, now: dt.datetime) -> str:
    if one.erased:
        return _("This record was erased already.")
    if not one.has_ended(now):
        return _("They are still called: write first when it ended.")
    return ""
