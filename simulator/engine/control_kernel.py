"""What control events do to nodes and jobs: change state and mark what is dirty. Settlement does the rest."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from .holding_kernel import leave_service, mark_job, mark_node
from .lifecycle_kernel import end_pause, hang, interrupt, resume
from .state import (
    ABSENT,
    CONTROL_EACH_SIGNATURE,
    CORDONED,
    DOWN,
    DRAINING,
    HUNG,
    IN_SERVICE,
    LIST_NODES_SIGNATURE,
    RETIRED,
    RUNNING,
    WORKING,
)

(
    COMMISSION, DRAIN, RETIRE, SET_NODE_CLOCK, SET_JOB_CLOCK, SET_NODE_CAP, SHUT_DOWN, BRING_UP, CORDON, UNCORDON, HANG,
    RESUME, INTERRUPT, SET_JOB_SPEED, END_PAUSE,
) = range(15)  # fmt: skip


@compiled
def set_node_clock(state: Any, node: int, fraction: float) -> None:
    """Hold a node's parts to a fraction (0 to 1) of full clock."""
    row = state.nodes[node]
    if row["clock"] == fraction:
        return
    row["clock"] = fraction
    _mark_all(state, node)


@compiled
def set_node_cap(state: Any, node: int, cap_w: float) -> None:
    """Let a node draw no more than `cap_w` [W]; infinity lifts the cap."""
    row = state.nodes[node]
    if row["cap_w"] == cap_w:
        return
    row["cap_w"] = cap_w
    _mark_all(state, node)


@compiled
def _mark_all(state: Any, node: int) -> None:
    mark_node(state, node)
    holding = state.nodes[node]["first_holding"]
    while holding >= 0:
        mark_job(state, state.holdings[holding]["job"])
        holding = state.holdings[holding]["next_on_node"]


@compiled
def set_job_clock(state: Any, job: int, fraction: float) -> None:
    """Hold what a job holds to a fraction (0 to 1) of full clock."""
    row = state.jobs[job]
    if row["clock"] == fraction:
        return
    row["clock"] = fraction
    if row["status"] == RUNNING:
        mark_job(state, job)
        holding = row["first_holding"]
        while holding >= 0:
            mark_node(state, state.holdings[holding]["node"])
            holding = state.holdings[holding]["next_of_job"]


@compiled
def commission(state: Any, node: int) -> None:
    """Put an absent node into service."""
    if state.nodes[node]["status"] == ABSENT:
        _enter_service(state, node)


@compiled
def bring_up(state: Any, node: int) -> None:
    """Put a node that is down back into service."""
    if state.nodes[node]["status"] == DOWN:
        _enter_service(state, node)


@compiled
def _enter_service(state: Any, node: int) -> None:
    clock, row = state.clock[0], state.nodes[node]
    row["status"] = IN_SERVICE
    row["service_since_s"] = clock["now_s"]
    model = state.models[row["model"]]
    model["idle_nodes"] += 1
    state.idle[node] = 1
    model["free_accelerators_milli"] += row["free_accelerators_milli"]
    model["free_cpu_milli"] += row["free_cpu_milli"]
    clock["nodes_in_service"] += 1
    state.racks[row["rack"]]["nodes_in_service"] += 1
    clock["accelerators_in_service"] += model["accelerators"]
    clock["schedule_needed"] = 1
    mark_node(state, node)


@compiled
def drain(state: Any, node: int) -> None:
    """Retire a node once the jobs that it holds have ended; it takes nothing new."""
    row = state.nodes[node]
    if row["status"] == DOWN:
        row["status"] = RETIRED
    cordon(state, node)
    if row["status"] == CORDONED:
        row["status"] = DRAINING
        if row["residents"] == 0:
            leave_service(state, node)


@compiled
def cordon(state: Any, node: int) -> None:
    """Let a node in service run what it holds and take nothing new."""
    row = state.nodes[node]
    if row["status"] != IN_SERVICE:
        return
    row["status"] = CORDONED
    model = state.models[row["model"]]
    model["free_accelerators_milli"] -= row["free_accelerators_milli"]
    model["free_cpu_milli"] -= row["free_cpu_milli"]
    if row["residents"] == 0:
        model["idle_nodes"] -= 1
        state.idle[node] = 0


