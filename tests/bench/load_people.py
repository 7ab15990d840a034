"""Two hundred people and programs at once, each thinking between one request and the next.

    python tests/bench/load_people.py URL TOLD.json SECONDS WARM_SECONDS SEED

Each is a thread with a connection of its own, as a browser has. Ends with a line of JSON: kind →
milliseconds of each request, and the errors. What comes in the warm seconds is not counted.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import random
import re
import secrets
import sys
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

SEATS = {
    "mediator": (90, 10.0),
    "reception": (38, 6.0),
    "coordinator": (25, 10.0),
    "editor": (7, 6.0),
    "calendar": (30, 10.0),
    "system": (10, 10.0),
}
"""How many of each, and the mean of the seconds that each thinks (exponential)."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Answer = tuple[int, dict[str, str], str]


class Ledger:
    """What came of every request that counts."""

    def __init__(self, begins: float) -> None:
        self.begins = begins
        self.milliseconds: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self._lock = threading.Lock()

    def note(self, kind: str, began: float, seconds: float, error: str) -> None:
        if began < self.begins:
            return
        with self._lock:
            self.milliseconds[kind].append(1000 * seconds)
            if error:
                self.errors.append(f"{kind}: {error}")


class Seat:
    """One person or program at one connection."""

    def __init__(self, place: tuple[str, int], ledger: Ledger, cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection(*place, timeout=60)
        self.ledger = ledger
        self.cookies = {"session": cookie} if cookie else {}
        self.token = ""

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        good: tuple[int, ...] = (200,),
        **headers: str,
    ) -> Answer:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.monotonic()
        try:
            answer = self._answer(method, path, body, told)
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.ledger.note(kind, began, time.monotonic() - began, type(error).__name__)
            return 0, {}, ""
        seconds = time.monotonic() - began
        wrong = "" if answer.status in good else f"{answer.status} at {path[:60]}"
        self.ledger.note(kind, began, seconds, wrong)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        self.token = found[1] if found else self.token
        return answer.status, dict(answer.headers), text

    def _answer(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        """As a browser does: a connection that idled too long is closed; it asks on a new one."""
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):
            self.connection.close()
        self.connection.request(method, path, body, headers)
        return self.connection.getresponse()

    def form(self, kind: str, path: str, good: tuple[int, ...], /, **fields: str) -> Answer:
        body = urllib.parse.urlencode({"csrf_token": self.token, **fields}).encode()
        part = {"X_Part": fields.pop("part")} if "part" in fields else {}
        return self.ask(
            kind, "POST", path, body, good=good, Content_Type=FORM["Content-Type"], **part
        )


Turn = Callable[[], None]


def mediator(
    seat: Seat, _about: dict[str, Any], _told: dict[str, Any], draw: random.Random
) -> Turn:
    month = dt.date.today().strftime("%Y-%m")  # noqa: DTZ011

    def turn() -> None:
        path = draw.choices(["/me", f"/me/month/{month}", "/me/times", "/messages"], [5, 2, 1, 1])[
            0
        ]
        seat.ask("mediator's page", "GET", path)

    return turn


def coordinator(
    seat: Seat, about: dict[str, Any], told: dict[str, Any], draw: random.Random
) -> Turn:
    week, office = told["monday"], about["office"]
    pages = [
        ("board", f"/weeks/{week}?office={office}", 5),
        ("week of all offices", f"/weeks/{week}/network", 1),
        ("now", f"/now?office={office}", 2),
        ("demand", f"/demand/{week}?office={office}", 1),
        ("people", "/mediators", 1),
    ]

    def turn() -> None:
        kind, path, _weight = draw.choices(pages, [one[2] for one in pages])[0]
        seat.ask(kind, "GET", path)

    return turn


