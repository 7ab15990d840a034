"""External translators: who is on call when, who keeps them, and their rung of the ladder."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import pytest
from small_world import SmallWorld
from telephones import call_facts, open_telephone, translator_facts

from app.models import Call, Office, Translator, User
from app.services import calls, own_data, retention, translator_end, translators
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.ladder import RungKind, ladder
from app.services.places import Hours
from app.services.rights import actor_of


@pytest.fixture
def telephone(world: SmallWorld) -> Office:
    return open_telephone(world)


def wednesday(clock: str) -> dt.datetime:
    """4 March 2026 in Lisbon, in winter: UTC."""
    return dt.datetime.combine(dt.date(2026, 3, 4), dt.time.fromisoformat(clock), dt.UTC)


@pytest.mark.parametrize(
    ("clock", "until"),
    [("08:59", None), ("09:00", "17:30"), ("17:29", "17:30"), ("17:30", None), ("20:00", "24")],
)
def test_on_call_from_the_first_minute_to_the_last(
    world: SmallWorld, telephone: Office, now: dt.datetime, clock: str, until: str | None
) -> None:
    translators.create_translator(world.system, translator_facts(telephone), now)
    midnight = wednesday("00:00") + dt.timedelta(days=1)
    ends = midnight if until == "24" else until and wednesday(until)
    assert [end for _one, end in translators.on_call(wednesday(clock))] == ([ends] if ends else [])


def test_hours_on_call_are_of_the_wall_clock_after_the_clocks_went_forward(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    facts = translator_facts(telephone, hours=(Hours(6, 540, 600),))
    translators.create_translator(world.system, facts, now)
    sunday = dt.datetime(2026, 3, 29, tzinfo=dt.UTC)
    (told,) = translators.on_call(sunday.replace(hour=8))
    assert told[1] == sunday.replace(hour=9), "nine to ten in summer time"
    assert translators.on_call(sunday.replace(hour=9)) == []


def test_the_ladder_ends_with_the_cheapest_translators_of_the_language(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    for name, price, languages in (
        ("Dear", 200, ("zh",)),
        ("Cheap", 60, ("zh",)),
        ("Fair", 85, ("zh", "ru")),
        ("Other", 10, ("ru",)),
    ):
        facts = translator_facts(telephone, name=name, price_cents=price, languages=languages)
        translators.create_translator(world.system, facts, now)
    found = ladder((), "zh", world.lisbon.id, wednesday("10:00"))
    assert [(one.kind, one.name, one.price_cents) for one in found] == [
        (RungKind.TRANSLATOR, "Cheap", 60),
        (RungKind.TRANSLATOR, "Fair", 85),
    ]
    assert ladder((), "zh", world.lisbon.id, wednesday("18:00")) == ()


def test_every_fault_of_a_translator_is_told(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    facts = translator_facts(
        telephone,
        name=" ",
        phone="1" * 33,
        price_cents=10_001,
        languages=("xx",),
        hours=(Hours(0, 540, 600), Hours(0, 570, 660), Hours(1, 600, 600)),
    )
    with pytest.raises(Invalid) as told:
        translators.create_translator(world.system, facts, now)
    assert {one.field for one in told.value.faults} == {
        "name", "phone", "price_cents", "languages", "hours.1.opens_minute",
        "hours.2.closes_minute",
    }  # fmt: skip
    with pytest.raises(Invalid, match="languages"):
        translators.create_translator(world.system, translator_facts(telephone, languages=()), now)
    assert not Translator.select().exists()
    translators.create_translator(
        world.system, translator_facts(telephone, price_cents=10_000, phone="1" * 32), now
    )


def test_translators_are_read_by_who_answers_and_kept_by_who_coordinates(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    made = translators.create_translator(world.system, translator_facts(telephone), now)
    ana = actor_of(User.get(User.email == world.mediator))
    assert [one.id for one in translators.list_translators(ana, now)] == [made]
    with pytest.raises(Forbidden):
        translators.edit_translator(ana, made, translator_facts(telephone), now)
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    with pytest.raises(Forbidden):
        translators.edit_translator(bound, made, translator_facts(telephone), now)
    with pytest.raises(Forbidden):
        translators.list_translators(bound, now)
    changed = translator_facts(telephone, active=False, languages=("kea",))
    translators.edit_translator(world.system, made, changed, now)
    (view,) = translators.list_translators(world.system, now)
    assert (view.active, view.languages) == (False, ("kea",))
    assert translators.on_call(wednesday("10:00")) == []


def test_who_has_ended_is_called_no_more(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    made = translators.create_translator(world.system, translator_facts(telephone), now)
    for ended_on, called in ((dt.date(2026, 3, 4), True), (dt.date(2026, 3, 3), False)):
        facts = translator_facts(telephone, ended_on=ended_on)
        translators.edit_translator(world.system, made, facts, now)
        assert bool(translators.on_call(wednesday("10:00"))) is called


def test_erasing_leaves_the_calls_under_a_number(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    made = translators.create_translator(world.system, translator_facts(telephone), now)
    call = call_facts(telephone, helped_by="translator", language="zh", translator_id=made)
    calls.log_call(world.system, call, now)
    name = "Zofia Exemplo"
    with pytest.raises(Conflict):
        translator_end.erase_translator(world.system, made, name, now)
    ended = translator_facts(telephone, ended_on=now.date() - dt.timedelta(days=1))
    translators.edit_translator(world.system, made, ended, now)
    with pytest.raises(Invalid):
        translator_end.erase_translator(world.system, made, "Zofia", now)
    with pytest.raises(Forbidden):
        translator_end.erase_translator(
            actor_of(User.get(User.email == world.mediator)), made, name, now
        )
    translator_end.erase_translator(world.system, made, name, now)
    row = Translator.get_by_id(made)
    assert (row.name, row.phone) == (f"t-{made}-erased", "")
    assert not row.languages.exists()
    assert not row.hours.exists()
    assert Call.get().translator_id == made
    assert Call.get().cents == 85 * 12
    assert translators.list_translators(world.system, now) == []
    for again in (
        lambda: translator_end.erase_translator(world.system, made, row.name, now),
        lambda: translators.edit_translator(world.system, made, ended, now),
    ):
        with pytest.raises(Conflict):
            again()


def test_five_years_after_the_end_the_register_erases_them(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    made = [
        translators.create_translator(
            world.system,
            translator_facts(telephone, name=name, ended_on=now.date() - dt.timedelta(days=days)),
            now,
        )
        for name, days in (("Older", 1831), ("Younger", 1830))
    ]
    assert retention.keep_to_register(now)["translator"] == 1
    assert [Translator.get_by_id(one).name for one in made] == [f"t-{made[0]}-erased", "Younger"]
    assert "translator" not in retention.keep_to_register(now)


def test_an_administrator_hands_them_what_is_kept(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    made, other = (
        translators.create_translator(world.system, translator_facts(telephone, name=name), now)
        for name in ("Zofia", "Other")
    )
    for press, helper in (("a" * 8, made), ("b" * 8, other)):
        call = call_facts(
            telephone, press=press, helped_by="translator", language="zh", translator_id=helper
        )
        calls.log_call(world.system, call, now)
    administrator = actor_of(User.get(User.email == world.administrator))
    file = own_data.file_of_translator(administrator, made, now)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        content = json.loads(archive.read(own_data.FILE))
    tables = {name: rows for one in content["activities"] for name, rows in one["tables"].items()}
    assert set(tables) == {"translator", "translator_language", "translator_hours", "call"}
    assert tables["translator"][0]["name"] == "Zofia"
    assert [one["translator"] for one in tables["call"]] == [made]
    assert {one["action"] for one in content["done_with_your_record"]} == {"translator.create"}
    with pytest.raises(Forbidden):
        own_data.file_of_translator(actor_of(User.get(User.email == world.coordinator)), made, now)
