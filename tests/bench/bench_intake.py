"""Does intake keep up? A real server (on SQLite), several clients sending, others reading pages.

    python tests/bench/bench_intake.py [--arrivals 1000] [--seconds 60] [--senders 10]
                                       [--readers 3]

Prints a table, and ends with 1 when an arrival was lost or counted twice. Each sender has a key of
its own and sends one arrival a request; a fifth of the requests come twice, half of those at the
same moment.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from peewee import fn  # noqa: E402
from small_world import PASSWORD, build_small_world, log_arrivals  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import Arrival, database  # noqa: E402
from app.services import api_keys, planning  # noqa: E402
from app.services.horizon import monday_of  # noqa: E402
from app.services.rights import SYSTEM, Actor  # noqa: E402

SECRET = "k" * 40
CLIENTS = ROOT / "tests" / "bench" / "intake_clients.py"
PAGES = "/intake,/weeks,/demand?office=lisbon,/demand/accuracy?office=lisbon,/mediators"


@dataclass(frozen=True)
class Service:
    url: str
    keys: tuple[str, ...]
    reader: str


@contextmanager
def service(instance: Path, keys: int, database_url: str = "") -> Iterator[Service]:
    """The product as `serve` runs it, with twelve weeks of arrivals in a database without rows: the
    one of `database_url`, or a file in `instance`."""
    now = dt.datetime.now(dt.UTC)
    address = database_url or f"sqlite:///{instance / 'escala.db'}"
    settings = {"ESCALA_SECRET_KEY": SECRET, "ESCALA_DATABASE_URL": address}
    create_app(read_settings(settings, instance=instance))
    migrate(instance)
    with database.connection_context():
        world = build_small_world(now)
        log_arrivals(world, now.date())
        planning.forecast_week(world.group, monday_of(now.date()), now)
        secrets = tuple(
            api_keys.create_key(administrator(), f"Tickets {n}", ["lisbon"], now)[1]
            for n in range(keys)
        )
    database.obj.dispose()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    environment = {
        **os.environ,
        "ESCALA_INSTANCE": str(instance),
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve", f"--port={port}"],
        cwd=ROOT,
        env=environment,
    )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/sign-in", process)
        yield Service(f"http://127.0.0.1:{port}", secrets, world.coordinator)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        database.obj.dispose()


def administrator() -> Actor:
    from app.models import Role, User, UserRole
    from app.services.rights import actor_of

    held = UserRole.get(UserRole.role == Role.ADMINISTRATOR)
    return actor_of(User.get_by_id(held.user_id)) if held else SYSTEM


def _wait_until_up(url: str, process: subprocess.Popen[bytes], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("the server ended")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not answer in {seconds} s")


@dataclass(frozen=True)
class Outcome:
    """sent: arrivals sent, each with a key of its own. stored: visitors in the database."""

    sent: int
    counted: int
    replayed: int
    refused: int
    stored: int
    seconds: float
    pages: int
    sending: list[float]
    reading: list[float]


def run(served: Service, arrivals: int, seconds: float, readers: int) -> Outcome:
    """Let one sender for each key and so many readers loose on the server, all at once."""
    each, more = divmod(arrivals, len(served.keys))
    shares = [each + (n < more) for n in range(len(served.keys))]
    senders = [
        _start("send", served.url, key, "lisbon", str(share), str(seconds), str(n))
        for n, (key, share) in enumerate(zip(served.keys, shares, strict=True))
    ]
    reading = [
        _start("read", served.url, served.reader, PASSWORD, PAGES, str(seconds))
        for _ in range(readers)
    ]
    sent, read = [_told(one) for one in senders], [_told(one) for one in reading]
    with database.connection_context():
        by_key = Arrival.select(fn.SUM(Arrival.count)).where(Arrival.source.startswith("api."))
        stored = int(by_key.scalar() or 0)
    return Outcome(
        sum(shares),
        sum(one["counted"] for one in sent),
        sum(one["replayed"] for one in sent),
        sum(one["refused"] for one in sent),
        stored,
        max(one["seconds"] for one in sent),
        sum(one["pages"] for one in read),
        sorted(ms for one in sent for ms in one["milliseconds"]),
        sorted(ms for one in read for ms in one["milliseconds"]),
    )


def _start(*given: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CLIENTS), *given], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def _told(process: subprocess.Popen[str]) -> dict:
    text, _err = process.communicate()
    if process.returncode:
        raise SystemExit("a client failed")
    return json.loads(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arrivals", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--senders", type=int, default=10)
    parser.add_argument("--readers", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, service(Path(folder), given.senders) as served:
        found = run(served, given.arrivals, given.seconds, given.readers)
    lost, double = max(0, found.sent - found.stored), max(0, found.stored - found.sent)
    rows = [
        ("arrivals sent", found.sent),
        ("in seconds", round(found.seconds, 1)),
        ("a minute", round(60 * found.sent / found.seconds)),
        ("sent again with the same key", found.counted + found.replayed - found.sent),
        ("answered: counted / replayed", f"{found.counted} / {found.replayed}"),
        ("refused for too many a minute, sent later", found.refused),
        ("stored", found.stored),
        ("lost", lost),
        ("double", double),
        ("ms to take one in: median / 95 % / most", _three(found.sending)),
        ("pages read meanwhile", found.pages),
        ("ms a page: median / 95 % / most", _three(found.reading)),
    ]
    for name, value in rows:
        print(f"{name:44}{value!s:>24}")
    return int(lost > 0 or double > 0 or found.counted != found.sent)


def _three(ordered: list[float]) -> str:
    if not ordered:
        return "–"
    at = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], ordered[-1])
    return " / ".join(f"{value:.0f}" for value in at)


if __name__ == "__main__":
    sys.exit(main())
