"""The product on a port of its own: web and worker as `escala serve` runs them."""

from __future__ import annotations

import datetime as dt
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from fresh_databases import Keeper, Prepared
from product_processes import run_command
from small_world import SmallWorld, build_small_world, hold_session, log_arrivals

from app.database import open_database
from app.models import database

SECRET = "k" * 40


@dataclass(frozen=True)
class Service:
    url: str
    instance: Path
    world: SmallWorld
    now: dt.datetime


StartService = Callable[..., AbstractContextManager[Service]]


@contextmanager
def serving(
    keeper: Keeper,
    all_prepared: Prepared,
    instance: Path,
    host: str = "127.0.0.1",
    **settings: str,
) -> Iterator[Service]:
    """The product at `host` of this machine, with these settings beside the usual ones."""
    now = dt.datetime.now(dt.UTC)

    def lay_out() -> SmallWorld:
        world = build_small_world(now)
        log_arrivals(world, now.date())
        hold_session(world, now)
        return world

    url = keeper.new_database(instance)
    open_database(url)
    with database.connection_context():
        world = all_prepared.reach(("served", now.date()), url, keeper, lay_out)
    port = _free_port()
    environment = {
        "ESCALA_INSTANCE": str(instance),
        "ESCALA_DATABASE_URL": url,
        "ESCALA_SECRET_KEY": SECRET,
        "ESCALA_SOLVE_SECONDS": "4",
        "ESCALA_SOLVE_WORKERS": "1",
        "ESCALA_WEB_PROCESSES": "1",
        "ESCALA_PUBLIC_URL": f"http://{host}:{port}",
        **settings,
    }
    told = instance / "told.log"
    process = run_command("serve", f"--port={port}", environment=environment, told=told)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/sign-in", process)
        yield Service(f"http://{host}:{port}", instance, world, now)
    finally:
        process.terminate()
        process.join(60)
        database.obj.dispose()
        # What the service said goes with what a test that failed tells.
        sys.stderr.write(told.read_text())
        keeper.drop(url)
        assert process.exitcode == 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_up(url: str, process: BaseProcess, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.is_alive(), "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer in {seconds} s")
