"""Passwords: how they are kept, and which are taken."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.i18n import _
from app.services.errors import InputFault

LEAST, MOST = 10, 200
"""Characters. The most bounds what a hash may cost."""
NONE = ""
"""Of an account that has no password: its owner was just invited, or signs in by passkey."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_decoy = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether `password` is the one kept. Takes as long where there is none to compare with."""
    try:
        return _hasher.verify(kept or _decoy, password[:MOST]) and bool(kept)
    except (VerifyMismatchError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with less effort than is asked for now."""
    return _hasher.check_needs_rehash(kept)


def faults(field: str, password: str, *personal: str) -> list[InputFault]:
    """What is wrong with a password someone chose; `personal` are words it must not be made of.

    Length is what counts (NIST SP 800-63B, 5.1.1.2): no rules on digits or signs.
    """
    if not LEAST <= len(password) <= MOST:
        return [InputFault(field, "…", _("%(n)d to %(most)d characters", n=LEAST, most=MOST))]
    plain = password.casefold()
    known = {word.casefold() for word in personal if len(word) > 3}
    if any(plain.startswith(word) and len(plain) - len(word) < 4 for word in known):
        return [InputFault(field, "…", _("something else than your name or address"))]
    if len(set(plain)) < 4 or plain in _COMMON:
        return [InputFault(field, "…", _("something that is harder to guess"))]
    return []


_COMMON = frozenset(
    [
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789a",
        "qwertyuiop",
        "password123",
        "palavrapasse",
        "palavra-passe",
        "password1234",
        "administrador",
        "coordenador",
        "qwerty12345",
        "portugal2026",
        "benfica1904",
        "1q2w3e4r5t",
        "passwordpassword",
    ]
)
