"""The mail log: what was sent, what failed, sending it again."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app import settings_of
from app.i18n import _, _n
from app.routes import mail_words, message_words
from app.routes.common import current_actor
from app.services import mail_log

blueprint = Blueprint("mail", __name__, url_prefix="/mail")


@blueprint.get("")
@login_required
def index() -> str:
    asked = mail_log.MailFilter(
        status=request.args.get("status", ""),
        text=request.args.get("text", "").strip(),
        before_id=request.args.get("before", type=int),
    )
    if asked.status not in dict(mail_words.FILTERS):
        asked = mail_log.MailFilter(text=asked.text)
    return render_template(
        "mail/index.html",
        page=mail_log.mail_log(current_actor(), asked),
        asked=asked,
        words=mail_words,
        server=settings_of(current_app).mail_server,
    )


@blueprint.get("/<int:mail_id>")
@login_required
def show(mail_id: int) -> str:
    line, messages = mail_log.mail_messages(current_actor(), mail_id)
    return render_template(
        "mail/show.html", line=line, messages=messages, words=mail_words, told=message_words
    )


@blueprint.post("/<int:mail_id>/again")
@login_required
def again(mail_id: int) -> Response:
    name = mail_log.send_again(current_actor(), mail_id, g.now)
    flash(_("The mail to %(name)s is sent again.", name=name))
    return redirect(url_for("mail.index"))


@blueprint.post("/<int:mail_id>/arrived")
@login_required
def arrived(mail_id: int) -> Response:
    name = mail_log.note_arrived(current_actor(), mail_id, g.now)
    flash(_("It is noted that the mail to %(name)s has arrived.", name=name))
    return redirect(url_for("mail.index", status=request.form.get("status")))


@blueprint.post("/again")
@login_required
def all_again() -> Response:
    count = mail_log.send_all_again(current_actor(), g.now)
    flash(_n("%(num)d mail is sent again.", "%(num)d mails are sent again.", count))
    return redirect(url_for("mail.index"))


@blueprint.post("/addresses/<int:user_id>/works")
@login_required
def works(user_id: int) -> Response:
    name = mail_log.address_works(current_actor(), user_id, g.now)
    flash(_("Mail goes to %(name)s again; what was refused can be sent again.", name=name))
    return redirect(url_for("mail.index", status="refused"))
