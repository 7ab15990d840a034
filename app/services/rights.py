"""Who may do what: decided here for the object, never in a page.

| role | may |
| --- | --- |
| coordinator | plan and publish: everywhere, or at one office where the role names one |
| mediator | read and shape what is their own |
| trainer | courses they run and the people in them; nothing of absences |
| association | its own people's hours, languages and certificates |
| administrator | accounts and settings, and all a coordinator may |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.models import Role, User, UserRole
from app.models.written import written
from app.services.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `SYSTEM` stands for the product itself (seeds, worker)."""

    user_id: int | None
    roles: frozenset[Role]
    mediator_id: int | None = None
    office_ids: frozenset[int] | None = None
    """Offices a coordinator is bound to; None for all."""
    association_ids: frozenset[int] = field(default_factory=frozenset)
    locale: str = "pt"

    @property
    def is_coordinator(self) -> bool:
        return bool(self.roles & {Role.COORDINATOR, Role.ADMINISTRATOR})

    @property
    def is_trainer(self) -> bool:
        return Role.TRAINER in self.roles

    @property
    def is_mediator(self) -> bool:
        return Role.MEDIATOR in self.roles and self.mediator_id is not None


SYSTEM = Actor(user_id=None, roles=frozenset({Role.ADMINISTRATOR, Role.TRAINER}))


def actor_of(user: User) -> Actor:
    """The actor that `user` is now."""
    rows = _roles(user.id)
    bound = [office_id for role, office_id, _group in rows if role == Role.COORDINATOR]
    everywhere = None in bound or any(role == Role.ADMINISTRATOR for role, *_bounds in rows)
    return Actor(
        user_id=user.id,
        roles=frozenset(role for role, *_bounds in rows),
        mediator_id=user.mediator_id,
        office_ids=None if everywhere else frozenset(one for one in bound if one is not None),
        association_ids=frozenset(one for *_role, one in rows if one is not None),
        locale=user.locale,
    )


@written
def _roles(user_id: Any) -> Any:
    query = UserRole.select(UserRole.role, UserRole.office, UserRole.association)
    return query.where(UserRole.user == user_id).tuples()


def coordinates(actor: Actor, office_id: int | None = None) -> bool:
    """Whether the actor coordinates that office, or, without one, the whole network."""
    return actor.is_coordinator and (actor.office_ids is None or office_id in actor.office_ids)


def require_coordinator(actor: Actor, office_id: int | None = None) -> None:
    """The actor `coordinates` that office, or the whole network."""
    if not coordinates(actor, office_id):
        raise Forbidden


def require_any_coordinator(actor: Actor) -> None:
    """The actor coordinates some office."""
    if not actor.is_coordinator:
        raise Forbidden


def require_self_or_coordinator(actor: Actor, mediator_id: int, home_office_id: int) -> None:
    """The actor is that mediator or coordinates their home office."""
    if actor.mediator_id != mediator_id:
        require_coordinator(actor, home_office_id)
