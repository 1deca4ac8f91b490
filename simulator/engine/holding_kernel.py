"""Who holds what: grant a task a piece of a node, and take it back.

A node keeps the list of its holdings, a job the list of its own. Accelerators are slots of 1000 thousandths each; a
task below 1000 shares one slot, a task of k x 1000 holds k whole slots.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart

from .state import CORDONED, DEDICATED_NODES, IN_SERVICE, RETIRED, SHARED

WHOLE = 1000


@compiled
def mark_node(state: Any, node: int) -> None:
    """Ask for the node's power to be evaluated at the end of this settlement."""
    row = state.nodes[node]
    if row["dirty"] == 0:
        row["dirty"] = 1
        clock = state.clock[0]
        state.dirty[clock["dirty_nodes"], 0] = node
        clock["dirty_nodes"] += 1


@compiled
def mark_job(state: Any, job: int) -> None:
    """Ask for the job's rate to be set anew at the end of this settlement."""
    row = state.jobs[job]
    if row["dirty"] == 0:
        row["dirty"] = 1
        clock = state.clock[0]
        state.dirty[clock["dirty_jobs"], 1] = job
        clock["dirty_jobs"] += 1


@compiled
def mark_residents(state: Any, node: int) -> None:
    """Ask for the rates of all jobs on a node whose cap makes them share its power."""
    row = state.nodes[node]
    if row["cap_w"] == math.inf:
        return
    holding = row["first_holding"]
    while holding >= 0:
        mark_job(state, state.holdings[holding]["job"])
        holding = state.holdings[holding]["next_on_node"]


@compiled
def idle_nodes(state: Any, job: int) -> int:
    """Return how many nodes of models that the job accepts are idle; its placement may not let it have them."""
    idle = 0
    for model in range(len(state.models)):
        if state.accepts[state.jobs[job]["constraint"], model]:
            idle += state.models[model]["idle_nodes"]
    return int(idle)


@compiled
def takes_work(state: Any, job: int, node: int) -> bool:
    """Return whether the node is in service and of a model that the job accepts."""
    row = state.nodes[node]
    return bool(row["status"] == IN_SERVICE and state.accepts[state.jobs[job]["constraint"], row["model"]])


@compiled
def admits(state: Any, job: int, node: int) -> bool:
    """Return whether nobody is on the node, or in its rack, with whom the job must not share it."""
    tenancy = state.clock[0]["tenancy"]
    if tenancy == SHARED:
        return True
    row, tenant = state.nodes[node], state.jobs[job]["tenant"]
    if tenancy == DEDICATED_NODES:
        return bool(row["residents"] == 0 or row["tenant"] == tenant)
    rack = state.racks[row["rack"]]
    return bool(rack["held_nodes"] == 0 or rack["tenant"] == tenant)


@compiled
def tightest_slot(state: Any, node: int, milli: int) -> int:
    """Return the slot with the least room that still fits a share, -1 if none does."""
    first = state.nodes[node]["first_slot"]
    best, best_free = -1, WHOLE + 1
    for slot in range(first, first + state.models[state.nodes[node]["model"]]["accelerators"]):
        free = state.slots[slot, 0]
        if milli <= free < best_free:
            best, best_free = slot, free
    return best


@compiled
def free_whole_slots(state: Any, node: int) -> int:
    """Return how many accelerators of a node nobody holds."""
    first = state.nodes[node]["first_slot"]
    count = 0
    for slot in range(first, first + state.models[state.nodes[node]["model"]]["accelerators"]):
        if state.slots[slot, 0] == WHOLE:
            count += 1
    return count


