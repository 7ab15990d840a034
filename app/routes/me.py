"""A mediator's own pages: the shifts, and the calendars that follow them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectField, StringField

from app import settings_of
from app.i18n import _, _l, language_called
from app.routes.common import current_actor
from app.routes.fields import options, page_languages
from app.routes.forms import add_faults
from app.routes.offline import keep_for_reader
from app.routes.qr_codes import qr_code
from app.routes.strips import bars_of, scale_of
from app.services import feeds, my_news, my_week
from app.services.errors import Invalid, NotFound
from app.services.my_duties import own_duties
from app.services.my_shifts import my_shifts as read_my_shifts

blueprint = Blueprint("me", __name__, url_prefix="/me")


class FeedForm(FlaskForm):
    of = SelectField(_l("Whose shifts"), validate_choice=False)
    name = StringField(_l("Name of the device"))
    details = RadioField(
        _l("What the calendar shows"),
        choices=options([("details", _l("Office, hours and breaks")), ("busy", _l("Only “busy”"))]),
        default="details",
        validate_choice=False,
    )
    locale = RadioField(
        _l("Language of the texts"),
        choices=page_languages,
        validate_choice=False,
    )
    keep_cancelled = BooleanField(_l("Keep shifts that were called off, marked as cancelled"))


@blueprint.get("")
@login_required
def my_shifts() -> Response:
    actor = current_actor()
    duties = own_duties(actor, g.now)
    mine = read_my_shifts(actor, g.now, duties)
    return keep_for_reader(
        render_template(
            "me/my_shifts.html",
            mine=mine,
            scale=scale_of(mine),
            bars_of=bars_of,
            coming=my_week.coming_shifts(actor, g.now, duties),
            balance=my_week.balance(actor, g.now, duties),
            news=my_news.news(actor, g.now, duties),
            routes=duties.between(g.now).routes,
            now=g.now,
        )
    )


@blueprint.post("/seen")
@login_required
def confirm() -> Response:
    my_news.confirm(current_actor(), request.form.get("mark", ""), g.now)
    flash(_("Thank you: you have seen your shifts as they are now."))
    return redirect(url_for("me.my_shifts"))


@blueprint.get("/month/<int(fixed_digits=4):year>-<int(fixed_digits=2):month>")
@login_required
def my_month(year: int, month: int) -> Response:
    if not (1 <= month <= 12 and year >= 1):
        raise NotFound
    found = my_week.my_month(current_actor(), dt.date(year, month, 1), g.now)
    return keep_for_reader(render_template("me/month.html", month=found, now=g.now))


@blueprint.route("/feeds", methods=["GET", "POST"])
@login_required
def list_feeds() -> Response | tuple[str, int] | str:
    actor = current_actor()
    form = _with_subjects(FeedForm(locale=actor.locale, of=request.args.get("of")))
    if not form.is_submitted():
        return _feeds_page(form, _shown_once())
    try:
        made = feeds.create_feed(actor, subject=_subject(form), now=g.now, **_contents(form))
    except Invalid as error:
        add_faults(form, error)
    else:
        return _show_once(made)
    return _feeds_page(form, None), 400


@blueprint.route("/feeds/<int:feed_id>", methods=["GET", "POST"])
@login_required
def change_feed(feed_id: int) -> Response | tuple[str, int] | str:
    """Other contents behind the same address."""
    actor = current_actor()
    feed = feeds.get_feed(actor, feed_id)
    form = FeedForm(obj=feed, details="details" if feed.details else "busy")
    del form.of
    if form.is_submitted():
        try:
            feeds.change_feed(actor, feed_id, now=g.now, **_contents(form))
        except Invalid as error:
            add_faults(form, error)
        else:
            flash(_("The calendar of “%(name)s” is changed; its address is the same.",
                    name=form.name.data))  # fmt: skip
            return redirect(url_for("me.list_feeds"))
    page = render_template("me/feed.html", feed=feed, form=form)
    return (page, 400) if form.errors else page


@blueprint.post("/feeds/<int:feed_id>/rotate")
@login_required
def rotate_feed(feed_id: int) -> Response:
    return _show_once(feeds.rotate_feed(current_actor(), feed_id, g.now))


@blueprint.post("/feeds/<int:feed_id>/revoke")
@login_required
def revoke_feed(feed_id: int) -> Response:
    name = feeds.revoke_feed(current_actor(), feed_id, g.now)
    flash(_("The calendar of “%(name)s” has stopped; its address leads nowhere now.", name=name))
    return redirect(url_for("me.list_feeds"))


def _with_subjects(form: FeedForm) -> FeedForm:
    """Let the form offer all that the actor may follow; nothing to choose where that is one."""
    listed = feeds.subjects(current_actor())
    words = {
        feeds.SubjectKind.OFFICE: _("The office"),
        feeds.SubjectKind.COURSE: _("The course"),
        feeds.SubjectKind.ASSOCIATION: _("The people of"),
    }
    form.of.choices = [
        (str(one.subject), f"{words[one.subject.kind]} {one.name}" if one.name else _("My own"))
        for one in listed
    ]
    if not form.of.data or (not form.is_submitted() and form.of.data not in dict(form.of.choices)):
        form.of.data = str(listed[0].subject)
    return form


def _subject(form: FeedForm) -> feeds.Subject:
    """What was chosen; whether it may be followed is for the service to say."""
    found = feeds.Subject.parse(form.of.data or "")
    if found is None:
        raise NotFound
    return found


def _contents(form: FeedForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "",
        "locale": form.locale.data or "",
        "details": form.details.data == "details",
        "keep_cancelled": form.keep_cancelled.data,
    }


def _feeds_page(form: FeedForm, shown: dict[str, object] | None) -> str:
    actor = current_actor()
    return render_template(
        "me/feeds.html",
        feeds=feeds.list_feeds(actor),
        form=form,
        shown=shown,
        has_shifts=actor.is_mediator,
        language_called=language_called,
    )


def _show_once(made: feeds.NewFeed) -> Response:
    """Carry the token to the next page, and no further, so that a reload makes no second one."""
    session["new_feed"] = [made.name, made.token]
    return redirect(url_for("me.list_feeds"))


def _shown_once() -> dict[str, object] | None:
    if "new_feed" not in session:
        return None
    name, token = session.pop("new_feed")
    public = urlsplit(settings_of(current_app).public_url)
    path = url_for("feeds.calendar", token=token)
    address = f"{public.scheme}://{public.netloc}{public.path}{path}"
    webcal = f"webcal://{public.netloc}{public.path}{path}"
    return {"name": name, "address": address, "webcal": webcal, "code": qr_code(webcal)}
