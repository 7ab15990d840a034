"""What a table's rows look like outside a database: the same of SQLite and of PostgreSQL.

A row is a list of plain values in the order of its columns. Instants and dates are ISO texts,
bytes are base64, JSON is what it says. One line of JSON a row is what a backup holds, and what a
table's digest is made of.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
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

from app.models import TABLES, BaseModel, InstantField

MODULUS = 2**256

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns with the kind of each, its key, which columns refer to itself."""

    table: str
    key: str
    counts: bool
    """The database gives the key by counting up."""
    columns: dict[str, str]
    """Column → `instant`, `date`, `bytes`, `json`, `yes_no`, `whole`, `number` or `text`."""
    to_itself: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Shape:
        return cls(**{**kept, "to_itself": tuple(kept["to_itself"])})


def shapes() -> tuple[Shape, ...]:
    """Every table of the models, each after those it refers to."""
    return tuple(_shape(model) for model in sort_models(TABLES))


def _shape(model: type[BaseModel]) -> Shape:
    meta = model._meta  # type: ignore[attr-defined]
    key: Any = meta.primary_key
    return Shape(
        table=meta.table_name,
        key=key.column_name,
        counts=isinstance(key, AutoField),
        columns={field.column_name: _kind(field) for field in meta.sorted_fields},
        to_itself=tuple(
            field.column_name
            for field in meta.sorted_fields
            if isinstance(field, ForeignKeyField) and field.rel_model is model
        ),
    )


def _kind(field: Field) -> str:
    if isinstance(field, ForeignKeyField):
        return _kind(field.rel_field)
    for kind, fields in (
        ("instant", InstantField),
        ("date", DateField),
        ("bytes", BlobField),
        ("json", JSONField),
        ("yes_no", BooleanField),
        ("whole", IntegerField | AutoField),
        ("number", FloatField),
    ):
        if isinstance(field, fields):
            return kind
    return "text"


def outside(shape: Shape, row: tuple[Any, ...]) -> Row:
    """A row as a database gave it, in plain values."""
    return [
        None if value is None else _OUT[kind](value)
        for kind, value in zip(shape.columns.values(), row, strict=True)
    ]


def inside(shape: Shape, row: Row) -> list[Any]:
    """Plain values as either database takes them, in the form in which peewee writes them."""
    return [
        None if value is None else _IN[kind](value)
        for kind, value in zip(shape.columns.values(), row, strict=True)
    ]


def line_of(row: Row) -> str:
    """A row as one line; JSON keeps the order of its keys."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


class Tally:
    """How many rows went by, and a digest that is the same in whatever order they came."""

    def __init__(self, shape: Shape) -> None:
        self._json = [place for place, kind in enumerate(shape.columns.values()) if kind == "json"]
        self.rows = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        for place in self._json:
            row = [*row[:place], _plain_numbers(row[place]), *row[place + 1 :]]
        text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self._sum += int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")

    def digest(self) -> str:
        return f"{self._sum % MODULUS:064x}"


def _plain_numbers(value: Any) -> Any:
    """PostgreSQL keeps numbers in JSON as decimals: 1e22 comes back as a whole number."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(one) for one in value]
    return value


def _instant_out(value: Any) -> str:
    instant = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return instant.isoformat(" ")


def _bytes_out(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()


def _json_out(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


_OUT: dict[str, Callable[[Any], Any]] = {
    "instant": _instant_out,
    "date": str,
    "bytes": _bytes_out,
    "json": _json_out,
    "yes_no": bool,
    "whole": int,
    "number": float,
    "text": str,
}
_IN: dict[str, Callable[[Any], Any]] = {
    "instant": str,
    "date": str,
    "bytes": base64.b64decode,
    "json": json.dumps,
    "yes_no": bool,
    "whole": int,
    "number": float,
    "text": str,
}
