"""The form of an external translator: name, price, languages, hours on call as one line a day."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from app.i18n import _, _l
from app.models import Office
from app.routes.fields import DayField, SpansField, Weekly, options
from app.routes.formats import euros
from app.routes.words import WEEKDAYS
from app.services.places import Hours
from app.services.translators import TranslatorFacts, TranslatorView


class PriceField(StringField):
    """Euros with a decimal comma or point, as cents."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip().removesuffix("€").strip() if valuelist else ""
        found = re.fullmatch(r"(\d{1,4})(?:[.,](\d{1,2}))?", text)
        self.data = None
        if found is None:
            raise ValueError(_("expected a price such as 0,85"))
        self.data = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else euros(self.data, sign=False)


class TranslatorForm(Weekly, FlaskForm):
    name = StringField(_l("Name"))
    office_id = SelectField(_l("Called by"), coerce=int, validate_choice=False)
    phone = StringField(_l("Telephone"))
    price_cents = PriceField(_l("Price of a minute, in euros"))
    languages = SelectMultipleField(
        _l("Languages"),
        choices=[],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    monday = SpansField(WEEKDAYS[0])
    tuesday = SpansField(WEEKDAYS[1])
    wednesday = SpansField(WEEKDAYS[2])
    thursday = SpansField(WEEKDAYS[3])
    friday = SpansField(WEEKDAYS[4])
    saturday = SpansField(WEEKDAYS[5])
    sunday = SpansField(WEEKDAYS[6])
    active = BooleanField(_l("Is in use"), default=True)
    ended_on = DayField(_l("Ended"), optional=True)


def offer_choices(form: TranslatorForm, offices: list[Office], languages: dict[str, str]) -> None:
    form.office_id.choices = options((one.id, one.name) for one in offices)
    form.languages.choices = options(languages.items())


def fill(form: TranslatorForm, before: TranslatorView) -> None:
    for name in ("name", "office_id", "phone", "price_cents", "active", "ended_on"):
        getattr(form, name).data = getattr(before, name)
    form.languages.data = list(before.languages)
    for weekday, field in enumerate(form.days):
        field.data = tuple(
            (one.opens_minute, one.closes_minute) for one in before.hours if one.weekday == weekday
        )


def facts_of(form: TranslatorForm) -> TranslatorFacts:
    return TranslatorFacts(
        office_id=form.office_id.data or 0,
        name=(form.name.data or "").strip(),
        phone=(form.phone.data or "").strip(),
        price_cents=form.price_cents.data if form.price_cents.data is not None else -1,
        languages=tuple(form.languages.data or ()),
        hours=tuple(
            Hours(weekday, *span)
            for weekday, day in enumerate(form.days)
            for span in day.data or ()
        ),
        active=form.active.data,
        ended_on=form.ended_on.data,
    )


def locate(form: TranslatorForm, fault: str) -> Field | None:
    """The field of a fault of the hours, e.g. `hours.3.opens_minute`."""
    what, _dot, rest = fault.partition(".")
    number = rest.partition(".")[0]
    if what != "hours" or not number.isdecimal():
        return None
    weekdays = [weekday for weekday, day in enumerate(form.days) for _span in day.data or ()]
    return form.days[weekdays[int(number)]]
