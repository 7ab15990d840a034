"""Arrivals sent by another system: its key, how often it may send, and each request once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Case, IntegrityError

from app.i18n import _
from app.models import ApiKey, IdempotencyKey, Language, Office, Role, database
from app.services import arrivals, audit, intake, outcomes
from app.services.arrivals import VISITORS_MOST, ArrivalRow
from app.services.checks import Faults
from app.services.errors import Forbidden, NotFound
from app.services.keyring import hash_of
from app.services.needs import GENERAL, NEEDS
from app.services.outcomes import Ending, OutcomeCell, Tally
from app.services.rights import SYSTEM, Actor

PREFIX = "escala_"
REQUESTS_A_MINUTE = 120
ARRIVALS_MOST = 1_000
REMEMBERED = dt.timedelta(days=intake.PRESS_KEY_DAYS)
_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_.-]{8,64}")
FIRST_YEAR = 2000
_FIELDS = {
    "office", "starts_at", "language", "need", "visitors",
    "outcome", "wait_minutes", "service_minutes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyView:
    id: int
    name: str
    offices: tuple[str, ...]
    """Codes."""
    created_at: dt.datetime
    revoked_at: dt.datetime | None
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One arrival of a request, sound: visitors alike, all of whose visits ended so, if known."""

    cell: OutcomeCell
    visitors: int
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a request. `visitors` is what it counted, now or when it first came."""

    visitors: int
    replayed: bool


class KeyReused(Exception):
    """The idempotency key belongs to another request."""


class TooMany(Exception):
    """More requests than a minute allows."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds)
        self.wait_seconds = wait_seconds


def is_administrator(actor: Actor) -> bool:
    return Role.ADMINISTRATOR in actor.roles


def require_administrator(actor: Actor) -> None:
    if not is_administrator(actor):
        raise Forbidden


def create_key(
    actor: Actor, name: str, offices: Sequence[str], now: dt.datetime
) -> tuple[int, str]:
    """Make a key for some offices: its id and its secret, told this once. Raises Invalid."""
    require_administrator(actor)
    faults = Faults()
    faults.text("name", name)
    known = {row.code for row in Office.select(Office.code)}
    if not offices:
        faults.add("offices", "", _("at least one office"))
    for code in offices:
        faults.one_of("offices", code, known)
    faults.raise_any()
    secret = PREFIX + secrets.token_urlsafe(32)
    with database.atomic():
        row = ApiKey.create(
            name=name.strip(),
            key_hash=hash_of(secret),
            offices=sorted(set(offices)),
            created_at=now,
            created_by=actor.user_id,
        )
        audit.record(actor, "api_key.create", "api_key", row.id, now, offices=row.offices)
    return int(row.id), secret


def revoke_key(actor: Actor, key_id: int, now: dt.datetime) -> None:
    """From now on the key opens nothing. Raises NotFound."""
    require_administrator(actor)
    with database.atomic():
        changed = (
            ApiKey.update(revoked_at=now)
            .where(ApiKey.id == key_id, ApiKey.revoked_at.is_null())
            .execute()
        )
        if not changed:
            raise NotFound
        audit.record(actor, "api_key.revoke", "api_key", key_id, now)


def list_keys(actor: Actor) -> list[KeyView]:
    require_administrator(actor)
    return [
        KeyView(one.id, one.name, tuple(one.offices), one.created_at, one.revoked_at, one.used_at)
        for one in ApiKey.select().order_by(ApiKey.revoked_at.is_null(False), ApiKey.id.desc())
    ]


def key_of(secret: str) -> ApiKey | None:
    """The key that a secret opens, None when it is unknown or revoked."""
    found = ApiKey.get_or_none(ApiKey.key_hash == hash_of(secret), ApiKey.revoked_at.is_null())
    return found if secret.startswith(PREFIX) else None


def count_request(key: ApiKey, now: dt.datetime) -> None:
    """Count one request of the minute, kept even when it is refused afterwards. Raises TooMany."""
    minute = now.replace(second=0, microsecond=0)
    same = Case(None, [(ApiKey.window_starts_at == minute, ApiKey.window_requests + 1)], 1)
    with database.atomic():
        ApiKey.update(window_requests=same, window_starts_at=minute, used_at=now).where(
            ApiKey.id == key.id
        ).execute()
        counted = ApiKey.get_by_id(key.id).window_requests
    if counted > REQUESTS_A_MINUTE:
        raise TooMany(60 - now.second)


