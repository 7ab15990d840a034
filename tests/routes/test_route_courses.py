"""Courses: what a trainer sees and records, and the certification that comes of it."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Certification,
    CertificationKind,
    Completion,
    CompletionResult,
    Course,
    CourseSession,
    CourseTrainer,
    Desk,
    Enrolment,
    EnrolmentStatus,
    RequestStatus,
    User,
)

NOW = dt.datetime.now(dt.UTC)  # pages read the clock
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def session(world: SmallWorld) -> CourseSession:
    """One held three days ago, with Ana and Bo; Bo is ill since."""
    held = CourseSession.create(
        course=world.course, starts_at=NOW - 3 * DAY, ends_at=NOW - 3 * DAY + DAY / 8,
        office=world.lisbon,
    )  # fmt: skip
    for mediator in world.mediators[:2]:
        Enrolment.create(
            session=held, mediator=mediator, status=EnrolmentStatus.ENROLLED, asked_at=NOW
        )
    Absence.create(
        mediator=world.mediators[1], starts_at=NOW - DAY, ends_at=NOW + DAY,
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    return held


@pytest.fixture
def trainer(
    world: SmallWorld, session: CourseSession, sign_in: Callable[[str], FlaskClient]
) -> FlaskClient:
    client = sign_in(world.trainer)
    client.post("/language", data={"locale": "en"})
    return client


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def record(
    client: FlaskClient, world: SmallWorld, day: dt.date | str, result: str = "passed", who: int = 0
) -> int:
    answer = client.post(
        f"/courses/{world.course.id}/results/new",
        data={
            "mediator_id": world.mediators[who].id,
            "session_id": 1,
            "completed_on": f"{day:%d/%m/%Y}" if isinstance(day, dt.date) else day,
            "result": result,
        },
    )
    return answer.status_code


def test_a_course_with_its_people_and_nothing_of_absences(
    trainer: FlaskClient, world: SmallWorld
) -> None:
    text = page(trainer, f"/courses/{world.course.id}")
    assert "2 of 20 enrolled" in text
    assert text.count(">Record<") == 2
    assert not re.search(r"sick|absen|ill\b", text, re.I)


def test_passing_issues_the_certification(trainer: FlaskClient, world: SmallWorld) -> None:
    assert record(trainer, world, TODAY - DAY) == 302
    issued = Certification.get()
    assert issued.mediator_id == world.mediators[0].id
    assert issued.kind_id == "legal"
    assert issued.valid_from <= TODAY <= issued.valid_until
    text = page(trainer, f"/courses/{world.course.id}")
    assert "Ana is certified for Legal support until" in text
    assert text.count(">Record<") == 1, "Ana's is done"
    assert "recorded" in text


def test_failing_issues_nothing(trainer: FlaskClient, world: SmallWorld) -> None:
    assert record(trainer, world, TODAY, "failed") == 302
    assert Certification.select().count() == 0
    assert "It issues no certification." in page(trainer, f"/courses/{world.course.id}")


def test_faults_stand_at_their_fields_and_nothing_is_saved(
    trainer: FlaskClient, world: SmallWorld
) -> None:
    path = f"/courses/{world.course.id}/results/new"
    tries = [
        ({"completed_on": f"{TODAY + 2 * DAY:%d/%m/%Y}"}, {"completed_on"}),
        ({"completed_on": "yesterday", "result": "fine"}, {"completed_on", "result-0"}),
        ({"mediator_id": world.mediators[4].id}, {"mediator_id"}),
        ({"mediator_id": "x", "completed_on": ""}, {"mediator_id", "completed_on"}),
        ({"session_id": 99}, {"session_id"}),
    ]
    for wrong, fields in tries:
        good = {
            "mediator_id": world.mediators[0].id,
            "session_id": 1,
            "completed_on": f"{TODAY:%d/%m/%Y}",
            "result": "passed",
        }
        answer = trainer.post(path, data=good | wrong)
        assert answer.status_code == 400, wrong
        summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
        assert set(re.findall(r'href="#([\w-]+)"', summary)) == fields
    assert Completion.select().count() == 0
    assert Certification.select().count() == 0


def test_two_results_of_one_day_are_refused(trainer: FlaskClient, world: SmallWorld) -> None:
    assert record(trainer, world, TODAY) == 302
    assert record(trainer, world, TODAY) == 400
    assert Completion.select().count() == 1


def test_the_form_is_filled_by_where_one_came_from(
    trainer: FlaskClient, world: SmallWorld, session: CourseSession
) -> None:
    bo = world.mediators[1].id
    text = page(trainer, f"/courses/{world.course.id}/results/new?mediator={bo}&session=1")
    assert re.search(rf'<option selected value="{bo}">Bo', text)
    assert re.search(r'<option selected value="1">', text)
    held_on = session.ends_at.astimezone(ZoneInfo("Europe/Lisbon")).date()
    assert f'value="{held_on:%d/%m/%Y}"' in text, "the day of the session"
    plain = page(trainer, f"/courses/{world.course.id}/results/new")
    assert f'value="{TODAY:%d/%m/%Y}"' in plain


def test_a_correction_keeps_the_history(trainer: FlaskClient, world: SmallWorld) -> None:
    record(trainer, world, TODAY)
    first = Completion.get()
    form = page(trainer, f"/courses/results/{first.id}/correct")
    assert "Correct the result of Ana" in form
    answer = trainer.post(
        f"/courses/results/{first.id}/correct",
        data={"completed_on": f"{TODAY - DAY:%d/%m/%Y}", "result": "failed"},
    )
    assert answer.status_code == 302
    old, new = Completion.select().order_by(Completion.id)
    assert old.replaced_at is not None
    assert (new.result, new.replaced_at) == (CompletionResult.FAILED, None)
    assert Certification.get().withdrawn_at is not None
    assert "corrected" in page(trainer, f"/courses/{world.course.id}")
    again = trainer.get(f"/courses/results/{first.id}/correct")
    assert again.status_code == 404, "already replaced"


def test_an_unreadable_correction_changes_nothing(trainer: FlaskClient, world: SmallWorld) -> None:
    record(trainer, world, TODAY)
    answer = trainer.post(
        "/courses/results/1/correct", data={"completed_on": "32/01/2026", "result": "failed"}
    )
    assert answer.status_code == 400
    assert 'value="32/01/2026"' in answer.text
    assert Completion.get().replaced_at is None
    assert Certification.get().withdrawn_at is None


@pytest.mark.parametrize(("days", "shown"), [(0, True), (60, True), (61, False)])
def test_certifications_that_end_within_sixty_days(
    trainer: FlaskClient, world: SmallWorld, days: int, shown: bool
) -> None:
    Certification.create(
        mediator=world.mediators[0], kind="legal", valid_from=TODAY - 300 * DAY,
        valid_until=TODAY + days * DAY, number="1",
    )  # fmt: skip
    ending = page(trainer, "/courses").split("end within 60 days")[1]
    assert ("Ana" in ending) == shown
    assert "Ana" in page(trainer, "/courses/certifications?within=90")


@pytest.mark.parametrize("sent", [{}, {"completed_on": "01/03/2026"}, {"result": "passed"}])
def test_a_correction_that_says_nothing_is_none(
    trainer: FlaskClient, world: SmallWorld, sent: dict[str, str]
) -> None:
    trainer.post(
        f"/courses/{world.course.id}/results/new",
        data={
            "mediator_id": world.mediators[0].id,
            "completed_on": "02/03/2026",
            "result": "failed",
            "session_id": 0,
        },
    )
    first = Completion.get()
    answer = trainer.post(f"/courses/results/{first.id}/correct", data={"csrf_token": "x", **sent})
    assert answer.status_code == 400
    assert Completion.select().count() == 1
    assert Completion.get().result == CompletionResult.FAILED


def test_minutes_and_remark_are_recorded_and_corrected(
    trainer: FlaskClient, world: SmallWorld
) -> None:
    trainer.post(
        f"/courses/{world.course.id}/results/new",
        data={
            "mediator_id": world.mediators[0].id, "session_id": 1, "result": "absent",
            "completed_on": f"{TODAY:%d/%m/%Y}", "minutes": "0", "note": "Sick",
        },
    )  # fmt: skip
    first = Completion.get()
    assert (first.result, first.minutes, first.note) == (CompletionResult.ABSENT, 0, "Sick")
    form = page(trainer, f"/courses/results/{first.id}/correct")
    assert 'value="Sick"' in form
    data = {"completed_on": f"{TODAY:%d/%m/%Y}", "result": "passed", "minutes": "x", "note": ""}
    path = f"/courses/results/{first.id}/correct"
    assert trainer.post(path, data=data).status_code == 400
    assert trainer.post(path, data=data | {"minutes": "90"}).status_code == 302
    new = Completion.select().order_by(Completion.id.desc()).first()
    assert (new.result, new.minutes, new.note) == (CompletionResult.PASSED, 90, "")


def test_a_result_recorded_by_mistake_is_taken_back(
    trainer: FlaskClient, world: SmallWorld
) -> None:
    record(trainer, world, TODAY)
    first = Completion.get()
    assert "Take it back" in page(trainer, f"/courses/results/{first.id}/correct")
    assert trainer.post(f"/courses/results/{first.id}/remove").status_code == 302
    assert "recorded by mistake" in page(trainer, f"/courses/{world.course.id}")
    assert Certification.get().withdrawn_at is not None
    assert trainer.post(f"/courses/results/{first.id}/remove").status_code == 404


def test_a_withdrawal_is_taken_back(trainer: FlaskClient, world: SmallWorld) -> None:
    record(trainer, world, TODAY)
    path = f"/certifications/{Certification.get().id}"
    trainer.post(f"{path}/withdraw", data={"reason": "Conduct", "since": f"{TODAY:%d/%m/%Y}"})
    assert "Take the withdrawal back" in page(trainer, path)
    assert trainer.post(f"{path}/reinstate").status_code == 302
    assert "Take the withdrawal back" not in page(trainer, path)
    assert Certification.get().withdrawn_at is None


def test_the_kind_that_a_renewal_course_renews_is_named(
    trainer: FlaskClient, world: SmallWorld
) -> None:
    course = Course.create(code="REFRESH", title_pt="x", title_en="x", minutes=60)
    CourseTrainer.create(course=course, user=User.get(User.email == world.trainer))
    CertificationKind.update(renewal_course="REFRESH").execute()
    for one, day in ((world.course, TODAY - 300 * DAY), (course, TODAY)):
        trainer.post(
            f"/courses/{one.id}/results/new",
            data={
                "mediator_id": world.mediators[0].id, "session_id": 0, "result": "passed",
                "completed_on": f"{day:%d/%m/%Y}",
            },
        )  # fmt: skip
    said = page(trainer, f"/courses/{course.id}")
    assert said.count("Ana is certified for Legal support until") == 2


def test_mediators_get_at_their_own_certificate(
    trainer: FlaskClient, world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    record(trainer, world, TODAY)
    number = Certification.get().number
    for email, path in (
        (world.mediator, "/sessions"),
        (world.association, f"/mediators/{world.mediators[0].id}"),
    ):
        client = sign_in(email)
        assert f"/certificates/{number}.pdf" in page(client, path)
        assert client.get(f"/certificates/{number}.pdf").status_code == 200
    assert "training/hours" in page(client, f"/associations/{world.associations[0].id}")


def test_years_that_no_calendar_has_are_not_found(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.coordinator)
    for year in (0, 99999):
        assert client.get(f"/training/{year}.csv").status_code == 404


def test_a_coordinator_adds_a_kind_of_certification_and_mends_its_code(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient], trainer: FlaskClient
) -> None:
    coordinator = sign_in(world.coordinator)
    coordinator.post("/language", data={"locale": "en"})
    assert "Add a kind of certification" in page(coordinator, "/programmes")
    assert "Add a kind of certification" not in page(trainer, "/programmes")
    data = {
        "csrf_token": "x", "code": "Not a code", "name_pt": "Segurança", "name_en": "Safety",
        "validity_months": "24", "grace_days": "0", "renewal_window_days": "90",
        "renewal_course": "",
    }  # fmt: skip
    answer = coordinator.post("/programmes/kinds", data=data)
    assert answer.status_code == 400
    assert 'href="#code"' in answer.get_data(as_text=True)
    assert coordinator.post("/programmes/kinds", data=data | {"code": "saftey"}).status_code == 302
    assert "Safety" in page(coordinator, "/programmes")
    mended = data | {"code": "safety", "grace_days": "10"}
    assert coordinator.post("/programmes/kinds/saftey", data=mended).status_code == 302
    assert 'name="code"' in page(coordinator, "/programmes/kinds/safety")
    assert "It is in use" in page(coordinator, "/programmes/kinds/legal")
    assert coordinator.post("/programmes/kinds/legal", data=mended).status_code == 400


def test_without_a_kind_of_certification_the_page_says_what_one_is(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    Desk.delete().execute()
    Course.update(certification=None).execute()
    CertificationKind.delete().execute()
    coordinator = sign_in(world.coordinator)
    coordinator.post("/language", data={"locale": "en"})
    told = page(coordinator, "/programmes")
    assert "No kind of certification yet" in told
    assert told.count('href="/programmes/kinds"') == 1
