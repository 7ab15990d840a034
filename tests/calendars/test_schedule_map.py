"""The sheets for the wall and the pocket, read back by pdf.js."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.faults import CalendarFault
from calendars.feed import Break
from calendars.schedule_map import (
    MapPerson,
    MapShift,
    PersonMonth,
    ScheduleMap,
    map_data,
    month_data,
    render_month,
    render_schedule_map,
)

MONDAY = date(2026, 3, 23)  # the clocks change on the Sunday of this week
LISBON = ZoneInfo("Europe/Lisbon")
HOSTILE = '#panic("x") *b* _i_ $y$ @z <l> `c` \\ = {{sys}} "'


def shift(day=MONDAY, hour=9, hours=8, zone=LISBON, **fields):
    start = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    pause = Break(start + timedelta(hours=4), start + timedelta(hours=5))
    return MapShift(start, start + timedelta(hours=hours), (pause,), **fields)


def wall_map(*people, **fields):
    people = people or (MapPerson("Fatou Sané", (shift(),)),)
    base = ScheduleMap(
        office="CNAIM Lisboa",
        zone="Europe/Lisbon",
        first_day=MONDAY,
        days=7,
        people=people,
        version=3,
        published=datetime(2026, 3, 12, 17, 5, tzinfo=UTC),
        posting_date=date(2026, 3, 16),
    )
    return replace(base, **fields)


def month(*shifts, **fields):
    base = PersonMonth(
        person=MapPerson("Fatou Sané", shifts, frozenset({date(2026, 3, 29)})),
        zone="Europe/Lisbon",
        first_day=date(2026, 3, 1),
        days=31,
        version=3,
        published=datetime(2026, 3, 12, 17, 5, tzinfo=UTC),
    )
    return replace(base, **fields)


def test_the_map_holds_what_the_law_asks(node):
    person = MapPerson(
        "Fatou Sané",
        (shift(label="Balcão jurídico"), shift(date(2026, 3, 24), 12, label="Porto")),
        frozenset({date(2026, 3, 28), date(2026, 3, 29)}),
    )
    schedule = wall_map(
        person,
        facts=("Aberto das 8h às 20h",),
        closed_days={date(2026, 3, 27): "Feriado municipal"},
        responsible="Ana Matos",
    )
    read = node("read_pdf.mjs", render_schedule_map(schedule))
    (texts,) = read["pages"]
    assert texts.count("Folga") == 2
    for text in (
        "Mapa de horário de trabalho",
        "CNAIM Lisboa",
        "Aberto das 8h às 20h",
        "A afixar até 16 de março de 2026 (7 dias antes; Código do Trabalho, art. 217.º)",
        "Semana de 23 de março de 2026 a 29 de março de 2026",
        "sex 27/03",
        "Feriado municipal",
        "Fatou Sané",
        "09:00–17:00",
        "pausa 13:00–14:00",
        "Balcão jurídico",
        "12:00–20:00",
        "14 h",
        "Versão 3 · publicada em 12 de março de 2026 17:05 · hora de Lisboa",
        "Página 1 de 1",
    ):
        assert text in texts
    assert "Responsável (Ana Matos):" in " ".join(texts)


def test_the_map_is_tagged_titled_and_in_its_language(node):
    read = node("read_pdf.mjs", render_schedule_map(wall_map(), "en"))
    assert read["marked"]["Marked"] is True
    assert read["info"]["Title"] == "Schedule map · CNAIM Lisboa"
    assert read["info"]["Language"] == "en-GB"
    assert "<pdfuaid:part>1</pdfuaid:part>" in read["xmp"]
    assert read["roles"]["TH"] == 9  # the person, seven days, the hours
    assert read["roles"]["TD"] == 9
    assert (read["roles"]["H1"], read["roles"]["H2"]) == (1, 1)


def test_a_month_lists_every_day_in_either_language(node):
    shifts = (shift(label="Desk"), shift(date(2026, 3, 23), 18, 2))
    read = node("read_pdf.mjs", render_month(month(shifts[0]), "en"))
    texts = [text for page in read["pages"] for text in page]
    assert "Fatou Sané · 1 March 2026 – 31 March 2026" in texts
    assert [text for text in texts if text.endswith("/03")] == [
        f"{(date(2026, 3, 1) + timedelta(days=n)):%a %d/%m}" for n in range(31)
    ]
    assert {"09:00–17:00", "break 13:00–14:00", "Desk", "Rest day", "Hours: 7 h"} <= set(texts)
    data = month_data(month(shifts[0]), "pt")
    assert (data["days"][22]["name"], data["total"]) == ("seg 23/03", "Horas: 7\u00a0h")


def test_an_empty_month_says_so(node):
    texts = node("read_pdf.mjs", render_month(month(), "pt"))["pages"][0]
    assert "Sem turnos neste período." in texts
    assert (
        "Sem turnos neste período."
        not in node("read_pdf.mjs", render_month(month(shift())))["pages"][0]
    )


def test_text_is_text_and_never_markup(node):
    person = MapPerson(HOSTILE, (shift(label=HOSTILE),), note=HOSTILE)
    schedule = wall_map(
        person, office=HOSTILE, facts=(HOSTILE,), closed_days={MONDAY: HOSTILE}, responsible=HOSTILE
    )
    read = node("read_pdf.mjs", render_schedule_map(schedule))
    assert read["info"]["Title"] == f"Mapa de horário de trabalho · {HOSTILE}"
    joined = "".join("".join(read["pages"][0]).split())
    assert joined.count("".join(HOSTILE.split())) == 7  # the responsible is in it too
    read = node("read_pdf.mjs", render_month(month(person=person)))
    assert HOSTILE in read["info"]["Title"]


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
def test_any_text_makes_a_sheet(text):
    person = MapPerson(text, (shift(label=text),), note=text)
    assert render_schedule_map(wall_map(person, office=text)).startswith(b"%PDF-")


def test_a_character_without_a_font_costs_the_mark_and_not_the_sheet(node, caplog):
    person = MapPerson("Fatou \U000f1234", (shift(),))
    with caplog.at_level(logging.WARNING):
        read = node("read_pdf.mjs", render_schedule_map(wall_map(person)))
    assert read["marked"]["Marked"] is True
    assert "pdfuaid" not in read["xmp"]
    assert "not PDF/UA" in caplog.text
    assert "Fatou" not in caplog.text


def test_a_name_from_right_to_left_turns_nothing_round_that_stands_beside_it(node):
    sara = "سارة الحسن"
    (texts,) = node("read_pdf.mjs", render_month(month(person=MapPerson(sara), days=28)))["pages"]
    line = " ".join(texts)
    assert line.index("الحسن") < line.index("1 de março"), texts
    (texts,) = node("read_pdf.mjs", render_schedule_map(wall_map(facts=(f"{sara}: 9h–17h",))))[
        "pages"
    ]
    line = " ".join(texts)
    assert line.index("الحسن") < line.index("9h–17h"), texts


def test_equal_input_gives_equal_bytes():
    assert render_schedule_map(wall_map()) == render_schedule_map(wall_map())
    assert render_month(month(shift())) == render_month(month(shift()))
    assert render_schedule_map(wall_map()) != render_schedule_map(wall_map(version=4))


def test_hours_are_the_offices_clock_and_the_day_the_shift_starts_on():
    night = MapShift(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC))
    days = {
        zone: map_data(wall_map(MapPerson("F", (night,)), zone=zone), "pt")["weeks"][0]["rows"][0]
        for zone in ("Europe/Lisbon", "Atlantic/Azores")
    }
    assert days["Europe/Lisbon"]["days"][5]["shifts"][0]["hours"] == "23:00–08:00"
    assert days["Atlantic/Azores"]["days"][5]["shifts"][0]["hours"] == "22:00–07:00"
    assert days["Europe/Lisbon"]["hours"] == "8\u00a0h"  # nine on the wall, eight worked


def test_days_are_cut_into_weeks_from_monday_and_hours_counted_by_week():
    person = MapPerson("F", (shift(), shift(date(2026, 3, 30), 9, 6, worked_minutes=345)))
    data = map_data(wall_map(person, first_day=date(2026, 3, 20), days=12), "pt")
    assert [len(week["days"]) for week in data["weeks"]] == [3, 7, 2]
    told = [week["rows"][0]["hours"].replace("\u00a0", " ") for week in data["weeks"]]
    assert told == ["0 h", "7 h", "5 h 45"]


def test_a_late_change_is_said(node):
    texts = node("read_pdf.mjs", render_schedule_map(wall_map(changed_late=True)))["pages"][0]
    assert (
        "Alteração afixada depois de 16 de março de 2026 (art. 217.º); "
        "ver o registo de alterações" in texts
    )


def test_a_first_posting_that_is_late_is_no_change():
    late = {"first_posted": date(2026, 3, 18)}
    data = map_data(wall_map(**late), "pt")
    first = (
        "Afixado pela primeira vez a 18 de março de 2026, menos de sete dias antes da semana "
        "(Código do Trabalho, art. 217.º)"
    )
    assert (data["posting"], data["late"]) == (first, True)
    both = map_data(wall_map(**late, changed_late=True), "pt")["posting"]
    assert both.startswith(f"{first} · Alteração afixada depois de")
    on_time = map_data(wall_map(), "pt")
    assert on_time["posting"].startswith("A afixar até 16 de março de 2026")
    assert on_time["late"] is False


def test_every_fault_is_told_at_once():
    naive = MapShift(datetime(2026, 3, 23, 9), datetime(2026, 3, 23, 17))  # noqa: DTZ001
    upside_down = shift(hours=-1)
    people = (MapPerson("A", (naive,)), MapPerson("B", (upside_down,)))
    bad = wall_map(
        *people,
        zone="Lua",
        days=0,
        paper="a0",
        published=datetime(2026, 3, 12),  # noqa: DTZ001
    )
    with pytest.raises(CalendarFault) as caught:
        render_schedule_map(bad, "fr")
    assert [(fault.thing, fault.field) for fault in caught.value.faults] == [
        ("sheet", "language"),
        ("sheet", "zone"),
        ("sheet", "days"),
        ("sheet", "published"),
        ("person 'A'", "shift"),
        ("person 'B'", "shift"),
        ("schedule map", "paper"),
    ]
    with pytest.raises(CalendarFault, match="at least one person"):
        map_data(replace(wall_map(), people=()), "pt")
    with pytest.raises(CalendarFault, match="an IANA time zone"):
        month_data(month(zone="Lua"), "pt")


@pytest.mark.parametrize(("days", "good"), [(1, True), (366, True), (0, False), (367, False)])
def test_the_span_at_its_limits_and_one_past(days, good):
    if good:
        assert len(month_data(month(days=days), "pt")["days"]) == days
    else:
        with pytest.raises(CalendarFault, match="1 to 366"):
            month_data(month(days=days), "pt")
