"""One careful download of a calendar whose address somebody typed in.

The address is a stranger's. Left alone, a server that fetches it can be sent to its own database,
to the machines beside it or to the cloud's metadata service, can be kept waiting for ever, or be
filled. So, at each hop:

- only http, https and webcal (which is https by another name), usual ports, no user or password;
- the name is resolved once, every address it has must be public, and the connection goes to
  the very address that was checked: a name that answers differently the next time (DNS rebinding)
  changes nothing;
- at most three redirects, each checked as the first; never from https down to http;
- one limit of time for the whole, one of size for what arrives and for what it unpacks to.

No fault quotes an address: whoever has it can read the calendar.

What the calendar says is for `calendars.busy`.
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from calendars.faults import CalendarFault, Fault, refuse, shown

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 65_536
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that IANA has given out; what lies elsewhere, such as the old site-local fec0::/10,
leads inwards if anywhere."""
_SPECIAL = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "2001::/23"))
)
"""Registered as special, which Python's own list does not know of, or in later versions only."""

AddressPredicate = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one download may cost. `ports` empty means any."""

    bytes: int = 2_000_000
    seconds: float = 15.0
    redirects: int = 3
    ports: frozenset[int] = frozenset({80, 443, 8008, 8080, 8443})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: `body` is None when the server said 304, not modified."""

    body: bytes | None
    etag: str
    last_modified: str


DEFAULT_LIMITS = FetchLimits()


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of the open internet, by IANA's registries.

    Loopback, private, link-local, shared, reserved, multicast and unspecified are not; nor is an
    IPv6 form that leads to such an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public_address(str(inner))
        if ip not in _UNICAST:
            return False
    if any(ip in one for one in _SPECIAL if one.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def check_url(url: str, limits: FetchLimits = DEFAULT_LIMITS) -> str:
    """The address in the form that is fetched (webcal becomes https).

    Raises `CalendarFault` with all that is wrong with it; looks up nothing, so a form can use it.
    """
    text = url.strip()
    faults = []
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, UnicodeError):
        raise refuse("calendar address", "url", "unreadable", "a web address") from None
    scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme, parts.scheme)
    if scheme not in _PORTS:
        expected = "https, http or webcal"
        faults.append(Fault("calendar address", "scheme", shown(parts.scheme), expected))
    if not host:
        faults.append(Fault("calendar address", "host", "missing", "a host name"))
    if parts.username is not None or parts.password is not None:
        expected = "an address without user and password"
        faults.append(Fault("calendar address", "user", "given", expected))
    if port is not None and limits.ports and port not in limits.ports:
        expected = "one of " + ", ".join(map(str, sorted(limits.ports)))
        faults.append(Fault("calendar address", "port", str(port), expected))
    if any(ord(c) <= 32 or ord(c) == 127 for c in text):
        faults.append(Fault("calendar address", "url", "with spaces", "an address without spaces"))
    if faults:
        raise CalendarFault(faults)
    bracketed = f"[{host}]" if ":" in host else host
    netloc = bracketed if port is None else f"{bracketed}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return SplitResult(scheme, netloc, path, query, "").geturl()


