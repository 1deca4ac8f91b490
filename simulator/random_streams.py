"""Random numbers that belong to a name: adding a component leaves every other component's draws alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def stream(seed: int, *name: str) -> np.random.Generator:
    """Return a new generator for a component, such as `stream(seed, "failures", "node-7")`.

    The same seed and name give the same draws, whatever else was drawn before and in whatever order; other names and
    other seeds give independent ones. Two scenarios of one seed so share their random numbers name by name.

    Philox4x64-10 (Salmon et al., SC 2011) is keyed by the first 128 bits of SHA-256 of the seed and the names.

    >>> stream(7, "arrivals").random() == stream(7, "arrivals").random()
    True
    >>> stream(7, "arrivals").random() == stream(7, "sizes").random()
    False
    """
    import numpy as np

    # Each part carries its length, so that ("ab", "c") and ("a", "bc") differ.
    parts = (str(int(seed)), *name)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))
