"""What is kept of mediators: who they are, when they are away, what they work and learn."""

from __future__ import annotations

from peewee import Expression

from app import models as m
from app.i18n import _l
from app.models import AbsenceKind, NominationStatus, RosterStatus
from app.services.privacy_rules import (
    DAY,
    FIVE_YEARS,
    WEEK,
    YEAR,
    Activity,
    Emptied,
    Erased,
    Forgotten,
    Gone,
    Ground,
    Kept,
    Until,
)
from app.services.rosters import SICK_CALL

_PERSON = (Until.PERSON,)
_ROW = (Until.ROW,)


def _in_no_register() -> Expression:
    """Rosters that no late change refers to."""
    told: Expression = m.Roster.id.not_in(m.LateChange.select(m.LateChange.roster))
    return told


PEOPLE = Activity(
    key="people",
    name=_l("Mediators"),
    what=_l(
        "Name, address for mail, contract, association, languages, hours, wishes; gender where"
        " given."
    ),
    why=_l("To plan who works when, where and in which language."),
    ground=Ground.CONTRACT,
    basis=_l("GDPR, art. 6(1)(b) and 6(1)(a); Law 105/2001, art. 3"),
    readers=_l(
        "The person, coordinators of their offices, their association; trainers those in their"
        " courses."
    ),
    kept=(
        Kept(
            table=m.Mediator,
            personal="id code name called_name email association regime week_minutes"
            " shift_least_minutes shift_most_minutes home_office starts_on ends_on active gender"
            " phone_from_home",
            sensitive="gender",
            plain="fictional erased_at",
            about=("id",),
            rules=(Erased("ends_on", FIVE_YEARS), Until.PERSON),
        ),
        Kept(
            table=m.MediatorLanguage,
            personal="mediator language level",
            plain="id",
            about=("mediator",),
            rules=_PERSON,
        ),
        Kept(
            table=m.MediatorOffice,
            personal="mediator office cost",
            plain="id",
            about=("mediator",),
            rules=_PERSON,
        ),
        Kept(
            table=m.Availability,
            personal="mediator weekday date from_minute until_minute",
            plain="id",
            about=("mediator",),
            rules=_PERSON,
        ),
        Kept(
            table=m.Wish,
            personal="mediator starts_at ends_at kind cost",
            plain="id",
            about=("mediator",),
            rules=(Gone("ends_at", YEAR),),
        ),
        Kept(
            table=m.Nomination,
            personal="mediator association proposed_on status decided_on reason name email"
            " languages office note proposed_by decided_by",
            plain="id",
            about=("mediator",),
            rules=(
                Gone(
                    "decided_on",
                    YEAR,
                    # Whoever was accepted and became no mediator has no record to go with.
                    lambda: (
                        (m.Nomination.status != NominationStatus.ACCEPTED)
                        | m.Nomination.mediator.is_null()
                    ),
                ),
                # What nobody answers lapses.
                Gone(
                    "proposed_on",
                    2 * YEAR,
                    lambda: m.Nomination.status == NominationStatus.PROPOSED,
                ),
                Until.PERSON,
            ),
        ),
    ),
)


ABSENCES = Activity(
    key="absences",
    name=_l("Absences"),
    what=_l("When somebody is away, and whether on leave or sick."),
    why=_l("To plan without them, and to reckon the hours they owe."),
    ground=Ground.EMPLOYMENT_LAW,
    basis=_l("GDPR, art. 9(2)(b); Labour Code, art. 202 and 249 to 254"),
    readers=_l(
        "The person and coordinators of their home office; where they help out, only that they are"
        " away. Each reading by another is logged."
    ),
    kept=(
        Kept(
            table=m.Absence,
            personal="mediator starts_at ends_at kind status",
            sensitive="kind",
            plain="id",
            about=("mediator",),
            rules=(
                Emptied("ends_at", YEAR, "kind", AbsenceKind.OTHER),
                Gone("ends_at", FIVE_YEARS),
            ),
        ),
    ),
)


