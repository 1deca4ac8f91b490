"""Start the crews of a hall, the false alarms of what watches it, and what is planned for it."""

from __future__ import annotations

import functools

from models.problems import InputError, Problem, nearest
from models.reliability.modes.component_failures import ComponentFailures

from ..operations.running import Running
from ..random_streams import stream
from ..scenario.scenario import Scenario


def start_repair(running: Running) -> None:
    """Let crews with spares repair what fails, and monitoring cry wolf, where the scenario has `operations`."""
    terms, given = running.given.operations, running.given
    if terms is None:
        return
    from .accounts import RepairAccounts
    from .false_alarms import cry_wolf
    from .repairs import Repairs

    timeline, draws = running.hall.timeline, functools.partial(stream, given.seed)
    running.repairs = Repairs(
        timeline, terms, start_utc_s=given.start_utc_s, draws=draws,
        count_of=lambda kind: len(running.components.of_kind(kind)),
    )  # fmt: skip
    share, unused = given.accounting.capital.maintenance_share, _parts_that_nothing_takes(given)
    running.parts.append(RepairAccounts(running.repairs, given.start_utc_s, share, unused))
    if terms.monitoring is not None and terms.monitoring.false_alarms_per_node_day > 0.0:
        timeline.process(cry_wolf(running, terms.monitoring, draws("false-alarms")))


def _parts_that_nothing_takes(given: Scenario) -> tuple[str, ...]:
    """Return, in words, each part of `spares` and `repair_times` that no failure of the scenario takes."""
    terms = given.operations
    if terms is None or given.reliability is None:
        return ()
    modes = (mode for mode in given.reliability.modes() if isinstance(mode, ComponentFailures))
    taken = {mode.spare_part for mode in modes} | ({terms.lemons.part} if terms.lemons is not None else set())
    return tuple(
        f"operations.{key}: no failure takes the part '{part}'; they take: "
        f"{', '.join(sorted(taken)) or 'none'}{nearest(part, taken)}"
        for key, parts in (("spares", terms.spares), ("repair_times", terms.repair_times))
        for part in parts
        if part not in taken
    )


def start_maintenance(running: Running) -> None:
    """Let planned work begin, after every component was entered; raises InputError where there is none of its kind."""
    terms = running.given.operations
    if terms is None or not terms.maintenance:
        return
    from .maintenance_rounds import keep_up

    for number, maintenance in enumerate(terms.maintenance):
        components = running.components.of_kind(maintenance.component)
        if not components:
            there_are = ", ".join(sorted(running.components.kinds)) or "none"
            text = f"the hall has no {maintenance.component} that can be taken out; it has: {there_are}"
            raise InputError(Problem("", f"operations.maintenance[{number}].component", text))
        lacking = None if maintenance.skill is None else terms.lacks_skill(maintenance.skill)
        if lacking is not None:
            raise InputError(Problem("", f"operations.maintenance[{number}].skill", lacking))
        running.hall.timeline.process(keep_up(running, maintenance, components, terms.time_zone))
