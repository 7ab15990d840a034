"""Arrivals from a centre's own system: the JSON endpoint, its document, and its keys."""

from __future__ import annotations

import json
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from app import csrf
from app.guards import takes_body
from app.i18n import _, _l
from app.routes import api_document
from app.routes.common import current_actor, origin
from app.routes.common import keys as keys_of_service
from app.routes.fields import faults_of, options, place_faults
from app.services import api_keys, limits, office_choice
from app.services.errors import Invalid

blueprint = Blueprint("arrivals_api", __name__, url_prefix="/api")

BODY_MOST = 512 * 1024


class KeyForm(FlaskForm):
    name = StringField(_l("Which system"))
    offices = SelectMultipleField(
        _l("Offices it may send for"),
        choices=[],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


@blueprint.post("/arrivals")
@csrf.exempt
@takes_body(BODY_MOST)
def receive() -> Response:
    """No session and no cookie here: the key alone opens it."""
    with force_locale("en"):
        return _receive()


def _receive() -> Response:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    key = api_keys.key_of(secret.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        try:
            limits.count(limits.API_MISSES, keys_of_service().disguise(origin()), g.now)
        except limits.TooManyTries as error:
            return _too_many(error.wait_seconds, "Too many requests without a good key")
        answer = _problem(401, "A key is needed: Authorization: Bearer …")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    try:
        api_keys.count_request(key, g.now)
    except api_keys.TooMany as error:
        return _too_many(error.wait_seconds, "Too many requests in this minute")
    if (request.content_length or 0) > BODY_MOST:
        return _problem(413, "The body is too large")
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        return _problem(400, "The body is no JSON")
    try:
        done = api_keys.receive(key, request.headers.get("Idempotency-Key", ""), body, g.now)
    except api_keys.KeyReused:
        return _problem(409, "The Idempotency-Key belongs to another request")
    except Invalid as error:
        faults = [
            {"field": one.field, "value": one.value, "expected": one.expected}
            for one in error.faults
        ]
        return _problem(400, "Nothing was counted", faults)
    answer = jsonify(visitors=done.visitors, replayed=done.replayed)
    answer.status_code = 200 if done.replayed else 201
    return answer


def _too_many(wait_seconds: int, title: str) -> Response:
    answer = _problem(429, title)
    answer.headers["Retry-After"] = str(wait_seconds)
    return answer


def _problem(status: int, title: str, faults: list[dict[str, Any]] | None = None) -> Response:
    answer = jsonify(title=title, status=status, faults=faults or [])
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return jsonify(api_document.document(request.host_url.rstrip("/")))


@blueprint.route("/keys", methods=["GET", "POST"])
@login_required
def keys() -> str | tuple[str, int]:
    """A new key's secret is shown in the answer to its making, and never again."""
    actor = current_actor()
    api_keys.require_administrator(actor)
    form = KeyForm()
    form.offices.choices = options((one.code, one.name) for one in office_choice.offices_of(actor))
    if request.method == "GET":
        return _keys_page(form)
    try:
        _id, secret = api_keys.create_key(
            actor, form.name.data or "", form.offices.data or [], g.now
        )
    except Invalid as error:
        place_faults(form, error)
        return _keys_page(form), 400
    return _keys_page(form, secret)


@blueprint.post("/keys/<int:key_id>/revoke")
@login_required
def revoke(key_id: int) -> AnyResponse:
    api_keys.revoke_key(current_actor(), key_id, g.now)
    flash(_("The key opens nothing any more."))
    return redirect(url_for("arrivals_api.keys"))


def _keys_page(form: KeyForm, secret: str = "") -> str:
    return render_template(
        "intake/keys.html",
        form=form,
        faults=faults_of(form),
        found=api_keys.list_keys(current_actor()),
        secret=secret,
        names={one.code: one.name for one in office_choice.offices_of(current_actor())},
    )
