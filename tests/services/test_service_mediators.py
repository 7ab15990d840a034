"""Mediators: who may see and change whom, and what a record must be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import (
    AuditEntry,
    CompletionResult,
    ContractRegime,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    LanguageLevel,
    Mediator,
    MediatorOffice,
    User,
)
from app.services import directory, people, training
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.people import MediatorFacts, OtherOffice, SpokenLanguage
from app.services.rights import Actor, actor_of


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def good_mediator(world: SmallWorld) -> MediatorFacts:
    return MediatorFacts(
        code="fadi",
        name="Fadi Exemplo",
        called_name="Fadi",
        email="fadi@example.org",
        association_id=world.associations[0].id,
        regime_id=ContractRegime.get().id,
        week_minutes=2400,
        shift_least_minutes=240,
        shift_most_minutes=480,
        home_office_id=world.lisbon.id,
        starts_on=dt.date(2026, 1, 1),
        languages=(
            SpokenLanguage("pt", LanguageLevel.FLUENT),
            SpokenLanguage("zh", LanguageLevel.NATIVE),
        ),
        other_offices=(OtherOffice(world.azores.id, 5),),
        gender="man",
    )


def names(email: str) -> list[str]:
    return [one.shown_name for one in people.list_mediators(actor(email))]


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def test_a_mediator_is_read_back_as_written(world: SmallWorld, now: dt.datetime) -> None:
    mediator = good_mediator(world)
    mediator_id = people.create_mediator(world.system, mediator, now)
    view = people.get_mediator(world.system, mediator_id)
    for name in MediatorFacts.__dataclass_fields__:
        assert getattr(view, name) == getattr(mediator, name), name
    assert view.shown_name == "Fadi"
    assert view.home_office_code == "lisbon"


def test_an_edit_replaces_languages_and_says_what_changed(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    view = people.get_mediator(world.system, ana.id)
    edited = replace(
        view, languages=(SpokenLanguage("uk", LanguageLevel.NATIVE),), week_minutes=1200
    )
    people.edit_mediator(world.system, ana.id, edited, now)
    assert people.get_mediator(world.system, ana.id) == edited
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert entry.details == {"changed": ["week_minutes", "languages"]}


def test_every_fault_of_a_mediator_comes_at_once_and_nothing_is_saved(
    world: SmallWorld, now: dt.datetime
) -> None:
    bad = replace(
        good_mediator(world),
        code="ana",
        name="",
        email="fadi at example",
        association_id=999,
        week_minutes=2430,
        shift_least_minutes=485,
        shift_most_minutes=630,
        ends_on=dt.date(2025, 12, 31),
        languages=(
            SpokenLanguage("pt", LanguageLevel.FLUENT),
            SpokenLanguage("pt", LanguageLevel.NATIVE),
            SpokenLanguage("tlh", LanguageLevel.NATIVE),
        ),
        other_offices=(OtherOffice(world.lisbon.id), OtherOffice(world.azores.id, -1)),
    )
    before = Mediator.select().count()
    with pytest.raises(Invalid) as error:
        people.create_mediator(world.system, bad, now)
    assert faults_of(error) == {
        "code", "name", "email", "association_id", "week_minutes", "shift_least_minutes",
        "shift_most_minutes", "ends_on", "languages.1", "languages.2.code",
        "other_offices.0.office_id", "other_offices.1.cost",
    }  # fmt: skip
    assert Mediator.select().count() == before


def test_a_contract_fits_its_regime_to_the_last_half_hour(
    world: SmallWorld, now: dt.datetime
) -> None:
    limit = replace(good_mediator(world), week_minutes=2400, shift_most_minutes=600)
    people.create_mediator(world.system, limit, now)
    for past, field in (
        ({"week_minutes": 2430}, "week_minutes"),
        ({"shift_most_minutes": 630}, "shift_most_minutes"),
        ({"shift_least_minutes": 510, "shift_most_minutes": 480}, "shift_most_minutes"),
        ({"languages": ()}, "languages"),
    ):
        with pytest.raises(Invalid) as error:
            people.create_mediator(world.system, replace(limit, code="gil", **past), now)
        assert faults_of(error) == {field}


def test_each_role_sees_its_own_people(world: SmallWorld, now: dt.datetime) -> None:
    assert names(world.coordinator) == ["Ana", "Bo", "Caio", "Dina", "Eva"]
    assert names(world.azores_coordinator) == ["Dina", "Eva"]
    assert names(world.mediator) == ["Ana"]
    assert names(world.association) == ["Ana", "Caio", "Eva"]
    assert names(world.trainer) == []
    session = CourseSession.create(
        course=world.course, starts_at=now, ends_at=now + dt.timedelta(hours=1), link="x"
    )
    Enrolment.create(
        session=session, mediator=world.mediators[1], status=EnrolmentStatus.ENROLLED, asked_at=now
    )
    assert names(world.trainer) == ["Bo"]
    assert names(world.other_trainer) == []


def test_who_visits_an_office_is_seen_there_but_edited_at_home(
    world: SmallWorld, now: dt.datetime
) -> None:
    bo = world.mediators[1]
    MediatorOffice.create(mediator=bo, office=world.azores)
    bound = actor(world.azores_coordinator)
    assert names(world.azores_coordinator) == ["Bo", "Dina", "Eva"]
    listed = people.list_mediators(world.system, office_id=world.azores.id)
    assert [one.shown_name for one in listed] == ["Bo", "Dina", "Eva"]
    with pytest.raises(Forbidden):
        people.edit_mediator(bound, bo.id, people.get_mediator(bound, bo.id), now)


def test_nobody_opens_what_is_not_theirs(world: SmallWorld, now: dt.datetime) -> None:
    ana, bo, *_rest = world.mediators
    for email in (world.other_mediator, world.azores_coordinator, world.trainer):
        with pytest.raises(Forbidden):
            people.get_mediator(actor(email), ana.id)
    with pytest.raises(Forbidden):
        people.get_mediator(actor(world.association), bo.id)
    with pytest.raises(NotFound):
        people.get_mediator(world.system, 999)
    for email in (world.mediator, world.association, world.azores_coordinator):
        with pytest.raises(Forbidden):
            people.create_mediator(actor(email), good_mediator(world), now)


def test_moving_home_needs_the_right_to_both_offices(world: SmallWorld, now: dt.datetime) -> None:
    dina = world.mediators[3]
    bound = actor(world.azores_coordinator)
    view = people.get_mediator(bound, dina.id)
    with pytest.raises(Forbidden):
        people.edit_mediator(bound, dina.id, replace(view, home_office_id=world.lisbon.id), now)
    people.edit_mediator(world.system, dina.id, replace(view, home_office_id=world.lisbon.id), now)
    assert names(world.azores_coordinator) == ["Eva"]


def test_a_mediator_changes_their_name_and_address_only(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    people.set_own_details(actor(world.mediator), ana.id, "Aninha", "aninha@example.org", now)
    assert people.get_mediator(world.system, ana.id).shown_name == "Aninha"
    with pytest.raises(Invalid) as error:
        people.set_own_details(actor(world.mediator), ana.id, "x" * 300, "nowhere", now)
    assert faults_of(error) == {"called_name", "email"}
    with pytest.raises(Forbidden):
        people.set_own_details(actor(world.other_mediator), ana.id, "x", "", now)


def test_inactive_people_are_listed_only_when_asked_for(
    world: SmallWorld, now: dt.datetime
) -> None:
    eva = world.mediators[4]
    view = people.get_mediator(world.system, eva.id)
    with pytest.raises(Invalid) as error:
        people.edit_mediator(world.system, eva.id, replace(view, active=False), now)
    assert faults_of(error) == {"ends_on"}, "or the record would be kept for ever"
    last = now.date()
    people.edit_mediator(world.system, eva.id, replace(view, active=False, ends_on=last), now)
    assert "Eva" not in names(world.coordinator)
    everyone = people.list_mediators(world.system, include_inactive=True)
    assert "Eva" in [one.shown_name for one in everyone]


def test_who_comes_back_has_no_last_day_that_is_over(world: SmallWorld, now: dt.datetime) -> None:
    """It may be one that nobody chose: who was not planned before such a day was asked for has
    that of the upgrade."""
    eva = world.mediators[4]
    last = now.date()
    Mediator.update(active=False, ends_on=last).where(Mediator.id == eva.id).execute()
    view = people.get_mediator(world.system, eva.id)
    people.edit_mediator(world.system, eva.id, replace(view, name="Eva E"), now)
    with pytest.raises(Invalid) as error:
        people.edit_mediator(world.system, eva.id, replace(view, active=True), now)
    assert faults_of(error) == {"ends_on"}
    for ends_on in (last + dt.timedelta(days=1), None):
        back = replace(view, active=True, ends_on=ends_on)
        people.edit_mediator(world.system, eva.id, back, now)
        assert Mediator.get_by_id(eva.id).ends_on == ends_on
        Mediator.update(active=False).where(Mediator.id == eva.id).execute()


def test_a_renewal_is_shown_beside_what_counts_today_which_then_does_not_end_soon(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana, trainer = world.mediators[0], actor(world.trainer)

    def held() -> list[tuple[dt.date | None, str]]:
        found = directory.certificates_of(world.system, ana.id, now)
        return [(one.valid_until, one.state) for one in found]

    for day, shown in (
        (dt.date(2024, 3, 1), [(dt.date(2025, 2, 28), "expired")]),
        (dt.date(2025, 4, 1), [(dt.date(2026, 3, 31), "soon")]),
        (
            now.date(),
            [(dt.date(2026, 3, 31), "valid"), (dt.date(2027, 3, 31), "not_yet")],
        ),
    ):
        training.record_completion(
            trainer, world.course.id, ana.id, day, CompletionResult.PASSED, now
        )
        assert held() == shown
