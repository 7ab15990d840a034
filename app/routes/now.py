"""Now: a reception's screen, signed in or by a screen's own address; and those addresses."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, StringField

from app import settings_of
from app.i18n import _, _l, in_language
from app.models import Shows
from app.routes.common import current_actor, keys, origin
from app.routes.fields import faults_of, options, page_languages, place_faults
from app.services import limits, now_view, office_choice, screens
from app.services.errors import Invalid, NotFound
from app.services.queue_view import WaitingBoard

blueprint = Blueprint("now", __name__, url_prefix="/now")


SHOWS = {
    Shows.NOW: _l("who is here, to the reception"),
    Shows.WAITING: _l("the numbers called, to those who wait"),
}


class ScreenForm(FlaskForm):
    name = StringField(_l("Which screen"))
    office_id = SelectField(_l("Office"), coerce=int, choices=[], validate_choice=False)
    shows = SelectField(
        _l("It shows"), choices=options(SHOWS.items()), validate_choice=False, default=Shows.NOW
    )
    locale = SelectField(
        _l("Language"),
        choices=page_languages,
        validate_choice=False,
    )


@blueprint.get("")
@login_required
def show() -> str:
    page = now_view.now_page(current_actor(), request.args.get("office"), g.now)
    if request.headers.get("X-Part"):
        return render_template("now/_part.html", page=page)
    return render_template("now/show.html", page=page)


@blueprint.get("/screen/<token>")
def screen(token: str) -> Response:
    """Whoever holds the address may read it: no session, and none of its traces elsewhere."""
    try:
        language = screens.screen_locale(token)
    except NotFound:
        limits.count(limits.SCREEN_MISSES, keys().disguise(origin()), g.now)
        raise
    with in_language(language):
        page = screens.screen_page(token, g.now)
        waiting = isinstance(page, WaitingBoard)
        part = "now/_waiting.html" if waiting else "now/_part.html"
        template = part if request.headers.get("X-Part") else "now/screen.html"
        answer = Response(render_template(template, page=page, part=part, waiting=waiting))
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.route("/screens", methods=["GET", "POST"])
@login_required
def list_screens() -> str | tuple[str, int]:
    """A new screen's address is shown in the answer to its making, and never again."""
    actor = current_actor()
    found = screens.list_screens(actor)
    form = ScreenForm()
    offices = office_choice.offices_of(actor)
    form.office_id.choices = options((one.id, one.name) for one in offices)
    if request.method == "GET":
        return _screens(form, found)
    try:
        _id, token = screens.create_screen(
            actor,
            form.office_id.data or 0,
            form.name.data or "",
            form.locale.data or "",
            g.now,
            form.shows.data or "",
        )
    except Invalid as error:
        place_faults(form, error)
        return _screens(form, found), 400
    address = settings_of(current_app).public_url + url_for("now.screen", token=token)
    return _screens(form, screens.list_screens(actor), address)


@blueprint.post("/screens/<int:screen_id>/revoke")
@login_required
def revoke(screen_id: int) -> AnyResponse:
    screens.revoke_screen(current_actor(), screen_id, g.now)
    flash(_("The address shows nothing any more."))
    return redirect(url_for("now.list_screens"))


def _screens(form: ScreenForm, found: tuple[screens.ScreenView, ...], address: str = "") -> str:
    return render_template(
        "now/screens.html",
        form=form,
        faults=faults_of(form),
        found=found,
        address=address,
        shows=SHOWS,
    )
