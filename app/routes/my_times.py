"""A mediator's say on one page: weekly times, wishes, leave and sickness."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField

from app.i18n import _, _l
from app.models import AbsenceKind, WishKind
from app.routes.common import current_actor
from app.routes.fields import DayField, SpansField, options, place_faults, write_clock
from app.routes.words import ABSENCES, REQUESTS, WEEKDAYS
from app.services import absence_ends, my_days, my_times
from app.services.errors import Invalid

blueprint = Blueprint("my_times", __name__, url_prefix="/me/times")

WISHES = {WishKind.OFF: _l("A day off"), WishKind.ON: _l("A day at work")}


class WeeklyForm(FlaskForm):
    """Hours of each weekday in which one cannot work."""

    day0 = SpansField(WEEKDAYS[0])
    day1 = SpansField(WEEKDAYS[1])
    day2 = SpansField(WEEKDAYS[2])
    day3 = SpansField(WEEKDAYS[3])
    day4 = SpansField(WEEKDAYS[4])
    day5 = SpansField(WEEKDAYS[5])
    day6 = SpansField(WEEKDAYS[6])

    @property
    def days(self) -> list[Any]:
        return [self._fields[f"day{number}"] for number in range(7)]


class HoursForm(FlaskForm):
    """Hours of one date in which one cannot work."""

    date = DayField(_l("Day"), to_come=True)
    hours = SpansField(_l("Hours"))


class WishForm(FlaskForm):
    date = DayField(_l("Day"), to_come=True)
    kind = RadioField(_l("I would like"), choices=options(WISHES.items()), validate_choice=False)


class AbsenceForm(FlaskForm):
    first = DayField(_l("First day"), to_come=True)
    last = DayField(_l("Last day"), to_come=True)
    kind = RadioField(_l("Kind"), choices=options(ABSENCES.items()), validate_choice=False)
    weekend = BooleanField(
        _l("After whole weeks of leave, until a Friday, the weekend too"), default=True
    )


class LastDayForm(FlaskForm):
    """The day after which one is no longer away."""

    last = DayField(_l("Last day"), to_come=True)


@blueprint.get("")
@login_required
def show() -> str:
    return _page()


@blueprint.post("")
@login_required
def set_weekly() -> Response | tuple[str, int]:
    form = WeeklyForm(prefix="weekly-")
    actor = current_actor()
    if form.validate():
        try:
            my_times.set_weekly(actor, [field.data or () for field in form.days], g.now)
        except Invalid as error:
            place_faults(form, error, lambda fault: form._fields.get(f"day{fault}"))
        else:
            flash(_("Your weekly times are kept. They count from the next roster that is built."))
            return redirect(url_for("my_times.show"))
    return _page(weekly=form), 400


@blueprint.post("/days")
@login_required
def set_day() -> Response | tuple[str, int]:
    """One day's hours; without any, what was said of the day is taken back."""
    form = HoursForm(prefix="day-")
    spans = form.hours.data or ()
    if form.validate() and form.date.data:
        taken_back = bool(request.form.get("remove"))
        if spans or taken_back:
            try:
                my_days.set_day(current_actor(), form.date.data, spans, g.now)
            except Invalid as error:
                place_faults(form, error)
                return _page(day=form), 400
            flash(_("It is taken back.") if taken_back else _("Your hours of that day are kept."))
            return redirect(url_for("my_times.show"))
        form.hours.errors = [_("expected hours such as 09:00–13:00, 14:00–18:00")]
    return _page(day=form), 400


@blueprint.post("/wishes")
@login_required
def add_wish() -> Response | tuple[str, int]:
    form = WishForm(prefix="wish-")
    kind = chosen(form.kind, WishKind)
    if form.validate() and kind and form.date.data:
        try:
            my_times.wish(current_actor(), form.date.data, WishKind(kind), g.now)
        except Invalid as error:
            place_faults(form, error)
        else:
            flash(_("Your wish is kept."))
            return redirect(url_for("my_times.show"))
    require_choice(form.kind, kind)
    return _page(wish=form), 400


