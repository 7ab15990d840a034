"""Readers that are not ours: packages of npm beside this file, installed once a session."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app.assets import node_command, npm_command

FOLDER = Path(__file__).parent


@pytest.fixture(scope="session")
def npm_packages(tmp_path_factory):
    """node_modules of package-lock.json, copied into place whole or not at all."""
    lock = (FOLDER / "package-lock.json").read_bytes()
    modules = FOLDER / "node_modules"
    stamp = modules / ".lock-installed"
    if not stamp.exists() or stamp.read_bytes() != lock:
        build = tmp_path_factory.mktemp("npm", numbered=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(FOLDER / name, build)
        command = [*npm_command(), "ci", "--omit=optional", "--ignore-scripts"]
        subprocess.run([*command, "--no-audit", "--no-fund"], cwd=build, check=True)
        (build / "node_modules" / stamp.name).write_bytes(lock)
        fresh = FOLDER / f"node_modules.{os.getpid()}"  # beside it, then renamed
        shutil.move(build / "node_modules", fresh)
        shutil.rmtree(modules, ignore_errors=True)
        try:
            fresh.rename(modules)
        except OSError:  # another worker of the same session was first
            shutil.rmtree(fresh)
    return modules


@pytest.fixture
def node(npm_packages):
    """Runs a script of this folder with node: bytes in, JSON out."""

    def run(script, data, *arguments):
        done = subprocess.run(
            [*node_command(), FOLDER / script, *arguments],
            input=data,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return run