def fetch_calendar(
    url: str,
    etag: str = "",
    last_modified: str = "",
    limits: FetchLimits = DEFAULT_LIMITS,
    is_address_allowed: AddressPredicate = is_public_address,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """Download a calendar; `etag` and `last_modified` of the last time make it conditional.

    `is_address_allowed` decides on each IP address, `tls` replaces the system's trust.

    Raises `CalendarFault` when the address is refused, out of reach, too slow, too large, or
    answers anything but a document.
    """
    deadline = time.monotonic() + limits.seconds
    target = check_url(url, limits)
    for _ in range(limits.redirects + 1):
        hop = _Hop(target, deadline, limits, is_address_allowed, tls)
        try:
            answer = hop.get(etag, last_modified)
        except (OSError, http.client.HTTPException, zlib.error) as error:
            if time.monotonic() >= deadline:
                raise _too_slow(limits) from None
            came = f"no reply ({type(error).__name__})"
            raise refuse("calendar address", "answer", came, "a reply") from None
        if isinstance(answer, Fetched):
            return answer
        target = _next(target, answer, limits)
    raise refuse(
        "calendar address",
        "redirects",
        f"more than {limits.redirects}",
        f"at most {limits.redirects}",
    )


class _Hop:
    """One request to one checked address."""

    def __init__(
        self,
        url: str,
        deadline: float,
        limits: FetchLimits,
        is_address_allowed: AddressPredicate,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.parts = urlsplit(url)
        self.host = self.parts.hostname or ""
        self.deadline = deadline
        self.limits = limits
        self.is_address_allowed = is_address_allowed
        self.tls = tls

    def get(self, etag: str, last_modified: str) -> Fetched | str:
        """The document, or where the server sends us instead."""
        port = self.parts.port or _PORTS[self.parts.scheme]
        connection = http.client.HTTPConnection(self.host, port)
        with self._connected(port) as sock:
            connection.sock = sock
            connection.request("GET", self._target(), headers=self._headers(etag, last_modified))
            response = connection.getresponse()
            if response.status in _REDIRECTS:
                return response.headers.get("Location", "")
            tag = _sound(response.headers.get("ETag", ""), 500)
            modified = _sound(response.headers.get("Last-Modified", ""), 100)
            if response.status == 304 and (etag or last_modified):
                return Fetched(None, tag or etag, modified or last_modified)
            if response.status != 200:
                raise refuse("calendar address", "answer", str(response.status), "200 OK")
            return Fetched(self._body(response), tag, modified)

    @contextmanager
    def _connected(self, port: int) -> Iterator[socket.socket]:
        """A connection to a checked address, cut at the deadline whatever it is doing then.

        A socket's own timeout starts again with each byte, so a server that sends one byte a
        second could hold us for hours: a timer shuts the connection instead.
        """
        addresses = self._allowed_addresses(port)
        sock = self._first_that_answers(addresses, port)
        if self.parts.scheme == "https":
            context = self.tls or ssl.create_default_context()
            sock = context.wrap_socket(
                sock, server_hostname=self.host, do_handshake_on_connect=False
            )
        timer = threading.Timer(self._time_left(), _shut, [sock])
        timer.daemon = True
        timer.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            yield sock
        finally:
            timer.cancel()
            sock.close()

    def _allowed_addresses(self, port: int) -> list[str]:
        """All addresses of the host, resolved once. One that is not allowed spoils them all."""
        try:
            found = _resolved(self.host, port, self._time_left())
        except TimeoutError:
            raise _too_slow(self.limits) from None
        except OSError:
            raise refuse(
                "calendar address", "host", shown(self.host), "a name that exists"
            ) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(self.is_address_allowed(address) for address in addresses):
            raise refuse(
                "calendar address", "host", shown(self.host), "a host on the public internet"
            )
        return addresses

    def _first_that_answers(self, addresses: list[str], port: int) -> socket.socket:
        last: OSError = OSError("no address")
        for address in addresses:
            try:
                return socket.create_connection((address, port), timeout=self._time_left())
            except OSError as error:
                last = error
        raise last

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        """The whole document, or a refusal as soon as it grows past a limit."""
        packed = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packed not in ("identity", "", "gzip", "x-gzip"):
            raise refuse("calendar address", "encoding", shown(packed), "identity or gzip")
        unpack = zlib.decompressobj(wbits=31) if "gzip" in packed else None
        room = self.limits.bytes + 1
        body, arrived = bytearray(), 0
        while len(body) < room and arrived < room:
            chunk = response.read1(_CHUNK)
            if not chunk:
                break
            arrived += len(chunk)
            body += unpack.decompress(chunk, room - len(body)) if unpack else chunk
        self._time_left()  # a connection cut at the deadline looks like a short document
        if len(body) >= room or arrived >= room:
            raise refuse(
                "calendar", "bytes", f"over {self.limits.bytes}", f"at most {self.limits.bytes}"
            )
        if response.length or (unpack and not unpack.eof):
            raise http.client.IncompleteRead(b"")
        return bytes(body)

    def _headers(self, etag: str, last_modified: str) -> dict[str, str]:
        headers = {
            "Host": self.parts.netloc,
            "User-Agent": "Escala calendar reader",
            "Accept": "text/calendar, */*;q=0.1",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        return headers

    def _target(self) -> str:
        query = f"?{self.parts.query}" if self.parts.query else ""
        return f"{self.parts.path or '/'}{query}"

    def _time_left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise _too_slow(self.limits)
        return left


def _resolved(host: str, port: int, seconds: float) -> list[Any]:
    """The host's addresses. Raises TimeoutError after `seconds`.

    The system's resolver knows no deadline: it is asked in a thread that may be left behind.
    """
    answer: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answer.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


def _shut(sock: socket.socket) -> None:
    """Shut the connection under a TLS socket without touching its state from this thread."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _sound(validator: str, longest: int) -> str:
    """What is sent back the next time; empty for what no database and no header may hold, and for
    what would have to be cut."""
    return validator if validator.isprintable() and len(validator) <= longest else ""


def _next(current: str, location: str, limits: FetchLimits) -> str:
    if not location:
        raise refuse("calendar address", "answer", "a redirect to nowhere", "200 OK")
    try:
        joined = urljoin(current, location)
    except ValueError:
        raise refuse("calendar address", "redirect", "unreadable", "a web address") from None
    target = check_url(joined, limits)
    if current.startswith("https:") and target.startswith("http:"):
        raise refuse("calendar address", "redirect", "from https to http", "https to the end")
    return target


def _too_slow(limits: FetchLimits) -> CalendarFault:
    return refuse("calendar address", "answer", "not complete", f"within {limits.seconds:g} s")
