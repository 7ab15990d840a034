"""The list of languages: added and renamed by network coordinators."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l
from app.routes.common import current_actor
from app.services import languages
from app.services.errors import Invalid

blueprint = Blueprint("languages", __name__, url_prefix="/languages")

FIELD_WORDS = {
    "code": _l("Code"),
    "name_pt": _l("Name in Portuguese"),
    "name_en": _l("Name in English"),
}


@blueprint.get("")
@login_required
def index() -> str:
    return _page({})


@blueprint.post("")
@login_required
def add() -> Response | tuple[str, int]:
    typed = {name: request.form.get(name, "").strip() for name in FIELD_WORDS}
    try:
        languages.create_language(
            current_actor(), typed["code"], typed["name_pt"], typed["name_en"], g.now
        )
    except Invalid as error:
        return _refused(error, typed)
    flash(_("Saved: %(name)s", name=typed["name_pt"]))
    return redirect(url_for("languages.index"))


@blueprint.post("/<code>")
@login_required
def rename(code: str) -> Response | tuple[str, int]:
    name_pt, name_en = (request.form.get(one, "").strip() for one in ("name_pt", "name_en"))
    try:
        languages.rename_language(current_actor(), code, name_pt, name_en, g.now)
    except Invalid as error:
        return _refused(error, {})
    flash(_("Saved: %(name)s", name=name_pt))
    return redirect(url_for("languages.index"))


def _refused(error: Invalid, typed: dict[str, str]) -> tuple[str, int]:
    for fault in error.faults:
        label = FIELD_WORDS.get(fault.field, fault.field)
        flash(_("%(field)s: expected %(expected)s", field=label, expected=fault.expected), "error")
    return _page(typed), 400


def _page(typed: dict[str, str]) -> str:
    found = languages.language_list(current_actor())
    return render_template("languages/index.html", found=found, typed=typed)
