"""Reports, the language map, the ledger and feedback, against numbers counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.i18n import in_language
from app.models import (
    Arrival,
    ArrivalOutcome,
    Certification,
    FeedbackKind,
    Mediator,
    MediatorOffice,
    Roster,
    User,
    Wish,
    WishKind,
)
from app.services import feedback, language_map, ledger, reports, worked
from app.services.directory import MediatorFilter, look_up_mediators, page_of_mediators
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.feedback import FeedbackFacts
from app.services.language_map import Strength
from app.services.rights import Actor, actor_of
from app.services.roster_figures import figures_of
from app.services.rosters import publish

MARCH = "2026-03"


def who(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime) -> Roster:
    """Two Ukrainian speakers asked for from nine to one, one there; one of two wishes met."""
    require(world.lisbon, 0, 9, 13, ["lang:uk"], count=2)
    for day, kind in ((0, WishKind.OFF), (1, WishKind.OFF)):
        starts_at = dt.datetime.combine(MONDAY + dt.timedelta(days=day), dt.time(), dt.UTC)
        Wish.create(
            mediator=world.mediators[0],
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(days=1),
            kind=kind,
        )
    roster = draft(world, [("ana", "lisbon", 0, 9, 13), ("dina", "azores", 1, 14, 19)], now)
    publish(world.system, roster.id, now)
    return Roster.get_by_id(roster.id)


def test_cover_hours_and_wishes_are_what_was_published(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    found = reports.report(who(world.coordinator), MARCH, "office", now)
    lisbon = next(one for one in found.lines if one.name == "Lisboa")
    assert (lisbon.needed, lisbon.missing, lisbon.cover_share) == (480, 240, 0.5)
    assert (lisbon.wishes, lisbon.met, lisbon.worked) == (2, 1, 240)
    assert found.total.worked == 240 + 300
    assert found.weeks == 1
    ana = next(one for one in found.people if one.code == "ana")
    problem_owed = next(row[3] for row in figures_of(published).wishes if row[0] == "ana")
    assert ana.owed == problem_owed > 0


@pytest.mark.parametrize("by", ["office", "language", "association", "month"])
def test_every_grouping_adds_up_to_the_same_total(
    world: SmallWorld, published: Roster, now: dt.datetime, by: str
) -> None:
    found = reports.report(who(world.coordinator), "2026", by, now)
    parts = found.lines
    if by != "association":
        assert sum(one.needed for one in parts) == found.total.needed == 480
        assert sum(one.missing for one in parts) == found.total.missing == 240
    if by != "language":
        assert sum(one.worked for one in parts) == found.total.worked == 540
        assert sum(one.wishes for one in parts) == found.total.wishes == 2


@pytest.mark.parametrize(
    ("by", "named"),
    [
        ("office", "Todos os centros"),
        ("language", "Todas as línguas"),
        ("association", "Todas as associações"),
        ("month", "Todos os meses"),
    ],
)
def test_the_total_agrees_with_what_it_counts(
    application: Flask, world: SmallWorld, now: dt.datetime, by: str, named: str
) -> None:
    with application.test_request_context(), in_language("pt"):
        assert reports.report(who(world.coordinator), "2026", by, now).total.name == named


def test_who_had_visitors_alone_tells_no_more(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Such lines stand folded below the others, so that a country's report stays short."""
    Arrival.create(office=world.lisbon, starts_at=now, language="zh", need="general", count=3)
    found = reports.report(who(world.coordinator), "2026", "language", now)
    tells = {one.needed > 0: one.tells for one in found.lines}
    assert tells == {True: True, False: False}


