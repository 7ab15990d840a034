"""How the people of the demonstration want their mail, and an address that a server refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app.models import MailChoice, User
from app.services import mail_choice, outbox
from app.services.rights import actor_of
from seeds.accounts import Login
from seeds.tables import read_table


def load_mail(logins: Iterable[Login], now: dt.datetime) -> None:
    """Each row of data/mail.csv; a refused address by way of a mail that met its refusal."""
    ids = {one.email: one.user_id for one in logins}
    for row in read_table("mail"):
        user = User.get_by_id(ids[row["email"]])
        choice = MailChoice(row["choice"])
        mail_choice.choose_mail(actor_of(user), choice, int(row["hour"]), now)
        if row["refused_days_ago"]:
            _refuse(user, row["answer"], now - dt.timedelta(days=int(row["refused_days_ago"])))


def _refuse(user: User, answer: str, at: dt.datetime) -> None:
    outbox.queue_letter(user.id, "test", {}, at)
    mail = outbox.claim("demonstration", at)
    if mail is not None and outbox.recipient(mail, at) is not None:
        outbox.refused(mail, user.email, answer, at, dead=True)
