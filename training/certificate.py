"""Certificate numbers: short enough to read out, impossible to guess, hard to mistype.

`ESC-7K3Q-9MZ2-R8VX-4D0T-41`: eighty random bits in Crockford's base 32 (no I, L, O or U), then
two check digits: the body read as one number in base 32, times 100, plus the check, leaves 1 when
divided by 97. That is the MOD 97-10 of ISO/IEC 7064, but on one digit a character: the letters of
IBAN count as two digits, and then some swaps of neighbours go unseen. As 97 is a prime that
divides neither 31 nor 32, every single wrong character and every swap of neighbours is found.
"""

from __future__ import annotations

from training.faults import refuse

RANDOM_BYTES = 10
PREFIX = "ESC"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = RANDOM_BYTES * 8 // 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def certificate_number(random_bytes: bytes) -> str:
    """The number for ten random bytes (`secrets.token_bytes(10)`); different bytes, different
    numbers. Raises `TrainingFault` for any other length."""
    if len(random_bytes) != RANDOM_BYTES:
        raise refuse("certificate number", "random bytes", len(random_bytes), str(RANDOM_BYTES))
    value = int.from_bytes(random_bytes)
    body = "".join(_ALPHABET[value >> 5 * place & 31] for place in range(_CHARACTERS - 1, -1, -1))
    return _written(body, _check_digits(body))


def read_number(text: str) -> str | None:
    """The number as it is kept, from what somebody typed; None where it cannot be one.

    Case, spaces, dashes and a missing prefix do not matter; O is read as 0, I and L as 1. A
    number that passes may still never have been given to anybody: 97 in a hundred guesses fail
    here, the rest in the register.
    """
    letters = "".join(one for one in text.upper() if one not in " -\u2013\u00a0\t\r\n")
    letters = letters.removeprefix(PREFIX) if len(letters) > _CHARACTERS + 2 else letters
    letters = letters.translate(_READ_AS)
    body, check = letters[:_CHARACTERS], letters[_CHARACTERS:]
    if len(letters) != _CHARACTERS + 2 or any(one not in _ALPHABET for one in body):
        return None
    return _written(body, check) if check == _check_digits(body) else None


def _check_digits(body: str) -> str:
    value = 0
    for one in body:
        value = value * len(_ALPHABET) + _ALPHABET.index(one)
    return f"{(1 - value * 100) % 97:02}"


def _written(body: str, check: str) -> str:
    groups = [body[place : place + 4] for place in range(0, _CHARACTERS, 4)]
    return "-".join([PREFIX, *groups, check])
