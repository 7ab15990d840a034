"""The form of a field route, with a row for each place it goes to."""

from __future__ import annotations

import re
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, Form, FormField, SelectField, StringField, TextAreaField

from app.i18n import _, _l
from app.routes import words
from app.routes.fields import ClockField, DayField, options
from app.services.field_checks import STOPS_MOST, RouteFacts, StopFacts
from app.services.field_routes import RouteView
from app.services.horizon import network_date
from app.services.names import sorting_key
from app.services.places import list_languages

STOP_ROWS = 3
LANGUAGES_A_STOP = 3
_COORDINATES = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*[,; ]\s*(-?\d+(?:[.,]\d+)?)")


class CoordinatesField(StringField):
    """Latitude and longitude as a map gives them, `38.72, -9.14`; empty is unknown."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        found = _COORDINATES.fullmatch(text)
        if text and not found:
            raise ValueError(_("expected latitude and longitude such as 38.72, -9.14"))
        self.data = tuple(float(one.replace(",", ".")) for one in found.groups()) if found else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return ", ".join(str(one) for one in self.data) if self.data else ""


class StopForm(Form):
    place = StringField(_l("place"))
    address = StringField(_l("address"))
    coordinates = CoordinatesField(_l("coordinates"))
    from_minute = ClockField(_l("from"))
    until_minute = ClockField(_l("until"))
    language_1 = SelectField(_l("language"), validate_choice=False)
    language_2 = SelectField(_l("second language"), validate_choice=False)
    language_3 = SelectField(_l("third language"), validate_choice=False)

    @property
    def blank(self) -> bool:
        return not any(any(field.raw_data or ()) for field in self)

    @property
    def languages(self) -> list[SelectField]:
        return [getattr(self, f"language_{n}") for n in range(1, LANGUAGES_A_STOP + 1)]


class RouteForm(FlaskForm):
    name = StringField(_l("Name of the route"))
    office_id = SelectField(_l("Who sends it"), coerce=int, validate_choice=False)
    date = DayField(_l("Date"), to_come=True)
    leaves_minute = ClockField(_l("Leaves at"))
    returns_minute = ClockField(_l("Back at"))
    stops = FieldList(FormField(StopForm), _l("Place"), max_entries=STOPS_MOST)
    reason = TextAreaField(_l("Reason for the short notice"))


def offer(form: RouteForm, offices: list[tuple[int, str]]) -> None:
    """Give the form what there is to choose from, and one more row than is filled in."""
    form.office_id.choices = options(offices)
    if form.office_id.data is None and offices:
        form.office_id.data = offices[0][0]
    filled = len(_filled(form)) if request.method == "POST" else len(form.stops)
    while len(form.stops) < min(STOPS_MOST, max(STOP_ROWS, filled + 1)):
        form.stops.append_entry()
    names = sorted(
        words.language_names(list_languages()).items(), key=lambda pair: sorting_key(pair[1])
    )
    for row in form.stops:
        for field in row.form.languages:
            field.choices = options([("", "—"), *names])


def facts_of(form: RouteForm) -> RouteFacts:
    """What the form says of the route; rows left empty are none."""
    return RouteFacts(
        office_id=form.office_id.data or 0,
        date=form.date.data or network_date(g.now),
        name=form.name.data or "",
        leaves_minute=form.leaves_minute.data,
        returns_minute=form.returns_minute.data,
        stops=tuple(_stop(row.form) for row in _filled(form)),
    )


def _stop(row: StopForm) -> StopFacts:
    latitude, longitude = row.coordinates.data or (None, None)
    spoken = (one.data for one in row.languages if one.data)
    return StopFacts(
        place=row.place.data or "",
        address=row.address.data or "",
        latitude=latitude,
        longitude=longitude,
        from_minute=row.from_minute.data,
        until_minute=row.until_minute.data,
        languages=tuple(dict.fromkeys(spoken)),
    )


def form_of(route: RouteView) -> RouteForm:
    """The form filled in with a route as it is."""
    stops = []
    for stop in route.stops:
        told: dict[str, Any] = {
            "place": stop.place,
            "address": stop.address,
            "coordinates": None if stop.latitude is None else (stop.latitude, stop.longitude),
            "from_minute": stop.from_minute,
            "until_minute": stop.until_minute,
        }
        told |= {f"language_{n}": code for n, code in enumerate(stop.languages, start=1)}
        stops.append(told)
    return RouteForm(
        data={
            "name": route.name,
            "office_id": route.office_id,
            "date": route.date,
            "leaves_minute": route.leaves_minute,
            "returns_minute": route.returns_minute,
            "stops": stops,
        }
    )


def _filled(form: RouteForm) -> list[FormField]:
    return [row for row in form.stops if not row.form.blank]


def locate(form: RouteForm, fault: str) -> Field | None:
    """The field that a fault of a place belongs to; None for the route's own."""
    what, _dot, rest = fault.partition(".")
    if what != "stops":
        return None
    number, _dot, part = rest.partition(".")
    row = _filled(form)[int(number)].form if number else form.stops[0].form
    found: Field = row._fields.get("language_1" if part == "languages" else part, row.place)
    return found
