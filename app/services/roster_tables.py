"""A roster as tables: its board, its hours, its cover. The board can be brought in again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Assignment, Mediator, Office, Roster, database
from app.services import audit
from app.services.cover import demand_of
from app.services.cover_labels import Labels
from app.services.cover_totals import is_place
from app.services.errors import Forbidden, NotFound
from app.services.horizon import Horizon
from app.services.judging import judge
from app.services.names import sorting_key
from app.services.open_drafts import find_roster
from app.services.phone_place import place_of
from app.services.published import breaks_of
from app.services.rights import Actor
from app.services.roster_rows import shift_rows
from app.services.sheets_out import OutTable
from app.services.worked import worked_minutes

WHAT = ("board", "hours", "cover")


def roster_tables(
    actor: Actor, roster_id: int, what: str, office_code: str | None, now: dt.datetime
) -> tuple[OutTable, ...]:
    """`what` of WHAT, of an office or of all that the actor coordinates; noted in the audit log.

    Raises NotFound, Forbidden.
    """
    roster = find_roster(actor, roster_id)
    offices = offices_of(actor, roster, office_code)
    makers = {"board": _board, "hours": _hours, "cover": _cover}
    if what not in makers:
        raise NotFound
    with database.atomic():
        audit.record(actor, "roster.export", "roster", roster.id, now, what=what)
    return (makers[what](roster, offices),)


def offices_of(actor: Actor, roster: Roster, office_code: str | None) -> list[Office]:
    """The roster's offices that the actor coordinates, or the one of that code."""
    query = Office.select().where(Office.group == roster.group_id, Office.active)
    found = [
        one
        for one in query.order_by(Office.position, Office.name)
        if actor.office_ids is None or one.id in actor.office_ids
    ]
    if not office_code:
        return found
    mine = [one for one in found if one.code == office_code]
    if not mine:
        raise Forbidden if Office.get_or_none(Office.code == office_code) else NotFound
    return mine


def file_name(roster_id: int, what: str) -> str:
    """What the file is called, without its ending: the week and what it holds."""
    roster = Roster.get_by_id(roster_id)
    return f"escala-{roster.week_starts_on.isoformat()}-v{roster.version}-{what}"


def _board(roster: Roster, offices: list[Office]) -> OutTable:
    rows: list[tuple[str, tuple[object, ...]]] = []
    homes = {one.id: one for one in Office.select(Office.id, Office.name, Office.kind)}
    for row in _assignments(roster, offices):
        zone = ZoneInfo(row.office.zone)
        pauses = breaks_of(row)
        told = ", ".join(
            f"{start.astimezone(zone):%H:%M}-{end.astimezone(zone):%H:%M}" for start, end in pauses
        )
        line = (
            row.mediator.code,
            row.mediator.called_name or row.mediator.name,
            row.date,
            row.office.code,
            row.starts_at.astimezone(zone).time(),
            row.ends_at.astimezone(zone).time(),
            told,
            worked_minutes(row),
            _("yes") if row.unsocial else "",
            _("yes") if row.locked else "",
            place_of(row.mediator, row.office, homes[row.mediator.home_office_id]),
        )
        rows.append((sorting_key(line[1]), line))
    rows.sort(key=lambda one: (one[0], one[1][0], one[1][2]))
    header = (
        _("code"),
        _("name"),
        _("date"),
        _("office"),
        _("start"),
        _("end"),
        _("breaks"),
        _("worked minutes"),
        _("evening or Saturday"),
        _("locked"),
        _("serves the telephone"),
    )
    return OutTable(_("Board"), header, tuple(line for _key, line in rows))  # type: ignore[arg-type]


def _hours(roster: Roster, offices: list[Office]) -> OutTable:
    problem = judge(roster).problem
    horizon = Horizon(roster.week_starts_on, slot_minutes=problem.slot_minutes)
    shifts: defaultdict[int, list[Assignment]] = defaultdict(list)
    ids = [one.id for one in offices]
    for row in Assignment.select().where(Assignment.roster == roster):
        shifts[row.mediator_id].append(row)
    people = Mediator.select(Mediator, Office).join(Office).where(Mediator.home_office.in_(ids))
    lines = []
    for one in sorted(people, key=lambda one: sorting_key(one.called_name or one.name)):
        known = problem.mediator_by_id.get(one.code)
        if known is None:
            continue
        slot = problem.slot_minutes
        busy = sum(span.end - span.start for span in known.busy) * slot
        owed = known.weeks[0].min_slots * slot if known.weeks else one.week_minutes
        name = one.called_name or one.name
        taken = [(horizon.instant(span.start), horizon.instant(span.end)) for span in known.busy]
        minutes = sum(worked_minutes(row, taken) for row in shifts[one.id])
        lines.append(
            (one.code, name, one.home_office.code, len(shifts[one.id]), minutes, busy, owed,
             minutes + busy - owed, sum(row.unsocial for row in shifts[one.id]))
        )  # fmt: skip
    header = (
        _("code"),
        _("name"),
        _("office"),
        _("shifts"),
        _("worked minutes"),
        _("training minutes"),
        _("minutes owed"),
        _("minutes above or below"),
        _("evenings and Saturdays"),
    )
    return OutTable(_("Hours"), header, tuple(lines))


def _cover(roster: Roster, offices: list[Office]) -> OutTable:
    horizon = Horizon(roster.week_starts_on)
    judged = judge(roster)
    known = {one.id for one in judged.problem.offices}
    lines = []
    for office in offices:
        if office.code not in known:
            continue
        demand = demand_of(office, horizon, judged)
        labels = Labels(demand)
        zone = ZoneInfo(office.zone)
        for key, slots in demand.table.items():
            label = labels.short(key)
            counted = _("place to fill") if is_place(key) else _("presence")
            for slot, cover in sorted(slots.items()):
                local = horizon.instant(slot).astimezone(zone)
                missing = cover.missing or 0
                lines.append(
                    (office.code, local.date(), local.time(), label, counted,
                     cover.needed, cover.needed - missing, missing)
                )  # fmt: skip
    header = (
        _("office"),
        _("date"),
        _("half hour"),
        _("need"),
        _("counted as"),
        _("needed"),
        _("given"),
        _("missing"),
    )
    lines.sort(key=lambda one: one[:5])
    return OutTable(_("Cover"), header, tuple(lines))


def _assignments(roster: Roster, offices: list[Office]) -> list[Assignment]:
    return list(
        shift_rows().where(
            Assignment.roster == roster, Assignment.office.in_([one.id for one in offices])
        )
    )
