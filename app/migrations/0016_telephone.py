# The telephone service: external translators on call, the log of calls.
from peewee import *

from app.models.base import InstantField


def up(migrator, db):
    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class Language(Model):
        code = CharField(primary_key=True, max_length=16)

        class Meta:
            database = db
            table_name = "language"

    class Translator(Model):
        office = ForeignKeyField(Office, backref="translators", on_delete="CASCADE")
        name = CharField()
        phone = CharField(max_length=32, default="")
        price_cents = IntegerField()
        active = BooleanField(default=True)

        class Meta:
            database = db
            table_name = "translator"

    class TranslatorLanguage(Model):
        translator = ForeignKeyField(Translator, backref="languages", on_delete="CASCADE")
        language = ForeignKeyField(Language, backref="+", on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "translator_language"
            indexes = ((("translator", "language"), True),)

    class TranslatorHours(Model):
        translator = ForeignKeyField(Translator, backref="hours", on_delete="CASCADE")
        weekday = IntegerField()
        opens_minute = IntegerField()
        closes_minute = IntegerField()

        class Meta:
            database = db
            table_name = "translator_hours"
            indexes = ((("translator", "weekday", "opens_minute"), True),)

    class Call(Model):
        office = ForeignKeyField(Office, backref="calls", on_delete="CASCADE")
        press = CharField(max_length=64)
        starts_at = InstantField()
        language = ForeignKeyField(Language, backref="+", on_delete="RESTRICT")
        need = CharField(max_length=32)
        minutes = IntegerField()
        three_way = BooleanField(default=False)
        helped_by = CharField(max_length=255)
        translator = ForeignKeyField(Translator, null=True, backref="+", on_delete="SET NULL")
        cents = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "call"
            indexes = ((("office", "press"), True), (("office", "starts_at"), False))

    db.create_tables([Translator, TranslatorLanguage, TranslatorHours, Call])


def down(migrator, db):
    for table in ("call", "translator_hours", "translator_language", "translator"):
        migrator.migrate(migrator.drop_table(table))
