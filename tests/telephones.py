"""A telephone service for tests, beside the small world's offices; Ana answers it from Lisbon."""

from __future__ import annotations

from typing import Any

from small_world import SmallWorld

from app.models import MediatorOffice, Office, OfficeKind, OpeningHours
from app.services.calls import CallFacts
from app.services.places import Hours
from app.services.translators import TranslatorFacts


def open_telephone(world: SmallWorld) -> Office:
    office = Office.create(
        group=world.group, code="telephone", name="Telefone", kind=OfficeKind.TELEPHONE, district=""
    )
    for weekday in range(6):
        OpeningHours.create(office=office, weekday=weekday, opens_minute=480, closes_minute=1200)
    MediatorOffice.create(mediator=world.mediators[0], office=office)
    return office


def call_facts(office: Office, **other: Any) -> CallFacts:
    told: dict[str, Any] = {
        "office_id": office.id,
        "press": "a" * 8,
        "language": "uk",
        "need": "legal",
        "minutes": 12,
        "helped_by": "mediator",
    }
    return CallFacts(**(told | other))


def translator_facts(office: Office, **other: Any) -> TranslatorFacts:
    """On call on Wednesdays from nine to half past five and from eight in the evening."""
    told: dict[str, Any] = {
        "office_id": office.id,
        "name": "Zofia Exemplo",
        "phone": "+351 210 000 000",
        "price_cents": 85,
        "languages": ("ru", "zh"),
        "hours": (Hours(2, 540, 1050), Hours(2, 1200, 1440)),
    }
    return TranslatorFacts(**(told | other))
