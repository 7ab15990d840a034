"""Sessions the demonstration has held: who came through the door, results, what people thought."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from app.models import Certification, CompletionResult, Course, Enrolment, Mediator, Role
from app.services import attendance, check_ins, opinions, training
from app.services.attendance import ResultFacts
from app.services.rights import Actor
from app.services.training import SessionFacts
from seeds.courses import session_of
from seeds.tables import Row, read_table

STANDS_FOR_DAYS = 150
"""Those who come hold what the course renews for so long yet: the coming weeks' rosters and the
horizon stay as they are."""
PLANNED_AHEAD = dt.timedelta(days=20)
EARLY = dt.timedelta(minutes=10)
DOOR_KEY = b"the demonstration's door"
COMMENTS = {5: "Muito útil no atendimento.", 3: "Faltou tempo para os casos práticos."}


def load_held_sessions(
    actor: Actor, courses: dict[str, int], offices: dict[str, int], today: dt.date, now: dt.datetime
) -> int:
    """Sessions of the past weeks, results and opinions with them; how many."""
    rows = read_table("held_sessions")
    for row in rows:
        session_id = _held(actor, row, courses, offices, today)
        mediators = [
            one.mediator_id
            for one in Enrolment.select()
            .where(Enrolment.session == session_id)
            .order_by(Enrolment.mediator)
        ]
        for mediator_id, score in zip(mediators, row["scores"].split(), strict=False):
            comment = COMMENTS.get(int(score), "")
            opinions.give(_as(actor, mediator_id), session_id, int(score), comment, now)
    return len(rows)


def _held(
    actor: Actor, row: Row, courses: dict[str, int], offices: dict[str, int], today: dt.date
) -> int:
    session = session_of(row, courses, offices, today)
    planned = session.starts_at - PLANNED_AHEAD
    session_id = training.create_session(actor, session, planned)
    people = _holders(session, int(row["people"]))
    for mediator_id in people:
        training.enrol(actor, session_id, mediator_id, planned)
        _through_the_door(_as(actor, mediator_id), session_id, session.starts_at - EARLY)
    failed = set(people[: int(row["failed"])])
    on = session.starts_at.date()
    results = [
        ResultFacts(
            one,
            CompletionResult.FAILED if one in failed else CompletionResult.PASSED,
            on,
            minutes=(session.ends_at - session.starts_at) // dt.timedelta(minutes=1),
        )
        for one in people
    ]
    attendance.record_results(actor, session_id, results, session.ends_at)
    return session_id


def _holders(session: SessionFacts, count: int) -> list[int]:
    """Mediators whose certification of the course's kind stands for long, by code."""
    day = session.starts_at.date()
    course = Course.get_by_id(session.course_id)
    rows = (
        Certification.select(Certification.mediator)
        .join(Mediator)
        .where(
            Certification.kind == course.certification_id,
            Certification.valid_from <= day,
            Certification.valid_until >= day + dt.timedelta(days=STANDS_FOR_DAYS),
        )
        .order_by(Mediator.code)
    )
    return list(dict.fromkeys(row.mediator_id for row in rows))[:count]


def _through_the_door(who: Actor, session_id: int, at: dt.datetime) -> None:
    code = check_ins.shown_code(DOOR_KEY, session_id, at)
    check_ins.check_in(who, session_id, code, DOOR_KEY, at)


def _as(actor: Actor, mediator_id: int) -> Actor:
    return replace(actor, roles=actor.roles | {Role.MEDIATOR}, mediator_id=mediator_id)
