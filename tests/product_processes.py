"""The product's own commands, in a process each, forked from one that has read the program already.

Reading the program takes seconds of a processor, and the suite starts it some hundreds of times.
What runs is what `flask worker`, `flask migrate`, `flask serve` and `flask web` run.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.config import ROOT

READ = "product_read"
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([READ])


def run_command(*arguments: str, environment: Mapping[str, str], told: Path) -> BaseProcess:
    """Start `flask ARGUMENTS` with this environment; what it says is added to the file `told`."""
    return _start(_command, arguments, environment, told)


def run_web_server(port: int, environment: Mapping[str, str], told: Path) -> BaseProcess:
    """Start the web server alone with one process, as `app.serving` does."""
    return _start(_web, port, environment, told)


def _start(
    part: Callable[..., None], what: object, environment: Mapping[str, str], told: Path
) -> BaseProcess:
    # Children of a fork server inherit its folder; the product's commands run at the root.
    assert Path.cwd() == ROOT
    _ensure_server()
    process = _context.Process(target=part, args=(what, {**os.environ, **environment}, told))
    process.start()
    # A test that fails before it ends the process would otherwise be waited for without end.
    atexit.register(process.kill)
    return process


def _ensure_server() -> None:
    """Start the fork server, unless it runs, so that it finds every module that is found here.

    Python 3.11 does not hand it its path, and says nothing of a module that it does not find.
    """
    before = os.environ.copy()
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _begin(environment: Mapping[str, str], told: Path) -> None:
    assert READ in sys.modules, "the fork server has not read the program"
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    with open(told, "ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _command(arguments: tuple[str, ...], environment: Mapping[str, str], told: Path) -> None:
    _begin(environment, told)
    from flask.cli import ScriptInfo

    import wsgi

    info = ScriptInfo(create_app=lambda: wsgi.app)
    sys.exit(wsgi.app.cli.main(args=list(arguments), prog_name="flask", obj=info))


def _web(port: int, environment: Mapping[str, str], told: Path) -> None:
    _begin(environment, told)
    import wsgi  # noqa: F401 - made once, before the web server forks what answers
    from app.serving import serve_web

    serve_web("127.0.0.1", port, 1)
