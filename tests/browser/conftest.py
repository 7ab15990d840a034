"""A real Chromium on a real server: web and worker as the product runs them."""

from __future__ import annotations

import datetime as dt
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from fresh_databases import Keeper, Prepared
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from product_processes import run_command
from setup_browser import find
from small_world import SmallWorld, build_small_world, hold_session, log_arrivals

from app.database import open_database
from app.models import database

SECRET = "k" * 40
PATIENCE = 30_000
"""Milliseconds. A busy machine is slow, not wrong."""
expect.set_options(timeout=PATIENCE)
LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Service:
    url: str
    instance: Path
    world: SmallWorld
    now: dt.datetime


StartService = Callable[..., AbstractContextManager[Service]]


@pytest.fixture(scope="module")
def service(
    start_service: StartService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The product served from a fresh database with twelve weeks of arrivals."""
    with start_service(tmp_path_factory.mktemp("instance")) as served:
        yield served


@pytest.fixture(scope="session")
def start_service(
    application: Flask, chosen_keeper: Keeper, all_prepared: Prepared
) -> StartService:
    """`serving`, from a database that was laid out once. The application was made: its key seals
    what is written in the audit log."""
    return partial(serving, chosen_keeper, all_prepared)


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


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright_: Playwright) -> Iterator[Browser]:
    found = find()
    assert found is not None, "run python tests/setup_browser.py first"
    environment: dict[str, Any] = dict(os.environ)
    if found.library_path:
        environment["LD_LIBRARY_PATH"] = found.library_path
    browser = playwright_.chromium.launch(
        executable_path=found.executable, args=LAUNCH, env=environment
    )
    yield browser
    browser.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    yield from _page(chromium, 1440, 900)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    yield from _page(chromium, 390, 844)


_meant: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def meant(page: Page, *words: str) -> None:
    """The test brings about what the browser logs with these words: it is no trouble."""
    _meant.setdefault(page, []).extend(words)


def _page(browser: Browser, width: int, height: int) -> Iterator[Page]:
    """A page that fails its test on any script error or refused resource that is not meant."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", timezone_id="Europe/Lisbon"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: troubles.append(message.text) if message.type == "error" else None,
    )
    yield page
    context.close()
    expected = _meant.get(page, [])
    assert [one for one in troubles if not any(words in one for words in expected)] == []


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
