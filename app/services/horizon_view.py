"""The training horizon: who loses which certification when, and what that does to the desks.

Coordinators see their offices; trainers the certifications their courses issue. Nothing here
comes of absences.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.models import (
    Arrival,
    Certification,
    CertificationKind,
    Desk,
    Language,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Office,
    OfficeKind,
)
from app.services.errors import Forbidden
from app.services.horizon import network_date
from app.services.horizon_proposals import Named, ProposalView, proposal_views
from app.services.requirements import REFERRALS
from app.services.rights import Actor
from app.services.telling import name_of
from app.services.training_records import (
    certification_record,
    kinds_run_by,
    rule_of,
)
from training.horizon import (
    LEAVES_SERVICE,
    DeskNeed,
    HeatRow,
    Horizon,
    Leaver,
    Loss,
    Person,
    look_ahead,
)
from training.proposals import propose_sessions
from training.records import CertificationRule
from training.validity import add_months

MONTHS = 12
TELEPHONE = "telephone"
"""Stands for a desk in a telephone service, where all do the same work."""
ASKED_WEEKS = 12
ASKED_LEAST = 12
"""A desk is asked for a language that came so often in these weeks: once a week."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """One of those whose leaving empties a desk; `kind` None where their service ends."""

    mediator_id: int
    name: str
    last_day: dt.date
    kind: str | None


@dataclass(frozen=True, slots=True)
class LossView:
    """What happens on `first`, whether it is so already, and who brings it about."""

    loss: Loss
    zero: bool
    already: bool
    lapses: tuple[Lapse, ...]


@dataclass(frozen=True, slots=True)
class HorizonPage:
    today: dt.date
    until: dt.date
    months: tuple[dt.date, ...]
    coming: tuple[LossView, ...]
    """Losses still to come, the soonest first."""
    standing: tuple[LossView, ...]
    """Already so today."""
    heat: tuple[HeatRow, ...]
    """Desks and languages that change within the months, and come under what is wanted."""
    steady: tuple[HeatRow, ...]
    """Those that are short of people all the time, by as many."""
    proposals: tuple[ProposalView, ...]
    expiring: int
    """Certifications that end within the horizon."""
    offices: dict[str, str]
    desks: dict[tuple[str, str], Named]
    languages: dict[str, Named]
    kinds: dict[str, Named]


def horizon_page(actor: Actor, now: dt.datetime) -> HorizonPage:
    """Twelve months ahead. Raises Forbidden for who neither coordinates nor trains."""
    if not actor.is_coordinator and not actor.is_trainer:
        raise Forbidden
    today = network_date(now)
    until = add_months(today, MONTHS)
    kinds = _kinds_of(actor)
    found = network_horizon(now, today, until, kinds, _offices_of(actor))
    rules = certification_rules(kinds)
    names = {row.id: name_of(row) for row in Mediator.select()}
    losses = tuple(_loss(actor, one, today, names) for one in found.losses)
    short = [row for row in found.heat if any(cell.fewest < row.least for cell in row.cells)]
    return HorizonPage(
        today=today,
        until=until,
        months=tuple(cell.month for row in found.heat[:1] for cell in row.cells),
        coming=tuple(one for one in losses if not one.already),
        standing=tuple(one for one in losses if one.already),
        heat=tuple(row for row in short if _changes(row)),
        steady=tuple(row for row in short if not _changes(row)),
        proposals=proposal_views(actor, propose_sessions(found, rules, today), names, now),
        expiring=len(found.expiries),
        offices={row.code: row.name for row in Office.select()},
        desks={
            (row.office.code, row.need): Named(row.name_pt, row.name_en)
            for row in Desk.select(Desk, Office).join(Office)
        }
        | {
            (row.code, TELEPHONE): Named("Atendimento telefónico", "Telephone service")
            for row in Office.select().where(Office.kind == OfficeKind.TELEPHONE)
        },
        languages={row.code: Named(row.name_pt, row.name_en) for row in Language.select()},
        kinds={row.code: Named(row.name_pt, row.name_en) for row in CertificationKind.select()},
    )


def network_horizon(
    now: dt.datetime,
    today: dt.date,
    until: dt.date,
    kinds: Collection[str] | None = None,
    office_ids: Collection[int] | None = None,
) -> Horizon:
    """What lies ahead of the desks, of these kinds and offices or of all."""
    certifications = Certification.select()
    if kinds is not None:
        certifications = certifications.where(Certification.kind.in_(list(kinds)))
    people = _people(office_ids)
    return look_ahead(
        people,
        _needs(now, people, kinds, office_ids),
        [certification_record(row) for row in certifications],
        today,
        until,
    )


def _changes(row: HeatRow) -> bool:
    return len({cell.fewest for cell in row.cells}) > 1


def certification_rules(kinds: Collection[str] | None = None) -> dict[str, CertificationRule]:
    """The rules of kinds that some course issues."""
    rules = {row.code: rule_of(row) for row in CertificationKind.select()}
    return {
        code: rule
        for code, rule in rules.items()
        if rule.courses and (kinds is None or code in kinds)
    }


def _kinds_of(actor: Actor) -> set[str] | None:
    """The kinds a trainer's courses issue or renew; None, all of them, for coordinators."""
    return None if actor.is_coordinator else kinds_run_by(actor.user_id)


