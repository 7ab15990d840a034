"""Where a person's words stand: found in the database as a walk through every row finds them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from drafts import draft
from small_world import SmallWorld

from app.models import Mail, Message, Roster, User
from app.services import traces
from app.services.telling import tell
from app.services.traces import Traces

BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
NAMES = (
    "Ana Simões",
    "ana simões",
    "Ana Simões Júnior",
    'Rui "Zé" D\'Ávila',
    "50%_\\n",
    "José\u0301",
    "a",
)


def walked(table: Any, words: set[str]) -> list[int]:
    def holds(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(holds, value.values()))
        return any(map(holds, value)) if isinstance(value, list) else value in words

    return [row.id for row in table.select().order_by(table.id) if holds(row.details)]


@BOTH
@pytest.mark.parametrize("name", NAMES)
def test_names_are_found_where_they_are_a_text_of_their_own(
    world: SmallWorld, now: dt.datetime, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(traces._AT_ONCE, Message, 3)
    people = [row.id for row in User.select().limit(2)]
    for number, one in enumerate(NAMES):
        tell(people, "swap_offered", f"k{number}", {"giver": one, "by": [{"taker": one}]}, now)
    found = Traces("", [name, ""])
    told: list[tuple[int, int]] = []
    found.read_on(lambda done, of: told.append((done, of)))
    assert found.found(Message) == walked(Message, {name})
    assert len(found.found(Message)) == 2
    assert told == [(done, len(told)) for done in range(len(told))]
    assert len(told) == -(-2 * len(NAMES) // 3)
    assert found.found(Mail) == found.found(Roster) == []


@BOTH
def test_reading_on_finds_what_came_since_and_nothing_twice(
    world: SmallWorld, now: dt.datetime
) -> None:
    first = draft(world, [("ana", "lisbon", 1, 9, 17)], now)
    found = Traces("ana", ["Ana"])
    found.read_on()
    assert found.found(Roster) == [first.id]
    second = draft(world, [("bo", "lisbon", 1, 9, 17)], now)
    found.read_on()
    found.read_on()
    assert found.found(Roster) == [first.id, second.id]
    assert all(
        "ana" in [one["id"] for one in json.loads(row.problem_json)["mediators"]]
        for row in (first, second)
    )
