"""The reception's desk: counted once, taken back whole, ranked by what is pressed most."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_world import SmallWorld

from app.models import Arrival, ArrivalOutcome, IdempotencyKey, Office, User, database
from app.services import intake
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.rights import Actor, actor_of


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def counts() -> dict[tuple[str, str], int]:
    return {(one.language_id, one.need): one.count for one in Arrival.select()}


def test_the_same_press_sent_again_counts_once(world: SmallWorld, now: dt.datetime) -> None:
    ana = actor(world.mediator)
    first = intake.press(ana, world.lisbon.id, "a" * 8, "uk", "legal", now)
    later = now + dt.timedelta(minutes=40)
    assert intake.press(ana, world.lisbon.id, "a" * 8, "uk", "legal", later) == first
    intake.press(ana, world.lisbon.id, "b" * 8, "uk", "legal", now)
    assert counts() == {("uk", "legal"): 2}


def test_an_id_used_for_something_else_is_refused(world: SmallWorld, now: dt.datetime) -> None:
    intake.press(world.system, world.lisbon.id, "a" * 8, "uk", "legal", now)
    with pytest.raises(Conflict):
        intake.press(world.system, world.lisbon.id, "a" * 8, "zh", "legal", now)
    assert counts() == {("uk", "legal"): 1}


@pytest.mark.parametrize(
    ("press_id", "sound"), [("a" * 7, False), ("a" * 8, True), ("a" * 64, True), ("a" * 65, False)]
)
def test_a_press_has_an_id_of_8_to_64(
    world: SmallWorld, now: dt.datetime, press_id: str, sound: bool
) -> None:
    if sound:
        intake.press(world.system, world.lisbon.id, press_id, "uk", "legal", now)
    else:
        with pytest.raises(Invalid, match="press"):
            intake.press(world.system, world.lisbon.id, press_id, "uk", "legal", now)
    assert len(counts()) == sound


def test_what_was_taken_back_is_not_counted_by_an_old_page(
    world: SmallWorld, now: dt.datetime
) -> None:
    pressed = intake.press(world.system, world.lisbon.id, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    intake.take_back(world.system, world.lisbon.id, pressed, now)
    assert intake.press(world.system, world.lisbon.id, "a" * 8, "uk", "legal", now) is None
    assert counts() == {}


def test_an_outcome_is_replaced_and_goes_with_its_press(
    world: SmallWorld, now: dt.datetime
) -> None:
    office = world.lisbon.id
    pressed = intake.press(world.system, office, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    noted = intake.note_outcome(world.system, office, pressed, "served", 12, now=now)
    noted = intake.note_outcome(world.system, office, noted, "left", 30, now=now)
    (row,) = ArrivalOutcome.select()
    assert (row.served, row.by_phone, row.left, row.waits, row.waited_minutes) == (0, 0, 1, 1, 30)
    intake.take_back(world.system, office, noted, now)
    (row,) = ArrivalOutcome.select()
    assert (row.served, row.by_phone, row.left, row.waits, row.waited_minutes) == (0, 0, 0, 0, 0)
    assert counts() == {}


def test_a_take_back_sent_again_takes_nobody_else(world: SmallWorld, now: dt.datetime) -> None:
    office = world.lisbon.id
    intake.press(world.system, office, "b" * 8, "uk", "legal", now)
    pressed = intake.press(world.system, office, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    intake.note_outcome(world.system, office, pressed, "served", 12, now=now)
    for _ in range(2):
        intake.take_back(world.system, office, pressed, now)
    assert counts() == {("uk", "legal"): 1}
    assert ArrivalOutcome.get().served == 0


def test_a_take_back_sent_again_gives_up_one_number(world: SmallWorld, now: dt.datetime) -> None:
    Office.update(gives_tickets=True).where(Office.id == world.lisbon).execute()
    office = world.lisbon.id
    intake.press(world.system, office, "b" * 8, "uk", "legal", now)
    pressed = intake.press(world.system, office, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    for _ in range(2):
        intake.take_back(world.system, office, pressed, now)
    assert counts() == {("uk", "legal"): 1}


def test_an_outcome_sent_again_counts_once_and_not_after_a_take_back(
    world: SmallWorld, now: dt.datetime
) -> None:
    """The browser never had the first answer: it still holds the press without an outcome."""
    office = world.lisbon.id
    pressed = intake.press(world.system, office, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    for minutes in (12, 12, 30):
        intake.note_outcome(world.system, office, pressed, "served", minutes, now=now)
    row = ArrivalOutcome.get()
    assert (row.served, row.waits, row.waited_minutes) == (1, 1, 30)
    intake.take_back(world.system, office, pressed, now)
    with pytest.raises(Conflict):
        intake.note_outcome(world.system, office, pressed, "served", 12, now=now)
    row = ArrivalOutcome.get()
    assert (row.served, row.waits, row.waited_minutes) == (0, 0, 0)


def test_how_long_one_was_received_is_noted_replaced_and_taken_back(
    world: SmallWorld, now: dt.datetime
) -> None:
    office = world.lisbon.id
    pressed = intake.press(world.system, office, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    noted = intake.note_outcome(world.system, office, pressed, "served", 5, 20, now=now)
    noted = intake.note_outcome(world.system, office, noted, "by_phone", None, 240, now=now)
    (row,) = ArrivalOutcome.select()
    assert (row.by_phone, row.waits, row.services, row.service_minutes) == (1, 0, 1, 240)
    intake.take_back(world.system, office, noted, now)
    (row,) = ArrivalOutcome.select()
    assert (row.by_phone, row.services, row.service_minutes) == (0, 0, 0)


@pytest.mark.parametrize(("outcome", "minutes"), [("served", 0), ("served", 241), ("left", 5)])
def test_a_reception_that_cannot_be_is_refused(
    world: SmallWorld, now: dt.datetime, outcome: str, minutes: int
) -> None:
    pressed = intake.press(world.system, world.lisbon.id, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    with pytest.raises(Invalid, match="service_minutes"):
        intake.note_outcome(world.system, world.lisbon.id, pressed, outcome, None, minutes, now=now)
    assert not ArrivalOutcome.select().exists()


@pytest.mark.parametrize(
    ("outcome", "minutes", "field"),
    [("served", 601, "minutes"), ("served", -1, "minutes"), ("vanished", None, "outcome")],
)
def test_an_outcome_out_of_bounds_is_refused(
    world: SmallWorld, now: dt.datetime, outcome: str, minutes: int | None, field: str
) -> None:
    pressed = intake.press(world.system, world.lisbon.id, "a" * 8, "uk", "legal", now)
    assert pressed is not None
    with pytest.raises(Invalid, match=field):
        intake.note_outcome(world.system, world.lisbon.id, pressed, outcome, minutes, now=now)
    assert not ArrivalOutcome.select().exists()
    intake.note_outcome(world.system, world.lisbon.id, pressed, "served", 600, now=now)
    assert ArrivalOutcome.get().waited_minutes == 600


def test_one_counts_at_ones_own_reception_only(world: SmallWorld, now: dt.datetime) -> None:
    for email in (world.mediator, world.trainer):
        with pytest.raises(Forbidden):
            intake.press(actor(email), world.azores.id, "a" * 8, "uk", "legal", now)
    with pytest.raises(Forbidden):
        intake.intake_page(actor(world.trainer), None, now)
    assert intake.intake_page(actor(world.mediator), None, now).office.code == "lisbon"


def test_languages_and_needs_stand_by_how_often_they_come(
    world: SmallWorld, now: dt.datetime
) -> None:
    for language, need, count, weeks in (
        ("zh", "health", 9, 1),
        ("uk", "legal", 5, 2),
        ("ru", "health", 100, 9),  # too long ago
    ):
        Arrival.create(
            office=world.lisbon,
            starts_at=now - dt.timedelta(weeks=weeks),
            language=language,
            need=need,
            count=count,
        )
    page = intake.intake_page(world.system, "lisbon", now)
    assert [one.code for one in page.frequent][:2] == ["zh", "uk"]
    assert [one.code for one in page.needs] == ["general", "health", "legal"]


def test_old_press_ids_are_let_go(world: SmallWorld, now: dt.datetime) -> None:
    intake.press(world.system, world.lisbon.id, "a" * 8, "uk", "legal", now)
    intake.press(world.system, world.lisbon.id, "b" * 8, "uk", "legal", now + dt.timedelta(days=3))
    assert [one.key for one in IdempotencyKey.select()] == ["b" * 8]


def test_many_receptions_at_once_lose_nothing_and_double_nothing(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Every press is sent twice, by four hands at once."""
    office = world.lisbon.id

    def hand(number: int) -> None:
        with database.connection_context():
            for n in range(25):
                key = f"press{number:02d}{n:04d}"
                for _time in range(2):
                    intake.press(world.system, office, key, "uk", "general", now)

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(hand, range(4)))
    assert counts() == {("uk", "general"): 100}


@pytest.mark.parametrize(
    ("seconds_ago", "slots_back"), [(0, 0), (1, 1), (6 * 3600, 12), (6 * 3600 + 1, 0), (-1, 0)]
)
def test_a_press_counts_when_it_was_pressed(
    world: SmallWorld, now: dt.datetime, seconds_ago: int, slots_back: int
) -> None:
    """It reaches us at nine; what says to be of the future, or of too long ago, is of now."""
    pressed = intake.press(
        world.system, world.lisbon.id, "a" * 8, "uk", "legal", now, seconds_ago=seconds_ago
    )
    assert pressed is not None
    came_at = now - slots_back * dt.timedelta(minutes=30)
    assert pressed.starts_at == Arrival.get().starts_at == came_at
