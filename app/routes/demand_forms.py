"""The forms of demand: an override of a requirement, an event."""

from __future__ import annotations

import datetime as dt

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from app.i18n import _l
from app.routes.fields import ClockField, DayField, WholeField, options
from app.services.demand_view import DemandView
from app.services.events import EventFacts, EventView
from app.services.needs import NEEDS
from app.services.overrides import OverrideFacts


class OverrideForm(FlaskForm):
    """Ask for another number than was derived."""

    label = SelectField(_l("Language or desk"), choices=[], validate_choice=False)
    from_minute = ClockField(_l("From"))
    until_minute = ClockField(_l("Until"))
    count = WholeField(_l("Mediators"))
    note = StringField(_l("Why"))

    def facts(self, date: dt.date) -> OverrideFacts:
        """What was typed; what could not be read stands as something the service refuses."""
        return OverrideFacts(
            label=self.label.data or "",
            date=date,
            from_minute=-1 if self.from_minute.data is None else self.from_minute.data,
            until_minute=-1 if self.until_minute.data is None else self.until_minute.data,
            count=-1 if self.count.data is None else self.count.data,
            note=self.note.data or "",
        )


def override_form(view: DemandView, *, empty: bool) -> OverrideForm:
    form = OverrideForm(formdata=None) if empty else OverrideForm()
    form.label.choices = options((code, view.names[code]) for code in view.labels)
    if empty:
        form.from_minute.data, form.until_minute.data = view.opens_minute, view.closes_minute
        form.label.data = view.asked[0].label if view.asked else None
    return form


def _boxes(label: object) -> SelectMultipleField:
    return SelectMultipleField(
        label,  # type: ignore[arg-type]
        choices=[],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class EventForm(FlaskForm):
    name = StringField(_l("What happens"))
    starts_on = DayField(_l("First day"), to_come=True)
    ends_on = DayField(_l("Last day"), to_come=True)
    factor_percent = WholeField(_l("Visitors, in % of a usual day"))
    offices = _boxes(_l("Offices"))
    languages = _boxes(_l("Languages"))
    needs = _boxes(_l("Needs"))

    def facts(self) -> EventFacts:
        missing = dt.date(1970, 1, 1)
        return EventFacts(
            name=self.name.data or "",
            starts_on=self.starts_on.data or missing,
            ends_on=self.ends_on.data or self.starts_on.data or missing,
            factor_percent=-1 if self.factor_percent.data is None else self.factor_percent.data,
            offices=tuple(self.offices.data or ()),
            languages=tuple(self.languages.data or ()),
            needs=tuple(self.needs.data or ()),
        )


def fill_event(form: EventForm, before: EventView) -> None:
    for name in ("name", "starts_on", "ends_on", "factor_percent"):
        getattr(form, name).data = getattr(before, name)
    for name in ("offices", "languages", "needs"):
        getattr(form, name).data = list(getattr(before, name))


def offer_choices(
    form: EventForm, offices: list[tuple[str, str]], languages: dict[str, str]
) -> None:
    form.offices.choices = options(offices)
    form.languages.choices = options(languages.items())
    form.needs.choices = options(NEEDS.items())
