"""The horizon of a country: 750 people and 5,000 certifications, read from real tables."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import defaultdict
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
    User,
)
from app.services.horizon_view import TELEPHONE, horizon_page
from app.services.rights import actor_of
from training.horizon import DeskNeed, Person, look_ahead

sys.path.append(str(Path(__file__).parent.parent / "training"))
from population import KINDS, REFERRALS, Population, populate

TODAY = dt.date(2026, 3, 4)
CPU_SECONDS = 2.0


def keep(world: SmallWorld, made: Population) -> None:
    """The made-up country as rows; office 3 is the telephone service."""
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


def wanted(made: Population) -> set[tuple[str, str, str, dt.date]]:
    """The losses by the library alone, from the records and not from the tables."""
    codes = sorted({one.office for one in made.needs})
    people = [
        Person(one.mediator, one.offices, one.languages, dt.date(2025, 1, 1), one.serves_until)
        for one in made.people
    ]
    spoken: dict[str, set[str]] = defaultdict(set)
    for one in people:
        for code in one.offices:
            spoken[code] |= one.languages
    needs = [
        DeskNeed(code, kind, frozenset({kind}), tuple(sorted(spoken[code])))
        for number, code in enumerate(codes)
        for kind in KINDS
        if number != 3
    ]
    phone = codes[3]
    needs.append(DeskNeed(phone, TELEPHONE, frozenset(REFERRALS), tuple(sorted(spoken[phone]))))
    until = dt.date(TODAY.year + 1, TODAY.month, TODAY.day)
    found = look_ahead(people, needs, made.certifications, TODAY, until)
    return {(one.office, one.desk, one.language, one.first) for one in found.losses}


def test_it_is_right_and_takes_less_than_two_seconds(world: SmallWorld, now: dt.datetime) -> None:
    made = populate(TODAY)
    assert (len(made.people), len(made.certifications)) == (750, 5000)
    keep(world, made)
    actor = actor_of(User.get(User.email == world.coordinator))
    began = time.process_time()
    page = horizon_page(actor, now)
    took = time.process_time() - began
    found = {
        (one.loss.office, one.loss.desk, one.loss.language, one.loss.first)
        for one in (*page.coming, *page.standing)
    }
    assert len(found) > 500
    assert found == wanted(made)
    assert page.proposals
    assert took < CPU_SECONDS, f"{took:.2f} s of CPU"
