"""Training in figures: hours against the yearly right, results, and the funders' export."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask_login import login_required
from werkzeug.wrappers import Response

from app.routes.common import current_actor
from app.routes.downloads import download
from app.services import sheets_out, training_report

blueprint = Blueprint("training_report", __name__, url_prefix="/training")


@blueprint.get("/hours")
@login_required
def hours() -> str:
    page = training_report.hours_page(current_actor(), request.args.get("year", type=int), g.now)
    return render_template("training_report/hours.html", page=page)


@blueprint.get("/<int:year>.<any(csv, xlsx):form>")
@login_required
def export(year: int, form: str) -> Response:
    tables = training_report.funders_tables(current_actor(), year, g.now)
    name = f"escala-formacao-{year}.{form}"
    return download(sheets_out.write(tables, form), sheets_out.FORMS[form], name)
