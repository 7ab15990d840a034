"""Validation shared by the services: every fault of an input is collected, then raised at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.i18n import _
from app.services.errors import InputFault, Invalid

SLOT_MINUTES = 30
"""Arrivals are counted, offices open and shifts begin on this grid of the wall clock."""
DAY_MINUTES = 24 * 60
_CODE = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ENDS_OF_LINES = re.compile("[\t\n\r\u2028\u2029]")


def is_keepable(text: str) -> bool:
    """Whether a database can keep `text`: PostgreSQL keeps no NUL, and nothing encodes half a
    surrogate pair, which only JSON can spell."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def is_printable(text: str, lines: bool = False) -> bool:
    """Whether `text` holds no control character and no end of a line, which no header of a mail
    and no sheet can hold; of several `lines`, their ends and tabs pass.

    Marks of direction and joiners pass: names are written with them.
    """
    return not _UNPRINTABLE.search(_ENDS_OF_LINES.sub("", text) if lines else text)


def without_unprintable(text: str) -> str:
    """What is left of a text kept before these were refused; ends of lines stay."""
    return _UNPRINTABLE.sub(lambda one: one[0] if _ENDS_OF_LINES.match(one[0]) else "", text)


class Faults:
    """Collects the faults of one input. `raise_any` raises Invalid if there are some."""

    def __init__(self) -> None:
        self.found: list[InputFault] = []

    def add(self, field: str, value: Any, expected: str) -> None:
        self.found.append(InputFault(field, value, expected))

    def raise_any(self) -> None:
        if self.found:
            raise Invalid(self.found)

    def text(self, field: str, value: str, most: int = 255, lines: bool = False) -> None:
        """Not empty, not longer than the column, printable; of one line or of several `lines`."""
        if not value.strip():
            self.add(field, value, _("a text"))
        else:
            self.length(field, value, most, lines)

    def length(self, field: str, value: str, most: int = 255, lines: bool = False) -> None:
        """As `text`, and empty if need be."""
        if len(value) > most:
            self.add(field, value, _("at most %(n)d characters", n=most))
        elif lines and not is_printable(value, lines=True):
            self.add(field, value, _("a text without control characters"))
        elif not lines and not is_printable(value):
            self.add(field, value, _("one line without control characters"))

    def code(self, field: str, value: str, taken: bool) -> None:
        """A code: short, lower case, not `taken` by another object of the kind."""
        if not _CODE.fullmatch(value) or len(value) > 32:
            self.add(field, value, _("1 to 32 of a–z, 0–9, - and _"))
        elif taken:
            self.add(field, value, _("a code that nothing else has"))

    def press(self, field: str, value: str) -> None:
        """The id of a press, drawn by the page; sent twice, it is done once."""
        if not value.isalnum() or not 8 <= len(value) <= 64:
            self.add(field, value, _("8 to 64 letters and digits"))

    def whole(self, field: str, value: int, least: int, most: int, step: int = 1) -> bool:
        """A whole number of `[least, most]`, a multiple of `step`; True when it is."""
        sound = type(value) is int and least <= value <= most and value % step == 0
        if not sound and step == 1:
            expected = _("a whole number from %(least)d to %(most)d", least=least, most=most)
            self.add(field, value, expected)
        elif not sound:
            expected = _(
                "a multiple of %(step)d from %(least)d to %(most)d",
                step=step, least=least, most=most,
            )  # fmt: skip
            self.add(field, value, expected)
        return sound

    def one_of(self, field: str, value: Any, known: Collection[Any]) -> bool:
        if value in known:
            return True
        shown = sorted(map(str, known))
        listed = ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "")
        self.add(field, value, _("one of %(values)s", values=listed) if shown else _("nothing yet"))
        return False

    def email(self, field: str, value: str) -> None:
        """Empty, or a mail address by its form."""
        if not value:
            return
        try:
            validate_email(value, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            self.add(field, value, _("a mail address such as ana@example.org"))

    def minutes_of_day(self, prefix: str, opens: int, closes: int) -> bool:
        """Two minutes of a wall-clock day on the half hour, the first before the second."""
        sound = self.whole(f"{prefix}opens_minute", opens, 0, DAY_MINUTES, SLOT_MINUTES)
        sound &= self.whole(f"{prefix}closes_minute", closes, 0, DAY_MINUTES, SLOT_MINUTES)
        if sound and opens >= closes:
            self.add(f"{prefix}closes_minute", closes, _("a time after it opens"))
        return sound and opens < closes

    def dates(self, first: dt.date, last: dt.date | None, last_field: str) -> None:
        if last is not None and last < first:
            self.add(last_field, last, _("not before %(date)s", date=first.isoformat()))

    def instants(self, starts_at: dt.datetime, ends_at: dt.datetime, longest: dt.timedelta) -> None:
        """Aware, in order, not further apart than `longest`."""
        naive = False
        for field, value in (("starts_at", starts_at), ("ends_at", ends_at)):
            if value.tzinfo is None:
                self.add(field, value, _("a time with its time zone"))
                naive = True
        if naive:
            return
        if ends_at <= starts_at:
            self.add("ends_at", ends_at, _("a time after the start"))
        elif ends_at - starts_at > longest:
            self.add("ends_at", ends_at, _("at most %(n)d days after the start", n=longest.days))

    def unique(self, field: str, values: Iterable[Any]) -> None:
        """Each value once; the second and later ones are faults at `field.index`."""
        seen: set[Any] = set()
        for index, value in enumerate(values):
            if value in seen:
                self.add(f"{field}.{index}", value, _("each one once"))
            seen.add(value)
