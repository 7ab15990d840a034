"""The engine: search and bounds for the roster problem."""

from solver.engine.solve import solve

__all__ = ["solve"]
