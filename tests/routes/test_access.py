"""Each role at each route: who gets in, and to whose objects. A new route must be added here."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from drafts import draft, require
from flask import Flask
from flask.testing import FlaskClient
from fresh_databases import Prepare
from open_week import first_open_week
from small_world import MONDAY, SmallWorld
from telephones import call_facts, open_telephone, translator_facts
from werkzeug.test import TestResponse

from app.models import (
    Absence,
    AbsenceKind,
    Arrival,
    Assignment,
    Association,
    Certification,
    Completion,
    CompletionResult,
    CourseSession,
    DeadAddress,
    DemandEvent,
    Enrolment,
    EnrolmentStatus,
    LanguageLevel,
    Loan,
    Mediator,
    MediatorOffice,
    Message,
    Office,
    OwnCalendar,
    Passkey,
    PhoneTurn,
    RequestStatus,
    RequirementOverride,
    Role,
    Run,
    RunStatus,
    User,
    UserSession,
    Wish,
    WishKind,
)
from app.services import (
    account_admin,
    api_keys,
    board_import,
    calls,
    feedback,
    feeds,
    field_changes,
    field_crew,
    field_routes,
    imports,
    nominations,
    outbox,
    people_import,
    screens,
    sign_ins,
    tickets,
    translators,
)
from app.services.feedback import FeedbackFacts
from app.services.field_checks import RouteFacts, StopFacts
from app.services.keyring import Keyring
from app.services.mediator_facts import SpokenLanguage
from app.services.rights import actor_of
from app.services.rosters import publish
from app.services.swaps import accept, offer

NETWORK = {"coordinator", "administrator"}
AZORES = {"azores_coordinator"}
PLANNERS = NETWORK | AZORES
ANA, BO = {"mediator"}, {"other_mediator"}
MEDIATORS = ANA | BO
TRAINER, OTHER_TRAINER = {"trainer"}, {"other_trainer"}
AURORA = {"association"}
SIGNED_IN = PLANNERS | MEDIATORS | TRAINER | OTHER_TRAINER | AURORA
NOBODY_YET = {"anonymous"}
EVERYONE = SIGNED_IN | NOBODY_YET
ROLES = sorted(EVERYONE)
UNKNOWN = 999_999


@dataclass(frozen=True)
class Door:
    """One request and who gets in; everyone else is refused."""

    method: str
    path: str
    open_to: set[str]
    data: dict[str, object] = field(default_factory=dict)


def get(path: str, open_to: set[str]) -> Door:
    return Door("GET", path, open_to)


def post(path: str, open_to: set[str], **data: object) -> Door:
    return Door("POST", path, open_to, data)


def both(path: str, open_to: set[str]) -> list[Door]:
    """A form: seen, and sent back empty."""
    return [get(path, open_to), post(path, open_to)]


YEAR_OVER = dt.datetime.now(dt.UTC).year - 1  # pages read the clock
DEMAND = f"/demand/{MONDAY.isoformat()}"
WEEK = f"/weeks/{MONDAY.isoformat()}"
TABLE: dict[str, list[Door]] = {
    "static": [get("/static/css/app.css", EVERYONE)],
    "service.health": [get("/health", EVERYONE)],
    # Not ready: no worker is alive in these tests. tests/app/test_service_running.py has the rest.
    "service.ready": [get("/ready", set())],
    "service.ready_web": [get("/ready/web", EVERYONE)],
    "service.figures": [get("/metrics", set())],
    "session.sign_in": both("/sign-in", EVERYONE),
    "session.home": [get("/", SIGNED_IN)],
    "sign_in.second_step": both("/sign-in/code", EVERYONE),
    "sign_in.forgotten": both("/forgotten", EVERYONE),
    "sign_in.new_password": both("/new-password/{new_password}", EVERYONE),
    "sign_in.invitation": both("/invitations/{invitation}", EVERYONE),
    # No passkeys at an address that is a number; tests/browser has them.
    "sign_in.passkey_options": [post("/sign-in/passkey/options", set())],
    "sign_in.passkey": [post("/sign-in/passkey", set())],
    "sign_in.invited_passkey_options": [post("/invitations/{invitation}/passkey/options", set())],
    "sign_in.invited_passkey": [post("/invitations/{invitation}/passkey", set())],
    "account.show": [get("/account", SIGNED_IN)],
    "account.password": both("/account/password", SIGNED_IN),
    "account.confirm": both("/account/confirm", SIGNED_IN),
    "account.confirm_options": [post("/account/confirm/passkey/options", set())],
    "account.confirm_passkey": [post("/account/confirm/passkey", set())],
    "account.codes": both("/account/codes", SIGNED_IN),
    "account.stop_codes": [post("/account/codes/stop", set())],
    "account.new_recovery_codes": [post("/account/recovery", SIGNED_IN)],
    "account.passkey_options": [post("/account/passkeys/options", set())],
    "account.add_passkey": [post("/account/passkeys", set())],
    "account.remove_passkey": [post("/account/passkeys/{passkey}/remove", ANA)],
    "account.end_session": [post("/account/sessions/{device}/end", ANA)],
    "account.end_other_sessions": [post("/account/sessions/end", SIGNED_IN)],
    "accounts.index": [get("/accounts", {"administrator"})],
    "accounts.invite": both("/accounts/new", {"administrator"}),
    "accounts.send_link": [post("/accounts/{invited}/link", {"administrator"})],
    "accounts.clear_factors": [post("/accounts/{invited}/clear-factors", {"administrator"})],
    "accounts.stop": [post("/accounts/{invited}/stop", {"administrator"})],
    "accounts.restore": [post("/accounts/{invited}/restore", {"administrator"})],
    "accounts.invite_mediator": [
        post("/accounts/mediators/{caio}", NETWORK),
        post("/accounts/mediators/{eva}", PLANNERS),
    ],
    "privacy.show": [get("/privacy", PLANNERS)],
    "privacy.own_file": [get("/account/data.zip", SIGNED_IN)],
    "privacy.file_of_mediator": [
        get("/mediators/{caio}/data.zip", NETWORK),
        get("/mediators/{eva}/data.zip", PLANNERS),
    ],
    "privacy.file_of_account": [get("/accounts/{invited}/data.zip", {"administrator"})],
    "privacy.erase_mediator": [
        *both("/mediators/{caio}/erase", NETWORK),
        *both("/mediators/{eva}/erase", PLANNERS),
    ],
    "privacy.file_of_translator": [
        get("/calls/translators/{translator}/data.zip", {"administrator"})
    ],
    "privacy.erase_translator": both("/calls/translators/{translator}/erase", NETWORK),
    "privacy.erase_account": both("/accounts/{invited}/erase", {"administrator"}),
    "session.nothing_yet": [get("/welcome", SIGNED_IN)],
    "session.choose_language": [post("/language", EVERYONE, locale="en")],
    "session.choose_theme": [post("/theme", EVERYONE, theme="dark")],
    "me.my_shifts": [get("/me", MEDIATORS)],
    "me.confirm": [post("/me/seen", MEDIATORS)],
    "me.my_month": [get(f"/me/month/{dt.datetime.now(dt.UTC):%Y-%m}", MEDIATORS)],
    "offline.worker": [get("/service-worker.js", EVERYONE)],
    "offline.manifest": [get("/manifest.webmanifest", EVERYONE)],
    "offline.nothing_kept": [get("/offline", EVERYONE)],
    "me.list_feeds": both("/me/feeds", SIGNED_IN - OTHER_TRAINER),
    "me.change_feed": both("/me/feeds/{feed}", ANA),
    "feeds.calendar": [get("/feeds/{token}.ics", EVERYONE)],
    "me.rotate_feed": [post("/me/feeds/{feed}/rotate", ANA)],
    "me.revoke_feed": [post("/me/feeds/{feed}/revoke", ANA)],
    "my_times.show": [get("/me/times", MEDIATORS)],
    "my_times.set_weekly": [post("/me/times", MEDIATORS)],
    "my_times.set_day": [post("/me/times/days", MEDIATORS)],
    "my_times.add_wish": [post("/me/times/wishes", MEDIATORS)],
    "my_times.remove_wish": [post("/me/times/wishes/{wish}/remove", ANA)],
    "my_times.add_absence": [post("/me/times/absences", MEDIATORS)],
    "my_times.remove_absence": [post("/me/times/absences/{leave}/remove", ANA)],
    "my_times.end_absence": [post("/me/times/absences/{sickness}/end", ANA)],
    "own_calendar.show": [get("/me/calendar", MEDIATORS)],
    "own_calendar.follow": [post("/me/calendar/address", MEDIATORS)],
    "own_calendar.upload": [post("/me/calendar/file", MEDIATORS)],
    "own_calendar.refresh": [post("/me/calendar/refresh", ANA)],
    "own_calendar.remove": [post("/me/calendar/remove", ANA)],
    "requests.index": [get("/requests", PLANNERS)],
    "field.index": [get(f"/field?week={MONDAY}", PLANNERS)],
    "field.create": both("/field/new", PLANNERS),
    "field.show": [
        get("/field/{outing}", NETWORK | ANA),
        get("/field/{outing_azores}", PLANNERS),
    ],
    "field.edit": [
        *both("/field/{outing}/edit", NETWORK),
        *both("/field/{outing_azores}/edit", PLANNERS),
    ],
    "field.assign": [
        post("/field/{outing}/crew", NETWORK, mediator="{bo}"),
        post("/field/{outing_azores}/crew", PLANNERS, mediator="{eva}"),
        post("/field/{outing_azores}/crew", NETWORK, mediator="{caio}"),
    ],
    "field.take_off": [post("/field/{outing}/crew/{ana}/remove", NETWORK)],
    "field.cancel": [
        post("/field/{outing_off}/cancel", NETWORK),
        post("/field/{outing_azores_off}/cancel", PLANNERS),
    ],
    "field.restore": [
        post("/field/{outing_called_off}/restore", NETWORK),
        post("/field/{outing_azores_called_off}/restore", PLANNERS),
    ],
    "lending.index": [get("/lending", PLANNERS)],
    "lending.choose": [get("/lending/new?from={lisbon}&to={azores}&date=2026-03-09", PLANNERS)],
    "lending.ask": [
        post("/lending/new", NETWORK, to="{lisbon}", choice="{ana}|x", date=MONDAY),
        post("/lending/new", PLANNERS, to="{azores}", choice="{ana}|x", date=MONDAY),
    ],
    # Asked by the Azores of Lisbon, and the other way round.
    "lending.agree": [
        post("/lending/{loan}/agree", NETWORK),
        post("/lending/{loan_back}/agree", PLANNERS),
    ],
    "lending.decline": [post("/lending/{loan}/decline", NETWORK)],
    "lending.withdraw": [
        post("/lending/{loan}/withdraw", PLANNERS),
        post("/lending/{loan_back}/withdraw", NETWORK),
    ],
    "phone_turns.give": [
        post(
            "/weeks/telephone",
            NETWORK,
            office="telephone",
            mediator="{ana}",
            starts_at="2026-03-09T10:00:00+00:00",
        )
    ],
    "phone_turns.take_back": [post("/weeks/telephone/{phone_turn}/take-back", NETWORK)],
    "requests.decide_nomination": [
        post("/requests/nominations/{nominated}", NETWORK, answer="decline"),
        post("/requests/nominations/{nominated_azores}", PLANNERS, answer="decline"),
    ],
    "requests.approve": [post("/requests/{leave}/approve", NETWORK)],
    "requests.decline": [post("/requests/{other_leave}/decline", PLANNERS)],
    "messages.index": [get("/messages", SIGNED_IN)],
    "messages.seen": [post("/messages/{message}/seen", ANA)],
    "messages.all_seen": [post("/messages/seen", SIGNED_IN)],
    "messages.settings": both("/messages/mail", SIGNED_IN),
    "messages.test_mail": [post("/messages/mail/test", SIGNED_IN)],
    "mail.index": [get("/mail?status=refused&text=ana", PLANNERS)],
    "mail.show": [get("/mail/{mail}", NETWORK)],
    "mail.again": [post("/mail/{mail}/again", NETWORK)],
    "mail.arrived": [post("/mail/{mail}/arrived", NETWORK)],
    "mail.all_again": [post("/mail/again", PLANNERS)],
    "mail.works": [post("/mail/addresses/{dead}/works", NETWORK)],
    "late_changes.index": [get("/late-changes?year=2026", PLANNERS)],
    "late_changes.export": [get("/late-changes/2026.csv", PLANNERS)],
    "swaps.index": [
        get("/swaps", PLANNERS | MEDIATORS),
        get("/swaps?mediator={ana}", NETWORK | ANA),
    ],
    "swaps.offer": [
        get("/swaps/new/{uid}", NETWORK | ANA),
        post("/swaps/new/{uid}", NETWORK | ANA),
    ],
    "swaps.show": [get("/swaps/{swap}", NETWORK | MEDIATORS)],
    "swaps.accept": [post("/swaps/{swap}/accept", NETWORK | MEDIATORS)],
    "swaps.approve": [post("/swaps/{agreed}/approve", NETWORK)],
    "swaps.decline": [post("/swaps/{agreed_too}/decline", NETWORK)],
    "swaps.take_back": [post("/swaps/{agreed}/take-back", NETWORK | BO)],
    "swaps.withdraw": [post("/swaps/{swap}/withdraw", NETWORK | ANA)],
    "mediators.index": [
        get("/mediators", PLANNERS | AURORA),
        get("/mediators?office={lisbon}&association={ponte}&language=zh", PLANNERS | AURORA),
    ],
    "mediators.show": [
        get("/mediators/{ana}", NETWORK | AURORA),
        get("/mediators/{bo}", NETWORK),
        get("/mediators/{caio}", PLANNERS | AURORA),
        get("/mediators/{dina}", PLANNERS),
        get("/mediators/{eva}", PLANNERS | AURORA),
    ],
    "mediator_times.show": [
        get("/mediators/{ana}/times", NETWORK),
        get("/mediators/{eva}/times", PLANNERS),
    ],
    "mediator_times.set_weekly": [post("/mediators/{ana}/times", NETWORK)],
    "mediator_times.add_absence": [post("/mediators/{ana}/times/absences", NETWORK)],
    "mediator_times.end_absence": [post("/mediators/{ana}/times/absences/{leave}/end", NETWORK)],
    "mediator_times.remove_absence": [
        post("/mediators/{ana}/times/absences/{leave}/remove", NETWORK)
    ],
    "mediator_times.add_wish": [post("/mediators/{ana}/times/wishes", NETWORK)],
    "mediator_times.remove_wish": [post("/mediators/{ana}/times/wishes/{wish}/remove", NETWORK)],
    "mediators.create": [
        *both("/mediators/new", PLANNERS),
        *both("/mediators/new?nomination={accepted_azores}", PLANNERS),
    ],
    "mediators.edit": [
        *both("/mediators/{ana}/edit", NETWORK),
        *both("/mediators/{caio}/edit", NETWORK),
        *both("/mediators/{eva}/edit", PLANNERS),
    ],
    "offices.index": [get("/offices", PLANNERS)],
    "offices.show": [get("/offices/{lisbon}", NETWORK), get("/offices/{azores}", PLANNERS)],
    "offices.desks": [
        get("/offices/{lisbon}/desks", NETWORK),
        get("/offices/{azores}/desks", PLANNERS),
    ],
    "offices.create": both("/offices/new", NETWORK),
    "offices.edit": [
        *both("/offices/{lisbon}/edit", NETWORK),
        *both("/offices/{azores}/edit", PLANNERS),
    ],
    "associations.index": [get("/associations", PLANNERS | AURORA)],
    "associations.show": [
        get("/associations/{aurora}", PLANNERS | AURORA),
        get("/associations/{ponte}", PLANNERS),
    ],
    "associations.propose": [
        *both("/associations/{aurora}/propose", NETWORK | AURORA),
        *both("/associations/{ponte}/propose", NETWORK),
    ],
    "associations.withdraw": [
        post("/associations/nominations/{nominated}/withdraw", NETWORK | AURORA),
        post("/associations/nominations/{nominated_ponte}/withdraw", NETWORK),
    ],
    "associations.create": both("/associations/new", NETWORK),
    "associations.edit": [
        *both("/associations/{aurora}/edit", NETWORK),
        *both("/associations/{ponte}/edit", NETWORK),
    ],
    "courses.index": [get("/courses", PLANNERS | TRAINER | OTHER_TRAINER)],
    "courses.certifications": [
        get("/courses/certifications?within=365", PLANNERS | TRAINER | OTHER_TRAINER)
    ],
    "courses.show": [get("/courses/{course}", PLANNERS | TRAINER)],
    "courses.record": both("/courses/{course}/results/new", NETWORK | TRAINER),
    "courses.correct": both("/courses/results/{completion}/correct", NETWORK | TRAINER),
    "courses.remove_result": [post("/courses/results/{completion}/remove", NETWORK | TRAINER)],
    "certifications.show": [get("/certifications/{certification}", NETWORK | TRAINER)],
    "certifications.withdraw": both("/certifications/{certification}/withdraw", NETWORK | TRAINER),
    "certifications.reinstate": [
        post("/certifications/{certification}/reinstate", NETWORK | TRAINER)
    ],
    "certifications.repairs": [
        get("/certifications/repairs/{roster}/{ana}/" + MONDAY.isoformat(), NETWORK)
    ],
    "certifications.repair": [
        post("/certifications/repairs/{roster}/{ana}/" + MONDAY.isoformat(), NETWORK)
    ],
    "certifications.refresh": [post("/certifications/drafts/{roster}/refresh", NETWORK)],
    "placing.ask": [
        *both("/placing?course={course}", NETWORK | TRAINER),
        get("/placing", NETWORK | TRAINER),
    ],
    "placing.show": [get("/placing/{placing}", NETWORK | TRAINER)],
    "placing.state": [get("/placing/{placing}.json", NETWORK | TRAINER)],
    "placing.choose": [post("/placing/{placing}", NETWORK | TRAINER, choice=0)],
    "programmes.index": [get("/programmes", PLANNERS | TRAINER | OTHER_TRAINER)],
    "programmes.kind": both("/programmes/kinds/legal", NETWORK),
    "programmes.new_kind": both("/programmes/kinds", NETWORK),
    "programmes.create": both("/programmes/courses/new", NETWORK),
    "programmes.edit": both("/programmes/courses/{course}/edit", NETWORK),
    "programmes.version": both("/programmes/courses/{course}/version", NETWORK),
    "door.screen": [get("/sessions/{session}/door", NETWORK | TRAINER)],
    "door.check_in": both("/sessions/{session}/check-in", MEDIATORS),
    "door.opinion": both("/sessions/{session}/opinion", ANA),
    "training_report.hours": [get("/training/hours", PLANNERS | AURORA)],
    "training_report.export": [
        get("/training/2026.csv", NETWORK),
        get("/training/2026.xlsx", NETWORK),
    ],
    "horizon.index": [get("/horizon", PLANNERS | TRAINER | OTHER_TRAINER)],
    "sessions.index": [get("/sessions", PLANNERS | MEDIATORS | TRAINER | OTHER_TRAINER)],
    "sessions.plan": [
        *both("/sessions/new?course={course}", NETWORK | TRAINER),
        get("/sessions/new", NETWORK | TRAINER),
    ],
    "sessions.show": [get("/sessions/{session}", PLANNERS | TRAINER)],
    "sessions.edit": both("/sessions/{session}/edit", NETWORK | TRAINER),
    "sessions.enrol": [
        post("/sessions/{session}/enrol", PLANNERS | MEDIATORS | TRAINER),
        post("/sessions/{session}/enrol", NETWORK | TRAINER, mediator_id="{caio}"),
        post("/sessions/{session}/enrol", NETWORK | TRAINER | AZORES, mediator_id="{eva}"),
    ],
    "sessions.cancel": [
        post("/sessions/{session}/cancel", ANA),
        post("/sessions/{session}/cancel", NETWORK | TRAINER | AZORES, mediator_id="{dina}"),
    ],
    "sessions.remove": both("/sessions/{coming}/remove", NETWORK | TRAINER),
    "attendance.results": both("/sessions/{session}/results", NETWORK | TRAINER),
    "attendance.sheet": both("/sessions/{session}/sheet", NETWORK | TRAINER),
    "certificates.check": [get("/certificates/{number}", EVERYONE)],
    "certificates.pdf": [get("/certificates/{number}.pdf", NETWORK | ANA | TRAINER | AURORA)],
    "weeks.this_week": [get("/weeks", PLANNERS)],
    "weeks.network_now": [get("/weeks/network", PLANNERS)],
    "weeks.index": [
        get("/weeks/all?office=lisbon", NETWORK),
        get("/weeks/all?office=azores", PLANNERS),
    ],
    "weeks.week": [
        get(WEEK + "?office=lisbon", NETWORK),
        get(WEEK + "?office=azores", PLANNERS),
    ],
    "weeks.ask_forecast": [post(WEEK + "/forecast", NETWORK, group="{group}")],
    "weeks.build_all": [post(WEEK + "/build-all", NETWORK)],
    "weeks.build": [
        get(WEEK + "/build?office=lisbon", NETWORK),
        post(WEEK + "/build", NETWORK, office="lisbon"),
    ],
    "runs.watch": [get("/runs/{run}", PLANNERS)],
    "runs.state": [get("/runs/{run}.json", PLANNERS)],
    "runs.stop": [post("/runs/{run}/stop", NETWORK)],
    "runs.cancel": [post("/runs/{run}/cancel", NETWORK)],
    "intake.reception": [
        get("/intake?office=lisbon", NETWORK | MEDIATORS),
        get("/intake?office=azores", PLANNERS),
    ],
    "intake.press": [post("/intake", NETWORK | MEDIATORS, office="lisbon")],
    "intake.upload": both("/intake/import", PLANNERS),
    "intake.import_file": both("/intake/import/{import}", {"coordinator"}),
    "arrivals_api.receive": [post("/api/arrivals", set())],
    "arrivals_api.openapi": [get("/api/openapi.json", EVERYONE)],
    "arrivals_api.keys": both("/api/keys", {"administrator"}),
    "arrivals_api.revoke": [post("/api/keys/{key}/revoke", {"administrator"})],
    "intake.undo": [post("/intake/undo", NETWORK | MEDIATORS, office="lisbon")],
    "intake.outcome": [post("/intake/outcome", NETWORK | MEDIATORS, office="lisbon")],
    "intake.ticket": [get("/intake/tickets/{ticket}", NETWORK | MEDIATORS)],
    "queue.show": [
        get("/queue?office=lisbon", NETWORK | MEDIATORS),
        get("/queue?office=azores", PLANNERS),
    ],
    "queue.call": [post("/queue", NETWORK | MEDIATORS, office="lisbon")],
    "queue.end": [post("/queue/{ticket}/end", NETWORK | MEDIATORS, ending="left")],
    "queue.back": [post("/queue/{ticket}/back", NETWORK | MEDIATORS)],
    "calls.log": [get("/calls?office=telephone", NETWORK | ANA)],
    "calls.add": [post("/calls", NETWORK | ANA, office="telephone")],
    "calls.undo": [post("/calls/{call}/undo", NETWORK | ANA)],
    "calls.summary": [get("/calls/summary?office=telephone&month=2026-03", NETWORK | ANA)],
    "calls.list_translators": [get("/calls/translators", NETWORK | ANA)],
    "calls.add_translator": [
        get("/calls/translators/new", PLANNERS),
        post("/calls/translators/new", PLANNERS),
    ],
    "calls.edit_translator": both("/calls/translators/{translator}/edit", NETWORK),
    "demand.this_week": [get("/demand", PLANNERS)],
    "demand.week": [
        get(DEMAND + "?office=lisbon", NETWORK),
        get(DEMAND + "?office=azores&day=2", PLANNERS),
    ],
    "demand.override": [
        post(DEMAND + "/override", NETWORK, office="lisbon"),
        post(DEMAND + "/override", PLANNERS, office="azores"),
    ],
    "demand.wait": [
        get(DEMAND + "/wait?office=lisbon", NETWORK),
        get(DEMAND + "/wait?office=azores", PLANNERS),
    ],
    "demand.ask_wait": [
        post(DEMAND + "/wait", NETWORK, office="lisbon", version="{roster}"),
        post(DEMAND + "/wait", PLANNERS, office="azores", version="{roster}"),
    ],
    "demand.accuracy": [
        get("/demand/accuracy?office=lisbon", NETWORK),
        get("/demand/accuracy?office=azores", PLANNERS),
    ],
    "demand.ask_back_test": [
        post("/demand/accuracy/backtest", NETWORK, office="lisbon"),
        post("/demand/accuracy/backtest", PLANNERS, office="azores"),
    ],
    "demand.list_events": [get("/demand/events", PLANNERS)],
    "demand.add_event": [
        get("/demand/events/new", PLANNERS),
        post("/demand/events/new", NETWORK),
    ],
    "demand.edit_event": both("/demand/events/{event}/edit", NETWORK),
    "demand.remove_event": [post("/demand/events/{event}/remove", NETWORK)],
    "demand.remove_override": [post("/demand/overrides/{override}/remove", NETWORK)],
    "rosters.preview": [get("/rosters/{roster}/publish", NETWORK)],
    "edits.cell": [
        get("/rosters/{roster}/cells/{ana}/" + MONDAY.isoformat(), NETWORK),
        get("/rosters/{roster}/cells/{eva}/" + MONDAY.isoformat(), PLANNERS),
    ],
    "edits.who": [
        get("/rosters/{roster}/cells/{ana}/" + MONDAY.isoformat() + "/who", NETWORK),
        get("/rosters/{roster}/cells/{eva}/" + MONDAY.isoformat() + "/who", PLANNERS),
    ],
    "edits.change": [
        post(
            "/rosters/{roster}/change",
            NETWORK,
            kind="give",
            mediator="{ana}",
            date=MONDAY,
            revision=0,
            shift="none",
        ),
    ],
    "edits.own_hours": [
        post(
            "/rosters/{roster}/hours",
            PLANNERS,
            mediator="{eva}",
            date=MONDAY.isoformat(),
            at="azores",
            start="09:00",
            end="13:00",
        )
    ],
    "edits.resize": [
        post(
            "/rosters/{roster}/resize",
            NETWORK,
            mediator="{ana}",
            date=MONDAY.isoformat(),
            revision=0,
            end_by=30,
        )
    ],
    "edits.undo": [post("/rosters/{roster}/undo", PLANNERS)],
    "edits.redo": [post("/rosters/{roster}/redo", PLANNERS)],
    "edits.draft_from": [post("/rosters/{roster}/draft", NETWORK)],
    "edits.compare": [get("/rosters/{roster}/compare", NETWORK)],
    "edits.sick": [get("/rosters/{roster}/cells/{ana}/" + MONDAY.isoformat() + "/sick", NETWORK)],
    "edits.take_back": [post("/rosters/{roster}/sick-call/undo", NETWORK)],
    "edits.repair": [
        post("/rosters/{roster}/cells/{ana}/" + MONDAY.isoformat() + "/sick", NETWORK)
    ],
    "edits.revision": [get("/rosters/{roster}/revision.json", PLANNERS)],
    "papers.schedule_map": [
        get("/rosters/{roster}/map.pdf?office=lisbon", NETWORK),
        get("/rosters/{roster}/map.pdf?office=azores", PLANNERS),
    ],
    "papers.roster_file": [
        get("/rosters/{roster}/board.csv", PLANNERS),
        get("/rosters/{roster}/hours.xlsx?office=lisbon", NETWORK),
        get("/rosters/{roster}/cover.csv?office=azores", PLANNERS),
    ],
    "papers.my_month": [get("/me/month.pdf", MEDIATORS)],
    "papers.month": [
        get("/mediators/{ana}/month.pdf", NETWORK),
        get("/mediators/{eva}/month.pdf?month=2026-03", PLANNERS),
    ],
    "papers.upload_board": both("/rosters/{roster}/import", PLANNERS),
    "papers.import_board": both("/rosters/{roster}/import/{board_file}", {"coordinator"}),
    "people.languages": [get("/mediators/languages", PLANNERS)],
    "people.upload": both("/mediators/import", PLANNERS),
    "people.import_file": both("/mediators/import/{people_file}", {"coordinator"}),
    "people.show_ledger": [
        get("/associations/{aurora}/ledger", PLANNERS | AURORA),
        get("/associations/{ponte}/ledger?month=2026-03", PLANNERS),
    ],
    "people.ledger_file": [
        get("/associations/{aurora}/ledger.csv", PLANNERS | AURORA),
        get("/associations/{ponte}/ledger.xlsx", PLANNERS),
    ],
    "reports.index": [
        get("/reports", PLANNERS),
        get("/reports?period=2026&by=language", PLANNERS),
        get("/reports?period=2026-03&by=association", PLANNERS),
        get("/reports?period=2026-03&by=month", PLANNERS),
    ],
    "coordination.show": [get("/coordination", PLANNERS)],
    "coordination.services": [
        get("/coordination/services", PLANNERS),
        get("/coordination/services?year=2026", PLANNERS),
    ],
    "coordination.services_file": [get("/coordination/services.xlsx", PLANNERS)],
    "statistics.index": [get("/statistics", EVERYONE)],
    "statistics.as_csv": [get(f"/statistics/{YEAR_OVER}.csv", EVERYONE)],
    "statistics.as_json": [get(f"/statistics/{YEAR_OVER}.json", EVERYONE)],
    "reports.report_file": [get("/reports/report.xlsx?period=2026-03", PLANNERS)],
    "reports.log_feedback": both("/reports/feedback", PLANNERS),
    "reports.remove_feedback": [post("/reports/feedback/{feedback}/remove", NETWORK)],
    "rosters.publish": [post("/rosters/{roster}/publish", NETWORK)],
    "languages.index": [get("/languages", NETWORK)],
    "languages.add": [post("/languages", NETWORK)],
    "languages.rename": [post("/languages/uk", NETWORK)],
    "rosters.keep_loan": [post("/rosters/{roster}/keep-loan", NETWORK, loan=1)],
    "rosters.keep_swap": [post("/rosters/{roster}/keep-swap", NETWORK, swap=1)],
    "reasons.why": [
        get("/rosters/{roster}/why/lisbon/" + MONDAY.isoformat() + "?row=lang:uk", NETWORK),
        get("/rosters/{roster}/why/azores/" + MONDAY.isoformat() + "?row=lang:uk", PLANNERS),
    ],
    "reasons.who": [
        get("/rosters/{roster}/why/lisbon/" + MONDAY.isoformat() + "/who?slot=18", NETWORK),
        get("/rosters/{roster}/why/azores/" + MONDAY.isoformat() + "/who?slot=18", PLANNERS),
    ],
    "weeks.network": [
        get(f"{WEEK}/network", PLANNERS),
        get(f"{WEEK}/network?office=lisbon", NETWORK),
    ],
    "scenarios.index": [get(f"{WEEK}/scenarios", NETWORK)],
    # Leads on to a page that refuses, and reads nothing itself.
    "scenarios.two": [get(f"{WEEK}/scenarios/two", SIGNED_IN)],
    "scenarios.waits": [post(f"{WEEK}/scenarios/waits", NETWORK, office="lisbon")],
    "scenarios.choose": [post("/rosters/{roster}/choose", NETWORK)],
    "scenarios.undo_choice": [post("/rosters/{roster}/undo-choice", NETWORK)],
    "scenarios.discard": [post("/rosters/{roster}/discard", NETWORK)],
    "scenarios.bring_back": [post("/rosters/{roster}/bring-back", NETWORK)],
    "scenarios.rename": [post("/rosters/{roster}/rename", NETWORK, name="a")],
    "now.show": [
        get("/now?office=lisbon", NETWORK | MEDIATORS),
        get("/now?office=azores", PLANNERS),
    ],
    "now.screen": [get("/now/screen/{screen_token}", EVERYONE)],
    "now.list_screens": both("/now/screens", PLANNERS),
    "now.revoke": [post("/now/screens/{screen}/revoke", NETWORK)],
    "session.sign_out": [post("/sign-out", EVERYONE)],
}


def offered_swaps(world: SmallWorld) -> tuple[int, int, int, str]:
    """Shifts of Ana's after today: one asked of Bo, two agreed with Bo, and one on no offer."""
    today = dt.datetime.now(dt.UTC)  # pages read the clock
    week = first_open_week(world.lisbon, today.date())
    picks = [("ana", "lisbon", day, 9, 13) for day in range(4)]
    roster = draft(world, picks, today, week=week)
    publish(world.system, roster.id, today)
    rows = list(roster.assignments.order_by(Assignment.date))
    bo = world.mediators[1].id
    made = [offer(world.system, row.uid, today, asked_id=bo) for row in rows[:3]]
    for one in made[1:]:
        accept(world.system, one, bo, today)
    return made[0], made[1], made[2], rows[3].uid


