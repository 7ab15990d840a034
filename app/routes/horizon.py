"""What lies ahead of the desks: losses, the heat of the months, sessions that would help."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask_login import login_required

from app.routes import formats, words
from app.routes.common import current_actor
from app.services.horizon_view import horizon_page

blueprint = Blueprint("horizon", __name__, url_prefix="/horizon")

MOST_STANDING = 12
MOST_COMING = 20
MOST_FOLDED = 200
"""Rows sent folded; of more, the page of a whole country, only when they are asked for."""


@blueprint.get("")
@login_required
def index() -> str:
    page = horizon_page(current_actor(), g.now)
    months = [(one, formats.month_short(one)) for one in page.months]
    return render_template(
        "horizon/index.html",
        page=page,
        months=months,
        named=words.named,
        most_standing=MOST_STANDING,
        most_coming=MOST_COMING,
        most_folded=MOST_FOLDED,
        everything=request.args.get("all") == "yes",
    )