ROSTERS = Activity(
    key="rosters",
    name=_l("Rosters and swaps"),
    what=_l(
        "Who works when and where, in each version; swaps; late changes with their cause, also that"
        " somebody could not come, never why."
    ),
    why=_l("To plan and publish the work, and to show afterwards that the law of work was kept."),
    ground=Ground.LAW,
    basis=_l("GDPR, art. 6(1)(c); Labour Code, art. 202(4) and 215 to 217"),
    readers=_l("The person, their colleagues for published shifts, coordinators."),
    kept=(
        Kept(
            table=m.LateChange,
            personal="roster mediator date before after notice_days cause reason published_at"
            " published_by",
            plain="id",
            about=("mediator",),
            rules=(Gone("published_at", FIVE_YEARS),),
        ),
        Kept(
            table=m.Roster,
            personal="problem_json published_by options",
            plain="id group week_starts_on version status name solver_status cost bound parts"
            " solve_seconds revision run created_at published_at chosen_at discarded_at based_on",
            rules=(
                Gone(
                    "week_starts_on",
                    YEAR,
                    lambda: _in_no_register() & (m.Roster.status == RosterStatus.DRAFT),
                ),
                Gone("week_starts_on", FIVE_YEARS, lambda: _in_no_register()),
                # Whose day was repaired, so that it can be taken back: while the week lasts.
                Forgotten("week_starts_on", WEEK - DAY, "options", SICK_CALL, past=8 * WEEK),
            ),
        ),
        Kept(
            table=m.Assignment,
            personal="roster mediator office date starts_at ends_at breaks shift unsocial locked",
            plain="id uid sequence created_at changed_at",
            about=("mediator",),
            rules=_ROW,
        ),
        Kept(
            table=m.RosterEdit,
            personal="before after user at",
            plain="id roster revision undone",
            rules=(Gone("at", YEAR),),
        ),
        Kept(table=m.RosterFigures, personal="wishes", plain="id roster cover", rules=_ROW),
        Kept(
            table=m.Swap,
            personal="given asked taker returned status offered_at offered_by accepted_at"
            " decided_at decided_by",
            plain="id",
            about=("given.mediator", "taker", "asked"),
            rules=_ROW,
        ),
        Kept(
            table=m.Loan,
            personal="mediator date lender borrower given shift starts_at ends_at reason asks"
            " status asked_at asked_by decided_at decided_by roster",
            plain="id",
            about=("mediator",),
            rules=(Gone("date", FIVE_YEARS),),
        ),
        Kept(
            table=m.PhoneTurn,
            personal="office centre mediator date starts_at ends_at given_at given_by cancelled_at",
            plain="id uid sequence changed_at",
            about=("mediator",),
            rules=(Gone("date", FIVE_YEARS),),
        ),
        Kept(
            table=m.FieldSeat,
            personal="route mediator assigned_at assigned_by cancelled_at",
            plain="id sequence",
            about=("mediator",),
            rules=_ROW,
        ),
        Kept(
            table=m.FieldRoute,
            personal="created_by",
            plain="id office date name starts_at ends_at uid created_at changed_at cancelled_at",
            rules=(Gone("date", FIVE_YEARS),),
        ),
        Kept(
            table=m.FieldStop,
            plain="id route position place address latitude longitude starts_at ends_at languages"
            " uid sequence changed_at cancelled_at",
            rules=_ROW,
        ),
        Kept(
            table=m.WeekLook,
            personal="mediator at shifts",
            plain="id",
            about=("mediator",),
            rules=_PERSON,
        ),
    ),
)


TRAINING = Activity(
    key="training",
    name=_l("Training"),
    what=_l("Sessions attended, results, certifications; opinions without a name."),
    why=_l("To show who may give which support, and to account for training to its funders."),
    ground=Ground.LAW,
    basis=_l("GDPR, art. 6(1)(c) and 6(1)(b); Labour Code, art. 131"),
    readers=_l("The person, trainers of the course, coordinators; an association its own people."),
    kept=(
        Kept(
            table=m.Enrolment,
            personal="session mediator status asked_at opinion_given changed_at had_at",
            plain="id sequence",
            about=("mediator",),
            rules=(Gone("asked_at", FIVE_YEARS),),
        ),
        Kept(
            table=m.CheckIn,
            personal="session mediator at",
            plain="id part",
            about=("mediator",),
            rules=(Gone("at", FIVE_YEARS),),
        ),
        Kept(
            table=m.Completion,
            personal="mediator course session completed_on result recorded_by recorded_at"
            " replaced_at minutes note mistaken",
            plain="id",
            about=("mediator",),
            rules=_PERSON,
        ),
        Kept(
            table=m.Certification,
            personal="mediator kind valid_from valid_until number completion withdrawn_at"
            " withdrawal_reason groundless",
            plain="id",
            about=("mediator",),
            rules=_PERSON,
        ),
        Kept(
            table=m.CalledOffTraining,
            personal="mediator course office starts_at ends_at cancelled_at",
            plain="id session_uid link sequence created_at",
            about=("mediator",),
            rules=(Gone("ends_at", YEAR),),
        ),
        Kept(
            table=m.CourseTrainer,
            personal="course user",
            plain="id",
            about=("user",),
            rules=_PERSON,
        ),
        Kept(
            table=m.SessionTrainer,
            personal="session user",
            plain="id",
            about=("user",),
            rules=_PERSON,
        ),
        Kept(table=m.SessionOpinion, plain="id session score comment", rules=_ROW),
    ),
)
