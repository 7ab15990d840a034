"""How many feeds a second: `python tests/bench/bench_feeds.py [--feeds 10000] [--seconds 10]`.

Makes a database of mediators with a quarter of published shifts behind them and nine weeks ahead,
serves it as the product does, and asks for every feed: the first time, when each is written anew,
and again and again from `wrk` (Debian's package of that name), without and with bodies. The maker
of the load shares the cores with the server; the table says how many there are, and what the
server's processes spent on a request, which holds whatever else the machine does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from small_world import SmallWorld, build_small_world  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import (  # noqa: E402
    Assignment,
    FeedToken,
    Mediator,
    Roster,
    RosterStatus,
    User,
    database,
)
from app.services.horizon import monday_of  # noqa: E402

SECRET = "k" * 40
WEEKS_BACK, WEEKS_AHEAD = 13, 9
LUA = """
local lines, tags = {}, {}
for line in io.lines(os.getenv("FEEDS_LIST")) do
  local path, tag = line:match("(%S+) (%S+)")
  lines[#lines + 1] = path; tags[#tags + 1] = tag
end
local known = os.getenv("FEEDS_KNOWN") == "yes"
local at
init = function() math.randomseed(os.time()); at = math.random(#lines) end
request = function()
  at = at % #lines + 1
  local headers = {["Accept-Encoding"] = os.getenv("FEEDS_ENCODING")}
  if known then headers["If-None-Match"] = tags[at] end
  return wrk.format("GET", lines[at], headers)
end
"""


def fill(feeds: int, now: dt.datetime) -> list[str]:
    """The people, their shifts and their feeds; the feeds' paths."""
    with database.connection_context():
        world = build_small_world(now)
        with database.atomic():
            people = _people(world, feeds)
            _shifts(world, people, now)
            return _feeds(people, now)


def _people(world: SmallWorld, feeds: int) -> list[tuple[int, int]]:
    """(mediator, user) of as many as there are feeds: each has one device."""
    like = {**Mediator.get_by_id(world.mediators[0].id).__data__}
    account = {**User.get(User.email == world.mediator).__data__}
    del like["id"], account["id"]
    found = []
    for n in range(feeds):
        mediator = Mediator.insert({**like, "code": f"m{n}", "name": f"M. {n}"}).execute()
        user = User.insert({**account, "email": f"m{n}@example.org", "mediator": mediator})
        found.append((mediator, user.execute()))
    return found


def _shifts(world: SmallWorld, people: list[tuple[int, int]], now: dt.datetime) -> None:
    monday = monday_of(now.date())
    for week in range(-WEEKS_BACK, WEEKS_AHEAD):
        starts_on = monday + dt.timedelta(weeks=week)
        roster = Roster.create(
            group=world.group, week_starts_on=starts_on, version=1,
            status=RosterStatus.PUBLISHED, created_at=now, published_at=now,
        )  # fmt: skip
        for day in range(5):
            date = starts_on + dt.timedelta(days=day)
            start = dt.datetime.combine(date, dt.time(9), dt.UTC)
            pause = [start + dt.timedelta(hours=4), start + dt.timedelta(hours=5)]
            like = {
                "roster_id": roster.id, "office_id": world.lisbon.id, "date": date,
                "starts_at": start, "ends_at": start + dt.timedelta(hours=8),
                "breaks": json.dumps([[one.isoformat() for one in pause]]), "shift": "s",
                "unsocial": False, "locked": False, "sequence": 0,
                "created_at": now, "changed_at": now,
            }  # fmt: skip
            _a_shift_each(people[0][0], like)


def _a_shift_each(first: int, like: dict[str, object]) -> None:
    """The same shift for every mediator from `first` on, by the database itself: a million rows
    one by one would take minutes."""
    fields = {field.column_name: field for field in Assignment._meta.sorted_fields}
    values = [
        value if name == "breaks" else fields[name].db_value(value) for name, value in like.items()
    ]
    database.execute_sql(
        f"INSERT INTO assignment (mediator_id, uid, {', '.join(like)}) "
        f"SELECT id, id || ? || '@bench', {', '.join('?' * len(like))} "
        "FROM mediator WHERE id >= ?",
        [f"-{like['date']}", *values, first],
    )


def _feeds(people: list[tuple[int, int]], now: dt.datetime) -> list[str]:
    paths = []
    rows = []
    for n, (mediator, user) in enumerate(people):
        token = hashlib.sha256(f"feed {n}".encode()).hexdigest()[:43]
        paths.append(f"/feeds/{token}.ics")
        rows.append(
            {
                "user": user, "mediator": mediator, "name": "Phone", "created_at": now,
                "token_hash": hashlib.sha256(token.encode()).hexdigest(),
            }
        )  # fmt: skip
    for first in range(0, len(rows), 1000):
        FeedToken.insert_many(rows[first : first + 1000]).execute()
    return paths


def first_fetches(port: int, paths: list[str]) -> tuple[float, list[str], int]:
    """Ask for each feed once: feeds a second, their tags, and the bytes of one."""

    def some(part: list[str]) -> list[tuple[str, str, int]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        found = []
        for path in part:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, (answer.status, path)
            found.append((path, answer.headers["ETag"], len(body)))
        return found

    began = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        parts = [paths[n::8] for n in range(8)]
        found = [one for part in pool.map(some, parts) for one in part]
    seconds = time.perf_counter() - began
    return len(paths) / seconds, [f"{path} {tag}" for path, tag, _size in found], found[0][2]


def cpu_seconds(root: int) -> float:
    """Processor time that a living process and those it started have used so far (Linux)."""
    ticks, children = {}, defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        process = int(stat.parent.name)
        children[int(fields[1])].append(process)
        ticks[process] = int(fields[11]) + int(fields[12])
    total, family = 0, [root]
    while family:
        process = family.pop()
        total += ticks.get(process, 0)
        family += children[process]
    return total / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    requests: int
    a_second: float
    late: str
    """Within which time 99 % were answered."""
    faults: str


def load(
    port: int, folder: Path, lines: list[str], seconds: int, known: bool, gzip: bool
) -> Served:
    """What wrk sees when so many seconds of requests are made, each for the next feed."""
    (folder / "feeds.txt").write_text("\n".join(lines))
    (folder / "feeds.lua").write_text(LUA)
    environment = {
        **os.environ,
        "FEEDS_LIST": str(folder / "feeds.txt"),
        "FEEDS_KNOWN": "yes" if known else "no",
        "FEEDS_ENCODING": "gzip" if gzip else "identity",
    }
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    done = subprocess.run(
        [wrk, "-t1", "-c16", f"-d{seconds}s", "--latency", "-s", folder / "feeds.lua",
         f"http://127.0.0.1:{port}"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = {
        line.split(":")[0].strip(): line.split(":")[1].strip()
        for line in done.stdout.splitlines()
        if ":" in line
    }
    late = next((one for one in done.stdout.splitlines() if one.strip().startswith("99%")), "")
    (asked,) = re.findall(r"(\d+) requests in", done.stdout)
    return Served(
        int(asked),
        float(told["Requests/sec"]),
        late.replace("99%", "").strip(),
        told.get("Non-2xx or 3xx responses", "0"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-feeds-"))
    environment = {
        **os.environ,
        "ESCALA_INSTANCE": str(folder),
        "ESCALA_SECRET_KEY": SECRET,
        "ESCALA_WEB_PROCESSES": str(chosen.processes),
    }
    settings = read_settings(environment)
    create_app(settings)
    migrate(folder)
    paths = fill(chosen.feeds, dt.datetime.now(dt.UTC))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve", f"--port={port}"],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        _wait(port)
        spent = cpu_seconds(server.pid)
        rate, lines, size = first_fetches(port, paths)
        first = (cpu_seconds(server.pid) - spent) / len(paths)
        print(f"{chosen.feeds} feeds of {size} bytes, {chosen.processes} web processes, "
              f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
        print(f"{'':28}{'requests/s':>10}   {'99 % within':>11}   faults   CPU ms a request")
        print(f"{'first fetch, written anew':28}{rate:>10.0f}{'':25}{1000 * first:>12.2f}")
        for name, known, gzip in (
            ("unchanged (304)", True, True),
            ("with bodies, gzip", False, True),
            ("with bodies, plain", False, False),
        ):
            spent = cpu_seconds(server.pid)
            found = load(port, folder, lines, chosen.seconds, known, gzip)
            each = (cpu_seconds(server.pid) - spent) / found.requests
            print(f"{name:28}{found.a_second:>10.0f}   {found.late:>11}   {found.faults:>6}"
                  f"{1000 * each:>16.2f}", flush=True)  # fmt: skip
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not answer")


if __name__ == "__main__":
    main()
