"""The chain from arrivals to a published week, on the small world."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter

import pytest
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld, log_arrivals

from app.models import (
    Absence,
    AbsenceKind,
    Arrival,
    ArrivalOutcome,
    Assignment,
    Certification,
    CourseSession,
    Desk,
    Enrolment,
    EnrolmentStatus,
    ExtraHoliday,
    ForecastSlot,
    Message,
    Office,
    RequestStatus,
    Requirement,
    Roster,
    RosterStatus,
    User,
    database,
)
from app.services import coverage, exchange, planning, reception, rosters, standing, week_rows
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.openings import opening_calendar
from app.services.problems import BuildOptions, build_problem
from app.services.rights import SYSTEM, actor_of
from forecast.calendar import HolidayKind
from forecast.office import fit_office
from solver.problem import Interval, Problem


def actor(email: str):
    return actor_of(User.get(User.email == email))


@pytest.fixture
def logged(world: SmallWorld, now: dt.datetime) -> SmallWorld:
    log_arrivals(world, now.date())
    return world


@pytest.fixture
def planned(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> SmallWorld:
    def plan() -> None:
        log_arrivals(world, now.date())
        ahead = planning.prepare_forecast(world.group, MONDAY, now)
        foreseen, derived = week_rows.forecast_rows(ahead, now), week_rows.derive(ahead)
        with database.atomic():
            week_rows.save_forecast(foreseen)
            week_rows.save_requirements(derived)

    prepared("planned week", plan)
    return world


def test_nothing_is_reckoned_while_others_wait_to_write(
    logged: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within transactions there is what is written, and the overrides that are laid on it."""
    inside: list[str] = []
    ask = database.obj.execute_sql

    def listen(sql: str, *given: object, **options: object) -> object:
        if database.in_transaction():
            inside.append(sql)
        return ask(sql, *given, **options)

    monkeypatch.setattr(database.obj, "execute_sql", listen)
    planning.forecast_week(logged.group, MONDAY, now)
    planning.derive_requirements(logged.group, MONDAY, now)
    words = Counter(one.split()[0] for one in inside)
    assert words["DELETE"] >= 2
    assert set(words) <= {"DELETE", "INSERT", "SELECT", "BEGIN", "COMMIT"}
    asked = [one for one in inside if one.startswith("SELECT")]
    assert all("requirement_override" in one for one in asked)


@pytest.fixture
def draft(planned: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    def build() -> int:
        built = rosters.build(planned.group, MONDAY, BuildOptions(), seconds=5, workers=1)
        with database.atomic():
            return rosters.save_draft(SYSTEM, built, now)

    return Roster.get_by_id(prepared("drafted week", build))


def test_a_week_is_foreseen_for_every_open_half_hour(planned: SmallWorld) -> None:
    totals = ForecastSlot.select().where(
        ForecastSlot.office == planned.lisbon, ForecastSlot.language.is_null()
    )
    assert totals.count() == 5 * 20
    assert sum(slot.mean for slot in totals) == pytest.approx(5 * 80, rel=0.1)
    for slot in totals:
        assert slot.q50 <= slot.q80 <= slot.q90 <= slot.q95


def test_foreseeing_again_replaces(planned: SmallWorld, now: dt.datetime) -> None:
    before = ForecastSlot.select().count(), Requirement.select().count()
    planning.forecast_week(planned.group, MONDAY, now)
    planning.derive_requirements(planned.group, MONDAY, now)
    assert (ForecastSlot.select().count(), Requirement.select().count()) == before


def test_requirements_say_which_numbers_made_them(planned: SmallWorld) -> None:
    row = Requirement.get(Requirement.office == planned.lisbon, Requirement.label == "pt")
    assert row.reason["kind"] == "language"
    assert row.reason["pool_heads"] >= row.count
    desk = list(Requirement.select().where(Requirement.label == "legal"))
    assert len(desk) == 5 * 4
    assert {tuple(one.needs) for one in desk} == {("cert:legal",)}


def test_the_azores_keep_their_own_hours(planned: SmallWorld) -> None:
    first = (
        Requirement.select()
        .where(Requirement.office == planned.azores)
        .order_by(Requirement.starts_at)
        .first()
    )
    assert first.starts_at == dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC)


