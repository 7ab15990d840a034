# Generated from a schema diff on 2026-11-24 18:29.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class Association(Model):
        code = CharField(unique=True, max_length=32)
        name = CharField()
        contact_name = CharField(default="")
        contact_email = CharField(default="")

        class Meta:
            database = db
            table_name = "association"

    db.create_tables([Association])

    class ContractRegime(Model):
        code = CharField(unique=True, max_length=32)
        name_pt = CharField()
        name_en = CharField()
        day_minutes = IntegerField()
        week_minutes = IntegerField()
        longest_day_minutes = IntegerField()
        days_a_week = IntegerField(default=5)
        rest_minutes = IntegerField(default=660)
        consecutive_days = IntegerField(default=6)
        longest_stretch_minutes = IntegerField(default=300)
        break_minutes = IntegerField(default=60)

        class Meta:
            database = db
            table_name = "contract_regime"

    db.create_tables([ContractRegime])

    class PlanningGroup(Model):
        code = CharField(unique=True, max_length=32)
        name = CharField()

        class Meta:
            database = db
            table_name = "planning_group"

    db.create_tables([PlanningGroup])

    class Office(Model):
        code = CharField(unique=True, max_length=32)
        name = CharField()
        kind = CharField()
        group = ForeignKeyField(PlanningGroup, on_delete="RESTRICT")
        zone = CharField(default="Europe/Lisbon")
        district = CharField(default="11")
        address = TextField(default="")
        latitude = FloatField(null=True)
        longitude = FloatField(null=True)
        capacity = IntegerField(null=True)
        target_share_percent = IntegerField(default=80)
        target_wait_minutes = IntegerField(default=15)
        unsocial_from_minute = IntegerField(default=1080)
        active = BooleanField(default=True)
        position = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "office"

    db.create_tables([Office])

    class Mediator(Model):
        code = CharField(unique=True, max_length=32)
        name = CharField()
        called_name = CharField(default="")
        email = CharField(default="")
        association = ForeignKeyField(Association, on_delete="RESTRICT")
        regime = ForeignKeyField(ContractRegime, on_delete="RESTRICT")
        week_minutes = IntegerField()
        shift_least_minutes = IntegerField()
        shift_most_minutes = IntegerField()
        home_office = ForeignKeyField(Office, on_delete="RESTRICT")
        starts_on = DateField()
        ends_on = DateField(null=True)
        active = BooleanField(default=True)
        fictional = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "mediator"

    db.create_tables([Mediator])

    class Absence(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        starts_at = InstantField()
        ends_at = InstantField()
        kind = CharField()
        status = CharField()

        class Meta:
            database = db
            table_name = "absence"
            indexes = ((("mediator", "starts_at"), False),)

    db.create_tables([Absence])

    class Language(Model):
        code = CharField(primary_key=True, max_length=16)
        name_pt = CharField()
        name_en = CharField()
        position = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "language"

    db.create_tables([Language])

    class Arrival(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        starts_at = InstantField()
        language = ForeignKeyField(Language, on_delete="RESTRICT")
        need = CharField(max_length=32)
        count = IntegerField()
        source = CharField(max_length=32, default="desk")

        class Meta:
            database = db
            table_name = "arrival"
            indexes = ((("office", "starts_at", "language", "need", "source"), True),)

    db.create_tables([Arrival])

    class User(Model):
        email = CharField(unique=True)
        name = CharField()
        password_hash = CharField()
        locale = CharField(max_length=5, default="pt")
        active = BooleanField(default=True)
        mediator = ForeignKeyField(Mediator, unique=True, null=True, on_delete="SET NULL")
        session_epoch = IntegerField(default=0)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "user"

    db.create_tables([User])

    class Run(Model):
        kind = CharField(max_length=32)
        parameters = JSONField(default=dict)
        status = CharField(index=True, default="queued")
        attempt = IntegerField(default=0)
        owner = CharField(default="")
        lease_until = InstantField(null=True)
        cancel_asked = BooleanField(default=False)
        stop_asked = BooleanField(default=False)
        progress = JSONField(default=list)
        result = JSONField(default=dict)
        error = TextField(default="")
        asked_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        asked_at = InstantField()
        started_at = InstantField(null=True)
        ended_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "run"

    db.create_tables([Run])

    class Roster(Model):
        group = ForeignKeyField(PlanningGroup, on_delete="RESTRICT")
        week_starts_on = DateField(index=True)
        version = IntegerField()
        status = CharField()
        name = CharField(default="")
        solver_status = CharField(default="")
        cost = IntegerField(null=True)
        bound = IntegerField(null=True)
        parts = JSONField(default=dict)
        solve_seconds = FloatField(default=0)
        revision = IntegerField(default=0)
        problem_json = TextField(default="")
        run = ForeignKeyField(Run, null=True, on_delete="SET NULL")
        created_at = InstantField()
        published_at = InstantField(null=True)
        published_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        based_on = ForeignKeyField("self", null=True, on_delete="SET NULL")

        class Meta:
            database = db
            table_name = "roster"
            indexes = ((("group", "week_starts_on", "version"), True),)

    db.create_tables([Roster])

    class Assignment(Model):
        roster = ForeignKeyField(Roster, on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, on_delete="RESTRICT")
        office = ForeignKeyField(Office, on_delete="RESTRICT")
        date = DateField()
        starts_at = InstantField()
        ends_at = InstantField()
        breaks = JSONField(default=list)
        shift = CharField()
        unsocial = BooleanField(default=False)
        locked = BooleanField(default=False)
        uid = CharField(index=True, max_length=64)
        sequence = IntegerField(default=0)
        created_at = InstantField()
        changed_at = InstantField()

        class Meta:
            database = db
            table_name = "assignment"
            indexes = ((("roster", "mediator", "date"), True), (("mediator", "starts_at"), False))

    db.create_tables([Assignment])

    class AuditEntry(Model):
        at = InstantField()
        user = ForeignKeyField(User, null=True, on_delete="SET NULL")
        action = CharField(max_length=64)
        object_kind = CharField(max_length=32)
        object_id = CharField(max_length=64)
        details = JSONField(default=dict)
        previous_hash = CharField(max_length=64)
        hash = CharField(unique=True, max_length=64)

        class Meta:
            database = db
            table_name = "audit_entry"

    db.create_tables([AuditEntry])

    class Availability(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        weekday = IntegerField()
        from_minute = IntegerField()
        until_minute = IntegerField()

        class Meta:
            database = db
            table_name = "availability"

    db.create_tables([Availability])

    class CertificationKind(Model):
        code = CharField(primary_key=True, max_length=32)
        name_pt = CharField()
        name_en = CharField()
        validity_months = IntegerField(null=True)
        grace_days = IntegerField(default=0)
        renewal_window_days = IntegerField(default=90)

        class Meta:
            database = db
            table_name = "certification_kind"

    db.create_tables([CertificationKind])

    class Course(Model):
        code = CharField(max_length=32)
        version = IntegerField(default=1)
        title_pt = CharField()
        title_en = CharField()
        outcomes = TextField(default="")
        minutes = IntegerField()
        certification = ForeignKeyField(CertificationKind, null=True, on_delete="RESTRICT")
        programme = CharField(max_length=16, default="continuous")
        active = BooleanField(default=True)

        class Meta:
            database = db
            table_name = "course"
            indexes = ((("code", "version"), True),)

    db.create_tables([Course])

    class CourseSession(Model):
        course = ForeignKeyField(Course, on_delete="CASCADE")
        starts_at = InstantField()
        ends_at = InstantField()
        office = ForeignKeyField(Office, null=True, on_delete="SET NULL")
        link = CharField(default="")
        capacity = IntegerField(default=20)

        class Meta:
            database = db
            table_name = "course_session"

    db.create_tables([CourseSession])

    class Completion(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        course = ForeignKeyField(Course, on_delete="RESTRICT")
        session = ForeignKeyField(CourseSession, null=True, on_delete="SET NULL")
        completed_on = DateField()
        result = CharField()
        recorded_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        recorded_at = InstantField()
        replaced_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "completion"
            indexes = ((("mediator", "course", "completed_on"), False),)

    db.create_tables([Completion])

    class Certification(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        kind = ForeignKeyField(CertificationKind, on_delete="RESTRICT")
        valid_from = DateField()
        valid_until = DateField(null=True)
        number = CharField(unique=True, max_length=32)
        completion = ForeignKeyField(Completion, null=True, on_delete="SET NULL")
        withdrawn_at = InstantField(null=True)
        withdrawal_reason = TextField(default="")

        class Meta:
            database = db
            table_name = "certification"
            indexes = ((("mediator", "kind", "valid_from"), False),)

    db.create_tables([Certification])

    class Closure(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        date = DateField()
        reason = CharField(default="")

        class Meta:
            database = db
            table_name = "closure"
            indexes = ((("office", "date"), True),)

    db.create_tables([Closure])

    class CoursePrerequisite(Model):
        course = ForeignKeyField(Course, on_delete="CASCADE")
        required_code = CharField(max_length=32)

        class Meta:
            database = db
            table_name = "course_prerequisite"
            indexes = ((("course", "required_code"), True),)

    db.create_tables([CoursePrerequisite])

    class CourseTrainer(Model):
        course = ForeignKeyField(Course, on_delete="CASCADE")
        user = ForeignKeyField(User, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "course_trainer"
            indexes = ((("course", "user"), True),)

    db.create_tables([CourseTrainer])

    class DemandEvent(Model):
        name = CharField()
        starts_on = DateField()
        ends_on = DateField()
        factor_percent = IntegerField()
        offices = JSONField(default=list)
        languages = JSONField(default=list)
        needs = JSONField(default=list)

        class Meta:
            database = db
            table_name = "demand_event"

    db.create_tables([DemandEvent])

    class Desk(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        need = CharField(max_length=32)
        name_pt = CharField()
        name_en = CharField()
        certification = ForeignKeyField(CertificationKind, null=True, on_delete="RESTRICT")
        opens_minute = IntegerField()
        closes_minute = IntegerField()
        weekdays = CharField(default="01234")
        least = IntegerField(default=0)
        wanted = IntegerField(default=1)

        class Meta:
            database = db
            table_name = "desk"
            indexes = ((("office", "need"), True),)

    db.create_tables([Desk])

    class Enrolment(Model):
        session = ForeignKeyField(CourseSession, on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        status = CharField()
        asked_at = InstantField()

        class Meta:
            database = db
            table_name = "enrolment"
            indexes = ((("session", "mediator"), True),)

    db.create_tables([Enrolment])

    class ExtraHoliday(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        month = IntegerField()
        day = IntegerField()
        name = CharField()

        class Meta:
            database = db
            table_name = "extra_holiday"
            indexes = ((("office", "month", "day"), True),)

    db.create_tables([ExtraHoliday])

    class FeedToken(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, null=True, on_delete="CASCADE")
        name = CharField()
        token_hash = CharField(unique=True, max_length=64)
        locale = CharField(max_length=5, default="pt")
        details = BooleanField(default=True)
        keep_cancelled = BooleanField(default=False)
        created_at = InstantField()
        revoked_at = InstantField(null=True)
        fetched_at = InstantField(null=True)
        fetched_version = CharField(default="")

        class Meta:
            database = db
            table_name = "feed_token"

    db.create_tables([FeedToken])

    class ForecastSlot(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        week_starts_on = DateField(index=True)
        starts_at = InstantField()
        language = ForeignKeyField(Language, null=True, on_delete="CASCADE")
        mean = FloatField()
        q50 = FloatField()
        q80 = FloatField()
        q90 = FloatField()
        q95 = FloatField()
        made_at = InstantField()

        class Meta:
            database = db
            table_name = "forecast_slot"
            indexes = ((("office", "week_starts_on", "starts_at", "language"), True),)

    db.create_tables([ForecastSlot])

    class MediatorLanguage(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        language = ForeignKeyField(Language, on_delete="RESTRICT")
        level = CharField()

        class Meta:
            database = db
            table_name = "mediator_language"
            indexes = ((("mediator", "language"), True),)

    db.create_tables([MediatorLanguage])

    class MediatorOffice(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        office = ForeignKeyField(Office, on_delete="CASCADE")
        cost = IntegerField(default=3)

        class Meta:
            database = db
            table_name = "mediator_office"
            indexes = ((("mediator", "office"), True),)

    db.create_tables([MediatorOffice])

    class Message(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        kind = CharField(max_length=32)
        details = JSONField(default=dict)
        key = CharField(unique=True)
        created_at = InstantField()
        read_at = InstantField(null=True)
        mailed_at = InstantField(null=True)
        attempts = IntegerField(default=0)
        last_error = TextField(default="")

        class Meta:
            database = db
            table_name = "message"

    db.create_tables([Message])

    class Nomination(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        association = ForeignKeyField(Association, on_delete="CASCADE")
        proposed_on = DateField()
        status = CharField()
        decided_on = DateField(null=True)
        reason = TextField(default="")

        class Meta:
            database = db
            table_name = "nomination"

    db.create_tables([Nomination])

    class OpeningHours(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        weekday = IntegerField()
        opens_minute = IntegerField()
        closes_minute = IntegerField()

        class Meta:
            database = db
            table_name = "opening_hours"
            indexes = ((("office", "weekday", "opens_minute"), True),)

    db.create_tables([OpeningHours])

    class Protocol(Model):
        association = ForeignKeyField(Association, on_delete="CASCADE")
        starts_on = DateField()
        ends_on = DateField()
        places = IntegerField()

        class Meta:
            database = db
            table_name = "protocol"
            indexes = ((("association", "starts_on"), True),)

    db.create_tables([Protocol])

    class RegimeArticle(Model):
        regime = ForeignKeyField(ContractRegime, on_delete="CASCADE")
        rule = CharField(max_length=32)
        article = CharField()

        class Meta:
            database = db
            table_name = "regime_article"
            indexes = ((("regime", "rule"), True),)

    db.create_tables([RegimeArticle])

    class Requirement(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        week_starts_on = DateField(index=True)
        starts_at = InstantField()
        ends_at = InstantField()
        needs = JSONField(default=list)
        label = CharField(default="")
        count = IntegerField()
        minimum = IntegerField()
        cost = IntegerField()
        minimum_cost = IntegerField()
        exclusive = BooleanField(default=True)
        excess_cost = IntegerField(default=0)
        reason = JSONField(default=dict)
        note = TextField(default="")

        class Meta:
            database = db
            table_name = "requirement"
            indexes = ((("office", "week_starts_on", "starts_at"), False),)

    db.create_tables([Requirement])

    class RosterEdit(Model):
        roster = ForeignKeyField(Roster, on_delete="CASCADE")
        revision = IntegerField()
        before = JSONField()
        after = JSONField()
        undone = BooleanField(default=False)
        user = ForeignKeyField(User, null=True, on_delete="SET NULL")
        at = InstantField()

        class Meta:
            database = db
            table_name = "roster_edit"

    db.create_tables([RosterEdit])

    class UserRole(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        role = CharField()
        office = ForeignKeyField(Office, null=True, on_delete="CASCADE")
        association = ForeignKeyField(Association, null=True, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "user_role"
            indexes = ((("user", "role", "office", "association"), True),)

    db.create_tables([UserRole])

    class Wish(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        starts_at = InstantField()
        ends_at = InstantField()
        kind = CharField()
        cost = IntegerField(default=4)

        class Meta:
            database = db
            table_name = "wish"

    db.create_tables([Wish])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("wish"))
    migrator.migrate(migrator.drop_table("user_role"))
    migrator.migrate(migrator.drop_table("roster_edit"))
    migrator.migrate(migrator.drop_table("requirement"))
    migrator.migrate(migrator.drop_table("regime_article"))
    migrator.migrate(migrator.drop_table("protocol"))
    migrator.migrate(migrator.drop_table("opening_hours"))
    migrator.migrate(migrator.drop_table("nomination"))
    migrator.migrate(migrator.drop_table("message"))
    migrator.migrate(migrator.drop_table("mediator_office"))
    migrator.migrate(migrator.drop_table("mediator_language"))
    migrator.migrate(migrator.drop_table("forecast_slot"))
    migrator.migrate(migrator.drop_table("feed_token"))
    migrator.migrate(migrator.drop_table("extra_holiday"))
    migrator.migrate(migrator.drop_table("enrolment"))
    migrator.migrate(migrator.drop_table("desk"))
    migrator.migrate(migrator.drop_table("demand_event"))
    migrator.migrate(migrator.drop_table("course_trainer"))
    migrator.migrate(migrator.drop_table("course_prerequisite"))
    migrator.migrate(migrator.drop_table("closure"))
    migrator.migrate(migrator.drop_table("certification"))
    migrator.migrate(migrator.drop_table("completion"))
    migrator.migrate(migrator.drop_table("course_session"))
    migrator.migrate(migrator.drop_table("course"))
    migrator.migrate(migrator.drop_table("certification_kind"))
    migrator.migrate(migrator.drop_table("availability"))
    migrator.migrate(migrator.drop_table("audit_entry"))
    migrator.migrate(migrator.drop_table("assignment"))
    migrator.migrate(migrator.drop_table("roster"))
    migrator.migrate(migrator.drop_table("run"))
    migrator.migrate(migrator.drop_table("user"))
    migrator.migrate(migrator.drop_table("arrival"))
    migrator.migrate(migrator.drop_table("language"))
    migrator.migrate(migrator.drop_table("absence"))
    migrator.migrate(migrator.drop_table("mediator"))
    migrator.migrate(migrator.drop_table("office"))
    migrator.migrate(migrator.drop_table("planning_group"))
    migrator.migrate(migrator.drop_table("contract_regime"))
    migrator.migrate(migrator.drop_table("association"))
