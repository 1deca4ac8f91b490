"""Look ahead: the hall as it will be once some jobs have ended, on scratch arrays.

Column 1 of `state.slots` and `state.future` hold the hall to come; nothing here changes the hall that is.
"""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_apart

from ..engine.holding_kernel import WHOLE, granted_milli, takes_work
from ..engine.state import DEDICATED_NODES, DEDICATED_PODS, SHARED


@compiled_apart
def copy_present(state: Any) -> None:
    """Let the hall to come equal the hall that is."""
    for node in range(len(state.nodes)):
        row, future = state.nodes[node], state.future[node]
        future["free_cpu_milli"] = row["free_cpu_milli"]
        future["free_memory_b"] = row["free_memory_b"]
        future["residents"] = row["residents"]
        future["reserved"] = row["exclusive"]
    for slot in range(len(state.slots)):
        state.slots[slot, 1] = state.slots[slot, 0]
    for rack in range(len(state.racks)):
        state.racks[rack]["future_held"] = state.racks[rack]["held_nodes"]


@compiled
def _change_task(state: Any, index: int, sign: int) -> None:
    """Take one holding out of the hall to come (sign 1: what it holds is free), or put it in (-1)."""
    holding = state.holdings[index]
    job, node = holding["job"], holding["node"]
    row, future = state.jobs[job], state.future[node]
    future["residents"] -= sign
    if future["residents"] == (0 if sign > 0 else 1):
        state.racks[state.nodes[node]["rack"]]["future_held"] -= sign
    if row["exclusive"] == 1:
        future["reserved"] -= sign
    else:
        future["free_cpu_milli"] += sign * row["cpu_milli"]
        future["free_memory_b"] += sign * row["memory_b"]
    first = state.nodes[node]["first_slot"]
    milli = granted_milli(state, job, node)
    given_back = WHOLE if milli >= WHOLE else milli
    for slot in range(state.models[state.nodes[node]["model"]]["accelerators"]):
        if holding["slots"] >> slot & 1:
            state.slots[first + slot, 1] += sign * given_back


@compiled
def _change(state: Any, job: int, waiting: int, sign: int) -> int:
    gained = 0
    index = state.jobs[job]["first_holding"]
    if state.clock[0]["tenancy"] == DEDICATED_PODS:  # The last to leave a rack makes room on all of its nodes.
        gained -= places_to_come(state, waiting)
        while index >= 0:
            _change_task(state, index, sign)
            index = state.holdings[index]["next_of_job"]
        return gained + places_to_come(state, waiting)
    while index >= 0:
        node = state.holdings[index]["node"]
        gained -= future_room(state, waiting, node)
        _change_task(state, index, sign)
        gained += future_room(state, waiting, node)
        index = state.holdings[index]["next_of_job"]
    return gained


@compiled_apart
def let_end(state: Any, job: int, waiting: int) -> int:
    """Give back, in the hall to come, what a running job holds; return the tasks of `waiting` that gain a place."""
    return _change(state, job, waiting, 1)


@compiled_apart
def let_stay(state: Any, job: int, waiting: int) -> int:
    """Let a job keep, in the hall to come, what it holds now; return the tasks of `waiting` that lose their place."""
    return -_change(state, job, waiting, -1)


@compiled
def _will_admit(state: Any, job: int, node: int) -> bool:
    """Return whether nobody will be there with whom the job must not share the node or its rack: see `admits`."""
    tenancy = state.clock[0]["tenancy"]
    if tenancy == SHARED:
        return True
    row, tenant = state.nodes[node], state.jobs[job]["tenant"]
    if tenancy == DEDICATED_NODES:
        return bool(state.future[node]["residents"] == 0 or row["tenant"] == tenant)
    rack = state.racks[row["rack"]]
    return bool(rack["future_held"] == 0 or rack["tenant"] == tenant)


@compiled
def future_room(state: Any, job: int, node: int) -> int:
    """Return how many tasks of the job the node will have room for (at most the job's tasks)."""
    row, future = state.jobs[job], state.future[node]
    most = row["tasks"]
    if not takes_work(state, job, node) or future["reserved"] == 1 or not _will_admit(state, job, node):
        return 0
    if row["exclusive"] == 1:
        return 1 if future["residents"] == 0 else 0
    if row["cpu_milli"] > 0:
        most = min(most, future["free_cpu_milli"] // row["cpu_milli"])
    if row["memory_b"] > 0:
        most = min(most, future["free_memory_b"] // row["memory_b"])
    milli = row["accelerators_milli"]
    if milli > 0:
        first = state.nodes[node]["first_slot"]
        slots_room, whole = 0, 0
        for slot in range(first, first + state.models[state.nodes[node]["model"]]["accelerators"]):
            if milli < WHOLE:
                slots_room += state.slots[slot, 1] // milli
            elif state.slots[slot, 1] == WHOLE:
                whole += 1
        if milli >= WHOLE:
            slots_room = whole // (milli // WHOLE)
        most = min(most, slots_room)
    return int(max(most, 0))


@compiled_apart
def places_to_come(state: Any, job: int) -> int:
    """Return how many tasks of the job have room in the hall to come, counting at most its tasks on each node."""
    places = 0
    for node in range(len(state.nodes)):
        places += future_room(state, job, node)
    return places


@compiled
def expected_end_s(state: Any, job: int) -> float:
    """Return when a running job is expected to end; one that has overrun its estimate may end at any moment: now."""
    return max(state.jobs[job]["expected_end_s"], state.clock[0]["now_s"])


@compiled
def _ends_before(state: Any, one: int, other: int) -> bool:
    end_s, other_end_s = expected_end_s(state, one), expected_end_s(state, other)
    return bool(end_s < other_end_s or (end_s == other_end_s and one < other))


@compiled
def _sink(state: Any, position: int, size: int) -> None:
    order = state.order
    job = order[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        if child + 1 < size and _ends_before(state, order[child + 1], order[child]):
            child += 1
        if not _ends_before(state, order[child], job):
            break
        order[position] = order[child]
        position = child
    order[position] = job


@compiled_apart
def gather_running(state: Any) -> int:
    """Lay the running jobs out as a heap by expected end in `state.order`; return how many there are."""
    size = state.clock[0]["heap_size"]
    for index in range(size):
        state.order[index] = state.heap[index]
    for position in range(size // 2 - 1, -1, -1):
        _sink(state, position, size)
    return int(size)


@compiled_apart
def next_to_end(state: Any, size: int) -> int:
    """Take the job that is expected to end first out of the heap of `size` in `state.order`, and return it."""
    job = state.order[0]
    state.order[0] = state.order[size - 1]
    _sink(state, 0, size - 1)
    return int(job)
