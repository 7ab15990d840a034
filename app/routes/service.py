"""For whoever runs the service: is it alive, is it ready, its figures. No session, no page."""

from __future__ import annotations

import datetime as dt
import hmac

from flask import Blueprint, Response, abort, current_app, jsonify, request

from app import metrics, settings_of
from app.services import service_state
from app.services.service_state import Readiness

blueprint = Blueprint("service", __name__)


@blueprint.get("/health")
def health() -> Response:
    """This process answers. Asks nothing else, so that a database away restarts no web server."""
    return _answer({"status": "ok"}, 200)


@blueprint.get("/ready")
def ready() -> Response:
    """Everything that the service needs is there: database, its tables, a worker."""
    return _readiness(service_state.readiness(_now()), ("database", "migrations", "worker"))


@blueprint.get("/ready/web")
def ready_web() -> Response:
    """What pages need; for a proxy, which would take away good web servers for want of a worker."""
    return _readiness(service_state.readiness(_now()), ("database", "migrations"))


@blueprint.get("/metrics")
def figures() -> Response:
    """In Prometheus's text form, for who has the token of the settings; without one, nothing."""
    wanted = settings_of(current_app).metrics_token
    if not wanted:
        abort(404)
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        given.strip().encode(), wanted.encode()
    ):
        answer = Response("The token is needed: Authorization: Bearer …\n", 401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    text = metrics.exposition(service_state.figures_if_reached(_now()))
    return Response(text, content_type=metrics.CONTENT_TYPE)


def _readiness(found: Readiness, asked: tuple[str, ...]) -> Response:
    checks = {name: bool(getattr(found, name)) for name in asked}
    good = all(checks.values())
    told: dict[str, object] = {"status": "ready" if good else "not ready", "checks": checks}
    if found.reason:
        told["reason"] = found.reason
    return _answer(told, 200 if good else 503)


def _answer(told: dict[str, object], status: int) -> Response:
    answer = jsonify(told)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
