"""What the processes of the fault suite do: the product's own commands, in a process each.

They are forked from one that has read the program already (`multiprocessing`'s fork server), so
that two hundred restarts need not read it two hundred times. What they run is what `flask worker`,
`flask migrate` and `flask web` run.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import granian.cli

# Read here once, for every process to come.
import app.calendar_reader
import app.cli
import app.handlers
import app.mailing.postman
import app.routes
import solver.engine.kernel.__main__
from app.serving import web_command

for area in app.routes.AREAS:
    importlib.import_module(f"app.routes.{area}")
solver.engine.kernel.__main__.warm_weeks()


def _begin(environment: Mapping[str, str], told: Path) -> None:
    os.setsid()
    os.environ.update(environment)
    with open(told, "ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.path.insert(0, os.getcwd())


def command(name: str, environment: Mapping[str, str], told: Path) -> None:
    """`flask NAME`, to its end."""
    _begin(environment, told)
    from flask.cli import ScriptInfo

    import wsgi

    info = ScriptInfo(create_app=lambda: wsgi.app)
    sys.exit(wsgi.app.cli.main(args=[name], prog_name="flask", obj=info))


def web(port: int, environment: Mapping[str, str], told: Path) -> None:
    """The web server with one process, as `app.serving` starts it."""
    _begin(environment, told)
    arguments = web_command("127.0.0.1", port, 1)[1:]
    granian.cli.cli.main(args=arguments, prog_name="granian")
