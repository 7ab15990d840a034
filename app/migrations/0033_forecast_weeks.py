# Forecasts written with an index less: weeks are asked for with their offices.


def up(migrator, db):
    db.execute_sql('DROP INDEX "forecastslot_week_starts_on"')


def down(migrator, db):
    db.execute_sql(
        'CREATE INDEX "forecastslot_week_starts_on" ON "forecast_slot" ("week_starts_on")'
    )
