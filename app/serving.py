"""Web server and workers as processes under one parent.

They are forked from the parent, which has read the program already: neither a service that starts
nor a worker that is started anew reads it once more.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess
from types import FrameType

from flask import Flask

from app import settings_of
from app.config import ROOT
from app.models import database

GRACE_SECONDS = 8
LOOK_SECONDS = 0.2
AGAIN_SECONDS = 2.0
"""A worker that dies at once is started anew no oftener."""
ENDS = (signal.SIGINT, signal.SIGTERM)
log = logging.getLogger("escala.serving")


def serve(host: str, port: int, app: Flask, workers: int | None = None) -> int:
    """Run web and workers until SIGINT, SIGTERM or the end of the web server; the exit code.

    `workers` is by default as many as the settings say. A worker that dies is started anew; the
    run it held is taken up again when its lease ends.
    """
    settings = settings_of(app)
    wanted = settings.workers if workers is None else workers
    # No connection may be had by two processes.
    database.obj.close_all()
    # What has been read stays in memory that all share: the collector would write in it.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="escala-figures-") as figures:
        web = partial(serve_web, host, port, settings.web_processes, figures)
        return keep_up(web, partial(work, app), wanted)


def keep_up(web: Callable[[], None], worker: Callable[[], None], wanted: int) -> int:
    """Run `web` and so many of `worker`, in a process each; the exit code.

    Whatever comes, nothing that was started is left behind: who supervises this process starts
    everything anew.
    """
    leaving = False

    def leave(_signal: int, _frame: FrameType | None) -> None:
        nonlocal leaving
        leaving = True

    for number in ENDS:
        signal.signal(number, leave)
    places = [_Place(worker) for _ in range(wanted)]
    server = _start(web)
    try:
        while not leaving and server.is_alive():
            for place in places:
                place.keep()
            time.sleep(LOOK_SECONDS)
        return 0 if leaving else server.exitcode or 1
    finally:
        for process in (server, *(place.process for place in places)):
            if process is not None:
                _end(process)


class _Place:
    """Where one worker runs, and the next once it has died, but no sooner than it pays."""

    def __init__(self, worker: Callable[[], None]) -> None:
        self._worker = worker
        self._begun = -AGAIN_SECONDS
        self.process: BaseProcess | None = None

    def keep(self) -> None:
        if self.process is not None and self.process.is_alive():
            return
        now = time.monotonic()
        if now - self._begun < AGAIN_SECONDS:
            return
        self._begun = now
        try:
            self.process = _start(self._worker)
        except OSError as error:  # no memory for another process just now
            log.warning("no worker could be started: %s", error.strerror)


def serve_web(host: str, port: int, processes: int, figures: str = "") -> None:
    """Be the web server, with so many processes that answer.

    `figures` is the folder where these add up what they count (see `app.metrics`); without it each
    counts for itself.
    """
    from granian.cli import cli as granian

    from app.metrics import count_together
    from app.warming import warm_children

    if figures:
        count_together(figures)
    warm_children()
    # As it is by default before Python 3.14. Granian would otherwise spawn, and read everything.
    multiprocessing.set_start_method("fork", force=True)
    granian.main(
        args=[
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
        ],
        prog_name="granian",
        auto_envvar_prefix="GRANIAN",
    )


def work(app: Flask) -> None:
    """Be a worker: carry out builds and forecasts as they are asked for, and send mail."""
    from app.calendar_reader import CalendarReader, all_of
    from app.handlers import handlers_for
    from app.mailing.postman import Postman
    from app.services.keyring import Keyring
    from app.worker import Worker

    settings = settings_of(app)
    reader = CalendarReader(Keyring(settings.secret_key))
    Worker(handlers_for(settings), all_of(Postman(app, settings).run, reader.run)).run()


def _start(part: Callable[[], None]) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=_begin, args=(part,))
    # A signal to the child before it has its own ways would be taken by the parent's handler.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    return process


def _begin(part: Callable[[], None]) -> None:
    os.setsid()
    os.chdir(ROOT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    part()


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join(GRACE_SECONDS)
    if process.is_alive() and process.pid is not None:
        # With all it has started: a web server killed alone would leave its processes behind.
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
