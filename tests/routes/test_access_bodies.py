"""Forms that name what is another's in what they send: refused, and nothing is written.

`test_access.py` walks the paths. Here the path is one that the person may ask; each form is sent
with something of somebody else in it, then as their own page would send it, which goes through.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from drafts import draft, shift_id, week_problem
from flask.testing import FlaskClient
from fresh_databases import Prepare
from open_week import first_open_week
from small_world import MONDAY, SmallWorld
from telephones import translator_facts
from test_access import knock, objects  # noqa: F401 - fixtures

from app.models import TABLES, Assignment, Mediator, Office, OfficeKind, User, UserSession
from app.services import swaps, translators
from app.services.rights import SYSTEM
from app.services.rosters import publish

TUESDAY = MONDAY + dt.timedelta(days=1)


@dataclass(frozen=True)
class Body:
    """What `role` sends to `path`; each of `strange` in place of its own is refused so."""

    role: str
    path: str
    strange: tuple[dict[str, str], ...]
    own: dict[str, str] = field(default_factory=dict)
    refused: int = 403
    goes_through: bool = True
    """Sent as it is; not where nothing of the small world could be."""


FEED = {"name": "Tablet", "locale": "pt", "details": "details"}
CALL = {
    "office": "telephone", "press": "p" * 12, "language": "ru", "need": "legal", "minutes": "5",
    "helped": "translator:{translator}",
}  # fmt: skip
HAND = {
    "kind": "hand", "mediator": "{eva}", "date": TUESDAY.isoformat(), "revision": "0",
    "to_mediator": "{dina}",
}  # fmt: skip
PLACING = {
    "minutes": "3", "first_day": "{first_day}", "last_day": "{last_day}", "office_id": "{lisbon}",
    "trainer_ids": "{trainer}", "languages": "pt", "people": "{eva}",
}  # fmt: skip
LOAN = {"to": "{azores}", "date": "{open_day}", "reason": "Falta gente", "choice": "{eva}|x"}
BODIES = {
    "a mediator's calendar": Body(
        "mediator",
        "/me/feeds",
        (
            {"of": "mediator-{bo}"},
            {"of": "office-{lisbon}"},
            {"of": "course-{course}"},
            {"of": "association-{aurora}"},
        ),
        {**FEED, "of": "mediator-{ana}"},
    ),
    "an office's calendar": Body(
        "azores_coordinator",
        "/me/feeds",
        ({"of": "office-{lisbon}"}, {"of": "course-{course}"}, {"of": "mediator-{eva}"}),
        {**FEED, "of": "office-{azores}"},
    ),
    "an association's calendar": Body(
        "association",
        "/me/feeds",
        ({"of": "association-{ponte}"}, {"of": "mediator-{ana}"}),
        {**FEED, "of": "association-{aurora}"},
    ),
    "a shift handed over": Body(
        "azores_coordinator",
        "/rosters/{board}/change",
        ({"to_mediator": "{ana}"}, {"to_mediator": "{caio}"}, {"mediator": "{ana}"}),
        HAND,
    ),
    "a shift offered": Body(
        "mediator",
        "/swaps/new/{own_uid}",
        (
            {"choice": "{dina}"},
            {"choice": "{ana}"},
            {"choice": "{bo}:{caio_uid}"},
            {"choice": "{bo}:{own_uid}"},
        ),
        {"choice": "everyone"},
        refused=400,
    ),
    "a shift taken": Body(
        "other_mediator",
        "/swaps/{asked_of_all}/accept",
        (
            {"choice": "{caio}"},
            {"choice": "{ana}"},
            {"choice": "{bo}:{caio_uid}"},
            {"choice": "{caio}:{caio_uid}"},
        ),
        {"choice": "{bo}"},
        refused=400,
    ),
    "a call": Body(
        "mediator",
        "/calls",
        ({"helped": "translator:{other_translator}"}, {"helped": "translator:999999"}),
        CALL,
        refused=302,
    ),
    "a call of another office": Body(
        "other_mediator", "/calls", ({},), {**CALL, "office": "telephone"}, goes_through=False
    ),
    "a session's best time": Body(
        "trainer",
        "/placing?course={course}",
        ({"people": "{gone}"}, {"people": "999999"}, {"trainer_ids": "{bo_user}"},
         {"trainer_ids": "{coordinator_user}"}),
        PLACING,
        refused=400,
    ),
    "a choice taken back": Body(
        "coordinator",
        "/rosters/{board}/undo-choice",
        ({"back": "{other_week}"}, {"before": "{other_week}"}, {"before": "999999"}),
        {"before": "{roster}", "back": "{roster}"},
        refused=404,
    ),
    "a loan to another's office": Body(
        "azores_coordinator",
        "/lending/new",
        ({"to": "{lisbon}", "choice": "{bo}|{lisbon_shift}"},
         {"to": "{lisbon}", "choice": "{ana}|{lisbon_shift}"}),
        LOAN,
        goes_through=False,
    ),
    "a loan to another's hours": Body(
        "azores_coordinator",
        "/lending/new",
        ({"choice": "{bo}|{lisbon_shift}"}, {"choice": "{caio}|{lisbon_shift}"}),
        LOAN,
        refused=404,
        goes_through=False,
    ),
}  # fmt: skip


@pytest.fixture
def things(
    world: SmallWorld,
    objects: dict[str, object],  # noqa: F811
    now: dt.datetime,
    prepared: Prepare,
) -> dict[str, str]:
    today = dt.datetime.now(dt.UTC)  # pages read the clock
    more = prepared(f"bodies of {today.date()}", lambda: laid_out(world, now, today))
    return {name: str(one) for name, one in {**objects, **more}.items()}


def laid_out(world: SmallWorld, now: dt.datetime, today: dt.datetime) -> dict[str, object]:
    """Beside the objects of all: published shifts of Ana's and Caio's to come, drafts of two
    weeks, a second telephone with a translator, somebody who has left."""
    week = first_open_week(world.lisbon, first_open_week(world.lisbon, today.date()))
    picks = [("ana", "lisbon", 0, 9, 13), ("ana", "lisbon", 1, 9, 13), ("caio", "lisbon", 2, 9, 13)]
    published = draft(world, picks, today, week=week)
    publish(SYSTEM, published.id, today)
    offered, own, caio = published.assignments.order_by(Assignment.date)
    board = draft(world, [("eva", "azores", 1, 10, 14), ("ana", "lisbon", 1, 9, 13)], now)
    elsewhere = Office.create(
        group=world.group, code="other-phone", name="Outro", kind=OfficeKind.TELEPHONE, district=""
    )
    left = {**world.mediators[4].__data__, "id": None, "code": "left", "active": False}
    users = {row.email: row.id for row in User.select()}
    return {
        "board": board.id,
        "other_week": draft(world, [], now, week=MONDAY + dt.timedelta(weeks=1)).id,
        "own_uid": own.uid,
        "caio_uid": caio.uid,
        "asked_of_all": swaps.offer(SYSTEM, offered.uid, today),
        "lisbon_shift": shift_id(week_problem(world, week), "lisbon", 0, 9, 13),
        "open_day": week.isoformat(),
        "other_translator": translators.create_translator(
            SYSTEM, translator_facts(elsewhere, name="Outra Exemplo"), today
        ),
        "gone": Mediator.create(**left).id,
        "trainer": users[world.trainer],
        "bo_user": users[world.other_mediator],
        "coordinator_user": users[world.coordinator],
        "first_day": f"{week:%d/%m/%Y}",
        "last_day": f"{week + dt.timedelta(days=4):%d/%m/%Y}",
    }


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but for when a device was last seen."""
    return {
        table.__name__: list(table.select().order_by(*table._meta.get_primary_keys()).tuples())
        for table in TABLES
        if table is not UserSession
    }


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_another_s_is_refused_in_a_body_too(
    body: Body,
    things: dict[str, str],
    knock: Callable[[str], FlaskClient],  # noqa: F811
) -> None:
    client = knock(body.role)

    def send(data: dict[str, str]) -> int:
        told = {name: one.format(**things) for name, one in data.items()}
        return client.post(body.path.format(**things), data=told).status_code

    before = everything()
    for one in body.strange:
        assert (one, send({**body.own, **one})) == (one, body.refused)
        assert everything() == before, one
    if body.goes_through:
        assert send(body.own) in (200, 302)
        assert everything() != before