def ways_in(world: SmallWorld) -> dict[str, object]:
    """Of Ana's a passkey and a device; somebody invited; two links."""
    keys, today = Keyring("k" * 40), dt.datetime.now(dt.UTC)  # pages read the clock
    ana = User.get(User.email == world.mediator)
    sign_ins.start(ana, "", False, today)
    passkey = Passkey.create(
        user=ana, credential_id="x", public_key="x", name="Phone", created_at=today
    )
    invited = account_admin.invite(
        world.system, email="new@example.org", name="New", roles=[(Role.TRAINER, None, None)],
        locale="pt", mediator_id=None, keys=keys, now=today,
    )  # fmt: skip
    link = account_admin.send_link(world.system, ana.id, keys, today)
    return {
        "passkey": passkey.id,
        "device": UserSession.get(UserSession.user == ana).id,
        "invited": invited.user_id,
        "invitation": invited.token,
        "new_password": link.token,
    }


def nominated(world: SmallWorld, now: dt.datetime) -> dict[str, object]:
    """People proposed by both associations, one for the Azores, one accepted there."""
    aurora, ponte = world.associations

    def propose(association: Association, name: str, office_id: int | None = None) -> int:
        spoken = (SpokenLanguage("uk", LanguageLevel.NATIVE),)
        person = nominations.ProposalFacts(name=name, languages=spoken, office_id=office_id)
        return nominations.propose_person(world.system, association.id, person, now)

    accepted = propose(aurora, "Lia Exemplo", world.azores.id)
    nominations.decide_nomination(world.system, accepted, True, now.date(), "", now)
    return {
        "nominated": propose(aurora, "Fia Exemplo"),
        "nominated_ponte": propose(ponte, "Gil Exemplo"),
        "nominated_azores": propose(ponte, "Hugo Exemplo", world.azores.id),
        "accepted_azores": accepted,
    }


