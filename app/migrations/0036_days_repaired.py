# Versions of a week say no more that somebody was sick.
from peewee import *

NAMES = {
    "Sick call": "Day repaired",
    "Sick call taken back": "Repair taken back",
    "Aviso de doença": "Dia resolvido",
    "Aviso de doença anulado": "Solução anulada",
}


def up(migrator, db):
    class Roster(Model):
        name = TextField()

        class Meta:
            database = db
            table_name = "roster"

    for before, after in NAMES.items():
        Roster.update(name=after).where(Roster.name == before).execute()


def down(migrator, db):
    pass
