"""What participants thought of a session: a score and, if they like, a sentence; anonymous.

Who has said something is remembered, so that nobody speaks twice; what was said is kept apart,
without person or time, and shown only once three have spoken.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.i18n import _
from app.models import Enrolment, EnrolmentStatus, SessionOpinion, database
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden
from app.services.rights import Actor
from app.services.session_pages import session_to_run
from app.services.sessions import SessionView, get_session

SCORES = (1, 2, 3, 4, 5)
FEWEST_SHOWN = 3
COMMENT_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What a group of opinions came to; the mean in tenths, None where too few have spoken."""

    count: int
    mean_tenths: int | None
    comments: tuple[str, ...] = ()


def session_to_judge(actor: Actor, session_id: int, now: dt.datetime) -> SessionView:
    """A session that is over, in which the actor had a seat and of which they said nothing yet.
    Raises Forbidden, Conflict."""
    session = get_session(actor, session_id) if actor.is_mediator else None
    row = Enrolment.get_or_none(
        Enrolment.session == session_id,
        Enrolment.mediator == actor.mediator_id,
        Enrolment.status == EnrolmentStatus.ENROLLED,
    )
    if session is None or row is None:
        raise Forbidden
    if session.ends_at > now:
        raise Conflict(_("The session is not over yet."))
    if row.opinion_given:
        raise Conflict(_("You have said already what you thought of it."))
    return session


def give(actor: Actor, session_id: int, score: int, comment: str, now: dt.datetime) -> None:
    """Keep an opinion, once a person. Raises Invalid, Forbidden, Conflict."""
    session_to_judge(actor, session_id, now)
    faults = Faults()
    faults.one_of("score", score, SCORES)
    faults.length("comment", comment, COMMENT_LENGTH, lines=True)
    faults.raise_any()
    with database.atomic():
        marked = (
            Enrolment.update(opinion_given=True)
            .where(
                Enrolment.session == session_id,
                Enrolment.mediator == actor.mediator_id,
                ~Enrolment.opinion_given,
            )
            .execute()
        )
        if not marked:
            raise Conflict(_("You have said already what you thought of it."))
        # No entry in the audit log: its order would tell who said what.
        SessionOpinion.create(session=session_id, score=score, comment=comment.strip())


def satisfaction_of(actor: Actor, session_id: int) -> Satisfaction:
    """What was thought of one session, for who runs it; else Forbidden."""
    session_to_run(actor, session_id)
    return satisfaction([session_id]).get(session_id, Satisfaction(0, None))


def satisfaction(session_ids: Iterable[int]) -> dict[int, Satisfaction]:
    """What was thought of each session."""
    found: dict[int, list[SessionOpinion]] = defaultdict(list)
    for row in SessionOpinion.select().where(SessionOpinion.session.in_(list(session_ids))):
        found[row.session_id].append(row)
    return {session_id: summed(rows) for session_id, rows in found.items()}


def summed(rows: list[SessionOpinion]) -> Satisfaction:
    if len(rows) < FEWEST_SHOWN:
        return Satisfaction(len(rows), None)
    mean = round(10 * sum(row.score for row in rows) / len(rows))
    # By their words, not in the order in which they were said.
    return Satisfaction(len(rows), mean, tuple(sorted(row.comment for row in rows if row.comment)))