def outings(world: SmallWorld, now: dt.datetime) -> dict[str, object]:
    """Routes of both offices; Ana goes along on Lisbon's."""

    def plan(office_id: int) -> int:
        stop = StopFacts(place="Mercado", from_minute=600, until_minute=720)
        route = RouteFacts(
            office_id=office_id, date=MONDAY, name="Costa", leaves_minute=540, returns_minute=780,
            stops=(stop,),
        )  # fmt: skip
        return field_routes.create_route(world.system, route, now)

    outing = plan(world.lisbon.id)
    field_crew.assign(world.system, outing, world.mediators[0].id, now)
    called_off = plan(world.lisbon.id), plan(world.azores.id)
    for one in called_off:
        field_changes.cancel_route(world.system, one, now)
    return {
        "outing": outing,
        "outing_called_off": called_off[0],
        "outing_azores_called_off": called_off[1],
        "outing_azores": plan(world.azores.id),
        "outing_off": plan(world.lisbon.id),
        "outing_azores_off": plan(world.azores.id),
    }


def loans(world: SmallWorld, now: dt.datetime) -> dict[str, object]:
    """Ana asked for by the Azores, and offered to them by Lisbon."""
    asked = {
        name: Loan.create(
            mediator=world.mediators[0], date=MONDAY, lender=world.lisbon, borrower=world.azores,
            shift="x", starts_at=now, ends_at=now + dt.timedelta(hours=4), reason="Falta gente",
            asks=side, asked_at=now,
        ).id
        for name, side in (("loan", world.azores), ("loan_back", world.lisbon))
    }  # fmt: skip
    return dict(asked)


