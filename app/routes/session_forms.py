"""The form of a session: a day, hours on the wall clock of its place, who gives it, how many."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.i18n import _, _l
from app.routes.fields import ClockField, DayField, WholeField, options
from app.routes.words import language_names
from app.services import session_pages
from app.services.names import sorting_key
from app.services.places import list_languages
from app.services.session_checks import MOST_PARTS
from app.services.session_rows import zone_of_place
from app.services.training import CourseView, SessionFacts, SessionView

MORNING = 9 * 60
A_DAYS_WORK = 8 * 60
SATURDAY = 5
USUAL_SEATS = 20
USUAL_LANGUAGE = "pt"
ROWS_LEFT = 4
"""Empty rows for further dates."""


class RequiredClockField(ClockField):
    """A time that must be there."""

    def read(self, text: str) -> int | None:
        if not text:
            raise ValueError(_("expected a time on the half hour, such as 09:30"))
        return super().read(text)


class BoxesField(SelectMultipleField):
    """Several of a list, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FurtherDate(Form):
    """Another date of the session; all of it, or nothing."""

    day = DayField(_l("On the day"), optional=True, to_come=True)
    starts_at = ClockField(_l("from"))
    ends_at = ClockField(_l("until"))

    @property
    def blank(self) -> bool:
        return not any(any(field.raw_data or ()) for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        sound = bool(super().validate(extra_validators))
        if not self.blank:
            for field in self:
                if field.data is None and not field.errors:
                    field.errors = [*field.errors, _("expected day, beginning and end")]
                    sound = False
        return sound


class SessionForm(FlaskForm):
    day = DayField(_l("Day"), to_come=True)
    starts_at = RequiredClockField(_l("Begins at"))
    ends_at = RequiredClockField(_l("Ends at"))
    further = FieldList(FormField(FurtherDate), _l("Further date"), max_entries=MOST_PARTS)
    office_id = SelectField(_l("Place"), coerce=int, validate_choice=False)
    link = StringField(_l("Link"))
    capacity = WholeField(_l("Seats"))
    trainer_ids = BoxesField(_l("Trainers"), coerce=int, validate_choice=False)
    languages = BoxesField(_l("Languages it is given in"), validate_choice=False)
    self_enrol = BooleanField(_l("Mediators may enrol themselves"))
    people = BoxesField(_l("People to enrol"), coerce=int, validate_choice=False)


def prepare(form: SessionForm, course: CourseView, people: list[session_pages.Choice]) -> None:
    """Fill in what can be chosen, and leave room for further dates."""
    leave_room(form, len(filled(form)))
    places = [(one.id, one.name) for one in session_pages.places_to_choose()]
    form.office_id.choices = options([(0, _("online")), *places])
    trainers = session_pages.trainers_to_choose(course.id)
    form.trainer_ids.choices = options([(one.id, one.name) for one in trainers])
    form.languages.choices = languages_to_choose()
    form.people.choices = options([(one.id, one.name) for one in people])


def leave_room(form: SessionForm, taken: int) -> None:
    """Empty rows after those taken."""
    while len(form.further) < min(MOST_PARTS - 1, taken + ROWS_LEFT):
        form.further.append_entry()


def filled(form: SessionForm) -> list[FurtherDate]:
    """The further dates that somebody wrote something of."""
    return [row.form for row in form.further if not row.form.blank]


def languages_to_choose() -> Any:
    """Every language, by name."""
    named = language_names(list_languages()).items()
    return options(sorted(named, key=lambda pair: sorting_key(pair[1])))


def suggest(form: SessionForm, course: CourseView, day: dt.date, people: list[int]) -> None:
    """A first guess: from nine on the day asked for and, where the course is longer than a day's
    work, on as many working days after it as it takes."""
    dates = dates_of(course)
    leave_room(form, len(dates) - 1)
    rows = [form, *(row.form for row in form.further)]
    for row, minutes in zip(rows, dates, strict=False):
        row.day.data = day
        row.starts_at.data = MORNING
        row.ends_at.data = MORNING + minutes
        day = _next_weekday(day)
    form.office_id.data = 0
    form.capacity.data = max(USUAL_SEATS, len(people))
    form.trainer_ids.data = list(course.trainer_ids)
    form.languages.data = [USUAL_LANGUAGE]
    form.self_enrol.data = True
    form.people.data = people


def dates_of(course: CourseView) -> tuple[int, ...]:
    """The minutes of each date of a session that gives the whole course: as few dates as days of
    work hold it, all of one length, in whole half hours."""
    dates = max(1, -(-course.minutes // A_DAYS_WORK))
    return (-(-course.minutes // (dates * 30)) * 30,) * dates


def _next_weekday(day: dt.date) -> dt.date:
    day += dt.timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += dt.timedelta(days=1)
    return day


def show(form: SessionForm, session: SessionView) -> None:
    """The session as it is."""
    zone = ZoneInfo(session.zone)
    leave_room(form, len(session.spans) - 1)
    rows = [form, *(row.form for row in form.further)]
    for row, (start, end) in zip(rows, session.spans, strict=False):
        starts, ends = start.astimezone(zone), end.astimezone(zone)
        row.day.data = starts.date()
        row.starts_at.data = starts.hour * 60 + starts.minute
        after_midnight = 24 * 60 if ends.date() > starts.date() else 0
        row.ends_at.data = after_midnight + ends.hour * 60 + ends.minute
    form.office_id.data = session.office_id or 0
    form.link.data = session.link
    form.capacity.data = session.capacity
    form.trainer_ids.data = list(session.trainer_ids)
    form.languages.data = list(session.languages)
    form.self_enrol.data = session.self_enrol


def read(form: SessionForm, course_id: int, today: dt.date) -> SessionFacts:
    """What was filled in; stand-ins where a field could not be read."""
    office_id = form.office_id.data or None
    zone = zone_of_place(office_id)
    spans = [_span(row, today, zone) for row in (form, *filled(form))]
    several = len(spans) > 1
    return SessionFacts(
        course_id=course_id,
        starts_at=min(spans)[0] if several else spans[0][0],
        ends_at=max(end for _start, end in spans) if several else spans[0][1],
        parts=tuple(spans) if several else (),
        office_id=office_id,
        link=(form.link.data or "").strip(),
        capacity=_whole(form.capacity.data),
        self_enrol=bool(form.self_enrol.data),
        trainer_ids=tuple(form.trainer_ids.data or ()),
        languages=tuple(form.languages.data or ()),
    )


def locate(form: SessionForm, field: str) -> Any:
    """The form's field of a service's fault."""
    if field.startswith("trainer_ids"):
        return form.trainer_ids
    if field.startswith("languages"):
        return form.languages
    if field.startswith("mediator_id"):
        return form.people
    if field.startswith("parts"):
        _parts, *place = field.split(".")
        rows = [form, *filled(form)]
        return getattr(rows[int(place[0])], place[1]) if place else form.day
    if field == "starts_at" and filled(form):
        return form.day  # of the session as a whole
    return None


def _span(row: Any, today: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    day = row.day.data or today
    starts = row.starts_at.data if row.starts_at.data is not None else MORNING
    ends = row.ends_at.data if row.ends_at.data is not None else starts + 30
    return _instant(day, starts, zone), _instant(day, ends, zone)


def _whole(value: Any) -> Any:
    return 0 if value is None else value


def _instant(day: dt.date, minute: int, zone: str) -> dt.datetime:
    midnight = dt.datetime.combine(day + dt.timedelta(days=minute // 1440), dt.time())
    wall = midnight + dt.timedelta(minutes=minute % 1440)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
