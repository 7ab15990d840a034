"""What may stand in a text that is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import SmallWorld

from app.models import FeedToken, Role, User
from app.services import accounts, feeds, scenario_choice
from app.services.checks import Faults
from app.services.errors import Invalid
from app.services.rights import SYSTEM, actor_of

UNPRINTABLE = ["\n", "\r", "\t", "\x0b", "\x1b", "\x1c", "\x7f", "\x85", "\u2028", "\ufffe"]
NAMES = [
    "Zé d’Água-Conceição",
    "علی‌رضا",  # a joiner that keeps two letters apart
    "\u2067פלוני\u2069 \u200fא",  # marks of direction
    "क्‍ष",
    "Nguyễn\u00a0An",
    "👩‍🏫",
]


def found(value: str, lines: bool = False) -> list[str]:
    faults = Faults()
    faults.text("name", value, lines=lines)
    faults.length("note", value, lines=lines)
    return [one.field for one in faults.found]


@pytest.mark.parametrize("sign", UNPRINTABLE)
def test_a_text_of_one_line_holds_nothing_that_cannot_be_printed(sign: str) -> None:
    assert found(f"Ana{sign}Lima") == ["name", "note"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_script_pass(name: str) -> None:
    assert found(name) == []


def test_a_text_of_several_lines_holds_their_ends_and_no_other_control() -> None:
    assert found("um\r\ndois\n\ttrês\u2028quatro", lines=True) == []
    for sign in ("\x00", "\x0b", "\x1b", "\x7f", "\uffff"):
        assert found(f"um{sign}dois", lines=True) == ["name", "note"]


def test_no_name_goes_round_the_check(world: SmallWorld, now: dt.datetime) -> None:
    name = "Ana\x1bLima"
    mediator = actor_of(User.get(User.email == world.mediator))
    with pytest.raises(Invalid):
        accounts.create_user(
            SYSTEM, email="x@example.org", name=name, password="", locale="pt", now=now,
            roles=[(Role.ADMINISTRATOR, None, None)], mediator_id=None,
        )  # fmt: skip
    with pytest.raises(Invalid):
        feeds.create_feed(
            mediator, name=name, locale="pt", details=True, keep_cancelled=True, now=now
        )
    with pytest.raises(Invalid):
        scenario_choice.check_name(name)
    assert not FeedToken.select().exists()
    assert not User.select().where(User.email == "x@example.org").exists()
