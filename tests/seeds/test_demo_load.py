"""The demonstration as a whole, loaded through the services into a database of its own.

tests/browser/test_demonstration.py looks at that of another date.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fresh_databases import Keeper
from peewee import fn

from app.database import open_database
from app.models import (
    TABLES,
    Absence,
    Arrival,
    ArrivalOutcome,
    Association,
    Availability,
    Call,
    Certification,
    CertificationKind,
    CourseSession,
    DemandEvent,
    Desk,
    Enrolment,
    EnrolmentStatus,
    Feedback,
    FieldRoute,
    Language,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Nomination,
    NominationStatus,
    Office,
    OfficeKind,
    RegimeArticle,
    Role,
    Ticket,
    TicketState,
    Translator,
    TranslatorHours,
    TranslatorLanguage,
    User,
    UserRole,
    Wish,
    database,
)
from app.services import audit, public_statistics, reception
from app.services.errors import Invalid
from app.services.field_checks import PROFESSIONALS
from app.services.keyring import Keyring
from app.services.languages import centre_languages
from app.services.openings import opening_calendar
from app.services.sign_ins import check_password
from app.services.travel import journey
from seeds.demo import PASSWORD, DemoSummary, is_loaded, load, moment_of
from seeds.tables import read_table

TODAY = dt.date(2026, 3, 4)
MONDAY = dt.date(2026, 3, 9)
NOW = dt.datetime(2026, 3, 4, 9, 30, tzinfo=dt.UTC)
SECRET = {"password_hash", "hash", "previous_hash", "number"}
"""Columns drawn from the machine's randomness, or that follow from such."""
DRAWN = {
    *(("CourseSession", "uid"), ("Mail", "uid"), ("FieldRoute", "uid"), ("FieldStop", "uid")),
    *(("CheckIn", "part"), ("Message", "key")),
}
"""The same, in one table only."""

TOLD: list[tuple[str, int, int]] = []
"""What the load of the `demo` fixture told of its progress."""


@pytest.fixture(scope="module")
def demo(chosen_keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSummary]:
    """The whole demonstration, once for the module; no test here may change it."""
    TOLD.clear()
    yield from _loaded(chosen_keeper, tmp_path_factory.mktemp("demo"), TODAY, 53, TOLD)


def _loaded(
    keeper: Keeper,
    folder: Path,
    today: dt.date,
    weeks: int,
    told: list[tuple[str, int, int]] | None = None,
) -> Iterator[DemoSummary]:
    steps = told if told is not None else []
    before = database.obj
    url = keeper.new_database(folder)
    opened = open_database(url)
    with database.connection_context():
        assert not is_loaded()
        yield load(
            today,
            now=NOW,
            history_weeks=weeks,
            progress=lambda *step: steps.append(step),
        )
    opened.dispose()  # type: ignore[attr-defined]
    keeper.drop(url)
    database.initialize(before)


def fingerprint() -> dict[str, str]:
    """A hash of every table's rows, secrets left out."""
    found = {}
    for table in TABLES:
        columns = [
            column
            for column in table._meta.sorted_fields
            if column.column_name not in SECRET
            and (table.__name__, column.column_name) not in DRAWN
        ]
        digest = hashlib.sha256()
        for row in table.select(*columns).order_by(table._meta.primary_key).tuples():
            digest.update(repr(row).encode())
        found[table.__name__] = digest.hexdigest()
    return found


def test_the_demonstration_has_what_the_case_has(demo: DemoSummary) -> None:
    assert demo.mediators == Mediator.select().count() >= 75
    assert demo.associations == Association.select().count() >= 14
    assert demo.languages == Language.select().count() >= 15
    kinds = Counter(str(row.kind) for row in Office.select())
    assert kinds == {"centre": 3, "local_centre": 70, "telephone": 1, "mobile_unit": 1}
    assert demo.offices == 75
    assert is_loaded()
    assert demo.arrival_rows == Arrival.select().count() < 400_000


