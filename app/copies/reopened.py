"""What a backup brings back with it: everything that was withdrawn after it was made.

Sessions and links are ended at once, since people make new ones in a minute. What machines and
calendar programs hold is only told: whoever restores knows what was withdrawn, the backup does not.
"""

from __future__ import annotations

import datetime as dt

from app.models import AccountLink, ApiKey, FeedToken, Role, Screen, User, UserRole, UserSession
from app.services import outbox
from app.services.account_links import is_open, unanswered


def end_sessions_and_links(now: dt.datetime) -> tuple[int, int]:
    """End every session and withdraw every link sent by mail; how many. In a transaction."""
    sessions = UserSession.update(ended_at=now).where(UserSession.ended_at.is_null()).execute()
    links = AccountLink.update(withdrawn_at=now).where(*is_open()).execute()
    return int(sessions), int(links)


def goes_out_again(now: dt.datetime) -> list[str]:
    """What workers will send by mail and may have sent already, after the backup; a line a kind."""
    mails, messages = outbox.still_to_send(now)
    counts = {
        "mails that wait or were being sent": mails,
        "messages that are in no mail yet": messages,
        "requests for a new password": unanswered(now),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def open_again() -> list[str]:
    """What opens something and may have been withdrawn since the backup, a line each."""
    keys = ApiKey.select().where(ApiKey.revoked_at.is_null()).order_by(ApiKey.id)
    screens = Screen.select().where(Screen.revoked_at.is_null()).order_by(Screen.id)
    may_most = (
        User.select()
        .join(UserRole)
        .where(User.active, UserRole.role.in_((Role.ADMINISTRATOR, Role.COORDINATOR)))
        .distinct()
        .order_by(User.id)
    )
    accounts = User.select().where(User.active).count()
    feeds = FeedToken.select().where(FeedToken.revoked_at.is_null()).count()
    return [
        *(f"key of another system {one.id}: {one.name}" for one in keys),
        *(f"screen {one.id}: {one.name}" for one in screens),
        *(f"account that may do much {one.id}: {one.email}" for one in may_most),
        f"{accounts} accounts that may sign in, with the passwords and factors of then",
        f"{feeds} addresses of calendars",
    ]
