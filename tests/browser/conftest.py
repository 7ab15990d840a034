"""A real Chromium on a real server: web and worker as the product runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from fresh_databases import Keeper, Prepared
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from served_product import Service, StartService, serving
from setup_browser import find
from watched_pages import PATIENCE, watched

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
    yield from watched(chromium, 1440, 900)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    yield from watched(chromium, 390, 844)
