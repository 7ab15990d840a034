"""What each kind of message says, and where it leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from app.i18n import _
from app.routes.formats import clock, day, week_of
from app.routes.training_words import (
    certification_changed,
    certification_ends,
    certification_withdrawn,
    training_cancelled,
    training_moved,
    training_on_leave,
    training_on_shift,
    training_placed,
)
from app.services.message_view import MessageView


def title(message: MessageView) -> str:
    """The message in one sentence."""
    said = _TITLES.get(message.kind)
    return said(message) if said else _("There is news for you.")


def link(message: MessageView) -> tuple[str, str] | None:
    """Address and words of the page it is about."""
    found = _LINKS.get(message.kind)
    return found() if found else None


def _published(message: MessageView) -> str:
    week = week_of(dt.date.fromisoformat(message.details["week"]))
    if "swap" in message.details:
        return _("The swap is approved; your shifts of the week of %(week)s change.", week=week)
    if all(one.after is None for one in message.changes):
        return _("Shifts of yours in the week of %(week)s are cancelled.", week=week)
    if all(one.before is None for one in message.changes):
        return _("Your shifts of the week of %(week)s are published.", week=week)
    return _("Your shifts of the week of %(week)s have changed.", week=week)


def _away_told(message: MessageView) -> str:
    """The same for sickness, which is told, and leave, which is asked for: it goes by mail."""
    name = message.details["mediator"]
    days = _days(message.details)
    return _("%(name)s is away or asks to be away: %(days)s.", name=name, days=days)


def _absence_ended(message: MessageView) -> str:
    name = message.details["mediator"]
    return _("%(name)s can come after all: %(days)s.", name=name, days=_days(message.details))


def _times_entered(message: MessageView) -> str:
    told = message.details
    if told["what"] == "weekly":
        return _("Your coordinators have changed the hours you cannot work every week.")
    days = _days(told)
    texts = {
        "away": _("Your coordinators have entered that you are away: %(days)s.", days=days),
        "not_away": _("Your coordinators have entered that you can come: %(days)s.", days=days),
        "wish_off": _("Your coordinators have entered a wish to be off: %(days)s.", days=days),
        "wish_on": _("Your coordinators have entered a wish to work: %(days)s.", days=days),
        "no_wish": _("Your coordinators have taken a wish of yours back: %(days)s.", days=days),
    }
    return texts[told["what"]]


def _leave_decided(message: MessageView) -> str:
    days = _days(message.details)
    if message.details["status"] == "approved":
        return _("Your leave is approved: %(days)s.", days=days)
    text = _("Your leave is declined: %(days)s.", days=days)
    return _with_reason(text, message.details.get("reason", ""))


def _nomination_proposed(message: MessageView) -> str:
    return _("%(association)s nominates %(name)s.", **_named(message, "association", "name"))


def _nomination_decided(message: MessageView) -> str:
    name, reason = message.details["name"], message.details["reason"]
    if message.details["accepted"]:
        text = _("The nomination of %(name)s is accepted.", name=name)
    else:
        text = _("The nomination of %(name)s is declined.", name=name)
    return _with_reason(text, reason)


def _with_reason(text: str, reason: str) -> str:
    if not reason:
        return text
    told = _("Reason: %(reason)s", reason=reason)
    return f"{text} {told}"


def _named(message: MessageView, *names: str) -> dict[str, Any]:
    return {one: message.details[one] for one in names}


def _route_told(message: MessageView) -> str:
    told = message.details
    when = _times(told)
    texts = {
        "given": _("You go along on %(route)s: %(when)s.", route=told["name"], when=when),
        "moved": _("%(route)s has changed: %(when)s.", route=told["name"], when=when),
        "taken_off": _(
            "You no longer go along on %(route)s: %(when)s.", route=told["name"], when=when
        ),
        "called_off": _("%(route)s is called off: %(when)s.", route=told["name"], when=when),
        "restored": _(
            "%(route)s takes place after all, and you go along: %(when)s.",
            route=told["name"],
            when=when,
        ),
    }
    return texts[told["what"]]


def _phone_told(message: MessageView) -> str:
    told = message.details
    facts = _named(message, "name", "office", "centre") | {"when": _times(told)}
    if told["yours"]:
        if told["what"] == "given":
            return _("You answer for %(office)s from %(centre)s: %(when)s.", **facts)
        return _("You no longer answer for %(office)s: %(when)s.", **facts)
    if told["what"] == "given":
        return _(
            "%(name)s answers for %(office)s from %(centre)s, in hours that are quiet there:"
            " %(when)s.",
            **facts,
        )
    return _("%(name)s no longer answers for %(office)s: %(when)s.", **facts)


def _loan_asked(message: MessageView) -> str:
    told = message.details
    return _(
        "%(name)s is asked for, from %(lender)s for %(borrower)s: %(when)s. %(reason)s",
        **_named(message, "name", "lender", "borrower", "reason"),
        when=_times(told),
    )


def _loan_decided(message: MessageView) -> str:
    told = {"name": message.details["name"], "borrower": message.details["borrower"]}
    told["when"] = _times(message.details)
    texts = {
        "agreed": _("Lent: %(name)s works at %(borrower)s, %(when)s.", **told),
        "declined": _("Not lent: %(name)s to %(borrower)s, %(when)s.", **told),
        "withdrawn": _("No longer asked for: %(name)s for %(borrower)s, %(when)s.", **told),
    }
    return texts[message.details["status"]]


def _address_refused(message: MessageView) -> str:
    name = message.details["name"]
    return _("No mail reaches %(name)s: the mail server refuses the address.", name=name)


def _swap(text: Callable[..., str]) -> Callable[[MessageView], str]:
    """A sentence that names both people and the shift."""

    def said(message: MessageView) -> str:
        told = message.details
        return text(giver=told["giver"], taker=told["taker"], shift=_shift(told["given"]))

    return said


def _swap_lapsed(message: MessageView) -> str:
    told = message.details
    named = {"giver": told["giver"], "shift": _shift(told["given"])}
    # Messages kept from before the cause was say what they have always said.
    if told.get("cause") != "begun":
        return _("The roster has changed; the swap can go no further: %(shift)s.", **named)
    if told["agreed"]:
        return _("Not approved in time; the shift stays with %(giver)s: %(shift)s.", **named)
    return _("Nobody has taken it in time; the shift stays with %(giver)s: %(shift)s.", **named)


def _swap_gone(message: MessageView) -> str:
    told = message.details
    named = {"giver": told["giver"], "shift": _shift(told["given"])}
    texts = {
        "taken": _("Somebody else takes the shift that %(giver)s offered: %(shift)s.", **named),
        "ended": _("The shift of %(giver)s is no longer on offer: %(shift)s.", **named),
        "changed": _(
            "The roster has changed; the shift of %(giver)s is no longer on offer: %(shift)s.",
            **named,
        ),
    }
    return texts[told["gone"]]


def _swap_for_you(message: MessageView) -> str:
    told = message.details
    named = {"giver": told["giver"], "taker": told["taker"], "shift": _shift(told["given"])}
    if told["what"] == "offered" and not told["taker"]:
        return _("Your coordinators have put your shift on offer: %(shift)s.", **named)
    texts = {
        "offered": _(
            "Your coordinators have asked %(taker)s to take your shift: %(shift)s.", **named
        ),
        "agreed": _(
            "Your coordinators have entered that you take a shift of %(giver)s: %(shift)s.", **named
        ),
        "word_back": _(
            "Your coordinators have entered that you cannot take it after all: %(shift)s.", **named
        ),
    }
    return texts[told["what"]]


def _swap_unaccepted(message: MessageView) -> str:
    told = message.details
    named = {"taker": told["taker"], "shift": _shift(told["given"])}
    if told["open"]:
        return _("%(taker)s cannot after all; it is on offer again: %(shift)s.", **named)
    return _("%(taker)s cannot after all; the swap is over: %(shift)s.", **named)


def _shift(told: Mapping[str, str]) -> str:
    return f"{_times(told)}, {told['office']}"


def _times(told: Mapping[str, str]) -> str:
    starts, ends = (dt.datetime.fromisoformat(told[edge]) for edge in ("starts_at", "ends_at"))
    zone = told["zone"]
    date = starts.astimezone(ZoneInfo(zone)).date()
    return f"{day(date)}, {clock(starts, zone)}–{clock(ends, zone)}"


def _days(details: Mapping[str, Any]) -> str:
    first, last = (dt.date.fromisoformat(details[name]) for name in ("first", "last"))
    return day(first) if first == last else f"{day(first)} – {day(last)}"


_TITLES: dict[str, Callable[[MessageView], str]] = {
    "roster_published": _published,
    "certification_ends": certification_ends,
    "certification_withdrawn": certification_withdrawn,
    "certification_changed": certification_changed,
    "training_placed": training_placed,
    "training_moved": training_moved,
    "training_cancelled": training_cancelled,
    "training_on_shift": training_on_shift,
    "training_on_leave": training_on_leave,
    "address_refused": _address_refused,
    "nomination_proposed": _nomination_proposed,
    "route_told": _route_told,
    "phone_told": _phone_told,
    "loan_asked": _loan_asked,
    "loan_decided": _loan_decided,
    "nomination_decided": _nomination_decided,
    "away_told": _away_told,
    # Kept from before, when sickness and leave were told apart.
    "absence_asked": _away_told,
    "absence_told": _away_told,
    "absence_ended": _absence_ended,
    "times_entered": _times_entered,
    "leave_decided": _leave_decided,
    "swap_asked": _swap(lambda **told: _("%(giver)s asks you to take a shift: %(shift)s.", **told)),
    "swap_open": _swap(lambda **told: _("%(giver)s offers a shift: %(shift)s.", **told)),
    "swap_accepted": _swap(lambda **told: _("%(taker)s would take your shift: %(shift)s.", **told)),
    "swap_waits": _swap(
        lambda **told: _("%(giver)s and %(taker)s agree on a swap: %(shift)s.", **told)
    ),
    "swap_declined": _swap(lambda **told: _("The swap is declined: %(shift)s.", **told)),
    "swap_lapsed": _swap_lapsed,
    "swap_gone": _swap_gone,
    "swap_for_you": _swap_for_you,
    "swap_unaccepted": _swap_unaccepted,
    "swap_withdrawn": _swap(lambda **told: _("The offer is taken back: %(shift)s.", **told)),
}
_LINKS: dict[str, Callable[[], tuple[str, str]]] = {
    "swap_asked": lambda: (url_for("swaps.index"), _("Answer")),
    "swap_open": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_gone": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_for_you": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_accepted": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_waits": lambda: (url_for("requests.index"), _("Answer")),
    "swap_declined": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_withdrawn": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_unaccepted": lambda: (url_for("swaps.index"), _("Swaps")),
    "swap_lapsed": lambda: (url_for("swaps.index"), _("Swaps")),
    "certification_ends": lambda: (url_for("sessions.index"), _("Sessions to come")),
    "certification_withdrawn": lambda: (url_for("weeks.this_week"), _("Weeks")),
    "certification_changed": lambda: (url_for("sessions.index"), _("Training")),
    "training_on_shift": lambda: (url_for("weeks.this_week"), _("Weeks")),
    "training_on_leave": lambda: (url_for("sessions.index"), _("Sessions to come")),
    "training_placed": lambda: (url_for("sessions.index"), _("Sessions to come")),
    "training_moved": lambda: (url_for("sessions.index"), _("Sessions to come")),
    "training_cancelled": lambda: (url_for("sessions.index"), _("Sessions to come")),
    "address_refused": lambda: (url_for("mail.index"), _("Mail log")),
    "loan_asked": lambda: (url_for("lending.index"), _("Answer")),
    "loan_decided": lambda: (url_for("lending.index"), _("Lending")),
    "route_told": lambda: (url_for("me.my_shifts"), _("My shifts")),
    "phone_told": lambda: (url_for("session.home"), _("Start")),
    "nomination_proposed": lambda: (url_for("requests.index"), _("Answer")),
    "nomination_decided": lambda: (url_for("associations.index"), _("Associations")),
    "roster_published": lambda: (url_for("me.my_shifts"), _("My shifts")),
    "away_told": lambda: (url_for("requests.index"), _("Requests")),
    "absence_asked": lambda: (url_for("requests.index"), _("Requests")),
    "absence_told": lambda: (url_for("requests.index"), _("Requests")),
    "absence_ended": lambda: (url_for("weeks.this_week"), _("Weeks")),
    "times_entered": lambda: (url_for("my_times.show"), _("My times")),
    "leave_decided": lambda: (url_for("my_times.show"), _("My times")),
}
