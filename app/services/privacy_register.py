"""The register of what is kept, why, on what ground and for how long (GDPR 30).

The page shows it, the nightly job keeps to it, a person's file is made by it, and a test holds
every table and every column against it: a new one cannot be forgotten.
"""

from __future__ import annotations

from app.services import kept_of_accounts, kept_of_people, kept_of_service
from app.services.privacy_rules import Activity, Kept

REGISTER: tuple[Activity, ...] = (
    kept_of_people.PEOPLE,
    kept_of_people.ABSENCES,
    kept_of_people.ROSTERS,
    kept_of_people.TRAINING,
    kept_of_accounts.ACCOUNTS,
    kept_of_accounts.MAIL,
    kept_of_accounts.CALENDARS,
    kept_of_accounts.AUDIT,
    kept_of_service.DEMAND,
    kept_of_service.OTHERS,
    kept_of_service.MACHINE,
    kept_of_service.SETTINGS,
)


def all_kept() -> tuple[Kept, ...]:
    """Every table, in the register's order."""
    return tuple(kept for activity in REGISTER for kept in activity.kept)
