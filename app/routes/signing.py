"""How a request becomes a session, whichever way the person showed who they are."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, redirect, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from app import settings_of
from app.guards import refuse_unkeepable
from app.i18n import _
from app.models import User
from app.routes.common import SignedIn, keys
from app.services import passkeys, second_factor, sign_ins
from app.services.errors import Invalid, NotFound
from app.services.rights import actor_of

HALF_FOR = dt.timedelta(minutes=10)
"""How long a right password waits for its second step."""
_HALF = "half"


def party() -> passkeys.RelyingParty | None:
    """The service as passkeys know it; None where browsers would take none."""
    return passkeys.relying_party(settings_of(current_app).public_url)


def party_or_404() -> passkeys.RelyingParty:
    """The same, for what there is only where browsers take passkeys. Raises NotFound."""
    found = party()
    if found is None:
        raise NotFound
    return found


def sent_json() -> dict[str, Any]:
    """What a page's script has sent; empty where it is nothing of ours.

    Raises Refused where it holds text that no database keeps.
    """
    try:
        sent = request.get_json(silent=True)
    except RecursionError:
        return {}
    refuse_unkeepable(sent)
    return sent if isinstance(sent, dict) else {}


def expectations(error: Invalid) -> str:
    """The faults of what a script has sent, for it to show."""
    return "; ".join(_("expected %(expected)s", expected=one.expected) for one in error.faults)


def after_password(user: User, next_page: str) -> Response:
    """Sign in, or ask for the second step where the person has one to show."""
    factors = second_factor.factors_of(user.id)
    policy = settings_of(current_app).second_factor
    if factors.code or (factors.any and second_factor.is_required(actor_of(user), policy)):
        _keep_preferences()
        begun = int(g.now.timestamp())
        session[_HALF] = [user.id, user.session_epoch, begun, next_page, _mark_of(user)]
        return redirect(url_for("sign_in.second_step"))
    return complete(user, strong=False, next_page=next_page)


def half() -> tuple[User, str] | None:
    """Who has shown a right password and owes the second step, and the page they came for."""
    kept = session.get(_HALF)
    if not kept or len(kept) != 5:
        return None
    user_id, epoch, since, next_page, mark = kept
    user = sign_ins.active_user(user_id, epoch)
    over = g.now.timestamp() - since > HALF_FOR.total_seconds()
    if user is None or over or mark != _mark_of(user):
        session.pop(_HALF, None)
        return None
    return user, next_page


def _mark_of(user: User) -> str:
    """Changes with the password, so that half a sign-in ends where the password was changed."""
    return keys().token("half", user.id, user.password_hash)[:16]


def complete(user: User, *, strong: bool, next_page: str = "") -> Response:
    """Begin the session on this device and go to the page that was asked for."""
    begin(user, strong=strong)
    return redirect(inside(next_page) or url_for("session.home"))


def begin(user: User, *, strong: bool) -> None:
    """A new session: nothing of the one before but language and theme."""
    token = sign_ins.start(user, request.user_agent.string, strong, g.now)
    found = sign_ins.find(token, g.now)
    _keep_preferences()
    session.permanent = True
    if found is not None:
        login_user(SignedIn(token, found))


def inside(address: str | None) -> str | None:
    """`address` if it is a page of this service, so that nobody is sent elsewhere.

    Browsers read a backslash as a slash and pass over tabs and line breaks: no page's address
    holds any.
    """
    if not address or not address.startswith("/") or address.startswith("//"):
        return None
    if "\\" in address or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else address


def _keep_preferences() -> None:
    kept = {name: session[name] for name in ("locale", "theme") if name in session}
    session.clear()
    session.update(kept)
