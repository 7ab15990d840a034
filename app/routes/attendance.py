"""Attendance and results of a session: by a grid, or by a sheet with a preview of every row."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.guards import takes_body
from app.i18n import _n
from app.models import CompletionResult
from app.routes.common import current_actor
from app.routes.courses import RESULTS
from app.routes.sheet_words import in_readers_words
from app.services import attendance, opinions
from app.services.attendance import ResultFacts
from app.services.errors import Invalid
from app.services.sheets import BYTES_MOST
from training.faults import Fault, TrainingFault

blueprint = Blueprint("attendance", __name__, url_prefix="/sessions/<int:session_id>")


@blueprint.route("/results", methods=["GET", "POST"])
@login_required
def results(session_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    grid = attendance.grid(actor, session_id, g.now)
    if request.method == "GET":
        return _grid_page(grid)
    wanted = [_facts(one.mediator_id, grid.on) for one in grid.rows if one.result is None]
    wanted = [one for one in wanted if one.result or one.minutes is not None or one.note]
    try:
        recorded = attendance.record_results(actor, session_id, wanted, g.now)
    except Invalid as error:
        names = {one.mediator_id: one.name for one in grid.rows}
        return _grid_page(grid, _placed(error, names)), 400
    _tell(recorded)
    return redirect(url_for("attendance.results", session_id=session_id))


@blueprint.route("/sheet", methods=["GET", "POST"])
@login_required
@takes_body(BYTES_MOST)
def sheet(session_id: int) -> Response | tuple[str, int] | str:
    """A paste or a file: seen first, row by row; saved when it is sent again as it was seen."""
    actor = current_actor()
    grid = attendance.grid(actor, session_id, g.now)
    if request.method == "GET":
        return _sheet_page(grid)
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    text = request.form.get("text", "")
    seen = request.form.get("seen", "")
    try:
        if seen:
            cells = attendance.cells_of(seen, b"", "")
            recorded = attendance.save_sheet(actor, session_id, cells, g.now)
            _tell(recorded)
            return redirect(url_for("attendance.results", session_id=session_id))
        name = (upload.filename or "") if upload else ""
        cells = attendance.cells_of(text, data, name)
        preview = attendance.preview(actor, session_id, cells, g.now)
    except TrainingFault as refusal:
        return _sheet_page(grid, text or seen, refusal.faults), 400
    except Invalid as error:
        names = {one.mediator_id: one.name for one in grid.rows}
        return _sheet_page(grid, text or seen, _faults(error, names)), 400
    text = text if not data else attendance.text_of(cells)
    if preview.faults:
        return _sheet_page(grid, text, preview.faults, preview), 400
    return _sheet_page(grid, text, (), preview, seen=attendance.text_of(cells))


def _facts(mediator_id: int, on: dt.date) -> ResultFacts:
    """A row of the grid; what cannot be read goes to the service as typed, to be refused."""
    result: Any = request.form.get(f"result-{mediator_id}", "")
    minutes: Any = request.form.get(f"minutes-{mediator_id}", "").strip()
    return ResultFacts(
        mediator_id=mediator_id,
        result=CompletionResult(result) if result in set(CompletionResult) else result,
        on=on,
        minutes=(int(minutes) if re.fullmatch(r"\d{1,6}", minutes) else minutes or None),
        note=request.form.get(f"note-{mediator_id}", "").strip(),
    )


def _placed(error: Invalid, names: dict[int, str]) -> list[dict[str, str]]:
    """The faults of a grid, each with the field it is about."""
    placed = []
    for fault in error.faults:
        _rows, mediator_id, field = fault.field.split(".", 2)
        field = field if field in ("minutes", "note") else "result"
        placed.append(
            {
                "anchor": f"{field}-{mediator_id}",
                "mediator_id": mediator_id,
                "label": names.get(int(mediator_id), ""),
                "expected": fault.expected,
            }
        )
    return placed


def _faults(error: Invalid, names: dict[int, str]) -> tuple[Fault, ...]:
    found = []
    for fault in error.faults:
        _rows, mediator_id, field = fault.field.split(".", 2)
        name = names.get(int(mediator_id), "")
        found.append(Fault(name, field, str(fault.value), fault.expected))
    return tuple(found)


def _tell(recorded: tuple[Any, ...]) -> None:
    certified = sum(one.certification_id is not None for one in recorded)
    flash(_n("%(num)d result is recorded.", "%(num)d results are recorded.", len(recorded)))
    if certified:
        flash(
            _n(
                "%(num)d certification is issued or renewed.",
                "%(num)d certifications are issued or renewed.",
                certified,
            )
        )


def _grid_page(grid: attendance.Grid, faults: Any = ()) -> str:
    return render_template(
        "sessions/results.html",
        grid=grid,
        faults=faults,
        typed=request.form,
        results=RESULTS,
        thought=opinions.satisfaction_of(current_actor(), grid.session.id),
    )


def _sheet_page(
    grid: attendance.Grid,
    text: str = "",
    faults: tuple[Fault, ...] = (),
    preview: attendance.Preview | None = None,
    seen: str = "",
) -> str:
    return render_template(
        "sessions/sheet.html",
        grid=grid,
        text=text,
        faults=[in_readers_words(one) for one in faults],
        preview=preview,
        seen=seen,
        results=RESULTS,
    )
