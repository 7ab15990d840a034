"""Where a mediator serves the telephone: an office without walls is at home or in their centre.

The way there is none (`app.services.travel`); so where they sit changes no roster, only what pages,
calendars and sheets say of the shift.
"""

from __future__ import annotations

from app.i18n import _
from app.models import Mediator, Office, OfficeKind


def served_at(kind: OfficeKind, home_kind: OfficeKind, home_name: str, *, from_home: bool) -> str:
    """In words where somebody is during a shift at an office of `kind`: "from home", or "at" the
    centre of theirs; empty where the shift is where its office is.

    Who belongs to the telephone service itself and does not work from home is where that is.
    """
    if kind != OfficeKind.TELEPHONE:
        return ""
    if from_home:
        return _("from home")
    return "" if home_kind == OfficeKind.TELEPHONE else _("at %(office)s", office=home_name)


def place_of(mediator: Mediator, office: Office, home: Office) -> str:
    """The same, of rows."""
    return served_at(office.kind, home.kind, home.name, from_home=mediator.phone_from_home)


def address_of(
    kind: OfficeKind, home_kind: OfficeKind, *, from_home: bool, office: str, home: str
) -> str:
    """Where to go for a shift: `office`, or `home`, the centre, for who serves the telephone there;
    empty for who serves it from home."""
    if kind != OfficeKind.TELEPHONE:
        return office
    if from_home:
        return ""
    return office if home_kind == OfficeKind.TELEPHONE else home
