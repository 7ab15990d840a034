"""People as a whole: languages by offices, people out of a file, an association's ledger."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from app.guards import takes_body
from app.i18n import _l, _n
from app.routes import words
from app.routes.common import current_actor
from app.routes.downloads import download
from app.routes.uploading import file_faults, sent_file, told_columns
from app.services import language_map, ledger, people_import, sheets_out
from app.services.errors import Invalid
from app.services.places import list_languages
from app.services.rights import require_any_coordinator
from app.services.sheets import BYTES_MOST

blueprint = Blueprint("people", __name__)

COLUMN_WORDS = {
    "code": _l("Code"),
    "name": _l("Full name"),
    "called_name": _l("Name the person uses"),
    "email": _l("Mail address"),
    "association": _l("Association"),
    "regime": _l("Contract regime"),
    "home_office": _l("Usual office"),
    "other_offices": _l("Other offices"),
    "languages": _l("Languages"),
    "week_hours": _l("Hours a week"),
    "shift_least_hours": _l("Shortest shift, hours"),
    "shift_most_hours": _l("Longest shift, hours"),
    "starts_on": _l("First day"),
    "ends_on": _l("Last day"),
    "gender": _l("Gender"),
}


@blueprint.get("/mediators/languages")
@login_required
def languages() -> str:
    return render_template(
        "people/languages.html", map=language_map.language_map(current_actor(), g.now)
    )


@blueprint.route("/mediators/import", methods=["GET", "POST"])
@login_required
@takes_body(BYTES_MOST)
def upload() -> AnyResponse | str | tuple[str, int]:
    actor = current_actor()
    require_any_coordinator(actor)
    if request.method == "GET":
        return render_template("people/upload.html", faults=[], labels=COLUMN_WORDS)
    try:
        upload_id = people_import.take_in(actor, *sent_file(), g.now)
    except Invalid as error:
        faults = file_faults(error)
        return render_template("people/upload.html", faults=faults, labels=COLUMN_WORDS), 400
    return redirect(url_for("people.import_file", upload_id=upload_id))


@blueprint.route("/mediators/import/<int:upload_id>", methods=["GET", "POST"])
@login_required
def import_file(upload_id: int) -> AnyResponse | str | tuple[str, int]:
    actor = current_actor()
    mapping = told_columns(people_import.FIELDS)
    found = people_import.preview(actor, upload_id, g.now, mapping)
    if request.form.get("do") == "import" and found.ready:
        people = people_import.carry_out(actor, upload_id, g.now, mapping)
        flash(_n("%(num)d person is saved.", "%(num)d people are saved.", people))
        return redirect(url_for("mediators.index"))
    page = render_template(
        "people/preview.html", found=found, labels=COLUMN_WORDS, fields=people_import.FIELDS
    )
    return (page, 400) if request.method == "POST" and found.file.fault_count else page


@blueprint.get("/associations/<int:association_id>/ledger")
@login_required
def show_ledger(association_id: int) -> str:
    found = ledger.ledger(current_actor(), association_id, request.args.get("month"), g.now)
    return render_template(
        "people/ledger.html", found=found, languages=words.language_names(list_languages())
    )


@blueprint.get("/associations/<int:association_id>/ledger.<any(csv, xlsx):form>")
@login_required
def ledger_file(association_id: int, form: str) -> Response:
    found = ledger.ledger(current_actor(), association_id, request.args.get("month"), g.now)
    table = ledger.ledger_table(found, words.language_names(list_languages()))
    name = f"escala-{found.association.code}-{found.month:%Y-%m}.{form}"
    return download(sheets_out.write([table], form), sheets_out.FORMS[form], name)
