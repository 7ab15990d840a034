"""The form of an office: the week as one line a day, the desks as one row a need."""

from __future__ import annotations

import re
from typing import Any

import holidays
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.i18n import _, _l, in_language
from app.models import Admission, OfficeKind
from app.routes.fields import ClockField, LinesField, SpansField, Weekly, WholeField, options
from app.routes.words import ADMISSIONS, OFFICE_KINDS, WEEKDAYS, named
from app.services.likes import LIKES_MOST
from app.services.needs import DESK_NEEDS, NEEDS
from app.services.places import (
    CertificationKindView,
    ClosedOn,
    DeskFacts,
    Hours,
    OfficeFacts,
    OfficeView,
    PlanningGroupView,
    YearlyHoliday,
)

ZONES = (
    ("Europe/Lisbon", _l("mainland")),
    ("Atlantic/Madeira", _l("Madeira")),
    ("Atlantic/Azores", _l("Azores")),
)
DISTRICTS = sorted((code, name) for name, code in holidays.Portugal.subdivisions_aliases.items())
WEEKDAY_DIGITS = "0123456"
USUAL_DAYS = list("01234")
NEW_GROUP = 0
"""Chosen where the office begins a planning group of its own."""


def _id_or_none(value: Any) -> int | None:
    return int(value) if value else None


class DegreesField(StringField):
    """Degrees with a decimal point or comma; what is no number stays as typed, out of range."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip().replace(",", ".") if valuelist else ""
        self.data = None
        if text:
            if not re.fullmatch(r"-?\d{1,3}(\.\d+)?", text):
                raise ValueError(_("expected degrees such as 38.7223"))
            self.data = float(text)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class OpenSpanField(SpansField):
    """At most one opening, the same on each of its days."""

    def read(self, text: str) -> tuple[tuple[int, int], ...]:
        spans = super().read(text)
        if len(spans) > 1:
            raise ValueError(_("expected one opening, such as 10:00–16:00"))
        return spans


class DeskForm(Form):
    hours = OpenSpanField(_l("desk hours"))
    weekdays = SelectMultipleField(
        _l("days"),
        choices=options((str(n), name) for n, name in enumerate(WEEKDAYS)),
        default=USUAL_DAYS,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    certification = SelectField(_l("certification"), validate_choice=False)
    least = WholeField(_l("least"), default=0)
    wanted = WholeField(_l("wanted"), default=1)
    admission = SelectField(
        _l("admission"), choices=options(ADMISSIONS.items()), validate_choice=False
    )
    partner = StringField(_l("partner agency"))


class OfficeForm(Weekly, FlaskForm):
    name = StringField(_l("Name"))
    code = StringField(_l("Code"))
    kind = SelectField(_l("Kind"), choices=options(OFFICE_KINDS.items()), validate_choice=False)
    group_id = SelectField(_l("Planned together with"), coerce=int, validate_choice=False)
    group_name = StringField(_l("Name of the new planning group"))
    address = TextAreaField(_l("Address"))
    latitude = DegreesField(_l("Latitude"))
    longitude = DegreesField(_l("Longitude"))
    zone = SelectField(_l("Time"), choices=options(ZONES), validate_choice=False)
    district = SelectField(_l("Holidays of"), validate_choice=False, default="11")
    monday = SpansField(WEEKDAYS[0])
    tuesday = SpansField(WEEKDAYS[1])
    wednesday = SpansField(WEEKDAYS[2])
    thursday = SpansField(WEEKDAYS[3])
    friday = SpansField(WEEKDAYS[4])
    saturday = SpansField(WEEKDAYS[5])
    sunday = SpansField(WEEKDAYS[6])
    extra_holidays = LinesField(_l("Own holidays, every year"), yearly=True)
    closures = LinesField(_l("Closed on"))
    desks = FieldList(FormField(DeskForm), _l("Support desk"), max_entries=len(DESK_NEEDS))
    capacity = WholeField(_l("Most people serving at once"))
    target_wait_minutes = WholeField(_l("Wait no longer than (minutes)"), default=15)
    target_share_percent = WholeField(_l("For at least (per cent of visitors)"), default=80)
    unsocial_from_minute = ClockField(_l("Evening begins"), default=18 * 60)
    auto_approve_swaps = BooleanField(
        _l("Publish swaps by themselves where both agree and no cover is lost")
    )
    gives_tickets = BooleanField(_l("Gives each visitor a number at the door"))
    likes = FieldList(
        SelectField(_l("Foreseen like"), coerce=_id_or_none, validate_choice=False),
        min_entries=LIKES_MOST,
        max_entries=LIKES_MOST,
    )
    active = BooleanField(_l("Is in use"), default=True)


def offer_choices(
    form: OfficeForm,
    groups: list[PlanningGroupView],
    kinds: list[CertificationKindView],
    others: list[tuple[int, str]],
) -> None:
    """Fill the lists to choose from; name each desk's row by its need."""
    known = [(one.id, one.name) for one in groups]
    form.group_id.choices = options([*known, (NEW_GROUP, _("a new group, named below"))])
    form.district.choices = options([("", _("the country only")), *DISTRICTS])
    for choice in form.likes:
        choice.choices = options([("", _("none")), *((str(one), name) for one, name in others)])
    listed = [(one.code, named(one)) for one in kinds]
    certifications = options([("", _("no certification")), *listed])
    while len(form.desks) < len(DESK_NEEDS):
        form.desks.append_entry()
    for need, row in zip(DESK_NEEDS, form.desks, strict=False):
        row.label.text = str(NEEDS[need])
        row.form.certification.choices = certifications


