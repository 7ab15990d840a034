"""A mediator's own calendar: its address or a file of it, of which only busy times are kept."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import StringField

from app.guards import takes_body
from app.i18n import _, _l, _n
from app.routes.common import current_actor, keys
from app.routes.forms import add_faults
from app.services import own_calendars
from app.services.errors import Invalid

blueprint = Blueprint("own_calendar", __name__, url_prefix="/me/calendar")


class AddressForm(FlaskForm):
    url = StringField(_l("Address of my calendar"))


class FileForm(FlaskForm):
    file = FileField(_l("Calendar file (.ics)"))


@blueprint.get("")
@login_required
def show() -> str:
    return _page()


@blueprint.post("/address")
@login_required
def follow() -> Response | tuple[str, int]:
    form = AddressForm()
    try:
        own_calendars.follow_address(current_actor(), form.url.data or "", keys(), g.now)
    except Invalid as error:
        add_faults(form, error)
        return _page(address=form), 400
    flash(_("Your calendar is being looked at; its busy times will be here within a minute."))
    return redirect(url_for("own_calendar.show"))


@blueprint.post("/file")
@login_required
@takes_body(own_calendars.FILE_MOST)
def upload() -> Response | tuple[str, int]:
    form = FileForm()
    data = form.file.data.read(own_calendars.FILE_MOST + 1) if form.file.data else b""
    try:
        count = own_calendars.take_file(current_actor(), data, g.now)
    except Invalid as error:
        add_faults(form, error)
        return _page(file=form), 400
    flash(
        _n("%(num)d busy time was taken from it.", "%(num)d busy times were taken from it.", count)
    )
    return redirect(url_for("own_calendar.show"))


@blueprint.post("/refresh")
@login_required
def refresh() -> Response:
    own_calendars.ask_again(current_actor(), g.now)
    flash(_("Your calendar is being looked at; reload this page in a moment."))
    return redirect(url_for("own_calendar.show"))


@blueprint.post("/remove")
@login_required
def remove() -> Response:
    own_calendars.remove(current_actor(), g.now)
    flash(_("Your calendar is forgotten, and every busy time taken from it."))
    return redirect(url_for("own_calendar.show"))


def _page(address: AddressForm | None = None, file: FileForm | None = None) -> str:
    return render_template(
        "me/own_calendar.html",
        calendar=own_calendars.own_calendar(current_actor(), keys(), g.now),
        address=address or AddressForm(formdata=None),
        file=file or FileForm(formdata=None),
        faulty=address or file,
    )
