"""Wrong settings stop the start, all named at once."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from app import config
from app.config import ROOT, BadSetting, read_settings
from app.database import database_of


def test_defaults_are_a_database_file_in_the_instance_folder(tmp_path: Path) -> None:
    settings = read_settings({}, instance=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/escala.db"
    assert len(settings.secret_key) >= 32
    assert read_settings({}, instance=tmp_path).secret_key == settings.secret_key


def test_the_folder_of_the_database_is_for_this_user_alone(tmp_path: Path) -> None:
    read_settings({}, instance=tmp_path / "instance")
    assert (tmp_path / "instance").stat().st_mode & 0o077 == 0


def test_every_wrong_setting_is_named_with_what_was_expected(tmp_path: Path) -> None:
    wrong = {
        "ESCALA_DATABASE_URL": "mysql://x",
        "ESCALA_SECRET_KEY": "short",
        "ESCALA_PUBLIC_URL": "escala.example",
        "ESCALA_LOCALE": "fr",
        "ESCALA_SOLVE_SECONDS": "0",
        "ESCALA_SOLVE_WORKERS": "two",
        "ESCALA_WORKERS": "17",
        "ESCALA_INSTANCE": str(tmp_path / "file" / "folder"),
        "ESCALA_TRUSTED_PROXIES": "-1",
        "ESCALA_SECOND_FACTOR": "everybody",
        "ESCALA_WEB_PROCESSES": "0",
        "ESCALA_METRICS_TOKEN": "short",
        "ESCALA_LOG_FORMAT": "xml",
        "ESCALA_LOG_LEVEL": "loud",
    }
    of_mail = {name for name in config.NAMES if "SMTP" in name or "MAIL" in name}
    assert {*wrong} == {*config.NAMES} - of_mail, "tests/mailing/test_mail_server.py has the rest"
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting) as caught:
        read_settings(wrong)
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


@pytest.mark.parametrize(
    "url",
    [
        "http://[/",
        "https://[x",
        "https://escala.example.org/escala",
        "https://escala.example.org?",
        "https://escala.example.org/?lang=pt",
        "https://escala.example.org#top",
        "https://:8000",
        "https://escala example.org",
        "HTTPS://escala.example.org",
        "https://Escala.Example.org",
        "https://câmara.pt",
        "https://escala.example.org:443",
        "http://escala.example.org:80",
        "https://escala.example.org:",
        "https://escala.example.org:08443",
    ],
)
def test_a_public_address_that_is_no_origin_is_named(tmp_path: Path, url: str) -> None:
    (fault,) = faults_of({"ESCALA_PUBLIC_URL": url}, tmp_path)
    shown = url.rstrip("/")
    assert fault.startswith(f"ESCALA_PUBLIC_URL is {shown!r}, expected http(s)://HOST[:PORT] ")


def test_who_signs_in_is_no_part_of_the_public_address_and_is_not_shown(tmp_path: Path) -> None:
    (fault,) = faults_of({"ESCALA_PUBLIC_URL": "https://ana:secret@escala.example.org"}, tmp_path)
    assert fault.startswith("ESCALA_PUBLIC_URL is '…@escala.example.org', expected ")


@pytest.mark.parametrize("url", ["https://escala.example.org:8443/", "http://[::1]:8000"])
def test_a_public_address_with_a_port_is_fine(tmp_path: Path, url: str) -> None:
    assert read_settings({"ESCALA_PUBLIC_URL": url}, instance=tmp_path).public_url == url.rstrip(
        "/"
    )


def faults_of(environment: dict[str, str], instance: Path) -> list[str]:
    try:
        read_settings(environment, instance=instance)
    except BadSetting as error:
        return error.faults
    return []


def test_a_misspelt_name_is_told_with_the_nearest_known_one(tmp_path: Path) -> None:
    (fault,) = faults_of({"ESCALA_SECOND_FACTORS": "everyone"}, tmp_path)
    assert fault == "ESCALA_SECOND_FACTORS is no setting, expected ESCALA_SECOND_FACTOR perhaps"
    tools = {"ESCALA_SHARED": "/x", "ESCALA_PICTURES": "1", "ESCALA_TEST_DATABASE": "postgresql"}
    somebody_elses = {"OTHER": "x", "ESCALA_PORT": "1"}
    assert faults_of({**tools, **somebody_elses}, tmp_path) == []


def test_the_names_known_are_those_of_the_table(tmp_path: Path) -> None:
    rows = re.findall(r"^\| (ESCALA_[^|]+) \|", config.__doc__ or "", re.MULTILINE)
    listed = [name for row in rows for name in row.split(", ")]
    assert sorted(listed) == sorted(config.NAMES)


def test_the_text_of_the_example_is_no_secret(tmp_path: Path) -> None:
    key, token = config.PLACEHOLDERS
    faults = faults_of({"ESCALA_SECRET_KEY": key, "ESCALA_METRICS_TOKEN": token}, tmp_path)
    assert [fault.split()[0] for fault in faults] == ["ESCALA_SECRET_KEY", "ESCALA_METRICS_TOKEN"]
    assert all("text of the example" in fault for fault in faults)


def test_a_key_of_few_different_characters_is_for_this_machine_alone(tmp_path: Path) -> None:
    weak = {"ESCALA_SECRET_KEY": "ab" * 20}
    assert faults_of(weak, tmp_path) == []
    (fault,) = faults_of({**weak, "ESCALA_PUBLIC_URL": "https://escala.example.org"}, tmp_path)
    assert fault.startswith("ESCALA_SECRET_KEY has 2 different characters")


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("postgresql://escala@db.example.org/escala", False),
        ("postgresql:///escala?host=db.example.org", False),
        ("postgresql://escala@127.0.0.1/escala", True),
        ("postgresql:///escala?host=/run/postgresql", True),
    ],
)
def test_a_database_elsewhere_wants_a_key_that_all_machines_share(
    tmp_path: Path, url: str, fine: bool
) -> None:
    faults = faults_of({"ESCALA_DATABASE_URL": url}, tmp_path)
    assert (faults == []) is fine
    assert all(one.startswith("ESCALA_SECRET_KEY is not given, expected") for one in faults)


def test_a_kept_key_is_as_long_as_a_given_one(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("")
    (fault,) = faults_of({}, tmp_path)
    assert fault.startswith("ESCALA_SECRET_KEY kept in ")
    assert "has 0 characters" in fault


def test_a_kept_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()
    (fault,) = faults_of({}, tmp_path)
    assert "cannot be read" in fault


@pytest.mark.parametrize(
    "url",
    ["sqlite:", "sqlite:///", "sqlite:x.db", "sqlite://x.db", "postgresql://h", "postgresql:"],
)
def test_a_database_address_names_a_database(tmp_path: Path, url: str) -> None:
    (fault,) = faults_of({"ESCALA_DATABASE_URL": url, "ESCALA_SECRET_KEY": "k" * 40}, tmp_path)
    assert fault.startswith("ESCALA_DATABASE_URL names no ")


def test_a_database_file_lies_in_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "nowhere", tmp_path / "file"):
        (fault,) = faults_of({"ESCALA_DATABASE_URL": f"sqlite:///{folder}/escala.db"}, tmp_path)
        assert fault == (
            f"ESCALA_DATABASE_URL lies in {str(folder)!r}, expected a folder that is there and can"
            " be written"
        )
    (fault,) = faults_of({"ESCALA_DATABASE_URL": f"sqlite:///{tmp_path}"}, tmp_path)
    assert fault == f"ESCALA_DATABASE_URL is the folder {str(tmp_path)!r}, expected a file"


@pytest.mark.parametrize("name", ["new", "a#b", "50%41 ?"])
def test_a_database_file_may_lie_in_the_folder_that_is_made_for_it(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / name
    assert database_of(read_settings({}, folder).database_url).database == f"{folder}/escala.db"
    given = {"ESCALA_DATABASE_URL": f"sqlite:///{tmp_path}/other/escala.db"}
    assert faults_of(given, tmp_path / "other") == []


def test_options_that_libpq_does_not_know_are_told_without_their_values(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1/escala?sslmod=secret&connect_timeout=5&dbname=x&timeout=3"
    (fault,) = faults_of({"ESCALA_DATABASE_URL": url}, tmp_path)
    assert fault == (
        "ESCALA_DATABASE_URL has the options dbname, sslmod, timeout, expected those of libpq"
        " (sslmode, connect_timeout …)"
    )
    (fault,) = faults_of({"ESCALA_DATABASE_URL": "postgresql:///escala?secret"}, tmp_path)
    assert fault == "ESCALA_DATABASE_URL has options that cannot be read, expected ?NAME=VALUE"


@pytest.mark.parametrize("password", ["12/secret", "se/cret", "12?secret", "12#secret", "a@b/c"])
def test_a_password_that_would_be_read_as_host_and_port_is_told(
    tmp_path: Path, password: str
) -> None:
    url = f"postgresql://escala:{password}@127.0.0.1/escala"
    (fault,) = faults_of({"ESCALA_DATABASE_URL": url}, tmp_path)
    assert fault.startswith("ESCALA_DATABASE_URL has an @ after its host, expected a password's")
    assert "%2F" in fault
    assert password not in fault
    quoted = f"postgresql://escala:{quote(password, safe='')}@127.0.0.1/escala"
    assert faults_of({"ESCALA_DATABASE_URL": quoted}, tmp_path) == []
