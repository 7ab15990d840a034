"""A worker: takes runs one after another, with what goes on beside them, until told to leave."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from app.failures import AWAY, failure_of
from app.models import Run, database
from app.runs import Commit, Handler, RunContext, claim, execute, hand_back, release
from app.services import service_state

POLL_SECONDS = 0.5
FINISH_SECONDS = 5
"""How long what goes on beside the runs may take to finish when the worker leaves."""
TROUBLE_SECONDS = 2.0
"""How long a worker rests when the database is away."""

log = logging.getLogger("escala.runs")


class Worker:
    """Takes runs one after another until told to leave; `beside` goes on in a thread meanwhile.

    `beside` gets the event that says to leave; what it has in hand then, it may finish.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        beside: Callable[[threading.Event], None] | None = None,
    ) -> None:
        self.handlers = handlers
        self.beside = beside
        self.owner = f"{socket.gethostname()}.{os.getpid()}"
        self.started_at = dt.datetime.now(dt.UTC)
        self._beat_due = 0.0
        self._leave = threading.Event()
        self._context: RunContext | None = None

    def leave(self, *_signal: object) -> None:
        """Stop taking runs, and hand back the one in hand."""
        self._leave.set()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.leave)
        signal.signal(signal.SIGINT, self.leave)
        log.info("worker %s waits for runs", self.owner)
        beside = None
        if self.beside is not None:
            beside = threading.Thread(target=self.beside, args=(self._leave,), daemon=True)
            beside.start()
        while not self._leave.is_set():
            self._leave.wait(self._turn())
        if beside is not None:
            beside.join(FINISH_SECONDS)
        with suppress(*AWAY), database.connection_context():
            service_state.leave(self.owner)

    def _turn(self) -> float:
        """Carry out a run, if one waits; how many seconds to rest after it.

        A database that is away is waited for: a worker that ended would be started anew only to
        find it away still.
        """
        try:
            self._say_alive()
            return 0.0 if self.run_one() else POLL_SECONDS
        except AWAY as error:
            log.error("the database does not answer: %s", failure_of(error))
            return TROUBLE_SECONDS

    def _say_alive(self) -> None:
        """From the thread that takes runs, so that one that hangs is not taken for alive."""
        if time.monotonic() < self._beat_due:
            return
        self._beat_due = time.monotonic() + service_state.BEAT_SECONDS
        with database.connection_context():
            service_state.beat(self.owner, self.started_at, dt.datetime.now(dt.UTC))

    def run_one(self) -> bool:
        """Take and carry out one run, if one waits.

        The search runs in a thread of its own: signals reach the main thread, which stays free
        to act on them at once.
        """
        with database.connection_context():
            run = claim(self.owner, dt.datetime.now(dt.UTC))
        if run is None:
            return False
        worker = threading.Thread(target=self._carry_out, args=(run,), daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(0.1)
            with suppress(*AWAY):
                self._say_alive()
            context = self._context  # once: its thread sets it None at the end
            if self._leave.is_set() and context is not None:
                context.abandon()
                hand_back(context)
                return True
        return True

    def _carry_out(self, run: Run) -> None:
        handlers = {kind: self._remembering(handler) for kind, handler in self.handlers.items()}
        try:
            with database.connection_context():
                context = execute(run, handlers, self.owner)
            if context.lost_database:
                release(context)
        finally:
            self._context = None

    def _remembering(self, handler: Handler) -> Handler:
        def remembered(context: RunContext) -> Commit:
            self._context = context
            return handler(context)

        return remembered
