"""Which tests `./escala test` begins with, and which of a file's tests other processes may take.

Files go to the processes whole, in their order. What takes long comes first: at the end it would
keep one process busy while the others have nothing left to do.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

LONG = (
    "tests/browser/test_demonstration.py",
    "tests/seeds/test_demo_load.py",
    "tests/browser/test_pages_accessible.py",
    "tests/faults/test_faults.py",
    "tests/browser/test_desk_journey.py",
    "tests/browser/test_editor_journey.py",
    "tests/mailing/test_worker_killed.py",
    "tests/browser/test_week_offline.py",
    "tests/routes/test_access.py",
    "tests/services/test_service_swaps.py",
    "tests/calendars/test_served_year.py",
    "tests/calendars/test_clients.py",
    "tests/app/test_runs.py",
    "tests/browser/",
    "tests/app/",
    "tests/solver/",
)
"""Beginnings of tests' names, the longest first; all others follow as they are."""

ALONE = (
    "tests/browser/test_pages_accessible.py::test_no_page_keeps_anybody_out",
    "tests/faults/test_faults.py::test_nothing_is_lost_and_nothing_done_twice",
)
"""Tests of half a minute that nothing ties to the others of their file: any process takes one."""


class SharingOut(LoadFileScheduling):
    """Whole files, but for the tests that stand alone."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(ALONE) else super()._split_scope(nodeid)


def long_first(items: list[pytest.Item]) -> None:
    """Put the long ones first, the rest as it was; files stay together."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((n for n, one in enumerate(LONG) if nodeid.startswith(one)), len(LONG))
