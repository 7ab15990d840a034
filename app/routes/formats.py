"""How dates, times and hours are written: Portugal's way or Britain's, always 24 hours."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask.sansio.app import App
from jinja2 import pass_context
from jinja2.runtime import Context

from app.i18n import LANGUAGES, _, readers_language
from app.routes import roster_words
from calendars.words import zone_words

LISBON = "Europe/Lisbon"
_TRUNK = re.compile(r"\(0\)")
"""+44 (0)20 …: a nought that is dialled within the country alone."""
_A_NUMBER = re.compile(r"\+?[0-9 .()\-\u00a0]*[0-9][0-9 .()\-\u00a0]*")
HOLD = "\u00a0"
"""The space between a figure and its unit: no line breaks there."""


def language() -> str:
    """The reader's, by its code: `pt`, `en`."""
    return readers_language().code


def _written(pattern: str, date: dt.date) -> str:
    if isinstance(date, dt.datetime):
        date = date.astimezone(ZoneInfo(LISBON)).date()
    return _written_for(language(), pattern, date)


@lru_cache(maxsize=8_000)
def _written_for(reader: str, pattern: str, date: dt.date) -> str:
    """A long page writes the same few hundred dates thousands of times."""
    written = LANGUAGES[reader]
    return format_date(date, getattr(written.dates, pattern), locale=written.locale)


def day(date: dt.date) -> str:
    """Mon 9 March."""
    return _written("day", date)


def day_short(date: dt.date) -> str:
    """Mon 9 Mar, or seg. 9/03."""
    return _written("day_short", date)


def weekday_short(date: dt.date) -> str:
    """Three letters: Mon, or seg."""
    return _written("weekday", date)[:3]


def day_long(date: dt.date) -> str:
    """Monday 9 March 2026."""
    return _written("day_long", date)


def date_full(date: dt.date) -> str:
    """9 March 2026."""
    return _written("date", date)


def month_name(date: dt.date) -> str:
    """March 2026."""
    return _written("month", date)


def month_short(date: dt.date) -> str:
    """Mar 26."""
    return _written("month_short", date)


def date_short(date: dt.date) -> str:
    """9 Mar 2026, or 09/03/2026."""
    return _written("date_short", date)


def week_of(monday: dt.date) -> str:
    """A week by its first and last day: 9 to 15 March 2026."""
    sunday = monday + dt.timedelta(days=6)
    one_month = monday.month == sunday.month
    first = _written("first_day" if one_month else "first_day_and_month", monday)
    return first + readers_language().joint + date_full(sunday)


def clock(instant: dt.datetime, zone: str = LISBON) -> str:
    """The wall clock of `zone` at that instant: 09:30."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def moment(instant: dt.datetime, zone: str = LISBON) -> str:
    """Day and wall clock: Mon 9 March, 09:30."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{_written('day', local.date())}, {local:%H:%M}"


def away(starts_at: dt.datetime, ends_at: dt.datetime, zone: str = LISBON) -> str:
    """When somebody is away: a day, the first and the last, or with the wall clock where a day is
    not whole: Mon 9 March; Mon 9 March – Fri 13 March; Mon 9 March, 09:00–13:00."""
    first, end = (one.astimezone(ZoneInfo(zone)) for one in (starts_at, ends_at))
    if first.time() == end.time() == dt.time() and first < end:
        last = end.date() - dt.timedelta(days=1)
        days = (_written("day", one) for one in (first.date(), last))
        return next(days) if first.date() == last else " – ".join(days)
    if first.date() == end.date():
        return f"{moment(starts_at, zone)}–{end:%H:%M}"
    return f"{moment(starts_at, zone)} – {moment(ends_at, zone)}"


def hours(minutes: int) -> str:
    """Minutes as hours: 37 h 30, 8 h; never parted by the end of a line."""
    whole, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else ""
    return f"{sign}{whole}{HOLD}h{HOLD}{rest:02d}" if rest else f"{sign}{whole}{HOLD}h"


def article(reference: str) -> str:
    """An article of a regime, `CT 214`, with its law by name; other references as they are."""
    law, _space, numbers = reference.partition(" ")
    if law == "CT":
        return _("Labour Code, art. %(numbers)s", numbers=numbers)
    if law == "LGTFP":
        return _("General Law on Public Service, art. %(numbers)s", numbers=numbers)
    return reference


def zone_name(zone: str) -> str:
    """Whose clock is told: hora dos Açores, Azores time."""
    return zone_words(zone, language())


def number(value: float) -> str:
    """A whole number with the reader's thousands: 1 234 or 1,234."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=readers_language().locale)


def euros(cents: int, sign: bool = True) -> str:
    """Cents as euros: 0,85 € or €0.85."""
    from babel.numbers import format_currency, format_decimal

    reader = readers_language().locale
    if not sign:
        return format_decimal(cents / 100, format="0.00", locale=reader)
    return format_currency(cents / 100, "EUR", locale=reader)


def dialled(written: str) -> str:
    """What a telephone dials of a number as people write it: digits, with a + before those of a
    whole country code; empty where that cannot be told, as of two numbers or an extension."""
    bare = _TRUNK.sub("", written)
    if not _A_NUMBER.fullmatch(bare):
        return ""
    return "".join(one for one in bare if one in "+0123456789")


FILTERS = (
    weekday_short,
    day,
    day_short,
    day_long,
    date_full,
    date_short,
    month_name,
    week_of,
    clock,
    moment,
    away,
    hours,
    article,
    zone_name,
    number,
    euros,
    dialled,
)


def register(app: App) -> None:
    """Make every format a filter of the templates, by its name."""
    for one in (*FILTERS, *roster_words.FILTERS):
        app.add_template_filter(_when_shown(one), one.__name__)


def _when_shown(form: Callable[..., str]) -> Callable[..., str]:
    """The filter, worked out for each reader: what it makes of a constant (`"CT 217" | article`)
    jinja would work out once, and tell everybody in the first reader's language."""

    @pass_context
    @wraps(form)
    def filtered(_context: Context, *values: Any, **named: Any) -> str:
        return form(*values, **named)

    return filtered
