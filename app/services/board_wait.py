"""The wait of a roster as its board tells it: what was last simulated, and whether it still holds.

Nothing is simulated here: what runs kept is read.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.models import Mediator, Office, Roster, Run, RunStatus
from app.models.written import written
from app.services import demand_view, office_choice, waiting, waiting_basis
from app.services.errors import NotFound
from app.services.names import sorting_key
from app.services.rights import Actor
from app.services.waiting_basis import Changed

WHAT_IFS_MOST = 4


@dataclass(frozen=True, slots=True)
class WaitFigures:
    """Means over a week's visitors: how long they wait (minutes), however that ends, and the
    shares of them received within the office's target and sent to the telephone."""

    visitors: float
    wait: float
    within: float
    phone: float


@dataclass(frozen=True, slots=True)
class LanguageWait:
    code: str
    name: str
    figures: WaitFigures
    few: bool
    """Whether on no day enough came for the simulation to say much."""


@dataclass(frozen=True, slots=True)
class DeskWait:
    """A desk, a queue of its own, in the hours it keeps. received: the share received at all."""

    need: str
    name: str
    figures: WaitFigures
    received: float
    empty_days: int
    """Days with visitors for it on which the roster has nobody sit there."""
    few: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """So many times the visitors, one person away (called name; empty: nobody)."""

    factor: int
    away: str
    away_name: str
    figures: WaitFigures


@dataclass(frozen=True, slots=True)
class BoardWait:
    office: str
    week: dt.date
    roster: int
    foreseen: bool
    """Whether the week was foreseen, without which nothing can be simulated."""
    week_figures: WaitFigures | None
    """As foreseen and nobody away; None while nothing was simulated."""
    languages: tuple[LanguageWait, ...]
    """Those received in time the least first; after them those of whom too few come."""
    desks: tuple[DeskWait, ...]
    """In the same order; empty where the office has none or what was kept tells of none."""
    what_ifs: tuple[WhatIf, ...]
    target_share: float
    target_minutes: float
    made_at: dt.datetime | None
    edited_since: bool
    """Whether the roster has been changed since it was simulated."""
    outdated: tuple[Changed, ...]
    run_id: int | None
    """A run that is on its way."""

    @property
    def desks_short(self) -> tuple[DeskWait, ...]:
        """Those where fewer than the target are received in time, of enough visitors to say so."""
        return tuple(
            one for one in self.desks if not one.few and one.figures.within < self.target_share
        )


def board_wait(actor: Actor, office_code: str, roster_id: int) -> BoardWait:
    """What is kept of the wait of a roster at an office. Raises NotFound, Forbidden."""
    office, _choices = office_choice.office_of(actor, office_code)
    roster = next(iter(_rosters(roster_id)), None)
    if roster is None or roster.group_id != office.group_id:
        raise NotFound
    kept = _newest_of_each(office, roster)
    plain = kept.pop((1, ""), None)
    days: list[dict[str, Any]] = plain.result.get("days", []) if plain else []
    names = demand_view.label_names(office) if days else {}
    same = {key: run for key, run in kept.items() if _stands(run, office, roster)}
    return BoardWait(
        office=office.code,
        week=roster.week_starts_on,
        roster=roster.id,
        foreseen=waiting.is_foreseen(office, roster.week_starts_on),
        week_figures=_figures(day["overall"] for day in days),
        languages=_languages(days, names),
        desks=_desks(days, names),
        what_ifs=_what_ifs(same),
        target_share=days[0]["target_share"] if days else office.target_share_percent / 100,
        target_minutes=days[0]["target_minutes"] if days else float(office.target_wait_minutes),
        made_at=plain.ended_at if plain else None,
        edited_since=plain is not None and plain.parameters["revision"] != roster.revision,
        outdated=waiting_basis.changed(plain.result, office, roster.week_starts_on)
        if plain
        else (),
        run_id=waiting.under_way(office, roster),
    )


