"""Read by the fork server of `product_processes`, once for all processes that it forks."""

from __future__ import annotations

import importlib

import app.calendar_reader
import app.cli
import app.handlers
import app.mailing.postman
import app.routes
import app.serving
import solver.engine.kernel.__main__

# What the program reads only when it needs it.
for name in (*(f"app.routes.{area}" for area in app.routes.AREAS), "granian.cli"):
    importlib.import_module(name)
solver.engine.kernel.__main__.warm_weeks()
