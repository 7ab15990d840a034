"""Who signs in: accounts, passwords, roles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from email_validator import EmailNotValidError, validate_email

from app.i18n import LOCALES, _
from app.models import Association, Mediator, Office, Role, User, UserRole, database
from app.services import audit
from app.services.errors import Forbidden, InputFault, Invalid
from app.services.rights import Actor

PASSWORD_LEAST = 10
RoleGrant = tuple[Role, int | None, int | None]
"""Role, the office it is bound to, the association it speaks for."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_decoy_hash = _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class AccountView:
    id: int
    email: str
    name: str
    locale: str
    active: bool
    roles: tuple[Role, ...]
    mediator_id: int | None


def sign_in(email: str, password: str, now: dt.datetime) -> User | None:
    """The active user of that address and password, else None.

    An unknown address takes as long as a wrong password, so that neither can be told apart.
    """
    user = User.get_or_none(User.email == email.strip().lower())
    try:
        _hasher.verify(user.password_hash if user else _decoy_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    if user is None or not user.active:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
        user.save(only=[User.password_hash])
    return user


def create_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str,
    roles: list[RoleGrant],
    locale: str,
    mediator_id: int | None,
    now: dt.datetime,
) -> int:
    """Make an account; its id. Raises Invalid (every fault) or Forbidden (administrators only)."""
    if Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden
    address, faults = _checked_address(email)
    if not name.strip():
        faults.append(InputFault("name", name, _("a name")))
    if len(password) < PASSWORD_LEAST:
        faults.append(InputFault("password", "…", _("at least %(n)d characters", n=PASSWORD_LEAST)))
    if locale not in LOCALES:
        faults.append(InputFault("locale", locale, ", ".join(LOCALES)))
    if mediator_id is not None and Mediator.get_or_none(Mediator.id == mediator_id) is None:
        faults.append(InputFault("mediator", mediator_id, _("a mediator")))
    faults += _role_faults(roles, mediator_id)
    if faults:
        raise Invalid(faults)
    with database.atomic():
        user = User.create(
            email=address,
            name=name.strip(),
            password_hash=_hasher.hash(password),
            locale=locale,
            mediator=mediator_id,
            created_at=now,
        )
        for role, office_id, association_id in roles:
            UserRole.create(user=user, role=role, office=office_id, association=association_id)
        audit.record(
            actor, "account.create", "user", user.id, now, roles=[str(one[0]) for one in roles]
        )
    return int(user.id)


def set_locale(user_id: int, locale: str) -> None:
    """Remember the language a person chose."""
    if locale in LOCALES:
        User.update(locale=locale).where(User.id == user_id).execute()


def _checked_address(email: str) -> tuple[str, list[InputFault]]:
    try:
        address = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return "", [InputFault("email", email, _("a mail address such as ana@example.org"))]
    if User.get_or_none(User.email == address):
        return address, [InputFault("email", email, _("an address that no account has"))]
    return address, []


def _role_faults(roles: list[RoleGrant], mediator_id: int | None) -> list[InputFault]:
    faults = []
    if not roles:
        faults.append(InputFault("roles", "", _("at least one role")))
    for role, office_id, association_id in roles:
        if role is Role.MEDIATOR and mediator_id is None:
            faults.append(InputFault("roles", str(role), _("a mediator to go with the role")))
        if role is Role.ASSOCIATION and (
            association_id is None or not Association.get_or_none(Association.id == association_id)
        ):
            faults.append(InputFault("roles", str(role), _("an association to go with the role")))
        if office_id is not None and not Office.get_or_none(Office.id == office_id):
            faults.append(InputFault("roles", office_id, _("an office")))
    return faults
