"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside it, then give it its own: nobody ever sees half of it.

    A file that was there keeps its permissions; one that is a link is replaced where it points to.
    """
    path = path.resolve()
    scratch = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            scratch.chmod(path.stat().st_mode)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
