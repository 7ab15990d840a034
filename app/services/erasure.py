"""Taking who they are out of the records of a person; what the service counts stays.

The rows of their work stay, under a number: shifts, hours, late changes, training. Name, address,
code, absences, wishes, devices and messages go, also where they stand in what others were told
and in the problems and runs that are kept. Backups made before still hold them until they are
thrown away; the audit log holds numbers alone.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from peewee import Expression

from app.i18n import _
from app.models import (
    Absence,
    AccountLink,
    Availability,
    BaseModel,
    CalledOffTraining,
    Certification,
    CheckIn,
    Completion,
    DeadAddress,
    FeedDocument,
    FeedToken,
    Loan,
    Mail,
    Mediator,
    MediatorOffice,
    Message,
    Nomination,
    NominationStatus,
    OneTimeSecret,
    OwnCalendar,
    Passkey,
    PasswordRequest,
    RecoveryCode,
    Roster,
    RosterFigures,
    Run,
    RunStatus,
    Upload,
    User,
    UserRole,
    UserSession,
    WeekLook,
    Wish,
    database,
)
from app.services import audit, runs
from app.services.api_keys import require_administrator
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.privacy_rules import YEAR
from app.services.rights import SYSTEM, Actor, require_coordinator
from app.services.traces import OnPart, Traces

KIND = "erasure"

OF_MEDIATOR: tuple[type[BaseModel], ...] = (
    Absence,
    Availability,
    Wish,
    MediatorOffice,
    CheckIn,
    CalledOffTraining,
    OwnCalendar,
    WeekLook,
    FeedToken,
)
"""Rows of a mediator that go altogether."""
OF_USER: tuple[type[BaseModel], ...] = (
    UserRole,
    UserSession,
    AccountLink,
    Passkey,
    OneTimeSecret,
    RecoveryCode,
    FeedToken,
    Upload,
)
"""Rows of an account that go altogether."""
MEDIATOR_KEYS = frozenset({"mediator", "away"})
"""In the JSON of runs, what a mediator's code stands under (`waiting`, `waiting_run`)."""


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """Whom the actor may erase, and what stands against it, empty for nothing."""

    name: str
    refusal: str
    mediator_id: int | None
    """Where the account belongs to a mediator, whose record is to be erased instead."""


def mediator_page(actor: Actor, mediator_id: int, now: dt.datetime) -> ErasurePage:
    """Raises NotFound, Forbidden."""
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    require_coordinator(actor, row.home_office_id)
    refusal = ""
    if row.erased_at is not None:
        refusal = _("This record was erased already.")
    elif row.active and (row.ends_on is None or row.ends_on >= now.date()):
        refusal = _("The contract is still running: end it first.")
    elif actor.mediator_id == mediator_id:
        refusal = _("Another coordinator has to do this for you.")
    return ErasurePage(row.name, refusal, None)


def account_page(actor: Actor, user_id: int) -> ErasurePage:
    """Raises NotFound, Forbidden."""
    require_administrator(actor)
    row = User.get_or_none(User.id == user_id)
    if row is None:
        raise NotFound
    refusal = ""
    if row.erased_at is not None:
        refusal = _("This account was erased already.")
    elif user_id == actor.user_id:
        refusal = _("Another administrator has to do this for you.")
    elif row.mediator_id is not None:
        refusal = _("The account belongs to a mediator: erase it with their record.")
    return ErasurePage(row.name, refusal, row.mediator_id)


def ask_erase_mediator(actor: Actor, mediator_id: int, typed: str, now: dt.datetime) -> int:
    """Queue the erasure of a mediator who works here no more, and of their account; the run's id.

    `typed` is their name, as a confirmation. Raises Invalid for another, Conflict while the
    contract runs or when it is done already, NotFound, Forbidden.
    """
    with database.atomic():
        _check(mediator_page(actor, mediator_id, now), typed)
        return runs.ask(actor, KIND, {"mediator": mediator_id}, now)


def traces_of(mediator_id: int, on_part: OnPart) -> Traces:
    """Where a mediator stands in what is kept of others: the long part of erasing."""
    found = _traces(Mediator.get_by_id(mediator_id))
    found.read_on(on_part)
    return found