@compiled
def fits(state: Any, job: int, node: int) -> bool:
    """Return whether one more task of the job fits on the node now."""
    row, asked = state.nodes[node], state.jobs[job]
    if asked["exclusive"] == 1:
        return bool(state.idle[node] == 1 and takes_work(state, job, node) and admits(state, job, node))
    if not takes_work(state, job, node) or not admits(state, job, node):
        return False
    if row["exclusive"] == 1:
        return False
    if row["free_cpu_milli"] < asked["cpu_milli"] or row["free_memory_b"] < asked["memory_b"]:
        return False
    milli = asked["accelerators_milli"]
    if milli == 0:
        return True
    if row["free_accelerators_milli"] < milli:
        return False
    if milli < WHOLE:
        return tightest_slot(state, node, milli) >= 0
    return free_whole_slots(state, node) * WHOLE >= milli


@compiled
def granted_milli(state: Any, job: int, node: int) -> int:
    """Return the accelerators that one task of the job holds on the node, in thousandths."""
    if state.jobs[job]["exclusive"] == 1:
        return int(state.models[state.nodes[node]["model"]]["accelerators"] * WHOLE)
    return int(state.jobs[job]["accelerators_milli"])


@compiled
def held_share(state: Any, job: int, node: int) -> float:
    """Return the share of the node that one task of the job holds: of its accelerators, else of its cores."""
    if state.jobs[job]["exclusive"] == 1:
        return 1.0
    model = state.models[state.nodes[node]["model"]]
    if model["accelerators"] > 0:
        return float(state.jobs[job]["accelerators_milli"] / (model["accelerators"] * WHOLE))
    if model["cpu_milli"] > 0:
        return float(state.jobs[job]["cpu_milli"] / model["cpu_milli"])
    return 0.0


@compiled
def grant(state: Any, job: int, node: int) -> None:
    """Give one task of the job its piece of the node; `fits` must hold.

    A share goes to the slot in `clock.wanted_slot` where that is not negative, else to the tightest that fits.
    """
    clock, row, asked = state.clock[0], state.nodes[node], state.jobs[job]
    model = state.models[row["model"]]
    milli = granted_milli(state, job, node)
    slots = 0
    first = row["first_slot"]
    if asked["exclusive"] == 1:
        for slot in range(first, first + model["accelerators"]):
            state.slots[slot, 0] = 0
        slots = (1 << model["accelerators"]) - 1
        row["exclusive"] = 1
    elif milli >= WHOLE:
        missing = milli
        for slot in range(first, first + model["accelerators"]):
            if missing > 0 and state.slots[slot, 0] == WHOLE:
                state.slots[slot, 0] = 0
                slots |= 1 << (slot - first)
                missing -= WHOLE
    elif milli > 0:
        slot = clock["wanted_slot"]
        if slot < 0:
            slot = tightest_slot(state, node, milli)
        state.slots[slot, 0] -= milli
        slots = 1 << (slot - first)
    clock["wanted_slot"] = -1
    if row["residents"] == 0:
        row["held_since_s"] = clock["now_s"]
        clock["held_nodes"] += 1
        model["idle_nodes"] -= 1
        state.idle[node] = 0
        if clock["tenancy"] != SHARED:
            row["tenant"] = state.racks[row["rack"]]["tenant"] = asked["tenant"]
            state.racks[row["rack"]]["held_nodes"] += 1
    row["residents"] += 1
    row["free_accelerators_milli"] -= milli
    row["free_cpu_milli"] -= asked["cpu_milli"]
    row["free_memory_b"] -= asked["memory_b"]
    model["free_accelerators_milli"] -= milli
    model["free_cpu_milli"] -= asked["cpu_milli"]
    clock["granted_milli"] += milli
    asked["share"] += held_share(state, job, node)

    holding = clock["free_holding"]
    entry = state.holdings[holding]
    clock["free_holding"] = entry["next_of_job"]
    entry["job"] = job
    entry["node"] = node
    entry["slots"] = slots
    entry["power_w"] = 0.0
    entry["as_of_s"] = clock["now_s"]
    entry["next_of_job"] = asked["first_holding"]
    asked["first_holding"] = holding
    entry["previous_on_node"] = -1
    entry["next_on_node"] = row["first_holding"]
    if row["first_holding"] >= 0:
        state.holdings[row["first_holding"]]["previous_on_node"] = holding
    row["first_holding"] = holding
    mark_node(state, node)
    mark_residents(state, node)


