# Files of arrivals are kept with the other files on their way in, for a day at most.
from peewee import *
from playhouse.migrate import migrate

from app.models.base import InstantField


def up(migrator, db):
    migrate(migrator.drop_table("arrival_import"))


def down(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class ArrivalImport(Model):
        user = ForeignKeyField(User, null=True, on_delete="CASCADE")
        name = CharField()
        content = BlobField()
        sha256 = CharField(max_length=64)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "arrival_import"

    db.create_tables([ArrivalImport])
