"""Now, at a reception: who is here and until when, where they sit, who comes, whom to ask else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from app.models import Arrival, Language, Office
from app.services.horizon import Horizon, monday_of
from app.services.intake import office_of
from app.services.kept_weeks import week_of_text
from app.services.ladder import Help, OnCall, ladder
from app.services.my_desks import desk_names, stations_of
from app.services.names import in_readers_language, sorting_key
from app.services.openings import OpeningCalendar, opening_calendar, special_day
from app.services.presence import Present, presence
from app.services.quiet import with_spare
from app.services.rights import Actor, coordinates
from app.services.roster_rows import problems_of, under_way
from app.services.standing import current_roster
from app.services.translators import on_call

RANKING_WEEKS = 8
PORTUGUESE = "pt"
AHEAD_DAYS = 31
"""In which the next opening is looked for: further than any closure of a summer month."""


@dataclass(frozen=True, slots=True)
class PersonNow:
    mediator_id: int
    name: str
    languages: tuple[str, ...]
    """By name, the rarest first: Portuguese is spoken by everybody and left out."""
    starts_at: dt.datetime
    ends_at: dt.datetime
    station: str
    """What they are counted on for in this half hour, by name, or the stop of a mobile unit's
    route; empty where for anyone."""
    away_until: dt.datetime | None
    roster_id: int | None
    """None for who is there by a route alone."""
    date: dt.date


@dataclass(frozen=True, slots=True)
class LanguageNow:
    code: str
    name: str
    here: tuple[str, ...]
    """Who receives in it here now, by name."""
    until: dt.datetime | None
    """Until when somebody here does, without a gap as shifts stand."""
    later: dt.datetime | None
    """When the next speaker begins or comes back, where nobody is here."""
    ladder: tuple[Help, ...]
    """Whom to ask, where nobody is here."""


@dataclass(frozen=True, slots=True)
class NowPage:
    office_id: int
    office_code: str
    office_name: str
    zone: str
    offices: tuple[tuple[str, str], ...]
    """Code and name of those the reader may look at."""
    now: dt.datetime
    open_until: dt.datetime | None
    """By its opening hours; outside them, while a mobile unit is under way, its last stop's end."""
    opens_at: dt.datetime | None
    """The next opening within `AHEAD_DAYS`, while it is shut."""
    why_shut: str
    """Today's holiday or closure; else empty."""
    published: bool
    here: tuple[PersonNow, ...]
    away: tuple[PersonNow, ...]
    """In a break or in training; back before their shift ends."""
    coming: tuple[PersonNow, ...]
    """Who begins later today."""
    spoken: tuple[LanguageNow, ...]
    unspoken: tuple[LanguageNow, ...]
    """None while it is shut: nobody comes in who would need them."""
    may_repair: bool
    """Whether the reader may look at repairs for who does not come."""


def now_page(actor: Actor, office_code: str | None, now: dt.datetime) -> NowPage:
    """An office's now, for those who work at its reception. Raises Forbidden, NotFound."""
    office, choices = office_of(actor, office_code, now)
    may_repair = coordinates(actor, office.id)
    offices = tuple((one.code, one.name) for one in choices)
    return page_of(office, now, offices, may_repair)


def page_of(
    office: Office,
    now: dt.datetime,
    offices: tuple[tuple[str, str], ...] = (),
    may_repair: bool = False,
) -> NowPage:
    """The same without asking who reads: for a screen whose token named the office."""
    zone = ZoneInfo(office.zone)
    tomorrow = now.astimezone(zone).date() + dt.timedelta(days=1)
    midnight = dt.datetime.combine(tomorrow, dt.time(), zone)
    everywhere = with_spare(presence(now, midnight), now)
    here = [one for one in everywhere if one.office_id == office.id]
    told = {one.code: in_readers_language(one.name_pt, one.name_en) for one in Language.select()}
    ranks = _ranks(office, now)
    seats = _seats(office, here, told, now)

    def person(one: Present) -> PersonNow:
        return PersonNow(
            mediator_id=one.mediator_id,
            name=one.name,
            languages=_languages(one.languages, told, ranks),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            station=one.place or seats.get(one.code, ""),
            away_until=one.away_until,
            roster_id=one.roster_id,
            date=one.date,
        )

    calendar = opening_calendar(office)
    today = now.astimezone(zone).date()
    open_until, opens_at = _opening(calendar, today, now)
    if open_until is None and (out_until := _out_until(here, now)):
        open_until, opens_at = out_until, None
    called = on_call(now)
    languages = [
        _language(code, told[code], office, here, everywhere, called, now)
        for code in sorted(told, key=lambda code: (-ranks.get(code, 0), sorting_key(told[code])))
        if code in ranks or any(code in one.languages for one in everywhere)
    ]
    return NowPage(
        office_id=office.id,
        office_code=office.code,
        office_name=office.name,
        zone=office.zone,
        offices=offices,
        now=now,
        open_until=open_until,
        opens_at=opens_at,
        why_shut=special_day(calendar, today),
        published=_published(office, today),
        here=tuple(person(one) for one in here if one.serves(now)),
        away=tuple(person(one) for one in here if one.starts_at <= now and one.away_until),
        coming=tuple(person(one) for one in here if one.starts_at > now),
        spoken=tuple(one for one in languages if one.here),
        unspoken=tuple(one for one in languages if not one.here and open_until),
        may_repair=may_repair,
    )


