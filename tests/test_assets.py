"""Front-end files brought once, whole or not at all; translations compiled when they change."""

from __future__ import annotations

import os
from gettext import GNUTranslations
from pathlib import Path

import pytest

from app import assets


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty product folder, and an npm that lays down the packages asked for."""
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}")
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "LOCK", lock)
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "static" / "vendor")
    monkeypatch.setattr(assets, "TRANSLATIONS", tmp_path / "translations")
    monkeypatch.setattr(assets, "npm_command", lambda: ["npm"])
    monkeypatch.setattr(assets, "_run", lambda _command, folder: install(folder))
    return tmp_path


def install(folder: Path, names: tuple[str, ...] = tuple(assets.FILES)) -> None:
    for name in names:
        path = folder / "node_modules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_packages_are_brought_once_and_again_when_the_lock_changes(place: Path) -> None:
    assert assets.bring_packages()
    for source, name in assets.FILES.items():
        assert (assets.VENDOR / name).read_text() == source
    assert not assets.bring_packages()
    (place / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assert assets.bring_packages()


def test_half_an_installation_leaves_the_old_files(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets.bring_packages()
    first, *_rest = assets.FILES
    (place / "package-lock.json").write_text('{"lockfileVersion": 3}')
    monkeypatch.setattr(assets, "_run", lambda _command, folder: install(folder, (first,)))
    with pytest.raises(assets.AssetsFailed, match=r"sortable\.esm\.js"):
        assets.bring_packages()
    assert {one.name for one in assets.VENDOR.iterdir()} == {*assets.FILES.values(), "stamp"}
    assert {one.name for one in assets.VENDOR.parent.iterdir()} == {"vendor"}


def test_translations_are_compiled_when_they_are_newer(place: Path) -> None:
    source = place / "translations" / "pt" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "Publish"\nmsgstr "Publicar"\n')
    assert assets.compile_translations() == ["pt"]
    with source.with_suffix(".mo").open("rb") as file:
        assert GNUTranslations(file).gettext("Publish") == "Publicar"
    assert assets.compile_translations() == []
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert assets.compile_translations() == ["pt"]


def test_the_lock_names_no_registry() -> None:
    text = (Path(assets.__file__).parent.parent / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity"' in text
