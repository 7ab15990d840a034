"""The register's grounds and times of keeping in the reader's language."""

from __future__ import annotations

from app.i18n import _, _l, _n
from app.services.privacy_rules import (
    YEAR,
    Emptied,
    Erased,
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
_UNTIL = {
    Until.PERSON: _l("until the person is erased"),
    Until.ROW: _l("as long as what it belongs to"),
    Until.SERVICE: _l("as long as the service"),
}
_SINCE = {
    "ends_at": _l("it ended"),
    "ended_at": _l("it ended"),
    "ends_on": _l("the contract ended"),
    "expires_at": _l("it ran out"),
    "seen_at": _l("it was last used"),
    "beat_at": _l("it was last used"),
    "revoked_at": _l("it was withdrawn"),
    "published_at": _l("it was published"),
    "decided_on": _l("it was decided"),
    "week_starts_on": _l("its week"),
    "date": _l("that day"),
}
"""Column a time is counted from → what happened then; any other: it was noted."""


def time_of(rule: Rule) -> str:
    """How long, in one line."""
    if isinstance(rule, Until):
        return str(_UNTIL[rule])
    told = {"time": _length(rule.days), "event": str(_SINCE.get(rule.column, _("it was noted")))}
    if isinstance(rule, Emptied):
        return _("which it was goes %(time)s after %(event)s", **told)
    if isinstance(rule, Erased):
        return _("the person is erased %(time)s after %(event)s", **told)
    if isinstance(rule, Gone) and rule.only is not None:
        return _("some go %(time)s after %(event)s", **told)
    return _("%(time)s after %(event)s", **told)


def columns_of(kept: Kept) -> str:
    """The columns that tell of a person, as the database calls them."""
    return ", ".join(kept.personal.split())


def table_of(kept: Kept) -> str:
    return str(kept.table._meta.table_name)  # type: ignore[attr-defined]


def _length(days: int) -> str:
    if days % YEAR < 10 and days >= YEAR:
        return _n("%(num)d year", "%(num)d years", days // YEAR)
    return _n("%(num)d day", "%(num)d days", days)