def test_everybody_is_fictional_nominated_and_says_so(demo: DemoSummary) -> None:
    assert not Mediator.select().where(~Mediator.fictional).exists()
    assert all("(fictícia)" in row.name for row in Association.select())
    accepted = Nomination.select().where(Nomination.status == NominationStatus.ACCEPTED)
    assert {row.mediator_id for row in accepted} == {row.id for row in Mediator.select()}
    names = [row.name for row in Mediator.select()]
    assert len(set(names)) == len(names)
    associations = {row.association_id for row in Mediator.select()}
    assert len(associations) >= 14


def test_every_language_is_spoken_by_some_and_at_each_centre_most(demo: DemoSummary) -> None:
    spoken = {row.language_id for row in MediatorLanguage.select()}
    translated = {row.language_id for row in TranslatorLanguage.select()}
    assert spoken | translated == {row.code for row in Language.select()}
    assert len(translated - spoken) >= 20
    assert set(centre_languages()) == spoken
    for code, least in (("lisbon", 19), ("porto", 17), ("faro", 10), ("telephone", 10)):
        here = (
            MediatorLanguage.select(MediatorLanguage.language)
            .join(Mediator)
            .join(Office)
            .where(Office.code == code)
            .distinct()
        )
        assert here.count() >= least, code


def test_every_office_can_be_staffed(demo: DemoSummary) -> None:
    """By somebody at home there, or by somebody of its group who goes round."""
    for office in Office.select():
        home = Mediator.select().where(Mediator.home_office == office).count()
        visiting = MediatorOffice.select().join(Mediator).join(Office)
        visiting = visiting.where(MediatorOffice.office == office, Office.group == office.group)
        assert home >= 1 or visiting.exists(), office.code
    mobile = Office.get(Office.kind == OfficeKind.MOBILE_UNIT)
    assert Mediator.select().where(Mediator.home_office == mobile).count() == 2
    assert MediatorOffice.select().count() >= 30


def test_every_shift_of_a_contract_fits_the_home_office(demo: DemoSummary) -> None:
    for mediator in Mediator.select():
        calendar = opening_calendar(mediator.home_office)
        spans = [calendar.intervals(MONDAY + dt.timedelta(days=n)) for n in range(7)]
        longest = max(sum(((e - s) for s, e in day), dt.timedelta()) for day in spans)
        pause = dt.timedelta(minutes=60 if mediator.shift_most_minutes > 300 else 0)
        whole = dt.timedelta(minutes=mediator.shift_most_minutes)
        split = any(len(day) > 1 for day in spans)
        assert longest >= (whole if split else whole + pause), mediator.code


def test_every_desk_has_somebody_certified_for_it_this_week(demo: DemoSummary) -> None:
    for desk in Desk.select().where(Desk.certification.is_null(False)):
        held = (
            Certification.select(Certification.mediator)
            .join(Mediator)
            .where(
                Mediator.home_office == desk.office,
                Certification.kind == desk.certification,
                Certification.withdrawn_at.is_null(),
                Certification.valid_from <= MONDAY,
                Certification.valid_until.is_null() | (Certification.valid_until >= MONDAY),
            )
            .distinct()
        )
        assert held.count() >= max(1, desk.wanted), (desk.office.code, desk.need)


def test_certifications_end_soon_have_ended_and_stand(demo: DemoSummary) -> None:
    soon = Certification.select().where(
        Certification.valid_until >= TODAY,
        Certification.valid_until <= TODAY + dt.timedelta(days=45),
    )
    ended = Certification.select().where(Certification.valid_until < TODAY)
    standing = Certification.select().where(
        Certification.valid_until > TODAY + dt.timedelta(days=90)
    )
    assert soon.count() >= 5
    assert ended.count() >= 10
    assert standing.count() >= 100
    wednesday = Certification.select().where(
        Certification.kind == "legal", Certification.valid_until == MONDAY + dt.timedelta(days=2)
    )
    assert wednesday.count() >= 1


