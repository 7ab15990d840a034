"""Publishing a roster: what it will do to whom, then doing it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.services import publish_view, rosters
from app.services.errors import Invalid
from app.services.horizon import NETWORK_ZONE

blueprint = Blueprint("rosters", __name__, url_prefix="/rosters")


@blueprint.get("/<int:roster_id>/publish")
@login_required
def preview(roster_id: int) -> str:
    return _page(roster_id)


@blueprint.post("/<int:roster_id>/publish")
@login_required
def publish(roster_id: int) -> Response | tuple[str, int]:
    actor = current_actor()
    before = publish_view.publish_view(actor, roster_id, _today())
    try:
        rosters.publish(actor, roster_id, g.now)
    except Invalid:
        return _page(roster_id), 400
    flash(_("Version %(version)d is published.", version=before.version))
    if before.replaces:
        flash(_("Version %(version)d is kept below, among the versions.", version=before.replaces))
    office = request.form.get("office") or None
    return redirect(url_for("weeks.week", monday=before.starts_on, office=office))


def _page(roster_id: int) -> str:
    view = publish_view.publish_view(current_actor(), roster_id, _today())
    return render_template("rosters/publish.html", view=view, office=request.values.get("office"))


def _today() -> dt.date:
    return g.now.astimezone(ZoneInfo(NETWORK_ZONE)).date()
