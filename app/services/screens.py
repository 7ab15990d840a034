"""Screens of an office: an address that shows "now", or the numbers called, without signing in.

Revocable, kept hashed."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from app.i18n import LANGUAGES, _, language_called
from app.models import Office, Screen, Shows, database
from app.services import audit
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.keyring import hash_of
from app.services.now_view import NowPage, page_of
from app.services.queue_view import WaitingBoard, waiting_board
from app.services.rights import Actor, require_any_coordinator, require_coordinator

USED_EVERY = dt.timedelta(minutes=5)
"""How often the last use is noted: a screen asks twice a minute."""


@dataclass(frozen=True, slots=True)
class ScreenView:
    id: int
    name: str
    office_name: str
    shows: Shows
    created_at: dt.datetime
    revoked_at: dt.datetime | None
    used_at: dt.datetime | None


def create_screen(
    actor: Actor,
    office_id: int,
    name: str,
    locale: str,
    now: dt.datetime,
    shows: str = Shows.NOW,
) -> tuple[int, str]:
    """A screen of an office the actor coordinates: its id and its token, told this once.

    Raises Invalid, Forbidden.
    """
    require_any_coordinator(actor)
    office = Office.get_or_none(Office.id == office_id, Office.active)
    faults = Faults()
    if office is None:
        faults.add("office_id", office_id, _("an office"))
    else:
        require_coordinator(actor, office_id)
    faults.text("name", name)
    faults.one_of("locale", locale, LANGUAGES)
    faults.one_of("shows", shows, tuple(Shows))
    faults.raise_any()
    code = office.code if office else ""
    token = secrets.token_urlsafe(32)
    with database.atomic():
        row = Screen.create(
            name=name.strip(),
            office=office,
            locale=locale,
            shows=Shows(shows),
            token_hash=hash_of(token),
            created_at=now,
            created_by=actor.user_id,
        )
        audit.record(actor, "screen.create", "screen", row.id, now, office=code)
    return int(row.id), token


def revoke_screen(actor: Actor, screen_id: int, now: dt.datetime) -> None:
    """From now on the address shows nothing. Raises NotFound, Forbidden."""
    require_any_coordinator(actor)
    row = Screen.get_or_none(Screen.id == screen_id)
    if row is None:
        raise NotFound
    require_coordinator(actor, row.office_id)
    with database.atomic():
        Screen.update(revoked_at=now).where(
            Screen.id == screen_id, Screen.revoked_at.is_null()
        ).execute()
        audit.record(actor, "screen.revoke", "screen", screen_id, now)


def list_screens(actor: Actor) -> tuple[ScreenView, ...]:
    """The screens of the actor's offices, those in use first."""
    require_any_coordinator(actor)
    query = Screen.select(Screen, Office).join(Office)
    if actor.office_ids is not None:
        query = query.where(Screen.office.in_(list(actor.office_ids)))
    rows = query.order_by(Screen.revoked_at.is_null(False), Office.position, Screen.id)
    return tuple(
        ScreenView(
            id=row.id,
            name=row.name,
            office_name=row.office.name,
            shows=row.shows,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
            used_at=row.used_at,
        )
        for row in rows
    )


def screen_page(token: str, now: dt.datetime) -> NowPage | WaitingBoard:
    """What a screen shows; NotFound for an unknown or revoked token."""
    row = Screen.get_or_none(Screen.token_hash == hash_of(token), Screen.revoked_at.is_null())
    if row is None or not row.office.active:
        raise NotFound
    if row.used_at is None or now - row.used_at >= USED_EVERY:
        Screen.update(used_at=now).where(Screen.id == row.id).execute()
    if row.shows == Shows.WAITING:
        return waiting_board(row.office, now)
    return page_of(row.office, now)


def screen_locale(token: str) -> str:
    """The language of a screen. Raises NotFound."""
    row = Screen.get_or_none(Screen.token_hash == hash_of(token), Screen.revoked_at.is_null())
    if row is None:
        raise NotFound
    return language_called(row.locale).code
