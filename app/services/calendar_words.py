"""What was wrong with somebody's own calendar or its address, in the reader's language."""

from __future__ import annotations

from app.i18n import _, _l
from app.services.fault_words import Phrases
from calendars.faults import Fault

SEALED = Fault(
    "calendar address", "url", "sealed with another key of the service", "the address once more"
)
"""Told of an address that this service can read no more."""

_FIELDS = Phrases(
    {
        "url": _l("web address"),
        "scheme": _l("beginning of the address"),
        "host": _l("host"),
        "user": _l("user"),
        "port": _l("port"),
        "answer": _l("answer"),
        "redirect": _l("redirect"),
        "redirects": _l("redirects"),
        "encoding": _l("packing"),
        "bytes": _l("bytes"),
        "contents": _l("contents"),
        "events": _l("events"),
        "occurrences within the horizon": _l("times within the months looked at"),
        "reading": _l("reading"),
    }
)
_VALUES = Phrases(
    {
        "missing": _l("missing"),
        "given": _l("given"),
        "unreadable": _l("unreadable"),
        "with spaces": _l("with spaces"),
        "a redirect to nowhere": _l("a redirect to nowhere"),
        "from https to http": _l("from https to http"),
        "not complete": _l("not complete"),
        "not finished": _l("not finished"),
        "no VCALENDAR": _l("no VCALENDAR"),
        SEALED.value: _l("sealed with another key of the service"),
    },
    (
        (r"(?:over|more than) (\d+)", lambda found: _("more than %(n)s", n=found[1])),
        (r"no reply \((\w+)\)", lambda found: _("none (%(kind)s)", kind=found[1])),
        (r"unreadable \((\w+)\)", lambda found: _("unreadable (%(kind)s)", kind=found[1])),
    ),
)
_EXPECTED = Phrases(
    {
        "a web address": _l("a web address"),
        "https, http or webcal": _l("https, http or webcal"),
        "a host name": _l("a host name"),
        "an address without user and password": _l("an address without user and password"),
        "an address without spaces": _l("an address without spaces"),
        "a reply": _l("a reply"),
        "200 OK": _l("a document (200 OK)"),
        "a name that exists": _l("a name that exists"),
        "a host on the public internet": _l("a host on the public internet"),
        "identity or gzip": _l("identity or gzip"),
        "https to the end": _l("https to the end"),
        "an iCalendar file (.ics)": _l("an iCalendar file (.ics)"),
        "an iCalendar file (.ics) that starts with BEGIN:VCALENDAR": _l(
            "an iCalendar file (.ics) that starts with BEGIN:VCALENDAR"
        ),
        SEALED.expected: _l("the address once more"),
    },
    (
        (r"at most (\d+)", lambda found: _("at most %(n)s", n=found[1])),
        (r"one of (\d[\d, ]*)", lambda found: _("one of %(words)s", words=found[1])),
        (r"within ([\d.]+) s", lambda found: _("within %(seconds)s s", seconds=found[1])),
        (
            r"within ([\d.]+) s and (\d+) MB",
            lambda found: _(
                "within %(seconds)s s and %(megabytes)s MB", seconds=found[1], megabytes=found[2]
            ),
        ),
    ),
)


def expected_words(fault: Fault) -> str:
    """What was expected, for the field where it was typed: "an address without spaces", or with
    what it is of where the page has no field for that: "port: one of 80, 443"."""
    expected = _EXPECTED.told(fault.expected)
    if fault.field in ("url", "contents"):
        return expected
    return f"{_FIELDS.told(fault.field)}: {expected}"


def fault_words(fault: Fault) -> str:
    """The whole fault: "answer: 500; expected a document (200 OK)"."""
    return _(
        "%(field)s: %(value)s; expected %(expected)s",
        field=_FIELDS.told(fault.field),
        value=_VALUES.told(fault.value),
        expected=_EXPECTED.told(fault.expected),
    )
