"""The text of a mail: plain and simple HTML, in the reader's language, with a link to the page.

What it says is what the page of messages says; nothing about health is in either (messages hold
dates, never the kind of an absence).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, quote
from typing import Any
from urllib.parse import urljoin

from flask import Flask, render_template, url_for

from app.i18n import _, _n, in_language, language_called
from app.models import Mail, Message, User
from app.routes import message_words
from app.routes.right_to_left import isolated_page
from app.services.checks import without_unprintable
from app.services.message_view import MessageView, views_of
from calendars.right_to_left import isolated


@dataclass(frozen=True, slots=True)
class Part:
    """One thing told: a sentence, shifts before and now, where to look."""

    title: str
    told_at: dt.datetime | None
    changes: tuple[Any, ...] = ()
    link: tuple[str, str] | None = None
    paragraphs: tuple[str, ...] = ()


LETTERS: dict[str, Callable[[Mapping[str, Any]], Part]] = {}
"""Kind of a letter → what it says; an area adds its own."""


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    plain: str
    html: str


def text_of(app: Flask, public_url: str, mail: Mail, user: User, messages: list[Message]) -> Text:
    """What a mail says to `user`, as it would be sent now."""
    language = language_called(user.locale)
    with app.test_request_context(base_url=public_url), in_language(language.code):
        parts = _parts(mail, messages)
        if len(parts) == 1:
            subject = parts[0].title
        else:
            subject = _n("%(num)d message", "%(num)d messages", len(parts))
        told = {
            "subject": subject,
            "parts": [(one, _absolute(public_url, one.link)) for one in parts],
            "language": language.tag,
            "settings_url": urljoin(public_url, url_for("messages.settings")),
            "choice": user.mail_choice if messages else None,
        }
        return Text(
            isolated(subject),
            isolated(render_template("mail/mail.txt", **told).strip() + "\n"),
            isolated_page(render_template("mail/mail.html", **told)),
        )


def compose(text: Text, mail: Mail, user: User, sender: Address, settings_url: str) -> bytes:
    """The mail as bytes: the same Message-ID and date at every attempt."""
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit", utf8=not user.email.isascii()))
    made["From"] = sender
    name = quote(_header(user.name))
    made["To"] = f'"{name}" <{user.email}>' if user.email.isascii() else user.email
    made["Subject"] = _header(text.subject)
    made["Date"] = format_datetime(mail.created_at)
    made["Message-ID"] = message_id(mail, sender)
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made["List-Unsubscribe"] = f"<{settings_url}>"
    made.set_content(text.plain)
    made.add_alternative(text.html, subtype="html")
    return made.as_bytes()


def _header(text: str) -> str:
    """One line of it: a name kept with a line's end in it stops no mail."""
    return without_unprintable(" ".join(text.split()))


def message_id(mail: Mail, sender: Address) -> str:
    return f"<{mail.uid}@{sender.domain}>"


def _parts(mail: Mail, messages: list[Message]) -> list[Part]:
    if mail.kind in LETTERS:
        return [LETTERS[mail.kind](mail.details)]
    return [_part(one) for one in views_of(messages)]


def _part(message: MessageView) -> Part:
    return Part(
        title=message_words.title(message),
        told_at=message.created_at,
        changes=message.changes,
        link=message_words.link(message) or (url_for("messages.index"), _("Messages")),
    )


def _absolute(public_url: str, link: tuple[str, str] | None) -> tuple[str, str] | None:
    return (urljoin(public_url, link[0]), link[1]) if link else None


def _test(_details: Mapping[str, Any]) -> Part:
    return Part(
        title=_("A test mail of Escala"),
        told_at=None,
        paragraphs=(_("If you can read this, mail from Escala reaches you."),),
        link=(url_for("messages.settings"), _("Mail settings")),
    )


LETTERS["test"] = _test
