# Versions of a week say no more that somebody was sick, nor whose day was repaired once the week is
# over: from now on the register's rule sees to that, of the weeks that were over of late.
import datetime as dt

from peewee import *

NAMES = {
    "Sick call": "Day repaired",
    "Sick call taken back": "Repair taken back",
    "Aviso de doença": "Dia resolvido",
    "Aviso de doença anulado": "Solução anulada",
}


def up(migrator, db):
    class Roster(Model):
        week_starts_on = DateField()
        name = TextField()
        options = JSONField()

        class Meta:
            database = db
            table_name = "roster"

    for before, after in NAMES.items():
        Roster.update(name=after).where(Roster.name == before).execute()
    today = dt.datetime.now(dt.timezone.utc).date()
    over = Roster.select(Roster.id, Roster.options).where(
        Roster.week_starts_on < today - dt.timedelta(days=6),
        Roster.options.cast("TEXT").contains('"sick_call"'),
    )
    for row in list(over):
        rest = {name: value for name, value in row.options.items() if name != "sick_call"}
        Roster.update(options=rest).where(Roster.id == row.id).execute()


def down(migrator, db):
    pass
