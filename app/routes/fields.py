"""Fields that read what people write: times, hours, dates, lines; and where a fault belongs.

Each says in its error what it expected. What was typed stays in the field.
"""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, Form, FormField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.widgets import ListWidget, TextInput

from app.i18n import LANGUAGES, _
from app.services.errors import Invalid
from app.services.horizon import network_date

SLOT_MINUTES = 30
_CLOCK = re.compile(r"(\d{1,2})[:hH.](\d{2})")
_DAY_AND_MONTH = r"(?P<day>[0-9]{1,2})(?P<between>[-./])(?P<month>[0-9]{1,2})"
_YEARLY = re.compile(_DAY_AND_MONTH)
_DATE = re.compile(_DAY_AND_MONTH + r"(?P=between)(?P<year>[0-9]{4}|[0-9]{2})")
HARDLY_PASSED = dt.timedelta(days=90)
"""A day as near behind, as of somebody ill since Monday, is not taken for next year's."""
_SPAN = re.compile(r"(\S+?)\s*(?:-|–|—|\ba\b|\bto\b)\s*(\S+)")


class WholeField(StringField):
    """A whole number; what is none stays as typed, for the service to refuse with its limits."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
        else:
            self.data = int(text) if re.fullmatch(r"-?\d{1,9}", text) else text

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


class _ReadField(StringField, ABC):
    """A field whose text `read` turns into a value, or refuses with a ValueError."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = self.read(valuelist[0].strip() if valuelist else "")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    @abstractmethod
    def read(self, text: str) -> Any:
        """The value of what was typed; ValueError, saying what was expected, where it has none."""

    @abstractmethod
    def write(self, value: Any) -> str:
        """A value as it is typed."""


class DayField(_ReadField):
    """A date written as people here write it, 24/12/2026; required unless `optional`.

    Where it is `to_come` the year may be left out (see `read_date_to_come`).

    Not the browser's own date picker: that one writes in the browser's language, and a page in
    Portuguese would ask for month, day, year.
    """

    def __init__(
        self, *args: Any, optional: bool = False, to_come: bool = False, **kwargs: Any
    ) -> None:
        self.may_be_empty = optional
        self.to_come = to_come
        super().__init__(*args, **kwargs)

    def read(self, text: str) -> dt.date | None:
        date = read_date(text)
        if date is None and self.to_come:
            date = read_date_to_come(text, network_date(g.now))
        if date is None and (text or not self.may_be_empty):
            raise ValueError(_("expected a date such as 24/12/2026"))
        return date

    def write(self, value: dt.date) -> str:
        return f"{value:%d/%m/%Y}"


class ClockField(_ReadField):
    """A time of the wall clock on the half hour, as minutes of the day; empty is None."""

    def read(self, text: str) -> int | None:
        if not text:
            return None
        minute = read_clock(text)
        if minute is None:
            raise ValueError(_("expected a time on the half hour, such as 09:30"))
        return minute

    def write(self, value: int) -> str:
        return write_clock(value)


class DurationField(_ReadField):
    """Hours, as minutes: 40, 37:30 or 37,5."""

    def read(self, text: str) -> int | None:
        plain = re.fullmatch(r"(\d{1,3})\s*h?", text)
        minutes = re.fullmatch(r"(\d{1,3})\s*[:h]\s*(\d{2})", text)
        decimal = re.fullmatch(r"(\d{1,3})[.,](\d{1,2})\s*h?", text)
        if plain:
            return int(plain[1]) * 60
        if minutes and int(minutes[2]) < 60:
            return int(minutes[1]) * 60 + int(minutes[2])
        if decimal:
            return round(float(f"{decimal[1]}.{decimal[2]}") * 60)
        raise ValueError(_("expected hours such as 40 or 37:30"))

    def write(self, value: int) -> str:
        whole, rest = divmod(value, 60)
        return f"{whole}:{rest:02d}" if rest else str(whole)


class SpansField(_ReadField):
    """The openings of one day, `09:00–13:00, 14:00–18:00`, as pairs of minutes; empty is shut."""

    def read(self, text: str) -> tuple[tuple[int, int], ...]:
        spans = []
        for part in re.split(r"[,;]", text):
            if not part.strip():
                continue
            found = _SPAN.fullmatch(part.strip())
            edges = [read_clock(edge) for edge in found.groups()] if found else [None]
            if None in edges:
                raise ValueError(_("expected hours such as 09:00–13:00, 14:00–18:00, or nothing"))
            spans.append((edges[0], edges[1]))
        return tuple(spans)  # type: ignore[arg-type]

    def write(self, value: tuple[tuple[int, int], ...]) -> str:
        return ", ".join(f"{write_clock(start)}–{write_clock(end)}" for start, end in value)


class Weekly:
    """A form with a field for each weekday."""

    @property
    def days(self) -> list[SpansField]:
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return [getattr(self, name) for name in names]


