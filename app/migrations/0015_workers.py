# Which workers are alive: a row each, renewed every few seconds.
from peewee import *

from app.models.base import InstantField


def up(migrator, db):
    class Worker(Model):
        owner = CharField(unique=True)
        started_at = InstantField()
        beat_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "worker"

    db.create_tables([Worker])


def down(migrator, db):
    db.execute_sql('DROP TABLE "worker"')
