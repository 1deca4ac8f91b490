"""What a node draws now, and who pays for it.

A node draws the idle power of its parts plus their dynamic power. A job pays the dynamic power that it causes (in
proportion to the utilisation it brings, where it shares an accelerator) and the idle power of the share of the node
that it holds. What nobody holds is the node's unheld power, so that jobs and unheld power add up to the node.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart

from .holding_kernel import held_share
from .pause_kernel import busy as busy_of
from .power_cap_kernel import dynamic_range_w, node_clock
from .state import ABSENT, DOWN, FOLLOWS_ACCELERATOR, FOLLOWS_PROCESSOR, RETIRED


@compiled
def slowed_w(model: Any, accelerators_w: float, processors_w: float, clock: float) -> float:
    """Return dynamic power at a clock fraction from that at full clock: clock ** exponent on what it slows [W]."""
    if clock == 1.0:
        return accelerators_w + processors_w
    if clock != model["slowed_clock"]:  # A power manager gives many nodes the same clock one after the other.
        model["slowed_clock"] = clock
        model["slowed"] = math.pow(clock, model["clock_exponent"])
    slowed = model["slowed"]
    if model["clocked"] == FOLLOWS_ACCELERATOR:
        return float(accelerators_w * slowed + processors_w)
    return float(accelerators_w + processors_w * slowed)


@compiled
def _set_holding_power(state: Any, holding: int, power_w: float) -> None:
    entry = state.holdings[holding]
    if entry["power_w"] != power_w:
        now_s = state.clock[0]["now_s"]
        state.jobs[entry["job"]]["energy_j"] += entry["power_w"] * (now_s - entry["as_of_s"])
        entry["power_w"] = power_w
        entry["as_of_s"] = now_s


@compiled_apart
def _shared_power_w(state: Any, node: int) -> float:
    """Set the power of each holding of a shared node and return their sum; `active` of the node is set too [W]."""
    row = state.nodes[node]
    model = state.models[row["model"]]
    activity, first = state.slot_activity, row["first_slot"]
    end = first + model["accelerators"]
    for slot in range(first, end):
        activity[slot, 0] = 0.0
    cpu = 0.0
    holding = row["first_holding"]
    while holding >= 0:
        entry = state.holdings[holding]
        job = state.jobs[entry["job"]]
        busy = busy_of(state, entry["job"])
        share = min(1.0, job["accelerators_milli"] / 1000.0)
        for slot in range(first, end):
            if entry["slots"] >> (slot - first) & 1:
                activity[slot, 0] += share * busy
        if model["cpu_milli"] > 0:
            cpu += busy * (job["cpu_milli"] / model["cpu_milli"])
        holding = entry["next_on_node"]
    active = 0.0
    for slot in range(first, end):
        used = min(activity[slot, 0], 1.0)
        active += used
        activity[slot, 1] = dynamic_range_w(state, model, FOLLOWS_ACCELERATOR, used) / used if used > 0.0 else 0.0
    cpu_gain_w = dynamic_range_w(state, model, FOLLOWS_PROCESSOR, min(cpu, 1.0)) / cpu if cpu > 0.0 else 0.0
    row["active"] = active
    clock = node_clock(state, node)
    total_w = 0.0
    holding = row["first_holding"]
    while holding >= 0:
        entry = state.holdings[holding]
        job = state.jobs[entry["job"]]
        busy = busy_of(state, entry["job"])
        share = min(1.0, job["accelerators_milli"] / 1000.0)
        accelerators_w, processors_w = 0.0, 0.0
        for slot in range(first, end):
            if entry["slots"] >> (slot - first) & 1:
                accelerators_w += share * busy * activity[slot, 1]
        if model["cpu_milli"] > 0:
            processors_w = busy * (job["cpu_milli"] / model["cpu_milli"]) * cpu_gain_w
        power_w = slowed_w(model, accelerators_w, processors_w, min(clock, job["clock"]))
        power_w += model["idle_w"] * held_share(state, entry["job"], node)
        _set_holding_power(state, holding, power_w)
        total_w += power_w
        holding = entry["next_on_node"]
    return total_w


@compiled_apart
def _keep_whole_node(state: Any, model: Any, busy: float) -> None:
    """Keep the dynamic power of a whole node at a utilisation: jobs of whole nodes rarely differ in it [W]."""
    accelerators_w = 0.0
    if model["accelerators"] > 0:
        accelerators_w = model["accelerators"] * dynamic_range_w(state, model, FOLLOWS_ACCELERATOR, busy)
    model["whole_busy"] = busy
    model["whole_accelerators_w"] = accelerators_w
    model["whole_processors_w"] = dynamic_range_w(state, model, FOLLOWS_PROCESSOR, busy)


@compiled
def evaluate_node(state: Any, node: int) -> float:
    """Bring a node's energy up to now, set its power and that of its holdings; return the change of its power [W]."""
    row = state.nodes[node]
    now_s = state.clock[0]["now_s"]
    model = state.models[row["model"]]
    elapsed_s = now_s - row["as_of_s"]
    before_w, active_before = row["power_w"], row["active"]
    row["energy_j"] += before_w * elapsed_s
    row["unheld_energy_j"] += row["unheld_w"] * elapsed_s
    if elapsed_s > 0.0 and before_w > row["peak_w"]:
        row["peak_w"] = before_w
    row["as_of_s"] = now_s
    row["active"] = 0.0
    if row["status"] == ABSENT or row["status"] == RETIRED or row["status"] == DOWN:
        row["power_w"] = 0.0
        row["unheld_w"] = 0.0
    elif row["residents"] == 0:
        row["power_w"] = model["idle_w"]
        row["unheld_w"] = model["idle_w"]
    elif row["exclusive"] == 1:
        holding = row["first_holding"]
        job = state.jobs[state.holdings[holding]["job"]]
        busy = busy_of(state, state.holdings[holding]["job"])
        if busy != model["whole_busy"]:
            _keep_whole_node(state, model, busy)
        power_w = model["idle_w"] + slowed_w(
            model,
            model["whole_accelerators_w"],
            model["whole_processors_w"],
            min(node_clock(state, node), job["clock"]),
        )
        _set_holding_power(state, holding, power_w)
        row["active"] = model["accelerators"] * busy
        row["power_w"] = power_w
        row["unheld_w"] = 0.0
    else:
        held_w = _shared_power_w(state, node)
        unheld = 1.0
        holding = row["first_holding"]
        while holding >= 0:
            unheld -= held_share(state, state.holdings[holding]["job"], node)
            holding = state.holdings[holding]["next_on_node"]
        row["unheld_w"] = model["idle_w"] * max(unheld, 0.0)
        row["power_w"] = held_w + row["unheld_w"]
    state.clock[0]["active"] += row["active"] - active_before
    return float(row["power_w"] - before_w)