@compiled
def uncordon(state: Any, node: int) -> None:
    """Let a cordoned node take work again."""
    row = state.nodes[node]
    if row["status"] != CORDONED:
        return
    row["status"] = IN_SERVICE
    model = state.models[row["model"]]
    model["free_accelerators_milli"] += row["free_accelerators_milli"]
    model["free_cpu_milli"] += row["free_cpu_milli"]
    if row["residents"] == 0:
        model["idle_nodes"] += 1
        state.idle[node] = 1
    state.clock[0]["schedule_needed"] = 1


@compiled
def retire(state: Any, node: int, keep: float) -> None:
    """Retire a node now: its jobs return to their lines, from their last checkpoint with `keep`, else anew."""
    drain(state, node)
    row = state.nodes[node]
    while row["first_holding"] >= 0:
        interrupt(state, state.holdings[row["first_holding"]]["job"], 1 if keep > 0.0 else 0)


@compiled
def shut_down(state: Any, node: int, keep: float) -> None:
    """Switch a node off at once: its jobs return to their lines as at a retirement. It can be brought up again."""
    returns = state.nodes[node]["status"] == IN_SERVICE or state.nodes[node]["status"] == CORDONED
    retire(state, node, keep)
    if returns:
        state.nodes[node]["status"] = DOWN


@compiled
def set_job_speed(state: Any, job: int, speed: float) -> None:
    """Give a job the factor (0 to 1) that what it shares with others leaves of its rate."""
    row = state.jobs[job]
    if row["speed"] == speed:
        return
    row["speed"] = speed
    if row["status"] == RUNNING:
        mark_job(state, job)


@compiled
def control_job(state: Any, action: int, job: int, value: float) -> None:
    """Do an action to a job that runs; another is left alone."""
    row = state.jobs[job]
    if row["status"] != RUNNING:
        return
    if action == HANG:
        hang(state, job)
    elif action == RESUME:
        resume(state, job)
    elif action == INTERRUPT:
        interrupt(state, job, int(value))
    elif action == END_PAUSE and row["pause"] != WORKING and row["pause"] != HUNG:
        end_pause(state, job)


@compiled
def control(state: Any, action: int, index: int, value: float) -> None:
    """Do an action to a node or a job; what `value` means is the action's own."""
    if action == COMMISSION:
        commission(state, index)
    elif action == DRAIN:
        drain(state, index)
    elif action == RETIRE:
        retire(state, index, value)
    elif action == SET_NODE_CLOCK:
        set_node_clock(state, index, value)
    elif action == SET_JOB_CLOCK:
        set_job_clock(state, index, value)
    elif action == SET_NODE_CAP:
        set_node_cap(state, index, value)
    elif action == SHUT_DOWN:
        shut_down(state, index, value)
    elif action == BRING_UP:
        bring_up(state, index)
    elif action == CORDON:
        cordon(state, index)
    elif action == UNCORDON:
        uncordon(state, index)
    elif action == SET_JOB_SPEED:
        set_job_speed(state, index, value)
    else:
        control_job(state, action, index, value)


@compiled_as(CONTROL_EACH_SIGNATURE)
def control_each(state: Any, action: int, indices: Any, value: float) -> None:
    """Do an action to each of several nodes or jobs, in order; `indices` has shape (n,)."""
    for index in indices:
        control(state, action, index, value)


@compiled_as(LIST_NODES_SIGNATURE)
def list_nodes(state: Any, job: int, nodes: Any) -> int:
    """Write the nodes that a job holds into `nodes`, in the order in which they were granted; return how many."""
    count = 0
    holding = state.jobs[job]["first_holding"]
    while holding >= 0:
        count += 1
        holding = state.holdings[holding]["next_of_job"]
    place = count
    holding = state.jobs[job]["first_holding"]
    while holding >= 0:  # The newest comes first.
        place -= 1
        nodes[place] = state.holdings[holding]["node"]
        holding = state.holdings[holding]["next_of_job"]
    return count
