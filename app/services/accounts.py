"""Who signs in: accounts, passwords, roles."""

from __future__ import annotations

import datetime as dt

from email_validator import EmailNotValidError, validate_email

from app.i18n import LANGUAGES, _
from app.models import Association, Mediator, Office, Role, User, UserRole, database
from app.services import audit, passwords
from app.services.checks import Faults
from app.services.errors import Forbidden, InputFault, Invalid
from app.services.rights import Actor, require_coordinator

RoleGrant = tuple[Role, int | None, int | None]
"""Role, the office it is bound to, the association it speaks for."""


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
    """Make an account; its id. Without a password its owner is invited to choose one.

    Raises Invalid (every fault) or Forbidden: administrators make any, a coordinator those of
    mediators at home in an office of theirs.
    """
    require_may_invite(actor, roles, mediator_id)
    address, faults = _checked_address(email)
    named = Faults()
    named.text("name", name)
    faults += named.found
    if password != passwords.NONE:
        faults += passwords.faults("password", password)
    if locale not in LANGUAGES:
        faults.append(InputFault("locale", locale, ", ".join(LANGUAGES)))
    if mediator_id is not None:
        faults += _mediator_faults(mediator_id)
    faults += _role_faults(roles, mediator_id)
    if faults:
        raise Invalid(faults)
    with database.atomic():
        user = User.create(
            email=address,
            name=name.strip(),
            password_hash=passwords.hashed(password) if password else passwords.NONE,
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


def require_may_invite(actor: Actor, roles: list[RoleGrant], mediator_id: int | None) -> None:
    if Role.ADMINISTRATOR in actor.roles:
        return
    mediator = Mediator.get_or_none(Mediator.id == mediator_id) if mediator_id else None
    if mediator is None or any(role is not Role.MEDIATOR for role, _office, _one in roles):
        raise Forbidden
    require_coordinator(actor, mediator.home_office_id)


def set_name(user_id: int, name: str) -> None:
    """Call the account's owner by another name. Raises Invalid."""
    faults = Faults()
    faults.text("name", name)
    faults.raise_any()
    User.update(name=name.strip()).where(User.id == user_id).execute()


def set_locale(user_id: int, locale: str) -> None:
    """Remember the language a person chose."""
    if locale in LANGUAGES:
        User.update(locale=locale).where(User.id == user_id).execute()


def _checked_address(email: str) -> tuple[str, list[InputFault]]:
    try:
        address = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return "", [InputFault("email", email, _("a mail address such as ana@example.org"))]
    if User.get_or_none(User.email == address):
        return address, [InputFault("email", email, _("an address that no account has"))]
    return address, []


def _mediator_faults(mediator_id: int) -> list[InputFault]:
    if Mediator.get_or_none(Mediator.id == mediator_id) is None:
        return [InputFault("mediator", mediator_id, _("a mediator"))]
    if User.get_or_none(User.mediator == mediator_id) is not None:
        return [InputFault("mediator", mediator_id, _("a mediator without an account"))]
    return []


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
