# When an external translator ended and was erased; who has a daily task in hand.
from peewee import *
from playhouse.migrate import migrate

from app.models.base import InstantField


def up(migrator, db):
    migrate(
        migrator.add_column("translator", "ended_on", DateField(null=True)),
        migrator.add_column("translator", "erased_at", InstantField(null=True)),
        migrator.add_column("daily_task", "held_until", InstantField(null=True)),
    )


def down(migrator, db):
    migrate(
        migrator.drop_column("daily_task", "held_until"),
        migrator.drop_column("translator", "erased_at"),
        migrator.drop_column("translator", "ended_on"),
    )
