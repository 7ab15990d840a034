"""A mediator's week on a narrow phone: what changed, confirmed, then without a network; and after
signing out nothing of it is left on the device."""

from __future__ import annotations

import datetime as dt
import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser_steps import fits, in_english, sign_in
from drafts import draft
from open_week import first_open_week
from playwright.sync_api import Browser, Page, expect
from served_product import StartService

from app.models import database
from app.services import rosters

pytestmark = pytest.mark.browser

KEPT = "caches.keys().then((all) => all.some((n) => n.includes('-own-')))"


@pytest.fixture
def narrow(chromium: Browser) -> Iterator[Page]:
    """320 px wide. Without a network a browser reports errors: they are what is tested here."""
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, locale="en-GB", timezone_id="Europe/Lisbon"
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def week(service) -> dt.date:
    with database.connection_context():
        week = first_open_week(service.world.lisbon, service.now.date())
        picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 14, 18)]
        roster = draft(service.world, picks, service.now, week=week)
        rosters.publish(service.world.system, roster.id, service.now)
        return week


def test_the_week_opens_without_a_network_and_is_gone_after_signing_out(
    narrow: Page, service, week: dt.date
) -> None:
    page = narrow
    sign_in(page, service, service.world.mediator)
    in_english(page)
    page.goto(f"{service.url}/me")
    fits(page)
    expect(page.locator(".week-news")).to_contain_text("new shift")
    page.get_by_role("button", name="I have seen it").click()
    expect(page.get_by_role("status").first).to_contain_text("Thank you")
    expect(page.locator(".week-news")).to_have_count(0)
    page.goto(f"{service.url}/me/month/{week:%Y-%m}")
    fits(page)
    expect(page.locator(".month")).to_contain_text("09:00–13:00")
    _kept_by_the_worker(page, service)

    page.context.set_offline(True)
    page.goto(f"{service.url}/me")
    expect(page.locator(".next-hours")).to_contain_text("09:00–13:00")
    expect(page.locator("[data-offline]")).to_contain_text("There is no network")
    page.goto(f"{service.url}/swaps")
    expect(page.locator("main")).to_contain_text("There is no network")
    assert "Ana" not in page.content()

    page.context.set_offline(False)
    page.goto(f"{service.url}/me")
    page.locator(".menu-button").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    assert _own_caches(page) == []
    page.context.set_offline(True)
    page.goto(f"{service.url}/me")
    expect(page.locator("main")).to_contain_text("There is no network")
    assert "09:00–13:00" not in page.content()


STYLE = "/static/css/app.css"
PUT_BY = """async ([address, told]) => {
  const files = await caches.open("escala-files-1");
  const headers = { "Cache-Control": told, "Content-Type": "text/css" };
  await files.put(address, new Response("/* kept */", { headers }));
  return (await fetch(address)).text();
}"""
KEPT_STYLES = """async (path) => {
  const files = await caches.open("escala-files-1");
  const all = await files.keys(path, { ignoreSearch: true, ignoreVary: true });
  return all.map((one) => new URL(one.url).search);
}"""


def test_files_are_kept_for_good_only_where_the_service_said_so(
    narrow: Page, service, week: dt.date
) -> None:
    """In the middle of an upgrade an address may have been answered with another version."""
    page = narrow
    sign_in(page, service, service.world.mediator)
    page.goto(f"{service.url}/me")
    _kept_by_the_worker(page, service)
    page.goto(f"{service.url}/me")
    (version,) = page.evaluate(KEPT_STYLES, STYLE)
    assert version.startswith("?v=")
    right = page.evaluate(PUT_BY, [STYLE + version, "public, max-age=31536000, immutable"])
    assert right == "/* kept */"
    assert len(page.evaluate(PUT_BY, [f"{STYLE}?v=another", "no-cache"])) > 1000
    assert page.evaluate(KEPT_STYLES, STYLE) == ["?v=another"], "one version of each file"
    page.context.set_offline(True)
    asked = "async (address) => (await fetch(address)).text()"
    assert len(page.evaluate(asked, STYLE + version)) > 1000


