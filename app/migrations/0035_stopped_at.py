# When an account was stopped, and until when who is planned no more was here: both begin the time
# after which they are erased. Of those from before it is the day of this migration.
import datetime as dt

from peewee import *
from playhouse.migrate import migrate

from app.models.base import InstantField


def up(migrator, db):
    migrate(migrator.add_column("user", "stopped_at", InstantField(null=True)))

    class User(Model):
        active = BooleanField()
        stopped_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "user"

    class Mediator(Model):
        active = BooleanField()
        starts_on = DateField()
        ends_on = DateField(null=True)

        class Meta:
            database = db
            table_name = "mediator"

    now = dt.datetime.now(dt.timezone.utc)
    User.update(stopped_at=now).where(~User.active).execute()
    endless = ~Mediator.active & Mediator.ends_on.is_null()
    begun = Mediator.starts_on <= now.date()
    Mediator.update(ends_on=now.date()).where(endless & begun).execute()
    Mediator.update(ends_on=Mediator.starts_on).where(endless & ~begun).execute()


def down(migrator, db):
    migrate(migrator.drop_column("user", "stopped_at"))
