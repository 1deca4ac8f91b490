"""What clock a node runs at: the one that it is held to, or less where its power cap asks for it."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart
from models.nodes.node_power_kernel import dynamic_fraction

from .pause_kernel import busy as busy_of
from .state import ABSENT, DOWN, FOLLOWS_ACCELERATOR, FOLLOWS_PROCESSOR, RETIRED


@compiled
def dynamic_range_w(state: Any, model: Any, follows: int, utilization: float) -> float:
    """Return the dynamic power at full clock of one accelerator, or of all processors, at a utilisation [W]."""
    power_w = 0.0
    for part in range(model["first_part"], model["end_part"]):
        row = state.parts[part]
        if row["follows"] == follows:
            power_w += row["range_w"] * dynamic_fraction(
                row["curve"], utilization, state.curve_table, row["first_row"], row["rows"]
            )
    return power_w


@compiled_apart
def _capped_clock(state: Any, node: int) -> float:
    """Return the clock fraction at which a node draws no more than its cap; 0 where its idle power is above it.

    Above idle, what the clock slows is proportional to clock^exponent; the rest is taken at its full power, and so is
    what each job's own clock would leave of it: the cap holds whatever they are.
    """
    row = state.nodes[node]
    model = state.models[row["model"]]
    if row["residents"] == 0 or row["status"] == ABSENT or row["status"] == RETIRED or row["status"] == DOWN:
        return 1.0
    first = row["first_slot"]
    accelerators_w, processors = 0.0, 0.0
    for slot in range(first, first + model["accelerators"]):
        busy = 0.0
        holding = row["first_holding"]
        while holding >= 0:
            entry = state.holdings[holding]
            if entry["slots"] >> (slot - first) & 1:
                job = state.jobs[entry["job"]]
                share = 1.0 if job["exclusive"] == 1 else min(1.0, job["accelerators_milli"] / 1000.0)
                busy += share * busy_of(state, entry["job"])
            holding = entry["next_on_node"]
        if busy > 0.0:
            accelerators_w += dynamic_range_w(state, model, FOLLOWS_ACCELERATOR, min(busy, 1.0))
    holding = row["first_holding"]
    while holding >= 0:
        entry = state.holdings[holding]
        job = state.jobs[entry["job"]]
        if job["exclusive"] == 1:
            processors += busy_of(state, entry["job"])
        elif model["cpu_milli"] > 0:
            processors += busy_of(state, entry["job"]) * (job["cpu_milli"] / model["cpu_milli"])
        holding = entry["next_on_node"]
    processors_w = dynamic_range_w(state, model, FOLLOWS_PROCESSOR, min(processors, 1.0))
    accelerated = model["clocked"] == FOLLOWS_ACCELERATOR
    slowed_w = accelerators_w if accelerated else processors_w
    left_w = row["cap_w"] - model["idle_w"] - (processors_w if accelerated else accelerators_w)
    if left_w >= slowed_w:
        return 1.0
    if left_w <= 0.0:
        return 0.0
    return math.pow(left_w / slowed_w, 1.0 / model["clock_exponent"])


@compiled
def node_clock(state: Any, node: int) -> float:
    """Return the clock fraction (0 to 1) at which a node runs with what it holds now."""
    row = state.nodes[node]
    if row["cap_w"] == math.inf:
        return float(row["clock"])
    return min(row["clock"], _capped_clock(state, node))