def test_a_certification_counts_to_its_last_day_and_not_past_it(planned: SmallWorld) -> None:
    ana = planned.mediators[0]
    Certification.create(
        mediator=ana,
        kind="legal",
        valid_from=dt.date(2025, 3, 11),
        valid_until=MONDAY + dt.timedelta(days=1),
        number="1",
    )
    problem = build_problem(planned.group, MONDAY)
    assert problem.mediator_by_id["ana"].skills["cert:legal"] == Interval(0, 96)


def test_a_withdrawn_certification_ends_at_that_instant(planned: SmallWorld) -> None:
    Certification.create(
        mediator=planned.mediators[0],
        kind="legal",
        valid_from=dt.date(2026, 1, 1),
        number="1",
        withdrawn_at=dt.datetime(2026, 3, 9, 10, 0, tzinfo=dt.UTC),
    )
    problem = build_problem(planned.group, MONDAY)
    assert problem.mediator_by_id["ana"].skills["cert:legal"] == Interval(0, 20)


def test_an_expired_certification_is_not_a_skill(planned: SmallWorld) -> None:
    Certification.create(
        mediator=planned.mediators[0],
        kind="legal",
        valid_from=dt.date(2025, 1, 1),
        valid_until=MONDAY - dt.timedelta(days=1),
        number="1",
    )
    problem = build_problem(planned.group, MONDAY)
    assert "cert:legal" not in problem.mediator_by_id["ana"].skills


def test_renewed_certifications_that_follow_on_are_one_span(planned: SmallWorld) -> None:
    for number, first, last in (("1", -30, 1), ("2", 2, 60)):
        Certification.create(
            mediator=planned.mediators[0],
            kind="legal",
            valid_from=MONDAY + dt.timedelta(days=first),
            valid_until=MONDAY + dt.timedelta(days=last),
            number=number,
        )
    problem = build_problem(planned.group, MONDAY)
    assert problem.mediator_by_id["ana"].skills["cert:legal"] is None


def test_leave_and_training_bound_the_week(planned: SmallWorld, now: dt.datetime) -> None:
    bo, caio = planned.mediators[1:3]
    start = dt.datetime(2026, 3, 10, 0, 0, tzinfo=dt.UTC)
    Absence.create(
        mediator=bo,
        starts_at=start,
        ends_at=start + dt.timedelta(days=1),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )
    Absence.create(
        mediator=caio,
        starts_at=start,
        ends_at=start + dt.timedelta(days=1),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.ASKED,
    )
    session = CourseSession.create(
        course=planned.course,
        starts_at=start + dt.timedelta(hours=9),
        ends_at=start + dt.timedelta(hours=12),
    )
    Enrolment.create(session=session, mediator=caio, status=EnrolmentStatus.ENROLLED, asked_at=now)
    problem = build_problem(planned.group, MONDAY)
    away, learning = problem.mediator_by_id["bo"], problem.mediator_by_id["caio"]
    assert away.unavailable == (Interval(48, 96),)
    assert away.weeks[0].min_slots == 80 * 4 // 5
    assert learning.unavailable == ()
    assert learning.busy == (Interval(66, 72),)


def test_the_problem_reads_back_equal(planned: SmallWorld) -> None:
    problem = build_problem(planned.group, MONDAY)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem


def test_a_build_keeps_every_rule_and_a_bound(draft: Roster) -> None:
    judgement = rosters.judge(draft)
    assert judgement.violations == ()
    assert draft.cost == judgement.cost
    assert draft.bound is not None
    assert 0 <= draft.bound <= draft.cost
    assert coverage.of_roster(draft).share > 0.5


