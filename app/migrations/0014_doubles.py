# Numbers with a point in full on PostgreSQL too, which kept seven digits of them; SQLite does.
from playhouse.migrate import PostgresqlMigrator

COLUMNS = {
    "office": ("latitude", "longitude"),
    "roster": ("solve_seconds",),
    "forecast_slot": ("mean", "q50", "q80", "q90", "q95"),
}


def up(migrator, db):
    _turn(migrator, db, "DOUBLE PRECISION")


def down(migrator, db):
    _turn(migrator, db, "REAL")


def _turn(migrator, db, kind):
    if not isinstance(migrator, PostgresqlMigrator):
        return
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind}')
