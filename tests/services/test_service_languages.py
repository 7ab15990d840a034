"""Languages: added and renamed by who plans the network; translators' own widen no page."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import SmallWorld
from telephones import open_telephone, translator_facts

from app.models import Arrival, User
from app.services import calls, intake, languages, places, translators
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def test_languages_are_checked_added_last_and_renamed(world: SmallWorld, now: dt.datetime) -> None:
    languages.create_language(world.system, "ff", "fula", "Fula", now)
    languages.create_language(world.system, "ka", "georgiano", "Georgian", now)
    assert [one.code for one in places.list_languages()][-2:] == ["ff", "ka"]
    with pytest.raises(Invalid) as error:
        languages.create_language(world.system, "ff", "", "Fula", now)
    assert {one.field for one in error.value.faults} == {"code", "name_pt"}
    with pytest.raises(Invalid):
        languages.create_language(world.system, "x" * 17, "x", "x", now)
    languages.rename_language(world.system, "ff", "fula (pulaar)", "Fula", now)
    (line,) = (one for one in languages.language_list(world.system) if one.code == "ff")
    assert (line.name_pt, line.mediators, line.translators) == ("fula (pulaar)", 0, 0)
    with pytest.raises(Invalid):
        languages.rename_language(world.system, "ff", "fula", " ", now)
    with pytest.raises(NotFound):
        languages.rename_language(world.system, "xx", "x", "x", now)


def test_only_who_plans_the_network_changes_them(world: SmallWorld, now: dt.datetime) -> None:
    for email in (world.azores_coordinator, world.mediator, world.trainer):
        who = actor(email)
        with pytest.raises(Forbidden):
            languages.language_list(who)
        with pytest.raises(Forbidden):
            languages.create_language(who, "wo", "uolofe", "Wolof", now)
        with pytest.raises(Forbidden):
            languages.rename_language(who, "uk", "x", "x", now)


def test_a_translator_s_language_is_there_for_calls_and_widens_nothing(
    world: SmallWorld, now: dt.datetime
) -> None:
    telephone = open_telephone(world)
    languages.create_language(world.system, "ka", "georgiano", "Georgian", now)
    facts = translator_facts(telephone, languages=("ka", "zh"))
    translators.create_translator(world.system, facts, now)
    assert languages.translators_only() == {"ka"}
    assert "ka" not in languages.centre_languages()
    page = intake.intake_page(world.system, "lisbon", now)
    assert "ka" not in {one.code for one in (*page.frequent, *page.others)}
    assert [one.code for one in page.translated] == ["ka"]
    offered = calls.call_page(world.system, None, now)
    assert "ka" in {one.code for one in (*offered.frequent, *offered.others)}
    Arrival.create(office=telephone, language="ka", need="general", starts_at=now, count=1)
    assert "ka" in languages.centre_languages(), "asked for, it is foreseen"
