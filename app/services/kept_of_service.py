"""What is kept of the service itself: counts, settings, work under way; little of it personal."""

from __future__ import annotations

from app import models as m
from app.i18n import _l
from app.services.privacy_rules import (
    DAY,
    FIVE_YEARS,
    YEAR,
    Activity,
    Emptied,
    Erased,
    Gone,
    Ground,
    Kept,
    Until,
)

_ROW, _SERVICE = (Until.ROW,), (Until.SERVICE,)

DEMAND = Activity(
    key="demand",
    name=_l("Visits, calls and what visitors say"),
    what=_l("Counts by office, half hour, language and need. No visitor can be told from them."),
    why=_l("To foresee who will come, and to account for the service."),
    ground=Ground.PUBLIC_TASK,
    basis=_l("GDPR, art. 6(1)(e)"),
    readers=_l("Receptions and coordinators."),
    kept=(
        Kept(
            table=m.Arrival, plain="id office starts_at language need count source", rules=_SERVICE
        ),
        Kept(
            table=m.ArrivalOutcome,
            plain="id office starts_at language need source served by_phone left waits"
            " waited_minutes services service_minutes",
            rules=_SERVICE,
        ),
        Kept(
            table=m.Ticket,
            personal="called_by called_at",
            plain="id office date number press language need taken_at state call_press counter"
            " ended_at",
            rules=(Gone("date", 7),),
        ),
        Kept(table=m.TicketRoll, plain="id office date last", rules=(Gone("date", 7),)),
        Kept(
            table=m.DemandEvent,
            plain="id name starts_on ends_on factor_percent offices languages needs",
            rules=_SERVICE,
        ),
        Kept(
            table=m.ForecastSlot,
            plain="id office week_starts_on starts_at language mean q50 q80 q90 q95 made_at",
            rules=_SERVICE,
        ),
        Kept(
            table=m.Requirement,
            plain="id office week_starts_on starts_at ends_at needs label count minimum cost"
            " minimum_cost exclusive excess_cost reason note",
            rules=_SERVICE,
        ),
        Kept(
            table=m.RequirementOverride,
            personal="user at",
            plain="id office week_starts_on starts_at ends_at label count note",
            rules=(Emptied("at", FIVE_YEARS, "user", None), Until.SERVICE),
        ),
        Kept(
            table=m.Feedback,
            personal="recorded_by recorded_at",
            plain="id office received_on kind need language topic level count",
            rules=(Emptied("recorded_at", YEAR, "recorded_by", None), Until.SERVICE),
        ),
    ),
)


OTHERS = Activity(
    key="others",
    name=_l("Associations and external translators"),
    what=_l(
        "Whom to write to at an association; translators to call, their languages and hours,"
        " what they are paid."
    ),
    why=_l("To carry out the protocols, and to call somebody who speaks a language."),
    ground=Ground.PUBLIC_TASK,
    basis=_l("GDPR, art. 6(1)(e)"),
    readers=_l("Coordinators; an association its own."),
    kept=(
        Kept(
            table=m.Association,
            personal="contact_name contact_email",
            plain="id code name",
            rules=_SERVICE,
        ),
        Kept(table=m.Protocol, plain="id association starts_on ends_on places", rules=_SERVICE),
        Kept(
            table=m.Translator,
            personal="office name phone price_cents active ended_on",
            plain="id erased_at",
            about=("id",),
            rules=(Erased("ended_on", FIVE_YEARS), Until.PERSON),
        ),
        Kept(
            table=m.TranslatorLanguage,
            personal="translator language",
            plain="id",
            about=("translator",),
            rules=(Until.PERSON,),
        ),
        Kept(
            table=m.TranslatorHours,
            personal="translator weekday opens_minute closes_minute",
            plain="id",
            about=("translator",),
            rules=(Until.PERSON,),
        ),
        Kept(
            table=m.Call,
            personal="translator starts_at language minutes cents",
            plain="id office press need three_way helped_by",
            about=("translator",),
            rules=_SERVICE,
        ),
    ),
)


