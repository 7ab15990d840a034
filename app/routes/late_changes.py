"""The register of late changes: read, printed, taken away as CSV."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, g, render_template, request
from flask_login import login_required

from app.i18n import _
from app.routes import words
from app.routes.common import current_actor
from app.routes.formats import clock
from app.services import late_changes
from app.services.late_changes import LateLine
from app.services.message_view import ToldTimes
from app.services.places import list_offices

blueprint = Blueprint("late_changes", __name__, url_prefix="/late-changes")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    years = late_changes.years_of(actor, g.now)
    year = request.args.get("year", type=int, default=years[0])
    office = request.args.get("office", type=int)
    return render_template(
        "late_changes/index.html",
        lines=late_changes.register(actor, year, office),
        years=sorted({*years, year}, reverse=True),
        year=year,
        office=office,
        offices=list_offices(actor),
        causes=words.LATE_CAUSES,
        most=late_changes.MOST_A_YEAR,
    )


@blueprint.get("/<int:year>.csv")
@login_required
def export(year: int) -> Response:
    """The year's register for a spreadsheet: semicolons and a byte-order mark, as Portuguese
    spreadsheets read it."""
    lines = late_changes.register(current_actor(), year, request.args.get("office", type=int))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        [
            _("Person"), _("Office"), _("Day"), _("Until now"), _("From now on"),
            _("Days of notice"), _("Reason"), _("Published"), _("By"), _("Told"), _("Mail sent"),
            _("Seen"), _("Times this year"),
        ]
    )  # fmt: skip
    for line in lines:
        writer.writerow([_cell(one) for one in _row(line)])
    return Response(
        "\ufeff" + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=late-changes-{year}.csv"},
    )


def _row(line: LateLine) -> list[object]:
    instants = (line.told_at, line.mailed_at, line.seen_at)
    return [
        line.mediator,
        line.home_office,
        line.date.isoformat(),
        _times(line.before),
        _times(line.after),
        line.notice_days,
        line.reason or words.LATE_CAUSES[line.cause],
        line.published_at.isoformat(timespec="minutes"),
        line.published_by,
        *(one.isoformat(timespec="minutes") if one else "" for one in instants),
        line.times_this_year,
    ]


def _times(one: ToldTimes | None) -> str:
    if one is None:
        return _("off")
    told = f"{clock(one.starts_at, one.zone)}–{clock(one.ends_at, one.zone)}, {one.office}"
    return f"{told}, {_('field route %(route)s', route=one.route)}" if one.route else told


def _cell(value: object) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = str(value)
    return f"'{text}" if not isinstance(value, int) and text.startswith(_FORMULA) else text
