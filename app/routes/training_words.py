"""What the messages of training say."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from app.i18n import _
from app.routes.formats import clock, date_full, day, language
from app.services.message_view import MessageView


def certification_ends(message: MessageView) -> str:
    told = message.details
    kind = told["name_en"] if language() == "en" else told["name_pt"]
    last_day = date_full(dt.date.fromisoformat(told["last_day"]))
    said = _(
        "%(kind)s of %(name)s ends on %(date)s.", kind=kind, name=told["mediator"], date=last_day
    )
    if not told["at_stake"]:
        return said
    lost = _("A desk loses a language by it.")
    return f"{said} {lost}"


def training_placed(message: MessageView) -> str:
    return _("You are enrolled in %(course)s: %(when)s.", **_session(message, "session"))


def training_moved(message: MessageView) -> str:
    """Old and new time side by side."""
    told = _session(message, "session")
    before = _session(message, "before")["when"]
    return _("%(course)s is moved: before %(before)s; now %(when)s.", before=before, **told)


def training_cancelled(message: MessageView) -> str:
    if message.details.get("waiting"):
        told = _session(message, "session")
        return _("The session of %(course)s that you wait for is called off: %(when)s.", **told)
    return _("You are no longer enrolled in %(course)s: %(when)s.", **_session(message, "session"))


def training_on_shift(message: MessageView) -> str:
    told = _session(message, "session")
    return _(
        "%(name)s is enrolled in %(course)s on a published shift at %(office)s: %(when)s.",
        name=message.details["mediator"],
        office=message.details["office"],
        **told,
    )


def training_on_leave(message: MessageView) -> str:
    told = _session(message, "session")
    return _(
        "%(name)s is enrolled in %(course)s during an absence: %(when)s.",
        name=message.details["mediator"],
        **told,
    )


def certification_changed(message: MessageView) -> str:
    told = message.details
    kind = told["name_en"] if language() == "en" else told["name_pt"]
    if told["what"] == "reinstated":
        return _("The withdrawal of your certification for %(kind)s is taken back.", kind=kind)
    return _("Your certification for %(kind)s is withdrawn.", kind=kind)


def _session(message: MessageView, side: str) -> dict[str, str]:
    """The course, and when and where the session is, on the wall clock of its place."""
    told = message.details[side]
    parts = told.get("parts") or [(told["starts_at"], told["ends_at"])]
    when = "; ".join(_span(start, end, told["zone"]) for start, end in parts)
    place = told["office"] or _("online")
    course = told["title_en"] if language() == "en" else told["title_pt"]
    return {"course": course, "when": f"{when}, {place}"}


def _span(start: str, end: str, zone: str) -> str:
    starts, ends = dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)
    date = starts.astimezone(ZoneInfo(zone)).date()
    return f"{day(date)}, {clock(starts, zone)}–{clock(ends, zone)}"


def certification_withdrawn(message: MessageView) -> str:
    shifts = message.details["shifts"]
    return _(
        "A certification of %(name)s was withdrawn; published shifts no longer give what they "
        "were counted for: %(days)s.",
        name=message.details["mediator"],
        days=", ".join(day(dt.date.fromisoformat(one["date"])) for one in shifts),
    )
