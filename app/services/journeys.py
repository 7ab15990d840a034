"""The ways of mediators to the other offices they work at: too far, or what they cost."""

from __future__ import annotations

from app.i18n import _
from app.models import ContractRegime, Mediator, MediatorOffice, Office
from app.services.errors import InputFault, Invalid
from app.services.telling import name_of
from app.services.travel import Journey, journey


def why_too_far(way: Journey, least: int, most: int, rest_minutes: int) -> str:
    """What an office should be where a mediator's shifts, of `least` to `most` minutes, do not
    leave time for the way and the rest; empty where the longest does."""
    if way.overseas:
        return _("an office that is not across the sea")
    if way.fits(most, rest_minutes):
        return ""
    longest = way.longest_shift(rest_minutes)
    if longest < least:
        return _(
            "an office near enough to be back and rest before the next day, not %(minutes)d min "
            "away",
            minutes=way.minutes,
        )
    hours, minutes = divmod(longest, 60)
    return _(
        "shifts of %(longest)s at most for an office %(minutes)d min away, to be back and rest "
        "before the next day",
        longest=f"{hours}:{minutes:02d}",
        minutes=way.minutes,
    )


def reckon_anew(office_id: int, field: str) -> None:
    """Put right what shifts cost those who go to an office, or set out from it, after it moved.

    Raises Invalid at `field`, naming those for whom a day is too short now. Call within the
    transaction that moved it.
    """
    offices = {one.id: one for one in Office.select()}
    rows = (
        MediatorOffice.select(MediatorOffice, Mediator, ContractRegime)
        .join(Mediator)
        .join(ContractRegime)
        .where((MediatorOffice.office == office_id) | (Mediator.home_office == office_id))
        .order_by(Mediator.name)
    )
    stranded = []
    for row in list(rows):
        person = row.mediator
        way = journey(offices[person.home_office_id], offices[row.office_id])
        if not way.fits(person.shift_most_minutes, person.regime.rest_minutes):
            stranded.append(name_of(person))
        elif row.cost != way.cost:
            MediatorOffice.update(cost=way.cost).where(MediatorOffice.id == row.id).execute()
    if stranded:
        names = ", ".join(dict.fromkeys(stranded))
        expected = _(
            "a place for which the day of these people is long enough, or none of them working "
            "at both offices: %(names)s",
            names=names,
        )
        raise Invalid([InputFault(field, names, expected)])
