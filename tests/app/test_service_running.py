"""What who runs the service sees of it: health, readiness, figures, log lines."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from small_world import SmallWorld

from app import create_app, logs
from app.config import BadSetting, read_settings
from app.database import open_database
from app.models import Run, RunStatus, Worker, database
from app.runs import enqueue
from app.services import service_state
from app.services.service_state import BEAT_OLD, BEAT_SECONDS

TOKEN = "t" * 32


def now_is() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def set_token(app: Flask) -> None:
    app.config["ESCALA"] = replace(app.config["ESCALA"], metrics_token=TOKEN)


def figures_of(client: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict]]]:
    """What this process writes to its log as JSON lines, from now on."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    logs.set_up("json", "info")

    def lines() -> list[dict]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield lines
    root.setLevel(before[0])
    root.handlers = before[1]


def test_a_service_without_a_worker_is_alive_and_not_ready(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health").get_json() == {"status": "ok"}
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": True, "migrations": True, "worker": False}
    assert client.get("/ready/web").status_code == 200


def test_a_worker_s_heartbeat_at_its_limit_and_one_past(database_ready: None) -> None:
    now = now_is()
    service_state.beat("machine.1", now - dt.timedelta(hours=1), now)
    assert service_state.readiness(now + BEAT_OLD - dt.timedelta(microseconds=1)).worker
    assert not service_state.readiness(now + BEAT_OLD).worker
    assert BEAT_OLD.total_seconds() >= 3 * BEAT_SECONDS, "one that is late is not dead"


def test_a_worker_is_one_row_and_takes_it_away(database_ready: None) -> None:
    now = now_is()
    service_state.beat("gone long since", now, now - dt.timedelta(days=2))
    for second in range(3):
        service_state.beat("machine.1", now, now + dt.timedelta(seconds=second))
    assert [row.owner for row in Worker.select()] == ["machine.1"]
    service_state.leave("machine.1")
    assert Worker.select().count() == 0


def test_tables_that_are_not_there_yet_are_said(tmp_path: Path) -> None:
    app = create_app(read_settings({"ESCALA_SECRET_KEY": "k" * 40}, instance=tmp_path))
    answer = app.test_client().get("/ready/web")
    assert (answer.status_code, answer.get_json()["checks"]) == (
        503,
        {"database": True, "migrations": False},
    )


@pytest.fixture
def without_database(app: Flask) -> Iterator[FlaskClient]:
    """The application, whose database cannot be reached."""
    kept = database.obj
    client = app.test_client()
    open_database("postgresql://nobody@127.0.0.1:9/nothing")
    yield client
    database.initialize(kept)


def test_a_database_away_is_told_and_leaves_the_process_healthy(
    without_database: FlaskClient, app: Flask
) -> None:
    set_token(app)
    assert without_database.get("/health").status_code == 200
    answer = without_database.get("/ready")
    assert (answer.status_code, set(answer.get_json()["checks"].values())) == (503, {False})
    assert figures_of(without_database)["escala_database_up", ()] == 0


@pytest.mark.parametrize("path", ["/sign-in", "/feeds/" + "x" * 43 + ".ics", "/static/css/app.css"])
def test_a_page_without_a_database_says_so_and_when_to_come_again(
    without_database: FlaskClient, path: str
) -> None:
    answer = without_database.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == (200 if path.startswith("/static") else 503)
    if answer.status_code == 503:
        assert answer.headers["Retry-After"] == "30"
        assert "cannot be reached at the moment" in answer.text
        assert "nobody" not in answer.text


def test_figures_are_for_who_has_the_token(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 404, "without a token nothing is told"
    set_token(app)
    assert client.get("/metrics").status_code == 401
    for wrong in ("Bearer ", "Bearer " + "u" * 32, TOKEN, "Bearer é"):
        headers = {"Authorization": wrong.encode().decode("latin-1")}
        assert client.get("/metrics", headers=headers).status_code == 401


def test_figures_count_requests_by_route_and_what_waits(app: Flask, world: SmallWorld) -> None:
    set_token(app)
    client, now = app.test_client(), now_is()
    key = (("method", "GET"), ("route", "/new-password/<token>"), ("status", "404"))
    before = figures_of(client).get(("escala_requests_total", key), 0.0)
    secret = "s" * 43
    client.get(f"/new-password/{secret}?email=ana@example.org")
    client.open("/nowhere-at-all", method="BREW")
    enqueue("build", {}, now - dt.timedelta(minutes=2))
    Run.create(kind="build", status=RunStatus.RUNNING, asked_at=now)
    service_state.beat("machine.1", now, now)
    found = figures_of(client)
    assert found["escala_requests_total", key] == before + 1
    assert found["escala_runs", (("status", "queued"),)] == 1
    assert found["escala_runs", (("status", "running"),)] == 1
    assert 120 <= found["escala_runs_wait_seconds", ()] < 180
    assert found["escala_mails", (("status", "waiting"),)] == 0
    assert found["escala_workers", ()] == 1
    assert 0 <= found["escala_worker_beat_age_seconds", ()] < 30
    told = repr(found)
    assert not any(one in told for one in (secret, "ana@", "nowhere"))
    assert "('method', 'other'), ('route', 'none')" in told, "labels are few, whoever asks"


def test_each_request_is_a_line_with_its_id_and_nothing_of_whom(
    app: Flask, world: SmallWorld, told: Callable[[], list[dict]]
) -> None:
    client = app.test_client()
    secret = "s" * 43
    first = client.get(f"/new-password/{secret}?email=ana@example.org")
    client.post("/sign-in", data={"email": "ana@example.org", "password": "wrong one"})
    lines = [one for one in told() if one["logger"] == "escala.requests"]
    assert [(one["method"], one["route"], one["status"]) for one in lines] == [
        ("GET", "/new-password/<token>", 404),
        ("POST", "/sign-in", 400),
    ]
    assert lines[0]["request_id"] == first.headers["X-Request-Id"]
    assert lines[0]["request_id"] != lines[1]["request_id"]
    assert all(one["milliseconds"] >= 0 for one in lines)
    assert dt.datetime.fromisoformat(lines[0]["time"]).tzinfo is not None
    for personal in (secret, "ana", "127.0.0.1", "wrong"):
        assert personal not in json.dumps(lines)


def test_a_failure_bears_the_request_s_id_and_no_message(
    app: Flask, told: Callable[[], list[dict]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise ValueError("ana@example.org has no languages")

    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setitem(app.view_functions, "offline.nothing_kept", broken)
    answer = app.test_client().get("/offline")
    assert answer.status_code == 500
    failure, request = told()
    assert failure["request_id"] == request["request_id"] == answer.headers["X-Request-Id"]
    assert "ValueError at test_service_running.py" in failure["message"]
    assert request["level"] == "error"
    assert "ana@" not in json.dumps([failure, request])


def test_an_id_is_kept_from_a_proxy_of_ours_and_from_nobody_else(app: Flask) -> None:
    given = {"X-Request-Id": "proxy-4711-abcd"}
    assert app.test_client().get("/health", headers=given).headers["X-Request-Id"] != given
    behind = create_app(replace(app.config["ESCALA"], trusted_proxies=1)).test_client()
    assert behind.get("/health", headers=given).headers["X-Request-Id"] == "proxy-4711-abcd"
    for bad in ("short", "x" * 65, "a b c d e f g h", 'quo"te-12345'):
        answered = behind.get("/health", headers={"X-Request-Id": bad}).headers["X-Request-Id"]
        assert answered != bad
    database.obj.dispose()


def test_an_error_with_a_trace_is_told_by_kind_and_place(told: Callable[[], list[dict]]) -> None:
    try:
        raise KeyError("ana@example.org")
    except KeyError:
        logging.getLogger("escala.mail").exception("a round of the post failed")
    (line,) = told()
    assert line["failure"].startswith("KeyError at test_service_running.py:")
    assert "ana@" not in json.dumps(line)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ESCALA_METRICS_TOKEN", "short"),
        ("ESCALA_LOG_FORMAT", "xml"),
        ("ESCALA_LOG_LEVEL", "loud"),
    ],
)
def test_settings_of_the_service_are_checked(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: value}, instance=tmp_path)