@blueprint.post("/wishes/<int:wish_id>/remove")
@login_required
def remove_wish(wish_id: int) -> Response:
    my_times.take_wish_back(current_actor(), wish_id, g.now)
    flash(_("The wish is taken back."))
    return redirect(url_for("my_times.show"))


@blueprint.post("/absences")
@login_required
def add_absence() -> Response | tuple[str, int]:
    form = AbsenceForm(prefix="absence-")
    kind = chosen(form.kind, AbsenceKind)
    first, last = form.first.data, form.last.data
    if form.validate() and kind and first and last:
        try:
            my_times.tell_absence(
                current_actor(),
                first,
                last,
                AbsenceKind(kind),
                g.now,
                weekend_too=form.weekend.data,
            )
        except Invalid as error:
            place_faults(form, error)
        else:
            flash(_told(AbsenceKind(kind)))
            return redirect(url_for("my_times.show"))
    require_choice(form.kind, kind)
    return _page(absence=form), 400


@blueprint.post("/absences/<int:absence_id>/remove")
@login_required
def remove_absence(absence_id: int) -> Response:
    my_times.take_absence_back(current_actor(), absence_id, g.now)
    flash(_("The request is taken back."))
    return redirect(url_for("my_times.show"))


@blueprint.post("/absences/<int:absence_id>/end")
@login_required
def end_absence(absence_id: int) -> Response | tuple[str, int]:
    """Sickness is over: from today on where no last day is said."""
    form = LastDayForm(prefix=f"end-{absence_id}-")
    said = bool((form.last.raw_data or [""])[0].strip())
    if form.validate() or not said:
        try:
            absence_ends.end_sickness(
                current_actor(), absence_id, g.now, form.last.data if said else None
            )
        except Invalid as error:
            place_faults(form, error)
        else:
            flash(_("It is noted, and your coordinators know."))
            return redirect(url_for("my_times.show"))
    return _page(end=form), 400


def _told(kind: AbsenceKind) -> str:
    if kind is AbsenceKind.SICKNESS:
        return _("Your coordinators know that you are away. Get well soon.")
    return _("Your request is with your coordinators; their answer comes to your messages.")


def _page(**faulty: FlaskForm) -> str:
    mine = my_times.my_times(current_actor(), g.now)
    weekly = {f"day{number}": spans for number, spans in enumerate(mine.weekly)}
    fresh: dict[str, FlaskForm] = {
        "weekly": WeeklyForm(formdata=None, prefix="weekly-", **weekly),
        "day": HoursForm(formdata=None, prefix="day-"),
        "wish": WishForm(formdata=None, prefix="wish-", kind=WishKind.OFF),
        "absence": AbsenceForm(formdata=None, prefix="absence-", kind=AbsenceKind.LEAVE),
    }
    return render_template(
        "me/times.html",
        mine=mine,
        today=g.now.date(),
        days=[
            (one.date, _hours(one.spans)) for one in my_days.hours_of_days(current_actor(), g.now)
        ],
        forms=fresh | faulty,
        faulty=next(iter(faulty.values()), None),
        wishes_a_year=my_times.WISHES_A_YEAR,
        wishes_a_month=my_times.WISHES_A_MONTH,
        wish_words=WISHES,
        absence_words=ABSENCES,
        request_words=REQUESTS,
    )


def _hours(spans: my_days.Spans) -> str:
    return ", ".join(f"{write_clock(start)}–{write_clock(end)}" for start, end in spans)


def chosen(field: RadioField, known: type[WishKind] | type[AbsenceKind]) -> str | None:
    return field.data if field.data in set(known) else None


def require_choice(field: RadioField, chosen: str | None) -> None:
    if chosen is None:
        field.errors = [_("expected one of the choices listed")]
