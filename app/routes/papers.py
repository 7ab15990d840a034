"""Paper and files: the schedule map, a person's month, tables out, a board in."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from app.guards import takes_body
from app.i18n import _, _l, _n
from app.routes.common import current_actor
from app.routes.downloads import download
from app.routes.edits import said
from app.routes.uploading import file_faults, sent_file, told_columns
from app.services import board_import, roster_tables, sheets_out, wall_map
from app.services.editing import BrokenRules
from app.services.errors import Conflict, Invalid
from app.services.passed import RewritesPassed
from app.services.sheets import BYTES_MOST

blueprint = Blueprint("papers", __name__)

BOARD_WORDS = {
    "mediator": _l("Mediator's code"),
    "date": _l("Date"),
    "office": _l("Office"),
    "start": _l("Start"),
    "end": _l("End"),
    "breaks": _l("Breaks"),
    "break_from": _l("Break from"),
    "locked": _l("Locked"),
}


@blueprint.get("/rosters/<int:roster_id>/map.pdf")
@login_required
def schedule_map(roster_id: int) -> Response:
    pdf, name = wall_map.schedule_map(current_actor(), roster_id, request.args.get("office", ""))
    return download(pdf, "application/pdf", name)


@blueprint.get("/rosters/<int:roster_id>/<any(board, hours, cover):what>.<any(csv, xlsx):form>")
@login_required
def roster_file(roster_id: int, what: str, form: str) -> Response:
    tables = roster_tables.roster_tables(
        current_actor(), roster_id, what, request.args.get("office"), g.now
    )
    name = roster_tables.file_name(roster_id, what)
    return download(sheets_out.write(tables, form), sheets_out.FORMS[form], f"{name}.{form}")


@blueprint.get("/me/month.pdf")
@login_required
def my_month() -> Response:
    pdf, name = wall_map.month_sheet(current_actor(), None, request.args.get("month"), g.now)
    return download(pdf, "application/pdf", name)


@blueprint.get("/mediators/<int:mediator_id>/month.pdf")
@login_required
def month(mediator_id: int) -> Response:
    pdf, name = wall_map.month_sheet(current_actor(), mediator_id, request.args.get("month"), g.now)
    return download(pdf, "application/pdf", name)


@blueprint.route("/rosters/<int:roster_id>/import", methods=["GET", "POST"])
@login_required
@takes_body(BYTES_MOST)
def upload_board(roster_id: int) -> AnyResponse | str | tuple[str, int]:
    week = board_import.week_of_draft(current_actor(), roster_id)
    if request.method == "GET":
        return render_template("papers/upload.html", roster_id=roster_id, week=week, faults=[])
    try:
        upload_id = board_import.take_in(current_actor(), roster_id, *sent_file(), g.now)
    except Invalid as error:
        faults = file_faults(error)
        page = render_template("papers/upload.html", roster_id=roster_id, week=week, faults=faults)
        return page, 400
    return redirect(url_for("papers.import_board", roster_id=roster_id, upload_id=upload_id))


@blueprint.route("/rosters/<int:roster_id>/import/<int:upload_id>", methods=["GET", "POST"])
@login_required
def import_board(roster_id: int, upload_id: int) -> AnyResponse | str | tuple[str, int]:
    actor = current_actor()
    mapping = told_columns(board_import.FIELDS)
    found = board_import.preview(actor, roster_id, upload_id, mapping)
    refused, corrects = "", False
    if request.form.get("do") == "import" and found.ready:
        try:
            days = board_import.carry_out(
                actor,
                roster_id,
                upload_id,
                g.now,
                mapping,
                revision=request.form.get("revision", type=int),
                said=said(),
            )
        except BrokenRules:
            refused = _("Nothing was brought in: the file breaks the rules below.")
        except RewritesPassed as error:
            refused, corrects = str(error), True
        except Conflict as error:
            refused = str(error)
        else:
            flash(_n("%(num)d day is changed.", "%(num)d days are changed.", days))
            return redirect(url_for("weeks.week", monday=found.week, version=roster_id))
    page = render_template(
        "papers/preview.html",
        found=found,
        refused=refused,
        corrects=corrects,
        labels=BOARD_WORDS,
        fields=board_import.FIELDS,
    )
    return (page, 400) if request.method == "POST" and (found.file.fault_count or refused) else page
