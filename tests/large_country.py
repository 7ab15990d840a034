"""A country's mediators and certifications as rows: what `tests/training/population.py` makes."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from small_world import SmallWorld

from app.models import (
    Certification,
    CertificationKind,
    Desk,
    Language,
    LanguageLevel,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Office,
    OfficeKind,
)

sys.path.append(str(Path(__file__).parent / "training"))
from population import KINDS, REFERRALS, Population, populate

__all__ = ["KINDS", "REFERRALS", "Population", "keep", "populate"]


def keep(world: SmallWorld, made: Population) -> None:
    """A made-up country as rows beside the small world's; office 3 is the telephone service."""
    Desk.delete().execute()
    Mediator.update(active=False).execute()
    codes = sorted({one.office for one in made.needs})
    known = {row.code for row in Language.select()}
    spoken = {language for one in made.people for language in one.languages}
    for code in sorted(spoken - known):
        Language.create(code=code, name_pt=code, name_en=code)
    for kind in (*KINDS, *REFERRALS):
        if kind != "legal":  # the small world has it
            CertificationKind.create(code=kind, name_pt=kind, name_en=kind, validity_months=24)
    offices = {}
    for number, code in enumerate(codes):
        office = Office.create(
            group=world.group, code=code, name=code,
            kind=OfficeKind.TELEPHONE if number == 3 else OfficeKind.LOCAL_CENTRE,
        )  # fmt: skip
        offices[code] = office.id
        for kind in KINDS if number != 3 else ():
            Desk.create(
                office=office, need=kind, name_pt=kind, name_en=kind, certification=kind,
                opens_minute=540, closes_minute=1020,
            )  # fmt: skip
    first = max(row.id for row in Mediator.select()) + 1
    own = world.mediators[0]
    people, languages, others = [], [], []
    for one in made.people:
        home, *more = sorted(one.offices)
        people.append(
            {
                "id": first + one.mediator, "code": f"p{one.mediator}", "name": f"P{one.mediator}",
                "association": own.association_id, "regime": own.regime_id, "week_minutes": 2400,
                "shift_least_minutes": 240, "shift_most_minutes": 480,
                "home_office": offices[home], "starts_on": dt.date(2025, 1, 1),
                "ends_on": one.serves_until,
            }
        )  # fmt: skip
        others += [{"mediator": first + one.mediator, "office": offices[code]} for code in more]
        languages += [
            {"mediator": first + one.mediator, "language": code, "level": LanguageLevel.FLUENT}
            for code in one.languages
        ]
    certifications = [
        {
            "mediator": first + one.mediator, "kind": one.kind, "valid_from": one.valid_from,
            "valid_until": one.valid_until, "number": f"n{number}",
        }
        for number, one in enumerate(made.certifications)
    ]  # fmt: skip
    for table, rows in (
        (Mediator, people), (MediatorLanguage, languages), (MediatorOffice, others),
        (Certification, certifications),
    ):  # fmt: skip
        for start in range(0, len(rows), 500):
            table.insert_many(rows[start : start + 500]).execute()