def editor(seat: Seat, about: dict[str, Any], told: dict[str, Any], draw: random.Random) -> Turn:
    roster = about["roster"]
    next_week = dt.date.fromisoformat(told["monday"]) + dt.timedelta(weeks=1)
    revision = about["revision"]

    def turn() -> None:
        nonlocal revision
        cell = draw.choice(about["cells"])
        if not seat.token:
            seat.ask("board", "GET", f"/weeks/{next_week}?office={cell['office']}")
        path = f"/rosters/{roster}/cells/{cell['mediator']}/{cell['date']}"
        seat.ask("a day opened", "GET", path, X_Part="panel")
        day = (dt.date.fromisoformat(cell["date"]) - next_week).days
        shift = draw.choice(about["shifts"][f"{cell['office']}.{day}"])
        told_now = seat.ask("revision", "GET", f"/rosters/{roster}/revision.json")[2]
        revision = json.loads(told_now or "{}").get("revision", revision)
        seat.form(
            "edit",
            f"/rosters/{roster}/change",
            (204,),
            part="panel",
            kind="give",
            shift=shift,
            revision=str(revision),
            mediator=str(cell["mediator"]),
            date=cell["date"],
            office=cell["office"],
            anyway="1",
        )

    return turn


def reception(
    seat: Seat, about: dict[str, Any], _told: dict[str, Any], draw: random.Random
) -> Turn:
    office = about["office"]

    def turn() -> None:
        if not seat.token or draw.random() < 0.2:
            seat.ask("reception page", "GET", f"/intake?office={office}")
            return
        who = f"{draw.choice(['pt', 'pt', 'en', 'uk', 'zh'])}:general"
        press = f"{draw.getrandbits(64):016x}"
        seat.form("press", "/intake", (200, 204, 302), office=office, who=who, press=press)

    return turn


def calendar(seat: Seat, about: str, _told: dict[str, Any], _draw: random.Random) -> Turn:
    seen: dict[str, str] = {}

    def turn() -> None:
        given = {"If_None_Match": seen["Etag"]} if "Etag" in seen else {}
        _status, headers, _text = seat.ask(
            "feed", "GET", f"/feeds/{about}.ics", good=(200, 304), **given
        )
        seen.update((name.title(), value) for name, value in headers.items())

    return turn


def system(seat: Seat, about: dict[str, Any], _told: dict[str, Any], draw: random.Random) -> Turn:
    def turn() -> None:
        one = {
            "office": about["office"],
            "starts_at": dt.datetime.now(dt.UTC).isoformat(),
            "language": draw.choice(["pt", "en", "uk"]),
        }
        seat.ask(
            "arrival sent",
            "POST",
            "/api/arrivals",
            json.dumps({"arrivals": [one]}).encode(),
            good=(200, 201),
            Authorization=f"Bearer {about['secret']}",
            Idempotency_Key=secrets.token_hex(8),
            Content_Type="application/json",
        )

    return turn


ROLES = {
    "mediator": (mediator, "mediators"),
    "reception": (reception, "receptions"),
    "coordinator": (coordinator, "coordinators"),
    "editor": (editor, "editors"),
    "calendar": (calendar, "calendars"),
    "system": (system, "systems"),
}


def sit(turn: Turn, think: float, until: float, draw: random.Random) -> None:
    time.sleep(draw.uniform(0, think))
    while time.monotonic() < until:
        turn()
        time.sleep(min(draw.expovariate(1 / think), max(0.0, until - time.monotonic())))


def main() -> None:
    url, path, seconds, warm, seed = sys.argv[1:]
    told = json.loads(Path(path).read_text())
    parts = urllib.parse.urlsplit(url)
    place = (parts.hostname or "", parts.port or 80)
    begins = time.monotonic() + float(warm)
    ledger, threads = Ledger(begins), []
    for role, (count, think) in SEATS.items():
        make, known = ROLES[role]
        for number in range(count):
            about = told[known][number % len(told[known])]
            cookie = about.get("cookie", "") if isinstance(about, dict) else ""
            draw = random.Random(f"{seed}.{role}.{number}")
            seat = Seat(place, ledger, cookie)
            turn = make(seat, about, told, draw)
            until = begins + float(seconds)
            threads.append(threading.Thread(target=sit, args=(turn, think, until, draw)))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(json.dumps({"milliseconds": ledger.milliseconds, "errors": ledger.errors}))


if __name__ == "__main__":
    main()
