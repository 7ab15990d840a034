"""What deploy/ names is there: commands with their options, files, settings."""

from __future__ import annotations

import configparser
import importlib.util
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from app import config
from app.config import ROOT, read_settings

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
SETTINGS = set(config.NAMES)
BIN = "/opt/escala/.venv/bin"


def understood(app: Flask, command: list[str]) -> None:
    """`command` is `flask --app wsgi NAME OPTIONS`, and NAME takes these options."""
    name, *options = command[command.index("wsgi") + 1 :]
    assert command[: command.index("wsgi") + 1][-2:] == ["--app", "wsgi"]
    app.cli.commands[name].make_context(name, options, resilient_parsing=False)


class Unit(configparser.ConfigParser):
    """A unit of systemd: keys keep their case and come more than once."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None)
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.read(path)
        self._lines = path.read_text().splitlines()

    def commands(self, key: str) -> list[list[str]]:
        """What `key` runs, in its order; `-` before one says that it may fail."""
        lines = [one for one in self._lines if one.startswith(f"{key}=")]
        return [shlex.split(one.partition("=")[2].removeprefix("-")) for one in lines]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists(app: Flask, path: Path) -> None:
    unit = Unit(path)
    service = unit["Service"]
    before, command = unit.commands("ExecStartPre"), unit.commands("ExecStart")
    for one in (before[0], *command):
        assert one[0] == f"{BIN}/flask"
        understood(app, one)
    assert [one[-1] for one in before[:1]] == ["migrate"]
    # A service's compiled code is its own: `./escala setup` has made nobody else's.
    works = command[0][-1] == "worker"
    assert before[1:] == [[f"{BIN}/python", "-m", "solver.engine.kernel"]] * works
    assert service["WorkingDirectory"] == "/opt/escala"
    assert service["Restart"] == "always"


EXPOSURE_MOST = 20
"""Of a hundred, as `systemd-analyze security` reckons."""


SHUT_IN = {
    "NoNewPrivileges": "yes",
    "PrivateTmp": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_shut_in_and_systemd_where_it_is_finds_little_open(
    path: Path, tmp_path: Path
) -> None:
    service = dict(Unit(path)["Service"])
    assert {name: service.get(name) for name in SHUT_IN} == SHUT_IN
    if shutil.which("systemd-analyze"):  # it comes with the system, and with no package of ours
        _ask_systemd(path, tmp_path)


def _ask_systemd(path: Path, tmp_path: Path) -> None:
    here = tmp_path / path.name
    here.write_text(path.read_text().replace(BIN, str(Path(sys.executable).parent)))
    read = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", here], capture_output=True, text=True, check=False
    )
    assert path.name.partition(".")[0] not in read.stderr, read.stderr
    assert read.returncode == 0, read.stderr
    weighed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MOST}", here],
        capture_output=True,
        text=True,
        check=False,
    )
    assert weighed.returncode == 0, weighed.stdout[-200:] + weighed.stderr


def test_web_and_worker_are_shut_in_alike() -> None:
    """What differs is what they run, how long they may take to begin and to leave, their order."""
    web, worker = (dict(Unit(path)["Service"]) for path in UNITS)
    differing = {key for key in {*web, *worker} if web.get(key) != worker.get(key)}
    assert differing == {
        "ExecStartPre", "ExecStart", "TimeoutStartSec", "TimeoutStopSec", "Nice",
    }  # fmt: skip


def test_web_and_worker_have_a_unit_each() -> None:
    assert [path.name for path in UNITS] == ["escala-web.service", "escala-worker@.service"]


def test_the_settings_of_the_example_are_known_and_sound_but_for_the_secrets(
    tmp_path: Path,
) -> None:
    """Secrets are left empty, so that nobody starts with those of the example."""
    lines = (DEPLOY / "escala.env.example").read_text().splitlines()
    told = dict(one.split("=", 1) for one in lines if one and not one.startswith("#"))
    assert set(told) <= SETTINGS
    with pytest.raises(config.BadSetting) as caught:
        read_settings(told, instance=tmp_path)
    assert [one.split()[0] for one in caught.value.faults] == ["ESCALA_SECRET_KEY"]
    own = {
        name: secrets.token_urlsafe(48) for name in ("ESCALA_SECRET_KEY", "ESCALA_METRICS_TOKEN")
    }
    assert [told[name] for name in own] == ["", ""]
    settings = read_settings({**told, **own}, instance=tmp_path)
    assert settings.mail_server is not None
    assert settings.metrics_token


def test_the_image_copies_what_is_there_and_all_that_is_needed(app: Flask) -> None:
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert all((ROOT / one).exists() for one in copied)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= set(copied), "a package of the product is left out"
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert importlib.util.find_spec(module) is not None, module
    assert set(re.findall(r"ESCALA_\w+", text)) <= SETTINGS
    (command,) = re.findall(r"^CMD (.+)$", text, re.MULTILINE)
    understood(app, yaml.safe_load(command))


def test_the_image_and_the_page_on_running_it_name_fonts_for_names_of_all_scripts() -> None:
    """Copied from the stage that has the tools to install them."""
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    (installed,) = re.findall(r"apt-get install (.+?)&&", text)
    fonts = {one for one in installed.split() if one.startswith("fonts-")}
    assert fonts == {"fonts-noto-core", "fonts-noto-cjk"}
    assert "COPY --from=built /usr/share/fonts /usr/share/fonts\n" in text
    page = (ROOT / "docs" / "deploy.md").read_text()
    assert all(one in page for one in fonts)


def test_the_compose_file_runs_commands_that_exist_on_pages_that_answer(app: Flask) -> None:
    told: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = told["services"]
    assert set(services) == {"database", "migrate", "web", "worker"}
    for name in ("migrate", "worker"):
        understood(app, services[name]["command"])
    for one in ("migrate", "web", "worker"):
        assert set(services[one]["environment"]) <= SETTINGS
        # Every other setting comes from the file, and none is put back to a value of our own.
        assert services[one]["env_file"] == [".env"]
        set_here = {
            name
            for name, value in services[one]["environment"].items()
            if not value.startswith("${" + name)
        }
        assert set_here == {"ESCALA_DATABASE_URL"}, "the database beside it"
        waits_for = services[one]["depends_on"]
        assert set(waits_for) <= set(services)
    assert (DEPLOY / services["migrate"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["migrate"]["build"]["dockerfile"]).exists()
    (path,) = re.findall(r":8000(/[\w/]+)", services["web"]["healthcheck"]["test"][-1])
    assert app.test_client().get(path).status_code == 200


def test_the_page_on_running_it_names_every_file_and_only_settings_that_exist() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text()
    for path in DEPLOY.iterdir():
        assert path.name in text or path.name.startswith("."), path.name
    assert set(re.findall(r"ESCALA_[A-Z_]+", text)) <= SETTINGS
