"""The search's inner loops over flat arrays, compiled by numba.

`layout` lays a problem and a roster out in arrays; `crowd` keeps the counting of each cell;
`reply` finds one mediator's best plan; `anneal` rearranges groups. The plain form of the same
steps is `solver.engine.board`, which builds the first roster and is the tests' oracle.

The first use on a machine compiles for some seconds, once; `python -m solver.engine.kernel`
does it beforehand (`./escala setup` calls it).
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from numba.core import config


def _keep_compiled_code() -> None:
    """Keep compiled code in a folder named by these sources' digest.

    numba looks only at the file of the function itself when it asks whether a kept copy is
    still good, not at the files of what it calls.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(here.glob("*.py")):
        digest.update(path.read_bytes())
    kept = here / "__pycache__"
    own = kept / f"numba-{digest.hexdigest()[:16]}"
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a read-only installation: numba keeps them in the user's cache folder
    for old in kept.glob("numba-*"):
        if old != own:
            shutil.rmtree(old, ignore_errors=True)
    config.CACHE_DIR = str(own)  # type: ignore[attr-defined]


if not config.CACHE_DIR:  # type: ignore[attr-defined]
    _keep_compiled_code()
