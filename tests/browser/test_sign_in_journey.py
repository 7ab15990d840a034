"""Signing in by passkey, with Chromium's virtual authenticator; the account page at phone size."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_steps import in_english, sign_in, sign_out
from playwright.sync_api import Page, expect
from served_product import SECRET, Service, StartService

from app.models import Passkey, User, database
from app.services import account_admin
from app.services.keyring import Keyring

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def named_service(
    start_service: StartService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """At a name, as passkeys want it, and with a second factor asked of coordinators."""
    settings = {"ESCALA_SECOND_FACTOR": "coordinators"}
    with start_service(tmp_path_factory.mktemp("instance"), "localhost", **settings) as served:
        yield served


@pytest.fixture
def authenticator(phone: Page) -> Any:
    """A device that keeps passkeys and knows its owner."""
    devtools = phone.context.new_cdp_session(phone)
    devtools.send("WebAuthn.enable")
    told = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, told["authenticatorId"]


def test_an_invited_mediator_makes_a_passkey_and_comes_back_with_it(
    named_service: Service, phone: Page, authenticator: Any
) -> None:
    with database.connection_context():
        made = account_admin.invite_mediator(
            named_service.world.system,
            named_service.world.mediators[2].id,
            Keyring(SECRET),
            dt.datetime.now(dt.UTC),
        )
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.goto(f"{named_service.url}/invitations/{made.token}")
    in_english(phone)
    fits(phone)
    phone.get_by_role("button", name="Make a passkey on this device").click()
    phone.wait_for_url(re.compile(r"/me$"))

    sign_out(phone)
    phone.goto(f"{named_service.url}/sign-in")
    in_english(phone)
    phone.get_by_role("button", name="Sign in with a passkey").click()
    phone.wait_for_url(re.compile(r"/me$"))
    with database.connection_context():
        kept = Passkey.get()
        assert kept.user_id == User.get(User.email == "caio@example.org").id
        assert kept.used_at is not None


def test_a_coordinator_sets_up_codes_before_anything_and_a_passkey_beside(
    named_service: Service, phone: Page, authenticator: Any
) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    sign_in(phone, named_service, named_service.world.coordinator)
    phone.wait_for_url(re.compile(r"/account$"))
    in_english(phone)
    phone.goto(f"{named_service.url}/offices")
    phone.wait_for_url(re.compile(r"/account$"))
    expect(phone.get_by_text("Your role needs a second factor")).to_be_visible()
    fits(phone)
    assert Axe().run(phone).violations_count == 0

    phone.get_by_role("link", name="Set up codes").click()
    fits(phone)
    secret = phone.locator("#secret").input_value()
    phone.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    phone.get_by_role("button", name="Turn codes on").click()
    expect(phone.locator(".recovery-codes li")).to_have_count(10)
    recovery = phone.locator(".recovery-codes li").first.inner_text()
    phone.get_by_role("link", name="I have kept them").click()

    phone.get_by_label("Name of the new passkey").fill("My phone")
    phone.get_by_role("button", name="Add a passkey").click()
    expect(phone.get_by_text("My phone", exact=True)).to_be_visible()
    phone.goto(f"{named_service.url}/offices")
    assert phone.url.endswith("/offices")

    sign_out(phone)
    sign_in(phone, named_service, named_service.world.coordinator)
    phone.wait_for_url(re.compile(r"/sign-in/code$"))
    in_english(phone)
    phone.get_by_label("Code", exact=True).fill(recovery)
    phone.get_by_role("button", name="Sign in").click()
    phone.wait_for_url(re.compile(r"/weeks"))

    sign_out(phone)
    sign_in(phone, named_service, named_service.world.coordinator)
    phone.wait_for_url(re.compile(r"/sign-in/code$"))
    in_english(phone)
    phone.get_by_role("button", name="Use a passkey").click()
    phone.wait_for_url(re.compile(r"/weeks"))


def test_another_s_device_opens_nothing(
    named_service: Service, phone: Page, authenticator: Any
) -> None:
    """A new authenticator holds none of the service's passkeys: the page says so and stays."""
    devtools, device = authenticator
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    phone.goto(f"{named_service.url}/sign-in")
    in_english(phone)
    phone.get_by_role("button", name="Sign in with a passkey").click()
    expect(phone.get_by_role("alert")).to_contain_text("No passkey was shown")
    assert phone.url.endswith("/sign-in")


def fits(page: Page) -> None:
    """Nothing wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, page.url
