"""A world small enough to reason about: two offices, five mediators, one person of each role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from app.models import (
    Arrival,
    Association,
    CertificationKind,
    ContractRegime,
    Course,
    CourseSession,
    CourseTrainer,
    Desk,
    Enrolment,
    EnrolmentStatus,
    Language,
    LanguageLevel,
    Mediator,
    MediatorLanguage,
    Office,
    OfficeKind,
    OpeningHours,
    PlanningGroup,
    Protocol,
    RegimeArticle,
    Role,
    User,
)
from app.services import openings, passwords
from app.services.accounts import create_user
from app.services.openings import opening_calendar
from app.services.rights import SYSTEM, Actor

if TYPE_CHECKING:
    import pytest

PASSWORD = "a long password"
MONDAY = dt.date(2026, 3, 9)
"""The Monday after the suite's `now`."""


@dataclass(frozen=True)
class SmallWorld:
    group: PlanningGroup
    lisbon: Office
    azores: Office
    associations: tuple[Association, Association]
    mediators: tuple[Mediator, ...]
    """Ana (pt, uk, ru), Bo (pt, zh), Caio (pt, kea) in Lisbon; Dina (pt, en), Eva (pt, uk)."""
    course: Course
    system: Actor = SYSTEM
    coordinator: str = "coordinator@example.org"
    azores_coordinator: str = "azores@example.org"
    trainer: str = "trainer@example.org"
    other_trainer: str = "other-trainer@example.org"
    mediator: str = "ana@example.org"
    other_mediator: str = "bo@example.org"
    association: str = "association@example.org"
    administrator: str = "admin@example.org"


def build_small_world(now: dt.datetime) -> SmallWorld:
    for code, pt, en in (
        ("pt", "português", "Portuguese"),
        ("en", "inglês", "English"),
        ("uk", "ucraniano", "Ukrainian"),
        ("ru", "russo", "Russian"),
        ("zh", "mandarim", "Mandarin"),
        ("kea", "crioulo de Cabo Verde", "Cape Verdean creole"),
    ):
        Language.create(code=code, name_pt=pt, name_en=en)
    legal = CertificationKind.create(
        code="legal", name_pt="Apoio jurídico", name_en="Legal support", validity_months=12
    )
    group = PlanningGroup.create(code="network", name="Rede")
    lisbon = _office(group, "lisbon", "Lisboa", OfficeKind.CENTRE, "Europe/Lisbon", 10)
    azores = _office(
        group, "azores", "Ponta Delgada", OfficeKind.LOCAL_CENTRE, "Atlantic/Azores", 2
    )
    Desk.create(
        office=lisbon,
        need="legal",
        name_pt="Jurídico",
        name_en="Legal",
        certification=legal,
        opens_minute=600,
        closes_minute=720,
        least=1,
        wanted=1,
    )
    first = Association.create(code="aurora", name="Associação Aurora")
    second = Association.create(code="ponte", name="Associação Ponte")
    for association in (first, second):
        Protocol.create(
            association=association,
            starts_on=dt.date(2026, 1, 1),
            ends_on=dt.date(2026, 12, 31),
            places=5,
        )
    regime = ContractRegime.create(
        code="private",
        name_pt="Privado",
        name_en="Private",
        day_minutes=480,
        week_minutes=2400,
        longest_day_minutes=600,
    )
    RegimeArticle.create(regime=regime, rule="min_rest", article="CT 214")
    people = (
        _mediator(first, regime, lisbon, "ana", "pt uk ru"),
        _mediator(second, regime, lisbon, "bo", "pt zh"),
        _mediator(first, regime, lisbon, "caio", "pt kea"),
        _mediator(second, regime, azores, "dina", "pt en"),
        _mediator(first, regime, azores, "eva", "pt uk"),
    )
    course = Course.create(
        code="LEGAL",
        title_pt="Apoio jurídico",
        title_en="Legal support",
        minutes=180,
        certification=legal,
    )
    world = SmallWorld(group, lisbon, azores, (first, second), people, course)
    _accounts(world, now)
    return world


