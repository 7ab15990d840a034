"""The register of late changes: read, printed, taken away as CSV."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request
from flask_login import login_required

from app.i18n import _
from app.routes import words
from app.routes.common import current_actor
from app.routes.downloads import download
from app.routes.formats import clock
from app.services import late_changes, sheets_out
from app.services.late_changes import LateLine
from app.services.message_view import ToldTimes
from app.services.places import list_offices
from app.services.sheets_out import OutTable, Value

blueprint = Blueprint("late_changes", __name__, url_prefix="/late-changes")


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
    """The year's register for a spreadsheet."""
    office = request.args.get("office", type=int)
    lines = late_changes.take_away(current_actor(), year, office, g.now)
    table = OutTable(
        title=str(year),
        header=(
            _("Person"), _("Office"), _("Day"), _("Until now"), _("From now on"),
            _("Days of notice"), _("Reason"), _("Published"), _("By"), _("Told"), _("Mail sent"),
            _("Seen"), _("Times this year"),
        ),
        rows=tuple(_row(line) for line in lines),
    )  # fmt: skip
    content = sheets_out.write([table], "csv")
    return download(content, sheets_out.FORMS["csv"], f"late-changes-{year}.csv")


def _row(line: LateLine) -> tuple[Value, ...]:
    instants = (line.told_at, line.mailed_at, line.seen_at)
    return (
        line.mediator,
        line.home_office,
        line.date,
        _times(line.before, line.after),
        _times(line.after, line.before),
        line.notice_days,
        line.reason or words.LATE_CAUSES[line.cause],
        line.published_at.isoformat(timespec="minutes"),
        line.published_by,
        *(one.isoformat(timespec="minutes") if one else "" for one in instants),
        line.times_this_year,
    )


def _times(one: ToldTimes | None, other: ToldTimes | None) -> str:
    """Of a day before or after; `other` is the same day after or before."""
    if one is None:
        return _("off")
    told = [f"{clock(one.starts_at, one.zone)}–{clock(one.ends_at, one.zone)}"]
    if other is not None and one.breaks != other.breaks:
        told += [
            _(
                "break %(start)s to %(end)s",
                start=clock(start, one.zone),
                end=clock(end, one.zone),
            )
            for start, end in one.breaks
        ] or [_("without a break")]
    told.append(one.office)
    if one.route:
        told.append(_("field route %(route)s", route=one.route))
    return ", ".join(told)
