"""Why? and who could?: of a row of cover that is short on a day."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request
from flask_login import login_required

from app.routes.common import current_actor
from app.routes.edit_words import reasons
from app.routes.why_words import cause_words, group_words
from app.services import why_view

blueprint = Blueprint("reasons", __name__, url_prefix="/rosters")


@blueprint.get("/<int:roster_id>/why/<office>/<date:date>")
@login_required
def why(roster_id: int, office: str, date: dt.date) -> str:
    view = why_view.why_view(current_actor(), roster_id, office, date, request.args.get("row", ""))
    return _panel("rosters/why.html", view=view)


@blueprint.get("/<int:roster_id>/why/<office>/<date:date>/who")
@login_required
def who(roster_id: int, office: str, date: dt.date) -> str:
    view = why_view.fill_view(
        current_actor(),
        roster_id,
        office,
        date,
        request.args.get("row", ""),
        request.args.get("slot", type=int, default=-1),
    )
    return _panel("rosters/fill.html", view=view)


def _panel(template: str, **told: object) -> str:
    return render_template(
        template,
        layout="part.html" if "X-Part" in request.headers else "base.html",
        reasons=reasons,
        cause_words=cause_words,
        group_words=group_words,
        **told,
    )
