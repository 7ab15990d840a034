"""What an office's facts must be before they are saved."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from app.i18n import _
from app.models import Admission, CertificationKind, Office, OfficeKind, PlanningGroup
from app.services.checks import DAY_MINUTES, SLOT_MINUTES, Faults
from app.services.kept_codes import check_code_kept
from app.services.likes import LIKES_MOST
from app.services.needs import DESK_NEEDS
from app.services.openings import DISTRICTS

if TYPE_CHECKING:
    from app.services.places import DeskFacts, Hours, OfficeFacts, YearlyHoliday

_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check_office(
    office: OfficeFacts,
    office_id: int | None,
    before: OfficeFacts | None = None,
    bound: bool = False,
) -> None:
    """Raise Invalid with every fault of `office`; `office_id` names the row it will replace.

    `before` is what it was; `bound`, that who changes it coordinates single offices only.
    """
    faults = Faults()
    if before is not None:
        check_code_kept(faults, "offices", before.code, office.code)
        if bound:
            _check_network_s(faults, before, office)
    _check_itself(faults, office, office_id)
    _check_likes(faults, office.likes, office_id)
    check_hours(faults, office.hours)
    faults.unique("closures", (one.date for one in office.closures))
    for index, one in enumerate(office.closures):
        faults.length(f"closures.{index}.reason", one.reason)
    _check_extra_holidays(faults, office.extra_holidays)
    _check_desks(faults, office.desks)
    faults.raise_any()


def _check_network_s(faults: Faults, before: OfficeFacts, office: OfficeFacts) -> None:
    """What ties an office to the others is a matter of the whole network."""
    for field in ("code", "group_id", "active"):
        if getattr(before, field) != getattr(office, field):
            expected = _("what it was: a coordinator of the whole network changes it")
            faults.add(field, getattr(office, field), expected)


@cache
def _zones() -> frozenset[str]:
    """Looking for them walks through a thousand files."""
    return frozenset(available_timezones())


def _check_itself(faults: Faults, office: OfficeFacts, office_id: int | None) -> None:
    other = Office.get_or_none(Office.code == office.code)
    faults.code("code", office.code, other is not None and other.id != office_id)
    faults.text("name", office.name)
    faults.one_of("kind", office.kind, tuple(OfficeKind))
    if PlanningGroup.get_or_none(PlanningGroup.id == office.group_id) is None:
        faults.add("group_id", office.group_id, _("a planning group"))
    if office.zone not in _zones():
        faults.add("zone", office.zone, _("a time zone such as Europe/Lisbon"))
    if office.district and office.district not in DISTRICTS:
        faults.one_of("district", office.district, DISTRICTS)
    faults.length("address", office.address, 500, lines=True)
    if office.latitude is not None and not -90 <= office.latitude <= 90:
        faults.add("latitude", office.latitude, _("a number from -90 to 90"))
    if office.longitude is not None and not -180 <= office.longitude <= 180:
        faults.add("longitude", office.longitude, _("a number from -180 to 180"))
    if (office.latitude is None) != (office.longitude is None):
        faults.add("longitude", office.longitude, _("latitude and longitude, or neither"))
    if office.capacity is not None:
        faults.whole("capacity", office.capacity, 1, 1000)
    faults.whole("target_share_percent", office.target_share_percent, 1, 99)
    faults.whole("target_wait_minutes", office.target_wait_minutes, 0, 240)
    faults.whole("unsocial_from_minute", office.unsocial_from_minute, 0, DAY_MINUTES, SLOT_MINUTES)
    faults.whole("position", office.position, 0, 100_000)


def _check_likes(faults: Faults, likes: tuple[int, ...], office_id: int | None) -> None:
    """Other offices, each once, as many as a forecast starts from."""
    others = {row.id for row in Office.select(Office.id)} - {office_id}
    faults.unique("likes", likes)
    for index, one in enumerate(likes):
        if one not in others:
            faults.add(f"likes.{index}", one, _("another office"))
    if len(likes) > LIKES_MOST:
        faults.add("likes", len(likes), _("at most %(most)d offices", most=LIKES_MOST))


def check_hours(faults: Faults, hours: tuple[Hours, ...]) -> None:
    """Note what cannot be of the hours of a week: no time of day, or two at once."""
    sound: list[tuple[int, int, int, int]] = []
    for index, one in enumerate(hours):
        fits = faults.whole(f"hours.{index}.weekday", one.weekday, 0, 6)
        if faults.minutes_of_day(f"hours.{index}.", one.opens_minute, one.closes_minute) and fits:
            sound.append((one.weekday, one.opens_minute, one.closes_minute, index))
    sound.sort()
    for earlier, later in pairwise(sound):
        if earlier[0] == later[0] and later[1] < earlier[2]:
            faults.add(
                f"hours.{later[3]}.opens_minute", later[1], _("a time after the opening before it")
            )


def _check_extra_holidays(faults: Faults, days: tuple[YearlyHoliday, ...]) -> None:
    faults.unique("extra_holidays", ((one.month, one.day) for one in days))
    for index, one in enumerate(days):
        if faults.whole(f"extra_holidays.{index}.month", one.month, 1, 12):
            faults.whole(f"extra_holidays.{index}.day", one.day, 1, _DAYS_OF_MONTH[one.month - 1])
        faults.text(f"extra_holidays.{index}.name", one.name)


def _check_desks(faults: Faults, desks: tuple[DeskFacts, ...]) -> None:
    faults.unique("desks", (one.need for one in desks))
    kinds = {row.code for row in CertificationKind.select(CertificationKind.code)}
    for index, one in enumerate(desks):
        prefix = f"desks.{index}."
        faults.one_of(prefix + "need", one.need, DESK_NEEDS)
        faults.text(prefix + "name_pt", one.name_pt)
        faults.text(prefix + "name_en", one.name_en)
        if one.certification is not None:
            faults.one_of(prefix + "certification", one.certification, kinds)
        faults.minutes_of_day(prefix, one.opens_minute, one.closes_minute)
        digits = one.weekdays
        if not digits or set(digits) - set("0123456") or len(set(digits)) < len(digits):
            faults.add(prefix + "weekdays", digits, _("digits of weekdays, 0 Monday to 6 Sunday"))
        faults.one_of(prefix + "admission", one.admission, tuple(Admission))
        faults.length(prefix + "partner", one.partner, 64)
        if faults.whole(prefix + "least", one.least, 0, 100):
            faults.whole(prefix + "wanted", one.wanted, one.least, 100)
