"""The links at the top of every page, by role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, session, url_for
from flask_login import current_user

from app.i18n import LANGUAGES, _, readers_language
from app.services.api_keys import is_administrator
from app.services.calls import takes_calls
from app.services.intake import has_reception
from app.services.message_view import unread_count
from app.services.rights import Actor

THEMES = ("light", "dark")
PART_OF = {
    "runs": "weeks",
    "rosters": "weeks",
    "my_times": "me",
    "own_calendar": "me",
    "edits": "weeks",
    "reasons": "weeks",
    "scenarios": "weeks",
    "papers": "weeks",
    "people": "mediators",
    "certificates": "courses",
    "certifications": "courses",
    "placing": "courses",
    "programmes": "courses",
    "attendance": "courses",
    "training_report": "courses",
    "queue": "intake",
    "weeks.network": "weeks.network_now",
}
"""Areas, and pages, that belong under another's link."""


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """Links of one kind under one word."""

    label: str
    links: tuple[Link, ...]

    @property
    def current(self) -> bool:
        return any(one.current for one in self.links)


@dataclass(frozen=True, slots=True)
class Entry:
    """An area's first page, its label and who sees it."""

    endpoint: str
    label: Callable[[], str]
    shown: Callable[[Actor], bool]
    menu: str = ""
    """The menu it is in; empty for a link that stands by itself."""
    only_in_menu: bool = False
    """Left out where there are no menus: it is reached from its area's first page."""


def _coordinates(actor: Actor) -> bool:
    return actor.is_coordinator


def _trains(actor: Actor) -> bool:
    return actor.is_trainer or actor.is_coordinator


def _swaps(actor: Actor) -> bool:
    return actor.is_mediator or actor.is_coordinator


def _plans(actor: Actor) -> bool:
    """Coordinators of the whole network."""
    return actor.is_coordinator and actor.office_ids is None


def _takes_calls(actor: Actor) -> bool:
    return takes_calls(actor, g.now)


def _associations(actor: Actor) -> bool:
    return actor.is_coordinator or bool(actor.association_ids)


MENUS: dict[str, Callable[[], str]] = {
    "today": lambda: _("Today"),
    "week": lambda: _("Week"),
    "demand": lambda: _("Demand"),
    "people": lambda: _("People"),
    "training": lambda: _("Training"),
    "reports": lambda: _("Reports"),
    "settings": lambda: _("Settings"),
}
ENTRIES = (
    Entry("me.my_shifts", lambda: _("My shifts"), lambda actor: actor.is_mediator),
    Entry("now.show", lambda: _("Now"), has_reception, "today"),
    Entry("intake.reception", lambda: _("Reception desk"), has_reception, "today"),
    Entry("calls.log", lambda: _("Calls"), _takes_calls, "today"),
    Entry("weeks.this_week", lambda: _("One office's week"), _coordinates, "week"),
    Entry("weeks.network_now", lambda: _("All offices"), _coordinates, "week", only_in_menu=True),
    Entry("weeks.index", lambda: _("All weeks"), _coordinates, "week", only_in_menu=True),
    Entry("swaps.index", lambda: _("Swaps"), _swaps, "week"),
    Entry("field.index", lambda: _("Field routes"), _coordinates, "week", only_in_menu=True),
    Entry("lending.index", lambda: _("Lending"), _coordinates, "week", only_in_menu=True),
    Entry("requests.index", lambda: _("Requests"), _coordinates, "week"),
    Entry("demand.this_week", lambda: _("Demand"), _coordinates),
    Entry("mediators.index", lambda: _("Mediators"), _coordinates, "people"),
    Entry("people.languages", lambda: _("Languages"), _coordinates, "people", only_in_menu=True),
    Entry("associations.index", lambda: _("Associations"), _associations, "people"),
    Entry("offices.index", lambda: _("Offices"), _coordinates, "people"),
    Entry("languages.index", lambda: _("List of languages"), _plans, "people", only_in_menu=True),
    Entry("sessions.index", lambda: _("Training"), lambda actor: actor.is_mediator, "training"),
    Entry("courses.index", lambda: _("Courses"), _trains, "training"),
    Entry("horizon.index", lambda: _("What expires"), _trains, "training", only_in_menu=True),
    Entry("reports.index", lambda: _("Reports"), _coordinates, "reports"),
    Entry(
        "coordination.show",
        lambda: _("The network"),
        _coordinates,
        "reports",
        only_in_menu=True,
    ),
    Entry(
        "coordination.services",
        lambda: _("Services by centre and year"),
        _coordinates,
        "reports",
        only_in_menu=True,
    ),
    Entry(
        "reports.log_feedback",
        lambda: _("Complaints and praise"),
        _coordinates,
        "reports",
        only_in_menu=True,
    ),
    Entry(
        "late_changes.index",
        lambda: _("Late changes"),
        _coordinates,
        "reports",
        only_in_menu=True,
    ),
    Entry("mail.index", lambda: _("Mail log"), _coordinates, "reports", only_in_menu=True),
    Entry("privacy.show", lambda: _("What is kept"), _coordinates, "reports", only_in_menu=True),
    Entry("messages.index", lambda: _("Messages"), lambda actor: actor.user_id is not None),
    Entry("accounts.index", lambda: _("Accounts"), is_administrator, "settings"),
    Entry("arrivals_api.keys", lambda: _("Keys"), is_administrator, "settings"),
)
MOST_LINKS = 7
"""As many stand side by side in one row; who sees more finds them in menus."""


