"""Now: who is here, what they speak, until when, and the ladder when nobody does."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld
from telephones import open_telephone

from app.models import (
    Absence,
    AbsenceKind,
    Closure,
    Language,
    LanguageLevel,
    Mediator,
    MediatorLanguage,
    OfficeKind,
    PhoneTurn,
    RequestStatus,
    Role,
    Screen,
    User,
)
from app.services import rosters, screens
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.ladder import RungKind
from app.services.now_view import NowPage, now_page
from app.services.rights import Actor, actor_of


@pytest.fixture
def published(world: SmallWorld) -> SmallWorld:
    """Monday: Ana and Caio in Lisbon from eight, Bo from one; Dina in the Azores from eight."""
    ana, bo, caio, dina, _eva = world.mediators
    write_roster(
        world,
        MONDAY,
        [
            Shift(ana, world.lisbon, MONDAY, "08:00", "17:00", ("12:00", "13:00")),
            Shift(caio, world.lisbon, MONDAY, "08:00", "12:00", None),
            Shift(bo, world.lisbon, MONDAY, "13:00", "18:00", None),
            Shift(dina, world.azores, MONDAY, "08:00", "16:00", None),
        ],
    )
    return world


def at(clock: str) -> dt.datetime:
    """Monday in Lisbon, in winter: UTC."""
    return dt.datetime.combine(MONDAY, dt.time.fromisoformat(clock), dt.UTC)


def page(world: SmallWorld, clock: str, office: str = "lisbon") -> NowPage:
    return now_page(world.system, office, at(clock))


def test_a_shift_counts_from_its_first_minute_to_the_last_before_its_end(
    published: SmallWorld,
) -> None:
    clocks = ("07:59", "08:00", "11:59", "12:00", "13:00", "16:59", "17:00")
    here = {clock: [one.name for one in page(published, clock).here] for clock in clocks}
    assert here == {
        "07:59": [],
        "08:00": ["Ana", "Caio"],
        "11:59": ["Ana", "Caio"],
        "12:00": [],
        "13:00": ["Ana", "Bo"],
        "16:59": ["Ana", "Bo"],
        "17:00": ["Bo"],
    }


def test_who_is_in_a_break_is_back_at_its_end(published: SmallWorld) -> None:
    (ana,) = page(published, "12:30").away
    assert (ana.name, ana.away_until) == ("Ana", at("13:00"))


def test_who_comes_next_stands_with_the_hour(published: SmallWorld) -> None:
    (bo,) = page(published, "09:00").coming
    assert (bo.name, bo.starts_at, bo.languages) == ("Bo", at("13:00"), ("mandarim",))


def test_a_language_without_a_speaker_leads_up_the_ladder(published: SmallWorld) -> None:
    """English: nobody in Lisbon, Dina in Ponta Delgada by phone. Mandarin: from one o'clock."""
    unspoken = {one.code: one for one in page(published, "09:30").unspoken}
    (dina,) = unspoken["en"].ladder
    assert (dina.kind, dina.name, dina.place) == (RungKind.COLLEAGUE, "Dina", "Ponta Delgada")
    assert dina.until == at("17:00"), "four in the afternoon of the Azores"
    assert unspoken["zh"].later == at("13:00")
    assert unspoken["zh"].ladder == ()


def test_a_closed_office_lacks_no_language_and_says_when_it_opens(published: SmallWorld) -> None:
    """Lisbon is open from eight to six; on Tuesday it is shut for an inventory."""
    Closure.create(office=published.lisbon, date=MONDAY + dt.timedelta(days=1), reason="Inventory")
    before, open_, last, after = (
        page(published, clock) for clock in ("07:59", "08:00", "17:59", "18:00")
    )
    assert (before.open_until, before.opens_at, before.why_shut) == (None, at("08:00"), "")
    assert before.unspoken == () != open_.unspoken
    assert [one.name for one in before.coming] == ["Ana", "Caio", "Bo"]
    assert last.open_until == at("18:00")
    wednesday = at("08:00") + dt.timedelta(days=2)
    assert (after.open_until, after.opens_at, after.unspoken) == (None, wednesday, ())
    tuesday = now_page(published.system, "lisbon", at("10:00") + dt.timedelta(days=1))
    assert (tuesday.unspoken, tuesday.opens_at) == ((), wednesday)
    assert tuesday.why_shut == "Inventory"


def test_the_telephone_service_comes_after_colleagues(published: SmallWorld) -> None:
    published.azores.kind = OfficeKind.TELEPHONE
    published.azores.save()
    unspoken = {one.code: one for one in page(published, "09:30").unspoken}
    assert [one.kind for one in unspoken["en"].ladder] == [RungKind.TELEPHONE]


