"""Holidays by district, region, municipality and community."""

from datetime import date

import pytest

from forecast.calendar import Holiday, HolidayKind
from forecast.faults import BadInput
from forecast.holiday_dates import portuguese_holidays


def of_kind(found, kind):
    return {holiday.day for holiday in found if holiday.kind is kind}


@pytest.mark.parametrize(
    ("district", "day"),
    [("11", date(2026, 6, 13)), ("13", date(2026, 6, 24)), ("08", date(2026, 9, 7))],
)
def test_the_capital_of_a_district_has_its_own_day(district, day):
    found = portuguese_holidays([2026], district)
    assert of_kind(found, HolidayKind.MUNICIPAL) == {day}


def test_public_holidays_are_the_same_everywhere_but_in_the_regions():
    lisbon = of_kind(portuguese_holidays([2026], "11"), HolidayKind.PUBLIC)
    assert {date(2026, 4, 3), date(2026, 4, 25), date(2026, 6, 10), date(2026, 12, 25)} <= lisbon
    assert len(lisbon) == 13
    azores = of_kind(portuguese_holidays([2026], "20"), HolidayKind.PUBLIC)
    assert azores - lisbon == {date(2026, 5, 25)}
    assert of_kind(portuguese_holidays([2026], "20"), HolidayKind.MUNICIPAL) == set()


def test_an_office_gives_the_day_of_its_own_municipality():
    own = [date(2026, 7, 4), date(2027, 7, 4)]
    found = portuguese_holidays([2026], "11", municipal=own)
    assert of_kind(found, HolidayKind.MUNICIPAL) == {own[0]}


def test_communities_keep_their_days():
    found = portuguese_holidays([2026], "11")
    kept = {
        language: {
            h.day for h in found if h.kind is HolidayKind.RELIGIOUS and language in h.languages
        }
        for language in ("bn", "zh", "uk", "ne", "pt")
    }
    assert date(2026, 3, 20) in kept["bn"]
    assert date(2026, 2, 17) in kept["zh"]
    assert date(2026, 4, 12) in kept["uk"]
    assert date(2026, 11, 8) in kept["ne"]
    assert kept["pt"] == set()


def test_extra_days_join_in_order_of_time():
    extra = Holiday(date(2026, 2, 17), HolidayKind.PUBLIC, "Carnival")
    found = portuguese_holidays([2026], "11", extra=[extra])
    assert extra in found
    assert [h.day for h in found] == sorted(h.day for h in found)


def test_a_district_that_does_not_exist_is_named():
    with pytest.raises(BadInput, match="district is '99'"):
        portuguese_holidays([2026], "99")