def receive(key: ApiKey, idempotency_key: str, body: Any, now: dt.datetime) -> Received:
    """Count the arrivals of a request, all or none, and once for each idempotency key.

    Raises Invalid with every fault at `arrivals.index.field`, and KeyReused.
    """
    if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        faults = Faults()
        faults.add("Idempotency-Key", idempotency_key, _("8 to 64 of a–z, A–Z, 0–9, . _ and -"))
        faults.raise_any()
    asked = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    known = _known(key, idempotency_key, asked)
    if known is not None:
        return known
    sent = _sent(key, body, now)
    visitors = sum(one.visitors for one in sent)
    try:
        with database.atomic():
            IdempotencyKey.create(
                scope=_scope(key),
                key=idempotency_key,
                request_hash=asked,
                status=201,
                answer={"visitors": visitors},
                created_at=now,
            )
            _save(sent, _scope(key))
            IdempotencyKey.delete().where(IdempotencyKey.created_at < now - REMEMBERED).execute()
            audit.record(
                SYSTEM, "arrivals.receive", "api_key", key.id, now,
                visitors=visitors, offices=sorted({one.cell.office_id for one in sent}),
            )  # fmt: skip
    except IntegrityError:
        # The same request came at the same time by another way.
        known = _known(key, idempotency_key, asked)
        if known is None:
            raise
        return known
    return Received(visitors, replayed=False)


def _known(key: ApiKey, idempotency_key: str, asked: str) -> Received | None:
    row = IdempotencyKey.get_or_none(
        IdempotencyKey.scope == _scope(key), IdempotencyKey.key == idempotency_key
    )
    if row is None:
        return None
    if row.request_hash != asked:
        raise KeyReused
    return Received(row.answer["visitors"], replayed=True)


def _save(sent: Sequence[Sent], source: str) -> None:
    arrivals.add_counts((ArrivalRow(*one.cell, one.visitors) for one in sent), source)
    tallies: defaultdict[OutcomeCell, Tally] = defaultdict(Tally)
    for one in sent:
        if one.ending is not None:
            tallies[one.cell].add(one.ending, one.visitors)
    for cell, tally in tallies.items():
        outcomes.add_tally(cell, tally, source)


def _sent(key: ApiKey, body: Any, now: dt.datetime) -> list[Sent]:
    faults = Faults()
    listed = body.get("arrivals") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= ARRIVALS_MOST:
        expected = _("a list of 1 to %(n)d arrivals", n=ARRIVALS_MOST)
        faults.add("arrivals", None if listed is None else "…", expected)
        faults.raise_any()
        return []
    offices = {
        one.code: one.id
        for one in Office.select().where(Office.code.in_(key.offices), Office.active)
    }
    languages = {one.code for one in Language.select(Language.code)}
    rows = []
    for index, one in enumerate(listed):
        before = len(faults.found)
        row = _row(faults, f"arrivals.{index}", one, offices, languages, now)
        if row is not None and len(faults.found) == before:
            rows.append(row)
    faults.raise_any()
    return rows


def _row(
    faults: Faults,
    at: str,
    one: Any,
    offices: Mapping[str, int],
    languages: set[str],
    now: dt.datetime,
) -> Sent | None:
    if not isinstance(one, dict):
        faults.add(at, one, _("an object with office, starts_at and language"))
        return None
    for name in sorted(set(one) - _FIELDS):
        faults.add(f"{at}.{name}", one[name], _("no such field; nothing personal is taken"))
    office, language = one.get("office"), one.get("language")
    need, visitors = one.get("need", GENERAL), one.get("visitors", 1)
    if not isinstance(office, str) or office not in offices:
        faults.add(f"{at}.office", office, _("the code of an office that the key may send for"))
    if not isinstance(language, str) or language not in languages:
        faults.add(f"{at}.language", language, _("the code of a language"))
    if not isinstance(need, str) or need not in NEEDS:
        faults.one_of(f"{at}.need", str(need), NEEDS)
    faults.whole(f"{at}.visitors", visitors, 1, VISITORS_MOST)
    ending = _ending(faults, at, one)
    when = _instant(one.get("starts_at"))
    if when is None:
        faults.add(f"{at}.starts_at", one.get("starts_at"), _("a time with its time zone"))
    elif when > now:
        faults.add(f"{at}.starts_at", one.get("starts_at"), _("a time that has come"))
    if when is None or not isinstance(office, str) or office not in offices:
        return None
    cell = OutcomeCell(offices[office], arrivals.half_hour(when), str(language), str(need))
    return Sent(cell, visitors, ending)


def _ending(faults: Faults, at: str, one: Mapping[str, Any]) -> Ending | None:
    """How the visit ended, where that was sent; minutes say nothing without it."""
    minutes = one.get("wait_minutes"), one.get("service_minutes")
    if one.get("outcome") is None and minutes == (None, None):
        return None
    ending = Ending(one.get("outcome", ""), *minutes)
    fields = [f"{at}.{name}" for name in ("outcome", "wait_minutes", "service_minutes")]
    outcomes.check(faults, ending, *fields)
    return ending


def _instant(text: Any) -> dt.datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year >= FIRST_YEAR else None


def _scope(key: ApiKey) -> str:
    return f"api.{key.id}"
