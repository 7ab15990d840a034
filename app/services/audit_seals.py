"""How an entry of the audit log is bound to the one before, and what a chain of them shows.

A plain hash was what every entry had before there were seals: whoever can write the table can
work it out anew. A seal is made with a key that follows from the service's secret key; it names
the key by a fingerprint, so that entries of a key that was changed are told from forged ones.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from dataclasses import dataclass

from app.models import AuditEntry

_MARK = "k"
_PRINT = 8
"""Characters of a key's fingerprint."""
_key: bytes | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Where the log ends: its newest entry, and how many there are. An empty one has id 0."""

    id: int
    hash: str
    count: int

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What looking through the whole log showed."""

    broken: int | None
    """The first entry that does not follow from the one before, None where all do."""
    sealed: int
    plain: int
    """Entries from before there were seals: who has the database could have written them anew."""
    foreign: int
    """Sealed with another key: only that they follow each other can be seen."""


def use_key(key: bytes | None) -> None:
    """Seal the entries of this process with `key`; None: plain hashes, as before seals."""
    global _key
    _key = key


def bind(entry: AuditEntry) -> str:
    """What binds a new entry to the one it names as its previous."""
    return plain_hash(entry) if _key is None else _seal(entry, _key)


def kind_of(entry: AuditEntry) -> str:
    """`plain`, `sealed` with the key in hand, or `foreign`."""
    if not entry.hash.startswith(_MARK):
        return "plain"
    if _key is not None and entry.hash.startswith(f"{_MARK}{_fingerprint(_key)}."):
        return "sealed"
    return "foreign"


def is_sound(entry: AuditEntry) -> bool:
    """Whether an entry is what it was when it was bound; of a foreign one nothing is known."""
    match kind_of(entry):
        case "plain":
            return hmac.compare_digest(entry.hash, plain_hash(entry))
        case "sealed":
            return _key is not None and hmac.compare_digest(entry.hash, _seal(entry, _key))
    return True


def plain_hash(entry: AuditEntry) -> str:
    return hashlib.sha256(_told(entry)).hexdigest()


def _seal(entry: AuditEntry, key: bytes) -> str:
    made = base64.urlsafe_b64encode(hmac.new(key, _told(entry), hashlib.sha256).digest())
    return f"{_MARK}{_fingerprint(key)}.{made.decode().rstrip('=')}"


def _fingerprint(key: bytes) -> str:
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:_PRINT]


def _told(entry: AuditEntry) -> bytes:
    told = [
        entry.previous_hash,
        entry.at.astimezone(dt.UTC).isoformat(),
        entry.user_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.details,
    ]
    return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()
