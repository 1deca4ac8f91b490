"""The one clock of the batch jobs, and the one place where their state changes meet.

At an instant, what falls due and who arrives only change state. Then one settlement runs until nothing is dirty: a
scheduling pass, rates, powers, meters. Nothing else computes a rate, starts a job or reports a power.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart, compiled_as

from ..metering.meter_kernel import bucket_of, fold_level
from .lifecycle_kernel import arrive, fall_due, rerate_dirty
from .node_evaluation_kernel import evaluate_node
from .pause_kernel import count_pause
from .power_chain_kernel import stage_loss_w
from .state import (
    ACCELERATORS_IN_SERVICE,
    ACTIVE,
    ADVANCE_SIGNATURE,
    BACKUP,
    BACKUP_POWER,
    BRING_UP_TO_SIGNATURE,
    BUDGET,
    CORDONED,
    DARK,
    DRAINING,
    FACILITY_POWER,
    FIRST_STAGE,
    GRANTED,
    GRID,
    GRID_POWER,
    HELD_NODES,
    IN_SERVICE,
    IT_POWER,
    NEEDS_BUCKETS,
    NEEDS_CHANGE_POINTS,
    NODES_IN_SERVICE,
    QUEUED_JOBS,
    REACHED,
    RESTLESS,
    RUNNING_JOBS,
    SPILLED_POWER,
    WATCHED,
)  # fmt: skip

MOST_ROUNDS = 100


@compiled
def _add(row: Any, change_w: float) -> None:
    """Add to a running sum without losing what doubles drop (Neumaier 1974)."""
    total_w = row["power_w"] + change_w
    if abs(row["power_w"]) >= abs(change_w):
        row["lost_w"] += (row["power_w"] - total_w) + change_w
    else:
        row["lost_w"] += (change_w - total_w) + row["power_w"]
    row["power_w"] = total_w


@compiled
def _set_level(state: Any, quantity: int, level: float) -> None:
    """Give a hall meter its level from now on, and fold what it held until now."""
    meter, clock = state.meters[quantity], state.clock[0]
    if level == meter["level"]:
        return
    _bring_meter_up_to_now(state, quantity)
    meter["level"] = level
    if quantity == IT_POWER and clock["keep_change_points"] == 1:
        last = clock["change_points"] - 1
        if last < 0 or state.change_points[last, 0] != clock["now_s"]:
            last += 1
            clock["change_points"] = last + 1
        state.change_points[last, 0] = clock["now_s"]
        state.change_points[last, 1] = level


@compiled
def _bring_meter_up_to_now(state: Any, quantity: int) -> None:
    meter, clock = state.meters[quantity], state.clock[0]
    now_s, as_of_s, level = clock["now_s"], meter["as_of_s"], meter["level"]
    if now_s > as_of_s:
        meter["integral"] += level * (now_s - as_of_s)
        meter["greatest"] = max(meter["greatest"], level)
        fold_level(state.hall_buckets[quantity], meter, now_s, level, clock["first_edge_s"], clock["interval_s"])


@compiled
def _bring_rack_up_to_now(state: Any, rack: int) -> None:
    row, clock = state.racks[rack], state.clock[0]
    now_s, as_of_s = clock["now_s"], row["as_of_s"]
    if now_s > as_of_s:
        level_w = row["power_w"] + row["lost_w"]
        row["energy_j"] += level_w * (now_s - as_of_s)
        row["peak_w"] = max(row["peak_w"], level_w)
        fold_level(state.rack_buckets[rack], row, now_s, level_w, clock["rack_first_edge_s"], clock["rack_interval_s"])


@compiled
def _change_rack(state: Any, rack: int, change_w: float) -> None:
    """Add to a rack's power and the hall's."""
    clock, row = state.clock[0], state.racks[rack]
    if row["dirty"] == 0:
        row["dirty"] = 1
        state.dirty[clock["dirty_racks"], 2] = rack
        clock["dirty_racks"] += 1
        _bring_rack_up_to_now(state, rack)
    _add(row, change_w)
    _add(clock, change_w)


@compiled
def _evaluate_dirty_nodes(state: Any) -> None:
    clock = state.clock[0]
    for index in range(clock["dirty_nodes"]):
        node = state.dirty[index, 0]
        state.nodes[node]["dirty"] = 0
        change_w = evaluate_node(state, node)
        rack = state.nodes[node]["rack"]
        if change_w != 0.0:
            _change_rack(state, rack, change_w)
        row = state.racks[rack]
        if row["shared_w"] > 0.0 and (row["nodes_in_service"] > 0) != (row["drawn_shared_w"] > 0.0):
            drawn_w = row["shared_w"] if row["nodes_in_service"] > 0 else 0.0
            _change_rack(state, rack, drawn_w - row["drawn_shared_w"])
            row["drawn_shared_w"] = drawn_w
    clock["dirty_nodes"] = 0
    for index in range(clock["dirty_racks"]):
        state.racks[state.dirty[index, 2]]["dirty"] = 0
    clock["dirty_racks"] = 0


@compiled_apart
def _tell_facility_meters(state: Any, it_power_w: float) -> None:
    """Follow an IT power up the power chain: what each stage loses, and who gives what the facility then draws."""
    clock = state.clock[0]
    powered = 0.0 if clock["supply"] == DARK else 1.0
    power_w = it_power_w
    for index in range(len(state.stages)):
        stage = state.stages[index]
        power_w += stage["beside_w"]
        loss_w = powered * stage_loss_w(stage, power_w)
        _set_level(state, FIRST_STAGE + index, loss_w)
        power_w += loss_w
    power_w = powered * (power_w + clock["beside_w"])
    wanted_w = power_w - powered * clock["sources_w"]
    drawn_w = max(wanted_w, 0.0)
    _set_level(state, FACILITY_POWER, power_w)
    _set_level(state, GRID_POWER, drawn_w if clock["supply"] == GRID else 0.0)
    _set_level(state, BACKUP_POWER, drawn_w if clock["supply"] == BACKUP else 0.0)
    _set_level(state, SPILLED_POWER, drawn_w - wanted_w)


@compiled
def _tell_meters(state: Any) -> None:
    clock = state.clock[0]
    it_power_w = clock["power_w"] + clock["lost_w"] + clock["other_it_w"]
    if clock["chain_dirty"] == 1 or it_power_w != state.meters[IT_POWER]["level"]:
        clock["chain_dirty"] = 0
        _set_level(state, IT_POWER, it_power_w)
        _tell_facility_meters(state, it_power_w)
    _set_level(state, QUEUED_JOBS, float(clock["queued"]))
    _set_level(state, RUNNING_JOBS, float(clock["running"]))
    _set_level(state, HELD_NODES, float(clock["held_nodes"]))
    _set_level(state, NODES_IN_SERVICE, float(clock["nodes_in_service"]))
    if state.slots.shape[0] > 0:
        _set_level(state, GRANTED, clock["granted_milli"] / 1000.0)
        if clock["granted_milli"] == 0:
            clock["active"] = 0.0  # Without what doubles lost in its sum.
        _set_level(state, ACTIVE, clock["active"])
        _set_level(state, ACCELERATORS_IN_SERVICE, float(clock["accelerators_in_service"]))


@compiled_apart
def _settle(state: Any, policies: Any) -> int:
    clock = state.clock[0]
    rounds = 0
    while clock["schedule_needed"] == 1 or clock["dirty_jobs"] > 0:
        rounds += 1
        if rounds > MOST_ROUNDS:
            return RESTLESS
        if clock["schedule_needed"] == 1:
            clock["schedule_needed"] = 0
            policies.schedule(state, policies.choose)
        if clock["dirty_jobs"] > 0:
            rerate_dirty(state)
    _evaluate_dirty_nodes(state)
    _tell_meters(state)
    return REACHED


@compiled
def next_instant_s(state: Any) -> float:
    """Return the next instant at which a job falls due or arrives, infinity if none will."""
    clock = state.clock[0]
    at_s = math.inf
    if clock["heap_size"] > 0:
        at_s = state.jobs[state.heap[0]]["due_s"]
    if clock["next_job"] < len(state.jobs):
        at_s = min(at_s, state.jobs[clock["next_job"]]["submit_s"])
    return at_s


@compiled
def has_buckets(state: Any, at_s: float) -> bool:
    """Return whether the meters have buckets up to an instant."""
    clock = state.clock[0]
    hall = bucket_of(at_s, clock["first_edge_s"], clock["interval_s"])
    racks = bucket_of(at_s, clock["rack_first_edge_s"], clock["rack_interval_s"])
    return bool(hall < state.hall_buckets.shape[1] and racks < state.rack_buckets.shape[1])


@compiled_as(ADVANCE_SIGNATURE)
def advance(state: Any, policies: Any, until_s: float, budget: int) -> int:
    """Run ahead to `until_s` or for about `budget` events; return why it stopped, with `clock.now_s` where.

    With a budget of 0 the present instant is settled, and that is all.

    At `until_s` itself what falls due and arrives is applied but not settled: the control events of that instant come
    next, then one settlement. Everything before is settled.
    """
    clock = state.clock[0]
    if budget == 0:
        return _settle(state, policies)
    stop_after = clock["events"] + budget
    while True:
        at_s = next_instant_s(state)
        if at_s > until_s or at_s == math.inf:
            return REACHED
        if clock["events"] >= stop_after:
            return BUDGET
        if not has_buckets(state, at_s):
            return NEEDS_BUCKETS
        if clock["keep_change_points"] == 1 and clock["change_points"] + 2 > state.change_points.shape[0]:
            return NEEDS_CHANGE_POINTS
        clock["now_s"] = at_s
        while clock["heap_size"] > 0 and state.jobs[state.heap[0]]["due_s"] <= at_s:
            fall_due(state, state.heap[0])
            clock["events"] += 1
        while clock["next_job"] < len(state.jobs) and state.jobs[clock["next_job"]]["submit_s"] <= at_s:
            arrive(state, clock["next_job"])
            clock["next_job"] += 1
            clock["events"] += 1
        if at_s == until_s:
            return REACHED
        if clock["watched_ended"] > 0:
            return WATCHED
        if _settle(state, policies) == RESTLESS:
            return RESTLESS
        if clock["told"] > 0:
            return WATCHED


@compiled_as(BRING_UP_TO_SIGNATURE)
def bring_up_to(state: Any, at_s: float) -> None:
    """Bring every running integral up to `at_s`, so that the tables cover exactly [0, at_s]."""
    clock = state.clock[0]
    clock["now_s"] = at_s
    for quantity in range(len(state.meters)):
        _bring_meter_up_to_now(state, quantity)
    for rack in range(len(state.racks)):
        _bring_rack_up_to_now(state, rack)
    for node in range(len(state.nodes)):
        evaluate_node(state, node)
        row = state.nodes[node]
        if row["residents"] > 0:
            row["held_s"] += at_s - row["held_since_s"]
            row["held_since_s"] = at_s
        if row["status"] == IN_SERVICE or row["status"] == DRAINING or row["status"] == CORDONED:
            row["service_s"] += at_s - row["service_since_s"]
            row["service_since_s"] = at_s
    for position in range(clock["heap_size"]):
        running = state.jobs[state.heap[position]]
        running["held_s"] += at_s - running["start_s"]
        running["start_s"] = at_s
        count_pause(state, state.heap[position])
    for holding in range(len(state.holdings)):
        entry = state.holdings[holding]
        if entry["job"] >= 0:
            state.jobs[entry["job"]]["energy_j"] += entry["power_w"] * (at_s - entry["as_of_s"])
            entry["as_of_s"] = at_s