def navigation(actor: Actor) -> list[Link | Menu]:
    """The areas that `actor` may open and the application has: links, or menus of them."""
    seen = [
        one for one in ENTRIES if one.endpoint in current_app.view_functions and one.shown(actor)
    ]
    first_pages = [one for one in seen if not one.only_in_menu]
    here = _current(seen)
    if len(first_pages) <= MOST_LINKS:
        return [_link(one, actor, here) for one in first_pages]
    found: list[Link | Menu] = []
    for menu, entries in _by_menu(seen).items():
        links = tuple(_link(one, actor, here) for one in entries)
        found.append(Menu(MENUS[menu](), links) if len(links) > 1 else links[0])
    return found


def _by_menu(entries: list[Entry]) -> dict[str, list[Entry]]:
    """In the order of the list; what stands by itself under its own name."""
    found: dict[str, list[Entry]] = {}
    for one in entries:
        found.setdefault(one.menu or one.endpoint, []).append(one)
    return found


def _current(entries: list[Entry]) -> Entry | None:
    """The entry of the page that is open, else the first of its area."""
    endpoint = request.endpoint or ""
    area = endpoint.partition(".")[0]
    here = PART_OF.get(endpoint) or PART_OF.get(area, area)
    for one in entries:
        if one.endpoint in (endpoint, here):
            return one
    return next((one for one in entries if one.endpoint.partition(".")[0] == here), None)


def _link(entry: Entry, actor: Actor, here: Entry | None) -> Link:
    return Link(_label(entry, actor), url_for(entry.endpoint), entry is here)


def _label(entry: Entry, actor: Actor) -> str:
    """An area's name; that of the messages with how many are unread."""
    unread = unread_count(actor) if entry.endpoint == "messages.index" else 0
    return f"{entry.label()} ({unread})" if unread else entry.label()


def page_context() -> dict[str, Any]:
    """What base.html needs on every page."""
    theme = session.get("theme")
    reader = readers_language()
    signed_in = current_user.is_authenticated
    return {
        "navigation": navigation(current_user.actor) if signed_in else [],
        "html_lang": reader.tag,
        "other_languages": [one for one in LANGUAGES.values() if one is not reader],
        "theme": theme if theme in THEMES else None,
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
    }
