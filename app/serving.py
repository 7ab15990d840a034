"""Web server and workers as processes under one parent.

They are forked from the parent, which has read the program already: neither a service that starts
nor a worker that is started anew reads it once more. None outlives its parent, however that ends:
what stayed behind would hold the port, and answer or work beside whatever is started in its place.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
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
PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
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
        before = self.process
        try:
            self.process = _start(self._worker)
        except OSError as error:  # no memory for another process just now
            log.warning("no worker could be started: %s", error.strerror)
            return
        if before is not None:
            log.warning("a worker died (%s) and is started anew", _how_it_ended(before))


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
    _end_children_with_me()
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
    process = multiprocessing.get_context("fork").Process(target=_begin, args=(part, os.getpid()))
    # A signal to the child before it has its own ways would be taken by the parent's handler.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    return process


def _how_it_ended(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"signal {-code}" if code < 0 else f"code {code}"


def _begin(part: Callable[[], None], parent: int) -> None:
    os.setsid()
    _end_with(parent)
    os.chdir(ROOT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    part()


def _end_with(parent: int) -> None:
    """Have this process killed when the one that forked it is gone, by SIGKILL too.

    The kernel of Linux does it: a thread that looks for the parent would be one more in processes
    that fork. It goes by the thread that forked, here always the main one. Elsewhere than on Linux
    nothing is done. There is no time to leave in: what is killed is taken up by another, and the
    port is to be free at once.
    """
    if _prctl is None:
        return
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it was gone before that
        os.kill(os.getpid(), signal.SIGKILL)


def _end_children_with_me() -> None:
    """Have each process that this one forks from now on end with it; not those that these fork,
    which may do so in a thread that ends before."""
    server = here = os.getpid()

    def begin() -> None:
        nonlocal here
        parent, here = here, os.getpid()
        if parent == server:
            _end_with(parent)

    os.register_at_fork(after_in_child=begin)


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join(GRACE_SECONDS)
    process.kill()
    if process.pid is not None:
        # With all it has started, whether it is alive or has ended before them.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.join()
