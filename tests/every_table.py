"""A row in every table, with values that are easily lost on the way."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    DateField,
    Field,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    sort_models,
)

from app.models import TABLES, InstantField, Mediator, User
from app.models.base import EnumField

ODD = "Ana «ç» €, 张伟 عربي\n\"'\\"
AN_INSTANT = dt.datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=dt.UTC)


def fill_every_table(mediator: Mediator, user: User) -> None:
    """Add a row to each table that has none, of these two where it is of somebody."""
    people = {Mediator: mediator.id, User: user.id}
    for model in sort_models(TABLES):
        if not model.select().exists():
            fields = [one for one in model._meta.sorted_fields if not isinstance(one, AutoField)]
            model.insert(**{one.name: _value(one, people) for one in fields}).execute()


def _value(field: Field, people: dict[Any, int]) -> Any:
    if isinstance(field, ForeignKeyField):
        first = field.rel_model.select().first()
        return people.get(field.rel_model, first.get_id() if first else None)
    if isinstance(field, EnumField):
        return next(iter(_choices(field)))
    for kinds, value in (
        (InstantField, AN_INSTANT),
        (DateField, dt.date(2024, 2, 29)),
        (BlobField, bytes(range(256))),
        (JSONField, {"z": [1, 2.5, 1e22, None, True], "a": {ODD: "x"}, "é": 0.1}),
        (BooleanField, True),
        (IntegerField, 2_000_000_000),
        (FloatField, 0.1 + 0.2),
    ):
        if isinstance(field, kinds):
            return value
    return ODD[: getattr(field, "max_length", None) or 100]


def _choices(field: EnumField) -> type[Enum]:
    found: type[Enum] = field.enum_class
    return found
