"""Pages' templates, compiled once an installation as modules are, not once a process."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache


class _Kept(FileSystemBytecodeCache):
    """A full disk keeps nothing, and no page from anybody; nor does a damaged file."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever a file that was cut off makes of itself
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def keep_compiled(app: Flask) -> None:
    """Keep compiled templates beside their sources, where Python keeps modules and may write.

    A template that has changed since is compiled anew: what is kept names its source's digest.
    """
    if sys.dont_write_bytecode:
        return
    folder = Path(app.root_path) / "templates" / "__pycache__"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    if folder.is_dir() and os.access(folder, os.W_OK):
        # Another jinja compiles otherwise.
        names = f"jinja-{version('jinja2')}-%s.cache"
        app.jinja_env.bytecode_cache = _Kept(str(folder), names)
