"""Sessions by their pages: planned, filled, called off; results by grid and by sheet; the paper."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from published import Shift, write_roster
from small_world import SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Certification,
    CheckIn,
    Completion,
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    RequestStatus,
    SessionOpinion,
    SessionPart,
    SessionTrainer,
    User,
    Wish,
    WishKind,
)
from app.services.horizon import monday_of
from app.services.openings import opening_calendar

NOW = dt.datetime.now(dt.UTC)  # pages read the clock
TODAY = NOW.astimezone(ZoneInfo("Europe/Lisbon")).date()
DAY = dt.timedelta(days=1)
NEXT_WEEK = monday_of(TODAY) + 7 * DAY


@pytest.fixture
def client(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> Callable[[str], FlaskClient]:
    def english(email: str) -> FlaskClient:
        found = sign_in(email)
        found.post("/language", data={"locale": "en"})
        return found

    return english


@pytest.fixture
def held(world: SmallWorld) -> CourseSession:
    """Held the day before yesterday with Ana, Bo and Caio."""
    session = CourseSession.create(
        course=world.course, starts_at=NOW - 2 * DAY, ends_at=NOW - 2 * DAY + DAY / 12,
        office=world.lisbon,
    )  # fmt: skip
    for mediator in world.mediators[:3]:
        Enrolment.create(
            session=session, mediator=mediator, status=EnrolmentStatus.ENROLLED, asked_at=NOW
        )
    return session


def fields(world: SmallWorld, **changed: object) -> dict[str, object]:
    trainer = User.get(User.email == world.trainer)
    return {
        "day": f"{NEXT_WEEK:%d/%m/%Y}", "starts_at": "09:00", "ends_at": "12:00",
        "office_id": world.lisbon.id, "link": "", "capacity": "2", "trainer_ids": trainer.id,
        "self_enrol": "y", **changed,
    }  # fmt: skip


def plan(client: FlaskClient, world: SmallWorld, **changed: object) -> int:
    data = fields(world, **changed)
    return client.post(f"/sessions/new?course={world.course.id}", data=data).status_code


def open_day(world: SmallWorld) -> dt.date:
    """A working day of the next week, no holiday, that is not its last."""
    calendars = [opening_calendar(office) for office in (world.lisbon, world.azores)]
    days = [NEXT_WEEK + n * DAY for n in range(4)]
    return next(day for day in days if all(one.intervals(day) for one in calendars))


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def test_a_trainer_plans_moves_and_calls_off(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    trainer = client(world.trainer)
    assert "Plan the session" in text_of(trainer, f"/sessions/new?course={world.course.id}")
    assert plan(trainer, world) == 302
    session = CourseSession.get()
    local = session.starts_at.astimezone(ZoneInfo("Europe/Lisbon"))
    assert (local.date(), local.hour) == (NEXT_WEEK, 9)
    assert [one.user.email for one in SessionTrainer.select()] == [world.trainer]
    assert "Lisboa" in text_of(trainer, f"/sessions/{session.id}")
    moved = fields(world, office_id=world.azores.id, capacity="9")
    del moved["self_enrol"]
    assert trainer.post(f"/sessions/{session.id}/edit", data=moved).status_code == 302
    session = CourseSession.get()
    assert session.starts_at.astimezone(ZoneInfo("Atlantic/Azores")).hour == 9, "its own clock"
    assert (session.capacity, session.self_enrol) == (9, False)
    assert trainer.post(f"/sessions/{session.id}/remove").status_code == 302
    assert CourseSession.select().count() == 0


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"day": "32/01/2027"}, {"day"}),
        ({"starts_at": "", "ends_at": "9"}, {"starts_at"}),
        ({"ends_at": "08:30", "capacity": "0"}, {"ends_at", "capacity"}),
        ({"office_id": "0"}, {"office_id"}),
        ({"office_id": "0", "link": "javascript:alert(1)"}, {"link"}),
        ({"trainer_ids": "1"}, {"trainer_ids-0"}),
        ({"capacity": "many", "day": "soon"}, {"capacity", "day"}),
    ],
)
def test_every_fault_of_a_session_stands_at_its_field(
    world: SmallWorld, client: Callable[[str], FlaskClient], wrong: dict[str, str], at: set[str]
) -> None:
    trainer = client(world.trainer)
    answer = trainer.post(f"/sessions/new?course={world.course.id}", data=fields(world, **wrong))
    assert answer.status_code == 400
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert at <= set(re.findall(r'href="#([\w-]+)"', summary))
    assert CourseSession.select().count() == 0


def test_seats_fill_the_rest_wait_and_move_up(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    trainer = client(world.trainer)
    plan(trainer, world)
    path = f"/sessions/{CourseSession.get().id}"
    ids = [one.id for one in world.mediators[:3]]
    trainer.post(f"{path}/enrol", data={"mediator_id": ids})
    assert "1 person waits for a seat" in text_of(trainer, path)
    trainer.post(f"{path}/cancel", data={"mediator_id": ids[0]})
    status = {row.mediator_id: row.status for row in Enrolment.select()}
    assert status[ids[2]] is EnrolmentStatus.ENROLLED, "who waited has moved up"
    assert status[ids[0]] is EnrolmentStatus.CANCELLED
    trainer.post(f"{path}/enrol", data={"mediator_id": [ids[0], ids[1]]})
    assert "Nobody was enrolled" in text_of(trainer, path), "all or nothing: one is in already"
    assert Enrolment.get(Enrolment.mediator == ids[0]).status is EnrolmentStatus.CANCELLED


def test_trainers_learn_that_somebody_is_not_free_and_never_why(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    ana, bo = world.mediators[:2]
    day = open_day(world)
    write_roster(world, NEXT_WEEK, [Shift(ana, world.lisbon, day)])
    start = dt.datetime.combine(day, dt.time(8), dt.UTC)
    Absence.create(
        mediator=bo, starts_at=start, ends_at=start + DAY, kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    trainer, coordinator = client(world.trainer), client(world.coordinator)
    plan(trainer, world, day=f"{day:%d/%m/%Y}")
    path = f"/sessions/{CourseSession.get().id}"
    told = text_of(trainer, path)
    assert told.count("not free") == 2
    assert not re.search(r"shift|absen|sick", told, re.I)
    assert "08:00–17:00, Lisboa" in text_of(coordinator, path)
    assert "absence" in text_of(coordinator, path)
    assert not re.search(r"sick", text_of(coordinator, path), re.I)


def test_before_a_week_is_published_not_free_could_only_be_an_absence_and_is_not_said(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    bo, start = world.mediators[1], dt.datetime.combine(NEXT_WEEK, dt.time(8), dt.UTC)
    Absence.create(
        mediator=bo, starts_at=start, ends_at=start + DAY, kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    trainer = client(world.trainer)
    plan(trainer, world)
    path = f"/sessions/{CourseSession.get().id}"
    assert "not free" not in text_of(trainer, path)
    assert "absence" in text_of(client(world.coordinator), path)


def test_a_published_day_is_free_or_not_as_a_whole(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    """Ana works in the morning, Bo is ill for two hours of the afternoon, Caio would rather be
    off: a session in the evening falls on none of it, and looks the same for all three."""
    ana, bo, caio = world.mediators[:3]
    day = open_day(world)
    write_roster(world, NEXT_WEEK, [Shift(ana, world.lisbon, day)])
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    Absence.create(
        mediator=bo, starts_at=noon, ends_at=noon + DAY / 12, kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    Wish.create(mediator=caio, starts_at=noon, ends_at=noon + DAY / 12, kind=WishKind.OFF)
    trainer = client(world.trainer)
    plan(trainer, world, day=f"{day:%d/%m/%Y}", starts_at="20:00", ends_at="21:00")
    path = f"/sessions/{CourseSession.get().id}"
    assert text_of(trainer, path).count("not free") == 3
    coordinator = text_of(client(world.coordinator), path)
    assert "absence" not in coordinator, "nothing falls on the very hours"
    sunday = f"{NEXT_WEEK + 6 * DAY:%d/%m/%Y}"
    plan(
        trainer, world, day=sunday, starts_at="09:00", ends_at="10:00", link="https://a.example.org"
    )
    path = f"/sessions/{CourseSession.select().order_by(CourseSession.id.desc()).get().id}"
    assert text_of(trainer, path).count("not free") == 5, "a closed office's day is nobody's"


def test_a_mediator_enrols_where_the_session_lets_them(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    trainer, ana = client(world.trainer), client(world.mediator)
    plan(trainer, world)
    path = f"/sessions/{CourseSession.get().id}"
    assert ana.get(path).status_code == 403, "who else is in it is not theirs to read"
    ana.post(f"{path}/enrol", data={"from": "list"})
    assert "enrolled" in text_of(ana, "/sessions")
    assert Enrolment.get().status is EnrolmentStatus.ENROLLED
    other = {"from": "list", "mediator_id": world.mediators[1].id}
    assert ana.post(f"{path}/enrol", data=other).status_code == 403
    CourseSession.update(self_enrol=False).execute()
    ana.post(f"{path}/cancel", data={"from": "list"})
    assert Enrolment.get().status is EnrolmentStatus.CANCELLED, "leaving is always possible"
    assert ana.post(f"{path}/enrol", data={"from": "list"}).status_code == 403


def test_without_a_course_the_pages_offer_a_choice(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    trainer = client(world.trainer)
    for path in ("/sessions/new", "/placing"):
        assert f"{path}?course={world.course.id}" in text_of(trainer, path)
        assert client(world.mediator).get(path).status_code == 403, "who runs none"
        assert trainer.get(f"{path}?course=999").status_code == 404


def test_a_course_longer_than_a_day_is_laid_on_several(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    Course.update(minutes=840).execute()
    trainer = client(world.trainer)
    friday = NEXT_WEEK + 4 * DAY
    page = text_of(trainer, f"/sessions/new?course={world.course.id}&day={friday}")
    assert re.findall(r'name="(?:further-\d-)?ends_at"[^>]*value="([^"]+)"', page) == ["16:00"] * 2
    assert f"{friday + 3 * DAY:%d/%m/%Y}" in page, "the Monday after"
    asked = text_of(trainer, f"/placing?course={world.course.id}")
    assert re.search(r'name="minutes"[^>]*value="7(:00)?"', asked)
    assert "2 dates of 7\u00a0h" in asked
    Course.update(minutes=3000).execute()
    page = text_of(trainer, f"/sessions/new?course={world.course.id}&day={friday}")
    assert len(re.findall(r'name="(?:further-\d-)?ends_at"[^>]*value="[^"]+"', page)) == 7


def test_what_somebody_holds_for_long_is_marked_and_not_offered(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    """Within the days in which renewing loses nothing it is offered again."""
    trainer, ana = client(world.trainer), client(world.mediator)
    plan(trainer, world)
    session = CourseSession.get()
    day = session.starts_at.date()
    window = world.course.certification.renewal_window_days
    held = Certification.create(
        mediator=world.mediators[0], kind=world.course.certification_id,
        valid_from=day - 300 * DAY, valid_until=day + (window + 1) * DAY, number="1",
    )  # fmt: skip
    assert "certified until" in text_of(trainer, f"/sessions/{session.id}")
    assert f"/sessions/{session.id}/enrol" not in text_of(ana, "/sessions")
    assert f"/sessions/{session.id}/enrol" in text_of(client(world.other_mediator), "/sessions")
    held.valid_until = day + window * DAY
    held.save()
    assert "certified until" not in text_of(trainer, f"/sessions/{session.id}")
    assert f"/sessions/{session.id}/enrol" in text_of(ana, "/sessions")


def test_a_course_that_certifies_for_nothing_is_marked_where_it_was_passed(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    Course.update(certification=None).execute()
    trainer = client(world.trainer)
    plan(trainer, world)
    Completion.create(
        mediator=world.mediators[0], course=world.course, completed_on=TODAY - 9 * DAY,
        result="passed", recorded_at=NOW,
    )  # fmt: skip
    page = text_of(trainer, f"/sessions/{CourseSession.get().id}")
    assert page.count("passed already") == 1


def test_check_in_is_offered_once_the_door_is_open(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    ana = client(world.mediator)
    session = CourseSession.create(
        course=world.course, starts_at=NOW + DAY, ends_at=NOW + DAY + DAY / 12,
        office=world.lisbon,
    )  # fmt: skip
    Enrolment.create(
        session=session, mediator=world.mediators[0], status=EnrolmentStatus.ENROLLED, asked_at=NOW
    )
    door = f"/sessions/{session.id}/check-in"
    assert door not in text_of(ana, "/sessions"), "days early"
    CourseSession.update(starts_at=NOW + DAY / 100, ends_at=NOW + DAY / 12).execute()
    assert door in text_of(ana, "/sessions")


def test_the_grid_records_everybody_at_once(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    ana, bo, caio = (one.id for one in world.mediators[:3])
    trainer = client(world.trainer)
    path = f"/sessions/{held.id}/results"
    assert text_of(trainer, path).count('type="radio"') == 12
    data = {
        f"result-{ana}": "passed", f"minutes-{ana}": "170", f"result-{bo}": "failed",
        f"note-{bo}": "left early",
    }  # fmt: skip
    assert trainer.post(path, data=data).status_code == 302
    told = text_of(trainer, path)
    assert "2 results are recorded." in told
    assert "1 certification is issued or renewed." in told
    rows = {row.mediator_id: (row.minutes, row.note) for row in Completion.select()}
    assert rows == {ana: (170, ""), bo: (None, "left early")}
    assert Certification.get().mediator_id == ana
    assert told.count('type="radio"') == 4, "only Caio is left"
    refused = trainer.post(path, data={f"result-{caio}": "brilliant", f"minutes-{caio}": "all"})
    assert refused.status_code == 400
    assert 'value="all"' in refused.text, "what was typed stays"
    assert Completion.select().count() == 2


def test_one_bad_row_of_the_grid_saves_nothing(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    ana, bo, _caio = (one.id for one in world.mediators[:3])
    data = {f"result-{ana}": "passed", f"result-{bo}": "passed", f"minutes-{bo}": "99999"}
    answer = client(world.trainer).post(f"/sessions/{held.id}/results", data=data)
    assert answer.status_code == 400
    assert f'href="#minutes-{bo}"' in answer.text
    assert Completion.select().count() == Certification.select().count() == 0


BAD_SHEET = """Nome\tResultado\tMinutos\tData
Ana Exemplo\taprovado\t180\t
Nobody Known\taprovado\t\t
Bo Exemplo\tperhaps\t-5\t
Caio Exemplo\tsim\t\t01/01/2199
Ana Exemplo\tfaltou\t\t
"""


def test_a_bad_sheet_is_refused_row_by_row(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    trainer = client(world.trainer)
    answer = trainer.post(f"/sessions/{held.id}/sheet", data={"text": BAD_SHEET})
    assert answer.status_code == 400
    told = html.unescape(answer.text)
    for reason in ("row 3", "row 4", "row 5", "row 6", "'Nobody Known'", "'perhaps'", "'-5'"):
        assert reason in told
    assert "1 good row" in told
    assert "Save all of them" not in told
    forced = trainer.post(f"/sessions/{held.id}/sheet", data={"seen": BAD_SHEET})
    assert forced.status_code == 400
    assert Completion.select().count() == 0


def test_a_paste_is_seen_then_saved(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    trainer = client(world.trainer)
    pasted = 'Nome\tResultado\tNota\nAna\tsim\t"a, b"\nBo Exemplo\tnão\t\n'
    seen = trainer.post(f"/sessions/{held.id}/sheet", data={"text": pasted})
    assert seen.status_code == 200
    assert Completion.select().count() == 0, "only seen"
    carried = html.unescape(re.search(r"hidden>(.*?)</textarea>", seen.text, re.S)[1])
    saved = trainer.post(f"/sessions/{held.id}/sheet", data={"seen": carried})
    assert saved.status_code == 302
    assert [row.note for row in Completion.select().order_by(Completion.id)] == ["a, b", ""]
    assert Certification.select().count() == 1
    twice = trainer.post(f"/sessions/{held.id}/sheet", data={"seen": carried})
    assert twice.status_code == 400
    assert "correct the one there is" in twice.text


def test_a_workbook_is_read(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    book = Workbook()
    for row in (["email", "result", "minutes"], ["ana@example.org", "passed", 180.0]):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    packed.seek(0)
    trainer = client(world.trainer)
    seen = trainer.post(f"/sessions/{held.id}/sheet", data={"file": (packed, "results.xlsx")})
    assert seen.status_code == 200
    assert "1 good row" in seen.text
    broken = {"file": (io.BytesIO(b"PK not really"), "results.xlsx")}
    assert trainer.post(f"/sessions/{held.id}/sheet", data=broken).status_code == 400
    assert trainer.post(f"/sessions/{held.id}/sheet", data={"text": ""}).status_code == 400


def test_a_renewal_lengthens_and_both_papers_say_how_they_stand(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    ana = world.mediators[0]
    trainer = client(world.trainer)
    trainer.post(f"/sessions/{held.id}/results", data={f"result-{ana.id}": "passed"})
    first = Certification.get()
    paper = trainer.get(f"/certificates/{first.number}.pdf")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert paper.data.startswith(b"%PDF-")
    assert b"StructTreeRoot" in paper.data
    stranger = trainer.application.test_client()
    stranger.post("/language", data={"locale": "en"})
    checked = stranger.get(f"/certificates/{first.number.lower().replace('-', '')}")
    assert "is valid today" in checked.text
    assert not re.search(r"Ana|Exemplo|legal", checked.text, re.I)
    assert client(world.mediator).get(f"/certificates/{first.number}.pdf").status_code == 200
    assert client(world.other_mediator).get(f"/certificates/{first.number}.pdf").status_code == 403
    Certification.update(valid_from=TODAY - 400 * DAY, valid_until=TODAY - DAY).execute()
    assert "has expired" in stranger.get(f"/certificates/{first.number}").text
    Certification.update(withdrawn_at=NOW).execute()
    assert "was withdrawn" in stranger.get(f"/certificates/{first.number}").text
    assert trainer.get(f"/certificates/{first.number}.pdf").status_code == 409
    guessed = first.number[:-4] + ("00" if first.number[-2:] != "00" else "01")
    assert stranger.get(f"/certificates/{guessed}").status_code == 404


def test_reasons_against_a_sheet_come_in_the_readers_language(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    trainer = client(world.trainer)
    trainer.post("/language", data={"locale": "pt"})
    answer = trainer.post(f"/sessions/{held.id}/sheet", data={"text": BAD_SHEET})
    told = html.unescape(answer.text)
    for reason in ("linha 3", "resultado", "minutos", "um número inteiro de 0 a 60000"):
        assert reason in told
    for english in ("row 3", "expected", "a known name", "a date from", "whole number"):
        assert english not in told


def test_opinions_are_shown_to_the_trainers_once_three_have_spoken(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    trainer, path = client(world.trainer), f"/sessions/{held.id}/results"
    for _who in range(2):
        SessionOpinion.create(session=held, score=4, comment="Long")
    assert "Long" not in text_of(trainer, path)
    SessionOpinion.create(session=held, score=5, comment="")
    told = text_of(trainer, path)
    assert "Long" in told
    assert "4.3" in told


def test_only_who_checked_in_is_passed_in_passing(
    world: SmallWorld, client: Callable[[str], FlaskClient], held: CourseSession
) -> None:
    trainer, path = client(world.trainer), f"/sessions/{held.id}/results"
    assert text_of(trainer, path).count("data-came") == 3
    came = {"session": held, "mediator": world.mediators[0], "at": NOW - 2 * DAY}
    CheckIn.create(**came, part=held.uid)
    assert text_of(trainer, path).count("data-came") == 1
    earlier = (held.starts_at - 2 * DAY, held.ends_at - 2 * DAY)
    SessionPart.create(session=held, starts_at=earlier[0], ends_at=earlier[1])
    SessionPart.create(session=held, starts_at=held.starts_at, ends_at=held.ends_at, uid=held.uid)
    told = text_of(trainer, path)
    assert told.count("data-came") == 0, "only who was there on every date"
    assert "here on 1 of 2 dates" in told


def test_a_session_of_several_dates_is_planned_changed_and_shown(
    world: SmallWorld, client: Callable[[str], FlaskClient]
) -> None:
    trainer = client(world.trainer)
    form = text_of(trainer, f"/sessions/new?course={world.course.id}")
    assert '<details class="further-dates">' in form, "closed, for the many of one date"
    second, third = NEXT_WEEK + 2 * DAY, NEXT_WEEK + 4 * DAY
    dates = {
        "further-0-day": f"{second:%d/%m/%Y}", "further-0-starts_at": "09:00",
        "further-0-ends_at": "12:00", "further-1-day": "", "further-1-starts_at": "",
        "further-1-ends_at": "", "further-2-day": f"{third:%d/%m/%Y}",
        "further-2-starts_at": "14:00", "further-2-ends_at": "17:00",
    }  # fmt: skip
    path = f"/sessions/new?course={world.course.id}"
    answer = trainer.post(path, data=fields(world, **dates | {"further-0-ends_at": ""}))
    assert answer.status_code == 400
    assert 'href="#further-0-ends_at"' in answer.get_data(as_text=True)
    overlapping = dates | {"further-2-day": f"{second:%d/%m/%Y}", "further-2-starts_at": "11:00"}
    answer = trainer.post(path, data=fields(world, **overlapping))
    assert answer.status_code == 400
    assert 'href="#further-2-starts_at"' in answer.get_data(as_text=True), "at its own row"
    assert CourseSession.select().count() == 0

    assert plan(trainer, world, **dates) == 302
    session = CourseSession.get()
    assert [one.starts_at.date() for one in session.parts] == [NEXT_WEEK, second, third]
    for page in (f"/sessions/{session.id}", "/sessions", f"/courses/{world.course.id}"):
        assert text_of(trainer, page).count("14:00–17:00") >= 1, page
    form = text_of(trainer, f"/sessions/{session.id}/edit")
    assert '<details class="further-dates" open>' in form
    assert f'value="{third:%d/%m/%Y}"' in form
    assert trainer.post(f"/sessions/{session.id}/edit", data=fields(world)).status_code == 302
    assert session.parts.count() == 0