def test_every_telephone_mediator_holds_the_three_referrals(demo: DemoSummary) -> None:
    """At home there and those who come from the centres: who lacks one counts for nothing."""
    telephone = Office.get(Office.code == "telephone")
    visits = MediatorOffice.select(MediatorOffice.mediator)
    visits = visits.where(MediatorOffice.office == telephone)
    answering = (Mediator.home_office == telephone) | Mediator.id.in_(visits)
    assert Mediator.select().where(answering).count() == 21
    for mediator in Mediator.select().where(answering):
        held = {
            row.kind_id
            for row in mediator.certifications
            if row.valid_until is None or row.valid_until >= TODAY
        }
        assert {"violence", "trafficking", "fgm"} <= held, mediator.code
    at_home = Mediator.select().where(Mediator.phone_from_home)
    assert {row.home_office.kind for row in at_home} == {"telephone", "centre"}
    assert at_home.where(Mediator.home_office == telephone).count() == 4


def test_the_azores_open_by_their_own_clock(demo: DemoSummary) -> None:
    office = Office.get(Office.code == "ponta-delgada")
    assert office.zone == "Atlantic/Azores"
    instants = {
        row.starts_at.astimezone(ZoneInfo("Atlantic/Azores")).time()
        for row in Arrival.select(Arrival.starts_at).where(Arrival.office == office)
    }
    assert min(instants) == dt.time(9)
    assert max(instants) == dt.time(16, 30)
    assert dt.time(12, 30) not in instants
    winter = Arrival.select(Arrival.starts_at).where(
        Arrival.office == office,
        Arrival.starts_at >= dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
        Arrival.starts_at < dt.datetime(2026, 1, 6, tzinfo=dt.UTC),
    )
    assert min(row.starts_at for row in winter) == dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


def test_local_centres_are_planned_by_region_and_itinerants_stay_near(demo: DemoSummary) -> None:
    """Seventy small offices, six groups; whoever goes round is back at night, on one island."""
    groups = Counter(row.group.code for row in Office.select())
    assert groups == {
        "network": 17, "claim-norte": 15, "claim-centro": 17, "claim-lisboa": 8, "claim-sul": 12,
        "claim-ilhas": 6,
    }  # fmt: skip
    zones = {row.zone for row in Office.select()}
    assert zones == {"Europe/Lisbon", "Atlantic/Azores", "Atlantic/Madeira"}
    mornings = [
        row for row in Office.select() if len({one.weekday for one in row.opening_hours}) == 2
    ]
    assert len(mornings) >= 15
    going = MediatorOffice.select().join(Mediator).join(Office)
    going = going.where(Office.group != Office.get(Office.code == "lisbon").group)
    assert going.count() >= 15
    for row in going:
        way = journey(row.mediator.home_office, row.office)
        assert way.minutes is not None
        assert way.fits(row.mediator.shift_least_minutes, row.mediator.regime.rest_minutes)
        assert way.minutes <= 100
        assert row.cost == way.cost
        assert row.office.group == row.mediator.home_office.group


def test_the_telephone_s_calls_are_its_arrivals_of_the_last_weeks(demo: DemoSummary) -> None:
    telephone = Office.get(Office.code == "telephone")
    calls = Call.select().where(Call.office == telephone)
    arrived = Arrival.select(fn.SUM(Arrival.count)).where(Arrival.source == "call").scalar()
    assert calls.count() == arrived > 2_000
    assert calls.where(Call.three_way).count() > 1_000
    paid = calls.where(Call.translator.is_null(False))
    assert paid.count() > 50
    for row in paid.limit(50):
        assert row.cents == row.minutes * row.translator.price_cents
        assert row.language_id in {one.language_id for one in row.translator.languages}
    assert len(reception.measured(telephone, MONDAY)) > 5
    assert Ticket.select().where(Ticket.state == TicketState.WAITING).count() == 9


