"""Accounts as administrators keep them: invited, stopped, opened again, helped back in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from peewee import fn

from app.i18n import FIRST, _
from app.models import (
    Association,
    LinkKind,
    Mediator,
    OneTimeSecret,
    Passkey,
    Role,
    User,
    UserRole,
    UserSession,
    database,
)
from app.services import account_links, accounts, audit, outbox, second_factor, sign_ins
from app.services.accounts import RoleGrant
from app.services.api_keys import require_administrator
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.keyring import Keyring
from app.services.passwords import NONE
from app.services.rights import Actor


class AccountState(StrEnum):
    OPEN = "open"
    INVITED = "invited"
    """No way to sign in was chosen yet; an invitation waits."""
    LAPSED = "lapsed"
    """Nor does an invitation wait: it is too old, or none was sent."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class AccountLine:
    id: int
    name: str
    email: str
    state: AccountState
    roles: tuple[tuple[Role, str], ...]
    """Role, and the office or association it is for; empty for none."""
    second_factor: bool
    seen_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Invited:
    user_id: int
    kind: LinkKind
    token: str
    """For an administrator of a service without mail to hand over; shown once."""


def list_accounts(actor: Actor, now: dt.datetime) -> tuple[AccountLine, ...]:
    """Every account by name, the stopped ones last. Administrators only."""
    require_administrator(actor)
    roles: dict[int, list[tuple[Role, str]]] = {}
    for row in UserRole.select().order_by(UserRole.id):
        named = row.office or row.association
        place = str(named.name) if named else ""
        roles.setdefault(row.user_id, []).append((row.role, place))
    seen = {
        row.user_id: row.last
        for row in UserSession.select(
            UserSession.user, fn.MAX(UserSession.seen_at).alias("last")
        ).group_by(UserSession.user)
    }
    with_passkey = {row.user_id for row in Passkey.select(Passkey.user)}
    confirmed = OneTimeSecret.confirmed_at.is_null(False)
    with_code = {row.user_id for row in OneTimeSecret.select(OneTimeSecret.user).where(confirmed)}
    waiting = account_links.invited(now)
    return tuple(
        AccountLine(
            user.id,
            user.name,
            user.email,
            _state(user, user.id in with_passkey, user.id in waiting),
            tuple(roles.get(user.id, ())),
            user.id in with_passkey or user.id in with_code,
            seen.get(user.id),
        )
        for user in User.select()
        .where(User.erased_at.is_null())
        .order_by(User.active.desc(), fn.LOWER(User.name), User.id)
    )


def invite(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: list[RoleGrant],
    locale: str,
    mediator_id: int | None,
    keys: Keyring,
    now: dt.datetime,
) -> Invited:
    """Make an account and queue its invitation. Raises Invalid with every fault, Forbidden."""
    with database.atomic():
        user_id = accounts.create_user(
            actor,
            email=email,
            name=name,
            password=NONE,
            roles=roles,
            locale=locale,
            mediator_id=mediator_id,
            now=now,
        )
        return _send(actor, user_id, LinkKind.INVITATION, keys, now)


def invite_mediator(actor: Actor, mediator_id: int, keys: Keyring, now: dt.datetime) -> Invited:
    """Invite a mediator by the address their page holds, or send the invitation again."""
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    accounts.require_may_invite(actor, [(Role.MEDIATOR, None, None)], mediator_id)
    user = User.get_or_none(User.mediator == mediator)
    if user is None:
        return invite(
            actor,
            email=mediator.email,
            name=mediator.name,
            roles=[(Role.MEDIATOR, None, None)],
            locale=FIRST,
            mediator_id=mediator_id,
            keys=keys,
            now=now,
        )
    if may_sign_in(user):
        raise Conflict(_("This person signs in already."))
    with database.atomic():
        return _send(actor, user.id, LinkKind.INVITATION, keys, now)


def mediator_account(mediator_id: int, now: dt.datetime) -> AccountState | None:
    """How far a mediator's account is; None for none."""
    user = User.get_or_none(User.mediator == mediator_id)
    if user is None:
        return None
    return _state(user, _has_passkey(user), user.id in account_links.invited(now))


