"""Clients of a real server in processes of their own: some send arrivals, others read pages.

    python tests/bench/intake_clients.py send URL SECRET OFFICE ARRIVALS SECONDS SEED
    python tests/bench/intake_clients.py read URL EMAIL PASSWORD PATH,PATH,… SECONDS

Each ends with one line of JSON: what it did, and the milliseconds of each request.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import random
import re
import sys
import threading
import time
import urllib.parse

LANGUAGES = ("pt", "uk", "zh", "kea")
TWICE_SHARE = 0.2
"""Part of the requests that are sent again with their key: half of them at the same moment."""
MOST_TRIES = 8


class Client:
    """One connection to the server, opened anew when it breaks."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self.place = parts.hostname, parts.port
        self.milliseconds: list[float] = []
        self.connection = self._open()

    def _open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.place, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]):
        """Status, headers and body; a broken connection is tried again, as clients do."""
        for tried in range(MOST_TRIES):
            began = time.perf_counter()
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = self._open()
                time.sleep(0.05 * 2**tried)
                continue
            self.milliseconds.append(1000 * (time.perf_counter() - began))
            return answer.status, answer.headers, text
        raise SystemExit(f"{method} {path}: no answer in {MOST_TRIES} tries")


def send(url: str, secret: str, office: str, arrivals: int, seconds: float, seed: int) -> dict:
    """Send so many arrivals, one a request and evenly over the time; some requests twice."""
    draw, client = random.Random(seed), Client(url)
    told = {"counted": 0, "replayed": 0, "refused": 0}
    began = time.monotonic()
    for number in range(arrivals):
        time.sleep(max(0.0, began + seconds * number / arrivals - time.monotonic()))
        body = {
            "arrivals": [
                {
                    "office": office,
                    "starts_at": dt.datetime.now(dt.UTC).isoformat(),
                    "language": draw.choice(LANGUAGES),
                }
            ]
        }
        key, payload = f"bench-{seed}-{number:06d}", json.dumps(body).encode()
        again = draw.random()
        if again < TWICE_SHARE / 2:
            together = [Client(url), client]
            threads = [
                threading.Thread(target=_post, args=(one, secret, key, payload, told))
                for one in together
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        else:
            _post(client, secret, key, payload, told)
            if again < TWICE_SHARE:
                _post(client, secret, key, payload, told)
    return {**told, "seconds": time.monotonic() - began, "milliseconds": client.milliseconds}


_lock = threading.Lock()


def _post(client: Client, secret: str, key: str, payload: bytes, told: dict[str, int]) -> None:
    headers = {
        "Authorization": f"Bearer {secret}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    for _try in range(MOST_TRIES):
        status, answered, text = client.ask("POST", "/api/arrivals", payload, headers)
        if status in (200, 201):
            with _lock:
                told["replayed" if json.loads(text)["replayed"] else "counted"] += 1
            return
        if status == 429:
            with _lock:
                told["refused"] += 1
            time.sleep(float(answered.get("Retry-After", 1)))
        elif status in (502, 503):
            time.sleep(0.2)
        else:
            raise SystemExit(f"{status}: {text[:300]!r}")
    raise SystemExit(f"{key}: not taken in {MOST_TRIES} tries")


def read(url: str, email: str, password: str, paths: str, seconds: float) -> dict:
    """Sign in and read the pages one after the other until the time is over."""
    client, cookies = Client(url), {}
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        status, headers, text = client.ask(method, path, body, {"Cookie": said, **form})
        for line in headers.get_all("Set-Cookie") or []:
            name, _equals, value = line.partition(";")[0].partition("=")
            cookies[name] = value
        return status, headers.get("Location") or "", text

    _status, _to, page = ask("GET", "/sign-in")
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    typed = {"email": email, "password": password, "csrf_token": token and token[1].decode()}
    status, _to, _text = ask("POST", "/sign-in", urllib.parse.urlencode(typed).encode())
    if status != 302:
        raise SystemExit(f"not signed in: {status}")
    client.milliseconds.clear()
    pages, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        for path in paths.split(","):
            status, to, _text = ask("GET", path)
            if status == 302 and "sign-in" not in to:
                status, to, _text = ask("GET", to)
            if status != 200:
                raise SystemExit(f"{path}: {status}")
            pages += 1
            time.sleep(0.02)
    return {"pages": pages, "milliseconds": client.milliseconds}


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "send":
        where, secret_, office_, arrivals_, seconds_, seed_ = given
        done = send(where, secret_, office_, int(arrivals_), float(seconds_), int(seed_))
    else:
        where, email_, password_, paths_, seconds_ = given
        done = read(where, email_, password_, paths_, float(seconds_))
    print(json.dumps(done))
