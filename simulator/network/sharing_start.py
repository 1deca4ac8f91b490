"""Build what links and storage share, before the rooms that add theirs."""

from __future__ import annotations

import functools

from ..operations.running import Running


def start_sharing(running: Running) -> None:
    """Let there be `running.shared` where the scenario has a fabric or storage.

    It slows the batch's jobs as "network" and settles after the batch.
    """
    given = running.given
    if given.storage is not None or getattr(given, "fabric", None) is not None:
        from .shared_resources import SharedResources

        hall = running.hall
        tell = functools.partial(hall.speeds.set, "network")
        running.shared = SharedResources(hall.timeline, hall.settlement, tell)
        hall.settlement.join(running.shared)
