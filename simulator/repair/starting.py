"""Start the crews of a hall, what watches it, and what is planned for it."""

from __future__ import annotations

import functools

from ..operations.running import Running
from ..random_streams import stream
from .accounts import RepairAccounts
from .repairs import Repairs


def start_repair(running: Running) -> None:
    """Let crews with spares repair what fails, where the scenario has `operations`."""
    terms = running.given.operations
    if terms is None:
        return
    given = running.given
    running.repairs = Repairs(
        running.hall.timeline,
        terms,
        start_utc_s=given.start_utc_s,
        draws=functools.partial(stream, given.seed),
    )
    running.parts.append(RepairAccounts(running.repairs, given.start_utc_s))
