"""Content lines are those that the icalendar library writes, to the byte."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Event

from calendars.content_lines import content_line, instant, text

# What `calendars.feed` lets through: no control characters but the line feed, no "\\N".
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\\;,^")
).filter(lambda value: "\\N" not in value)


@given(TEXTS)
def test_a_text_is_written_as_the_library_writes_it(value: str) -> None:
    event = Event()
    event.add("description", value)
    written = event.to_ical(sorted=False)
    ours = content_line("DESCRIPTION", text(value))
    assert b"BEGIN:VEVENT\r\n" + ours + b"END:VEVENT\r\n" == written


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_is_written_as_the_library_writes_it(moment: datetime) -> None:
    event = Event()
    event.add("dtstart", moment.replace(microsecond=0))
    assert content_line("DTSTART", instant(moment)) in event.to_ical(sorted=False)


@given(TEXTS)
def test_no_line_is_longer_than_75_octets_and_unfolding_gives_it_back(value: str) -> None:
    line = content_line("X", value.replace("\n", ""))
    assert all(len(part) <= 75 for part in line.split(b"\r\n"))
    assert line.replace(b"\r\n ", b"") == f"X:{value.replace(chr(10), '')}\r\n".encode()
