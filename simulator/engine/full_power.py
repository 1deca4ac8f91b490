"""What every node would draw at full clock with the work that it holds, for all nodes at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.nodes.node_power_kernel import CUBIC, IDLE, LINEAR, SQUARE_ROOT

from .state import ABSENT, DOWN, FOLLOWS_ACCELERATOR, FOLLOWS_PROCESSOR, RETIRED, State


class FullPower(NamedTuple):
    """Power of every node [W], each of shape (node,); 0 for those that are not in service.

    `idle_w` is drawn without work; with its work at full clock a node draws `clocked_w` more that follows its clock,
    and `unclocked_w` that does not. `peak_w` is the most that it can draw.
    """

    idle_w: NDArray[np.float64]
    clocked_w: NDArray[np.float64]
    unclocked_w: NDArray[np.float64]
    peak_w: NDArray[np.float64]

    @property
    def wanted_w(self) -> NDArray[np.float64]:
        """What a node draws with its work at full clock [W]."""
        total: NDArray[np.float64] = self.idle_w + self.clocked_w + self.unclocked_w
        return total


RatedPower = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Idle and greatest power of every node [W], in service or not, each of shape (node,)."""


def full_power(state: State, rated: RatedPower | None = None) -> FullPower:
    """Return the power of every node at full clock, as `power_cap_kernel` counts it when it holds a node to a cap.

    Who asks often gives what `rated_power` returned: it never changes.
    """
    nodes, models = state.nodes, state.models
    model_of, status = nodes["model"], nodes["status"]
    on = (status != ABSENT) & (status != RETIRED) & (status != DOWN)
    accelerators_w, processors_w = np.zeros((2, len(nodes)))
    held = on & (nodes["residents"] > 0)
    whole, shared = held & (nodes["exclusive"] == 1), held & (nodes["exclusive"] != 1)
    busy = np.zeros(len(nodes))
    job = state.holdings["job"][nodes["first_holding"][whole]]
    busy[whole] = np.minimum(state.phases[state.jobs["phase"][job], 1], 1.0)
    for index in range(len(models)):
        of_model = whole & (model_of == index)
        count = models[index]["accelerators"]
        accelerators_w[of_model] = count * _dynamic_w(state, index, FOLLOWS_ACCELERATOR, busy[of_model])
        processors_w[of_model] = _dynamic_w(state, index, FOLLOWS_PROCESSOR, busy[of_model])
    if shared.any():
        _add_shared(state, shared, accelerators_w, processors_w)
    idle_w, peak_w = (np.where(on, each, 0.0) for each in (rated or rated_power(state)))
    accelerated = (models["clocked"] == FOLLOWS_ACCELERATOR)[model_of]
    return FullPower(
        idle_w,
        np.where(accelerated, accelerators_w, processors_w),
        np.where(accelerated, processors_w, accelerators_w),
        np.maximum(peak_w, idle_w + accelerators_w + processors_w),
    )


def rated_power(state: State) -> RatedPower:
    """Return idle and greatest power of every node [W]."""
    one, models = np.ones(1), state.models
    peak_w = np.zeros(len(models))
    for index in range(len(models)):
        most_w = models[index]["accelerators"] * _dynamic_w(state, index, FOLLOWS_ACCELERATOR, one)
        peak_w[index] = models[index]["idle_w"] + float((most_w + _dynamic_w(state, index, FOLLOWS_PROCESSOR, one))[0])
    model_of = state.nodes["model"]
    return models["idle_w"][model_of], peak_w[model_of]


def _dynamic_w(state: State, model: int, follows: int, utilization: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the dynamic power at full clock of one accelerator, or of all processors, of a model [W]."""
    power_w = np.zeros(len(utilization))
    row = state.models[model]
    for part in state.parts[row["first_part"] : row["end_part"]]:
        if part["follows"] == follows:
            power_w += part["range_w"] * _fraction(state, part, utilization)
    return power_w


def _fraction(state: State, part: Any, utilization: NDArray[np.float64]) -> NDArray[np.float64]:
    if part["curve"] == LINEAR:
        return utilization
    if part["curve"] == SQUARE_ROOT:
        return np.sqrt(utilization)
    if part["curve"] == CUBIC:
        return utilization**3
    if part["curve"] == IDLE:
        return np.zeros(len(utilization))
    table = state.curve_table[part["first_row"] : part["first_row"] + part["rows"]]
    return np.interp(utilization, table[:, 0], table[:, 1])


def _add_shared(
    state: State,
    shared: NDArray[np.bool_],
    accelerators_w: NDArray[np.float64],
    processors_w: NDArray[np.float64],
) -> None:
    """Add the power of nodes that several tasks may share, accelerator by accelerator."""
    nodes, models, jobs, holdings = state.nodes, state.models, state.jobs, state.holdings
    entries = np.flatnonzero(holdings["job"] >= 0)
    entries = entries[shared[holdings["node"][entries]]]
    node, job = holdings["node"][entries], holdings["job"][entries]
    slots = holdings["slots"][entries]
    active = state.phases[jobs["phase"][job], 1]
    share = np.minimum(jobs["accelerators_milli"][job] / 1000.0, 1.0) * active
    cores = models["cpu_milli"][nodes["model"][node]]
    load = np.divide(active * jobs["cpu_milli"][job], cores, out=np.zeros(len(node)), where=cores > 0)
    processors = np.minimum(np.bincount(node, load, len(nodes)), 1.0)
    for index in np.unique(nodes["model"][shared]).tolist():
        of_model = np.flatnonzero(shared & (nodes["model"] == index))
        for slot in range(models[index]["accelerators"]):
            busy = np.bincount(node, share * ((slots >> slot) & 1), len(nodes))[of_model]
            accelerators_w[of_model] += _dynamic_w(state, index, FOLLOWS_ACCELERATOR, np.minimum(busy, 1.0))
        processors_w[of_model] = _dynamic_w(state, index, FOLLOWS_PROCESSOR, processors[of_model])
