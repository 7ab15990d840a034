"""The network on one page, and services counted by centre, year and support office."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request
from flask_login import login_required

from app.routes.common import current_actor
from app.routes.downloads import download
from app.services import coordination, service_counts, sheets_out
from app.services.horizon import network_date

blueprint = Blueprint("coordination", __name__, url_prefix="/coordination")


@blueprint.get("")
@login_required
def show() -> str:
    found = coordination.coordination(current_actor(), g.now)
    return render_template(
        "coordination/show.html", found=found, weeks_of_wait=coordination.WAIT_WEEKS
    )


@blueprint.get("/services")
@login_required
def services() -> str:
    return render_template(
        "coordination/services.html", found=_counts(), this_year=network_date(g.now).year
    )


@blueprint.get("/services.<any(csv, xlsx):form>")
@login_required
def services_file(form: str) -> Response:
    found = _counts()
    name = f"escala-servicos{f'-{found.year}' if found.year else ''}.{form}"
    content = sheets_out.write(service_counts.tables(found), form)
    return download(content, sheets_out.FORMS[form], name)


def _counts() -> service_counts.ServiceCounts:
    year = request.args.get("year", type=int)
    return service_counts.service_counts(current_actor(), year, g.now)
