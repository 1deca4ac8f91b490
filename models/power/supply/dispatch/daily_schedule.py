"""The schedule of one day that saves most: a small linear program."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..battery import Battery

# Makes moves that save nothing (equal prices, no losses) cost a little, so that the storage stands still instead.
_IDLE_IS_BETTER = 1e-7


def cheapest_schedule(
    values: NDArray[np.float64], step_s: float, storage: Battery, least_load_w: float
) -> NDArray[np.float64]:
    """Return the power [W] of each interval, charging above 0, that makes the sum of value times power least.

    `values` (money or carbon of a unit of energy, may be negative) are of `step_s` each. The storage begins and ends
    at its initial charge and discharges at most `least_load_w`. To do nothing is a schedule too, so that the best one
    never loses. Where a value is negative, charging and discharging at once would burn energy for gain: there one of
    the two is chosen (a mixed-integer program).
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    count = len(values)
    nothing = np.zeros(count)
    scale = float(np.abs(values).max(initial=0.0))
    discharge_w = min(storage.discharge_w, least_load_w)
    if count < 2 or scale == 0.0 or discharge_w <= 0.0:
        return nothing

    # Unknowns: power into and out of the storage over their limits, and 1 where a negative interval charges.
    negative = np.flatnonzero(values < 0.0)
    relative = values / scale
    into_cost, out_cost = relative, -relative * (discharge_w / storage.charge_power)
    cost = np.concatenate([into_cost + _IDLE_IS_BETTER, out_cost + _IDLE_IS_BETTER, np.zeros(len(negative))])
    until = np.tril(np.ones((count, count))) * step_s / storage.energy
    charge = np.hstack(
        [
            until * storage.charge_power * storage.charge_efficiency,
            -until * discharge_w / storage.discharge_efficiency,
            np.zeros((count, len(negative))),
        ]
    )
    least = np.full(count, storage.least_state_of_charge - storage.initial_state_of_charge)
    most = np.full(count, storage.most_state_of_charge - storage.initial_state_of_charge)
    least[-1] = most[-1] = 0.0
    either = np.zeros((2 * len(negative), charge.shape[1]))
    for row, interval in enumerate(negative.tolist()):
        chosen = 2 * count + row
        either[2 * row, interval], either[2 * row, chosen] = 1.0, -1.0  # into <= chosen
        either[2 * row + 1, count + interval], either[2 * row + 1, chosen] = 1.0, 1.0  # out <= 1 - chosen
    solved = milp(
        cost,
        constraints=LinearConstraint(
            csr_array(np.vstack([charge, either])),
            np.concatenate([least, np.full(len(either), -np.inf)]),
            np.concatenate([most, np.tile([0.0, 1.0], len(negative))]),
        ),
        bounds=Bounds(0.0, 1.0),
        integrality=np.concatenate([np.zeros(2 * count), np.ones(len(negative))]),
    )
    if solved.x is None:
        return nothing
    into_w, out_w = solved.x[:count] * storage.charge_power, solved.x[count : 2 * count] * discharge_w
    # Both at once (where a value is 0, and within the solver's tolerance) is the one that leaves the same charge.
    stored_w = into_w * storage.charge_efficiency - out_w / storage.discharge_efficiency
    power_w: NDArray[np.float64] = np.where(
        stored_w > 0.0, stored_w / storage.charge_efficiency, stored_w * storage.discharge_efficiency
    )
    return power_w if float(values @ power_w) < 0.0 else nothing
