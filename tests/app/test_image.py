"""The container's image without an engine: its tree, laid out as the recipe says, runs and serves.

What a layer copies is copied, commands that the recipe runs are run where they are quick, and web,
worker and health check are started as the compose file starts them: from a tree that cannot be
written, by a user without rights where the tests may choose one, with the recipe's environment.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.config import ROOT

DEPLOY = ROOT / "deploy"
RECIPE = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
_REMARKS, BUILT, FINAL = RECIPE.split("\nFROM ")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PATIENCE_SECONDS = 120.0
HOME = "/opt/escala"


@dataclass(frozen=True)
class Image:
    """The tree of the image in a folder of this machine."""

    root: Path
    user: int | None
    """Whom its commands run as; None: as this process does, stripped of all it may more."""

    @property
    def home(self) -> Path:
        return self.root / HOME[1:]

    def environment(self) -> dict[str, str]:
        """What the last stage sets, within the folder; none of ours."""
        (told,) = re.findall(r"^ENV (.+)$", FINAL, re.MULTILINE)
        pairs = dict(one.split("=", 1) for one in shlex.split(told))
        there = {
            name: re.sub(r"/(?=opt|var)", f"{self.root}/", value) for name, value in pairs.items()
        }
        there["PATH"] = f"{Path(sys.executable).parent}:{os.defpath}"
        return there

    def start(self, command: list[str], told: Path, **settings: str) -> subprocess.Popen[bytes]:
        with open(told, "ab") as file:
            return subprocess.Popen(
                [*stripped(self.user), *command],
                cwd=self.home,
                env=self.environment() | settings,
                stdout=file,
                stderr=file,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )


def user_of_the_image() -> int | None:
    """The recipe's, where this process may choose and that user can run the interpreter."""
    (number,) = re.findall(r"--uid (\d+)", FINAL)
    runs = [sys.executable, "-c", "import flask"]
    try:
        tried = subprocess.run(runs, user=int(number), extra_groups=[], check=False, cwd="/")
    except PermissionError:
        return None
    return int(number) if tried.returncode == 0 else None


def stripped(user: int | None) -> list[str]:
    """What goes before a command that this process's own user is to run without any rights: then
    files that nobody may write are not written by root either."""
    if user is None and os.geteuid() == 0:
        return ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return []


def copied() -> Iterator[tuple[Path, str]]:
    """Each file or folder that is copied, and where to."""
    for line in re.findall(r"^COPY (?!--from)(.+)$", BUILT, re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            yield ROOT / source, source if target == "./" else target


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    # Not in pytest's folder, which is shut to other users.
    folder = Path(tempfile.mkdtemp(prefix="escala-image-"))
    one = Image(folder, user_of_the_image())
    try:
        for source, target in copied():
            to = one.home / target
            to.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, to)
        for own in ("var/lib/escala", "var/cache/escala"):
            (folder / own).mkdir(parents=True)
            if one.user is not None:
                os.chown(folder / own, one.user, one.user)
        for path in (folder, *one.home.rglob("*"), one.home):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield one
    finally:
        for path in (folder, one.home, *one.home.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)


def test_the_last_stage_runs_as_a_user_without_rights_and_takes_no_tools_along() -> None:
    assert re.search(r"^USER escala$", FINAL, re.MULTILINE)
    assert not re.findall(r"^RUN (?!useradd)", FINAL, re.MULTILINE)
    for one in ("migrate", "web", "worker"):
        service = COMPOSE["services"][one]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
    ports = [one for service in COMPOSE["services"].values() for one in service.get("ports", ())]
    assert all(one.startswith("127.0.0.1:") for one in ports), "a proxy is in front"


def test_a_build_is_given_neither_data_nor_keys_of_this_machine() -> None:
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"instance", "deploy/.env", ".venv", ".git"} <= set(left_out)
    assert not {source.name for source, _to in copied()} & set(left_out)


def test_the_image_s_tree_serves_and_works(image: Image, tmp_path: Path) -> None:
    port = _free_port()
    settings = {
        "ESCALA_SECRET_KEY": "".join(chr(ord("a") + n % 26) for n in range(40)),
        "ESCALA_DATABASE_URL": f"sqlite:///{image.root}/var/lib/escala/escala.db",
        "ESCALA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ESCALA_WEB_PROCESSES": "1",
    }
    told = tmp_path / "told.log"

    def command(service: str) -> list[str]:
        own = COMPOSE["services"][service].get("command")
        (web,) = re.findall(r"^CMD (.+)$", FINAL, re.MULTILINE)
        words = own or json.loads(web)
        return [str(port) if one == "8000" else one for one in words]

    migrated = image.start(command("migrate"), told, **settings)
    assert migrated.wait(PATIENCE_SECONDS) == 0, told.read_text()
    processes = [image.start(command(one), told, **settings) for one in ("web", "worker")]
    file = f"{image.root}/var/lib/escala/b.zip"
    kept = " && ".join(f"flask --app wsgi {one} {file}" for one in ("backup", "restore --check"))
    copies = image.start(["sh", "-c", kept], tmp_path / "copies.log", **settings)
    try:
        test = COMPOSE["services"]["web"]["healthcheck"]["test"]
        assert test[0] == "CMD"
        health = [one.replace(":8000/", f":{port}/") for one in test[1:]]
        _wait_for(lambda: image.start(health, tmp_path / "health.log").wait() == 0, told)
        _wait_for(lambda: _answer(port, "/ready")["checks"]["worker"], told)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/vendor/bootstrap.min.css"):
            pass
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in") as page:
            assert "Entrar" in page.read().decode(), "compiled translations are in the image"
        assert copies.wait(PATIENCE_SECONDS) == 0, (tmp_path / "copies.log").read_text()
    finally:
        copies.kill()
        for one in processes:
            one.terminate()
        ended = [one.wait(PATIENCE_SECONDS) for one in processes]
    assert ended == [0, 0], told.read_text()
    assert not list(image.home.rglob("__pycache__")), "nothing is written into it"
    if image.user is not None:
        assert {one.stat().st_uid for one in (image.root / "var/lib/escala").iterdir()} == {
            image.user
        }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answer(port: int, path: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return found


def _wait_for(done: Any, told: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, told.read_text()
        time.sleep(0.2)
