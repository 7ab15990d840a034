"""An account from its invitation to a forgotten password, every link taken from a mail that came
over SMTP; at phone size."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
from browser_steps import fits, in_english, sign_in, sign_out
from playwright.sync_api import Browser, Page, expect
from served_product import Service, StartService
from smtp_sink import Sink, plain, start
from watched_pages import meant

pytestmark = pytest.mark.browser
INVITED = "dora@example.org"
FIRST, SECOND = "nine quiet boats", "seven loud kettles"


@dataclass(frozen=True)
class Posted:
    """A service that sends its mail, and where the mail arrives."""

    service: Service
    sink: Sink


@pytest.fixture(scope="module")
def posted(
    start_service: StartService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Posted]:
    sink = Sink()
    controller = start(sink)
    settings = {
        "ESCALA_SMTP_HOST": "127.0.0.1",
        "ESCALA_SMTP_PORT": str(sink.port),
        "ESCALA_SMTP_SECURITY": "none",
        "ESCALA_MAIL_FROM": "Escala <escala@example.org>",
    }
    with start_service(tmp_path_factory.mktemp("instance"), **settings) as served:
        yield Posted(served, sink)
    controller.stop()


def test_from_an_invitation_to_a_new_password(
    phone: Page, chromium: Browser, posted: Posted
) -> None:
    service = posted.service
    meant(phone, "400 (Bad Request)", "404 (Not Found)", "410 (Gone)")
    phone.set_viewport_size({"width": 320, "height": 640})
    _invites(phone, service)
    invitation = _link(_mail(posted.sink, "You are invited to Escala"))
    _accepts(phone, invitation)
    phone.goto(invitation)
    expect(phone.locator("main")).to_contain_text("leads nowhere any more")
    sign_out(phone)

    elsewhere = chromium.new_context(locale="en-GB")
    tablet = elsewhere.new_page()
    _enters(tablet, service, FIRST)
    expect(tablet).to_have_url(re.compile(r"/me$|/weeks"))

    _forgets(phone, service, "nobody@example.org")
    answer_to_nobody = phone.locator("main").inner_text()
    _forgets(phone, service, INVITED)
    assert phone.locator("main").inner_text() == answer_to_nobody
    link = _link(_mail(posted.sink, "A new password for Escala"))
    _chooses_anew(phone, link)
    _mail(posted.sink, "Your password for Escala was changed")
    assert {address for address, _content in posted.sink.got} == {INVITED}

    tablet.goto(f"{service.url}/account")
    expect(tablet).to_have_url(re.compile("/sign-in"))
    _enters(tablet, service, FIRST)
    expect(tablet).to_have_url(re.compile("/sign-in"))
    _enters(tablet, service, SECOND)
    expect(tablet).not_to_have_url(re.compile("/sign-in"))
    elsewhere.close()


def _invites(page: Page, service: Service) -> None:
    sign_in(page, service, service.world.administrator)
    in_english(page)
    page.goto(f"{service.url}/accounts/new")
    fits(page)
    page.get_by_label("Name", exact=True).fill("Dora")
    page.get_by_label("Mail address").fill(INVITED)
    page.get_by_role("radio", name="coordinator").check()
    page.get_by_role("radio", name="English").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("tr", has_text=INVITED)).to_contain_text("invited")
    fits(page)
    sign_out(page)


def _accepts(page: Page, link: str) -> None:
    page.goto(link)
    in_english(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Dora")
    fits(page)
    page.get_by_label("New password").fill(FIRST)
    page.get_by_label("The same once more").fill("something else")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    fits(page)
    page.get_by_label("New password").fill(FIRST)
    page.get_by_label("The same once more").fill(FIRST)
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("status")).to_contain_text("Welcome")


def _forgets(page: Page, service: Service, address: str) -> None:
    page.goto(f"{service.url}/sign-in")
    in_english(page)
    page.get_by_role("link", name="Forgotten your password?").click()
    fits(page)
    page.get_by_label("Mail address").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    fits(page)


def _chooses_anew(page: Page, link: str) -> None:
    page.goto(link)
    fits(page)
    page.get_by_label("New password").fill(SECOND)
    page.get_by_label("The same once more").fill(SECOND)
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("status")).to_contain_text("The new password is kept")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("leads nowhere any more")


def _enters(page: Page, service: Service, password: str) -> None:
    page.goto(f"{service.url}/sign-in")
    page.locator("input[name=email]").fill(INVITED)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_load_state()


def _mail(sink: Sink, subject: str, seconds: float = 30) -> EmailMessage:
    """The one mail of that subject, once it has come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = [one for one in sink.mails if one["Subject"] == subject]
        if found:
            assert len(found) == 1
            return found[0]
        time.sleep(0.1)
    raise AssertionError((subject, [one["Subject"] for one in sink.mails]))


def _link(mail: EmailMessage) -> str:
    (link,) = re.findall(r"https?://\S+/(?:invitations|new-password)/\S+", plain(mail))
    return str(link)
