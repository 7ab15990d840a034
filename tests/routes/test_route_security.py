"""What every route keeps to: headers, tokens of forms, bounds of bodies, NUL, secrets untold."""

from __future__ import annotations

import ast
import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from small_world import PASSWORD, SmallWorld

from app.guards import FORM_MOST
from app.mailing.server import read_mail_server
from app.models import PasswordRequest, User, UserSession
from app.routes.common import origin
from app.services import account_admin, limits, second_factor
from app.services.keyring import Keyring
from app.services.rights import actor_of
from app.services.sheets import BYTES_MOST
from app.services.sheets_out import OutTable, write

SignIn = Callable[[str], FlaskClient]
KEYS = Keyring("k" * 40)
WITHOUT_TOKEN = {"arrivals_api.receive"}
"""Opened by its own key, with neither session nor cookie."""


def posts(app: Flask) -> Iterator[tuple[str, str]]:
    """Every endpoint that takes a POST, with a path of it."""
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            path = re.sub(r"<date:[^>]+>", "2026-03-09", rule.rule)
            path = re.sub(r"<[^>]+>", "1", path)
            yield rule.endpoint, path


def test_no_post_is_taken_without_the_token_of_its_form(
    app: Flask, world: SmallWorld, sign_in: SignIn
) -> None:
    client = sign_in(world.administrator)
    client.post("/language", data={"locale": "en"})
    app.config["WTF_CSRF_ENABLED"] = True
    walked, taken = 0, []
    for endpoint, path in posts(app):
        if endpoint in WITHOUT_TOKEN:
            continue
        walked += 1
        answer = client.post(path, data={"csrf_token": "forged"})
        if answer.status_code != 400 or "had grown old" not in answer.text:
            taken.append((endpoint, path, answer.status_code))
    assert taken == []
    assert walked > 60


def test_what_needs_no_token_needs_a_key(app: Flask) -> None:
    assert {endpoint for endpoint, _path in posts(app)} >= WITHOUT_TOKEN
    assert app.test_client().post("/api/arrivals", json={}).status_code == 401


