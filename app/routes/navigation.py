"""The links at the top of every page, by role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, session, url_for
from flask_login import current_user

from app.i18n import _
from app.routes.formats import language
from app.services.api_keys import is_administrator
from app.services.intake import has_reception
from app.services.message_view import unread_count
from app.services.rights import Actor

THEMES = ("light", "dark")
PART_OF = {
    "runs": "weeks",
    "rosters": "weeks",
    "my_times": "me",
    "own_calendar": "me",
    "people": "mediators",
    "mail": "messages",
    "late_changes": "weeks",
}
"""Areas that belong under another's link."""


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """An area's first page, its label and who sees it."""

    endpoint: str
    label: Callable[[], str]
    shown: Callable[[Actor], bool]


ENTRIES = (
    Entry("me.my_shifts", lambda: _("My shifts"), lambda actor: actor.is_mediator),
    Entry("intake.reception", lambda: _("Reception desk"), has_reception),
    Entry("now.show", lambda: _("Now"), has_reception),
    Entry("swaps.index", lambda: _("Swaps"), lambda one: one.is_mediator or one.is_coordinator),
    Entry("messages.index", lambda: _("Messages"), lambda actor: actor.user_id is not None),
    Entry("requests.index", lambda: _("Requests"), lambda actor: actor.is_coordinator),
    Entry("weeks.this_week", lambda: _("Weeks"), lambda actor: actor.is_coordinator),
    Entry("demand.this_week", lambda: _("Demand"), lambda actor: actor.is_coordinator),
    Entry("reports.index", lambda: _("Reports"), lambda actor: actor.is_coordinator),
    Entry("mediators.index", lambda: _("Mediators"), lambda actor: actor.is_coordinator),
    Entry("offices.index", lambda: _("Offices"), lambda actor: actor.is_coordinator),
    Entry(
        "associations.index",
        lambda: _("Associations"),
        lambda actor: actor.is_coordinator or bool(actor.association_ids),
    ),
    Entry("sessions.index", lambda: _("Training"), lambda actor: actor.is_mediator),
    Entry(
        "courses.index",
        lambda: _("Courses"),
        lambda actor: actor.is_trainer or actor.is_coordinator,
    ),
    Entry("accounts.index", lambda: _("Accounts"), is_administrator),
    Entry("arrivals_api.keys", lambda: _("Keys"), is_administrator),
)


def navigation(actor: Actor) -> list[Link]:
    """The areas that `actor` may open and the application has."""
    area = (request.endpoint or "").partition(".")[0]
    here = PART_OF.get(area, area)
    return [
        Link(_label(one, actor), url_for(one.endpoint), one.endpoint.partition(".")[0] == here)
        for one in ENTRIES
        if one.endpoint in current_app.view_functions and one.shown(actor)
    ]


def _label(entry: Entry, actor: Actor) -> str:
    """An area's name; that of the messages with how many are unread."""
    unread = unread_count(actor) if entry.endpoint == "messages.index" else 0
    return f"{entry.label()} ({unread})" if unread else entry.label()


def page_context() -> dict[str, Any]:
    """What base.html needs on every page."""
    theme = session.get("theme")
    signed_in = current_user.is_authenticated
    return {
        "navigation": navigation(current_user.actor) if signed_in else [],
        "html_lang": "en" if language() == "en" else "pt-PT",
        "theme": theme if theme in THEMES else None,
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
    }
