"""The telephone's calls: logged once, fed to arrivals and outcomes, taken back, summed up."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_world import SmallWorld
from telephones import call_facts, open_telephone, translator_facts

from app.models import Arrival, ArrivalOutcome, Call, Office, User, database
from app.services import call_report, calls, reception, translators
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.horizon import monday_of
from app.services.rights import Actor, actor_of
from forecast.requirements import Measured


@pytest.fixture
def telephone(world: SmallWorld) -> Office:
    return open_telephone(world)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def test_a_call_is_an_arrival_and_minutes_of_service(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    calls.log_call(world.system, call_facts(telephone), now)
    calls.log_call(world.system, call_facts(telephone, press="b" * 8, minutes=30), now)
    calls.log_call(
        world.system, call_facts(telephone, press="c" * 8, helped_by="nobody", minutes=2), now
    )
    (row,) = Arrival.select()
    assert (row.language_id, row.need, row.count, row.source) == ("uk", "legal", 3, "call")
    (ended,) = ArrivalOutcome.select()
    assert (ended.served, ended.left, ended.services, ended.service_minutes) == (2, 1, 2, 42)
    next_week = monday_of(now.date()) + dt.timedelta(days=7)
    assert reception.measured(telephone, next_week) == {"legal": Measured(2, 42.0)}


def test_a_press_sent_twice_is_one_call_and_of_another_call_refused(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    first = calls.log_call(world.system, call_facts(telephone), now)
    assert calls.log_call(world.system, call_facts(telephone), now) == first
    assert Arrival.get().count == 1
    with pytest.raises(Conflict):
        calls.log_call(world.system, call_facts(telephone, minutes=13), now)


def test_two_hands_that_log_at_once_lose_nothing_and_double_nothing(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    def hand(number: int) -> None:
        with database.connection_context():
            for n in range(10):
                for _time in range(2):
                    facts = call_facts(telephone, press=f"press{number % 2}{n:05d}")
                    calls.log_call(world.system, facts, now)

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(hand, range(4)))
    assert Call.select().count() == 20
    assert Arrival.get().count == 20


def test_what_is_taken_back_leaves_nothing(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    made = calls.log_call(world.system, call_facts(telephone), now)
    assert calls.take_back(world.system, made, now) == "telephone"
    assert not Call.select().exists()
    assert not Arrival.select().exists()
    row = ArrivalOutcome.get()
    assert (row.served, row.services, row.service_minutes) == (0, 0, 0)


def test_a_call_can_be_taken_back_for_two_days(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """It came in at half past eight; two days and a minute later it is too late."""
    made = calls.log_call(world.system, call_facts(telephone), now)
    came_at = now - dt.timedelta(minutes=30)
    with pytest.raises(Conflict):
        calls.take_back(world.system, made, came_at + dt.timedelta(days=2, minutes=1))
    calls.take_back(world.system, made, came_at + dt.timedelta(days=2))


@pytest.mark.parametrize(
    ("minutes", "seconds_ago", "slots_back"),
    [(1, 0, 1), (30, 0, 1), (31, 0, 2), (240, 0, 8), (30, 3600, 3), (30, 6 * 3600 + 1, 1)],
)
def test_a_call_is_an_arrival_of_when_it_began(
    world: SmallWorld,
    telephone: Office,
    now: dt.datetime,
    minutes: int,
    seconds_ago: int,
    slots_back: int,
) -> None:
    """It is logged at nine, when it ends, or reached us then from a page without network."""
    facts = call_facts(telephone, minutes=minutes, seconds_ago=seconds_ago)
    calls.log_call(world.system, facts, now)
    came_at = now - slots_back * dt.timedelta(minutes=30)
    assert Arrival.get().starts_at == Call.get().starts_at == came_at


def test_a_press_that_says_another_helper_is_another_call(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    calls.log_call(world.system, call_facts(telephone), now)
    with pytest.raises(Conflict):
        calls.log_call(world.system, call_facts(telephone, helped_by="nobody"), now)


def test_every_fault_of_a_call_is_told(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    facts = call_facts(
        telephone, press="?", language="xx", need="x", minutes=241, helped_by="translator"
    )
    with pytest.raises(Invalid) as told:
        calls.log_call(world.system, facts, now)
    assert {one.field for one in told.value.faults} == {
        "press", "language", "need", "minutes", "translator_id",
    }  # fmt: skip
    assert not Call.select().exists()
    calls.log_call(world.system, call_facts(telephone, minutes=240), now)


def test_an_external_translator_costs_by_the_minute_and_only_in_their_languages(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    zofia = translators.create_translator(world.system, translator_facts(telephone), now)
    helped = {"helped_by": "translator", "translator_id": zofia}
    with pytest.raises(Invalid, match="translator_id"):
        calls.log_call(world.system, call_facts(telephone, **helped), now)
    made = calls.log_call(world.system, call_facts(telephone, language="zh", **helped), now)
    assert Call.get_by_id(made).cents == 12 * 85
    translators.edit_translator(
        world.system, zofia, translator_facts(telephone, price_cents=100), now
    )
    assert Call.get_by_id(made).cents == 12 * 85, "what was paid stays"


def test_calls_are_logged_by_who_answers_there(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    calls.log_call(actor(world.mediator), call_facts(telephone), now)
    for email in (world.other_mediator, world.trainer, world.azores_coordinator):
        with pytest.raises(Forbidden):
            calls.log_call(actor(email), call_facts(telephone, press="b" * 8), now)
        with pytest.raises(Forbidden):
            calls.call_page(actor(email), None, now)


def test_a_month_is_summed_up_by_language_on_the_office_s_clock(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    zofia = translators.create_translator(world.system, translator_facts(telephone), now)
    april = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)
    """Half past midnight of the first of April in Lisbon."""
    for number, (at, other) in enumerate(
        (
            (now, {}),
            (now, {"three_way": True, "minutes": 20}),
            (now, {"helped_by": "nobody", "minutes": 1}),
            (now, {"language": "zh", "helped_by": "translator", "translator_id": zofia}),
            (april, {}),
        )
    ):
        calls.log_call(world.system, call_facts(telephone, press=f"press{number:04d}", **other), at)
    report = call_report.call_report(world.system, None, dt.date(2026, 3, 1), april)
    ukrainian = dict(report.languages)["ucraniano"]
    assert (ukrainian.calls, ukrainian.three_way, ukrainian.met, ukrainian.minutes) == (3, 1, 2, 32)
    assert report.total.cents == 12 * 85
    assert [(month.month, one.calls) for month, one in report.months] == [(4, 1), (3, 4)]
    assert len(report.listed) == 4
