"""The telephone's log of calls: language, need, minutes and who helped; nothing of who called.

A logged call is an arrival of the telephone service and its ending at once, so that the forecast
and the times of receptions learn from it like from a reception's presses.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from peewee import IntegrityError

from app.i18n import _
from app.models import Call, HelpedBy, Language, Office, Translator, TranslatorLanguage, database
from app.services import arrivals, audit, outcomes
from app.services.arrivals import ArrivalRow
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.names import in_readers_language
from app.services.needs import NEEDS
from app.services.office_choice import OfficeChoice, chosen_office
from app.services.outcomes import SERVICE_MINUTES_MOST, Ending, OutcomeCell, Tally
from app.services.ranking import LanguageRow, NeedColumn, language_rows, need_columns
from app.services.rights import Actor
from app.services.translators import TranslatorView, list_translators, telephone_services

SOURCE = "call"
"""The source of the arrivals and outcomes that calls make."""
SHOWN = 8
CHUNK_ROWS = 1_000
TAKEN_BACK_WITHIN = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """One call. `translator_id` is asked where an external translator helped, and only there."""

    office_id: int
    press: str
    language: str
    need: str
    minutes: int
    three_way: bool = False
    helped_by: str
    translator_id: int | None = None
    seconds_ago: int = 0
    """How long before it reaches us it was logged, as it has just ended."""


@dataclass(frozen=True, slots=True)
class CallView:
    id: int
    starts_at: dt.datetime
    language: str
    """By name."""
    need: str
    minutes: int
    three_way: bool
    helped_by: HelpedBy
    translator: str
    cents: int


@dataclass(frozen=True, slots=True)
class LastCalls:
    """What changes on the page with a call logged."""

    office: OfficeChoice
    zone: str
    midnight: dt.datetime
    """The last local midnight."""
    today: int
    """Calls since then."""
    last: tuple[CallView, ...]
    """Those of the last two days, which can be taken back, the newest first."""


@dataclass(frozen=True, slots=True)
class CallPage:
    office_id: int
    offices: tuple[OfficeChoice, ...]
    calls: LastCalls
    frequent: tuple[LanguageRow, ...]
    others: tuple[LanguageRow, ...]
    needs: tuple[NeedColumn, ...]
    translators: tuple[tuple[TranslatorView, bool], ...]
    """Those in use, each with whether they are on call now; who is comes first."""
    may_edit: bool


def takes_calls(actor: Actor, now: dt.datetime) -> bool:
    """Whether the actor has a telephone service to log calls of."""
    return (actor.is_coordinator or actor.is_mediator) and bool(telephone_services(actor, now))


def telephone_of(
    actor: Actor, code: str | None, now: dt.datetime
) -> tuple[Office, tuple[OfficeChoice, ...]]:
    """The telephone service of that code, by default the first. Raises Forbidden, NotFound."""
    mine = telephone_services(actor, now)
    if not mine:
        raise Forbidden
    return chosen_office(mine, code)


def call_page(actor: Actor, office_code: str | None, now: dt.datetime) -> CallPage:
    """The page on which calls are logged. Raises Forbidden, NotFound."""
    office, choices = telephone_of(actor, office_code, now)
    frequent, others = language_rows(office, now)
    known = [
        one for one in list_translators(actor, now) if one.active and one.office_id == office.id
    ]
    ready = [(one, one.on_call_until(now) is not None) for one in known]
    return CallPage(
        office_id=office.id,
        offices=choices,
        calls=_last(office, now),
        frequent=frequent,
        others=others,
        needs=need_columns(office, now),
        translators=tuple(sorted(ready, key=lambda one: (not one[1], one[0].price_cents))),
        may_edit=actor.is_coordinator,
    )


def last_calls(actor: Actor, office_code: str, now: dt.datetime) -> LastCalls:
    office, _choices = telephone_of(actor, office_code, now)
    return _last(office, now)


def log_call(actor: Actor, facts: CallFacts, now: dt.datetime) -> int:
    """Log a call, once for each press, in the half hour in which it began; its id.

    Raises Invalid, Forbidden, NotFound, and Conflict for a press that was of another call.
    """
    ended_at = arrivals.pressed_at(now, facts.seconds_ago)
    if not arrivals.may_log(actor, facts.office_id, ended_at):
        raise Forbidden
    if facts.office_id not in {one.id for one in telephone_services(actor, ended_at)}:
        raise NotFound
    helper = _check(facts)
    try:
        with database.atomic():
            return int((_known(facts) or _save(facts, helper, now)).id)
    except IntegrityError:  # the same press, sent twice, arrived at the same moment
        known = _known(facts)
        if known is None:
            raise
        return int(known.id)


def record_calls(
    actor: Actor, office_id: int, log: Sequence[tuple[dt.datetime, CallFacts]], now: dt.datetime
) -> int:
    """Bring in a log that was kept elsewhere, all or nothing: half hours and their calls; how many
    cells of arrivals they make, in place of what calls of the same half hours made before.

    Raises Invalid for half hours, languages and needs that cannot be, Forbidden.
    """
    if not arrivals.may_log(actor, office_id, now):
        raise Forbidden
    cells: Counter[OutcomeCell] = Counter()
    tallies: defaultdict[OutcomeCell, Tally] = defaultdict(Tally)
    rows = []
    helpers = {one.id: one for one in Translator.select().where(Translator.office == office_id)}
    for starts_at, facts in log:
        row = _row_of(facts, helpers.get(facts.translator_id or 0), starts_at)
        cell = OutcomeCell(office_id, starts_at, facts.language, facts.need)
        cells[cell] += 1
        tallies[cell].add(_ending(row))
        rows.append(row.__data__)
    counted = [ArrivalRow(*cell, visitors) for cell, visitors in cells.items()]
    with database.atomic():
        arrivals.record_arrivals(actor, counted, now, SOURCE)
        for first in range(0, len(rows), CHUNK_ROWS):
            Call.insert_many(rows[first : first + CHUNK_ROWS]).execute()
        outcomes.record_outcomes(actor, tallies, now, SOURCE)
    return len(counted)


def take_back(actor: Actor, call_id: int, now: dt.datetime) -> str:
    """Undo a call logged within two days; the code of its office.

    Raises NotFound, Forbidden, and Conflict for an older one: the forecast has learned from it.
    """
    row = Call.get_or_none(Call.id == call_id)
    if row is None:
        raise NotFound(_("That call was taken back already."))
    if not arrivals.may_log(actor, row.office_id, now):
        raise Forbidden
    if now - row.starts_at > TAKEN_BACK_WITHIN:
        raise Conflict(_("A call can be taken back for two days."))
    with database.atomic():
        if Call.delete().where(Call.id == call_id).execute():
            _count(row, -1)
            audit.record(actor, "call.take_back", "office", row.office_id, now)
    return str(row.office.code)


def views_of(rows: list[Call]) -> tuple[CallView, ...]:
    """Calls as pages show them, in the order given."""
    names = {one.code: in_readers_language(one.name_pt, one.name_en) for one in Language.select()}
    translators = {one.id: one.name for one in Translator.select()}
    return tuple(
        CallView(
            id=row.id,
            starts_at=row.starts_at,
            language=names.get(row.language_id, str(row.language_id)),
            need=str(NEEDS.get(row.need, row.need)),
            minutes=row.minutes,
            three_way=row.three_way,
            helped_by=row.helped_by,
            translator=translators.get(row.translator_id, ""),
            cents=row.cents,
        )
        for row in rows
    )


def _last(office: Office, now: dt.datetime) -> LastCalls:
    midnight = now.astimezone(ZoneInfo(office.zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    of_office = Call.select().where(Call.office == office)
    recent = of_office.where(Call.starts_at > now - TAKEN_BACK_WITHIN)
    return LastCalls(
        office=OfficeChoice(office.code, office.name),
        zone=office.zone,
        midnight=midnight.astimezone(dt.UTC),
        today=of_office.where(Call.starts_at >= midnight.astimezone(dt.UTC)).count(),
        last=views_of(list(recent.order_by(Call.id.desc()).limit(SHOWN))),
    )


def _known(facts: CallFacts) -> Call | None:
    """The call that this press logged. Raises Conflict where it was another one."""
    row = Call.get_or_none(Call.office == facts.office_id, Call.press == facts.press)
    if row and (row.language_id, row.need, row.minutes, row.helped_by, row.translator_id) != (
        facts.language, facts.need, facts.minutes, facts.helped_by, facts.translator_id,
    ):  # fmt: skip
        raise Conflict(_("That press was of another call."))
    return row


def _save(facts: CallFacts, helper: Translator | None, now: dt.datetime) -> Call:
    ended_at = arrivals.pressed_at(now, facts.seconds_ago)
    began_at = ended_at - dt.timedelta(minutes=facts.minutes)
    row = _row_of(facts, helper, arrivals.half_hour(began_at))
    row.save(force_insert=True)
    _count(row, +1)
    return row


def _row_of(facts: CallFacts, helper: Translator | None, starts_at: dt.datetime) -> Call:
    return Call(
        office=facts.office_id,
        press=facts.press,
        starts_at=starts_at,
        language=facts.language,
        need=facts.need,
        minutes=facts.minutes,
        three_way=facts.three_way,
        helped_by=HelpedBy(facts.helped_by),
        translator=helper,
        cents=helper.price_cents * facts.minutes if helper else 0,
    )


def _check(facts: CallFacts) -> Translator | None:
    """Raise Invalid with every fault; the external translator who helped, if one did."""
    faults = Faults()
    faults.press("press", facts.press)
    faults.one_of("language", facts.language, {one.code for one in Language.select(Language.code)})
    faults.one_of("need", facts.need, NEEDS)
    faults.whole("minutes", facts.minutes, 1, SERVICE_MINUTES_MOST)
    faults.one_of("helped_by", facts.helped_by, tuple(HelpedBy))
    helper = None
    if facts.helped_by == HelpedBy.TRANSLATOR:
        helper = Translator.get_or_none(
            Translator.id == facts.translator_id, Translator.office == facts.office_id
        )
        if helper is None:
            faults.add("translator_id", facts.translator_id, _("who translated"))
        elif not _speaks(helper, facts.language):
            faults.add("translator_id", helper.name, _("a translator of the language of the call"))
    elif facts.translator_id is not None:
        faults.add("translator_id", facts.translator_id, _("nobody, unless a translator helped"))
    faults.raise_any()
    return helper


def _speaks(helper: Translator, language: str) -> bool:
    spoken = TranslatorLanguage.select().where(
        TranslatorLanguage.translator == helper, TranslatorLanguage.language == language
    )
    return bool(spoken.exists())


def _count(row: Call, times: int) -> None:
    """Add a call to, or take it from, the telephone's arrivals and their outcomes."""
    cell = ArrivalRow(row.office_id, row.starts_at, row.language_id, row.need, 1)
    if times > 0:
        arrivals.add_counts([cell], SOURCE)
    else:
        arrivals.take_counts(cell, SOURCE)
    tally = Tally()
    tally.add(_ending(row), times)
    outcomes.add_tally(OutcomeCell(*cell[:4]), tally, SOURCE)


def _ending(row: Call) -> Ending:
    met = row.helped_by != HelpedBy.NOBODY
    return Ending("served", None, row.minutes) if met else Ending("left")
