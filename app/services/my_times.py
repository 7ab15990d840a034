"""A mediator's own say, by date: weekly times, wishes within a budget, leave and sickness.

Dates are whole calendar days of the home office; what is kept are instants.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.i18n import _
from app.models import (
    AbsenceKind,
    Mediator,
    RequestStatus,
    Roster,
    RosterStatus,
    WishKind,
    database,
)
from app.services import own_times
from app.services.absence_ends import absence_of, tell_days
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.home_days import date_of, last_date_of, midnight, span_of, with_weekend
from app.services.horizon import monday_of
from app.services.my_duties import own_mediator
from app.services.own_times import Unavailable
from app.services.rights import Actor
from app.services.weeks import POSTING_DAYS

WISHES_A_YEAR = 24
"""The same for everyone and all of the same weight, so that nobody's wishes count for more."""
WISHES_A_MONTH = 3
"""Of the year's, so that nobody wishes for a whole December."""
SICKNESS_DAYS_BACK = 7
AHEAD = dt.timedelta(days=366)

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class DayWish:
    id: int
    date: dt.date
    kind: WishKind
    open: bool
    """The roster of its week is still to come."""


@dataclass(frozen=True, slots=True)
class Away:
    """Time away, as whole days where it is that."""

    id: int
    first: dt.date
    last: dt.date
    kind: AbsenceKind
    status: RequestStatus
    may_take_back: bool
    """A request that nobody has answered."""
    may_end: bool
    """Sickness of one's own that is not over."""


@dataclass(frozen=True, slots=True)
class MyTimes:
    weekly: tuple[Spans, ...]
    """A weekday each (0 Monday): minutes of the wall clock in which the mediator cannot work."""
    wishes: tuple[DayWish, ...]
    wishes_left: tuple[tuple[int, int], ...]
    """Of this calendar year and the next: the year, and how many wishes are left in it."""
    first_open_date: dt.date
    """Wishes count from this day: the first whose week has no published roster."""
    next_week: dt.date
    """The Monday of that day's week, whose roster is the next to come."""
    post_by: dt.date
    """When it is to be posted (CT 217): what is said before is sure to be heard."""
    absences: tuple[Away, ...]


def my_times(actor: Actor, now: dt.datetime) -> MyTimes:
    """What the actor has said of their times, from today. Raises Forbidden for no mediator."""
    return times_of(actor, own_mediator(actor), now)


def times_of(
    actor: Actor, mediator: Mediator, now: dt.datetime, back: dt.timedelta = dt.timedelta()
) -> MyTimes:
    """The same of any mediator whose times the actor may read, `back` from today."""
    today = _today(mediator, now)
    since, until = midnight(mediator, today) - back, midnight(mediator, today) + AHEAD
    published = _published_weeks(mediator, today)
    first_open = _first_open_date(published, today)
    weekly = own_times.availability_of(actor, mediator.id)
    wishes = own_times.wishes_of(actor, mediator.id, since, until)
    absences = own_times.absences_of(actor, mediator.id, since, until, now)
    return MyTimes(
        weekly=tuple(
            tuple((one.from_minute, one.until_minute) for one in weekly if one.weekday == day)
            for day in range(7)
        ),
        wishes=tuple(
            DayWish(one.id, date, one.kind, _is_open(date, published, today))
            for one in wishes
            for date in [date_of(mediator, one.starts_at)]
        ),
        wishes_left=tuple(
            (year, WISHES_A_YEAR - len(_wished_in_year(actor, mediator, year)))
            for year in (today.year, today.year + 1)
        ),
        first_open_date=first_open,
        next_week=monday_of(first_open),
        post_by=monday_of(first_open) - dt.timedelta(days=POSTING_DAYS),
        absences=tuple(_away(mediator, one, today) for one in absences),
    )


def set_weekly(actor: Actor, weekly: Sequence[Spans], now: dt.datetime) -> None:
    """Put these hours of each weekday in place of the mediator's weekly pattern.

    Raises Invalid with the faults at the weekday's number, "0" Monday to "6".
    """
    own_times.set_availability(actor, own_mediator(actor).id, weekly_times(weekly), now)


