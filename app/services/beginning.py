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
    before; an administrator of another address who never came in is stopped, since the address
    may have been mistyped. Raises Conflict where an administrator may sign in, Invalid with every
    fault.
    """
    with database.atomic():
        # Of two that begin at once, the second finds what the first has made.
        audit.hold_log()
        waiting = _administrators_waiting()
        user_id = waiting.pop(email.strip().lower(), None)
        for other in waiting.values():
            account_admin.stop(SYSTEM, other, now)
        if user_id is None:
            user_id = accounts.create_user(
                SYSTEM,
                email=email,
                name=name,
                password=passwords.NONE,
                roles=[(Role.ADMINISTRATOR, None, None)],
                locale=locale,
                mediator_id=None,
                now=now,
            )
        lay_out_regimes(SYSTEM, now)
        if not PlanningGroup.select().exists():
            with in_language(locale):
                create_planning_group(SYSTEM, FIRST_GROUP, _("The whole network"), now)
        link = account_links.send(SYSTEM, user_id, LinkKind.INVITATION, keys, now)
        audit.record(SYSTEM, "service.begin", "user", user_id, now)
        _kind, token, expires_at = account_links.token_of(link.id, keys)
    return Begun(user_id, token, expires_at)


def _administrators_waiting() -> dict[str, int]:
    """Ids, by address, of the administrators who have not come in yet. Raises Conflict where one
    may sign in."""
    administrators = UserRole.select(UserRole.user).where(UserRole.role == Role.ADMINISTRATOR)
    found = list(User.select().where(User.active, User.id.in_(administrators)))
    if any(account_admin.may_sign_in(one) for one in found):
        raise Conflict(
            _("An administrator signs in here already, who invites others under “Accounts”.")
        )
    return {one.email: one.id for one in found}
