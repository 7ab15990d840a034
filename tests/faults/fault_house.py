"""A running service whose parts are killed on purpose: database, web server, workers, mail server.

Everything is real: processes end by SIGKILL, the PostgreSQL with all it has started, the mail
server speaks SMTP. The one thing that is not waited for is a dead worker's lease: `bury` lets it
run out at once.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import re
import signal
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from fresh_databases import FreshPostgresql, FreshSqlite
from postgresql_server import PostgresqlServer
from product_processes import run_command, run_web_server
from small_world import PASSWORD, SmallWorld, build_small_world
from smtp_sink import Sink, free_port, start

from app import create_app
from app.config import read_settings
from app.models import Mail, Protocol, Run, RunStatus, database

SECRET = "k" * 40
PATIENCE_SECONDS = 120.0
"""A busy machine is slow, not wrong."""


class House:
    """Use as a context. `url` is of a migrated database, empty but for its tables."""

    def __init__(self, folder: Path, url: str, server: PostgresqlServer | None) -> None:
        self.folder = folder
        self.url = url
        self.server = server
        self.sink = Sink()
        self.port = free_port()
        self.told = folder / "told.log"
        self._processes: dict[str, BaseProcess] = {}

    def __enter__(self) -> House:
        self._mail = start(self.sink)
        environment = {"ESCALA_SECRET_KEY": SECRET, "ESCALA_DATABASE_URL": self.url}
        self.settings = read_settings(environment, instance=self.folder)
        self.app = create_app(self.settings)
        with database.connection_context():
            self.world: SmallWorld = build_small_world(dt.datetime.now(dt.UTC))
            Protocol.update(ends_on=dt.date(2099, 12, 31)).execute()
        return self

    def __exit__(self, *_error: object) -> None:
        for name in list(self._processes):
            self.kill(name)
        self._mail.stop()
        database.obj.dispose()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ESCALA_INSTANCE": str(self.folder),
            "ESCALA_DATABASE_URL": self.url,
            "ESCALA_SECRET_KEY": SECRET,
            "ESCALA_SOLVE_WORKERS": "1",
            "ESCALA_SMTP_HOST": "127.0.0.1",
            "ESCALA_SMTP_PORT": str(self.sink.port),
            "ESCALA_SMTP_SECURITY": "none",
            "ESCALA_MAIL_FROM": "Escala <escala@example.org>",
        }

    def run(self, name: str, *command: str, **environment: str) -> BaseProcess:
        """Start a command of the product as the process `name`, unless that one is alive."""
        return self._unless_alive(
            name,
            lambda: run_command(
                *command, environment=self.environment | environment, told=self.told
            ),
        )

    def worker(self, name: str = "worker") -> BaseProcess:
        return self.run(name, "worker")

    def web(self) -> BaseProcess:
        """The web server, once it answers."""
        process = self._unless_alive(
            "web", lambda: run_web_server(self.port, self.environment, self.told)
        )
        self.until(self.answers, "the web server does not answer")
        return process

    def kill(self, name: str) -> int:
        """End a process and all it has started, without a word; its number."""
        process = self._processes.pop(name)
        number = process.pid
        assert number is not None
        if process.is_alive():  # the number of one that has ended may be somebody else's
            with suppress(ProcessLookupError):
                os.killpg(number, signal.SIGKILL)
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)  # before it has a group of its own
        process.join(PATIENCE_SECONDS)
        assert not process.is_alive()
        return number

    def bury(self, number: int | None = None) -> None:
        """Let leases run out: of the dead worker with that process number, or all there are."""
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        with database.connection_context():
            for table in (Run, Mail):
                held = table.lease_until.is_null(False)
                if number is not None:
                    held &= table.owner.endswith(f".{number}")
                table.update(lease_until=past).where(held).execute()

    def wait_for_run(self, run_id: int) -> Run:
        def ended() -> Run | None:
            run = Run.get_by_id(run_id)
            return run if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING) else None

        with database.connection_context():
            return self.until(ended, f"run {run_id} does not end")

    def until(self, found: Callable[[], object], otherwise: str) -> object:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if value := found():
                return value
            time.sleep(0.1)
        raise AssertionError(f"{otherwise}\n{self.told.read_text()[-3000:]}")

    def _unless_alive(self, name: str, start: Callable[[], BaseProcess]) -> BaseProcess:
        known = self._processes.get(name)
        if known is not None and known.is_alive():
            return known
        self._processes[name] = start()
        return self._processes[name]

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/health")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """One request on a connection of its own: status, headers, text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()


class Person:
    """Somebody who is signed in at the house's web server, by a browser's cookies and forms."""

    def __init__(self, house: House, email: str) -> None:
        self.house = house
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.get("/sign-in")
        status, _to, _text = self.post("/sign-in", email=email, password=PASSWORD)
        assert status == 302, status
        self.get("/account")

    def get(self, path: str) -> tuple[int, str, str]:
        answer = self._ask("GET", path, None, "")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer[2])
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, **fields: str) -> tuple[int, str, str]:
        """Send a form: status, where it leads, text."""
        body = urllib.parse.urlencode({"csrf_token": self.token, **fields}).encode()
        return self._ask("POST", path, body, "application/x-www-form-urlencoded")

    def send_file(self, path: str, name: str, content: bytes) -> tuple[int, str, str]:
        edge = "edge-of-the-parts"
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self.token}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self._ask("POST", path, body, f"multipart/form-data; boundary={edge}")

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if kind:
            headers["Content_Type"] = kind
        status, answered, text = self.house.ask(method, path, body, **headers)
        for line in answered.get_all("Set-Cookie") or []:
            name, _equals, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return status, answered.get("Location") or "", text


@contextmanager
def house_on(kind: str, folder: Path, server: PostgresqlServer | None = None) -> Iterator[House]:
    """A house on a new database of `kind`: `sqlite`, or `postgresql` on that server."""
    if server is None:
        assert kind == "sqlite"
        url = FreshSqlite(folder).new_database(folder)
    else:
        url = FreshPostgresql(server, folder).new_database(folder)
    with House(folder, url, server) as house:
        yield house
