"""As many workers run as the settings ask for, and a dead one is started anew.

The processes are real; what they do is told by the files they leave.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from product_processes import run_command
from prometheus_client.parser import text_string_to_metric_families
from smtp_sink import free_port

from app.config import ROOT
from app.listening import why_not
from app.serving import AGAIN_SECONDS, keep_up

PATIENCE_SECONDS = 60.0
TOKEN = "t" * 32


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


def web(folder: Path, workers: int) -> None:
    """Ends as soon as one worker more than were asked for has come."""
    (folder / f"web.{os.getpid()}").touch()
    until(lambda: len(list(folder.glob("worker.*"))) > workers)
    sys.exit(3)


def worker(folder: Path, *, stubborn: bool = False) -> None:
    """The first of all dies at once, every other waits to be told."""
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / f"worker.{os.getpid()}").touch()
    with suppress(FileExistsError):
        (folder / "dies").mkdir()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(PATIENCE_SECONDS)


def is_alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("workers", [1, 3])
def test_every_worker_asked_for_is_kept_alive(
    tmp_path: Path, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    code = keep_up(partial(web, tmp_path, workers), partial(worker, tmp_path), workers)
    assert code == 3, "as the web server ended"
    assert caplog.messages == ["a worker died (signal 9) and is started anew"]
    told = [one.name.split(".") for one in tmp_path.glob("*.*")]
    assert sorted(name for name, _number in told) == ["web"] + ["worker"] * (workers + 1)
    assert not any(is_alive(int(number)) for _name, number in told), "none is left behind"


def test_a_worker_that_will_not_leave_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.serving.GRACE_SECONDS", 0.2)
    (tmp_path / "dies").mkdir()
    both = partial(web, tmp_path, 0), partial(worker, tmp_path, stubborn=True)
    assert keep_up(*both, 1) == 3
    (number,) = (int(one.suffix[1:]) for one in tmp_path.glob("worker.*"))
    assert not is_alive(number)


def test_a_worker_that_dies_at_once_is_started_anew_no_oftener_than_it_pays(
    tmp_path: Path,
) -> None:
    began = time.monotonic()
    assert keep_up(partial(web, tmp_path, 2), partial(doomed, tmp_path), 1) == 3
    assert len(list(tmp_path.glob("worker.*"))) == 3
    assert time.monotonic() - began >= 2 * AGAIN_SECONDS


def test_nothing_is_left_behind_where_supervising_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dies").mkdir()
    monkeypatch.setattr("app.serving.LOOK_SECONDS", None)
    with pytest.raises(TypeError):
        keep_up(partial(web, tmp_path, 5), partial(worker, tmp_path), 2)
    told = [int(one.suffix[1:]) for one in tmp_path.glob("*.*")]
    assert not any(is_alive(number) for number in told)


def doomed(folder: Path) -> None:
    (folder / f"worker.{os.getpid()}").touch()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The product with two web processes and a worker: its first process, its address."""
    port = free_port()
    environment = settings_of_two(tmp_path, database_url)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", f"--port={port}"]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | environment) as process:
        until(lambda: answers(f"{address}/ready"))
        yield process, address
        process.kill()


def settings_of_two(folder: Path, database_url: str) -> dict[str, str]:
    """Two web processes and, as always, a worker."""
    return {
        "ESCALA_SECRET_KEY": "k" * 40,
        "ESCALA_INSTANCE": str(folder),
        "ESCALA_DATABASE_URL": database_url,
        "ESCALA_WEB_PROCESSES": "2",
        "ESCALA_METRICS_TOKEN": TOKEN,
    }


def answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return answer.status == 200
    return False


def visits(address: str, route: str) -> float:
    """How often `route` was answered, as whichever process is asked tells it."""
    asked = urllib.request.Request(f"{address}/metrics")
    asked.add_header("Authorization", f"Bearer {TOKEN}")
    with urllib.request.urlopen(asked, timeout=5) as answer:
        text = answer.read().decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "escala_requests_total" and sample.labels["route"] == route
    )


def children(parent: int) -> list[int]:
    """The processes that `parent` has started and that run, the first started first."""
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, its_parent = one.read_text().rpartition(")")[2].split()[:2]
            if int(its_parent) == parent and state != "Z":
                found.append(int(one.parent.name))
    return sorted(found)


def test_the_product_is_served_by_forked_processes(
    served: tuple[subprocess.Popen[bytes], str],
) -> None:
    first, address = served
    for _ in range(12):
        assert answers(f"{address}/sign-in")
    assert {visits(address, "/sign-in") for _ in range(6)} == {12.0}, "of all processes together"
    web, worker = sorted(children(first.pid), key=lambda one: not children(one))
    answering = children(web)
    assert len(answering) == 2
    os.kill(worker, signal.SIGKILL)
    until(lambda: worker not in (now := children(first.pid)) and len(now) == 2)
    os.kill(answering[0], signal.SIGKILL)
    until(lambda: answering[0] not in (now := children(web)) and len(now) == 2)
    until(lambda: answers(f"{address}/sign-in"))
    everybody = [*children(first.pid), *children(web)]
    assert len(everybody) == 4
    first.terminate()
    assert first.wait(PATIENCE_SECONDS) == 0
    assert not [one for one in everybody if is_alive(one)]


def runs(process: int) -> bool:
    """Not one that has ended and that nobody has asked for yet: such a one holds nothing."""
    with suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.parametrize("struck", ["who supervises", "the web server", "both at once"])
def test_nothing_holds_the_port_where_a_process_above_is_killed(
    tmp_path: Path, database_url: str, struck: str
) -> None:
    port = free_port()
    settings = settings_of_two(tmp_path, database_url)
    told = tmp_path / "told.log"
    first = run_command("serve", f"--port={port}", environment=settings, told=told).pid
    assert first is not None
    address = f"http://127.0.0.1:{port}"
    until(lambda: answers(f"{address}/ready"))
    web, worker = sorted(children(first), key=lambda one: not children(one))
    answering = children(web)
    assert len(answering) == 2
    held = open_connections(port, 3)  # as browsers hold theirs, after the answer too
    if struck != "who supervises":
        os.kill(web, signal.SIGKILL)
    if struck != "the web server":
        os.kill(first, signal.SIGKILL)
    everybody = [first, web, worker, *answering]
    try:
        until(lambda: not any(map(runs, everybody)))
        until(lambda: not why_not("127.0.0.1", port))
    finally:
        for one in filter(runs, everybody):
            os.kill(one, signal.SIGKILL)
        for connection in held:
            connection.close()


def open_connections(port: int, count: int) -> list[socket.socket]:
    return [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]


def test_the_web_server_does_not_look_through_all_it_keeps_again_and_again(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import gc, wsgi; print(gc.get_freeze_count(), gc.get_threshold())"],
        cwd=ROOT,
        env={**os.environ, "ESCALA_INSTANCE": str(tmp_path), "ESCALA_SECRET_KEY": "k" * 40},
        capture_output=True,
        text=True,
        check=True,
    )
    kept, thresholds = told.stdout.split(maxsplit=1)
    assert int(kept) > 50_000
    assert thresholds.strip() == "(10000, 20, 20)"