def _offices_of(actor: Actor) -> frozenset[int] | None:
    return actor.office_ids if actor.is_coordinator else None


def _people(office_ids: Collection[int] | None) -> list[Person]:
    codes = {row.id: row.code for row in Office.select()}
    offices: dict[int, set[int]] = defaultdict(set)
    for row in MediatorOffice.select():
        offices[row.mediator_id].add(row.office_id)
    spoken: dict[int, set[str]] = defaultdict(set)
    for one in MediatorLanguage.select():
        spoken[one.mediator_id].add(one.language_id)
    people = []
    for mediator in Mediator.select().where(Mediator.active):
        places = offices[mediator.id] | {mediator.home_office_id}
        if office_ids is None or places & set(office_ids):
            people.append(
                Person(
                    mediator.id,
                    frozenset(codes[place] for place in places),
                    frozenset(spoken[mediator.id]),
                    mediator.starts_on,
                    mediator.ends_on,
                )
            )
    return people


def _needs(
    now: dt.datetime,
    people: list[Person],
    kinds: Collection[str] | None,
    office_ids: Collection[int] | None,
) -> list[DeskNeed]:
    """Every desk that asks for a certification, with the languages it is asked for: those that
    came there; where nothing was counted yet, those that its people speak."""
    asked = _languages_asked(now)
    desks = Desk.select(Desk, Office).join(Office).where(Office.active)
    desks = desks.where(Desk.certification.is_null(False))
    if kinds is not None:
        desks = desks.where(Desk.certification.in_(list(kinds)))
    if office_ids is not None:
        desks = desks.where(Desk.office.in_(list(office_ids)))
    needs = []
    for desk in desks.order_by(Office.position, Desk.id):
        code = desk.office.code
        languages = asked.get((desk.office_id, desk.need)) or {
            language for one in people if code in one.offices for language in one.languages
        }
        kinds_needed = frozenset({desk.certification_id})
        needs.append(DeskNeed(code, desk.need, kinds_needed, tuple(sorted(languages))))
    return needs + _telephone_needs(people, kinds, office_ids)


def _telephone_needs(
    people: list[Person], kinds: Collection[str] | None, office_ids: Collection[int] | None
) -> list[DeskNeed]:
    """On the telephone everyone holds the three referrals, whatever the language."""
    referrals = frozenset(one.removeprefix("cert:") for one in REFERRALS)
    if kinds is not None and not referrals & set(kinds):
        return []
    known = {row.code for row in CertificationKind.select(CertificationKind.code)}
    wanted = referrals & known if kinds is None else referrals & set(kinds)
    found = []
    for row in Office.select().where(Office.kind == OfficeKind.TELEPHONE, Office.active):
        if office_ids is None or row.id in office_ids:
            languages = {
                one for each in people if row.code in each.offices for one in each.languages
            }
            found.append(DeskNeed(row.code, TELEPHONE, wanted, tuple(sorted(languages))))
    return found


def _languages_asked(now: dt.datetime) -> dict[tuple[int, str], set[str]]:
    rows: Any = (
        Arrival.select(Arrival.office, Arrival.need, Arrival.language)
        .where(Arrival.starts_at >= now - dt.timedelta(weeks=ASKED_WEEKS))
        .group_by(Arrival.office, Arrival.need, Arrival.language)
        .having(fn.SUM(Arrival.count) >= ASKED_LEAST)
    )
    asked: dict[tuple[int, str], set[str]] = defaultdict(set)
    for office_id, need, language in rows.tuples():
        asked[office_id, need].add(language)
    return asked


def _loss(actor: Actor, loss: Loss, today: dt.date, names: dict[int, str]) -> LossView:
    lapses = [_lapse(one, names) for one in loss.leavers]
    if not actor.is_coordinator:
        # Whose service ends is not a trainer's to know.
        lapses = [one for one in lapses if one.kind is not None]
    already = loss.first == today and not loss.leavers
    return LossView(loss, loss.fewest == 0, already, tuple(lapses))


def _lapse(one: Leaver, names: dict[int, str]) -> Lapse:
    kind = None if one.kind == LEAVES_SERVICE else one.kind
    return Lapse(one.mediator, names.get(one.mediator, ""), one.last_day, kind)
