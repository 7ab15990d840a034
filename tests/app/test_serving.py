"""As many workers are started as the settings ask for, and a dead one is started anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app import serving
from app.config import ROOT, read_settings


class Process:
    """A process that is told apart by its command, and dies when told."""

    def __init__(self, command: list[str]) -> None:
        self.is_web = "wsgi:app" in command
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.returncode = -15

    def wait(self, _seconds: float | None = None) -> int | None:
        return self.returncode


@pytest.mark.parametrize("workers", [1, 3])
def test_every_worker_asked_for_is_kept_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    started: list[Process] = []
    naps: list[float] = []

    def start(command: list[str], **_environment: str) -> Process:
        started.append(Process(command))
        return started[-1]

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 1:
            started[-1].returncode = 1
        if len(naps) == 3:
            started[0].returncode = 3

    monkeypatch.setattr(serving, "_start", start)
    monkeypatch.setattr(serving.time, "sleep", nap)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    settings = replace(read_settings({}, instance=tmp_path), workers=workers)
    assert serving.serve("127.0.0.1", 8000, settings) == 3
    assert [one.is_web for one in started] == [True] + [False] * (workers + 1)
    assert all(one.returncode is not None for one in started), "none is left behind"


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
