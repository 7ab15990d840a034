"""Finds or installs the browser tests' Chromium: `PYTHONPATH=. python tests/setup_browser.py`.

One named by ESCALA_CHROMIUM or on the PATH is used; else the one inside the npm package
`@sparticuz/chromium`, with the libraries it carries, unpacked beside its lock file without root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.assets import node_command, npm_command

FOLDER = Path(__file__).resolve().parent / "browser"
UNPACKED = FOLDER / "node_modules" / ".unpacked"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACK = """
import chromium from '@sparticuz/chromium';
console.log(await chromium.executablePath());
"""


@dataclass(frozen=True)
class Browser:
    executable: str
    library_path: str | None
    """Where libraries lie that the system may lack."""


def find() -> Browser | None:
    """The browser that is there, else None."""
    named = os.environ.get("ESCALA_CHROMIUM")
    if named:
        return Browser(named, None) if Path(named).exists() else None
    for name in () if os.environ.get("ESCALA_OWN_CHROMIUM") else NAMES:
        found = shutil.which(name)
        if found:
            return Browser(found, None)
    executable = UNPACKED / "chromium"
    if executable.exists():
        return Browser(str(executable), str(UNPACKED / "al2023" / "lib"))
    return None


def install() -> Browser:
    """Install and unpack the npm package's Chromium."""
    subprocess.run(
        [*npm_command(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=FOLDER,
        check=True,
    )
    UNPACKED.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        # The package unpacks its libraries only where it believes the system lacks them.
        "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x",
        "TMPDIR": str(UNPACKED),
    }
    script = FOLDER / "node_modules" / "unpack.mjs"
    script.write_text(UNPACK)
    subprocess.run([*node_command(), str(script)], cwd=FOLDER, env=environment, check=True)
    found = find()
    if found is None:
        raise SystemExit("the Chromium of @sparticuz/chromium did not unpack")
    return found


def main() -> None:
    browser = find() or install()
    environment = dict(os.environ)
    if browser.library_path:
        environment["LD_LIBRARY_PATH"] = browser.library_path
    version = subprocess.run(
        [browser.executable, "--version", "--no-sandbox"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if version.returncode != 0:
        raise SystemExit(f"{browser.executable} does not run: {version.stderr.strip()}")
    print(json.dumps({"browser": version.stdout.strip()}), file=sys.stderr)


if __name__ == "__main__":
    main()