def test_who_called_in_sick_is_not_here_whatever_is_published(published: SmallWorld) -> None:
    Absence.create(
        mediator=published.mediators[0],
        starts_at=at("00:00"),
        ends_at=at("23:59"),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    found = page(published, "09:00")
    assert [one.name for one in found.here] == ["Caio"]
    assert "uk" not in {one.code for one in found.spoken}


@pytest.mark.parametrize("why", ["sick", "telephone"])
def test_who_does_not_serve_here_leaves_the_seat_to_a_colleague(
    world: SmallWorld, now: dt.datetime, why: str
) -> None:
    """Ukrainian is asked of one, and two speak it."""
    telephone = open_telephone(world)
    ana, caio = world.mediators[0], world.mediators[2]
    MediatorLanguage.create(
        mediator=caio, language=Language.get_by_id("uk"), level=LanguageLevel.FLUENT
    )
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    picks = [(one.code, "lisbon", 0, 9, 13) for one in (ana, caio)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    stations = {one.name: one.station for one in page(world, "10:00").here}
    holder = next(name for name, station in stations.items() if station)
    assert sorted(map(bool, stations.values())) == [False, True]
    mediator = Mediator.get(Mediator.called_name == holder)
    if why == "sick":
        Absence.create(
            mediator=mediator, starts_at=at("00:00"), ends_at=at("23:59"),
            kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
        )  # fmt: skip
    else:
        PhoneTurn.create(
            office=telephone, centre=world.lisbon, mediator=mediator, date=MONDAY,
            starts_at=at("10:00"), ends_at=at("13:00"), uid="p" * 32, given_at=now, changed_at=now,
        )  # fmt: skip
    (left,) = page(world, "10:00").here
    assert (left.name != holder, left.station) == (True, stations[holder])


def test_a_language_lasts_while_shifts_follow_on(published: SmallWorld) -> None:
    spoken = {one.code: one for one in page(published, "09:00").spoken}
    assert spoken["kea"].until == at("12:00")
    assert spoken["uk"].until == at("12:00"), "her break, which nobody bridges"


def test_the_azores_open_an_hour_later_on_lisbon_s_clock(published: SmallWorld) -> None:
    assert page(published, "08:30", "azores").opens_at == at("09:00")
    assert page(published, "09:00", "azores").open_until == at("19:00")


def test_a_mediator_sees_their_own_reception_and_no_other(published: SmallWorld) -> None:
    ana = actor_of(User.get(User.email == published.mediator))
    assert now_page(ana, "lisbon", at("09:00")).may_repair is False
    with pytest.raises(Forbidden):
        now_page(ana, "azores", at("09:00"))


def test_a_screen_shows_its_office_until_it_is_withdrawn(published: SmallWorld) -> None:
    made, token = screens.create_screen(
        published.system, published.lisbon.id, "Door", "en", at("08:00")
    )
    found = screens.screen_page(token, at("09:00"))
    assert (found.office_code, screens.screen_locale(token), found.may_repair) == (
        "lisbon",
        "en",
        False,
    )
    assert token not in str(Screen.get_by_id(made).__data__), "the token itself is not kept"
    screens.revoke_screen(published.system, made, at("09:30"))
    with pytest.raises(NotFound):
        screens.screen_page(token, at("09:31"))


def test_a_screen_needs_a_name_and_an_office_of_one_s_own(published: SmallWorld) -> None:
    with pytest.raises(Invalid) as told:
        screens.create_screen(published.system, 999, " ", "fr", at("08:00"))
    assert {one.field for one in told.value.faults} == {"office_id", "name", "locale"}
    bound = Actor(
        user_id=None,
        roles=frozenset({Role.COORDINATOR}),
        office_ids=frozenset({published.azores.id}),
    )
    with pytest.raises(Forbidden):
        screens.create_screen(bound, published.lisbon.id, "Door", "pt", at("08:00"))


def test_until_ends_at_the_first_break_that_nobody_bridges(world: SmallWorld) -> None:
    """Ana alone speaks Russian; Eva, in Lisbon that day, speaks Ukrainian during Ana's break."""
    ana, _bo, _caio, _dina, eva = world.mediators
    write_roster(
        world,
        MONDAY,
        [
            Shift(ana, world.lisbon, MONDAY, "08:00", "17:00", ("12:00", "13:00")),
            Shift(eva, world.lisbon, MONDAY, "09:00", "14:00", None),
        ],
    )
    spoken = {one.code: one for one in page(world, "10:00").spoken}
    assert spoken["ru"].until == at("12:00")
    assert spoken["uk"].until == at("17:00")
