"""The horizon over the desks: what is lost, to whom it is told, and what would prevent it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import partial

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import (
    Certification,
    CertificationKind,
    Course,
    CourseSession,
    CourseTrainer,
    Mediator,
    SessionPart,
    User,
)
from app.services.enrolments import enrol
from app.services.errors import Forbidden
from app.services.horizon_view import HorizonPage, horizon_page
from app.services.rights import actor_of
from training.horizon import DeskNeed

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 3, 4)
LAST = dt.date(2026, 5, 13)


def certify(world: SmallWorld, who: int, until: dt.date | None, since: dt.date = TODAY) -> None:
    Certification.create(
        mediator=world.mediators[who], kind="legal", valid_from=since, valid_until=until,
        number=f"{who}-{until}",
    )  # fmt: skip


def page_for(email: str, now: dt.datetime) -> HorizonPage:
    return horizon_page(actor_of(User.get(User.email == email)), now)


def ukrainian(page: HorizonPage) -> list[tuple[dt.date, int, list[str]]]:
    return [
        (one.loss.first, one.loss.fewest, [lapse.name for lapse in one.lapses])
        for one in page.coming
        if one.loss.language == "uk"
    ]


def test_a_lapse_takes_ukrainian_off_the_legal_desk(world: SmallWorld, now: dt.datetime) -> None:
    certify(world, 0, LAST)
    page = page_for(world.coordinator, now)
    assert ukrainian(page) == [(LAST + DAY, 0, ["Ana"])]
    row = next(row for row in page.heat if row.language == "uk")
    by_month = {cell.month: cell.fewest for cell in row.cells}
    assert (by_month[dt.date(2026, 4, 1)], by_month[dt.date(2026, 5, 1)]) == (1, 0)
    (proposal,) = page.proposals
    assert proposal.names == ("Ana",)
    assert proposal.proposal.latest == LAST
    assert proposal.may_plan
    assert any(one.loss.language == "zh" for one in page.standing), "Bo was never certified"


def test_a_renewal_prevents_the_loss(world: SmallWorld, now: dt.datetime) -> None:
    certify(world, 0, LAST)
    certify(world, 0, LAST + 365 * DAY, since=LAST + DAY)
    page = page_for(world.coordinator, now)
    assert ukrainian(page) == []
    assert page.proposals == ()


def test_trainers_see_their_kinds_and_nothing_of_contracts(
    world: SmallWorld, now: dt.datetime
) -> None:
    certify(world, 0, None)
    Mediator.update(ends_on=LAST).where(Mediator.id == world.mediators[0].id).execute()
    assert ukrainian(page_for(world.coordinator, now)) == [(LAST + DAY, 0, ["Ana"])]
    assert ukrainian(page_for(world.trainer, now)) == [(LAST + DAY, 0, [])]
    assert page_for(world.other_trainer, now).heat == ()
    assert page_for(world.azores_coordinator, now).heat == (), "Lisbon's desk is not theirs"
    for email in (world.mediator, world.association):
        with pytest.raises(Forbidden):
            page_for(email, now)


def test_a_long_page_sends_the_rest_when_it_is_asked_for(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.routes.horizon.MOST_COMING", 0)
    monkeypatch.setattr("app.routes.horizon.MOST_FOLDED", 0)
    today = dt.datetime.now(dt.UTC).date()  # pages read the clock
    certify(world, 0, today + 80 * DAY, since=today)
    client = sign_in(world.trainer)
    assert 'href="/horizon?all=yes"' in client.get("/horizon").text
    assert 'class="when"' not in client.get("/horizon").text
    assert 'class="when"' in client.get("/horizon?all=yes").text


def test_the_page_says_it_and_its_button_plans_the_session(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    today = dt.datetime.now(dt.UTC).date()  # pages read the clock
    certify(world, 0, today + 80 * DAY, since=today)
    client = sign_in(world.trainer)
    client.post("/language", data={"locale": "en"})
    told = client.get("/horizon").text
    assert "Lisboa has no one for Ukrainian at the desk Legal" in told
    assert 'class="none">0<' in told
    link = re.search(r'href="(/placing\?[^"]+)"', told)
    assert link is not None
    form = client.get(link[1].replace("&amp;", "&")).text
    assert re.search(r'<input checked[^>]*name="people"[^>]*value="1"', form)


def test_fewer_than_a_desk_wants_is_told_by_more_than_a_colour(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.horizon_view.DeskNeed", partial(DeskNeed, least=2))
    today = dt.datetime.now(dt.UTC).date()  # pages read the clock
    certify(world, 0, today + 80 * DAY, since=today)
    client = sign_in(world.trainer)
    client.post("/language", data={"locale": "en"})
    told = client.get("/horizon").text
    few = told.partition('<td class="few">1 ')[2]
    assert few.startswith('<span aria-hidden="true">!</span><span class="visually-hidden">below 2<')
    assert "1 !: fewer than the desk wants" in told


def test_a_course_no_longer_given_is_not_proposed(world: SmallWorld, now: dt.datetime) -> None:
    certify(world, 0, LAST)
    old = Course.create(
        code="AAA", title_pt="x", title_en="x", minutes=60, certification="legal", active=False
    )
    (proposal,) = page_for(world.coordinator, now).proposals
    assert proposal.course_id == world.course.id
    assert old.code == proposal.proposal.course, "the rule names it first"
    Course.update(active=False).execute()
    (proposal,) = page_for(world.coordinator, now).proposals
    assert (proposal.course_id, proposal.may_plan) == (None, False)
    assert proposal.course.name_en == "Legal support"


def test_what_is_planned_already_is_said(world: SmallWorld, now: dt.datetime) -> None:
    certify(world, 0, LAST)
    session = CourseSession.create(
        course=world.course, office=world.lisbon, starts_at=now + 60 * DAY,
        ends_at=now + 60 * DAY + DAY / 8,
    )  # fmt: skip
    enrol(world.system, session.id, world.mediators[0].id, now)
    (proposal,) = page_for(world.coordinator, now).proposals
    assert [(one.session_id, one.names) for one in proposal.planned] == [(session.id, ("Ana",))]
    assert not proposal.may_plan, "not planned twice"
    last = dt.datetime.combine(LAST + 5 * DAY, dt.time(9), dt.UTC)
    for start in (session.starts_at, last):
        SessionPart.create(session=session, starts_at=start, ends_at=start + DAY / 8)
    session.ends_at = last + DAY / 8
    session.save()
    (proposal,) = page_for(world.coordinator, now).proposals
    assert [(one.starts_at, one.in_time) for one in proposal.planned] == [(last, False)]
    assert proposal.may_plan, "its results come too late"


def test_who_runs_a_renewal_course_sees_its_kind(world: SmallWorld, now: dt.datetime) -> None:
    certify(world, 0, LAST)
    refresher = Course.create(code="REFRESH", title_pt="x", title_en="x", minutes=60)
    CertificationKind.update(renewal_course="REFRESH").execute()
    CourseTrainer.create(course=refresher, user=User.get(User.email == world.other_trainer))
    assert ukrainian(page_for(world.other_trainer, now)) == [(LAST + DAY, 0, ["Ana"])]
