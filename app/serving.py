"""Web server and workers as processes under one parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from app.config import ROOT, Settings

GRACE_SECONDS = 8


def serve(host: str, port: int, settings: Settings, workers: int | None = None) -> int:
    """Run web and workers until SIGINT, SIGTERM or the end of the web server; the exit code.

    `workers` is by default as many as the settings say. A worker that dies is started anew; the
    run it held is taken up again when its lease ends.
    """
    wanted = settings.workers if workers is None else workers
    with tempfile.TemporaryDirectory(prefix="escala-figures-") as figures:
        return _serve(web_command(host, port, settings.web_processes), wanted, figures)


def _serve(web_server: list[str], wanted: int, figures: str) -> int:
    """`figures` is where the web processes add up what they count (see `app.metrics`)."""
    leaving = False

    def leave(_signal: int, _frame: FrameType | None) -> None:
        nonlocal leaving
        leaving = True

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    web = _start(web_server, PROMETHEUS_MULTIPROC_DIR=figures)
    workers = [_start(_worker_command()) for _ in range(wanted)]
    while not leaving and web.poll() is None:
        workers = [one if one.poll() is None else _start(_worker_command()) for one in workers]
        time.sleep(0.2)
    code = 0 if leaving else web.returncode or 1
    for process in (web, *workers):
        _end(process)
    return code


def web_command(host: str, port: int, processes: int) -> list[str]:
    """The web server with so many processes."""
    granian = Path(sys.executable).with_name("granian")
    return [
        str(granian),
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        f"--workers={processes}",
        "--respawn-failed-workers",
        "--blocking-threads=8",
        "--backpressure=1024",
        "--no-ws",
        "--log-level=error",
        "wsgi:app",
    ]


def _worker_command() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


def _start(command: list[str], **more: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **more}
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        # With all it has started: a web server killed alone would leave its processes behind.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
