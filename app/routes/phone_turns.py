"""Quiet hours at a centre, given to the telephone and taken back: presses of a week's page."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.services import phone_giving

blueprint = Blueprint("phone_turns", __name__, url_prefix="/weeks/telephone")


@blueprint.post("")
@login_required
def give() -> Response:
    office = request.form.get("office", "")
    starts_at = _instant(request.form.get("starts_at", ""))
    mediator = request.form.get("mediator", type=int, default=0)
    phone_giving.give(current_actor(), office, mediator, starts_at, g.now)
    flash(_("Given: the person is told; boards, Now and calendars show it."))
    return _week(office)


@blueprint.post("/<int:turn_id>/take-back")
@login_required
def take_back(turn_id: int) -> Response:
    phone_giving.take_back(current_actor(), turn_id, g.now)
    flash(_("Taken back; the person is told."))
    return _week(request.form.get("office", ""))


def _week(office: str) -> Response:
    monday = request.form.get("monday", "")
    try:
        week = dt.date.fromisoformat(monday)
    except ValueError:
        return redirect(url_for("weeks.this_week", office=office))
    return redirect(url_for("weeks.week", monday=week, office=office, _anchor="quiet-title"))


def _instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        abort(404)
    if found.tzinfo is None:
        abort(404)
    return found