def weekly_times(weekly: Sequence[Spans]) -> list[Unavailable]:
    """Each weekday's hours as they are kept. Raises Invalid as `set_weekly` does."""
    faults = Faults()
    for day, spans in enumerate(weekly):
        ordered = sorted(spans)
        for start, end in ordered:
            if end <= start:
                faults.add(str(day), spans, _("times that end after they start"))
        if any(first[1] > then[0] for first, then in pairwise(ordered)):
            faults.add(str(day), spans, _("times clear of each other"))
    faults.raise_any()
    return [Unavailable(day, *span) for day, spans in enumerate(weekly) for span in sorted(spans)]


def wish(actor: Actor, date: dt.date, kind: WishKind, now: dt.datetime) -> int:
    """Wish to be off or at work on a day; the wish's id. Raises Invalid.

    A year has `WISHES_A_YEAR` of them, a month `WISHES_A_MONTH`, each day one, in weeks that are
    not published yet.
    """
    return wish_for(actor, own_mediator(actor), date, kind, now)


def wish_for(
    actor: Actor, mediator: Mediator, date: dt.date, kind: WishKind, now: dt.datetime
) -> int:
    """The same for a mediator whose times the actor may set."""
    with database.atomic():
        _check_wish(actor, mediator, date, now)
        start, end = span_of(mediator, date, date)
        return own_times.add_wish(actor, mediator.id, start, end, kind, now)


def tell_absence(
    actor: Actor,
    first: dt.date,
    last: dt.date,
    kind: AbsenceKind,
    now: dt.datetime,
    weekend_too: bool = False,
) -> int:
    """Ask for leave, or tell of sickness, from `first` to `last` inclusive; the id.

    With `weekend_too` what is no sickness and takes whole weeks to a Friday ends on the Sunday.

    The coordinators of the home office are told, of sickness too, which counts at once, in the
    same words: messages go by mail and are kept for a year. What kind of absence it is they read
    where it is theirs to read. Raises Invalid.
    """
    mediator = own_mediator(actor)
    if weekend_too and kind is not AbsenceKind.SICKNESS:
        last = with_weekend(first, last)
    with database.atomic():
        _check_absence(actor, mediator, first, last, kind, now)
        start, end = span_of(mediator, first, last)
        absence_id = own_times.add_absence(actor, mediator.id, start, end, kind, now)
        tell_days(mediator, "away_told", first, last, now)
    return absence_id


def take_wish_back(actor: Actor, wish_id: int, now: dt.datetime) -> None:
    """Raises NotFound for a wish that is not the actor's own, Conflict once its roster is
    published: what has been heard is not wished anew."""
    take_back_wish_of(actor, own_mediator(actor), wish_id, now)


def take_back_wish_of(actor: Actor, mediator: Mediator, wish_id: int, now: dt.datetime) -> dt.date:
    """The same of a mediator whose times the actor may set; the day that was wished."""
    today = _today(mediator, now)
    start = midnight(mediator, today) - AHEAD
    with database.atomic():
        mine = own_times.wishes_of(actor, mediator.id, start, start + 2 * AHEAD)
        dates = {one.id: date_of(mediator, one.starts_at) for one in mine}
        if wish_id not in dates:
            raise NotFound
        if not _is_open(dates[wish_id], _published_weeks(mediator, today), today):
            raise Conflict(_("The roster of that day is published; the wish stays counted."))
        own_times.remove_wish(actor, wish_id, now)
    return dates[wish_id]


def take_absence_back(actor: Actor, absence_id: int, now: dt.datetime) -> None:
    """Take back what is still open; the coordinators are told. Raises NotFound for another's,
    Forbidden once decided."""
    mediator = own_mediator(actor)
    found = absence_of(actor, mediator, absence_id, now)
    if found.status is not RequestStatus.ASKED:
        raise Forbidden
    first, last = date_of(mediator, found.starts_at), last_date_of(mediator, found.ends_at)
    with database.atomic():
        own_times.remove_absence(actor, absence_id, now)
        tell_days(mediator, "absence_ended", first, last, now)


def _check_wish(actor: Actor, mediator: Mediator, date: dt.date, now: dt.datetime) -> None:
    faults = Faults()
    today = _today(mediator, now)
    published = _published_weeks(mediator, today)
    first = _first_open_date(published, today)
    if not first <= date < today + AHEAD:
        expected = _("a day from %(date)s on, within a year", date=f"{first:%d/%m/%Y}")
        faults.add("date", date, expected)
        faults.raise_any()
    if not _is_open(date, published, today):
        faults.add("date", date, _("a day whose week has no published roster"))
        faults.raise_any()
    month = _wished_in_month(actor, mediator, date)
    if date in month:
        faults.add("date", date, _("a day without a wish"))
    elif len(month) >= WISHES_A_MONTH:
        faults.add("date", date, _("a month with fewer than %(n)d wishes", n=WISHES_A_MONTH))
    elif len(_wished_in_year(actor, mediator, date.year)) >= WISHES_A_YEAR:
        faults.add("date", date, _("a year with fewer than %(n)d wishes", n=WISHES_A_YEAR))
    faults.raise_any()


