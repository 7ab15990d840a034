"""A process reads the weeks that are published before anybody looks at them."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app import warming
from app.services import judging, rosters
from app.services.kept_weeks import week_of_text
from app.services.roster_rows import given_in
from app.services.standing import current_roster

WEEK = dt.timedelta(weeks=1)


def test_what_is_published_is_read_once_and_found_read(world: SmallWorld, now: dt.datetime) -> None:
    """This week's and the next; a new version is another one."""
    rests: list[float] = []
    read: set[int] = set()
    warming.warm(now, read, rests.append)
    assert (read, rests) == (set(), [])
    require(world.lisbon, 0, 9, 13)
    for picks in ([], [("ana", "lisbon", 0, 9, 13)]):
        rosters.publish(world.system, draft(world, picks, now).id, now)
        warming.warm(now, read, rests.append)
        warming.warm(now, read, rests.append)
        roster = current_roster(world.group.id, MONDAY)
        kept = week_of_text(roster.problem_json)._judgements[frozenset(given_in(roster.id))]
        assert judging.judge(roster).judgement is kept
    assert len(read) == len(rests) == 2
    assert roster.id in read
    later: set[int] = set()
    warming.warm(now + 2 * WEEK, later, rests.append)
    assert later == set(), "over"


def test_only_processes_forked_by_the_server_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    hooks = []
    monkeypatch.setattr(os, "register_at_fork", lambda after_in_child: hooks.append(after_in_child))
    monkeypatch.setattr(warming.threading, "Thread", lambda **given: _Thread(begun, given["name"]))
    warming.warm_children()
    (hook,) = hooks
    hook()
    assert begun == [], "this process was not forked by itself"
    server = os.getpid()
    monkeypatch.setattr(os, "getppid", lambda: server)
    hook()
    assert begun == ["warming"]


class _Thread:
    def __init__(self, begun: list[str], name: str) -> None:
        self.begun, self.name = begun, name

    def start(self) -> None:
        self.begun.append(self.name)
