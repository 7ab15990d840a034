"""How a service of one's own begins: the first administrator, and what no page makes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _, in_language
from app.models import LinkKind, PlanningGroup, Role, User, UserRole, database
from app.services import account_admin, account_links, accounts, audit, passwords
from app.services.errors import Conflict
from app.services.keyring import Keyring
from app.services.places import create_planning_group
from app.services.regimes_by_law import lay_out_regimes
from app.services.rights import SYSTEM

FIRST_GROUP = "network"
"""The group that commands mean where none is named."""


@dataclass(frozen=True, slots=True)
class Begun:
    user_id: int
    token: str
    """Of the invitation, to choose how to sign in; shown once."""
    expires_at: dt.datetime


def begin(email: str, name: str, locale: str, keys: Keyring, now: dt.datetime) -> Begun:
    """Make the first administrator, the contract regimes by law and a first planning group.

    Called again before the administrator has come in, it makes a new link in place of the one
    before, and the name and language are those given now; an administrator of another address who
    never came in is stopped, since the address may have been mistyped. Raises Conflict where an
    administrator may sign in, Invalid with every fault.
    """
    with database.atomic():
        # Of two that begin at once, the second finds what the first has made.
        audit.hold_log()
        waiting = _administrators_waiting()
        begun = waiting.pop(email.strip().lower(), None)
        for other in waiting.values():
            if other.active:
                account_admin.stop(SYSTEM, other.id, now)
        if begun is None:
            user_id = _made(email, name, locale, now)
        else:
            user_id = _taken_up(begun, name, locale, now)
        lay_out_regimes(SYSTEM, now)
        if not PlanningGroup.select().exists():
            with in_language(locale):
                create_planning_group(SYSTEM, FIRST_GROUP, _("The whole network"), now)
        link = account_links.send(SYSTEM, user_id, LinkKind.INVITATION, keys, now)
        audit.record(SYSTEM, "service.begin", "user", user_id, now)
        _kind, token, expires_at = account_links.token_of(link.id, keys)
    return Begun(user_id, token, expires_at)


def _made(email: str, name: str, locale: str, now: dt.datetime) -> int:
    return accounts.create_user(
        SYSTEM,
        email=email,
        name=name,
        password=passwords.NONE,
        roles=[(Role.ADMINISTRATOR, None, None)],
        locale=locale,
        mediator_id=None,
        now=now,
    )


def _taken_up(user: User, name: str, locale: str, now: dt.datetime) -> int:
    """The account of a beginning before, open and with the name and language given now."""
    if not user.active:
        account_admin.restore(SYSTEM, user.id, now)
    accounts.set_name(user.id, name)
    accounts.set_locale(user.id, locale)
    return int(user.id)


def _administrators_waiting() -> dict[str, User]:
    """By address, the administrators who have not come in yet, those stopped for another address
    too. Raises Conflict where one may sign in."""
    administrators = UserRole.select(UserRole.user).where(UserRole.role == Role.ADMINISTRATOR)
    found = list(User.select().where(User.erased_at.is_null(), User.id.in_(administrators)))
    able = [one for one in found if account_admin.may_sign_in(one)]
    if any(one.active for one in able):
        raise Conflict(
            _("An administrator signs in here already, who invites others under “Accounts”.")
        )
    return {one.email: one for one in found if one not in able}