def form_of(office: OfficeView) -> OfficeForm:
    """The form of an office that is known, as it is."""
    told = {name: getattr(office, name) for name in OfficeFacts.__dataclass_fields__}
    desks = {one.need: one for one in office.desks}
    told["desks"] = [_desk_data(desks.get(need)) for need in DESK_NEEDS]
    told["closures"] = [(one.date, one.reason) for one in office.closures]
    told["extra_holidays"] = [((one.month, one.day), one.name) for one in office.extra_holidays]
    for weekday, field in enumerate(_DAY_NAMES):
        told[field] = tuple(
            (one.opens_minute, one.closes_minute) for one in office.hours if one.weekday == weekday
        )
    return OfficeForm(data=told)


def facts_of(form: OfficeForm, before: OfficeView | None) -> OfficeFacts:
    """What the form says; what it does not show stays as `before` has it."""
    kind = form.kind.data
    return OfficeFacts(
        code=(form.code.data or "").strip(),
        name=(form.name.data or "").strip(),
        kind=OfficeKind(kind) if kind in set(OfficeKind) else kind,
        group_id=form.group_id.data or 0,
        zone=form.zone.data or "",
        district=form.district.data or "",
        address=(form.address.data or "").replace("\r\n", "\n").strip(),
        latitude=_degrees(form.latitude),
        longitude=_degrees(form.longitude),
        capacity=form.capacity.data,
        target_share_percent=form.target_share_percent.data,
        target_wait_minutes=form.target_wait_minutes.data,
        unsocial_from_minute=form.unsocial_from_minute.data,
        auto_approve_swaps=form.auto_approve_swaps.data,
        gives_tickets=form.gives_tickets.data,
        likes=tuple(one.data for one in _named_likes(form)),
        active=form.active.data,
        position=before.position if before else 0,
        hours=tuple(Hours(weekday, *span) for weekday, span in _spans(form)),
        closures=tuple(ClosedOn(date, words) for date, words in form.closures.data or ()),
        extra_holidays=tuple(
            YearlyHoliday(month, day, words)
            for (month, day), words in form.extra_holidays.data or ()
        ),
        desks=tuple(_desk(need, row, before) for need, row in _open_desks(form)),
    )


def new_group_of(form: OfficeForm) -> str:
    """Name of the planning group to be made for it; empty where one is chosen, or none named."""
    asked = form.group_id.data == NEW_GROUP
    return (form.group_name.data or "").strip() if asked else ""


def locate(form: OfficeForm, fault: str) -> Field | None:
    """The field of a fault inside a row, e.g. `hours.3.opens_minute` or `desks.0.wanted`."""
    if fault == "group_id" and form.group_id.data == NEW_GROUP:
        unnamed: Field = form.group_name
        return unnamed
    what, _dot, rest = fault.partition(".")
    number, _dot, part = rest.partition(".")
    if not number.isdecimal():
        return None
    if what == "hours":
        return form.days[_spans(form)[int(number)][0]]
    if what == "desks":
        row = _open_desks(form)[int(number)][1].form
        named_field: Field = row._fields.get(part, row.hours)
        return named_field
    if what == "likes":
        choice: Field = _named_likes(form)[int(number)]
        return choice
    return {"closures": form.closures, "extra_holidays": form.extra_holidays}.get(what)


_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _degrees(field: DegreesField) -> float | None:
    """What could not be read stands in as 0, so that the other of the pair is no fault."""
    degrees: float | None = 0.0 if field.errors else field.data
    return degrees


def _spans(form: OfficeForm) -> list[tuple[int, tuple[int, int]]]:
    return [(weekday, span) for weekday, day in enumerate(form.days) for span in day.data or ()]


def _open_desks(form: OfficeForm) -> list[tuple[str, FormField]]:
    """Needs whose row has hours, or had some that could not be read."""
    return [
        (need, row)
        for need, row in zip(DESK_NEEDS, form.desks, strict=False)
        if row.form.hours.data
    ]


def _named_likes(form: OfficeForm) -> list[Field]:
    return [choice for choice in form.likes if choice.data is not None]


def _desk_data(desk: DeskFacts | None) -> dict[str, Any]:
    if desk is None:
        return {
            "weekdays": USUAL_DAYS,
            "hours": (),
            "least": 0,
            "wanted": 1,
            "admission": "walk_in",
        }
    return {
        "hours": ((desk.opens_minute, desk.closes_minute),),
        "weekdays": list(desk.weekdays),
        "certification": desk.certification or "",
        "least": desk.least,
        "wanted": desk.wanted,
        "admission": desk.admission,
        "partner": desk.partner,
    }


def _desk(need: str, row: FormField, before: OfficeView | None) -> DeskFacts:
    known = {one.need: one for one in before.desks} if before else {}
    name_pt, name_en = (_need_name(need, locale) for locale in ("pt", "en"))
    if need in known:
        name_pt, name_en = known[need].name_pt, known[need].name_en
    ((opens, closes),) = row.form.hours.data
    return DeskFacts(
        need=need,
        name_pt=name_pt,
        name_en=name_en,
        certification=row.form.certification.data or None,
        opens_minute=opens,
        closes_minute=closes,
        weekdays="".join(sorted(set(row.form.weekdays.data or ()))),
        least=row.form.least.data,
        wanted=row.form.wanted.data,
        admission=row.form.admission.data or Admission.WALK_IN,
        partner=(row.form.partner.data or "").strip(),
    )


def _need_name(need: str, locale: str) -> str:
    with in_language(locale):
        return str(NEEDS[need])
