# Hours without work of a single date, beside those of every week.
from peewee import *
from playhouse.migrate import migrate


def up(migrator, db):
    migrate(migrator.add_column("availability", "date", DateField(null=True)))


def down(migrator, db):
    db.execute_sql("DELETE FROM availability WHERE date IS NOT NULL")
    migrate(migrator.drop_column("availability", "date"))
