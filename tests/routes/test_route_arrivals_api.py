"""The JSON endpoint: its key, every fault, each request once, and its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_world import SmallWorld
from werkzeug.test import TestResponse

from app.models import ApiKey, Arrival, ArrivalOutcome, AuditEntry
from app.routes.api_document import EXAMPLE
from app.services import api_keys

Send = Callable[..., TestResponse]
ONE = {"office": "lisbon", "starts_at": "2026-03-02T09:12:00Z", "language": "uk", "need": "legal"}


@pytest.fixture
def secret(world: SmallWorld, now: dt.datetime) -> str:
    return api_keys.create_key(world.system, "Queue tickets", ["lisbon"], now)[1]


@pytest.fixture
def send(app: Flask, secret: str) -> Send:
    # As in service: a form's token is not asked of a system that has a key.
    app.config["WTF_CSRF_ENABLED"] = True

    def sent(*arrivals: Any, key: str = "request-1", bearer: str = secret, **more: Any):
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
        return app.test_client().post(
            "/api/arrivals", headers=headers, **({"json": {"arrivals": list(arrivals)}} | more)
        )

    return sent


def counted() -> dict[tuple[str, str], int]:
    return {(one.language_id, one.need): one.count for one in Arrival.select()}


def test_arrivals_are_added_in_their_half_hour(send: Send) -> None:
    answer = send(ONE, ONE | {"visitors": 3}, {**ONE, "language": "pt", "need": "general"})
    assert answer.status_code == 201
    assert answer.json == {"visitors": 5, "replayed": False}
    assert counted() == {("uk", "legal"): 4, ("pt", "general"): 1}
    assert {one.starts_at for one in Arrival.select()} == {
        dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    }
    send(ONE, key="request-2")
    assert counted()["uk", "legal"] == 5, "another request adds"


def test_how_visits_ended_is_added_once_with_their_minutes(send: Send) -> None:
    served = ONE | {"outcome": "served", "wait_minutes": 0, "service_minutes": 240}
    left = ONE | {"visitors": 2, "outcome": "left", "wait_minutes": 600}
    for _time in range(2):
        assert send(served, left, ONE).json["visitors"] == 4
    (row,) = ArrivalOutcome.select()
    assert (row.served, row.by_phone, row.left) == (1, 0, 2)
    assert (row.waits, row.waited_minutes) == (3, 1200)
    assert (row.services, row.service_minutes) == (1, 240)
    assert counted() == {("uk", "legal"): 4}
    assert row.source == Arrival.get().source
    send(ONE | {"outcome": "by_phone", "service_minutes": 1}, key="request-2")
    (row,) = ArrivalOutcome.select()
    assert (row.by_phone, row.services, row.service_minutes, row.waits) == (1, 2, 241, 3)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"outcome": "vanished"}, "outcome"),
        ({"outcome": ["served"]}, "outcome"),
        ({"wait_minutes": 5}, "outcome"),
        ({"outcome": "served", "wait_minutes": -1}, "wait_minutes"),
        ({"outcome": "served", "wait_minutes": 601}, "wait_minutes"),
        ({"outcome": "served", "wait_minutes": "5"}, "wait_minutes"),
        ({"outcome": "served", "service_minutes": 0}, "service_minutes"),
        ({"outcome": "served", "service_minutes": 241}, "service_minutes"),
        ({"outcome": "left", "service_minutes": 5}, "service_minutes"),
    ],
)
def test_an_ending_that_cannot_be_is_named_and_nothing_counted(
    send: Send, more: dict[str, Any], field: str
) -> None:
    answer = send(ONE, ONE | more)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json["faults"]] == [f"arrivals.1.{field}"]
    assert counted() == {}
    assert not ArrivalOutcome.select().exists()


def test_the_same_request_again_counts_once(send: Send) -> None:
    assert send(ONE).status_code == 201
    again = send(ONE)
    assert (again.status_code, again.json) == (200, {"visitors": 1, "replayed": True})
    assert counted() == {("uk", "legal"): 1}
    other = send(ONE | {"visitors": 2})
    assert other.status_code == 409
    assert counted() == {("uk", "legal"): 1}


def test_the_same_request_many_times_at_once_counts_once(send: Send) -> None:
    with ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda _n: send(ONE).status_code, range(12)))
    assert sorted(answers) == [200] * 11 + [201]
    assert counted() == {("uk", "legal"): 1}


def test_every_fault_at_once_and_nothing_counted(send: Send) -> None:
    answer = send(
        ONE,
        {"office": "azores", "starts_at": "2026-03-02T09:12:00Z", "language": "uk"},
        ONE | {"starts_at": "2026-03-02T09:12:00", "language": "xx"},
        ONE | {"starts_at": "9999-03-02T09:12:00Z", "need": "gold", "visitors": 0},
        ONE | {"visitors": 10_001, "name": "Ana"},
        ONE | {"office": ["lisbon"], "starts_at": "0001-01-01T00:00:00+14:00"},
        "uk",
    )
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert [one["field"] for one in answer.json["faults"]] == [
        "arrivals.1.office",
        "arrivals.2.language",
        "arrivals.2.starts_at",
        "arrivals.3.need",
        "arrivals.3.visitors",
        "arrivals.3.starts_at",
        "arrivals.4.name",
        "arrivals.4.visitors",
        "arrivals.5.office",
        "arrivals.5.starts_at",
        "arrivals.6",
    ]
    assert counted() == {}


@pytest.mark.parametrize(
    "more",
    [
        {"json": {}},
        {"json": []},
        {"json": {"arrivals": []}},
        {"json": {"arrivals": [ONE] * 1001}},
        {"json": None, "data": b"{"},
        {"json": None, "data": b"\xff"},
    ],
)
def test_what_is_no_list_of_arrivals_is_refused(send: Send, more: dict[str, Any]) -> None:
    assert send(**more).status_code == 400
    assert counted() == {}


@pytest.mark.parametrize(("key", "status"), [("a" * 7, 400), ("a" * 8, 201), ("a" * 65, 400)])
def test_an_idempotency_key_is_asked_for(send: Send, key: str, status: int) -> None:
    assert send(ONE, key=key).status_code == status


def test_a_body_too_large_is_refused_unread(send: Send) -> None:
    assert send(json=None, data=b" " * (512 * 1024 + 1)).status_code == 413


def test_without_a_key_that_holds_nothing_opens(
    send: Send, secret: str, world: SmallWorld, now: dt.datetime
) -> None:
    assert send(ONE, bearer="").status_code == 401
    assert send(ONE, bearer=secret + "x").status_code == 401
    api_keys.revoke_key(world.system, ApiKey.get().id, now)
    assert send(ONE).status_code == 401
    assert counted() == {}


def test_a_minute_holds_so_many_requests(
    send: Send, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    key = ApiKey.get()
    for _time in range(api_keys.REQUESTS_A_MINUTE):
        api_keys.count_request(key, now)
    with pytest.raises(api_keys.TooMany) as refused:
        api_keys.count_request(key, now.replace(second=45))
    assert refused.value.wait_seconds == 15
    api_keys.count_request(key, now + dt.timedelta(minutes=1))
    monkeypatch.setattr(api_keys, "REQUESTS_A_MINUTE", 0)
    answer = send(ONE)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert counted() == {}


def test_the_document_tells_what_the_endpoint_does(app: Flask, send: Send) -> None:
    told = app.test_client().get("/api/openapi.json").json
    assert told is not None
    assert told["openapi"] == "3.1.0"
    post = told["paths"]["/api/arrivals"]["post"]
    assert set(post["responses"]) == {"200", "201", "400", "401", "409", "413", "429"}
    assert send(json=EXAMPLE).status_code == 201
    schema = told["components"]["schemas"]["Arrivals"]["properties"]["arrivals"]["items"]
    assert set(schema["properties"]) == api_keys._FIELDS
    assert ArrivalOutcome.get().served == 1


def test_only_the_hash_of_a_key_is_kept_and_its_secret_shown_once(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.administrator)
    client.post("/language", data={"locale": "en"})
    empty = client.post("/api/keys", data={"name": ""})
    assert empty.status_code == 400
    assert "Which system: expected a text" in empty.text
    assert "Offices it may send for: expected at least one office" in empty.text
    page = client.post("/api/keys", data={"name": "Tickets", "offices": ["azores"]}).text
    secret = page.partition('readonly value="')[2].partition('"')[0]
    key = api_keys.key_of(secret)
    assert key is not None
    assert key.offices == ["azores"]
    assert secret not in client.get("/api/keys").text
    assert secret not in str(list(ApiKey.select().dicts()) + list(AuditEntry.select().dicts()))
    client.post(f"/api/keys/{key.id}/revoke")
    assert api_keys.key_of(secret) is None
    assert "withdrawn" in client.get("/api/keys").text