def visits(world: SmallWorld) -> dict[str, object]:
    """Some of last year, so that there is a year to publish."""
    for language in ("pt", "uk"):
        Arrival.create(
            office=world.lisbon, language=language, need="general", count=40,
            starts_at=dt.datetime(YEAR_OVER, 5, 4, 9, tzinfo=dt.UTC),
        )  # fmt: skip
    return {}


def placed_run(world: SmallWorld, today: dt.datetime) -> Run:
    """A search for the best time that has ended, with one time to choose."""
    starts_at = today + dt.timedelta(days=40)
    group = {
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + dt.timedelta(hours=3)).isoformat(),
        "people": [],
        "cost": 0,
    }
    choice = {"groups": [group], "absent": [], "minutes": {}}
    return Run.create(
        kind="placing",
        status=RunStatus.DONE,
        parameters={
            "course": world.course.id, "minutes": 180, "first": "2026-03-09",
            "last": "2026-03-13", "people": [], "office": world.lisbon.id, "link": "",
            "trainers": [], "split": True, "leave_of": [],
        },
        result={"choices": [choice], "without": [], "solved": 0},
        asked_at=today,
    )  # fmt: skip


def telephone(world: SmallWorld, today: dt.datetime) -> tuple[int, int]:
    """A telephone service that Ana answers for: a call of today, a translator of it."""
    office = open_telephone(world)
    translator = translators.create_translator(world.system, translator_facts(office), today)
    return calls.log_call(world.system, call_facts(office), today), translator


