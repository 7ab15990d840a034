"""Public, municipal and religious holidays of an office, from the `holidays` package.

The package knows the holidays of Portugal, of its autonomous regions and of the capitals of its
districts; the holiday of any other municipality is given by the office. Religious holidays are
those on which a community stays at home; their dates are taken from a country that keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

import holidays

from forecast.calendar import Holiday, HolidayKind
from forecast.faults import Fault, refuse

AUTONOMOUS_REGIONS = frozenset({"20", "30"})
"""Azores and Madeira: their days are public holidays of the region, not of a municipality."""

KEPT_BY: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("PK", "Eid al-Fitr", frozenset({"ar", "bn", "ur", "wo", "fa"})),
    ("PK", "Eid al-Adha", frozenset({"ar", "bn", "ur", "wo", "fa"})),
    ("SN", "Magal of Touba", frozenset({"wo"})),
    ("CN", "Chinese New Year", frozenset({"zh"})),
    ("IN", "Holi", frozenset({"hi"})),
    ("IN", "Diwali", frozenset({"hi", "pa"})),
    ("IN", "Guru Nanak", frozenset({"pa"})),
    ("NP", "Dashami", frozenset({"ne"})),
    ("NP", "Dashain", frozenset({"ne"})),
    ("NP", "Laxmi Pooja", frozenset({"ne"})),
    ("MD", "Easter", frozenset({"uk", "ru", "ro"})),
    ("MD", "old style", frozenset({"uk", "ru"})),
)
"""Country whose list has the day, part of its name there, languages whose speakers keep it."""


def portuguese_holidays(
    years: Iterable[int],
    district: str,
    *,
    municipal: Sequence[date] | None = None,
    extra: Sequence[Holiday] = (),
) -> tuple[Holiday, ...]:
    """Every holiday of an office, in order of time.

    district: ISO 3166-2:PT code without the country: "11" Lisboa, "13" Porto, "08" Faro, "20"
    Azores, "30" Madeira; empty for none. municipal: the dates of the office's own municipal
    holiday; None takes the district capital's. extra: whatever else the office knows of.
    Raises BadInput for a district that does not exist.
    """
    known = _districts()
    if district and district not in known:
        expected = f"one of {', '.join(known)}"
        refuse([Fault("office", "district", district, expected)])
    years = tuple(sorted(set(years)))
    found = [*_public(years, district), *_municipal(years, district, municipal)]
    found += [*_religious(years), *extra]
    return tuple(sorted(found, key=lambda holiday: (holiday.day, holiday.kind, holiday.name)))


@lru_cache(maxsize=1)
def _districts() -> tuple[str, ...]:
    return tuple(holidays.country_holidays("PT").subdivisions)


@lru_cache(maxsize=128)
def _listed(country: str, years: tuple[int, ...], district: str | None = None) -> dict[date, str]:
    listed = holidays.country_holidays(country, subdiv=district, years=years, language="en_US")
    return dict(listed.items())


def _public(years: tuple[int, ...], district: str) -> list[Holiday]:
    region = district if district in AUTONOMOUS_REGIONS else None
    return [
        Holiday(day, HolidayKind.PUBLIC, name) for day, name in _listed("PT", years, region).items()
    ]


def _municipal(
    years: tuple[int, ...], district: str, municipal: Sequence[date] | None
) -> list[Holiday]:
    if municipal is not None:
        return [
            Holiday(day, HolidayKind.MUNICIPAL, "Municipal holiday")
            for day in municipal
            if day.year in years
        ]
    if not district:
        return []
    everywhere = _listed("PT", years)
    return [
        Holiday(day, HolidayKind.MUNICIPAL, name)
        for day, name in _listed("PT", years, district).items()
        if day not in everywhere and district not in AUTONOMOUS_REGIONS
    ]


def _religious(years: tuple[int, ...]) -> list[Holiday]:
    lists = {country: _listed(country, years) for country, _, _ in KEPT_BY}
    return [
        Holiday(day, HolidayKind.RELIGIOUS, part, languages)
        for country, part, languages in KEPT_BY
        for day, name in lists[country].items()
        if part in name and "observed" not in name
    ]
