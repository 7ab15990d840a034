"""The careful download against real servers on this machine."""

import gzip
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from calendars.faults import CalendarFault
from calendars.fetch import FetchLimits, check_url, fetch_calendar, is_public_address

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
ANY_PORT = FetchLimits(ports=frozenset(), seconds=5)
CERTIFICATE = Path(__file__).parent / "data" / "calendar_test.pem"  # of a host that is not


def here(address):
    return address == "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.server.answers[self.path.partition("?")[0]](self)

    def log_message(self, *_):
        pass

    def reply(self, status=200, body=BODY, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(answers, tls=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.answers, server.seen = answers, []
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def address(server, path="/c.ics", host="127.0.0.1", scheme="http"):
    return f"{scheme}://{host}:{server.server_port}{path}"


def fetch(url, limits=ANY_PORT, **options):
    return fetch_calendar(url, limits=limits, is_address_allowed=here, **options)


def fields(caught):
    return {fault.field for fault in caught.value.faults}


def test_a_calendar_arrives_with_its_tags():
    with serving({"/c.ics": lambda h: h.reply(ETag='"v1"', Last_Modified="yesterday")}) as server:
        got = fetch(address(server, "/c.ics?key=a%20b&x=ç"))
        path, headers = server.seen[0]
    assert (got.body, got.etag, got.last_modified) == (BODY, '"v1"', "yesterday")
    assert path == "/c.ics?key=a%20b&x=%C3%A7"
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"


def test_an_unchanged_calendar_is_not_sent_again():
    def answer(handler):
        if handler.headers["If-None-Match"] == '"v1"':
            handler.reply(304, b"")
        else:
            handler.reply()

    with serving({"/c.ics": answer}) as server:
        assert fetch(address(server)).body == BODY
        again = fetch(address(server), etag='"v1"')
    assert (again.body, again.etag) == (None, '"v1"')


def test_a_304_that_was_not_asked_for_is_no_answer():
    with (
        serving({"/c.ics": lambda h: h.reply(304, b"")}) as server,
        pytest.raises(CalendarFault, match="304"),
    ):
        fetch(address(server))


@pytest.mark.parametrize("status", [404, 500, 204, 206])
def test_any_answer_but_a_document_is_told_by_its_number(status):
    with (
        serving({"/c.ics": lambda h: h.reply(status, b"")}) as server,
        pytest.raises(CalendarFault, match=str(status)),
    ):
        fetch(address(server))


@pytest.mark.parametrize("coding", ["plain", "gzip"])
def test_the_size_at_its_limit_and_one_past(coding):
    def answer(handler):
        if coding == "gzip":
            handler.reply(body=gzip.compress(b"x" * 1000), Content_Encoding="gzip")
        else:
            handler.reply(body=b"x" * 1000)

    with serving({"/c.ics": answer}) as server:
        exact = FetchLimits(bytes=1000, ports=frozenset())
        assert fetch(address(server), limits=exact).body == b"x" * 1000
        with pytest.raises(CalendarFault) as caught:
            fetch(address(server), limits=FetchLimits(bytes=999, ports=frozenset()))
    assert fields(caught) == {"bytes"}


def test_a_packed_bomb_is_stopped_before_it_unpacks():
    bomb = gzip.compress(bytes(50_000_000))
    packed = {"/c.ics": lambda h: h.reply(body=bomb, Content_Encoding="gzip")}
    with serving(packed) as server, pytest.raises(CalendarFault, match="at most 2000000"):
        fetch(address(server))


def test_an_endless_document_is_stopped():
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    with serving({"/c.ics": drip}) as server, pytest.raises(CalendarFault) as caught:
        fetch(address(server), limits=FetchLimits(bytes=1_000_000, ports=frozenset()))
    assert fields(caught) == {"bytes"}


@pytest.mark.parametrize("part", ["header", "body", "silence"])
def test_a_server_that_drips_is_left_at_the_deadline(part):
    leave = threading.Event()

    def drip(handler):
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        elif part == "header":
            handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        try:
            while not leave.wait(0.05):
                if part != "silence":
                    handler.wfile.write(b"x")
        except OSError:
            pass

    short = FetchLimits(seconds=0.4, ports=frozenset())
    with serving({"/c.ics": drip}) as server:
        with pytest.raises(CalendarFault, match=r"within 0\.4 s"):
            fetch(address(server), limits=short)
        leave.set()


def test_a_document_cut_short_is_refused():
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "500")
        handler.end_headers()
        handler.wfile.write(b"BEGIN:VCALENDAR")

    with serving({"/c.ics": cut}) as server, pytest.raises(CalendarFault, match="IncompleteRead"):
        fetch(address(server))


def redirect_to(location):
    return lambda handler: handler.reply(302, b"", Location=location)


@pytest.mark.parametrize("location", ["http://[", "//[x]/", "http://[::1"])
def test_a_redirect_to_no_address_is_told(location):
    with serving({"/c.ics": redirect_to(location)}) as server, pytest.raises(CalendarFault):
        fetch(address(server))


@pytest.mark.parametrize("tag", ['"a\x00b"', '"a\r\n b"', "x" * 501])
def test_a_tag_that_cannot_be_kept_is_none(tag):
    with serving({"/c.ics": lambda h: h.reply(ETag=tag)}) as server:
        assert fetch(address(server)).etag == ""


def test_redirects_at_their_limit_and_one_past():
    answers = {f"/{n}": redirect_to(f"/{n - 1}") for n in range(1, 5)}
    answers["/0"] = lambda handler: handler.reply()
    with serving(answers) as server:
        assert fetch(address(server, "/3")).body == BODY
        with pytest.raises(CalendarFault) as caught:
            fetch(address(server, "/4"))
    assert fields(caught) == {"redirects"}


@pytest.mark.parametrize(
    ("location", "field"),
    [
        ("http://10.0.0.1/", "host"),
        ("http://localhost./c.ics", "host"),
        ("file://127.0.0.1/etc/passwd", "scheme"),
        ("http://user:secret@127.0.0.1/", "user"),
        ("", "answer"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(location, field):
    first_only = iter([True])
    with (
        serving({"/c.ics": redirect_to(location)}) as server,
        pytest.raises(CalendarFault) as caught,
    ):
        fetch_calendar(
            address(server), limits=ANY_PORT, is_address_allowed=lambda _: next(first_only, False)
        )
    assert fields(caught) == {field}


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254", "2130706433"]
)
def test_nothing_on_this_machine_or_beside_it_is_fetched_by_default(host):
    with serving({"/c.ics": lambda h: h.reply()}) as server:
        with pytest.raises(CalendarFault) as caught:
            fetch_calendar(address(server, host=host), limits=ANY_PORT)
        assert not server.seen
    assert fields(caught) == {"host"}


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("193.136.2.1", True),
        ("2001:690:2008::1", True),
        ("127.255.255.255", False),
        ("10.1.2.3", False),
        ("172.15.255.255", True),
        ("172.16.0.0", False),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:193.136.2.1", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::c188:201", True),
        ("fec0::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("64:ff9b:1::a00:1", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
    ],
)
def test_which_addresses_are_public(ip, public):
    assert is_public_address(ip) is public


def test_a_name_is_resolved_once_and_every_address_must_be_allowed(monkeypatch):
    """The second answer of a rebinding name server is never asked for."""
    with serving({"/c.ics": lambda h: h.reply()}) as server:
        real = socket.getaddrinfo
        asked = []

        def rebinding(host, port, *args, **kwargs):
            if host != "calendar.test":
                return real(host, port, *args, **kwargs)
            asked.append(host)
            answer = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
            return real(answer, port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        assert fetch(address(server, host="calendar.test")).body == BODY
        assert asked == ["calendar.test"]

        def mixed(host, port, *args, **kwargs):
            both = real("127.0.0.1", port, *args, **kwargs)
            return both + real("10.0.0.1", port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", mixed)
        with pytest.raises(CalendarFault, match="public internet"):
            fetch(address(server, host="calendar.test"))
        assert len(server.seen) == 1


@pytest.fixture
def tls_server(monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1", *a, **k))
    answers = {"/c.ics": lambda h: h.reply(), "/down": redirect_to("http://calendar.test/c.ics")}
    with serving(answers, tls=context) as server:
        yield server


@pytest.mark.parametrize("scheme", ["https", "webcal", "webcals"])
def test_over_tls_the_certificate_must_be_the_names(tls_server, scheme):
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    url = address(tls_server, host="calendar.test", scheme=scheme)
    assert fetch(url, tls=trust).body == BODY
    for wrong in (
        lambda: fetch(url),  # a certificate nobody trusts
        lambda: fetch(url.replace("calendar.test", "other.test"), tls=trust),
    ):
        with pytest.raises(CalendarFault, match="SSLCertVerificationError"):
            wrong()


def test_https_never_steps_down_to_http(tls_server):
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    url = address(tls_server, "/down", host="calendar.test", scheme="https")
    with pytest.raises(CalendarFault, match="from https to http"):
        fetch(url, tls=trust)


def test_a_plain_server_under_https_and_a_closed_port_are_no_reply():
    with serving({"/c.ics": lambda h: h.reply()}) as server:
        with pytest.raises(CalendarFault, match="expected a reply"):
            fetch(address(server, scheme="https"))
        gone = address(server)
    with pytest.raises(CalendarFault, match="ConnectionRefusedError"):
        fetch(gone)


@pytest.mark.parametrize(
    ("given", "fetched"),
    [
        ("webcal://example.org/a b.ics", None),
        (" webcal://example.org/a.ics ", "https://example.org/a.ics"),
        ("http://example.org:8080", "http://example.org:8080/"),
        ("https://ação.pt/x?y=ã#z", "https://xn--ao-siap.pt/x?y=%C3%A3"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
    ],
)
def test_an_address_is_put_in_the_form_that_is_fetched(given, fetched):
    if fetched:
        assert check_url(given) == fetched
    else:
        with pytest.raises(CalendarFault):
            check_url(given)


def test_all_that_is_wrong_with_an_address_is_told_at_once():
    with pytest.raises(CalendarFault) as caught:
        check_url("ftp://user@:21/x y")
    assert fields(caught) == {"scheme", "host", "user", "port", "url"}


@pytest.mark.parametrize("url", ["http://[::1", "http://a:99999/", "http://" + "a" * 64 + ".pt/"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(CalendarFault):
        check_url(url)


@pytest.mark.parametrize(("port", "good"), [(443, True), (444, False), (22, False), (5432, False)])
def test_only_the_webs_own_ports(port, good):
    if good:
        assert str(port) in check_url(f"https://example.org:{port}/")
    else:
        with pytest.raises(CalendarFault, match="one of 80, 443"):
            check_url(f"https://example.org:{port}/")
