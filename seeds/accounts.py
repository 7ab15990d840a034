"""Who can sign in to the demonstration."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.models import Role
from app.services.accounts import create_user
from app.services.rights import Actor
from seeds.staff import Person
from seeds.tables import read_table

PASSWORD = "escala-demo"  # noqa: S105 - fictional data on one's own machine
"""Of every account of the demonstration."""


@dataclass(frozen=True, slots=True)
class Login:
    """An account of the demonstration."""

    email: str
    name: str
    role: Role
    office: str
    """The office a coordinator is bound to or a mediator is at home in; empty for none."""
    user_id: int


def load_accounts(
    actor: Actor,
    offices: dict[str, int],
    associations: dict[str, int],
    staff: list[Person],
    now: dt.datetime,
) -> tuple[Login, ...]:
    """One account for each row of data/accounts.csv."""
    logins = []
    for row in read_table("accounts"):
        person = next((one for one in staff if one.home == row["mediator_office"]), None)
        name = person.name if person else row["name"]
        role = Role(row["role"])
        user_id = create_user(
            actor,
            email=row["email"],
            name=name,
            password=PASSWORD,
            roles=[(role, offices.get(row["office"]), associations.get(row["association"]))],
            locale="pt",
            mediator_id=person.id if person else None,
            now=now,
        )
        office = row["office"] or (person.home if person else "")
        logins.append(Login(row["email"], name, role, office, user_id))
    return tuple(logins)
