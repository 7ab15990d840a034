"""khal, fed by vdirsyncer from a server: the two as people install them, from PyPI."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path


class Khal:
    """A calendar program of its own folder, set to one zone, that syncs before it lists."""

    def __init__(self, folder: Path, address: str, zone: str) -> None:
        self.folder, self.items = folder, folder / "items"
        self.items.mkdir()
        (folder / "vdirsyncer.conf").write_text(
            f"""
[general]
status_path = "{folder}/status"
[pair feed]
a = "server"
b = "here"
collections = null
conflict_resolution = "a wins"
[storage server]
type = "http"
url = "{address}"
[storage here]
type = "filesystem"
path = "{self.items}"
fileext = ".ics"
"""
        )
        (folder / "khal.conf").write_text(
            f"""
[calendars]
[[feed]]
path = {self.items}
type = calendar
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""
        )
        self._vdirsyncer("discover")

    def shows(self, first: dt.date, days: int) -> list[tuple[str, ...]]:
        """(start, end, title) of each event of these days as khal prints them, in order.

        Without the UID: vdirsyncer files what it reads from a feed under a hash of its contents.
        """
        self._vdirsyncer("sync")
        line = "{start-long-full}|{end-long-full}|{title}"
        arguments = ["list", "--once", "--format", line, "--day-format", "", f"{first}", f"{days}d"]
        printed = self._run("khal", "-c", self.folder / "khal.conf", *arguments)
        return sorted(tuple(row.split("|")) for row in printed.splitlines() if row)

    def _vdirsyncer(self, verb: str) -> None:
        self._run("vdirsyncer", "-c", self.folder / "vdirsyncer.conf", verb)

    def _run(self, program: str, *arguments: str | Path) -> str:
        done = subprocess.run(
            [Path(sys.executable).parent / program, *arguments],
            capture_output=True,
            env={"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"},
            timeout=120,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
