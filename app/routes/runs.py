"""Long work as people watch it: how far it is, stopping it, where its result is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.routes.demand import tenths
from app.routes.formats import HOLD
from app.routes.roster_words import quality, search_step
from app.services import erasure, runs
from app.services.runs import RunView

blueprint = Blueprint("runs", __name__, url_prefix="/runs")


@blueprint.get("/<int:run_id>")
@login_required
def watch(run_id: int) -> str:
    run = runs.run_view(current_actor(), run_id)
    return render_template("runs/watch.html", run=run, told=_told(run), title=_title(run))


@blueprint.get("/<int:run_id>.json")
@login_required
def state(run_id: int) -> Response:
    return jsonify(_told(runs.run_view(current_actor(), run_id)))


@blueprint.post("/<int:run_id>/stop")
@login_required
def stop(run_id: int) -> Response:
    runs.ask_stop(current_actor(), run_id, g.now)
    return redirect(url_for("runs.watch", run_id=run_id, office=request.form.get("office") or None))


@blueprint.post("/<int:run_id>/cancel")
@login_required
def cancel(run_id: int) -> Response:
    runs.ask_cancel(current_actor(), run_id, g.now)
    return redirect(url_for("runs.watch", run_id=run_id, office=request.form.get("office") or None))


def _told(run: RunView) -> dict[str, Any]:
    """What the page and its script show of a run, in words as well as in numbers."""
    last = run.points[-1] if run.points else {}
    cost, bound = _last_known(run, "cost"), _last_known(run, "bound")
    return {
        "id": run.id,
        "kind": run.kind,
        "status": str(run.status),
        "ended": run.ended,
        "seconds": last.get("seconds"),
        "words": _words(run, cost, bound),
        "step": search_step(str(last.get("step", ""))) if not run.ended else "",
        "done": last.get("done"),
        "of": last.get("of"),
        "cost": cost,
        "bound": bound,
        "gap": _gap_words(cost, bound),
        "points": [
            {
                "seconds": one.get("seconds"),
                "cost": one.get("cost"),
                "bound": one.get("bound"),
                "gap": _gap(one.get("cost"), one.get("bound")),
            }
            for one in run.points
        ],
        "result_url": _result_url(run),
    }


def _gap(cost: int | None, bound: int | None) -> float | None:
    """How much of the cost could be saved at most, in percent."""
    if cost is None or bound is None:
        return None
    return round(100 * max(0, cost - bound) / max(1, cost), 1)


def _gap_words(cost: int | None, bound: int | None) -> str:
    gap = _gap(cost, bound)
    return "–" if gap is None else f"{tenths(gap)}{HOLD}%"


def _last_known(run: RunView, name: str) -> int | None:
    return next((one[name] for one in reversed(run.points) if one.get(name) is not None), None)


def _words(run: RunView, cost: int | None, bound: int | None) -> str:
    status = str(run.status)
    if status == "queued":
        return _("Waiting for its turn.")
    if status == "failed":
        return _("It did not work out.")
    if status == "cancelled":
        return _("It was called off; nothing was kept.")
    if status == "done" and run.kind != "build":
        return _("Done.")
    if run.cancel_asked and not run.ended:
        return _("Calling it off; nothing is kept.")
    if run.stop_asked and not run.ended:
        return _("Stopping; the best so far is kept.")
    if run.kind != "build":
        last = run.points[-1] if run.points else {}
        if last.get("step") == "requirements":
            return _("All offices are foreseen; working out who is needed.")
        if not last.get("of"):
            return _("At work.")
        if run.kind in ("waiting", "backtest", erasure.KIND):
            return _("Part %(done)d of %(of)d.", done=last.get("done", 0), of=last["of"])
        return _("Office %(done)d of %(of)d.", done=last.get("done", 0), of=last["of"])
    if cost is None:
        return _("Done.") if run.ended else _("Looking for a first roster.")
    if bound is None:
        return _("There is a roster; how good it is, is being worked out.")
    return quality(cost, bound)


def _title(run: RunView) -> str:
    titles = {
        "build": _("Building the week"),
        "forecast": _("Foreseeing the week"),
        "waiting": _("Trying out the week's waits"),
        "backtest": _("Foreseeing past weeks again"),
        erasure.KIND: _("Erasing a person"),
    }
    return titles.get(run.kind, _("Work under way"))


def _result_url(run: RunView) -> str:
    week = run.parameters.get("week")
    asked = run.parameters
    if run.ended and run.kind == "backtest":
        return url_for("demand.accuracy", office=asked["office"])
    if run.ended and run.kind == erasure.KIND:
        return url_for("mediators.show", mediator_id=asked["mediator"])
    if run.ended and run.kind == "waiting":
        return url_for(
            "demand.wait",
            monday=week,
            office=asked["office"],
            version=asked["roster"],
            factor=asked["factor"],
            away=asked["away"] or None,
        )
    if not (run.ended and week):
        return ""
    return url_for(
        "weeks.week",
        monday=week,
        office=request.args.get("office") or None,
        version=run.result.get("roster"),
    )
