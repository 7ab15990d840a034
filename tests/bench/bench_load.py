"""A country's day at the web server: two hundred people at once, on two years of data.

    python tests/bench/bench_load.py [--seconds 60] [--warm 15] [--keep FOLDER] [--postgresql]

750 mediators at sixty offices, two years of arrivals and published weeks, made by load_world.py,
and the product as `escala serve` runs it, a web process a core. 200 seats, each with a connection
and time to think (load_people.py): 90 mediators, 38 receptions that press, 25
coordinators at boards, 7 who edit a draft each, 30 calendar programs, 10 ticket systems. Thinking
is exponential with a mean of 10 s, 6 s at receptions and for who edits: some 25 requests a second.
The clients run on the same machine and take a part of it. Prints milliseconds by kind, errors, and
the memory of the web processes at the start, every five minutes (in a short run: in the middle) and
at the end. Ends with 1 on an error, where 5 of a hundred pages take longer than the target, and
where memory is not flat: more in the last third of ten minutes or longer than in the one before.
`--keep` leaves the database in FOLDER and uses it again; `--seconds 600` is the soak, 3600 the long
one.
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
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

from load_seats import keep, read  # noqa: E402
from load_world import make  # noqa: E402
from postgresql_server import PostgresqlServer  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import database  # noqa: E402

SECRET = "k" * 40
TARGET = 300
"""Milliseconds that 95 of a hundred pages stay under."""
PAGES = {
    "a day opened",
    "board",
    "demand",
    "mediator's page",
    "now",
    "people",
    "reception page",
    "week of all offices",
}
"""The kinds that are pages; the rest are presses, edits and what programs ask."""
SOAK_SECONDS = 600
FLAT = 1.02
"""A soak's last third may hold so much of what the third before held."""
LOOK_SECONDS = 300
"""From one look at the memory to the next, in a long run."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm", type=float, default=15.0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with ExitStack() as around:
        folder = given.keep or Path(around.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'escala.db'}"
        if given.postgresql:
            url = around.enter_context(PostgresqlServer()).new_database()
        told = folder / "told.json"
        if not told.exists() or given.postgresql:
            prepare(folder, url, told)
        print(f"{read(told).rows}", flush=True)
        process, port = around.enter_context(serving(folder, url))
        return measure(process, port, told, given)


def prepare(folder: Path, url: str, told: Path) -> None:
    began = time.monotonic()
    environment = {"ESCALA_SECRET_KEY": SECRET, "ESCALA_DATABASE_URL": url}
    app = create_app(read_settings(environment, instance=folder))
    migrate(folder)
    keep(make(app, dt.datetime.now(dt.UTC)), told)
    database.obj.close_all()
    print(f"the country is made in {time.monotonic() - began:.0f} s", flush=True)


@contextmanager
def serving(folder: Path, url: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    environment = {
        **os.environ,
        "ESCALA_INSTANCE": str(folder),
        "ESCALA_SECRET_KEY": SECRET,
        "ESCALA_DATABASE_URL": url,
        "ESCALA_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", f"--port={port}"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_until_up(f"http://127.0.0.1:{port}/ready/web", process)
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_until_up(url: str, process: subprocess.Popen[bytes], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("the server ended")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not answer in {seconds} s")


def measure(
    process: subprocess.Popen[bytes], port: int, told: Path, given: argparse.Namespace
) -> int:
    clients = [str(ROOT / "tests" / "bench" / "load_people.py"), f"http://127.0.0.1:{port}"]
    times = [str(told), str(given.seconds), str(given.warm), str(given.seed)]
    running = subprocess.Popen(
        [sys.executable, *clients, *times], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    memory = []
    time.sleep(given.warm)
    began = processor_seconds(process.pid, running.pid)
    looks = max(6 if given.seconds >= SOAK_SECONDS else 2, round(given.seconds / LOOK_SECONDS))
    for _look in range(looks):
        memory.append(megabytes(process.pid))
        time.sleep((given.seconds - 2) / looks)
    memory.append(megabytes(process.pid))
    spent = [
        after - before
        for before, after in zip(began, processor_seconds(process.pid, running.pid), strict=True)
    ]
    text, _err = running.communicate()
    if running.returncode:
        raise SystemExit("the clients failed")
    found = json.loads(text)
    late = print_table(found["milliseconds"], found["errors"], given.seconds)
    of_all = (given.seconds - 2) * (psutil.cpu_count() or 1)
    print("\npart of the machine's processor time:", end="")
    for what, seconds in zip(("web", "other processes", "clients"), spent, strict=True):
        print(f"  {what} {seconds / of_all:.0%}", end="")
    every = (given.seconds - 2) / looks
    print(f"\n\nmemory of the web processes, MB, every {every:.0f} s from start to end")
    for row in zip(*memory, strict=False):
        print("  " + " / ".join(f"{value:.0f}" for value in row))
    grown = given.seconds >= SOAK_SECONDS and not is_flat([sum(look) for look in memory])
    print("memory is not flat" if grown else "")
    return int(bool(found["errors"]) or late or grown)


def is_flat(megabytes: list[float]) -> bool:
    third = len(megabytes) // 3
    before, last = megabytes[-2 * third : -third], megabytes[-third:]
    return sum(last) <= FLAT * sum(before)


def processor_seconds(pid: int, clients: int) -> tuple[float, float, float]:
    """What the web processes, the others of the product and the clients have used up to now."""
    product = psutil.Process(pid)
    web = min(product.children(), key=lambda one: one.create_time())
    answering = {one.pid for one in (web, *web.children())}
    used = {one.pid: sum(one.cpu_times()[:2]) for one in (product, *product.children(True))}
    return (
        sum(seconds for one, seconds in used.items() if one in answering),
        sum(seconds for one, seconds in used.items() if one not in answering),
        sum(psutil.Process(clients).cpu_times()[:2]),
    )


def megabytes(pid: int) -> list[float]:
    """Of each process that answers requests: the children of the web server, started first."""
    server = min(psutil.Process(pid).children(), key=lambda one: one.create_time())
    return [one.memory_info().rss / 1e6 for one in server.children()]


def print_table(milliseconds: dict[str, list[float]], errors: list[str], seconds: float) -> bool:
    """Whether pages take longer than the target."""
    print(f"\n{'milliseconds':24}{'requests':>9}{'p50':>8}{'p95':>8}{'p99':>8}{'most':>8}")
    everything = [one for listed in milliseconds.values() for one in listed]
    pages = [one for kind in PAGES for one in milliseconds.get(kind, [])]
    for kind, listed in [*sorted(milliseconds.items()), ("all pages", pages), ("all", everything)]:
        row = "".join(f"{part_below(listed, q):>8.0f}" for q in (0.5, 0.95, 0.99, 1))
        print(f"{kind:24}{len(listed):>9}{row}")
    print(
        f"{len(everything) / seconds:.1f} requests a second; target: pages' p95 under {TARGET} ms"
    )
    print(f"errors: {len(errors)}")
    for one in sorted(set(errors))[:10]:
        print(f"  {one}")
    return part_below(pages, 0.95) >= TARGET


def part_below(values: list[float], part: float) -> float:
    """What so large a part of the values stays below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


if __name__ == "__main__":
    sys.exit(main())