def _language(
    code: str,
    name: str,
    office: Office,
    here: Iterable[Present],
    everywhere: Iterable[Present],
    called: Iterable[OnCall],
    now: dt.datetime,
) -> LanguageNow:
    speakers = [one for one in here if code in one.languages]
    receiving = [one for one in speakers if one.serves(now)]
    if receiving:
        return LanguageNow(
            code, name, tuple(one.name for one in receiving), _without_gap(speakers, now), None, ()
        )
    backs = [one.away_until or one.starts_at for one in speakers]
    later = min((at for at in backs if at > now), default=None)
    helped = ladder(everywhere, code, office.id, now, called)
    return LanguageNow(code, name, (), None, later, helped)


def _without_gap(speakers: Iterable[Present], now: dt.datetime) -> dt.datetime:
    """Until when one of the speakers receives without a pause that nobody else bridges."""
    until = now
    for start, end in sorted(span for one in speakers for span in one.stretches()):
        if start <= until:
            until = max(until, end)
    return until


def _languages(
    codes: Iterable[str], told: dict[str, str], ranks: dict[str, int]
) -> tuple[str, ...]:
    mine = [code for code in codes if code != PORTUGUESE and code in told]
    return tuple(told[code] for code in sorted(mine, key=lambda code: (ranks.get(code, 0), code)))


def _ranks(office: Office, now: dt.datetime) -> dict[str, int]:
    """How many came for each language of late."""
    since = now - dt.timedelta(weeks=RANKING_WEEKS)
    rows: Any = (
        Arrival.select(Arrival.language, fn.SUM(Arrival.count))
        .where(Arrival.office == office, Arrival.starts_at >= since, Arrival.starts_at < now)
        .group_by(Arrival.language)
    )
    return {code: int(count) for code, count in rows.tuples()}


def _opening(
    calendar: OpeningCalendar, today: dt.date, now: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When the office shuts if it is open, else when it opens next."""
    for ahead in range(AHEAD_DAYS + 1):
        for start, end in calendar.intervals(today + dt.timedelta(days=ahead)):
            if start <= now < end:
                return end, None
            if start > now:
                return None, start
    return None, None


def _out_until(here: Iterable[Present], now: dt.datetime) -> dt.datetime | None:
    """Until when a mobile unit under way receives at its stops, whatever hours it keeps."""
    riding = (one.ends_at for one in here if one.roster_id is None and one.starts_at <= now)
    return max(riding, default=None)


def _published(office: Office, today: dt.date) -> bool:
    return current_roster(office.group_id, monday_of(today)) is not None


def _seats(
    office: Office, here: Iterable[Present], languages: dict[str, str], now: dt.datetime
) -> dict[str, str]:
    """Mediator's code → what the counting of cover has them serve now, by name."""
    desks = {
        kind: in_readers_language(name_pt, name_en)
        for kind, name_pt, name_en in desk_names(office.id)
    }
    seats: dict[str, str] = {}
    # Who is in a break, called in sick or answers the telephone holds no seat here meanwhile.
    serving = {one.code: one.roster_id for one in here if one.serves(now) and one.roster_id}
    wanted = set(serving.values())
    given = under_way(wanted, now)
    for roster_id, monday, text in problems_of(wanted):
        if not text:
            continue
        week = week_of_text(text)
        slot = Horizon(monday, slot_minutes=week.problem.slot_minutes).slot(now)
        todays = tuple(
            one
            for one in given[roster_id]
            if serving.get(one.mediator) == roster_id
            and (shift := week.problem.shift_by_id.get(one.shift))
            and shift.office == office.code
        )
        for one in stations_of(week, todays):
            if one.start <= slot < one.end:
                seats[one.mediator] = _seat_words(one.needs, desks, languages)
    return seats


def _seat_words(
    needs: tuple[str, ...] | None, desks: dict[str, str], languages: dict[str, str]
) -> str:
    """A desk by its name, else the languages asked for."""
    wanted = needs or ()
    at_desk = [desks[one[5:]] for one in wanted if one.startswith("cert:") and one[5:] in desks]
    spoken = [languages.get(one[5:], one[5:]) for one in wanted if one.startswith("lang:")]
    return " · ".join((*at_desk, *spoken))
