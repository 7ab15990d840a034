"""A week of an office: cover, board, state; asking for its forecast, requirements and roster."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField

from app.i18n import _, _l, _n
from app.routes.common import current_actor
from app.routes.edit_words import edit_words
from app.routes.forms import add_faults
from app.routes.roster_words import quality
from app.services import (
    board_wait,
    draft_facts,
    editing,
    group_builds,
    network_view,
    phone_giving,
    planning,
    quiet_ahead,
    rosters,
    scenario_choice,
    sick_calls,
    week_todo,
    week_view,
    weeks,
    withdrawals,
)
from app.services.errors import Invalid

blueprint = Blueprint("weeks", __name__, url_prefix="/weeks")


class BuildForm(FlaskForm):
    keep_locks = BooleanField(_l("Keep the shifts I locked"))
    few_changes = BooleanField(_l("Change as little as possible of what is there"))
    even_evenings = BooleanField(_l("Share evenings and Saturdays more evenly"))
    other_offices = BooleanField(_l("Let people work at the other offices they agreed to"))
    name = StringField(_l("Name of the scenario"))


@blueprint.get("")
@login_required
def this_week() -> Response:
    monday = weeks.planning_week(current_actor(), g.now)
    return redirect(url_for("weeks.week", monday=monday, office=request.args.get("office")))


@blueprint.get("/network")
@login_required
def network_now() -> Response:
    """All the offices in the week to plan next."""
    monday = weeks.planning_week(current_actor(), g.now)
    return redirect(url_for("weeks.network", monday=monday))


@blueprint.get("/all")
@login_required
def index() -> str:
    actor = current_actor()
    week = weeks.planning_week(actor, g.now)
    view = week_view.week_view(actor, request.args.get("office"), week, now=g.now)
    lines = weeks.weeks_of(actor, view.group_id, g.now)
    return render_template("weeks/index.html", view=view, lines=lines)


@blueprint.get("/<date:monday>")
@login_required
def week(monday: dt.date) -> str:
    actor = current_actor()
    view = week_view.week_view(
        actor,
        request.args.get("office"),
        monday,
        roster_id=request.args.get("version", type=int),
        day=request.args.get("day", type=int),
        find=request.args.get("find", ""),
        page=request.args.get("page", 1, type=int),
        now=g.now,
    )
    draft = view.roster if view.roster and view.roster.version.status == "draft" else None
    part = request.headers.get("X-Part") == "week"
    return render_template(
        "weeks/_live.html" if part else "weeks/week.html",
        view=view,
        revision=editing.revision_of(actor, draft.version.id) if draft else None,
        edit_words=edit_words,
        broken=withdrawals.broken_shifts(actor, view.office.code, view.starts_on, g.now),
        sick_call=view.roster is not None
        and sick_calls.can_take_back(actor, view.roster.version.id),
        wait=board_wait.board_wait(actor, view.office.code, view.roster.version.id)
        if view.roster
        else None,
        changed=draft_facts.changed_facts(actor, draft.version.id) if draft else (),
        may_plan=actor.office_ids is None,
        quality=quality,
        earlier=view.starts_on - dt.timedelta(weeks=1),
        later=view.starts_on + dt.timedelta(weeks=1),
        this_monday=weeks.this_monday(g.now),
        # What follows an edit has no need of these.
        **({} if part else _to_see_to(view)),
    )


def _to_see_to(view: week_view.WeekView) -> dict[str, object]:
    published = view.roster is not None and view.roster.version.status == "published"
    turns = phone_giving.turns_of_week(current_actor(), view.office.code, view.starts_on)
    return {
        "turns": turns,
        "ahead": quiet_ahead.ahead_of(view.quiet, turns, g.now) if view.quiet else None,
        "may_give": published and view.quiet is not None,
        "given_elsewhere": any(one.status == "published" for one in view.versions),
        "notice": week_todo.notice_of(view.group_id, view.starts_on, g.now),
        "todo": week_todo.todo_at(current_actor(), view.office.code, view.starts_on, g.now),
    }


@blueprint.get("/<date:monday>/network")
@login_required
def network(monday: dt.date) -> str:
    """All the offices that are planned together."""
    actor = current_actor()
    view = network_view.network_view(
        actor,
        monday,
        g.now,
        office_code=request.args.get("office"),
        roster_id=request.args.get("version", type=int),
        day=request.args.get("day", type=int),
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "weeks/network.html",
        view=view,
        notice=view.notice,
        todo=view.todo,
        office=request.args.get("office"),
        may_plan=actor.office_ids is None,
        quality=quality,
        earlier=view.starts_on - dt.timedelta(weeks=1),
        later=view.starts_on + dt.timedelta(weeks=1),
        this_monday=weeks.this_monday(g.now),
    )


@blueprint.post("/<date:monday>/forecast")
@login_required
def ask_forecast(monday: dt.date) -> Response:
    group_id = request.form.get("group", type=int) or 0
    run_id = planning.ask_forecast(current_actor(), group_id, monday, g.now)
    return _watch(run_id)


@blueprint.route("/<date:monday>/build", methods=["GET", "POST"])
@login_required
def build(monday: dt.date) -> Response | str | tuple[str, int]:
    actor = current_actor()
    view = week_view.week_view(actor, request.values.get("office"), monday, now=g.now)
    if request.method == "GET":
        return _build_page(view, BuildForm(formdata=None, keep_locks=True, other_offices=True))
    form = BuildForm()
    try:
        name = scenario_choice.check_name(form.name.data or "")
        run_id = rosters.ask_build(
            actor,
            view.group_id,
            monday,
            g.now,
            keep_locks=form.keep_locks.data,
            few_changes=form.few_changes.data,
            even_evenings=form.even_evenings.data,
            other_offices=form.other_offices.data,
            name=name,
        )
    except Invalid as error:
        add_faults(form, error)
        return _build_page(view, form), 400
    return _watch(run_id)


def _build_page(view: week_view.WeekView, form: BuildForm) -> str:
    """The options; where nobody knows who is needed, the way to know it in their place."""
    return render_template(
        "weeks/build.html",
        view=view,
        form=form,
        asked_for=rosters.is_asked_for(view.group_id, view.starts_on),
        may_plan=current_actor().office_ids is None,
    )


@blueprint.post("/<date:monday>/build-all")
@login_required
def build_all(monday: dt.date) -> Response:
    """Queue a build of every planning group's week."""
    try:
        asked = group_builds.ask_group_builds(current_actor(), monday, g.now)
    except Invalid as error:
        for fault in error.faults:
            flash(_("%(field)s: expected %(expected)s", field=_("Week"), expected=fault.expected),
                  "error")  # fmt: skip
    else:
        flash(
            _n(
                "A build of %(num)d planning group waits for its turn.",
                "Builds of %(num)d planning groups wait for their turn.",
                len(asked),
            )
        )
    office = request.form.get("office") or None
    return redirect(url_for("weeks.network", monday=monday, office=office))


def _watch(run_id: int) -> Response:
    office = request.form.get("office") or None
    return redirect(url_for("runs.watch", run_id=run_id, office=office))