def send_link(actor: Actor, user_id: int, keys: Keyring, now: dt.datetime) -> Invited:
    """Send what brings the person in: the invitation again, or a link for a new password."""
    require_administrator(actor)
    user = _user(user_id)
    if not user.active:
        raise Conflict(_("The account is stopped; open it first."))
    kind = LinkKind.NEW_PASSWORD if may_sign_in(user) else LinkKind.INVITATION
    with database.atomic():
        return _send(actor, user_id, kind, keys, now)


def stop(actor: Actor, user_id: int, now: dt.datetime) -> str:
    """The person is out at once and cannot come in; what they did stays. Their name."""
    require_administrator(actor)
    user = _user(user_id)
    if user_id == actor.user_id:
        raise Conflict(_("You cannot stop your own account."))
    with database.atomic():
        stopped = User.update(active=False, stopped_at=now)
        stopped.where(User.id == user_id, User.active).execute()
        sign_ins.end_all(user_id, now)
        account_links.withdraw_all(user_id, now)
        audit.record(actor, "account.stop", "user", user_id, now)
    return str(user.name)


def restore(actor: Actor, user_id: int, now: dt.datetime) -> str:
    """The person may sign in again as before; their name."""
    require_administrator(actor)
    user = _user(user_id)
    if user.erased_at is not None:
        raise Conflict(_("This account was erased already."))
    with database.atomic():
        User.update(active=True, stopped_at=None).where(User.id == user_id).execute()
        audit.record(actor, "account.restore", "user", user_id, now)
    return str(user.name)


def clear_factors(actor: Actor, user_id: int, now: dt.datetime) -> str:
    """Help back in somebody who lost phone and recovery codes: the password alone counts again.

    Every session of theirs ends, and they are told by mail. Their name.
    """
    require_administrator(actor)
    user = _user(user_id)
    if user_id == actor.user_id:
        raise Conflict(_("Another administrator has to do this for you."))
    with database.atomic():
        second_factor.clear(user_id)
        sign_ins.end_all(user_id, now)
        audit.record(actor, "account.clear_factors", "user", user_id, now)
        outbox.queue_letter(user_id, "factors_changed", {}, now)
    return str(user.name)


def grants_of(role: str, office_id: int | None, association_id: int | None) -> list[RoleGrant]:
    """What the form of an invitation grants. Raises Invalid for what is no role."""
    if role not in set(Role):
        raise Invalid([InputFault("role", role, _("one of the roles"))])
    chosen = Role(role)
    return [
        (
            chosen,
            office_id if chosen is Role.COORDINATOR else None,
            association_id if chosen is Role.ASSOCIATION else None,
        )
    ]


def associations_to_choose(actor: Actor) -> list[tuple[int, str]]:
    require_administrator(actor)
    return [(row.id, row.name) for row in Association.select().order_by(Association.name)]


def mediators_to_choose(actor: Actor) -> list[tuple[int, str]]:
    """Mediators at work who have no account yet."""
    require_administrator(actor)
    taken = User.select(User.mediator).where(User.mediator.is_null(False))
    rows = Mediator.select().where(Mediator.active, Mediator.id.not_in(taken))
    return [(row.id, row.name) for row in rows.order_by(Mediator.name)]


def _send(actor: Actor, user_id: int, kind: LinkKind, keys: Keyring, now: dt.datetime) -> Invited:
    link = account_links.send(actor, user_id, kind, keys, now)
    return Invited(user_id, kind, account_links.token_of(link.id, keys)[1])


def _user(user_id: int) -> User:
    user = User.get_or_none(User.id == user_id)
    if user is None:
        raise NotFound
    found: User = user
    return found


def may_sign_in(user: User) -> bool:
    """Whether the person has chosen a way to."""
    return bool(user.password_hash) or _has_passkey(user)


def _has_passkey(user: User) -> bool:
    return bool(Passkey.select().where(Passkey.user == user).exists())


def _state(user: User, with_passkey: bool, waiting: bool) -> AccountState:
    if not user.active:
        return AccountState.STOPPED
    if user.password_hash or with_passkey:
        return AccountState.OPEN
    return AccountState.INVITED if waiting else AccountState.LAPSED
