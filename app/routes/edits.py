"""Editing a draft: a day opened, changed, handed over; undone and redone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.routes.edit_words import edit_words, published_words, reasons
from app.services import cell_view, editing, moves, resizing, sick_calls, versions
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.moves import Move, MoveKind
from app.services.open_drafts import Said
from app.services.own_hours import Hours
from app.services.own_hours import give as give_hours
from app.services.passed import RewritesPassed
from app.services.reach import reach_of
from app.services.resizing import Pull
from calendars.right_to_left import isolated

blueprint = Blueprint("edits", __name__, url_prefix="/rosters")
Answer = Response | str | tuple[str, int]


@blueprint.get("/<int:roster_id>/cells/<int:mediator_id>/<date:date>")
@login_required
def cell(roster_id: int, mediator_id: int, date: dt.date) -> str:
    view = cell_view.cell_view(current_actor(), roster_id, mediator_id, date, g.now)
    return _panel("rosters/cell.html", view=view)


@blueprint.get("/<int:roster_id>/cells/<int:mediator_id>/<date:date>/who")
@login_required
def who(roster_id: int, mediator_id: int, date: dt.date) -> str:
    actor = current_actor()
    view = cell_view.cell_view(actor, roster_id, mediator_id, date, g.now, with_choices=False)
    takers = cell_view.takers(actor, roster_id, mediator_id, date)
    return _panel("rosters/who.html", view=view, takers=takers)


@blueprint.post("/<int:roster_id>/change")
@login_required
def change(roster_id: int) -> Answer:
    form = request.form
    try:
        move = Move(
            kind=MoveKind(form.get("kind", "")),
            mediator_id=int(form.get("mediator", "")),
            date=dt.date.fromisoformat(form.get("date", "")),
            shift=form.get("shift") or None,
            to_mediator_id=form.get("to_mediator", type=int),
            to_date=dt.date.fromisoformat(form["to_date"]) if form.get("to_date") else None,
        )
    except ValueError:
        raise NotFound from None
    return _answered(
        roster_id,
        lambda: moves.make(current_actor(), roster_id, _revision(), move, g.now, said()),
    )


@blueprint.post("/<int:roster_id>/hours")
@login_required
def own_hours(roster_id: int) -> Answer:
    """A day gets hours of the coordinator's own, with as many breaks as are given."""
    form = request.form
    try:
        hours = Hours(
            mediator_id=int(form.get("mediator", "")),
            date=dt.date.fromisoformat(form.get("date", "")),
            office=form.get("at", ""),
            start_minute=_minute(form.get("start", "")),
            end_minute=_minute(form.get("end", "")),
            breaks=_breaks(form.get("breaks", "")),
        )
    except ValueError:
        fault = InputFault(
            "start",
            form.get("start"),
            _("times such as 09:00 and breaks such as 12:00-12:30, 15:00-15:30"),
        )
        return _refused(roster_id, _("That cannot be done."), faults=[fault]), 400
    return _answered(
        roster_id,
        lambda: give_hours(current_actor(), roster_id, _revision(), hours, g.now, said()),
    )


@blueprint.post("/<int:roster_id>/resize")
@login_required
def resize(roster_id: int) -> Answer:
    """The ends of a shift moved by so many minutes, as a hand pulls them on the board."""
    form = request.form
    try:
        pull = Pull(
            mediator_id=int(form.get("mediator", "")),
            date=dt.date.fromisoformat(form.get("date", "")),
            start_by=int(form.get("start_by", "0")),
            end_by=int(form.get("end_by", "0")),
        )
    except ValueError:
        raise NotFound from None
    return _answered(
        roster_id,
        lambda: resizing.resize(current_actor(), roster_id, _revision(), pull, g.now, said()),
    )


def _answered(roster_id: int, edit: Callable[[], int]) -> Answer:
    try:
        edit()
    except editing.BrokenRules as error:
        return _refused(roster_id, _("That breaks a rule."), broken=error.broken), 400
    except RewritesPassed as error:
        return _refused(roster_id, _("That has begun."), passed=error.details), 409
    except Conflict as error:
        return _refused(roster_id, str(error), since=error.details or ()), 409
    except Invalid as error:
        return _refused(roster_id, _("That cannot be done."), faults=error.faults), 400
    return _done(roster_id)


def _revision() -> int:
    return request.form.get("revision", type=int, default=-1)


def said() -> Said:
    """What the form says was said to on the page that refused it before."""
    return Said(bool(request.form.get("anyway")), bool(request.form.get("corrects")))


