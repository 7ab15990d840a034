"""The scenarios of a week: compared in one table, one taken up, the others put aside and back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.routes.roster_words import option_words
from app.services import editing, scenario_choice, scenarios
from app.services.errors import Invalid

blueprint = Blueprint("scenarios", __name__)


@blueprint.get("/weeks/<date:monday>/scenarios")
@login_required
def index(monday: dt.date) -> str:
    view = scenarios.scenarios_view(current_actor(), request.args.get("office"), monday)
    return render_template(
        "scenarios/index.html",
        view=view,
        option_words=option_words,
        undo=_numbers("back"),
        undo_choice=request.args.get("before", type=int),
        undo_of=request.args.get("done", type=int, default=0),
    )


@blueprint.get("/weeks/<date:monday>/scenarios/two")
@login_required
def two(monday: dt.date) -> Response:
    """From a form with two versions to the page that compares them."""
    first = request.args.get("first", type=int, default=0)
    second = request.args.get("second", type=int, default=0)
    office = request.args.get("office") or None
    if not (first and second):
        return redirect(url_for("scenarios.index", monday=monday, office=office))
    asked: dict[str, Any] = {"with": second}
    return redirect(url_for("edits.compare", roster_id=first, office=office, **asked))


@blueprint.post("/rosters/<int:roster_id>/choose")
@login_required
def choose(roster_id: int) -> Response:
    actor = current_actor()
    before, put_aside = scenario_choice.choose(
        actor, roster_id, g.now, discard_others=bool(request.form.get("discard_others"))
    )
    flash(_("This one is worked on from now on; the week shows it."))
    return _back(roster_id, before=before, back=put_aside)


@blueprint.post("/rosters/<int:roster_id>/undo-choice")
@login_required
def undo_choice(roster_id: int) -> Response:
    """Bring back what was put aside, and take up again what was in hand."""
    actor = current_actor()
    put_aside = [int(one) for one in request.form.getlist("back") if one.isdecimal()]
    before = request.form.get("before", type=int)
    scenario_choice.undo_choice(actor, roster_id, before or None, put_aside, g.now)
    flash(_("It is as before."))
    return _back(roster_id)


@blueprint.post("/rosters/<int:roster_id>/discard")
@login_required
def discard(roster_id: int) -> Response:
    scenario_choice.discard(current_actor(), roster_id, g.now)
    flash(_("It is put aside; nothing of it is lost."))
    return _back(roster_id, back=(roster_id,))


@blueprint.post("/rosters/<int:roster_id>/bring-back")
@login_required
def bring_back(roster_id: int) -> Response:
    scenario_choice.bring_back(current_actor(), [roster_id], g.now)
    flash(_("It stands among the scenarios again."))
    return _back(roster_id)


@blueprint.post("/rosters/<int:roster_id>/rename")
@login_required
def rename(roster_id: int) -> Response:
    try:
        scenario_choice.rename(current_actor(), roster_id, request.form.get("name", ""), g.now)
    except Invalid as error:
        flash(
            _("The name was not kept: expected %(what)s.", what=error.faults[0].expected), "error"
        )
    return _back(roster_id)


@blueprint.post("/weeks/<date:monday>/scenarios/waits")
@login_required
def waits(monday: dt.date) -> Response:
    """Try out the wait of every scenario at one office; those that are known are left."""
    office = request.form.get("office", "")
    asked = scenarios.ask_waits(current_actor(), office, monday, g.now)
    flash(
        _("The waits are being tried out; look again in a moment.")
        if asked
        else _("The wait of every scenario is known already.")
    )
    return redirect(url_for("scenarios.index", monday=monday, office=office))


def _numbers(name: str) -> list[int]:
    return [int(one) for one in request.args.getlist(name) if one.isdecimal()]


def _back(roster_id: int, before: int | None = None, back: tuple[int, ...] = ()) -> Response:
    week = editing.week_of(current_actor(), roster_id)
    return redirect(
        url_for(
            "scenarios.index",
            monday=week,
            office=request.form.get("office") or None,
            before=before,
            back=back or None,
            done=roster_id if before or back else None,
        )
    )