def erase_mediator(actor: Actor, mediator_id: int, found: Traces, now: dt.datetime) -> None:
    """Erase a mediator who stands in what `found` holds and what came since. In a transaction.

    Raises as `ask_erase_mediator` does, but for Invalid.
    """
    page = mediator_page(actor, mediator_id, now)
    if page.refusal:
        raise Conflict(page.refusal)
    _erase_mediator(actor, Mediator.get_by_id(mediator_id), found, now)


def erase_account(actor: Actor, user_id: int, typed: str, now: dt.datetime) -> None:
    """Erase an account that belongs to no mediator, and so is in no roster: done at once.

    Raises as `ask_erase_mediator` does.
    """
    with database.atomic():
        _check(account_page(actor, user_id), typed)
        row = User.get_by_id(user_id)
        found = Traces("", [row.name])
        found.read_on()
        _forget_words(found, number_of("user", row.id))
        _erase_account(actor, row, now)


def erase_stopped_account(row: User, now: dt.datetime) -> None:
    """Erase an account that belongs to no mediator and was stopped long ago, by the register's
    rule. In a transaction.

    What others were told of theirs is gone by then (`kept_of_accounts`): a name looked for now
    would be that of somebody else, or of an office.
    """
    _erase_account(SYSTEM, row, now)


def number_of(kind: str, row_id: int) -> str:
    """What stands for a person whose name is gone, the same in every language."""
    return f"{kind[0]}-{row_id}-erased"


def _check(page: ErasurePage, typed: str) -> None:
    if page.refusal:
        raise Conflict(page.refusal)
    if typed.strip() != page.name:
        raise Invalid([InputFault("name", typed, _("the name exactly as it stands above"))])


def _erase_account(actor: Actor, row: User, now: dt.datetime) -> None:
    _erase_user(row, number_of("user", row.id), now)
    audit.record(actor, "account.erase", "user", row.id, now)


def _traces(row: Mediator) -> Traces:
    user = User.get_or_none(User.mediator == row)
    return Traces(row.code, [row.name, row.called_name, row.code, user.name if user else ""])


def _erase_mediator(actor: Actor, row: Mediator, found: Traces, now: dt.datetime) -> None:
    number = number_of("mediator", row.id)
    # First: a run that is just ending is waited for, and then read with the rest.
    _cancel_under_way(row, now)
    found.read_on()
    for table in OF_MEDIATOR:
        table.delete().where(table.mediator == row).execute()
    Completion.update(note="").where(Completion.mediator == row).execute()
    Certification.update(withdrawal_reason="").where(Certification.mediator == row).execute()
    Nomination.update(reason="", name="", email="", note="", languages=[]).where(
        (Nomination.mediator == row) | _nominated_before(row)
    ).execute()
    DeadAddress.delete().where(DeadAddress.address == row.email).execute()
    Loan.update(reason="").where(Loan.mediator == row).execute()
    _renumber_rosters(found, number)
    _renumber_runs(found, number)
    _forget_words(found, number)
    _empty_feeds()
    user = User.get_or_none(User.mediator == row)
    if user is not None:
        _erase_user(user, number, now)
    Mediator.update(
        name=number,
        called_name="",
        email="",
        code=number,
        gender="",
        phone_from_home=False,
        active=False,
        ends_on=row.ends_on or now.date(),
        erased_at=now,
    ).where(Mediator.id == row.id).execute()
    # On PostgreSQL a run may have begun meanwhile, and read who was there.
    _cancel_under_way(row, now)
    audit.record(actor, "mediator.erase", "mediator", row.id, now)


def _cancel_under_way(row: Mediator, now: dt.datetime) -> None:
    """Have the runs that began while they were there end with nothing: what those found has their
    code, and is written when they end. No week is built in which they were here a year ago."""
    kinds = ["waiting"]
    if row.ends_on is None or row.ends_on >= now.date() - dt.timedelta(days=YEAR):
        kinds.append("build")
    Run.update(cancel_asked=True).where(
        Run.kind.in_(kinds), Run.status == RunStatus.RUNNING
    ).execute()