def _minute(clock: str) -> int:
    time = dt.time.fromisoformat(clock.strip())
    return time.hour * 60 + time.minute


def _breaks(text: str) -> tuple[tuple[int, int], ...]:
    """12:00-12:30, 15:00-15:30"""
    pauses = []
    for part in text.replace("–", "-").replace(";", ",").split(","):
        if part.strip():
            start, _dash, end = part.partition("-")
            pauses.append((_minute(start), _minute(end)))
    return tuple(sorted(pauses))


@blueprint.post("/<int:roster_id>/undo")
@login_required
def undo(roster_id: int) -> Answer:
    return _turn(roster_id, undoing=True)


@blueprint.post("/<int:roster_id>/redo")
@login_required
def redo(roster_id: int) -> Answer:
    return _turn(roster_id, undoing=False)


@blueprint.post("/<int:roster_id>/draft")
@login_required
def draft_from(roster_id: int) -> Response:
    actor = current_actor()
    made = versions.draft_from(actor, roster_id, g.now)
    flash(_("This is a new draft with the same shifts. What is published stays until you publish."))
    return redirect(_week_url(made))


@blueprint.get("/<int:roster_id>/compare")
@login_required
def compare(roster_id: int) -> str:
    view = versions.compare(
        current_actor(), roster_id, request.args.get("with", type=int, default=roster_id)
    )
    return render_template("rosters/compare.html", view=view, office=request.args.get("office"))


@blueprint.get("/<int:roster_id>/cells/<int:mediator_id>/<date:date>/sick")
@login_required
def sick(roster_id: int, mediator_id: int, date: dt.date) -> str:
    view = sick_calls.sick_call(current_actor(), roster_id, mediator_id, date, g.now)
    return _panel("rosters/sick.html", view=view)


@blueprint.post("/<int:roster_id>/cells/<int:mediator_id>/<date:date>/sick")
@login_required
def repair(roster_id: int, mediator_id: int, date: dt.date) -> Response:
    key = request.form.get("repair", "")
    made = sick_calls.take(current_actor(), roster_id, mediator_id, date, key, g.now)
    flash(published_words(_("The repair is published."), reach_of(current_actor(), made)))
    return redirect(_week_url(made))


@blueprint.post("/<int:roster_id>/sick-call/undo")
@login_required
def take_back(roster_id: int) -> Response:
    made = sick_calls.take_back(current_actor(), roster_id, g.now)
    flash(published_words(_("The repair is taken back."), reach_of(current_actor(), made)))
    return redirect(_week_url(made))


@blueprint.get("/<int:roster_id>/revision.json")
@login_required
def revision(roster_id: int) -> Response:
    """Where the draft stands, and what was changed after the revision that the asker has."""
    actor = current_actor()
    since = request.args.get("since", type=int, default=0)
    number, told = editing.revision_since(actor, roster_id, since)
    return jsonify(
        revision=number,
        changes=[
            isolated(f"{one.by}: {edit_words(one)}" if one.by else edit_words(one)) for one in told
        ],
    )


def _turn(roster_id: int, *, undoing: bool) -> Answer:
    turn = editing.undo if undoing else editing.redo
    return _answered(
        roster_id, lambda: turn(current_actor(), roster_id, _revision(), g.now, said())
    )


def _done(roster_id: int) -> Answer:
    if _wants_part():
        return Response(status=204)
    return redirect(_week_url(roster_id))


def _refused(roster_id: int, title: str, **told: object) -> str:
    """Why an edit was not made; what may be made all the same can be sent again."""
    again = {
        name: value for name, value in request.form.items() if name not in ("csrf_token", "anyway")
    }
    return render_template(
        "rosters/refused.html",
        layout=_layout(),
        title=title,
        again=again,
        roster_id=roster_id,
        back_url=_week_url(roster_id),
        edit_words=edit_words,
        **told,
    )


def _panel(template: str, **told: object) -> str:
    return render_template(
        template,
        layout=_layout(),
        reasons=reasons,
        office=request.args.get("office") or None,
        **told,
    )


def _wants_part() -> bool:
    return "X-Part" in request.headers


def _layout() -> str:
    return "part.html" if _wants_part() else "base.html"


def _week_url(roster_id: int) -> str:
    actor = current_actor()
    week = editing.week_of(actor, roster_id)
    office = request.form.get("office") or editing.office_of(actor, roster_id)
    return url_for("weeks.week", monday=week, office=office, version=roster_id)
