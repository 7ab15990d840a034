"""The search's inner loops over flat arrays, compiled by numba.

`layout` lays a problem and a roster out in arrays; `crowd` keeps the counting of each cell;
`reply` finds one mediator's best plan; `anneal` rearranges groups. The plain form of the same
steps is `solver.engine.board`, which builds the first roster and is the tests' oracle.

The first use on a machine compiles for some seconds, once; `python -m solver.engine.kernel`
does it beforehand (`./escala setup` calls it).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from numba.core import config
from numba.misc.appdirs import user_cache_dir

UNUSED_SECONDS = 30 * 24 * 3600.0
_OURS = re.compile(r"numba-[0-9a-f]{16}")


def folder_of_compiled(sources: Path, given: str) -> Path | None:
    """A folder to keep compiled code in, named by the digest of the folder `sources`.

    numba looks only at the file of the function itself when it asks whether a kept copy is
    still good, not at the files of what it calls. `given` is where the environment wants it
    (NUMBA_CACHE_DIR), empty where it says nothing. What other versions left goes: beside the
    sources at once, for what is of other sources is of no use there; elsewhere, where others
    keep theirs too, when nobody has used it for `UNUSED_SECONDS`. None where nothing can be
    written at all.
    """
    digest = hashlib.sha256()
    for path in sorted(sources.glob("*.py")):
        digest.update(path.read_bytes())
    name = f"numba-{digest.hexdigest()[:16]}"
    for kept in _where(sources, given):
        own = kept / name
        try:
            own.mkdir(parents=True, exist_ok=True)
            # It may be there and not be ours to write: numba would pass it over, too.
            tempfile.TemporaryFile(dir=own).close()
            os.utime(own)
        except OSError:
            continue
        _clear(own, at_once=kept == sources / "__pycache__")
        return own
    return None


def _clear(own: Path, at_once: bool) -> None:
    """Remove the folders of compiled code beside `own`, which has just been touched; unless
    `at_once`, those alone that were not touched for `UNUSED_SECONDS`."""
    now = own.stat().st_mtime
    for old in own.parent.iterdir():
        if old == own or not _OURS.fullmatch(old.name):
            continue
        with suppress(FileNotFoundError):  # another process clears, too
            if at_once or now - old.stat().st_mtime >= UNUSED_SECONDS:
                shutil.rmtree(old, ignore_errors=True)


def _where(sources: Path, given: str) -> Iterator[Path]:
    """As numba itself goes: where it is told, beside the sources, in the user's cache."""
    if given:
        yield Path(given)
    yield sources / "__pycache__"
    yield Path(user_cache_dir("numba", appauthor=False))  # type: ignore[no-untyped-call]


_own = folder_of_compiled(Path(__file__).parent, config.CACHE_DIR)  # type: ignore[attr-defined]
if _own is not None:
    config.CACHE_DIR = str(_own)  # type: ignore[attr-defined]
