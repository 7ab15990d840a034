"""Open data: past years' services, for everybody and without signing in."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template

from app.routes.downloads import download
from app.services import public_statistics
from app.services.disclosure import LEAST

blueprint = Blueprint("statistics", __name__, url_prefix="/statistics")


@blueprint.get("")
def index() -> str:
    years = public_statistics.published_years(g.now)
    return render_template(
        "statistics/index.html",
        years=[public_statistics.year_of_data(one, g.now) for one in years],
        columns=public_statistics.COLUMNS,
        least=LEAST,
    )


@blueprint.get("/<int:year>.csv")
def as_csv(year: int) -> Response:
    found = public_statistics.year_of_data(year, g.now)
    return download(public_statistics.to_csv(found), "text/csv", f"escala-{year}.csv")


@blueprint.get("/<int:year>.json")
def as_json(year: int) -> Response:
    found = public_statistics.year_of_data(year, g.now)
    return download(public_statistics.to_json(found), "application/json", f"escala-{year}.json")
