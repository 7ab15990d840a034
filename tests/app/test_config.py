"""Wrong settings stop the start, all named at once."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT, BadSetting, read_settings


def test_defaults_are_a_database_file_in_the_instance_folder(tmp_path: Path) -> None:
    settings = read_settings({}, instance=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/escala.db"
    assert len(settings.secret_key) >= 32
    assert read_settings({}, instance=tmp_path).secret_key == settings.secret_key


def test_every_wrong_setting_is_named_with_what_was_expected(tmp_path: Path) -> None:
    wrong = {
        "ESCALA_DATABASE_URL": "mysql://x",
        "ESCALA_SECRET_KEY": "short",
        "ESCALA_PUBLIC_URL": "escala.example",
        "ESCALA_LOCALE": "fr",
        "ESCALA_SOLVE_SECONDS": "0",
        "ESCALA_SOLVE_WORKERS": "two",
        "ESCALA_WORKERS": "17",
    }
    with pytest.raises(BadSetting) as caught:
        read_settings(wrong, instance=tmp_path)
    assert len(caught.value.faults) == len(wrong)
    for name in wrong:
        assert any(fault.startswith(name) and "expected" in fault for fault in caught.value.faults)


@pytest.mark.parametrize(("seconds", "fine"), [("1", True), ("3600", True), ("3601", False)])
def test_a_number_at_its_limit_and_one_past(tmp_path: Path, seconds: str, fine: bool) -> None:
    environment = {"ESCALA_SOLVE_SECONDS": seconds}
    if fine:
        assert read_settings(environment, instance=tmp_path).solve_seconds == int(seconds)
    else:
        with pytest.raises(BadSetting, match="ESCALA_SOLVE_SECONDS"):
            read_settings(environment, instance=tmp_path)


def test_the_server_does_not_start_on_a_wrong_setting(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env={**os.environ, "ESCALA_INSTANCE": str(tmp_path), "ESCALA_LOCALE": "xx"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "ESCALA_LOCALE is 'xx', expected one of pt, en" in answer.stderr


def test_a_secret_is_never_read_before_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes while another process makes the key waits for it or makes the same one."""
    met = []
    made = secrets.token_urlsafe

    def slowly(size: int) -> str:
        if not met:
            met.append(size)
            met.append(read_settings({}, instance=tmp_path).secret_key)
        return made(size)

    monkeypatch.setattr(secrets, "token_urlsafe", slowly)
    key = read_settings({}, instance=tmp_path).secret_key
    assert met[1] == key
    assert len(key) >= 32


@pytest.mark.parametrize(
    "url", ["postgresql://host:port/escala", "postgresql://host:70000/escala", "postgresql://[/x"]
)
def test_a_database_address_that_cannot_be_read_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSetting, match="ESCALA_DATABASE_URL"):
        read_settings({"ESCALA_DATABASE_URL": url}, instance=tmp_path)


@pytest.mark.parametrize("url", ["http://[/", "https://[x"])
def test_a_public_address_that_cannot_be_read_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSetting, match="ESCALA_PUBLIC_URL"):
        read_settings({"ESCALA_PUBLIC_URL": url}, instance=tmp_path)