def test_it_can_be_put_on_the_home_screen(narrow: Page, service, week: dt.date) -> None:
    page = narrow
    sign_in(page, service, service.world.other_mediator)
    page.goto(f"{service.url}/me")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    manifest = page.request.get(f"{service.url}{address}").json()
    assert (manifest["start_url"], manifest["display"]) == ("/me", "standalone")
    for icon in manifest["icons"]:
        answer = page.request.get(f"{service.url}{icon['src']}")
        assert answer.headers["content-type"] == "image/png"
        width = int.from_bytes(answer.body()[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"


class Gate(ThreadingHTTPServer):
    """The service a little further away: once `open` is cleared, the next answer to `path` is
    fetched at once and handed on only when it is set again."""

    daemon_threads = True

    def __init__(self, url: str, path: str) -> None:
        super().__init__(("127.0.0.1", 0), _Through)
        self.behind = url.removeprefix("http://")
        self.path = path
        self.open = threading.Event()
        self.open.set()
        self.held = threading.Event()
        self.passed = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Through(BaseHTTPRequestHandler):
    server: Gate

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = http.client.HTTPConnection(self.server.behind, timeout=30)
        asked.request(self.command, self.path, body, dict(self.headers.items()))
        answer = asked.getresponse()
        found = answer.read()
        closed = not self.server.open.is_set() and not self.server.held.is_set()
        late = closed and self.path == self.server.path
        if late:
            self.server.held.set()
            self.server.open.wait(60)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)
        if late:
            self.server.passed.set()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_words: object) -> None:
        """Nothing: the test says what went wrong."""


@pytest.fixture
def gate(service) -> Iterator[Gate]:
    served = Gate(service.url, "/me")
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.open.set()
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.mark.parametrize("how", ["signed out", "sign-in page", "somebody else"])
def test_an_answer_that_comes_after_the_reader_left_is_not_kept(
    narrow: Page, service, gate: Gate, how: str
) -> None:
    page, ana = narrow, service.world.mediator
    sign_in(page, gate, ana)
    page.goto(f"{gate.url}/me")
    _kept_by_the_worker(page, gate)
    late = page.context.new_page()
    gate.open.clear()
    late.goto(f"{gate.url}/offline")
    late.evaluate("() => { window.location.assign('/me') }")
    assert gate.held.wait(20)

    if how == "signed out":
        page.locator(".menu-button").click()
        page.locator("form[action='/sign-out'] button").click()
        page.wait_for_url("**/sign-in*")
    else:
        page.context.clear_cookies()
        page.goto(f"{gate.url}/swaps")
        page.wait_for_url("**/sign-in*")
    assert _own_caches(page) == []
    kept = []
    if how == "somebody else":
        sign_in(page, gate, service.world.other_mediator)
        page.goto(f"{gate.url}/me")
        _until(page, KEPT)
        kept = _own_caches(page)
    gate.open.set()
    assert gate.passed.wait(20)
    late.wait_for_load_state()
    page.wait_for_timeout(1_000)
    assert _own_caches(page) == kept


def test_what_is_kept_is_marked_where_the_server_is_away(
    narrow: Page, start_service: StartService, tmp_path: Path
) -> None:
    """The browser is online all along. Last of its file: it serves from a database of its own."""
    page = narrow
    with start_service(tmp_path) as served:
        sign_in(page, served, served.world.mediator)
        in_english(page)
        page.goto(f"{served.url}/me")
        expect(page.locator("[data-offline]")).to_be_hidden()
        _kept_by_the_worker(page, served)
    page.goto(f"{served.url}/me")
    assert page.evaluate("navigator.onLine")
    expect(page.locator("[data-offline]")).to_be_visible()
    for button in page.locator("main form button").all():
        expect(button).to_be_disabled()


def _kept_by_the_worker(page: Page, service) -> None:
    """Let the worker begin, then see the page under it: one asked before, which came after the
    worker claimed the pages there were, would never be its own."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{service.url}/me")
    _until(page, "navigator.serviceWorker.controller !== null")
    _until(page, KEPT)
    assert len(_own_caches(page)) == 1


def _until(page: Page, true: str) -> None:
    """Playwright's own waiting evaluates a string in the page, which its policy forbids."""
    deadline = time.monotonic() + 30
    while not page.evaluate(true):
        assert time.monotonic() < deadline, true
        page.wait_for_timeout(50)


def _own_caches(page: Page) -> list[str]:
    found: list[str] = page.evaluate("caches.keys()")
    return [name for name in found if "-own-" in name]
