"""What the mails about an account say: the invitation, the new password, what was changed.

The token of a link is worked out here, when the mail is written: no table holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for

from app import settings_of
from app.i18n import _
from app.mailing.letter import LETTERS, Part
from app.models import LinkKind
from app.services.account_links import token_of
from app.services.keyring import Keyring


def _keys() -> Keyring:
    return Keyring(settings_of(current_app).secret_key)


def _invitation(details: Mapping[str, Any]) -> Part:
    _kind, token, _end = token_of(details["link"], _keys())
    return Part(
        title=_("You are invited to Escala"),
        told_at=None,
        paragraphs=(
            _("Escala plans who receives people where, when and in which language."),
            _("Choose a password or a passkey; the link works once, for seven days."),
        ),
        link=(url_for("sign_in.invitation", token=token), _("Choose how to sign in")),
    )


def _new_password(details: Mapping[str, Any]) -> Part:
    _kind, token, _end = token_of(details["link"], _keys())
    return Part(
        title=_("A new password for Escala"),
        told_at=None,
        paragraphs=(
            _("Somebody asked for a new password for this address."),
            _("The link works once, for an hour."),
            _("If it was not you, do nothing: the password stays as it is."),
        ),
        link=(url_for("sign_in.new_password", token=token), _("Choose a new password")),
    )


def _changed(title: str) -> Part:
    return Part(
        title=title,
        told_at=None,
        paragraphs=(
            _("If it was not you, ask for a new password at once and tell an administrator."),
        ),
        link=(url_for("account.show"), _("My account")),
    )


def _password_changed(_details: Mapping[str, Any]) -> Part:
    return _changed(_("Your password for Escala was changed"))


def _factors_changed(_details: Mapping[str, Any]) -> Part:
    return _changed(_("Your passkeys or codes for Escala were changed"))


LETTERS[str(LinkKind.INVITATION)] = _invitation
LETTERS[str(LinkKind.NEW_PASSWORD)] = _new_password
LETTERS["password_changed"] = _password_changed
LETTERS["factors_changed"] = _factors_changed