def answered_from_lisbon(ana: Mediator, uid: str) -> int:
    """Hours in which Ana answers the telephone, all of that shift of hers in Lisbon."""
    shift = Assignment.get(Assignment.uid == uid)
    turn = PhoneTurn.create(
        office=Office.get(Office.code == "telephone"), mediator=ana, date=shift.date,
        centre=shift.office_id, starts_at=shift.starts_at, ends_at=shift.ends_at, uid="p" * 32,
        given_at=shift.created_at, changed_at=shift.created_at,
    )  # fmt: skip
    return int(turn.id)


@pytest.fixture
def objects(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> dict[str, object]:
    """Something of everybody's to knock at: names in the table's paths → ids."""
    today = dt.datetime.now(dt.UTC).date()  # pages read the clock
    found: dict[str, object] = prepared(f"objects of {today}", lambda: laid_out(world, now))
    return found


def laid_out(world: SmallWorld, now: dt.datetime) -> dict[str, object]:
    ana, _bo, caio, dina, eva = world.mediators
    MediatorOffice.create(mediator=caio, office=world.azores)
    actor = actor_of(User.get(User.email == world.mediator))
    feed = feeds.create_feed(
        actor, name="Phone", locale="pt", details=True, keep_cancelled=False, now=now
    )
    OwnCalendar.create(mediator=ana, url="https://calendar.example.org/me.ics", added_at=now)
    session = CourseSession.create(
        course=world.course,
        starts_at=now - dt.timedelta(days=2),
        ends_at=now - dt.timedelta(days=2, hours=-3),
        office=world.lisbon,
    )
    for mediator in (ana, dina):
        Enrolment.create(
            session=session, mediator=mediator, status=EnrolmentStatus.ENROLLED, asked_at=now
        )
    completion = Completion.create(
        mediator=ana,
        course=world.course,
        session=session,
        completed_on=now.date(),
        result=CompletionResult.PASSED,
        recorded_at=now,
    )
    today = dt.datetime.now(dt.UTC)  # pages read the clock
    Absence.create(
        mediator=eva,
        starts_at=today,
        ends_at=today + dt.timedelta(days=4),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    wish = Wish.create(
        mediator=ana, starts_at=today, ends_at=today + dt.timedelta(days=1), kind=WishKind.OFF
    )
    leave = Absence.create(
        mediator=ana,
        starts_at=today,
        ends_at=today + dt.timedelta(days=1),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.ASKED,
    )
    sickness = Absence.create(
        mediator=ana,
        starts_at=today + dt.timedelta(days=10),
        ends_at=today + dt.timedelta(days=11),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    coming = CourseSession.create(
        course=world.course,
        starts_at=today + dt.timedelta(days=9),
        ends_at=today + dt.timedelta(days=9, hours=3),
        office=world.lisbon,
    )
    certification = Certification.create(
        mediator=ana,
        kind="legal",
        valid_from=today.date(),
        number="ESC-9FGW-DJNE-64HD-4YKA-78",
    )
    other_leave = Absence.create(
        mediator=dina,
        starts_at=today,
        ends_at=today + dt.timedelta(days=1),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.ASKED,
    )
    swap, agreed, agreed_too, uid = offered_swaps(world)
    message = Message.create(
        user=actor.user_id, kind="absence_told", key="m", created_at=now,
        details={"mediator": "Eva", "first": "2026-03-09", "last": "2026-03-09"},
    )  # fmt: skip
    queued = outbox.queue_letter(actor.user_id, "test", {}, now)
    DeadAddress.create(address=world.mediator, since=now, answer="550 no such user")
    run = Run.create(
        kind="build",
        parameters={"group": world.group.id, "week": MONDAY.isoformat()},
        asked_at=now,
    )
    event = DemandEvent.create(
        name="A new law", starts_on=MONDAY, ends_on=MONDAY, factor_percent=150
    )
    override = RequirementOverride.create(
        office=world.lisbon,
        week_starts_on=MONDAY,
        starts_at=now,
        ends_at=now + dt.timedelta(hours=1),
        label="uk",
        count=2,
        note="A group is coming",
        at=now,
    )
    key, _secret = api_keys.create_key(world.system, "Queue tickets", ["lisbon"], now)
    upload = imports.take_in(
        actor_of(User.get(User.email == world.coordinator)),
        "march.csv",
        b"office;date;language\nlisbon;2026-03-02 09:00;uk\n",
        now,
    )
    screen, screen_token = screens.create_screen(
        world.system, world.lisbon.id, "At the door", "pt", now
    )
    call, translator = telephone(world, today)
    phone_turn = answered_from_lisbon(ana, uid)
    for office in (world.lisbon, world.azores):
        require(office, 0, 8, 18)
    week_draft = draft(world, [], now).id
    board_file = board_import.take_in(
        actor_of(User.get(User.email == world.coordinator)),
        week_draft,
        "board.csv",
        b"code;date;office;start;end\nana;2026-03-09;lisbon;09:00;13:00\n",
        now,
    )
    people_file = people_import.take_in(
        actor_of(User.get(User.email == world.coordinator)), "people.csv", b"code;nome\nx;X\n", now
    )
    said = feedback.log(
        world.system,
        FeedbackFacts(
            office_id=world.lisbon.id,
            received_on=now.date(),
            kind="praise",
            need="general",
            topic="manner",
        ),
        now,
    )
    return {
        **ways_in(world),
        **nominated(world, now),
        **outings(world, now),
        **loans(world, now),
        **visits(world),
        "feedback": said,
        "people_file": people_file,
        "board_file": board_file,
        "screen": screen,
        "screen_token": screen_token,
        "token": feed.token,
        "feed": feed.id,
        "wish": wish.id,
        "leave": leave.id,
        "sickness": sickness.id,
        "other_leave": other_leave.id,
        "message": message.id,
        "mail": queued,
        "dead": actor.user_id,
        "swap": swap,
        "agreed": agreed,
        "agreed_too": agreed_too,
        "uid": uid,
        **{one.code: one.id for one in (*world.mediators, *world.associations)},
        "lisbon": world.lisbon.id,
        "azores": world.azores.id,
        "course": world.course.id,
        "completion": completion.id,
        "session": session.id,
        "coming": coming.id,
        "number": certification.number,
        "certification": certification.id,
        "placing": placed_run(world, today).id,
        "group": world.group.id,
        "run": run.id,
        "event": event.id,
        "override": override.id,
        "call": call,
        "phone_turn": phone_turn,
        "ticket": tickets.issue(world.lisbon, "t" * 8, "uk", "general", today).id,
        "translator": translator,
        "import": upload,
        "key": key,
        "roster": week_draft,
    }


@pytest.fixture
def knock(
    app: Flask, world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> Callable[[str], FlaskClient]:
    """A client of that role."""

    def client_of(role: str) -> FlaskClient:
        return app.test_client() if role == "anonymous" else sign_in(getattr(world, role))

    return client_of


def ask(client: FlaskClient, door: Door, objects: dict[str, object]) -> TestResponse:
    data = {name: str(value).format(**objects) for name, value in door.data.items()}
    return client.open(door.path.format(**objects), method=door.method, data=data)


def is_open(answer: TestResponse) -> bool:
    if answer.status_code == 302:
        return not answer.headers["Location"].startswith("/sign-in?")
    return answer.status_code in (200, 400, 409)


def doors() -> Iterator[tuple[str, Door]]:
    for endpoint, listed in TABLE.items():
        for door in listed:
            yield endpoint, door


def test_every_route_is_in_the_table(app: Flask) -> None:
    known = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(endpoint, door.method) for endpoint, door in doors()} == known


def test_every_path_of_the_table_is_the_route_it_stands_under(
    app: Flask, objects: dict[str, object]
) -> None:
    urls = app.url_map.bind("localhost")
    for endpoint, door in doors():
        path = door.path.format(**objects).partition("?")[0]
        assert urls.match(path, method=door.method)[0] == endpoint


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_into_what_is_its_own_and_no_more(
    role: str, knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    client = knock(role)
    wrong = []
    for _endpoint, door in doors():
        answer = ask(client, door, objects)
        if is_open(answer) != (role in door.open_to):
            wrong.append(f"{door.method} {door.path}: {answer.status_code} {answer.location or ''}")
        elif not is_open(answer) and role != "anonymous":
            assert answer.status_code in (401, 403, 404, 503), door
            assert "Exemplo" not in answer.text, "a refusal names nobody"
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_what_does_not_exist_is_not_found(
    role: str, knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    client = knock(role)
    nothing: dict[str, object] = dict.fromkeys(objects, UNKNOWN)
    for endpoint, door in doors():
        if "{" not in door.path.partition("?")[0]:
            continue
        answer = ask(client, door, nothing)
        if endpoint in ("feeds.calendar", "now.screen") or role in NETWORK & door.open_to:
            assert answer.status_code == 404, door
        else:
            assert not is_open(answer), door
            assert role == "anonymous" or answer.status_code in (403, 404), door


AREAS_OF_SIGNING_IN = {"static", "session", "sign_in", "account", "feeds", "service"}


def test_who_owes_a_second_factor_gets_nowhere_but_to_showing_it(
    app: Flask, knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    """An administrator, who may do most: every other page leads to their account instead."""
    app.config["ESCALA"] = replace(app.config["ESCALA"], second_factor="coordinators")
    client, passed = knock("administrator"), set()
    for endpoint, door in doors():
        if endpoint in ("session.sign_out", "account.show"):
            continue
        answer = ask(client, door, objects)
        led_on = answer.status_code == 302 and answer.location == "/account"
        if not led_on and endpoint.partition(".")[0] not in AREAS_OF_SIGNING_IN:
            passed.add(endpoint)
    assert passed == {"arrivals_api.receive", "arrivals_api.openapi"}, "which know no session"
    assert client.get("/account").status_code == 200, "still signed in"


def test_absences_are_for_coordinators_only(
    knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    """Eva is ill: health data (GDPR 9). Her association sees her, and nothing of that."""
    pages = {}
    for role in ("coordinator", "azores_coordinator", "association"):
        client = knock(role)
        client.post("/language", data={"locale": "en"})
        pages[role] = client.get(f"/mediators/{objects['eva']}")
        assert pages[role].status_code == 200
    told = {
        role: [word for word in ("absence", "sickness") if word in page.text.lower()]
        for role, page in pages.items()
    }
    everything = ["absence", "sickness"]
    assert told == {
        "coordinator": everything,
        "azores_coordinator": everything,
        "association": [],
    }


def test_a_visitor_s_absences_stay_with_their_own_office(
    knock: Callable[[str], FlaskClient], world: SmallWorld, objects: dict[str, object]
) -> None:
    """They are told that somebody is away, where they plan with them, and not why."""
    visiting(world, AbsenceKind.SICKNESS)
    client = knock("azores_coordinator")
    client.post("/language", data={"locale": "en"})
    page = client.get(f"/mediators/{objects['caio']}")
    assert page.status_code == 200
    assert "Caio" in page.text
    assert "/edit" not in page.text
    board = client.get(f"{WEEK}?office=azores").text
    assert "From other offices" in board
    assert '<span class="off">away</span>' in board
    assert not re.search(r">\s*(sick|on leave)\b", board)
    network = knock("coordinator")
    network.post("/language", data={"locale": "en"})
    assert '<span class="off">sick</span>' in network.get(f"{WEEK}?office=azores").text


def visiting(world: SmallWorld, kind: AbsenceKind) -> int:
    """A draft in which Caio, at home in Lisbon, has a shift in the Azores, and is away on days of
    that week and today; the draft's id."""
    caio, today = world.mediators[2], dt.datetime.now(dt.UTC)  # pages read the clock
    made = draft(world, [("caio", "azores", 1, 10, 14)], today).id
    wednesday = dt.datetime.combine(MONDAY + dt.timedelta(days=2), dt.time(), dt.UTC)
    for starts_at in (wednesday, today):
        Absence.create(
            mediator=caio, starts_at=starts_at, ends_at=starts_at + dt.timedelta(days=1),
            kind=kind, status=RequestStatus.APPROVED,
        )  # fmt: skip
    return int(made)


def test_no_page_tells_a_coordinator_why_somebody_of_another_office_is_away(
    knock: Callable[[str], FlaskClient], world: SmallWorld, objects: dict[str, object]
) -> None:
    """Every page that they may open is the same, whether the visitor is ill, on leave or away."""
    objects = objects | {"roster": visiting(world, AbsenceKind.OTHER)}
    client = knock("azores_coordinator")
    client.post("/language", data={"locale": "en"})
    asked = [door for _, door in doors() if door.method == "GET" and door.open_to >= AZORES]
    readings = []
    for kind in (AbsenceKind.OTHER, AbsenceKind.SICKNESS, AbsenceKind.LEAVE):
        Absence.update(kind=kind).where(Absence.mediator == world.mediators[2]).execute()
        readings.append({door.path: said_by(ask(client, door, objects)) for door in asked})
    assert ">away<" in readings[0][f"{WEEK}?office=azores"]
    told = {path for path in readings[0] if len({one[path] for one in readings}) > 1}
    assert not told


def said_by(answer: TestResponse) -> str:
    """What a page or table says in words, without what is new at each asking, as the clock's
    figures are; files with the time of their making in them say nothing here."""
    if not answer.mimetype.startswith(("text/", "application/json")):
        return ""
    words = re.sub(r'name="(csrf_token|press)" value="[^"]*"', "", answer.text)
    return re.sub(r"\d+", "0", words)


def test_lists_hold_only_ones_own(
    knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    seen = {
        role: {
            name
            for name in ("Ana", "Bo", "Caio", "Dina", "Eva")
            if f"{name} Exemplo" in knock(role).get("/mediators").text
        }
        for role in ("coordinator", "azores_coordinator", "association")
    }
    assert seen == {
        "coordinator": {"Ana", "Bo", "Caio", "Dina", "Eva"},
        "azores_coordinator": {"Caio", "Dina", "Eva"},
        "association": {"Ana", "Caio", "Eva"},
    }


def test_a_trainer_sees_the_people_of_the_course_by_name_only(
    knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    page = knock("trainer").get(f"/courses/{objects['course']}").text
    assert "Ana" in page
    assert "Dina" in page
    assert "Eva" not in page, "not enrolled"
    assert "/mediators/" not in page


LINK = re.compile(r'href="(/[^"#]*)')
OF_PEOPLE = ("/associations", "/mediators", "/training", "/me/feeds", "/messages")
OF_LISBON = (("offices", "lisbon"), ("mediators", "ana"), ("mediators", "bo"))


def pages_reached(client: FlaskClient, of_a_kind: int) -> dict[str, str]:
    """Every page that links lead to, each of them open, and its text; so many of those whose
    addresses differ by numbers alone, since weeks and months go on without end."""
    client.post("/language", data={"locale": "en"})
    seen: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    waiting = ["/"]
    while waiting:
        path = html.unescape(waiting.pop())
        kind = re.sub(r"[0-9-]+", "0", path)
        if path in seen or path.startswith("/static") or kinds[kind] >= of_a_kind:
            continue
        answer = client.get(path, follow_redirects=True)
        # 409 says why there is nothing to show, such as a map of a week in which nobody works.
        assert answer.status_code in (200, 409), path
        kinds[kind] += 1
        seen[path] = answer.text if answer.mimetype == "text/html" else ""
        waiting += LINK.findall(seen[path])
    return seen


def test_an_association_s_contact_reaches_its_own_and_nothing_else(
    knock: Callable[[str], FlaskClient], world: SmallWorld, objects: dict[str, object]
) -> None:
    """Every page that its links lead to: nobody of another association, nothing of health."""
    seen = pages_reached(knock("association"), of_a_kind=10)
    assert f"/associations/{objects['aurora']}" in seen
    assert f"/associations/{objects['aurora']}/ledger" in seen
    assert f"/associations/{objects['aurora']}/propose" in seen
    everything = "\n".join(seen.values())
    for own in ("Ana Exemplo", "Eva Exemplo", "Fia Exemplo", "Associação Aurora"):
        assert own in everything
    for other in ("Bo Exemplo", "Dina Exemplo", "Gil Exemplo", "Hugo Exemplo", "Associação Ponte"):
        assert other not in everything
    told = "\n".join(page for path, page in seen.items() if path.startswith(OF_PEOPLE))
    assert "Ana Exemplo" in told
    assert not re.search(r"absence|sickness", told, re.IGNORECASE)


def test_a_local_centre_s_coordinator_reaches_its_own_and_nothing_else(
    knock: Callable[[str], FlaskClient], objects: dict[str, object]
) -> None:
    """Every page that the links lead to: the one centre and who works there. Bo, who is of Lisbon
    alone, is nowhere; Ana only where she was asked for, to be lent."""
    seen = pages_reached(knock("azores_coordinator"), of_a_kind=3)
    assert f"/offices/{objects['azores']}" in seen
    assert f"/mediators/{objects['eva']}" in seen
    for area in ("/weeks", "/demand", "/coordination", "/reports", "/lending", "/field"):
        assert any(path.startswith(area) for path in seen), area
    lisbon_s = [f"/{kind}/{objects[one]}" for kind, one in OF_LISBON]
    assert not [path for path in seen if "lisbon" in path or path.startswith(tuple(lisbon_s))]
    texts = {path: re.sub(r"<[^>]*>", " ", page) for path, page in seen.items()}
    assert not [path for path, text in texts.items() if re.search(r"\bBo\b", text)]
    with_ana = {path for path, text in texts.items() if re.search(r"\bAna\b", text)}
    assert with_ana <= {"/lending"}
