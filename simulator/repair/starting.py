"""Start the crews of a hall, what watches it, and what is planned for it."""

from __future__ import annotations

import functools

from ..operations.running import Running
from ..random_streams import stream


def start_repair(running: Running) -> None:
    """Let crews with spares repair what fails, where the scenario has `operations`."""
    terms, given = running.given.operations, running.given
    if terms is None:
        return
    from .accounts import RepairAccounts
    from .repairs import Repairs

    timeline, draws = running.hall.timeline, functools.partial(stream, given.seed)
    running.repairs = Repairs(timeline, terms, start_utc_s=given.start_utc_s, draws=draws)
    running.parts.append(RepairAccounts(running.repairs, given.start_utc_s))
