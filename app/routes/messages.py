"""What one has been told, confirmed with one press, and how one wants it by mail."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app import settings_of
from app.i18n import _, _n
from app.routes import message_words
from app.routes.common import current_actor
from app.routes.fields import place_faults
from app.routes.mail_forms import MailForm
from app.routes.office_forms import ZONES
from app.services import mail_choice, message_view
from app.services.errors import Invalid

blueprint = Blueprint("messages", __name__, url_prefix="/messages")


@blueprint.get("")
@login_required
def index() -> str:
    messages = message_view.messages_of(current_actor())
    return render_template(
        "messages/index.html",
        messages=messages,
        unread=[one for one in messages if one.read_at is None],
        words=message_words,
    )


@blueprint.post("/<int:message_id>/seen")
@login_required
def seen(message_id: int) -> Response:
    message_view.mark_seen(current_actor(), message_id, g.now)
    return redirect(url_for("messages.index"))


@blueprint.post("/seen")
@login_required
def all_seen() -> Response:
    newest = request.form.get("newest", type=int) or 0
    count = message_view.mark_all_seen(current_actor(), newest, g.now)
    flash(_n("%(num)d message confirmed.", "%(num)d messages confirmed.", count))
    return redirect(url_for("messages.index"))


@blueprint.route("/mail", methods=["GET", "POST"])
@login_required
def settings() -> Response | str | tuple[str, int]:
    """By mail at once, once a day, or not at all."""
    actor = current_actor()
    view = mail_choice.mail_settings(actor, g.now)
    if request.method == "GET":
        return _settings(MailForm(choice=view.choice, digest_hour=view.digest_hour), view)
    form = MailForm()
    if not form.validate():
        return _settings(form, view), 400
    try:
        mail_choice.choose_mail(actor, form.chosen, form.digest_hour.data, g.now)
    except Invalid as error:
        place_faults(form, error)
        return _settings(form, view), 400
    flash(_("Kept: %(choice)s", choice=form.label_of(form.chosen)))
    return redirect(url_for("messages.settings"))


@blueprint.post("/mail/test")
@login_required
def test_mail() -> Response:
    if settings_of(current_app).mail_server is None:
        flash(_("No mail server is set up; nothing can be sent by mail."), "warning")
    else:
        address = mail_choice.ask_test_mail(current_actor(), g.now)
        flash(_("A test mail is on its way to %(address)s.", address=address))
    return redirect(url_for("messages.settings"))


def _settings(form: MailForm, view: mail_choice.MailSettings) -> str:
    server = settings_of(current_app).mail_server
    zone = dict(ZONES).get(view.zone, view.zone)
    return render_template("messages/settings.html", form=form, view=view, server=server, zone=zone)