MACHINE = Activity(
    key="machine",
    name=_l("The machinery"),
    what=_l("Jobs under way, files on their way in, keys of other systems."),
    why=_l("To carry out what was asked for, once."),
    ground=Ground.PUBLIC_TASK,
    basis=_l("GDPR, art. 6(1)(e)"),
    readers=_l("Who asked for it; administrators the keys."),
    kept=(
        Kept(
            table=m.Run,
            personal="parameters result asked_by asked_at",
            plain="id kind about status attempt owner lease_until cancel_asked stop_asked progress"
            " error started_at ended_at",
            rules=(Gone("ended_at", YEAR),),
        ),
        Kept(
            table=m.Upload,
            personal="user content name created_at",
            plain="id purpose target sha256",
            rules=(Gone("created_at", DAY),),
        ),
        Kept(
            table=m.IdempotencyKey,
            sealed="key request_hash",
            plain="id scope status answer created_at",
            rules=(Gone("created_at", 30),),
        ),
        Kept(
            table=m.ApiKey,
            personal="created_by created_at",
            sealed="key_hash",
            plain="id name offices revoked_at used_at window_starts_at window_requests",
            rules=(Gone("revoked_at", YEAR), Until.SERVICE),
        ),
        Kept(
            table=m.Screen,
            personal="created_by created_at",
            sealed="token_hash",
            plain="id name office locale shows revoked_at used_at",
            rules=(Gone("revoked_at", YEAR), Until.SERVICE),
        ),
        Kept(table=m.Worker, plain="id owner started_at beat_at", rules=(Gone("beat_at", DAY),)),
        Kept(table=m.DailyTask, plain="id name done_on held_until", rules=_SERVICE),
    ),
)


SETTINGS = Activity(
    key="settings",
    name=_l("Settings of the service"),
    what=_l("Offices, hours, desks, languages, kinds of contract, courses. Nothing personal."),
    why=_l("To plan by them."),
    ground=Ground.NONE,
    basis="",
    readers=_l("Everyone who signs in, as far as they need it."),
    kept=(
        Kept(table=m.Language, plain="code name_pt name_en position", rules=_SERVICE),
        Kept(
            table=m.CertificationKind,
            plain="code name_pt name_en validity_months grace_days renewal_window_days"
            " renewal_course",
            rules=_SERVICE,
        ),
        Kept(table=m.PlanningGroup, plain="id code name", rules=_SERVICE),
        Kept(
            table=m.Office,
            plain="id code name kind group zone district address latitude longitude capacity"
            " target_share_percent target_wait_minutes unsocial_from_minute auto_approve_swaps"
            " active position gives_tickets likes",
            rules=_SERVICE,
        ),
        Kept(
            table=m.OpeningHours,
            plain="id office weekday opens_minute closes_minute",
            rules=_SERVICE,
        ),
        Kept(table=m.Closure, plain="id office date reason", rules=_SERVICE),
        Kept(table=m.ExtraHoliday, plain="id office month day name", rules=_SERVICE),
        Kept(
            table=m.Desk,
            plain="id office need name_pt name_en certification opens_minute closes_minute"
            " weekdays least wanted admission partner",
            rules=_SERVICE,
        ),
        Kept(
            table=m.ContractRegime,
            plain="id code name_pt name_en day_minutes week_minutes longest_day_minutes"
            " days_a_week rest_minutes consecutive_days longest_stretch_minutes break_minutes",
            rules=_SERVICE,
        ),
        Kept(table=m.RegimeArticle, plain="id regime rule article", rules=_SERVICE),
        Kept(
            table=m.Course,
            plain="id code version title_pt title_en outcomes minutes certification programme"
            " active older_due_on",
            rules=_SERVICE,
        ),
        Kept(table=m.CourseEquivalent, plain="id course counts_code", rules=_SERVICE),
        Kept(table=m.CoursePrerequisite, plain="id course required_code", rules=_SERVICE),
        Kept(
            table=m.CourseSession,
            plain="id course starts_at ends_at office link capacity self_enrol languages uid"
            " sequence changed_at",
            rules=_SERVICE,
        ),
        Kept(table=m.SessionPart, plain="id session starts_at ends_at uid", rules=_SERVICE),
    ),
)
