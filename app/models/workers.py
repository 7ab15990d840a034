"""The workers that are alive."""

from __future__ import annotations

from peewee import CharField

from app.models.base import BaseModel, InstantField


class Worker(BaseModel):
    """One worker process; it renews its row every few seconds and takes it away when it leaves."""

    owner = CharField(unique=True)
    """Its machine and its number there, as runs and mails name who holds them."""
    started_at = InstantField()
    beat_at = InstantField(index=True)
