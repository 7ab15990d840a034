"""Publishing a roster: what it will do to whom, then doing it."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.services import publish_view, rosters, undone_loans, undone_swaps
from app.services.editing import BrokenRules
from app.services.errors import Invalid
from app.services.late_changes import Why
from app.services.passed import RewritesPassed
from app.services.shown import NotAsShown, Shown
from app.services.undone_swaps import UndoesSwaps

blueprint = Blueprint("rosters", __name__, url_prefix="/rosters")


@blueprint.get("/<int:roster_id>/publish")
@login_required
def preview(roster_id: int) -> str:
    return _page(roster_id)


@blueprint.post("/<int:roster_id>/publish")
@login_required
def publish(roster_id: int) -> Response | tuple[str, int]:
    actor = current_actor()
    before = publish_view.publish_view(actor, roster_id, g.now)
    try:
        rosters.publish(
            actor,
            roster_id,
            g.now,
            why=Why(reason=request.form.get("reason", "")),
            undo_swaps=bool(request.form.get("undo_swaps")),
            correct_passed=bool(request.form.get("correct_passed")),
            shown=_shown(),
        )
    except Invalid as error:
        missing = next((one.expected for one in error.faults if one.field == "reason"), "")
        return _page(roster_id, missing), 400
    except NotAsShown as error:
        return _page(roster_id, overtaken=str(error)), 409
    except (UndoesSwaps, RewritesPassed):
        return _page(roster_id), 409
    flash(_("Version %(version)d is published.", version=before.version))
    if before.replaces:
        flash(_("Version %(version)d is kept below, among the versions.", version=before.replaces))
    office = request.form.get("office") or None
    return redirect(url_for("weeks.week", monday=before.starts_on, office=office))


@blueprint.post("/<int:roster_id>/keep-swap")
@login_required
def keep_swap(roster_id: int) -> Response:
    """Put an approved swap into the draft, as one edit."""
    actor = current_actor()
    try:
        swap = undone_swaps.keep(actor, roster_id, _number("swap"), _number("revision"), g.now)
    except BrokenRules as error:
        flash(_("The swap does not fit the draft: %(why)s", why=_words(error)), "error")
    else:
        if swap is None:
            flash(_("This draft does not undo that swap any more."))
        else:
            told = {"one": swap.giver, "other": swap.taker}
            flash(_("The swap of %(one)s and %(other)s is in the draft.", **told))
    return _back_to_preview(roster_id)


@blueprint.post("/<int:roster_id>/keep-loan")
@login_required
def keep_loan(roster_id: int) -> Response:
    """Put an agreed loan into the draft, as one edit."""
    actor = current_actor()
    try:
        loan = undone_loans.keep_loan(actor, roster_id, _number("loan"), _number("revision"), g.now)
    except BrokenRules as error:
        flash(_("The loan does not fit the draft: %(why)s", why=_words(error)), "error")
    else:
        if loan is None:
            flash(_("This draft does not undo that loan any more."))
        else:
            flash(_("The loan of %(name)s is in the draft.", name=loan.name))
    return _back_to_preview(roster_id)


def _number(field: str) -> int:
    """A number that the form sends; -1, which nothing has, where it sends none."""
    return request.form.get(field, type=int, default=-1)


def _words(error: BrokenRules) -> str:
    return " ".join(one.text for one in error.broken)


def _back_to_preview(roster_id: int) -> Response:
    office = request.form.get("office") or None
    return redirect(url_for("rosters.preview", roster_id=roster_id, office=office))


def _shown() -> Shown | None:
    """What the page named that was sent; None where it named nothing."""
    revision = request.form.get("revision", type=int)
    if revision is None:
        return None
    return Shown(revision, request.form.get("replaces", type=int))


def _page(roster_id: int, reason_fault: str = "", overtaken: str = "") -> str:
    view = publish_view.publish_view(current_actor(), roster_id, g.now)
    return render_template(
        "rosters/publish.html",
        view=view,
        office=request.values.get("office"),
        reason=request.form.get("reason", ""),
        reason_fault=reason_fault,
        overtaken=overtaken,
    )
