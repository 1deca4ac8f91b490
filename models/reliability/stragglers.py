"""Stragglers: nodes that work, but slower than their gang, which waits for them at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def find_stragglers(step_times_s: ArrayLike, slower_by: float) -> NDArray[np.int64]:
    """Return the nodes of a gang that are slower than its median node by more than a share, in ascending order.

    `step_times_s` are the times of each node's own part of steps [s], before it waits for the others: shape (node,) or
    (node, step). Over several steps a node's median counts, so that single slow steps do not. With half of a gang slow
    nobody stands out. `slower_by` is a share of the gang's median time, such as 0.05; 0.05 of a step is far above
    the 1 to 2 % by which sound accelerators differ (assumption). Raises ValueError where it is below 0 or a time is
    not positive.
    """
    import numpy as np

    times_s = np.asarray(step_times_s, np.float64)
    if not slower_by >= 0.0:
        raise ValueError(f"slower_by ({slower_by:g}) must be at least 0")
    if not times_s.size:
        return np.zeros(0, np.int64)
    if not times_s.min() > 0.0:
        raise ValueError("step times must be positive")
    of_node_s = times_s if times_s.ndim == 1 else np.median(times_s, axis=1)
    return np.flatnonzero(of_node_s > (1.0 + slower_by) * np.median(of_node_s))