def test_visitors_and_noted_waits_of_the_month_only(world: SmallWorld, now: dt.datetime) -> None:
    for month, count in ((2, 5), (3, 7)):
        starts_at = dt.datetime(2026, month, 3, 9, tzinfo=dt.UTC)
        common = {"office": world.lisbon, "starts_at": starts_at, "language": "uk",
                  "need": "general"}  # fmt: skip
        Arrival.create(**common, count=count)
        ArrivalOutcome.create(**common, served=count, waits=count, waited_minutes=count * month)
    found = reports.report(who(world.coordinator), MARCH, "language", now)
    assert (found.total.visitors, found.total.logged_wait) == (7, 3.0)
    year = reports.report(who(world.coordinator), "2026", "month", now)
    assert [(one.name, one.visitors) for one in year.lines] == [
        ("fevereiro de 2026", 5),
        ("março de 2026", 7),
    ]


def test_evenings_are_counted_by_the_one_counter(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Seven in the evening of Lisbon is six in the Azores: no evening yet."""
    rows = list(worked.published_between(MONDAY, MONDAY + dt.timedelta(days=6)))
    counts = worked.unsocial_counts(rows)
    found = reports.report(who(world.coordinator), MARCH, "office", now)
    assert {one.code: one.unsocial for one in found.people if one.unsocial} == {
        Mediator.get_by_id(one).code: count for one, count in counts.items() if count
    }


def test_a_coordinator_reports_on_their_offices_only(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    found = reports.report(who(world.azores_coordinator), MARCH, "office", now)
    assert found.total.needed == 0
    assert {one.code for one in found.people} == {"dina", "eva"}
    with pytest.raises(Forbidden):
        reports.report(who(world.trainer), MARCH, "office", now)


@pytest.mark.parametrize("period", ["2026-13", "26", "1999", "2026-3", "x"])
def test_a_period_is_a_month_or_a_year(world: SmallWorld, now: dt.datetime, period: str) -> None:
    with pytest.raises(NotFound):
        reports.report(who(world.coordinator), period, "office", now)


def test_the_figures_of_a_week_are_counted_once(published: Roster) -> None:
    first = figures_of(published)
    published.problem_json = ""
    assert figures_of(published).id == first.id


def test_a_language_hangs_on_one_person(world: SmallWorld, now: dt.datetime) -> None:
    starts_at = now - dt.timedelta(days=3)
    for code, count in (("kea", 12), ("en", 12)):
        Arrival.create(
            office=world.lisbon, starts_at=starts_at, language=code, need="general", count=count
        )
    found = language_map.language_map(who(world.coordinator), now)
    cells = {(row.code, cell.office_code): cell for row in found.rows for cell in row.cells}
    assert cells["kea", "lisbon"].strength is Strength.ONE
    assert cells["kea", "lisbon"].only == "Caio"
    assert cells["kea", "lisbon"].asked_a_month == 5, "12 in 12 weeks, rounded up"
    assert cells["en", "lisbon"].strength is Strength.NOBODY
    assert cells["pt", "lisbon"].strength is Strength.ENOUGH
    assert cells["uk", "azores"].strength is Strength.ONE
    assert [(row.code, cell.office_code) for row, cell in found.fragile] == [("kea", "lisbon")]
    assert [(row.code, cell.office_code) for row, cell in found.absent] == [("en", "lisbon")]


def test_who_may_visit_is_told_apart(world: SmallWorld, now: dt.datetime) -> None:
    MediatorOffice.create(mediator=world.mediators[3], office=world.lisbon)
    found = language_map.language_map(who(world.coordinator), now)
    english = next(row for row in found.rows if row.code == "en")
    lisbon = next(cell for cell in english.cells if cell.office_code == "lisbon")
    assert (lisbon.people, lisbon.visiting) == (0, 1)


@pytest.mark.parametrize(
    ("people", "asked", "told"),
    [(0, 0, "not_asked"), (0, 1, "nobody"), (1, 0, "one"), (2, 9, "few"), (3, 0, "enough")],
)
def test_strength_at_its_edges(people: int, asked: int, told: str) -> None:
    assert language_map.strength(people, asked) == told


def test_an_association_s_contact_sees_its_own_ledger_only(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    aurora, ponte = world.associations
    found = ledger.ledger(who(world.association), aurora.id, MARCH, now)
    minutes = {one.mediator.code: one.month.minutes for one in found.lines}
    assert minutes == {"ana": 240, "caio": 0, "eva": 0}
    assert found.month_minutes == found.year_minutes == 240
    assert found.protocol is not None
    with pytest.raises(Forbidden):
        ledger.ledger(who(world.association), ponte.id, MARCH, now)
    with pytest.raises(Forbidden):
        ledger.ledger(who(world.mediator), aurora.id, MARCH, now)


def test_people_are_found_by_level_and_by_a_certification_that_counts(
    world: SmallWorld, now: dt.datetime
) -> None:
    actor = who(world.coordinator)
    ana = world.mediators[0]
    Certification.create(
        mediator=ana, kind="legal", valid_from=now.date(), valid_until=now.date(), number="1"
    )

    def codes(today: dt.date, **wanted: str) -> set[str]:
        return {one.code for one in look_up_mediators(actor, MediatorFilter(**wanted), today)}

    assert codes(now.date(), certification="legal") == {"ana"}
    assert codes(now.date() + dt.timedelta(days=1), certification="legal") == set()
    assert codes(now.date(), language="uk", level="fluent") == {"ana", "eva"}
    assert codes(now.date(), language="uk", level="native") == set()
    shown, page, pages, everyone = page_of_mediators(
        actor, MediatorFilter(language="uk", level="fluent"), 9, now.date()
    )
    assert ([one.code for one in shown], page, pages, everyone) == (["ana", "eva"], 1, 1, 2)


def said(office_id: int, day: dt.date, kind: str, **more: object) -> FeedbackFacts:
    told: dict[str, object] = {"need": "general", "topic": "wait", **more}
    return FeedbackFacts(office_id=office_id, received_on=day, kind=kind, **told)  # type: ignore[arg-type]


def test_the_year_stands_as_the_service_reports_it(world: SmallWorld, now: dt.datetime) -> None:
    actor, lisbon = who(world.coordinator), world.lisbon.id
    for facts in (
        said(lisbon, dt.date(2026, 1, 5), "complaint", count=6),
        said(lisbon, dt.date(2026, 3, 1), "praise", count=31),
        said(lisbon, dt.date(2026, 3, 1), "satisfaction", level=4, count=90),
        said(lisbon, dt.date(2026, 3, 2), "satisfaction", level=1, count=10),
        said(lisbon, dt.date(2025, 12, 31), "praise"),
    ):
        feedback.log(actor, facts, now)
    *_, last, this = feedback.said_by_year(actor, 2026)
    assert (this.complaints, this.praises, this.answers, this.satisfied_share) == (6, 31, 100, 0.9)
    assert (last.praises, last.satisfied_share) == (1, None)
    months = feedback.said_by_month(actor, 2026)
    assert [one.complaints for one in months[:3]] == [6, 0, 0]
    assert feedback.said_by_year(who(world.azores_coordinator), 2026)[-1].praises == 0


def test_visitors_of_a_time_in_which_nobody_was_counted_are_not_told_as_none(
    world: SmallWorld, now: dt.datetime
) -> None:
    Arrival.create(office=world.lisbon, starts_at=now, language="pt", need="general", count=3)
    actor = who(world.coordinator)
    months = feedback.said_by_month(actor, now.year)
    assert [one.visitors for one in months[:3]] == [None, None, 3]
    assert [one.visitors for one in feedback.said_by_year(actor, now.year)[-2:]] == [None, 3]


def test_feedback_is_checked_whole_and_taken_back(world: SmallWorld, now: dt.datetime) -> None:
    actor = who(world.coordinator)
    tomorrow = now.date() + dt.timedelta(days=1)
    with pytest.raises(Invalid) as told:
        feedback.log(actor, said(world.lisbon.id, tomorrow, "satisfaction", count=0), now)
    assert {one.field for one in told.value.faults} == {"received_on", "count", "level"}
    made = feedback.log(actor, said(world.lisbon.id, now.date(), FeedbackKind.PRAISE), now)
    with pytest.raises(Forbidden):
        feedback.remove(who(world.azores_coordinator), made, now)
    feedback.remove(actor, made, now)
    assert feedback.newest(actor) == ()
