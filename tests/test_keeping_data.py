"""Every test that keeps data runs on PostgreSQL too: `./escala test-postgresql` leaves none out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHOSEN = {"database_kind", "chosen_keeper"}
"""The fixtures through which a test comes to the database that its run is told to take."""


def on_postgresql() -> list[str]:
    """The folders and files of the command."""
    (words,) = re.findall(r"set -- ((?:tests/\S+|\\\n|\s)+)", (ROOT / "escala").read_text())
    return [one for one in words.split() if one != "\\"]


def test_every_test_that_keeps_data_is_on_the_command_s_list() -> None:
    listed = on_postgresql()
    missing = [one for one in listed if not (ROOT / one).exists()]
    assert not missing
    ignored = [f"--ignore={one}" for one in listed]
    # It tells what each test would ask for, and runs none.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--setup-plan", *ignored]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    asked = re.findall(r"^\s+(tests/\S+?)::.*\(fixtures used: (.*)\)", told, re.MULTILINE)
    assert len(asked) > 100
    left_out = {path for path, fixtures in asked if CHOSEN & set(fixtures.split(", "))}
    assert not left_out
