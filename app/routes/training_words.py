"""What the messages of training say."""

from __future__ import annotations

import datetime as dt

from app.i18n import _
from app.routes.formats import date_full, day, language
from app.services.message_view import MessageView


def certification_ends(message: MessageView) -> str:
    told = message.details
    kind = told["name_en"] if language() == "en" else told["name_pt"]
    last_day = date_full(dt.date.fromisoformat(told["last_day"]))
    said = _(
        "%(kind)s of %(name)s ends on %(date)s.", kind=kind, name=told["mediator"], date=last_day
    )
    return f"{said} {_('A desk loses a language by it.')}" if told["at_stake"] else said


def certification_withdrawn(message: MessageView) -> str:
    shifts = message.details["shifts"]
    return _(
        "A certification of %(name)s was withdrawn; published shifts no longer give what they "
        "were counted for: %(days)s.",
        name=message.details["mediator"],
        days=", ".join(day(dt.date.fromisoformat(one["date"])) for one in shifts),
    )
