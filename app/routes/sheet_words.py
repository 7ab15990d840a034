"""The reasons against rows of a sheet of results, in the reader's language.

The library that reads sheets says them in English; what the application adds comes in the reader's
words already and passes as it is.
"""

from __future__ import annotations

from dataclasses import replace

from app.i18n import _, _l
from app.services.fault_words import Phrases
from training.faults import Fault

_THINGS = Phrases(
    {"heading": _l("heading"), "sheet": _l("the table")},
    ((r"row (\d+)", lambda found: _("row %(n)s", n=found[1])),),
)
_FIELDS = Phrases(
    {
        "person": _l("person"),
        "name": _l("name"),
        "email": _l("email"),
        "number": _l("number"),
        "result": _l("result"),
        "date": _l("date"),
        "completed_on": _l("date"),
        "mediator_id": _l("person"),
        "minutes": _l("minutes"),
        "note": _l("remarks"),
        "rows": _l("rows"),
        "lines": _l("lines"),
        "bytes": _l("bytes"),
        "contents": _l("contents"),
        "unpacked": _l("unpacked"),
        "parts": _l("parts of the file"),
        "signs": _l("signs in the cells"),
        "cells": _l("cells"),
        "reading": _l("reading"),
    }
)
_VALUES = Phrases(
    {
        "missing": _l("missing"),
        "none": _l("none"),
        "not text": _l("not text"),
        "not XLSX": _l("not XLSX"),
        "not finished": _l("not finished"),
        "more": _l("more than may be"),
    },
    (
        (r"number (\d+)", lambda found: _("number %(n)s", n=found[1])),
        (r"(\d+) columns", lambda found: _("%(n)s columns", n=found[1])),
        (
            r"('.*') and ('.*')",
            lambda found: _("%(one)s and %(other)s", one=found[1], other=found[2]),
        ),
    ),
)
_EXPECTED = Phrases(
    {
        "one column": _l("one column"),
        "a table as text or CSV": _l("a table as text or CSV"),
        "an XLSX file": _l("an XLSX file"),
        "a heading and at least one row": _l("a heading and at least one row"),
        "at least one row under the heading": _l("at least one row under the heading"),
        "a known name, mail address or number": _l("a known name, mail address or number"),
        "one and the same person": _l("one and the same person"),
        "somebody without a result; correct the one there is": _l(
            "somebody without a result; correct the one there is"
        ),
        "somebody enrolled in the session": _l("somebody enrolled in the session"),
        "passed, failed or absent (aprovado, reprovado, faltou)": _l(
            "passed, not passed or absent (aprovado, reprovado, faltou)"
        ),
    },
    (
        (r"at most (\d+)", lambda found: _("at most %(n)s", n=found[1])),
        (r"at most (\d+) bytes", lambda found: _("at most %(n)s bytes", n=found[1])),
        (
            r"within (\d+) s and (\d+) MB",
            lambda found: _(
                "within %(seconds)s s and %(megabytes)s MB", seconds=found[1], megabytes=found[2]
            ),
        ),
        (
            r"one of (.*); found (.*)",
            lambda found: _("one of %(words)s; found %(found)s", words=found[1], found=found[2]),
        ),
        (
            r"a mail address or number too: (\d+) people have this name",
            lambda found: _(
                "a mail address or number too: %(n)s people have this name", n=found[1]
            ),
        ),
        (
            r"one result for a person; row (\d+) has one",
            lambda found: _("one result for a person; row %(n)s has one", n=found[1]),
        ),
        (
            r"a date from (\S+) to (\S+), as 2026-03-14",
            lambda found: _(
                "a date from %(first)s to %(last)s, as 2026-03-14", first=found[1], last=found[2]
            ),
        ),
        (
            r"a day from (\S+) to (\S+)",
            lambda found: _("a day from %(first)s to %(last)s", first=found[1], last=found[2]),
        ),
        (
            r"a whole number, 0 to (\d+)",
            lambda found: _(
                "a whole number from %(least)d to %(most)d", least=0, most=int(found[1])
            ),
        ),
    ),
)


def in_readers_words(fault: Fault) -> Fault:
    """The same fault as its reader is told it."""
    return replace(
        fault,
        thing=_THINGS.told(fault.thing),
        field=_FIELDS.told(fault.field),
        value=_VALUES.told(fault.value),
        expected=_EXPECTED.told(fault.expected),
    )
