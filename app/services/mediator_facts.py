"""What a coordinator says of a mediator, and what of it may be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.models import (
    Association,
    ContractRegime,
    Gender,
    Language,
    LanguageLevel,
    Mediator,
    Office,
)
from app.services.checks import SLOT_MINUTES, Faults
from app.services.journeys import why_too_far
from app.services.kept_codes import check_code_kept
from app.services.travel import journey


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    code: str
    level: LanguageLevel


@dataclass(frozen=True, slots=True)
class OtherOffice:
    """An office besides the home one, and the cost the solver pays for each shift there; None for
    what the journey costs (`app.services.travel`)."""

    office_id: int
    cost: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorFacts:
    """All that a coordinator says of a mediator; minutes are of work."""

    code: str
    name: str
    association_id: int
    regime_id: int
    week_minutes: int
    shift_least_minutes: int
    shift_most_minutes: int
    home_office_id: int
    starts_on: dt.date
    ends_on: dt.date | None = None
    called_name: str = ""
    email: str = ""
    active: bool = True
    fictional: bool = False
    gender: str = ""
    """A `Gender` where the person gave it; counted in the reports to funders, shown nowhere."""
    phone_from_home: bool = False
    """Serves the telephone service from home rather than in their centre."""
    languages: tuple[SpokenLanguage, ...] = ()
    other_offices: tuple[OtherOffice, ...] = ()


def check_mediator(mediator: MediatorFacts, was: Mediator | None, today: dt.date) -> None:
    """Raise Invalid with every fault; `was` is the record before, None for a new one."""
    faults = Faults()
    if was is not None:
        check_code_kept(faults, "mediators", was.code, mediator.code)
    other = Mediator.get_or_none(Mediator.code == mediator.code)
    faults.code("code", mediator.code, other is not None and (was is None or other.id != was.id))
    faults.text("name", mediator.name)
    faults.length("called_name", mediator.called_name)
    faults.email("email", mediator.email)
    faults.one_of("gender", mediator.gender, ("", *Gender))
    faults.dates(mediator.starts_on, mediator.ends_on, "ends_on")
    if not mediator.active and mediator.ends_on is None:
        # By it the record is erased one day (`kept_of_people`).
        faults.add("ends_on", None, _("the last day of who is planned no more"))
    back = mediator.active and was is not None and not was.active
    if back and mediator.ends_on is not None and mediator.ends_on <= today:
        # Planned again, they would be in no roster, and nothing would say why.
        faults.add("ends_on", mediator.ends_on, _("a day to come, or none"))
    if Association.get_or_none(Association.id == mediator.association_id) is None:
        faults.add("association_id", mediator.association_id, _("an association"))
    _check_contract(faults, mediator)
    _check_languages(faults, mediator.languages)
    _check_offices(faults, mediator)
    faults.raise_any()


def _check_contract(faults: Faults, mediator: MediatorFacts) -> None:
    regime = ContractRegime.get_or_none(ContractRegime.id == mediator.regime_id)
    if regime is None:
        faults.add("regime_id", mediator.regime_id, _("a contract regime"))
    week = regime.week_minutes if regime else 60 * 60
    longest = regime.longest_day_minutes if regime else 16 * 60
    faults.whole("week_minutes", mediator.week_minutes, 60, week, SLOT_MINUTES)
    least = mediator.shift_least_minutes
    fits = faults.whole("shift_least_minutes", least, SLOT_MINUTES, longest, SLOT_MINUTES)
    faults.whole(
        "shift_most_minutes",
        mediator.shift_most_minutes,
        least if fits else SLOT_MINUTES,
        longest,
        SLOT_MINUTES,
    )


def _check_languages(faults: Faults, languages: tuple[SpokenLanguage, ...]) -> None:
    if not languages:
        faults.add("languages", "", _("at least one language"))
    faults.unique("languages", (one.code for one in languages))
    known = {row.code for row in Language.select(Language.code)}
    for index, one in enumerate(languages):
        faults.one_of(f"languages.{index}.code", one.code, known)
        faults.one_of(f"languages.{index}.level", one.level, tuple(LanguageLevel))


def _check_offices(faults: Faults, mediator: MediatorFacts) -> None:
    offices = {row.id: row for row in Office.select()}
    home = offices.get(mediator.home_office_id)
    regime = ContractRegime.get_or_none(ContractRegime.id == mediator.regime_id)
    if home is None:
        faults.add("home_office_id", mediator.home_office_id, _("an office"))
    faults.unique("other_offices", (one.office_id for one in mediator.other_offices))
    for index, one in enumerate(mediator.other_offices):
        other = offices.get(one.office_id)
        if other is None or other == home:
            expected = _("an office other than the home one")
            faults.add(f"other_offices.{index}.office_id", one.office_id, expected)
        elif home and regime:
            way = journey(home, other)
            least, most = mediator.shift_least_minutes, mediator.shift_most_minutes
            if too_far := why_too_far(way, least, most, regime.rest_minutes):
                faults.add(f"other_offices.{index}.office_id", other.name, too_far)
        if one.cost is not None:
            faults.whole(f"other_offices.{index}.cost", one.cost, 0, 1000)