@compiled_apart
def take_back_first(state: Any, job: int) -> None:
    """Take the job's most recent holding back, and charge the job the energy that it drew."""
    clock, asked = state.clock[0], state.jobs[job]
    holding = asked["first_holding"]
    entry = state.holdings[holding]
    node = entry["node"]
    row = state.nodes[node]
    model = state.models[row["model"]]
    now_s = clock["now_s"]
    asked["energy_j"] += entry["power_w"] * (now_s - entry["as_of_s"])
    milli = granted_milli(state, job, node)
    first = row["first_slot"]
    given_back = WHOLE if asked["exclusive"] == 1 or milli >= WHOLE else milli
    for index in range(model["accelerators"]):
        if entry["slots"] >> index & 1:
            state.slots[first + index, 0] += given_back
    in_service = row["status"] == IN_SERVICE
    row["exclusive"] = 0
    row["residents"] -= 1
    row["free_accelerators_milli"] += milli
    row["free_cpu_milli"] += asked["cpu_milli"]
    row["free_memory_b"] += asked["memory_b"]
    clock["granted_milli"] -= milli
    if in_service:
        model["free_accelerators_milli"] += milli
        model["free_cpu_milli"] += asked["cpu_milli"]
    asked["share"] -= held_share(state, job, node)
    if row["residents"] == 0:
        row["held_s"] += now_s - row["held_since_s"]
        clock["held_nodes"] -= 1
        if clock["tenancy"] != SHARED:
            state.racks[row["rack"]]["held_nodes"] -= 1
        if in_service:
            model["idle_nodes"] += 1
            state.idle[node] = 1
        elif row["status"] != CORDONED:
            leave_service(state, node)

    asked["first_holding"] = entry["next_of_job"]
    if entry["next_of_job"] < 0:
        asked["share"] = 0.0
    if entry["previous_on_node"] >= 0:
        state.holdings[entry["previous_on_node"]]["next_on_node"] = entry["next_on_node"]
    else:
        row["first_holding"] = entry["next_on_node"]
    if entry["next_on_node"] >= 0:
        state.holdings[entry["next_on_node"]]["previous_on_node"] = entry["previous_on_node"]
    entry["job"] = -1
    entry["next_of_job"] = clock["free_holding"]
    clock["free_holding"] = holding
    clock["schedule_needed"] = 1
    mark_node(state, node)
    mark_residents(state, node)


@compiled
def leave_service(state: Any, node: int) -> None:
    """Switch an empty node off for good."""
    clock, row = state.clock[0], state.nodes[node]
    row["status"] = RETIRED
    row["service_s"] += clock["now_s"] - row["service_since_s"]
    clock["nodes_in_service"] -= 1
    state.racks[row["rack"]]["nodes_in_service"] -= 1
    clock["accelerators_in_service"] -= state.models[row["model"]]["accelerators"]
    mark_node(state, node)


@compiled_apart
def place_each(state: Any, job: int, choose: Any) -> int:
    """Grant every task of a job the node that `choose` names (see CHOOSE_SIGNATURE), or nothing at all.

    Returns 1 if every task was placed, else 0.
    """
    asked, clock = state.jobs[job], state.clock[0]
    schedule_needed = clock["schedule_needed"]
    previous = -1
    for _ in range(asked["tasks"]):
        previous = choose(state, job, previous)
        if previous < 0:
            while asked["first_holding"] >= 0:
                take_back_first(state, job)
            clock["schedule_needed"] = schedule_needed  # Nothing was freed that was not free before.
            return 0
        grant(state, job, previous)
    return 1
