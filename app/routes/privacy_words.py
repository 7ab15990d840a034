"""The register's grounds and times of keeping in the reader's language."""

from __future__ import annotations

from app.i18n import _, _l, _n
from app.services.privacy_rules import (
    YEAR,
    Emptied,
    Erased,
    Forgotten,
    Gone,
    Ground,
    Kept,
    Rule,
    Until,
)

GROUNDS = {
    Ground.CONTRACT: _l("the work agreed with the person"),
    Ground.LAW: _l("a duty the law lays on the service"),
    Ground.PUBLIC_TASK: _l("a public task"),
    Ground.EMPLOYMENT_LAW: _l("the law of work (health data)"),
    Ground.CONSENT: _l("the person's consent"),
    Ground.NONE: _l("nothing personal"),
}
NAMES = {
    "mediator": _l("Record of the person"),
    "mediator_language": _l("Languages spoken"),
    "mediator_office": _l("Other offices"),
    "availability": _l("Hours without work"),
    "wish": _l("Wishes"),
    "nomination": _l("Nominations"),
    "absence": _l("Absences"),
    "late_change": _l("Late changes"),
    "roster": _l("Rosters"),
    "assignment": _l("Shifts"),
    "roster_edit": _l("Changes of a draft, to undo them"),
    "roster_figures": _l("Wishes met, by week"),
    "swap": _l("Swaps"),
    "loan": _l("Days lent to another office"),
    "phone_turn": _l("Hours at the telephone beside a shift"),
    "field_seat": _l("Who goes along on field routes"),
    "field_route": _l("Field routes"),
    "week_look": _l("What a person last confirmed to have seen"),
    "enrolment": _l("Enrolments"),
    "check_in": _l("Check-ins at the door"),
    "completion": _l("Courses completed"),
    "certification": _l("Certifications"),
    "called_off_training": _l("Sessions called off"),
    "course_trainer": _l("Trainers of courses"),
    "session_trainer": _l("Trainers of sessions"),
    "user": _l("Accounts"),
    "user_role": _l("Roles"),
    "user_session": _l("Devices signed in"),
    "account_link": _l("Links sent by mail"),
    "password_request": _l("Requests for a new password"),
    "passkey": _l("Passkeys"),
    "passkey_challenge": _l("Questions to passkeys"),
    "one_time_secret": _l("Codes on the phone"),
    "recovery_code": _l("Recovery codes"),
    "message": _l("Messages"),
    "mail": _l("Mail"),
    "dead_address": _l("Addresses that refuse mail"),
    "feed_token": _l("Addresses of calendars"),
    "feed_document": _l("Calendars as last written"),
    "own_calendar": _l("People's own calendars"),
    "busy_time": _l("Times busy in them"),
    "audit_entry": _l("Entries of the log"),
    "ticket": _l("Who called a number"),
    "requirement_override": _l("Who asked for more or fewer people"),
    "feedback": _l("Who logged a complaint or praise"),
    "association": _l("Contacts of associations"),
    "translator": _l("External translators"),
    "translator_language": _l("Languages of external translators"),
    "translator_hours": _l("Hours of external translators"),
    "call": _l("Which translator helped in a call"),
    "run": _l("Jobs in the background"),
    "upload": _l("Files on their way in"),
    "api_key": _l("Keys of other systems"),
    "screen": _l("Screens"),
}
"""Table → what it is to people."""
_UNTIL = {
    Until.PERSON: _l("until the person is erased"),
    Until.ROW: _l("as long as what it belongs to"),
    Until.SERVICE: _l("as long as the service"),
}
_SINCE = {
    "ends_at": _l("it ended"),
    "ended_at": _l("it ended"),
    "ends_on": _l("the contract ended"),
    "ended_on": _l("it ended"),
    "expires_at": _l("it ran out"),
    "seen_at": _l("it was last used"),
    "beat_at": _l("it was last used"),
    "revoked_at": _l("it was withdrawn"),
    "published_at": _l("it was published"),
    "decided_on": _l("it was decided"),
    "proposed_on": _l("it was proposed"),
    "stopped_at": _l("the account was stopped"),
    "week_starts_on": _l("its week"),
    "date": _l("that day"),
}
"""Column a time is counted from → what happened then; any other: it was noted."""


def time_of(rule: Rule) -> str:
    """How long, in one line."""
    if isinstance(rule, Until):
        return str(_UNTIL[rule])
    if isinstance(rule, Forgotten):
        return _("whose day was repaired goes once the week is over")
    told = {"time": _length(rule.days), "event": str(_SINCE.get(rule.column, _("it was noted")))}
    if isinstance(rule, Emptied):
        return _("which it was goes %(time)s after %(event)s", **told)
    if isinstance(rule, Erased):
        return _("the person is erased %(time)s after %(event)s", **told)
    if isinstance(rule, Gone) and rule.only is not None:
        return _("some go %(time)s after %(event)s", **told)
    return _("%(time)s after %(event)s", **told)


def name_of(kept: Kept) -> str:
    """A table's name for people; of those that hold something of a person."""
    return str(NAMES[kept.table._meta.table_name])  # type: ignore[attr-defined]


def _length(days: int) -> str:
    if days % YEAR < 10 and days >= YEAR:
        return _n("%(num)d year", "%(num)d years", days // YEAR)
    return _n("%(num)d day", "%(num)d days", days)
