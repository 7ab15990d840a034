"""Processes beside a run, and the messages that travel to them and back.

Frames are pickles, each after its length in eight bytes. Both ends of the pipes are processes
of this program: the parent starts the other and nobody else can write there.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import solver


def launch(module: str) -> subprocess.Popen[bytes]:
    """Start a module of this program, with pipes to and from it and one thread for numbers."""
    root = str(Path(solver.__file__).resolve().parent.parent)
    paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(  # noqa: S603 - a module that this program names
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )


def write_frame(stream: BinaryIO, message: object) -> None:
    data = _pickled(message)
    stream.write(struct.pack(">Q", len(data)) + data)
    stream.flush()


def _pickled(message: object) -> bytes:
    """The message as bytes, made piece by piece: `pickle.dumps` lets no other thread have its
    turn, and a large problem takes it long."""
    parts = _Parts()
    pickle.Pickler(parts, protocol=pickle.HIGHEST_PROTOCOL).dump(message)
    return b"".join(parts.written)


class _Parts:
    """Keeps what is written; being written to in Python, it lets others in between."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes | pickle.PickleBuffer) -> int:
        """`data`: what a large array holds comes as a buffer of its own, which has no length."""
        self.written.append(bytes(data))
        return len(self.written[-1])


def read_frame(stream: BinaryIO) -> Any:
    """The next message, or None where the other end is gone, be it in the middle of one."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = struct.unpack(">Q", head)[0]
    data = stream.read(size)
    if len(data) < size:
        return None
    return pickle.loads(data)  # nosec B301 # noqa: S301 - written by the process at the other end
