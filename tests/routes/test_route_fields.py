"""What people type in forms: dates as they write them on a phone."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask, g
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.routes.fields import DayField, read_date, read_date_to_come, read_yearly

TODAY = dt.date(2026, 11, 27)


@pytest.mark.parametrize(
    "written",
    ["10/12/2026", "10-12-2026", "10.12.2026", "10/12/26", "10-12-26", "10.12.26", "2026-12-10"],
)
def test_a_date_may_be_written_in_many_ways(written: str) -> None:
    assert read_date(written) == dt.date(2026, 12, 10)


@pytest.mark.parametrize(
    "written",
    [
        "", "10/12", "10/12-2026", "10/12/226", "31/11/2026", "29/02/2027", "00/12/2026",
        "12/13/2026", "10 12 2026", "10/12/2026x", "10/12/0000", "tomorrow",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(written: str) -> None:
    assert read_date(written) is None


def test_the_29th_of_february_is_a_day_of_leap_years() -> None:
    assert read_date("29.02.28") == dt.date(2028, 2, 29)
    assert read_yearly("29-02") == (2, 29)


@pytest.mark.parametrize(
    ("written", "today", "meant"),
    [
        ("10/12", TODAY, dt.date(2026, 12, 10)),
        ("27.11", TODAY, TODAY),
        ("3-1", TODAY, dt.date(2027, 1, 3)),
        ("26/11", TODAY, None),  # yesterday, or next year
        ("29/08", TODAY, None),
        ("28/08", TODAY, dt.date(2027, 8, 28)),
        ("31/12", dt.date(2027, 1, 2), None),
        ("31/11", TODAY, None),
        ("29/02", TODAY, None),  # there is none within a year
        ("29/02", dt.date(2027, 11, 27), dt.date(2028, 2, 29)),
        ("29/02", dt.date(2028, 2, 28), dt.date(2028, 2, 29)),
        ("nonsense", TODAY, None),
    ],
)
def test_a_year_left_out_is_that_of_the_next_such_day(
    written: str, today: dt.date, meant: dt.date | None
) -> None:
    assert read_date_to_come(written, today) == meant


class DaysForm(Form):
    coming = DayField("Coming", to_come=True)
    any_day = DayField("Any day")


def test_only_of_what_is_to_come_the_year_may_be_left_out(application: Flask) -> None:
    with application.test_request_context():
        g.now = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
        form = DaysForm(MultiDict({"coming": "10/12", "any_day": "10/12"}))
        assert not form.validate()
        assert form.coming.data == dt.date(2026, 12, 10)
        assert list(form.errors) == ["any_day"]
