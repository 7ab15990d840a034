"""JSON files read with distrust and written whole.

A file may come from anyone: it may be huge, endlessly nested, compressed a thousandfold,
hold a key twice or numbers that JSON does not know. All of it ends in `BadInput`.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from solver.result import BadInput, Fault

MOST_BYTES = 256 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"


def load_json(path: str | os.PathLike[str]) -> Any:
    """The value in `path`, which may be gzipped. Raises `BadInput` if it cannot be read."""
    name = os.fspath(path)
    try:
        content = _read_bytes(Path(path))
    except OSError as error:
        raise _unreadable(name, error.strerror or str(error), "a file that can be read") from None
    except (EOFError, zlib.error) as error:
        raise _unreadable(name, str(error), "a whole gzip file") from None
    if len(content) > MOST_BYTES:
        raise _unreadable(name, f"over {MOST_BYTES} bytes", f"at most {MOST_BYTES} bytes")
    return parse_json(content, name)


def parse_json(content: bytes | str, name: str = "file") -> Any:
    """The value of a JSON text; `name` stands for it in the faults."""
    twice: list[Fault] = []

    def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            twice.extend(_repeated_keys(pairs, name))
        return made

    try:
        value = json.loads(content, object_pairs_hook=unique_keys, parse_constant=_no_constant)
    except RecursionError:
        raise _unreadable(name, "nested too deeply", "the few levels of the format") from None
    except (ValueError, MemoryError) as error:
        raise _unreadable(name, str(error), "JSON in UTF-8") from None
    if twice:
        raise BadInput(twice)
    return value


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` beside `path`, then rename: readers see the old file or the new, whole."""
    target = Path(path)
    # A name of its own, short: with the target's in it, it could be too long for the folder.
    handle, beside = tempfile.mkstemp(prefix=".escala-", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(value, stream, indent=1)
            stream.write("\n")
        os.chmod(beside, 0o644 & ~_umask())
        os.replace(beside, target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _read_bytes(path: Path) -> bytes:
    """At most one byte more than may be read, so that a compressed bomb is never unpacked."""
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
        return stream.read(MOST_BYTES + 1)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _repeated_keys(pairs: list[tuple[str, Any]], name: str) -> list[Fault]:
    owner = next((value for key, value in pairs if key == "id" and isinstance(value, str)), name)
    seen: set[str] = set()
    faults = []
    for key, value in pairs:
        if key in seen:
            faults.append(Fault(owner, key, value, "each key once"))
        seen.add(key)
    return faults


def _unreadable(name: str, value: str, expected: str) -> BadInput:
    return BadInput([Fault(name, "content", value, expected)])


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
