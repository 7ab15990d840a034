"""What a feed says, read back by a second reader; each rule at its limit and one past."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars.faults import CalendarFault
from calendars.feed import (
    Break,
    EventStatus,
    FeedContents,
    FeedEvent,
    FeedSettings,
    etag,
    fit_feed,
    render_feed,
    window,
)
from calendars.right_to_left import isolated
from calendars.words import nearest, words

ROW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
SETTINGS = FeedSettings(name="Turnos de Fatou Sané")


def shift(uid="a1@escala", start=datetime(2026, 3, 30, 8, tzinfo=UTC), hours=7, **fields):
    base = FeedEvent(
        uid=uid,
        start=start,
        end=start + timedelta(hours=hours),
        sequence=0,
        created=ROW,
        modified=ROW,
        summary="Atendimento",
        location="CNAIM Lisboa, Rua Álvaro Coutinho 14; 1.º",
        description="Balcão jurídico",
    )
    return replace(base, **fields)


def events_of(body):
    return {str(event["UID"]): event for event in Calendar.from_ical(body).walk("VEVENT")}


def test_an_event_is_read_back_as_it_was_given():
    given_event = shift(sequence=3, modified=ROW + timedelta(hours=1), url="https://escala.pt/t/1")
    event = events_of(render_feed([given_event], SETTINGS))["a1@escala"]
    assert event["DTSTART"].dt == given_event.start
    assert event["DTEND"].dt == given_event.end
    assert event["SEQUENCE"] == 3
    assert event["CREATED"].dt == ROW
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == given_event.modified
    assert event["SUMMARY"] == "Atendimento"
    assert event["LOCATION"] == given_event.location
    assert event["URL"] == given_event.url
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")


def test_instants_are_written_in_utc_and_no_zone_is_needed():
    lisbon = ZoneInfo("Europe/Lisbon")
    body = render_feed([shift(start=datetime(2026, 7, 6, 9, tzinfo=lisbon))], SETTINGS)
    assert b"DTSTART:20260706T080000Z\r\n" in body
    assert b"TZID" not in body
    assert b"VTIMEZONE" not in body


def test_the_header_names_the_calendar_and_when_to_come_back():
    body = render_feed([], replace(SETTINGS, name="Lisboa, balcões; já", refresh_hours=6))
    calendar = Calendar.from_ical(body)
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == calendar["NAME"] == "Lisboa, balcões; já"
    assert calendar["X-WR-TIMEZONE"] == "Europe/Lisbon"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in body
    assert b"X-PUBLISHED-TTL:PT6H\r\n" in body


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("pt", "Balcão jurídico\n08:00–15:00 (hora dos Açores)\nPausa: 12:00–13:00"),
        ("en", "Balcão jurídico\n08:00–15:00 (Azores time)\nBreak: 12:00–13:00"),
    ],
)
def test_hours_and_breaks_stand_in_the_description_by_the_offices_clock(language, expected):
    start = datetime(2026, 7, 6, 8, tzinfo=UTC)  # 8 o'clock in the Azores in summer
    event = shift(
        start=start,
        zone="Atlantic/Azores",
        breaks=(Break(start + timedelta(hours=4), start + timedelta(hours=5)),),
    )
    body = render_feed([event], replace(SETTINGS, language=language))
    assert events_of(body)["a1@escala"]["DESCRIPTION"] == expected


@pytest.mark.parametrize(
    ("tag", "found"), [("pt", "pt"), ("pt-PT", "pt"), ("en-GB", "en"), ("uk", "en"), ("", "en")]
)
def test_who_reads_another_language_gets_the_nearest_words(tag, found):
    assert nearest(tag) == found
    assert words(tag) is words(found)


def test_several_breaks_are_listed_in_order_of_time():
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    late = Break(start + timedelta(hours=5), start + timedelta(hours=5, minutes=15))
    early = Break(start + timedelta(hours=2), start + timedelta(hours=2, minutes=15))
    body = render_feed([shift(start=start, breaks=(late, early))], SETTINGS)
    assert "Pausas: 11:00–11:15, 14:00–14:15" in events_of(body)["a1@escala"]["DESCRIPTION"]


@pytest.mark.parametrize("per_event", [True, False])
def test_a_busy_feed_tells_the_time_and_nothing_else(per_event):
    settings = SETTINGS if per_event else replace(SETTINGS, contents=FeedContents.BUSY)
    body = render_feed([shift(busy_only=per_event, url="https://escala.pt/t/1")], settings)
    event = events_of(body)["a1@escala"]
    assert event["SUMMARY"] == "Ocupado"
    assert {"LOCATION", "DESCRIPTION", "URL"}.isdisjoint(event)
    assert b"jur" not in body


def test_cancelled_events_leave_the_feed_unless_the_settings_keep_them():
    events = [shift(), shift("b2@escala", status=EventStatus.CANCELLED, sequence=1)]
    assert set(events_of(render_feed(events, SETTINGS))) == {"a1@escala"}
    kept = events_of(render_feed(events, replace(SETTINGS, keep_cancelled=True)))["b2@escala"]
    assert (kept["STATUS"], kept["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert kept["SUMMARY"] == "Cancelado: Atendimento"


TEXT = st.text(max_size=60)
EVENT_LISTS = st.lists(
    st.builds(
        lambda number, hour, hours, texts, sequence: shift(
            uid=f"{number}@escala",
            start=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour),
            hours=hours,
            summary=texts[0],
            location=texts[1],
            description=texts[2],
            sequence=sequence,
        ),
        st.integers(0, 10_000),
        st.integers(0, 24 * 400),
        st.integers(1, 12),
        st.tuples(TEXT, TEXT, TEXT),
        st.integers(0, 2**31 - 1),
    ),
    max_size=6,
    unique_by=lambda event: event.uid,
)


@given(EVENT_LISTS, st.randoms(use_true_random=False))
def test_equal_input_gives_equal_bytes_in_any_order(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert render_feed(events, SETTINGS) == render_feed(shuffled, SETTINGS)


def writable(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or (c >= " " and c != "\x7f"))
    return kept.replace("\\N", "/N").strip()


@given(EVENT_LISTS)
def test_any_text_survives_and_no_line_is_too_long(events):
    body = render_feed(events, SETTINGS)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    read = events_of(body)
    assert set(read) == {event.uid for event in events}
    for event in events:
        assert read[event.uid]["DTSTART"].dt == event.start
        assert read[event.uid]["DTEND"].dt == event.end
        assert read[event.uid]["SUMMARY"] == isolated(writable(event.summary))


def test_a_name_from_right_to_left_turns_nothing_round_that_stands_beside_it():
    sara = "سارة الحسن"
    event = shift(summary=f"{sara}, 2", location=f"{sara} 14", description=f"{sara}: 9")
    body = render_feed([event], replace(SETTINGS, name=f"{sara} · 1"))
    read, name = events_of(body)["a1@escala"], Calendar.from_ical(body)["X-WR-CALNAME"]
    apart = f"\u2068{sara}\u2069"
    assert (read["SUMMARY"], read["LOCATION"]) == (f"{apart}, 2", f"{apart} 14")
    assert name == f"{apart} · 1"
    assert read["DESCRIPTION"].startswith(f"{apart}: 9\n")


def test_a_text_cannot_add_a_line_of_its_own():
    body = render_feed([shift(summary="A\r\nATTENDEE:x\nBEGIN:VALARM\x00")], SETTINGS)
    assert b"\nATTENDEE" not in body
    assert b"\nBEGIN:VALARM" not in body
    assert events_of(body)["a1@escala"]["SUMMARY"] == "A\nATTENDEE:x\nBEGIN:VALARM"


def test_a_backslash_before_n_is_no_line_break():
    body = render_feed([shift(summary="C:\\Novo")], SETTINGS)
    assert events_of(body)["a1@escala"]["SUMMARY"] == "C:/Novo"


def test_every_fault_is_told_at_once():
    bad = shift(
        "b ad",
        sequence=-1,
        zone="Lua/Mar",
        modified=datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    )
    upside_down = shift("c", hours=-1)
    loose_break = shift("d", breaks=(Break(ROW, ROW + timedelta(hours=1)),))
    settings = FeedSettings(name=" ", language="fr", refresh_hours=0, zone="Lisboa")
    with pytest.raises(CalendarFault) as caught:
        render_feed([bad, upside_down, loose_break, shift("e"), shift("e")], settings)
    assert {(fault.thing, fault.field) for fault in caught.value.faults} == {
        ("feed settings", "name"),
        ("feed settings", "language"),
        ("feed settings", "refresh_hours"),
        ("feed settings", "zone"),
        ("event 'b ad'", "uid"),
        ("event 'b ad'", "sequence"),
        ("event 'b ad'", "zone"),
        ("event 'b ad'", "modified"),
        ("event 'c'", "end"),
        ("event 'd'", "breaks[0]"),
        ("event 'e'", "uid"),
    }
    assert "event 'b ad': sequence is -1, expected 0 to 2147483647" in str(caught.value)


@pytest.mark.parametrize(("uid", "good"), [("x" * 255, True), ("x" * 256, False), ("", False)])
def test_a_uid_at_its_limit_and_one_past(uid, good):
    if good:
        assert uid in events_of(render_feed([shift(uid)], SETTINGS))
    else:
        with pytest.raises(CalendarFault):
            render_feed([shift(uid)], SETTINGS)


def test_the_window_keeps_a_quarter_of_past_months_to_the_second():
    now = datetime(2026, 5, 20, 15, tzinfo=UTC)
    edge = datetime(2026, 2, 1, tzinfo=UTC)
    inside = shift("in", start=edge - timedelta(hours=1, seconds=-1), hours=1)
    outside = shift("out", start=edge - timedelta(hours=1), hours=1)
    future = shift("future", start=now + timedelta(days=900))
    assert window([inside, outside, future], now) == (inside, future)


def test_the_window_moves_with_the_month_only():
    events = [
        shift(f"{day}", start=datetime(2025, 9, 1, 9, tzinfo=UTC) + timedelta(days=day))
        for day in range(250)
    ]
    january = {window(events, datetime(2026, 1, day, 23, tzinfo=UTC)) for day in range(1, 32)}
    assert len(january) == 1
    assert window(events, datetime(2026, 2, 1, tzinfo=UTC)) not in january


def test_a_feed_too_large_loses_its_oldest_past_then_its_farthest_future():
    now = datetime(2026, 5, 20, tzinfo=UTC)
    events = [shift(f"{day:+}", start=now + timedelta(days=day)) for day in range(-30, 31)]
    whole = render_feed(events, SETTINGS)
    assert fit_feed(events, SETTINGS, now, max_bytes=len(whole)) == whole

    less = fit_feed(events, SETTINGS, now, max_bytes=len(whole) - 1)
    assert set(events_of(whole)) - set(events_of(less)) == {"-30"}

    little = fit_feed(events, SETTINGS, now, max_bytes=len(whole) // 3)
    assert len(little) <= len(whole) // 3
    assert list(events_of(little)) == [f"{day:+}" for day in range(len(events_of(little)))]


def test_the_entity_tag_follows_the_bytes():
    one, two = (render_feed([shift(sequence=n)], SETTINGS) for n in (0, 1))
    assert etag(one) == etag(render_feed([shift()], SETTINGS)) != etag(two)
    assert etag(one).startswith('"')
    assert etag(one).endswith('"')
