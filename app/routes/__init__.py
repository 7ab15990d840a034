"""One blueprint an area; each reads the request, calls a service, renders. No query, no rule.

A module here defines `blueprint`; it is registered by being listed below.
"""

from __future__ import annotations

import importlib

from flask import Flask
from flask_login import LoginManager

AREAS: tuple[str, ...] = (
    "service",
    "session",
    "sign_in",
    "account",
    "accounts",
    "weeks",
    "runs",
    "rosters",
    "edits",
    "reasons",
    "scenarios",
    "me",
    "offline",
    "my_times",
    "mediator_times",
    "own_calendar",
    "requests",
    "field",
    "lending",
    "phone_turns",
    "messages",
    "mail",
    "late_changes",
    "swaps",
    "feeds",
    "mediators",
    "offices",
    "languages",
    "associations",
    "courses",
    "sessions",
    "attendance",
    "certificates",
    "certifications",
    "horizon",
    "placing",
    "programmes",
    "door",
    "training_report",
    "intake",
    "queue",
    "calls",
    "demand",
    "arrivals_api",
    "now",
    "papers",
    "people",
    "reports",
    "coordination",
    "statistics",
    "privacy",
)


def register(app: Flask, login_manager: LoginManager) -> None:
    """Add every area, the session, the headers and the error pages."""
    from app.routes import common, right_to_left
    from app.routes.addresses import DateConverter

    app.url_map.converters["date"] = DateConverter
    common.register(app, login_manager)
    right_to_left.register(app)
    for area in AREAS:
        app.register_blueprint(importlib.import_module(f"app.routes.{area}").blueprint)
