"""Build what links and storage share, before the rooms that add theirs."""

from __future__ import annotations

from typing import Any

from ..operations.running import Running


def start_sharing(running: Running) -> None:
    """Let there be `running.shared` where the scenario has a fabric or storage.

    It sets the speeds of the batch's jobs and settles after the batch.
    """
    given = running.given
    if given.storage is not None or getattr(given, "fabric", None) is not None:
        from .shared_resources import SharedResources

        hall = running.hall
        batch: Any = hall.batch
        running.shared = SharedResources(hall.timeline, hall.settlement, batch.set_job_speeds)
        hall.settlement.join(running.shared)
