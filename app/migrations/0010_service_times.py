# How long visitors were received, where it was noted.
from peewee import *
from playhouse.migrate import migrate


def up(migrator, db):
    migrate(
        migrator.add_column("arrival_outcome", "services", IntegerField(default=0)),
        migrator.add_column("arrival_outcome", "service_minutes", IntegerField(default=0)),
    )


def down(migrator, db):
    migrate(
        migrator.drop_column("arrival_outcome", "service_minutes"),
        migrator.drop_column("arrival_outcome", "services"),
    )
