"""What is kept of who signs in: accounts, messages and mail, calendars, the audit log."""

from __future__ import annotations

from app import models as m
from app.i18n import _l
from app.models import MailStatus
from app.services.privacy_rules import (
    DAY,
    FIVE_YEARS,
    YEAR,
    Activity,
    Erased,
    Gone,
    Ground,
    Kept,
    Shortened,
    Until,
)

_PERSON = (Until.PERSON,)
_ROW = (Until.ROW,)

ACCOUNTS = Activity(
    key="accounts",
    name=_l("Accounts and signing in"),
    what=_l("Name, address for mail, roles, devices signed in; secrets only as hashes or sealed."),
    why=_l("To let in who may come in, and nobody else."),
    ground=Ground.PUBLIC_TASK,
    basis=_l("GDPR, art. 6(1)(e) and 32"),
    readers=_l("The person and administrators."),
    kept=(
        Kept(
            table=m.User,
            personal="id email name locale active mediator mail_choice digest_hour created_at"
            " stopped_at",
            sealed="password_hash",
            plain="session_epoch erased_at",
            about=("id",),
            rules=(
                # As long as the log in which they stand; a mediator's goes with their record.
                Erased("stopped_at", FIVE_YEARS, lambda: m.User.mediator.is_null()),
                Until.PERSON,
            ),
        ),
        Kept(
            table=m.UserRole,
            personal="user role office association",
            plain="id",
            about=("user",),
            rules=_PERSON,
        ),
        Kept(
            table=m.UserSession,
            personal="user device strong created_at seen_at proven_at ended_at",
            sealed="token_hash",
            plain="id epoch",
            about=("user",),
            rules=(Gone("seen_at", 90),),
        ),
        Kept(
            table=m.AccountLink,
            personal="user kind created_at created_by expires_at used_at withdrawn_at",
            sealed="nonce token_hash",
            plain="id",
            about=("user",),
            rules=(Gone("expires_at", 30),),
        ),
        Kept(
            table=m.PasswordRequest,
            personal="email asked_at",
            plain="id",
            rules=(Gone("asked_at", DAY),),
        ),
        Kept(
            table=m.Passkey,
            personal="user name transports created_at used_at",
            sealed="credential_id public_key sign_count",
            plain="id",
            about=("user",),
            rules=_PERSON,
        ),
        Kept(
            table=m.PasskeyChallenge,
            personal="user",
            sealed="challenge_hash",
            plain="id expires_at",
            rules=(Gone("expires_at", DAY),),
        ),
        Kept(
            table=m.OneTimeSecret,
            personal="user created_at confirmed_at",
            sealed="sealed last_step",
            plain="id",
            about=("user",),
            rules=_PERSON,
        ),
        Kept(
            table=m.RecoveryCode,
            personal="user created_at used_at",
            sealed="code_hash",
            plain="id",
            about=("user",),
            rules=_PERSON,
        ),
        Kept(
            table=m.RateCount, sealed="key", plain="id count ends_at", rules=(Gone("ends_at", DAY),)
        ),
    ),
)


MAIL = Activity(
    key="mail",
    name=_l("Messages and mail"),
    what=_l(
        "What somebody was told, when, and whether a mail of it arrived; in it, and nowhere else,"
        " why leave was declined."
    ),
    why=_l("To tell people of their work in time, and to show that they were told."),
    ground=Ground.CONTRACT,
    basis=_l("GDPR, art. 6(1)(b); Labour Code, art. 217"),
    readers=_l("The person; coordinators the mail log, without what it says."),
    kept=(
        Kept(
            table=m.Message,
            personal="user kind details key created_at read_at mail_due_at mail",
            plain="id",
            about=("user",),
            rules=(
                Gone("created_at", YEAR, lambda: m.Message.kind != "roster_published"),
                Gone("created_at", FIVE_YEARS),
            ),
        ),
        Kept(
            table=m.Mail,
            personal="user kind details status due_at attempts created_at address sent_at answer",
            plain="id uid owner lease_until give_up_at",
            about=("user",),
            rules=(
                Gone(
                    "created_at",
                    YEAR,
                    lambda: m.Mail.status.not_in(
                        [MailStatus.WAITING, MailStatus.CLAIMED, MailStatus.HANDED]
                    ),
                ),
            ),
        ),
        Kept(
            table=m.DeadAddress,
            personal="address since answer",
            plain="id",
            rules=(Gone("since", 2 * YEAR),),
        ),
    ),
)


CALENDARS = Activity(
    key="calendars",
    name=_l("Calendars"),
    what=_l("Addresses of feeds, and of a person's own calendar only when they are busy."),
    why=_l("To show shifts on people's phones, and to plan around what they have to do."),
    ground=Ground.CONSENT,
    basis=_l("GDPR, art. 6(1)(a)"),
    readers=_l("The person."),
    kept=(
        Kept(
            table=m.FeedToken,
            personal="user mediator office course association name locale details keep_cancelled"
            " created_at revoked_at fetched_at",
            sealed="token_hash",
            plain="id fetched_version",
            about=("user",),
            rules=(Gone("revoked_at", 90), Until.PERSON),
        ),
        Kept(
            table=m.FeedDocument,
            personal="gzipped",
            plain="token changes rendered maker stands_until etag modified size",
            rules=_ROW,
        ),
        Kept(
            table=m.OwnCalendar,
            personal="mediator added_at checked_at read_at fault",
            sealed="url etag last_modified",
            plain="id due_at failures unread covers_until",
            about=("mediator",),
            rules=_PERSON,
        ),
        Kept(
            table=m.BusyTime,
            personal="calendar starts_at ends_at",
            plain="id",
            about=("calendar.mediator",),
            rules=(Gone("ends_at", 30),),
        ),
    ),
)


AUDIT = Activity(
    key="audit",
    name=_l("Audit log"),
    what=_l("Who did or read what, when: numbers of people and things, no names."),
    why=_l("To show what was done with personal data, and by whom."),
    ground=Ground.LAW,
    basis=_l("GDPR, art. 5(2), 32 and 33"),
    readers=_l("Administrators; a person what was done with their record."),
    kept=(
        Kept(
            table=m.AuditEntry,
            personal="at user action object_kind object_id details",
            plain="id previous_hash hash",
            about=("user",),
            rules=(Shortened("at", FIVE_YEARS),),
        ),
    ),
)