def test_nobody_arrives_on_closed_days_or_in_the_future(demo: DemoSummary) -> None:
    for office in Office.select():
        calendar = opening_calendar(office)
        instants = Arrival.select(Arrival.starts_at).where(Arrival.office == office).distinct()
        dates = {row.starts_at.astimezone(calendar.zone).date() for row in instants}
        assert max(dates) < TODAY
        weeks = 53 if office.group.code == "network" else 26
        assert len(dates) > weeks * len({row.weekday for row in office.opening_hours}) * 0.75
        for date in dates:
            assert calendar.intervals(date), (office.code, date)
    setubal = opening_calendar(Office.get(Office.code == "setubal"))
    assert setubal.closures


def test_how_long_some_receptions_take_is_measured(demo: DemoSummary) -> None:
    noted = read_table("receptions")
    lisbon = Office.get(Office.code == "lisbon")
    found = reception.measured(lisbon, MONDAY)
    assert set(found) == {row["need"] for row in noted}, "the other needs' are assumed"
    for row in noted:
        services, minutes = found[row["need"]].services, found[row["need"]].minutes
        assert services > 20
        assert minutes / services == pytest.approx(float(row["minutes"]), rel=0.25)
    assert not reception.measured(Office.get(Office.code == "setubal"), MONDAY)
    for row in ArrivalOutcome.select().where(ArrivalOutcome.source == "demo"):
        came = Arrival.get(
            Arrival.office == row.office_id, Arrival.starts_at == row.starts_at,
            Arrival.language == row.language_id, Arrival.need == row.need,
        ).count  # fmt: skip
        assert row.waits == row.served + row.by_phone + row.left <= came
        assert row.services <= row.served + row.by_phone


def test_the_coming_week_has_absences_wishes_training_and_an_event(demo: DemoSummary) -> None:
    first = dt.datetime.combine(MONDAY, dt.time(), dt.UTC)
    last = first + dt.timedelta(days=7)

    def within(table: type[Absence] | type[Wish] | type[CourseSession]) -> int:
        return table.select().where(table.starts_at < last, table.ends_at > first).count()

    assert within(Absence) >= 5
    assert within(Wish) >= 10
    assert within(CourseSession) >= 1
    assert Availability.select().count() >= 5
    enrolled = Enrolment.select().where(Enrolment.status == EnrolmentStatus.ENROLLED)
    assert enrolled.count() >= 10
    events = DemandEvent.select().where(
        DemandEvent.starts_on < MONDAY + dt.timedelta(days=7), DemandEvent.ends_on >= MONDAY
    )
    assert events.count() >= 1


def test_part_timers_work_four_hours_and_regimes_name_their_articles(demo: DemoSummary) -> None:
    hours = Counter(row.week_minutes for row in Mediator.select())
    assert set(hours) == {2100, 2400, 1200}
    assert min(hours.values()) >= 4
    articles = Counter(row.regime.code for row in RegimeArticle.select())
    assert set(articles) == {"public", "private", "part-time"}
    assert CertificationKind.select().count() >= 6


def test_every_role_can_sign_in(demo: DemoSummary) -> None:
    roles = {login.role for login in demo.logins}
    assert roles == set(Role)
    for login in demo.logins:
        user = check_password(login.email, PASSWORD, "192.0.2.7", Keyring("k" * 40), NOW)
        assert user is not None
        assert user.id == login.user_id
    porto = next(login for login in demo.logins if login.office == "porto")
    assert UserRole.get(UserRole.user == porto.user_id).office.code == "porto"
    assert User.select().where(User.mediator.is_null(False)).count() >= 4


def test_the_load_is_audited_without_a_break(demo: DemoSummary) -> None:
    assert audit.verify() is None


def test_a_second_load_is_refused_whole(demo: DemoSummary) -> None:
    before = Mediator.select().count()
    with pytest.raises(Invalid, match="code"):
        load(TODAY, now=NOW, history_weeks=1)
    assert Mediator.select().count() == before


