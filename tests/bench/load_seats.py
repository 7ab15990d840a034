"""Who sits at the country's desks: cookies, keys and tokens for the clients of the load."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from small_world import SmallWorld

from app.models import Arrival, Assignment, Mediator, Office, Requirement, Roster, User
from app.services import api_keys, feeds, sign_ins
from app.services.rights import actor_of
from solver import Problem

CALENDARS, SYSTEMS = 60, 10


@dataclass
class Told:
    """What the clients must know; kept beside the database as JSON."""

    monday: str
    mediators: list[dict[str, str]]
    """Cookie of each who is signed in."""
    receptions: list[dict[str, str]]
    coordinators: list[dict[str, Any]]
    editors: list[dict[str, Any]]
    """Cookie, and the draft that is theirs: its roster, its revision, people, dates, shifts."""
    calendars: list[str]
    """Tokens of feeds."""
    systems: list[dict[str, str]]
    """Secret and office of keys."""
    rows: dict[str, int]


def seats(
    app: Flask,
    world: SmallWorld,
    offices: list[tuple[Office, int]],
    users: dict[str, list[User]],
    drafts: list[tuple[Roster, Problem]],
    monday: dt.date,
    now: dt.datetime,
) -> Told:
    def cookie(user: User) -> str:
        token = sign_ins.start(user, "Firefox Linux", False, now)
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return str(signer.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))

    codes = {office.id: office.code for office, _count in offices}
    step = max(1, len(users["mediators"]) // 140)
    signed_in = users["mediators"][::step]
    seats = [
        {"cookie": cookie(one), "office": codes[one.mediator.home_office_id]} for one in signed_in
    ]
    coordinators = [
        {"cookie": cookie(one), "office": codes[offices[n * 2][0].id]}
        for n, one in enumerate(users["coordinators"])
    ]
    editors = []
    for one, (roster, problem) in zip(coordinators, drafts, strict=False):
        shifts: dict[str, list[str]] = {}
        for shift in problem.shifts:
            if 10 <= len(shift.worked) <= 14:
                shifts.setdefault(f"{shift.office}.{shift.day}", []).append(shift.id)
        mine = [
            {"mediator": row.mediator_id, "date": row.date.isoformat(), "office": row.office.code}
            for row in roster.assignments.limit(60)
        ]
        editors.append(
            {
                "cookie": one["cookie"],
                "roster": roster.id,
                "revision": roster.revision,
                "cells": mine,
                "shifts": {key: listed[:12] for key, listed in shifts.items()},
            }
        )
    calendars = [
        feeds.create_feed(
            actor_of(one), name="Phone", locale="pt", details=True, keep_cancelled=False, now=now
        ).token
        for one in users["mediators"][:CALENDARS]
    ]
    administrator = actor_of(User.get(User.email == world.administrator))
    systems = [
        {
            "secret": api_keys.create_key(administrator, f"Tickets {n}", [code], now)[1],
            "office": code,
        }
        for n, code in enumerate(list(codes.values())[:SYSTEMS])
    ]
    tables = (Mediator, Office, Arrival, Roster, Assignment, Requirement)
    return Told(
        monday=monday.isoformat(),
        mediators=seats[: len(seats) * 2 // 3],
        receptions=seats[len(seats) * 2 // 3 :],
        coordinators=coordinators[len(drafts) :],
        editors=editors,
        calendars=calendars,
        systems=systems,
        rows={one.__name__: one.select().count() for one in tables},
    )


def keep(told: Told, path: Path) -> None:
    path.write_text(json.dumps(asdict(told)))


def read(path: Path) -> Told:
    return Told(**json.loads(path.read_text()))