def log_arrivals(world: SmallWorld, today: dt.date, days: int = 84) -> None:
    """Weeks of arrivals before `today`: some eighty a day in Lisbon, eight in the Azores."""
    rng = np.random.default_rng(7)
    step = dt.timedelta(minutes=30)
    rows = []
    for office, daily in ((world.lisbon, 80), (world.azores, 8)):
        openings = opening_calendar(office)
        for before in range(1, days + 1):
            for start, end in openings.intervals(today - dt.timedelta(days=before)):
                slots = (end - start) // step
                for language, share in (("pt", 0.7), ("uk", 0.2), ("zh", 0.1)):
                    counts = rng.poisson(daily * share / slots, slots)
                    rows += [
                        {
                            "office": office.id,
                            "starts_at": start + slot * step,
                            "language": language,
                            "need": "general",
                            "count": int(count),
                        }
                        for slot, count in enumerate(counts)
                        if count
                    ]
    for first in range(0, len(rows), 2000):
        Arrival.insert_many(rows[first : first + 2000]).execute()


def hold_session(world: SmallWorld, now: dt.datetime) -> CourseSession:
    """A session of the course, held two days before `now` with Bo in it: clear of today's."""
    starts_at = now - dt.timedelta(days=2)
    session = CourseSession.create(
        course=world.course,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=3),
        office=world.lisbon,
    )
    Enrolment.create(
        session=session, mediator=world.mediators[1], status=EnrolmentStatus.ENROLLED, asked_at=now
    )
    return session


def _office(
    group: PlanningGroup, code: str, name: str, kind: OfficeKind, zone: str, capacity: int
) -> Office:
    office = Office.create(
        group=group,
        code=code,
        name=name,
        kind=kind,
        zone=zone,
        capacity=capacity,
        district="20" if code == "azores" else "11",
    )
    for weekday in range(5):
        OpeningHours.create(office=office, weekday=weekday, opens_minute=480, closes_minute=1080)
    return office


def _mediator(
    association: Association, regime: ContractRegime, office: Office, code: str, languages: str
) -> Mediator:
    mediator = Mediator.create(
        code=code,
        name=code.title() + " Exemplo",
        called_name=code.title(),
        email=f"{code}@example.org",
        association=association,
        regime=regime,
        week_minutes=2400,
        shift_least_minutes=240,
        shift_most_minutes=480,
        home_office=office,
        starts_on=dt.date(2025, 1, 1),
        fictional=True,
    )
    for language in languages.split():
        MediatorLanguage.create(mediator=mediator, language=language, level=LanguageLevel.FLUENT)
    return mediator


def _accounts(world: SmallWorld, now: dt.datetime) -> None:
    def account(
        email: str, roles: list[tuple[Role, int | None, int | None]], mediator: int | None = None
    ) -> int:
        return create_user(
            SYSTEM,
            email=email,
            name=email.split("@")[0].title(),
            password=passwords.NONE,
            roles=roles,
            locale="pt",
            mediator_id=mediator,
            now=now,
        )

    account(world.coordinator, [(Role.COORDINATOR, None, None)])
    account(world.azores_coordinator, [(Role.COORDINATOR, world.azores.id, None)])
    trainer = account(world.trainer, [(Role.TRAINER, None, None)])
    account(world.other_trainer, [(Role.TRAINER, None, None)])
    account(world.mediator, [(Role.MEDIATOR, None, None)], world.mediators[0].id)
    account(world.other_mediator, [(Role.MEDIATOR, None, None)], world.mediators[1].id)
    account(world.association, [(Role.ASSOCIATION, None, world.associations[0].id)])
    account(world.administrator, [(Role.ADMINISTRATOR, None, None)])
    User.update(password_hash=_password_hash()).execute()
    CourseTrainer.create(course=world.course, user=trainer)


@cache
def _password_hash() -> str:
    """Hashing is slow on purpose: once a run, not eight times a test."""
    return passwords.hashed(PASSWORD)


def open_around_the_clock(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever hour of whatever day the suite runs, the office is open."""
    OpeningHours.delete().where(OpeningHours.office == office).execute()
    for weekday in range(7):
        OpeningHours.create(office=office, weekday=weekday, opens_minute=0, closes_minute=1440)
    monkeypatch.setattr(openings, "_public_holidays", lambda _district, _locale: {})