class LinesField(TextAreaField):
    """One thing a line: a date, then words. `yearly` dates have no year: (month, day)."""

    def __init__(self, *args: Any, yearly: bool = False, **kwargs: Any) -> None:
        self.yearly = yearly
        super().__init__(*args, **kwargs)

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = []
        faulty = []
        lines = valuelist[0].splitlines() if valuelist else []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            first, _space, words = line.strip().partition(" ")
            date = read_yearly(first) if self.yearly else read_date(first)
            if date is None:
                faulty.append(number)
            else:
                self.data.append((date, words.strip()))
        if faulty:
            example = _("13/06 and a name") if self.yearly else _("24/12/2026 and a reason")
            listed = ", ".join(map(str, faulty))
            raise ValueError(
                _("line %(lines)s: expected %(example)s", lines=listed, example=example)
            )

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(
            f"{self._written(date)} {words}".rstrip() for date, words in self.data or ()
        )

    def _written(self, date: Any) -> str:
        return f"{date[1]:02d}/{date[0]:02d}" if self.yearly else f"{date:%d/%m/%Y}"


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a select or radio field, from pairs of value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


def page_languages() -> list[SelectChoice]:
    """Choices of a field that asks in which language texts shall be."""
    return options((one.code, one.name) for one in LANGUAGES.values())


def read_date(text: str) -> dt.date | None:
    """A date as 24/12/2026, 24-12-2026, 24.12.26 or 2026-12-24; of two figures a year is of this
    century."""
    found = _DATE.fullmatch(text)
    if found:
        year = found["year"]
        return _date(int(year if len(year) == 4 else f"20{year}"), found)
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None


def read_date_to_come(text: str, today: dt.date) -> dt.date | None:
    """The next such day of 24/12 from today on; None where it has hardly passed, and either year
    may be meant, or within a year there is none."""
    found = _YEARLY.fullmatch(text)
    if not found:
        return None
    days = [_date(today.year + years, found) for years in (-1, 0, 1)]
    if any(one and dt.timedelta(0) < today - one <= HARDLY_PASSED for one in days):
        return None
    return next((one for one in days if one and one >= today), None)


def read_yearly(text: str) -> tuple[int, int] | None:
    """Month and day of 13/06; 29/02 is a day too."""
    found = _YEARLY.fullmatch(text)
    date = _date(2024, found) if found else None
    return (date.month, date.day) if date else None


def _date(year: int, found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def read_clock(text: str) -> int | None:
    """Minutes of the day of 9:30, 09h30 or 24:00, on the half hour; else None."""
    found = _CLOCK.fullmatch(text) or re.fullmatch(r"(\d{1,2})()h?", text)
    if not found:
        return None
    minute = int(found[1]) * 60 + int(found[2] or 0)
    sound = minute <= 24 * 60 and minute % SLOT_MINUTES == 0 and int(found[2] or 0) < 60
    return minute if sound else None


def write_clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True, slots=True)
class ShownFault:
    """One line of the error summary: where it leads, of what, and what was expected."""

    anchor: str
    label: str
    text: str


def faults_of(form: FlaskForm) -> list[ShownFault]:
    """Every fault of a form, those of its rows included, in the order of its fields."""
    shown = [ShownFault("", "", str(text)) for text in form.form_errors]
    return shown + [
        ShownFault(_anchor(field), label, str(text))
        for label, field in _leaves(form)
        for text in field.errors
    ]


def place_faults(
    form: FlaskForm, error: Invalid, locate: Callable[[str], Field | None] | None = None
) -> None:
    """Put a service's faults at the fields they are about; `locate` finds those in rows.

    A field that could not be read keeps its own fault only: the service saw a stand-in.
    """
    unreadable = {id(field) for _label, field in _leaves(form) if field.errors}
    for fault in error.faults:
        field = (locate(fault.field) if locate else None) or form._fields.get(fault.field)
        if field is None:
            form.form_errors.append(
                _("%(field)s: expected %(expected)s", field=fault.field, expected=fault.expected)
            )
        elif id(field) not in unreadable:
            expected = getattr(field, "expected", None) or fault.expected
            text = _("expected %(expected)s", expected=expected)
            if text not in field.errors:
                field.errors = [*field.errors, text]


def _anchor(field: Field) -> str:
    """Where a summary leads: of a list of boxes or buttons, the first."""
    return f"{field.id}-0" if isinstance(field.widget, ListWidget) else str(field.id)


def _leaves(form: FlaskForm | Form, before: str = "") -> Iterator[tuple[str, Field]]:
    for field in form:
        label = before + str(field.label.text)
        if isinstance(field, FieldList):
            for number, entry in enumerate(field.entries, start=1):
                row = f"{label} {number}: "
                if isinstance(entry, FormField):
                    yield from _leaves(entry.form, row)
                else:
                    yield row, entry
        elif isinstance(field, FormField):
            yield from _leaves(field.form, f"{label}: ")
        else:
            yield label, field