def _nominated_before(row: Mediator) -> Expression:
    """The nominations, answered otherwise, of who became a mediator by a later one."""
    whose = Nomination.name == row.name
    if row.email:
        whose |= Nomination.email == row.email
    found: Expression = (
        Nomination.mediator.is_null()
        & (Nomination.association == row.association)
        & (Nomination.status != NominationStatus.PROPOSED)
        & whose
    )
    return found


def _empty_feeds() -> None:
    """Their name in calendars kept for offices, associations and courses, which show several
    people: each is written anew when it is next fetched. A mediator's own names nobody else."""
    of_several = FeedToken.select(FeedToken.id).where(FeedToken.mediator.is_null())
    FeedDocument.update(gzipped=b"", etag="", size=0, rendered=-1).where(
        FeedDocument.token.in_(of_several)
    ).execute()


def _erase_user(row: User, number: str, now: dt.datetime) -> None:
    for table in OF_USER:
        table.delete().where(table.user == row).execute()
    # What was told of published shifts stays: the register of late changes refers to it.
    Message.delete().where(Message.user == row, Message.kind != "roster_published").execute()
    # An address they had before is known from the mails that went there.
    addresses = {row.email, *(one.address for one in Mail.select().where(Mail.user == row))}
    DeadAddress.delete().where(DeadAddress.address.in_(addresses)).execute()
    Mail.delete().where(Mail.user == row).execute()
    PasswordRequest.delete().where(PasswordRequest.email == row.email).execute()
    User.update(
        email=f"{number}@invalid",
        name=number,
        password_hash="",
        active=False,
        session_epoch=User.session_epoch + 1,
        erased_at=now,
    ).where(User.id == row.id).execute()


def _renumber_rosters(found: Traces, number: str) -> None:
    """Put the number in place of the code in the problems that rosters were built on."""
    for roster_id in found.found(Roster):
        row = Roster.get_or_none(Roster.id == roster_id)
        if row is None:
            continue
        problem = json.loads(row.problem_json)
        for one in problem["mediators"]:
            if one["id"] == found.code:
                one["id"] = number
        for one in (*problem["locked"], *(problem["previous"] or ())):
            if one["mediator"] == found.code:
                one["mediator"] = number
        text = json.dumps(problem, separators=(",", ":"))
        Roster.update(problem_json=text).where(Roster.id == roster_id).execute()
        for figures in RosterFigures.select().where(RosterFigures.roster == roster_id):
            wishes = [
                [number if one[0] == found.code else one[0], *one[1:]] for one in figures.wishes
            ]
            RosterFigures.update(wishes=wishes).where(RosterFigures.id == figures.id).execute()


def _renumber_runs(found: Traces, number: str) -> None:
    """Put the number in place of the code in what runs were asked and came to."""
    for run_id in found.found(Run):
        row = Run.get_or_none(Run.id == run_id)
        if row is not None:
            kept = {"parameters": row.parameters, "result": row.result}
            fresh = _renumbered(kept, found.code, number)
            Run.update(**fresh).where(Run.id == run_id).execute()


def _renumbered(value: Any, code: str, number: str) -> Any:
    """The same with the number for that mediator; an office or a language may share their code."""
    if isinstance(value, dict):
        return {
            key: number if key in MEDIATOR_KEYS and one == code else _renumbered(one, code, number)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_renumbered(one, code, number) for one in value]
    return value


def _forget_words(found: Traces, number: str) -> None:
    """Their name in what others were told."""
    tables: tuple[Any, ...] = (Message, Mail)
    for table in tables:
        for row_id in found.found(table):
            row = table.get_or_none(table.id == row_id)
            if row is not None:
                told = _without(row.details, found.names, number)
                table.update(details=told).where(table.id == row_id).execute()


def _without(value: Any, words: frozenset[str], number: str) -> Any:
    if isinstance(value, str):
        return number if value in words else value
    if isinstance(value, dict):
        return {key: _without(one, words, number) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, words, number) for one in value]
    return value
