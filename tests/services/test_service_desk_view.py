"""The desks of an office: who is certified, and what of the week's cover is kept at each."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from drafts import draft
from small_world import SmallWorld
from telephones import open_telephone

from app.models import Certification, CertificationKind, Desk, Office, Requirement, User
from app.services import desk_view
from app.services.errors import Forbidden
from app.services.requirements import _desk_rows
from app.services.rights import actor_of
from forecast.calendar import Calendar
from forecast.grid import horizon_grid
from forecast.office import OfficeForecast

THIS_WEEK = dt.date(2026, 3, 2)


def certify(world: SmallWorld, name: str, kind: str) -> None:
    mediator = next(one for one in world.mediators if one.code == name)
    Certification.create(
        mediator=mediator, kind=kind, valid_from=dt.date(2026, 1, 1), number=f"{name}-{kind}"
    )


def nobody_foreseen() -> OfficeForecast:
    """A week in which nobody is foreseen, so that desks keep what their rule asks for."""
    hours = dict.fromkeys(range(5), ((480, 1080),))
    grid = horizon_grid(Calendar(ZoneInfo("Europe/Lisbon"), hours), THIS_WEEK, 7)
    n = len(grid)
    spread = np.full(n, 1e-9)
    return OfficeForecast(
        "lisbon", grid, ("pt",), ("general",), np.zeros((n, 1, 1)), spread[:, None], spread,
        "made", 100,
    )  # fmt: skip


def desk_rows(office: Office) -> None:
    """The requirements of its desks on Wednesday of the suite's week, as the product derives."""
    for row in _desk_rows(office, THIS_WEEK, nobody_foreseen()):
        if row["starts_at"].date() == dt.date(2026, 3, 4):
            Requirement.create(**row)


def test_two_desks_that_ask_for_the_same_certification_are_told_apart(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Legal from ten to noon at least 1, reunification wants 1 from eleven: Ana alone is certified
    and sits where least is asked; from eleven the other desk is empty."""
    certify(world, "ana", "legal")
    Desk.create(
        office=world.lisbon, need="family_reunification", name_pt="Família", name_en="Family",
        certification="legal", opens_minute=660, closes_minute=720, least=0, wanted=1,
    )  # fmt: skip
    desk_rows(world.lisbon)
    draft(world, [("ana", "lisbon", 2, 9, 13)], now, week=THIS_WEEK)
    page = desk_view.desk_page(world.system, world.lisbon.id, now)
    found = {one.desk.need: one for one in page.lines}
    assert (found["legal"].needed_minutes, found["legal"].missing_minutes) == (120, 0)
    family = found["family_reunification"]
    assert (family.needed_minutes, family.missing_minutes, family.kept_share) == (60, 60, 0.0)
    assert found["legal"].holders == ("Ana",)
    assert page.week == THIS_WEEK


def test_without_a_roster_no_cover_is_told(world: SmallWorld, now: dt.datetime) -> None:
    (line,) = desk_view.desk_page(world.system, world.lisbon.id, now).lines
    assert (line.kept_share, line.holders, line.certification) == (None, (), "Apoio jurídico")


def test_a_partner_agency_s_desk_asks_for_no_mediator(world: SmallWorld, now: dt.datetime) -> None:
    Desk.update(partner="AIMA").where(Desk.office == world.lisbon).execute()
    assert list(_desk_rows(world.lisbon, THIS_WEEK, nobody_foreseen())) == []
    Desk.update(partner="").where(Desk.office == world.lisbon).execute()
    assert len(list(_desk_rows(world.lisbon, THIS_WEEK, nobody_foreseen()))) == 5 * 4


def test_the_telephone_says_who_lacks_a_compulsory_certification(
    world: SmallWorld, now: dt.datetime
) -> None:
    office = open_telephone(world)
    for kind in ("violence", "trafficking", "fgm"):
        CertificationKind.create(code=kind, name_pt=kind, name_en=kind)
    certify(world, "ana", "violence")
    page = desk_view.desk_page(world.system, office.id, now)
    assert [(one.name, one.holders, one.lacking) for one in page.compulsory] == [
        ("violence", ("Ana",), ()),
        ("trafficking", (), ("Ana",)),
        ("fgm", (), ("Ana",)),
    ]


def test_desks_are_read_by_who_coordinates_the_office(world: SmallWorld, now: dt.datetime) -> None:
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    desk_view.desk_page(bound, world.azores.id, now)
    with pytest.raises(Forbidden):
        desk_view.desk_page(bound, world.lisbon.id, now)


def test_the_week_is_the_office_s_own(world: SmallWorld) -> None:
    """Half past midnight of a Monday in Lisbon is Sunday by UTC and in the Azores."""
    monday = dt.datetime(2026, 7, 5, 23, 30, tzinfo=dt.UTC)
    lisbon = desk_view.desk_page(world.system, world.lisbon.id, monday)
    azores = desk_view.desk_page(world.system, world.azores.id, monday)
    assert (lisbon.week, azores.week) == (dt.date(2026, 7, 6), dt.date(2026, 6, 29))