def test_a_week_without_requirements_is_not_built(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(Invalid, match="requirements"):
        rosters.ask_build(actor(world.coordinator), world.group.id, MONDAY, now)


def test_only_a_coordinator_of_all_offices_may_publish(draft: Roster, now: dt.datetime) -> None:
    for email in ("ana@example.org", "azores@example.org", "trainer@example.org"):
        with pytest.raises(Forbidden):
            rosters.publish(actor(email), draft.id, now)
    rosters.publish(actor("coordinator@example.org"), draft.id, now)
    assert Roster.get_by_id(draft.id).status == RosterStatus.PUBLISHED


def test_publishing_twice_tells_once(draft: Roster, now: dt.datetime) -> None:
    for _ in range(2):
        rosters.publish(SYSTEM, draft.id, now)
    told = list(Message.select())
    assert {User.get_by_id(one.user_id).email for one in told} == {
        "ana@example.org",
        "bo@example.org",
    }


def test_a_broken_rule_stops_publication(
    planned: SmallWorld, draft: Roster, now: dt.datetime
) -> None:
    one = (
        Assignment.select()
        .where(Assignment.roster == draft, Assignment.office == planned.lisbon)
        .first()
    )
    one.id, one.mediator = None, planned.mediators[3]
    one.date += dt.timedelta(days=20)
    one.save(force_insert=True)
    with pytest.raises(Invalid, match="office"):
        rosters.publish(SYSTEM, draft.id, now)
    assert Roster.get_by_id(draft.id).status == RosterStatus.DRAFT
    assert Message.select().count() == 0


def test_a_shift_that_stays_keeps_its_uid_and_one_that_moves_counts_up(
    planned: SmallWorld, draft: Roster, now: dt.datetime
) -> None:
    rosters.publish(SYSTEM, draft.id, now)
    later = now + dt.timedelta(hours=1)
    built = rosters.build(
        planned.group, MONDAY, BuildOptions(few_changes=True), seconds=3, workers=1
    )
    with database.atomic():
        second = Roster.get_by_id(rosters.save_draft(SYSTEM, built, later))
    moved = Assignment.select().where(Assignment.roster == second).first()
    moved.ends_at += dt.timedelta(minutes=30)
    moved.save()
    before = {
        (row.mediator_id, row.date): row
        for row in Assignment.select().where(Assignment.roster == draft)
    }
    rosters.publish(SYSTEM, second.id, later)
    for row in Assignment.select().where(Assignment.roster == second):
        was = before.get((row.mediator_id, row.date))
        if was is None:
            assert row.sequence == 0
            continue
        assert row.uid == was.uid
        same = (row.starts_at, row.ends_at, row.office_id) == (
            was.starts_at,
            was.ends_at,
            was.office_id,
        )
        assert row.sequence == was.sequence + (not same)
        assert row.changed_at == (was.changed_at if same else later)
    assert Roster.get_by_id(draft.id).status == RosterStatus.SUPERSEDED


def test_a_superseded_version_is_not_published(draft: Roster, now: dt.datetime) -> None:
    Roster.update(status=RosterStatus.SUPERSEDED).where(Roster.id == draft.id).execute()
    with pytest.raises(Conflict):
        rosters.publish(SYSTEM, draft.id, now)


def test_the_exported_files_agree_with_the_row(draft: Roster, tmp_path) -> None:
    problem_path, roster_path = exchange.export_roster(draft.id, tmp_path / "out")
    problem = Problem.from_json(json.loads(problem_path.read_text()))
    roster = json.loads(roster_path.read_text())
    assert roster["cost"] == draft.cost
    assert roster["problem"] == problem.name
    assert len(roster["assignments"]) == draft.assignments.count()


def test_a_publication_is_newer_than_the_draft_it_passed_by(
    planned: SmallWorld, draft: Roster, now: dt.datetime
) -> None:
    built = rosters.build(planned.group, MONDAY, BuildOptions(), seconds=2, workers=1)
    with database.atomic():
        second = rosters.save_draft(SYSTEM, built, now)
    assert standing.latest_roster(planned.group.id, MONDAY).id == second
    rosters.publish(SYSTEM, second, now)
    latest = standing.latest_roster(planned.group.id, MONDAY)
    assert (latest.id, draft.id < second) == (second, True)


def test_the_day_under_way_is_not_learned_as_a_whole_one(world: SmallWorld) -> None:
    """An office on its first day, at ten: as large as the one it is like, not as its morning."""
    wednesday = MONDAY - dt.timedelta(days=5)
    log_arrivals(world, wednesday)
    Arrival.delete().where(Arrival.office == world.azores).execute()
    ten = opening_calendar(world.azores).instant(wednesday, 600)
    before = planning.forecast_of(world.azores, MONDAY, ten).total_mean.sum()
    Arrival.create(
        office=world.azores, starts_at=ten - dt.timedelta(hours=1), language="pt",
        need="general", count=12,
    )  # fmt: skip
    assert before == pytest.approx(5 * 80, rel=0.1)
    assert planning.forecast_of(world.azores, MONDAY, ten).total_mean.sum() == before
    over = ten + dt.timedelta(days=1)
    assert planning.forecast_of(world.azores, MONDAY, over).total_mean.sum() < before


def test_two_years_of_history_teach_a_wave_of_the_year(world: SmallWorld, now: dt.datetime) -> None:
    log_arrivals(world, now.date(), days=7 * 104)
    request = planning.office_request(world.lisbon, MONDAY, planning.language_codes(), now)
    assert fit_office(request.history, request.calendar, MONDAY).days.with_year


def test_the_forecast_knows_public_municipal_and_religious_holidays(world: SmallWorld) -> None:
    ExtraHoliday.create(office=world.lisbon, month=9, day=11, name="Own day")
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    for office in (world.lisbon, world.azores):
        openings = opening_calendar(office)
        known = planning.forecast_calendar(openings, first, last)
        days = [first + dt.timedelta(days=n) for n in range(365)]
        for day in days:
            assert list(known.slots(day, 30)) == [
                start + n * dt.timedelta(minutes=30)
                for start, end in openings.intervals(day)
                for n in range((end - start) // dt.timedelta(minutes=30))
            ], day
        kinds = {one.kind for one in known.holidays}
        assert HolidayKind.PUBLIC in kinds
        assert (HolidayKind.MUNICIPAL in kinds) == (office == world.lisbon)
        kept = {one.day for one in known.holidays if "zh" in one.languages}
        assert dt.date(2026, 2, 17) in kept, "Chinese New Year"


def test_a_community_that_keeps_its_day_is_foreseen_fewer(world: SmallWorld) -> None:
    """A year of Mandarin speakers who stay at home at their New Year: so will they next time."""
    calendar = planning.forecast_calendar(
        opening_calendar(world.lisbon), dt.date(2025, 1, 1), dt.date(2027, 3, 1)
    )
    kept = sorted(one.day for one in calendar.holidays if "zh" in one.languages)
    assert dt.date(2027, 2, 5) in kept
    monday = dt.date(2027, 2, 1)
    days = [monday - dt.timedelta(days=before) for before in range(1, 56 * 7)]
    rows = [
        {
            "office": world.lisbon,
            "starts_at": start,
            "language": language,
            "need": "general",
            "count": count,
        }
        for day in days
        for start in calendar.slots(day, 30)
        for language, count in (("pt", 6), ("zh", 0 if day in kept else 2))
        if count
    ]
    for at in range(0, len(rows), 2000):
        Arrival.insert_many(rows[at : at + 2000]).execute()
    forecast = planning.forecast_of(
        world.lisbon, monday, opening_calendar(world.lisbon).instant(monday, 0)
    )
    mandarin = forecast.language_mean[:, forecast.languages.index("zh")]
    by_day = [float(mandarin[forecast.grid.days == monday.toordinal() + n].sum()) for n in range(5)]
    assert min(by_day[:4]) > 30
    assert by_day[4] < 0.5 * min(by_day[:4])


def test_receptions_noted_to_take_longer_ask_for_more(
    planned: SmallWorld, now: dt.datetime
) -> None:
    """Thirty noted at 24 minutes and the default's ten at ten: 20.5 minutes."""
    before = sum(one.count for one in requirements_of(planned.lisbon) if one.exclusive)
    cell = {"office": planned.lisbon, "language": "pt", "need": "general"}
    week = dt.timedelta(weeks=1)
    midnight = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
    for starts_at, services, minutes in (
        (midnight - week, 30, 720),
        (midnight, 1000, 100_000),  # of the week itself: not known yet
        (midnight - 27 * week, 1000, 100_000),  # too long ago
    ):
        ArrivalOutcome.create(
            starts_at=starts_at, services=services, service_minutes=minutes, **cell
        )
    planning.derive_requirements(planned.group, MONDAY, now)
    rows = [one for one in requirements_of(planned.lisbon) if one.reason["kind"] != "desk"]
    assert {one.reason["measured_services"] for one in rows} == {30}
    assert {one.reason["service_minutes"] for one in rows} == {20.5}
    assert sum(one.count for one in requirements_of(planned.lisbon) if one.exclusive) > before


def test_a_desk_asks_for_as_many_as_its_need_brings_and_says_why(
    logged: SmallWorld, now: dt.datetime
) -> None:
    """Whoever has the need is foreseen at the desk; the rule is the least, the numbers are told."""
    planned, desk = logged, Desk.get(Desk.office == logged.lisbon)
    portuguese = (Arrival.office == planned.lisbon) & (Arrival.language == "pt")
    for one in list(Arrival.select().where(portuguese)):
        Arrival.create(
            office=planned.lisbon, starts_at=one.starts_at, language="pt", need="legal", count=3
        )
    planning.derive_requirements(planned.group, MONDAY, now)
    before = list(Requirement.select().where(Requirement.label == "legal"))
    assert all(one.count >= 1 and one.minimum == 1 for one in before)
    assert {(one.reason["least"], one.reason["wanted"]) for one in before} == {(1, 1)}
    assert all(one.reason["arrivals"] > 0 and one.reason["load"] > 0 for one in before)
    assert {one.reason["service_minutes"] for one in before} == {10.0}

    # Called numbers that took an hour each ask for more of the certified. The reception does not
    # call theirs while the desk is open, from ten to twelve: the pool is smaller then, and the same
    # before. (In the half hour after, fewer are still being received.)
    def pool(first: int, end: int) -> int:
        return sum(
            one.count
            for one in requirements_of(planned.lisbon)
            if one.label != "legal" and one.exclusive and first <= one.starts_at.hour < end
        )

    spoken = {one.label for one in requirements_of(planned.lisbon)}
    heads = [pool(8, 10), pool(10, 12), pool(13, 18)]
    planned.lisbon.gives_tickets = True
    planned.lisbon.save()
    ArrivalOutcome.create(
        office=planned.lisbon, language="pt", need="legal",
        starts_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), services=90, service_minutes=5400,
    )  # fmt: skip
    planning.derive_requirements(planned.group, MONDAY, now)
    after = list(Requirement.select().where(Requirement.label == "legal"))
    assert len(after) == len(before)
    assert sum(one.count for one in after) > sum(one.count for one in before)
    assert {one.reason["service_minutes"] for one in after} == {55.0}
    assert {one.reason["measured_services"] for one in after} == {90}
    assert pool(10, 12) < heads[1]
    assert [pool(8, 10), pool(13, 18)] == [heads[0], heads[2]]
    assert {one.label for one in requirements_of(planned.lisbon)} == spoken

    desk.wanted = 9
    desk.save()
    planning.derive_requirements(planned.group, MONDAY, now)
    wanted = list(Requirement.select().where(Requirement.label == "legal"))
    assert all(one.count >= 9 for one in wanted)


def test_numbers_called_for_a_desk_say_nothing_of_the_reception(world: SmallWorld) -> None:
    midnight = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    for need, minutes in (("legal", 900), ("general", 200)):
        ArrivalOutcome.create(
            office=world.lisbon, language="pt", need=need, starts_at=midnight, services=20,
            service_minutes=minutes,
        )  # fmt: skip
    assert set(reception.measured(world.lisbon, MONDAY)) == {"legal", "general"}
    world.lisbon.gives_tickets = True
    assert set(reception.measured(world.lisbon, MONDAY)) == {"general"}
    assert reception.measured_at_desks(world.lisbon, MONDAY)["legal"].services == 20


def test_a_municipal_day_of_its_own_takes_the_place_of_the_district_capital_s(
    world: SmallWorld,
) -> None:
    saint_anthony = dt.date(2026, 6, 13)
    assert opening_calendar(world.lisbon).holiday_name(saint_anthony)
    ExtraHoliday.create(office=world.lisbon, month=9, day=11, name="Own day")
    ExtraHoliday.create(office=world.azores, month=6, day=29, name="São Pedro")
    openings = opening_calendar(world.lisbon)
    assert openings.holiday_name(saint_anthony) is None
    assert openings.holiday_name(dt.date(2026, 12, 25))
    known = planning.forecast_calendar(openings, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    municipal = [one.day for one in known.holidays if one.kind is HolidayKind.MUNICIPAL]
    assert municipal == [dt.date(2026, 9, 11)]
    region = opening_calendar(world.azores)
    assert region.holiday_name(dt.date(2026, 5, 25)), "the day of the Azores is the region's"


def requirements_of(office: Office) -> list[Requirement]:
    return list(Requirement.select().where(Requirement.office == office))
