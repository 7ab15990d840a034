"""What makes a mediator's week a page for the home screen that opens without a network."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for

from app import settings_of
from app.i18n import _, readers_language
from app.routes.common import current_actor

blueprint = Blueprint("offline", __name__)

KEY_HEADER = "X-Escala-Keep-For"
"""Marks a page that its reader's own device may keep, and for whom."""
THEME_COLOUR = "#005f78"


def keep_for_reader(page: str) -> Response:
    """A page that the service worker may keep for its reader, and for nobody else."""
    answer = Response(page, content_type="text/html; charset=utf-8")
    secret = settings_of(current_app).secret_key
    told = f"offline {secret} {current_actor().user_id}"
    answer.headers[KEY_HEADER] = hashlib.sha256(told.encode()).hexdigest()[:24]
    return answer


@blueprint.get("/service-worker.js")
def worker() -> Response:
    """From the root, since a service worker rules only what lies beneath its own address."""
    answer = current_app.send_static_file("js/service-worker.js")
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    icons = [
        {
            "src": url_for("static", filename=f"icons/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    answer = jsonify(
        name=_("Escala: my shifts"),
        short_name="Escala",
        lang=readers_language().tag,
        start_url=url_for("me.my_shifts"),
        scope="/",
        display="standalone",
        background_color=THEME_COLOUR,
        theme_color=THEME_COLOUR,
        icons=icons,
    )
    answer.headers["Content-Type"] = "application/manifest+json"
    return answer


@blueprint.get("/offline")
def nothing_kept() -> str:
    """Shown by the service worker where there is no network and nothing kept."""
    return render_template("me/offline.html")
