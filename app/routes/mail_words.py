"""The words of mail: choices, states, what a mail is about."""

from __future__ import annotations

from collections.abc import Iterable

from app.i18n import _, _l
from app.models import MailChoice, MailStatus
from app.services.mail_log import MailLine

CHOICES = {
    MailChoice.AT_ONCE: _l("each message at once"),
    MailChoice.DAILY: _l("all of a day in one mail"),
    MailChoice.NEVER: _l("none; I look into Escala myself"),
}
STATES = {
    MailStatus.WAITING: _l("waits"),
    MailStatus.CLAIMED: _l("being sent"),
    MailStatus.HANDED: _l("being sent"),
    MailStatus.SENT: _l("sent"),
    MailStatus.REFUSED: _l("refused"),
    MailStatus.GIVEN_UP: _l("given up"),
    MailStatus.IN_DOUBT: _l("in doubt"),
}
STATE_TAGS = {
    MailStatus.SENT: "good",
    MailStatus.REFUSED: "bad",
    MailStatus.GIVEN_UP: "bad",
    MailStatus.IN_DOUBT: "warn",
}
FILTERS = (
    ("", _l("all")),
    ("troubled", _l("wants a look")),
    ("waiting", _l("on its way")),
    ("sent", _l("sent")),
    ("refused", _l("refused")),
    ("given_up", _l("given up")),
    ("in_doubt", _l("in doubt")),
)
KINDS = {
    "roster_published": _l("hours published or changed"),
    "certification_ends": _l("certification that ends"),
    "certification_withdrawn": _l("certification withdrawn"),
    "certification_changed": _l("your certification"),
    "away_told": _l("somebody is away"),
    "absence_asked": _l("somebody is away"),
    "absence_told": _l("somebody is away"),
    "absence_ended": _l("somebody can come after all"),
    "times_entered": _l("your times"),
    "leave_decided": _l("leave decided"),
    "swap_asked": _l("swap asked"),
    "swap_open": _l("shift offered"),
    "swap_gone": _l("shift no longer offered"),
    "swap_for_you": _l("swap entered for you"),
    "swap_accepted": _l("swap answered"),
    "swap_waits": _l("swap to decide"),
    "swap_declined": _l("swap decided"),
    "swap_withdrawn": _l("swap taken back"),
    "swap_unaccepted": _l("swap no longer agreed"),
    "swap_lapsed": _l("swap over"),
    "loan_asked": _l("somebody asked for"),
    "loan_decided": _l("loan answered"),
    "route_told": _l("field route"),
    "phone_told": _l("hours at the telephone"),
    "nomination_proposed": _l("somebody nominated"),
    "nomination_decided": _l("nomination answered"),
    "training_placed": _l("training placed"),
    "training_moved": _l("training moved"),
    "training_cancelled": _l("training cancelled"),
    "training_on_shift": _l("training on a shift"),
    "training_on_leave": _l("training during an absence"),
    "address_refused": _l("address refused"),
    "test": _l("test mail"),
    "invitation": _l("invitation"),
    "new_password": _l("new password"),
    "password_changed": _l("password changed"),
    "factors_changed": _l("sign-in changed"),
}


def about(line: MailLine) -> str:
    """What a mail is about, in few words; a daily mail names each kind once."""
    if line.kind == "digest":
        return _("Daily mail: %(kinds)s", kinds=_listed(line.kinds))
    return _listed(line.kinds or (line.kind,))


def heading(kind: str) -> str:
    """A kind of message as a title."""
    words = _listed([kind])
    return words[:1].upper() + words[1:]


def _listed(kinds: Iterable[str]) -> str:
    news = _("news")
    return ", ".join(dict.fromkeys(str(KINDS.get(one, news)) for one in kinds))
