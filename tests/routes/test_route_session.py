"""Signing in and out, each role's first page, language and theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_world import PASSWORD, SmallWorld

from app.models import User

SignIn = Callable[[str], FlaskClient]


def page(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def test_the_sign_in_page_has_what_every_page_has(app: Flask) -> None:
    answer = app.test_client().get("/sign-in")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for needed in ('<html lang="', "<main", "<header", "<footer", 'class="skip"', "<h1>"):
        assert needed in text
    assert "style=" not in text
    assert "<style" not in text
    assert "<script>" not in text


def test_a_wrong_password_says_so_and_keeps_the_address(app: Flask, world: SmallWorld) -> None:
    answer = app.test_client().post(
        "/sign-in", data={"email": world.coordinator, "password": "wrong password"}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "error-summary" in text
    assert f'value="{world.coordinator}"' in text
    assert "wrong password" not in text


def test_empty_fields_are_all_named_at_once(app: Flask, world: SmallWorld) -> None:
    text = app.test_client().post("/sign-in", data={}).get_data(as_text=True)
    assert 'href="#email"' in text
    assert 'href="#password"' in text
    assert text.count('aria-invalid="true"') == 2


def test_signing_in_leads_to_the_page_that_was_asked_for(app: Flask, world: SmallWorld) -> None:
    client = app.test_client()
    asked = client.get("/welcome")
    assert asked.status_code == 302
    assert "/sign-in?next=%2Fwelcome" in asked.headers["Location"]
    answer = client.post(
        "/sign-in",
        data={"email": world.coordinator, "password": PASSWORD, "next": "/welcome"},
    )
    assert answer.headers["Location"] == "/welcome"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(app: Flask, world: SmallWorld, elsewhere: str) -> None:
    data = {"email": world.coordinator, "password": PASSWORD, "next": elsewhere}
    assert app.test_client().post("/sign-in", data=data).headers["Location"] == "/"


def test_signing_out_ends_the_session(world: SmallWorld, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    assert client.get("/welcome").status_code == 200
    client.post("/sign-out")
    assert client.get("/welcome").status_code == 302


def test_a_new_session_epoch_ends_the_old_sessions(world: SmallWorld, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    User.update(session_epoch=1).where(User.email == world.coordinator).execute()
    assert client.get("/welcome").status_code == 302


def test_the_language_is_remembered_with_the_account(world: SmallWorld, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    assert 'lang="pt-PT"' in page(client, "/welcome")
    answer = client.post("/language", data={"locale": "en", "next": "/welcome"})
    assert answer.headers["Location"] == "/welcome"
    assert '<html lang="en"' in page(client, "/welcome")
    assert User.get(User.email == world.coordinator).locale == "en"


def test_an_unknown_language_changes_nothing(world: SmallWorld, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "xx"})
    assert User.get(User.email == world.coordinator).locale == "pt"
    assert 'lang="pt-PT"' in page(client, "/welcome")


def test_the_theme_is_kept_in_the_session(world: SmallWorld, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    assert "data-theme" not in page(client, "/welcome")
    client.post("/theme", data={"theme": "dark"})
    assert 'data-theme="dark"' in page(client, "/welcome")
    client.post("/theme", data={"theme": "plaid"})
    assert "data-theme" not in page(client, "/welcome")


def test_a_post_without_its_token_is_refused(app: Flask, world: SmallWorld) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post(
        "/sign-in", data={"email": world.coordinator, "password": PASSWORD}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "/\t/[",
        "/\t\\evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_elsewhere(app: Flask, world: SmallWorld, elsewhere: str) -> None:
    answer = app.test_client().post(
        "/sign-in", data={"email": world.coordinator, "password": PASSWORD, "next": elsewhere}
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/runs/99999999999999999999",
        "/rosters/99999999999999999999/publish",
        "/mediators/99999999999999999999",
        "/weeks/9999-12-27",
        "/weeks/0001-01-01",
        "/weeks/2026-03-09?version=99999999999999999999",
        "/weeks/2026-03-09?day=99999999999999999999",
    ],
)
def test_numbers_and_dates_beyond_all_bounds_lead_nowhere(
    sign_in: SignIn, world: SmallWorld, path: str
) -> None:
    answer = sign_in(world.coordinator).get(path)
    assert answer.status_code in (200, 404) if "day=" in path else answer.status_code == 404


def test_an_answer_that_changes_nothing_brings_no_cookie(
    world: SmallWorld, sign_in: SignIn
) -> None:
    """It might come after the next person has signed in, and bring the last one's session back."""
    client = sign_in(world.mediator)
    assert page(client, "/messages")
    for path in ("/messages", "/static/js/page.js"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers, path


@pytest.mark.parametrize("path", ["/service-worker.js", "/offline", "/sign-in", "/nowhere"])
def test_what_is_asked_beside_the_sign_in_leaves_the_session_alone(
    app: Flask, world: SmallWorld, path: str
) -> None:
    client = app.test_client()
    client.get("/sign-in")
    assert "Set-Cookie" not in client.get(path).headers
