# What a run is about, so that the newest of a roster or an office is found however many there are.
import json

from peewee import *
from playhouse.migrate import migrate


def up(migrator, db):
    migrate(migrator.add_column("run", "about", CharField(max_length=96, default="")))
    db.execute_sql('CREATE INDEX "run_about" ON "run" ("about")')
    mark = db.param
    rows = db.execute_sql(
        "SELECT id, kind, parameters FROM run WHERE kind IN ('waiting', 'backtest')"
    ).fetchall()
    for run_id, kind, parameters in rows:
        asked = json.loads(parameters) if isinstance(parameters, str) else parameters
        about = asked["office"] if kind == "backtest" else f"{asked['office']}.{asked['roster']}"
        db.execute_sql(
            f"UPDATE run SET about = {mark} WHERE id = {mark}",  # noqa: S608 - the mark of a value
            (about, run_id),
        )


def down(migrator, db):
    db.execute_sql('DROP INDEX "run_about"')
    db.execute_sql('ALTER TABLE "run" DROP COLUMN "about"')
