# How a desk receives, and whose it is.
from peewee import *


def up(migrator, db):
    # Added in place: making the table anew would, in SQLite, take what refers to it with it.
    db.execute_sql(
        'ALTER TABLE "desk" ADD COLUMN "admission" VARCHAR(16) NOT NULL DEFAULT \'walk_in\''
    )
    db.execute_sql('ALTER TABLE "desk" ADD COLUMN "partner" VARCHAR(64) NOT NULL DEFAULT \'\'')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "desk" DROP COLUMN "partner"')
    db.execute_sql('ALTER TABLE "desk" DROP COLUMN "admission"')
