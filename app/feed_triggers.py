"""How a feed learns that a row behind it has changed: the database itself counts.

Each change of a row that some feed shows raises `feed_document.changes` of that feed, in the
transaction of the change, whoever made it. So any number of web processes may serve what they
once wrote while the number is still the same, and none can serve what has become untrue: a
counter that services had to remember to raise would one day be forgotten.

A trigger may name too many feeds (everyone of a roster when a version of it is published): those
are written anew once, come out the same, and keep their ETag. It must never name too few.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.database import is_postgresql
from app.triggers import Trigger

PREFIX = "feed_changes"


@dataclass(frozen=True, slots=True)
class Watch:
    """After (or before) an event of a table: when it matters, and which feeds it touches.

    In `touches` and `guard`, `{row}` is OLD or NEW; `when` is over both.
    """

    table: str
    event: str
    touches: str
    when: str = ""
    guard: str = "1 = 1"
    timing: str = "AFTER"


_THEIRS = "(SELECT association_id FROM mediator WHERE id = {row}.mediator_id)"
_TOLD = "EXISTS (SELECT 1 FROM roster WHERE id = {row}.roster_id AND published_at IS NOT NULL)"
_ANSWERED = "(SELECT office_id FROM phone_turn WHERE mediator_id = {row}.mediator_id)"
_SHIFT = (
    "t.mediator_id = {row}.mediator_id OR t.office_id = {row}.office_id "
    f"OR t.association_id = {_THEIRS} OR t.office_id IN {_ANSWERED}"
)
_OF_ROSTER = (
    "t.mediator_id IN (SELECT mediator_id FROM assignment WHERE roster_id = {row}.id) "
    "OR t.office_id IN (SELECT office_id FROM assignment WHERE roster_id = {row}.id) "
    "OR t.association_id IN (SELECT m.association_id FROM assignment a "
    "JOIN mediator m ON m.id = a.mediator_id WHERE a.roster_id = {row}.id) "
    "OR t.office_id IN (SELECT p.office_id FROM assignment a "
    "JOIN phone_turn p ON p.mediator_id = a.mediator_id WHERE a.roster_id = {row}.id)"
)
_COURSE = "(SELECT course_id FROM course_session WHERE id = {row}.session_id)"
_SEAT = (
    "t.mediator_id = {row}.mediator_id "
    f"OR t.course_id = {_COURSE} OR t.association_id = {_THEIRS}"
)
_GIVES = '(SELECT mediator_id FROM "user" WHERE id = {row}.user_id)'
_SESSION = (
    "t.mediator_id IN (SELECT u.mediator_id FROM session_trainer g "
    'JOIN "user" u ON u.id = g.user_id WHERE g.session_id = {row}.id) OR '
    "t.course_id = {row}.course_id OR t.office_id = {row}.office_id "
    "OR t.mediator_id IN (SELECT mediator_id FROM enrolment WHERE session_id = {row}.id) "
    "OR t.association_id IN (SELECT m.association_id FROM enrolment e "
    "JOIN mediator m ON m.id = e.mediator_id WHERE e.session_id = {row}.id)"
)
_HELD_AT = "(SELECT office_id FROM course_session WHERE id = {row}.session_id)"
_PART = (
    _SESSION.replace("{row}.id", "{row}.session_id")
    .replace("{row}.course_id", _COURSE)
    .replace("{row}.office_id", _HELD_AT)
)
_ALONG = "SELECT mediator_id FROM field_seat WHERE route_id = {row}.%s"
_ALONG_FOR = (
    "SELECT m.association_id FROM field_seat s JOIN mediator m ON m.id = s.mediator_id "
    "WHERE s.route_id = {row}.%s"
)
_OUTING = (
    "t.office_id = {row}.office_id "
    f"OR t.mediator_id IN ({_ALONG % 'id'}) OR t.association_id IN ({_ALONG_FOR % 'id'})"
)
_OFFICE = "(SELECT office_id FROM field_route WHERE id = {row}.route_id)"
_STOP = (
    f"t.office_id = {_OFFICE} OR t.mediator_id IN ({_ALONG % 'route_id'}) "
    f"OR t.association_id IN ({_ALONG_FOR % 'route_id'})"
)
_GOES_ALONG = f"t.mediator_id = {{row}}.mediator_id OR t.association_id = {_THEIRS}"
_ANSWERS = f"{_GOES_ALONG} OR t.office_id = {{row}}.office_id"
_ALL = "1 = 1"
_RAISE = (
    "UPDATE feed_document SET changes = changes + 1 WHERE token_id IN "
    "(SELECT t.id FROM feed_token t WHERE {touches}) AND {guard};"
)


def _differ(*columns: str) -> str:
    return " OR ".join(f"OLD.{one} <differs> NEW.{one}" for one in columns)


WATCHES = (
    Watch("assignment", "INSERT", _SHIFT, guard=_TOLD),
    Watch("assignment", "UPDATE", _SHIFT, guard=_TOLD),
    Watch("assignment", "DELETE", _SHIFT, guard=_TOLD),
    Watch("roster", "UPDATE", _OF_ROSTER, _differ("status", "published_at")),
    Watch("roster", "DELETE", _OF_ROSTER, "OLD.published_at IS NOT NULL", timing="BEFORE"),
    Watch("enrolment", "INSERT", _SEAT),
    Watch("enrolment", "UPDATE", _SEAT, _differ("status", "sequence", "changed_at", "session_id")),
    Watch("enrolment", "DELETE", _SEAT),
    Watch("session_trainer", "INSERT", f"t.mediator_id = {_GIVES}"),
    Watch("session_trainer", "DELETE", f"t.mediator_id = {_GIVES}"),
    Watch("course_session", "INSERT", _SESSION),
    Watch(
        "course_session",
        "UPDATE",
        _SESSION,
        _differ("starts_at", "ends_at", "office_id", "link", "sequence", "changed_at", "capacity"),
    ),
    Watch("course_session", "DELETE", _SESSION, timing="BEFORE"),
    Watch("session_part", "INSERT", _PART),
    Watch("session_part", "UPDATE", _PART, _differ("starts_at", "ends_at", "uid")),
    Watch("session_part", "DELETE", _PART),
    Watch("field_route", "UPDATE", _OUTING, _differ("office_id", "changed_at", "cancelled_at")),
    Watch("field_route", "DELETE", _OUTING, timing="BEFORE"),
    Watch("field_stop", "INSERT", _STOP),
    Watch("field_stop", "UPDATE", _STOP, _differ("position", "changed_at", "cancelled_at")),
    Watch("field_stop", "DELETE", _STOP),
    Watch("field_seat", "INSERT", _GOES_ALONG),
    Watch("field_seat", "UPDATE", _GOES_ALONG, _differ("sequence", "assigned_at", "cancelled_at")),
    Watch("field_seat", "DELETE", _GOES_ALONG),
    Watch("phone_turn", "INSERT", _ANSWERS),
    Watch("phone_turn", "UPDATE", _ANSWERS, _differ("sequence", "changed_at", "cancelled_at")),
    Watch("phone_turn", "DELETE", _ANSWERS),
    Watch("course", "UPDATE", _ALL, _differ("title_pt", "title_en")),
    Watch("office", "UPDATE", _ALL, _differ("name", "address", "zone", "kind")),
    Watch(
        "mediator",
        "UPDATE",
        "t.mediator_id = {row}.id OR t.mediator_id IS NULL",
        _differ("name", "called_name", "home_office_id", "association_id", "phone_from_home"),
    ),
    Watch("association", "UPDATE", "t.association_id = {row}.id", _differ("name")),
    Watch(
        "feed_token",
        "UPDATE",
        "t.id = {row}.id",
        _differ("locale", "details", "keep_cancelled", "mediator_id", "office_id"),
    ),
)


def triggers() -> list[Trigger]:
    """Each trigger, in the words of the models' database."""
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    return [
        Trigger(
            PREFIX,
            watch.table,
            watch.timing,
            watch.event,
            watch.when.replace("<differs>", differs),
            _body(watch),
        )
        for watch in WATCHES
    ]


def _body(watch: Watch) -> str:
    rows = {"INSERT": ("NEW",), "DELETE": ("OLD",), "UPDATE": ("OLD", "NEW")}[watch.event]
    return " ".join(
        _RAISE.format(touches=watch.touches.format(row=row), guard=watch.guard.format(row=row))
        for row in rows
    )