def test_the_same_date_gives_the_same_data_however_long_the_history(
    demo: DemoSummary, chosen_keeper: Keeper, tmp_path: Path
) -> None:
    """Arrivals are compared in test_arrivals_model; endings follow them, the audit log counts."""
    here = fingerprint()
    for _summary in _loaded(chosen_keeper, tmp_path, TODAY, 1):
        there = fingerprint()
    for name in ("Arrival", "ArrivalOutcome", "AuditEntry", "Call"):
        assert here.pop(name) != there.pop(name)
    del here["RateCount"], there["RateCount"]  # somebody signed in here
    assert here == there


def test_progress_is_told_step_by_step(demo: DemoSummary) -> None:
    steps = list(dict.fromkeys(step for step, _done, _total in TOLD))
    assert steps[:5] == ["offices", "people", "accounts", "training", "arrivals"]
    for step in steps:
        counts = [(done, total) for name, done, total in TOLD if name == step]
        assert counts == sorted(counts)
        assert counts[-1][0] == counts[-1][1]


def test_associations_nominate_and_the_mobile_unit_goes_out(demo: DemoSummary) -> None:
    statuses = [row.status for row in Nomination.select().where(Nomination.mediator.is_null())]
    assert sorted(statuses) == ["declined", "proposed", "proposed"]
    routes = list(FieldRoute.select())
    assert len(routes) == 3
    for route in routes:
        assert route.date > demo.today
        assert route.stops.count() >= 1
        assert route.seats.count() == PROFESSIONALS
        assert {one.mediator.home_office.code for one in route.seats} == {"mobile"}


def test_a_demonstration_started_at_night_is_dated_when_it_was_started() -> None:
    night = dt.datetime(2026, 11, 24, 1, 30, tzinfo=dt.UTC)
    assert moment_of(dt.date(2026, 11, 24), night) == night
    morning = dt.datetime(2026, 11, 25, 7, tzinfo=dt.UTC)
    assert moment_of(dt.date(2026, 11, 25), night) == morning, "laid in the future"
    assert moment_of(dt.date(2026, 11, 25), None) == morning
    assert moment_of(dt.date(2026, 11, 20), night) == night, "laid in the past"


def test_every_service_of_the_case_has_something_to_show(demo: DemoSummary) -> None:
    """Beside what the tests above look at: desks of all kinds, what visitors said, protocols around
    today, places of routes with address and languages, a past year as open data."""
    desks = list(Desk.select().join(Office).where(Office.code == "lisbon"))
    ours = {row.need for row in desks if not row.partner}
    assert ours == {
        "social", "legal", "employment", "indebted", "entrepreneurship", "family_reunification",
        "education", "qualifications",
    }  # fmt: skip
    assert {"AIMA", "Segurança Social", "ACT"} <= {row.partner for row in desks}
    assert {row.admission for row in desks} == {"walk_in", "appointment", "both"}
    assert {row.office.code for row in Ticket.select()} <= {"lisbon", "porto"}
    assert Translator.select().where(Translator.price_cents > 0).count() >= 15
    assert TranslatorHours.select().count() >= 15
    said = Counter(str(row.kind) for row in Feedback.select())
    assert said["praise"] > said["complaint"] > 0
    assert said["satisfaction"] > 0
    for association in Association.select():
        spans = [(row.starts_on, row.ends_on) for row in association.protocols]
        assert any(first <= TODAY <= last for first, last in spans), association.code
    for route in FieldRoute.select():
        for stop in route.stops:
            assert stop.address
            assert stop.languages
            assert stop.latitude is not None
    (year,) = public_statistics.published_years(NOW)
    data = public_statistics.year_of_data(year, NOW)
    assert (year, data.total > 100_000, data.left_out > 0) == (TODAY.year - 1, True, True)
    counts = [count for _name, table in data.tables for count in table.counts.values()]
    assert not {1, 2, 3, 4} & set(counts)