def _wished_in_month(actor: Actor, mediator: Mediator, date: dt.date) -> list[dt.date]:
    first = date.replace(day=1)
    return _wished(actor, mediator, first, (first + dt.timedelta(days=32)).replace(day=1))


def _wished_in_year(actor: Actor, mediator: Mediator, year: int) -> list[dt.date]:
    return _wished(actor, mediator, dt.date(year, 1, 1), dt.date(year + 1, 1, 1))


def _wished(actor: Actor, mediator: Mediator, first: dt.date, until: dt.date) -> list[dt.date]:
    """The days wished from `first` to before `until`."""
    span = midnight(mediator, first), midnight(mediator, until)
    found = own_times.wishes_of(actor, mediator.id, *span)
    return [date_of(mediator, one.starts_at) for one in found]


def _check_absence(
    actor: Actor,
    mediator: Mediator,
    first: dt.date,
    last: dt.date,
    kind: AbsenceKind,
    now: dt.datetime,
) -> None:
    faults = Faults()
    today = _today(mediator, now)
    sick = kind is AbsenceKind.SICKNESS
    earliest = today - dt.timedelta(days=SICKNESS_DAYS_BACK) if sick else today
    faults.one_of("kind", kind, tuple(AbsenceKind))
    if not earliest <= first < today + AHEAD:
        expected = _("a day from %(date)s on, within a year", date=f"{earliest:%d/%m/%Y}")
        faults.add("first", first, expected)
    if last < first:
        faults.add("last", last, _("not before the first day"))
    elif last - first >= own_times.LONGEST_ABSENCE:
        longest = own_times.LONGEST_ABSENCE.days
        faults.add("last", last, _("at most %(n)d days after the start", n=longest))
    faults.raise_any()
    require_clear(actor, mediator, first, last, now)


def require_clear(
    actor: Actor, mediator: Mediator, first: dt.date, last: dt.date, now: dt.datetime
) -> None:
    """Raises Invalid where another absence touches these days."""
    faults = Faults()
    start, end = span_of(mediator, first, last)
    for one in own_times.absences_of(actor, mediator.id, start, end, now):
        if one.status is not RequestStatus.DECLINED:
            since = f"{date_of(mediator, one.starts_at):%d/%m/%Y}"
            expected = _("days clear of the absence from %(date)s", date=since)
            faults.add("first", first, expected)
    faults.raise_any()


def _away(mediator: Mediator, one: own_times.AbsenceView, today: dt.date) -> Away:
    return Away(
        id=one.id,
        first=date_of(mediator, one.starts_at),
        last=last_date_of(mediator, one.ends_at),
        kind=one.kind,
        status=one.status,
        may_take_back=one.status is RequestStatus.ASKED,
        may_end=one.status is RequestStatus.APPROVED
        and one.kind is AbsenceKind.SICKNESS
        and one.ends_at > midnight(mediator, today),
    )


def _published_weeks(mediator: Mediator, today: dt.date) -> set[dt.date]:
    """The Mondays from this week on whose roster is out; a week may be so before an earlier one.

    The running week counts among them once any is: it is planned no more.
    """
    rows = Roster.select(Roster.week_starts_on).where(
        Roster.group == mediator.home_office.group_id,
        Roster.status == RosterStatus.PUBLISHED,
        Roster.week_starts_on >= monday_of(today),
    )
    found = {row.week_starts_on for row in rows}
    return found | {monday_of(today)} if found else found


def _is_open(date: dt.date, published: set[dt.date], today: dt.date) -> bool:
    return date > today and monday_of(date) not in published


def _first_open_date(published: set[dt.date], today: dt.date) -> dt.date:
    date = today + dt.timedelta(days=1)
    while not _is_open(date, published, today):
        date = monday_of(date) + dt.timedelta(weeks=1)
    return date


def _today(mediator: Mediator, now: dt.datetime) -> dt.date:
    return date_of(mediator, now)