def _newest_of_each(office: Office, roster: Roster) -> dict[tuple[int, str], Run]:
    """The newest run of each question about a roster, by how many come and who is away."""
    newest: dict[tuple[int, str], int] = {}
    for row in _done(f"{office.code}.{roster.id}"):
        newest.setdefault((row.parameters["factor"], row.parameters["away"]), row.id)
    kept = [key for key in newest if key != (1, "")][:WHAT_IFS_MOST]
    wanted = {newest[key]: key for key in [(1, ""), *kept] if key in newest}
    if not wanted:
        return {}
    runs = Run.select().where(Run.id.in_(list(wanted))).order_by(Run.id.desc())
    return {wanted[run.id]: run for run in runs}


@written
def _rosters(roster_id: Any) -> Any:
    # Not the megabyte that its problem takes: this is asked at every look at the week.
    kept = (Roster.id, Roster.group, Roster.week_starts_on, Roster.revision)
    return Roster.select(*kept).where(Roster.id == roster_id)


@written
def _done(about: Any) -> Any:
    query = Run.select(Run.id, Run.parameters).where(
        Run.kind == "waiting", Run.about == about, Run.status == RunStatus.DONE
    )
    return query.order_by(Run.id.desc())


def _stands(run: Run, office: Office, roster: Roster) -> bool:
    """Whether the roster, and all else that the run rests on, is as it was."""
    edited = run.parameters["revision"] != roster.revision
    return not edited and not waiting_basis.changed(run.result, office, roster.week_starts_on)


def _what_ifs(kept: dict[tuple[int, str], Run]) -> tuple[WhatIf, ...]:
    codes = [away for _factor, away in kept if away]
    people = Mediator.select().where(Mediator.code.in_(codes)) if codes else ()
    names = {one.code: one.called_name or one.name for one in people}
    found = []
    for (factor, away), run in kept.items():
        figures = _figures(day["overall"] for day in run.result.get("days", []))
        if figures:
            found.append(WhatIf(factor, away, names.get(away, away), figures))
    return tuple(found)


def _languages(days: Iterable[dict[str, Any]], names: dict[str, str]) -> tuple[LanguageWait, ...]:
    found = []
    for code, of_days in _by(days, "by_language", "language").items():
        figures = _figures(of_days)
        if figures:
            few = all(row.get("few") for row in of_days)
            found.append(LanguageWait(code, names.get(code, code), figures, few))
    found.sort(key=lambda one: (one.few, round(one.figures.within, 4), sorting_key(one.name)))
    return tuple(found)


def _desks(days: Iterable[dict[str, Any]], names: dict[str, str]) -> tuple[DeskWait, ...]:
    found = []
    for need, of_days in _by(days, "desks", "need").items():
        figures = _figures(of_days)
        if figures:
            came = [row for row in of_days if row["visitors"]]
            received = sum(row["visitors"] * row["received"] for row in came) / figures.visitors
            empty = sum(row["busy"] is None for row in came)
            few = all(row.get("few") for row in came)
            found.append(DeskWait(need, names.get(need, need), figures, received, empty, few))
    found.sort(key=lambda one: (one.few, round(one.figures.within, 4), sorting_key(one.name)))
    return tuple(found)


def _by(days: Iterable[dict[str, Any]], part: str, key: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that days tell of a part, by what they are about."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for day in days:
        for row in day.get(part, ()):
            rows[row[key]].append(row)
    return rows


def _figures(rows: Iterable[dict[str, Any]]) -> WaitFigures | None:
    """The mean over days, each counted by its visitors; None where nobody came."""
    told = list(rows)
    visitors = sum(row["visitors"] for row in told)
    if not visitors:
        return None
    wait, within, phone = (
        sum(row["visitors"] * (row[name][0] or 0.0) for row in told) / visitors
        for name in ("wait", "within", "phone")
    )
    return WaitFigures(visitors, wait, within, phone)