def test_every_answer_bears_the_headers(app: Flask, world: SmallWorld, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    for path in (
        "/",
        "/account",
        "/sign-in",
        "/nowhere",
        "/static/css/app.css",
        "/api/openapi.json",
        "/api/arrivals",
        "/feeds/nothing.ics",
        "/weeks",
        "/health",
        "/metrics",
    ):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers, "the service is not behind https"


def test_behind_https_browsers_are_told_to_stay_there(app: Flask) -> None:
    app.config["ESCALA"] = replace(app.config["ESCALA"], public_url="https://escala.example.org")
    headers = app.test_client().get("/sign-in").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/sign-in", "/mediators/new", "/offices/new", "/forgotten"])
def test_a_nul_in_any_form_is_refused_with_its_field(
    world: SmallWorld, sign_in: SignIn, path: str
) -> None:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    answer = client.post(path, data={"name": "An\x00a", "email": "a\x00@example.org"})
    assert answer.status_code == 400
    assert "“name” holds a character that cannot be kept" in answer.text
    assert "\x00" not in answer.text


def test_a_nul_in_an_address_or_a_file_s_name_is_refused(
    world: SmallWorld, sign_in: SignIn
) -> None:
    client = sign_in(world.coordinator)
    assert client.get("/mediators?language=%00").status_code == 400
    assert client.get("/certificates/%00").status_code == 404
    assert client.get("/feeds/%00.ics").status_code == 404
    client.post("/language", data={"locale": "en"})
    for field, name in (("fi\x00le", "a.csv"), ("file", "a\x00.csv")):
        data = {field: (BytesIO(b"a;b\n1;2\n"), name)}
        answer = client.post("/intake/import", data=data)
        assert answer.status_code == 400, (field, name)
        assert "“file” holds a character that cannot be kept" in answer.text


@pytest.mark.parametrize("evil", ["a\x00b", "a\ud800b"])
@pytest.mark.parametrize("path", ["/sign-in/passkey", "/account/passkeys"])
def test_text_that_no_database_keeps_is_refused_in_json_too(
    app: Flask, world: SmallWorld, sign_in: SignIn, evil: str, path: str
) -> None:
    client = sign_in(world.mediator)
    app.config["ESCALA"] = replace(app.config["ESCALA"], public_url="http://localhost:8000")
    for body in (
        {"credential": {"id": evil}},
        {"name": evil},
        {"credential": {evil: [1]}},
        {"credential": {"response": {"transports": [evil]}}},
    ):
        assert client.post(path, json=body).status_code == 400, body
    deep = "[" * 100_000
    assert client.post(path, data=deep, content_type="application/json").status_code == 400


def test_a_form_may_be_as_large_as_it_says_and_no_larger(
    world: SmallWorld, sign_in: SignIn
) -> None:
    client = sign_in(world.coordinator)
    large = {"name": "x" * FORM_MOST}
    assert client.post("/mediators/new", data=large).status_code == 413
    for size, expected in ((FORM_MOST + 1, 400), (BYTES_MOST + FORM_MOST + 1, 413)):
        data = {"file": (BytesIO(b"x" * size), "a.csv")}
        assert client.post("/intake/import", data=data).status_code == expected, size


def test_every_view_that_reads_a_file_says_how_large(app: Flask) -> None:
    """By reading the routes: whoever reads `request.files` bears `takes_body`."""
    unbounded = []
    for path in Path(app.root_path, "routes").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and "request.files" in ast.unparse(node):
                marks = [ast.unparse(one) for one in node.decorator_list]
                is_view = any("blueprint." in one for one in marks)
                if is_view and not any("takes_body" in one for one in marks):
                    unbounded.append(f"{path.name}: {node.name}")
    assert unbounded == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_no_sheet_that_goes_out_computes_anything(form: str, start: str) -> None:
    evil = start + 'HYPERLINK("http://evil.example","x")'
    table = OutTable("t", (evil, "n"), ((evil, -3), ("sound", 4)))
    content = write([table], form)
    if form == "csv":
        lines = content.decode("utf-8-sig").split("\r\n")
        assert all(line.lstrip('"').startswith("'") for line in lines[:2])
        return
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    assert str(sheet["A2"].value).startswith("'")
    assert sheet["B2"].value == -3, "a number stays one"


def test_too_many_tries_are_told_kindly_and_when_to_come_back(
    app: Flask, world: SmallWorld
) -> None:
    client = app.test_client()
    client.post("/language", data={"locale": "en"})
    wrong = {"email": world.coordinator, "password": "wrong password"}
    for _try in range(limits.SIGN_IN_PAIR.most):
        assert client.post("/sign-in", data=wrong).status_code == 400
    answer = client.post("/sign-in", data={**wrong, "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "Try again in" in answer.text


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/certificates/ESC-0000-0000-0000-0000-00", limits.CERTIFICATE_MISSES),
        ("/feeds/" + "x" * 43 + ".ics", limits.FEED_MISSES),
        ("/now/screen/" + "x" * 43, limits.SCREEN_MISSES),
        ("/invitations/" + "x" * 43, limits.LINK_MISSES),
        ("/new-password/" + "x" * 43, limits.LINK_MISSES),
    ],
)
def test_guessing_addresses_ends_at_the_limit(
    app: Flask, world: SmallWorld, path: str, limit: limits.Limit
) -> None:
    client = app.test_client()
    subject = KEYS.disguise("127.0.0.1")
    now = dt.datetime.now(dt.UTC)
    for _miss in range(limit.most - 1):
        limits.count(limit, subject, now)
    assert client.get(path).status_code == 404
    answer = client.get(path)
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


def test_bad_keys_of_the_interface_end_at_the_limit(app: Flask, world: SmallWorld) -> None:
    client, headers = app.test_client(), {"Authorization": "Bearer escala_guess"}
    for _miss in range(limits.API_MISSES.most):
        assert client.post("/api/arrivals", json={}, headers=headers).status_code == 401
    answer = client.post("/api/arrivals", json={}, headers=headers)
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0


def test_forgotten_answers_the_same_for_every_address(app: Flask, world: SmallWorld) -> None:
    answers = [
        app.test_client().post("/forgotten", data={"email": email})
        for email in (world.mediator, "nobody@example.org")
    ]
    assert answers[0].status_code == answers[1].status_code == 200
    assert strip_tokens(answers[0].text) == strip_tokens(answers[1].text)
    assert PasswordRequest.select().count() == 2


def test_forgotten_offers_a_link_only_where_mail_is_sent(app: Flask, world: SmallWorld) -> None:
    client = app.test_client()
    client.post("/language", data={"locale": "en"})
    page = client.get("/forgotten").text
    assert "Send me a link" not in page
    assert "Ask an administrator for a link" in page
    server = read_mail_server(
        {"ESCALA_SMTP_HOST": "mail.example.org", "ESCALA_MAIL_FROM": "escala@example.org"}, []
    )
    app.config["ESCALA"] = replace(app.config["ESCALA"], mail_server=server)
    page = client.get("/forgotten").text
    assert "Send me a link" in page
    assert "Ask an administrator for a link" not in page


def strip_tokens(text: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


def test_an_invitation_is_taken_once_through_its_page(app: Flask, world: SmallWorld) -> None:
    now = dt.datetime.now(dt.UTC)
    made = account_admin.invite_mediator(world.system, world.mediators[2].id, KEYS, now)
    client = app.test_client()
    path = f"/invitations/{made.token}"
    assert "caio@example.org" in client.get(path).text
    short = client.post(path, data={"password": "short", "again": "other"})
    assert short.status_code == 400
    assert short.text.count('aria-invalid="true"') == 2
    secret = "quatro palavras à toa"
    answer = client.post(path, data={"password": secret, "again": secret})
    assert answer.status_code == 302
    assert client.get("/me").status_code == 200, "signed in at once"
    assert app.test_client().get(path).status_code == 404


def test_a_device_signed_out_elsewhere_is_out_at_its_next_request(
    world: SmallWorld, sign_in: SignIn
) -> None:
    phone, desk = sign_in(world.mediator), sign_in(world.mediator)
    other = UserSession.select().order_by(UserSession.id).first()
    assert phone.get("/account").status_code == 200
    assert desk.post(f"/account/sessions/{other.id}/end").status_code == 302
    assert phone.get("/account").status_code == 302
    assert desk.get("/account").status_code == 200
    third = sign_in(world.mediator)
    desk.post("/account/sessions/end")
    assert third.get("/account").status_code == 302


def test_a_copied_cookie_is_worth_nothing_after_signing_out(
    world: SmallWorld, app: Flask, sign_in: SignIn
) -> None:
    client = sign_in(world.mediator)
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/account").status_code == 302


def set_up_codes(world: SmallWorld, email: str) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """Codes set up an hour ago, so that the one of now is not taken yet."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    actor = actor_of(User.get(User.email == email))
    totp = pyotp.TOTP(second_factor.begin(actor, KEYS, before).secret)
    return totp, second_factor.confirm(actor, totp.at(before), KEYS, before)


def test_with_codes_a_password_alone_opens_nothing(app: Flask, world: SmallWorld) -> None:
    _totp, recovery = set_up_codes(world, world.coordinator)
    client = app.test_client()
    data = {"email": world.coordinator, "password": PASSWORD, "next": "/offices"}
    assert client.post("/sign-in", data=data).location == "/sign-in/code"
    assert client.get("/offices").status_code == 302
    assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 400
    assert client.post("/sign-in/code", data={"code": recovery[0]}).location == "/offices"
    assert client.get("/offices").status_code == 200


def test_by_setting_a_coordinator_does_nothing_before_a_second_factor(
    app: Flask, world: SmallWorld, sign_in: SignIn
) -> None:
    app.config["ESCALA"] = replace(app.config["ESCALA"], second_factor="coordinators")
    client = sign_in(world.coordinator)
    for path in ("/weeks", "/offices", "/mediators"):
        assert client.get(path).location == "/account"
    assert client.post("/weeks/2026-03-09/build").location == "/account"
    secret = re.search(r'value="([A-Z2-7]{32})"', client.get("/account/codes").text)
    assert secret is not None
    code = pyotp.TOTP(secret[1]).now()
    assert "<code>" in client.post("/account/codes", data={"code": code}).text
    assert client.get("/offices").status_code == 200
    assert sign_in(world.mediator).get("/me").status_code == 200


def test_changes_of_how_one_signs_in_ask_again_after_a_while(
    world: SmallWorld, sign_in: SignIn
) -> None:
    client = sign_in(world.mediator)
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    UserSession.update(proven_at=long_ago).execute()
    assert client.get("/account/codes").location.startswith("/account/confirm")
    wrong = {"password": "wrong", "next": "/account/codes"}
    assert client.post("/account/confirm", data=wrong).status_code == 400
    answer = client.post("/account/confirm", data={**wrong, "password": PASSWORD})
    assert answer.location == "/account/codes"
    assert client.get("/account/codes").status_code == 200


def test_with_codes_a_password_alone_is_no_proof(
    world: SmallWorld, sign_in: SignIn, app: Flask
) -> None:
    _totp, recovery = set_up_codes(world, world.coordinator)
    client = app.test_client()
    client.post("/sign-in", data={"email": world.coordinator, "password": PASSWORD})
    assert client.post("/sign-in/code", data={"code": recovery[0]}).status_code == 302
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    UserSession.update(proven_at=long_ago).execute()
    assert 'name="code"' in client.get("/account/confirm").text
    data = {"password": PASSWORD, "next": "/account"}
    assert client.post("/account/confirm", data=data).status_code == 400
    assert client.post("/account/confirm", data={**data, "code": "000000"}).status_code == 400
    assert client.post("/account/recovery").location.startswith("/account/confirm")
    new = {"password": "outra frase longa", "again": "outra frase longa", "old": PASSWORD}
    assert client.post("/account/password", data=new).status_code == 302
    assert client.post("/account/recovery").location.startswith("/account/confirm")
    data = {"password": new["password"], "next": "/account", "code": recovery[1]}
    assert client.post("/account/confirm", data=data).location == "/account"
    assert client.post("/account/recovery").status_code == 200


def test_half_a_sign_in_ends_where_the_password_is_changed(app: Flask, world: SmallWorld) -> None:
    _totp, recovery = set_up_codes(world, world.coordinator)
    client = app.test_client()
    data = {"email": world.coordinator, "password": PASSWORD}
    assert client.post("/sign-in", data=data).location == "/sign-in/code"
    user = User.get(User.email == world.coordinator)
    link = account_admin.send_link(world.system, user.id, KEYS, dt.datetime.now(dt.UTC))
    new = "outra frase longa"
    answer = app.test_client().post(
        f"/new-password/{link.token}", data={"password": new, "again": new}
    )
    assert answer.status_code == 302
    assert client.post("/sign-in/code", data={"code": recovery[0]}).location == "/sign-in"


def test_a_password_is_changed_only_with_the_old_one(
    app: Flask, world: SmallWorld, sign_in: SignIn
) -> None:
    client, elsewhere = sign_in(world.mediator), sign_in(world.mediator)
    new = {"password": "outra frase longa", "again": "outra frase longa"}
    assert client.post("/account/password", data={**new, "old": "wrong"}).status_code == 400
    assert client.post("/account/password", data={**new, "old": PASSWORD}).status_code == 302
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_no_secret_reaches_a_log(
    app: Flask, world: SmallWorld, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    now = dt.datetime.now(dt.UTC)
    invited = account_admin.invite_mediator(world.system, world.mediators[2].id, KEYS, now)
    client = sign_in(world.administrator)
    client.post("/sign-in", data={"email": world.mediator, "password": "wrong secret word"})
    client.get(f"/invitations/{invited.token}")
    key = client.post("/api/keys", data={"name": "Tickets", "offices": "lisbon"}).text
    secrets = re.findall(r"escala_[\w-]{20,}", key)
    assert secrets
    app.test_client().post(
        "/api/arrivals", json={}, headers={"Authorization": f"Bearer {secrets[0]}"}
    )
    for secret in (PASSWORD, "wrong secret word", invited.token, *secrets, "k" * 40):
        assert secret not in caplog.text


def test_a_failure_is_logged_by_number_and_place_without_names(
    app: Flask,
    world: SmallWorld,
    sign_in: SignIn,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app.config["TESTING"] = False  # as in service: an answer of 500, not a trace

    def fails(**_of: object) -> str:
        raise ValueError("Ana Exemplo, ana@example.org, is ill") from KeyError("Bo Exemplo")

    monkeypatch.setitem(app.view_functions, "mediators.index", fails)
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    answer = client.get("/mediators?language=uk&name=Caio")
    assert answer.status_code == 500
    number = re.search(r"this number: ([0-9a-f]{8})\.", answer.text)
    assert number is not None
    assert f"failure {number[1]} at GET mediators.index: ValueError" in caplog.text
    assert "test_route_security.py" in caplog.text
    assert "caused by KeyError" in caplog.text
    for word in ("Ana", "ana@", "Bo Exemplo", "Caio", "is ill"):
        assert word not in caplog.text
    for word in ("Ana", "ana@", "Bo Exemplo", "is ill"):
        assert word not in answer.text


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:cb00:710a", "203.0.113.10"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_tries_are_counted_by_address_or_network(app: Flask, address: str, counted: str) -> None:
    """An address of IPv4 told as one of IPv6 is its own, not one of a network of all of them."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert origin() == counted
