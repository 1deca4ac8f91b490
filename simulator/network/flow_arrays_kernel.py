"""The arrays of flows over shared resources, and how compiled loops see them.

Every resource lists its users, so that a change is carried only to the flows that share something full with the one
that changed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numba.experimental import structref
from numpy.typing import NDArray

from models.compiled import compiled_as
from models.network.max_min_fairness_kernel import scratch_for

_numba: Any = numba  # numba has no types of its own.
_structref: Any = structref
_types, _typeof = _numba.types, _numba.typeof
_COMPILES_NOT: bool = bool(_numba.config.DISABLE_JIT)

FLOW = np.dtype(
    [
        ("rate", "f8"), ("most", "f8"), ("weight", "f8"), ("left_b", "f8"), ("as_of_s", "f8"), ("due_s", "f8"),
        ("ceiling", "f8"), ("first_entry", "i4"), ("entries", "i4"), ("heap_position", "i4"), ("there", "i1"),
    ],
    align=True,
)  # fmt: skip
"""`ceiling` is what was asked for, `most` what its resources would give it alone. `left_b` is infinite where a flow has
no end. Its entries, one for each resource that it uses, lie side by side."""

RESOURCE = np.dtype(
    [("capacity", "f8"), ("first_entry", "i4"), ("users", "i4"), ("dirty", "i1"), ("resized", "i1")], align=True
)

COUNTS = np.dtype(
    [
        ("heap", "i8"), ("dirty_flows", "i8"), ("dirty_resources", "i8"), ("solved_flows", "i8"), ("here", "i8"),
        ("whole_rounds", "i8"),
    ]
)  # fmt: skip
"""`here` counts the flows; `whole_rounds` how many solves more take them all without looking who hangs together."""

SLACK, BINDING = -2, -1
"""A resource's place in the problem that is being solved, where it has none: it can not be full, or it could."""


class Flows(NamedTuple):
    """Every array. What a walk over the network touches lies by itself, to stay in the nearest cache."""

    flows: NDArray[np.void]
    resources: NDArray[np.void]
    counts: NDArray[np.void]
    heap: NDArray[np.int64]
    """Flows that come to an end, the earliest first."""
    dirty: NDArray[np.int8]
    """1 for a flow that is among `dirty_flows`."""
    dirty_flows: NDArray[np.int64]
    """Flows to be solved anew; after a solve those whose rates have changed."""
    dirty_resources: NDArray[np.int64]
    entry_flow: NDArray[np.int32]
    entry_resource: NDArray[np.int32]
    entry_next: NDArray[np.int32]
    """The next entry in the list of the same resource's users, -1 at its end."""
    entry_previous: NDArray[np.int32]
    coefficient: NDArray[np.float64]
    """What the entry's flow uses of its resource per rate."""
    place: NDArray[np.int32]
    """Of each resource: its index in the problem that is being solved, else SLACK or BINDING."""
    starts: NDArray[np.int64]
    """This and what follows is scratch."""
    local_resource: NDArray[np.int64]
    local_coefficient: NDArray[np.float64]
    local_capacity: NDArray[np.float64]
    local_flow: NDArray[np.float64]
    """Shape (flow, 3): weight, ceiling and rate."""
    first_user: NDArray[np.int64]
    filled: NDArray[np.int64]
    items: NDArray[np.int64]
    keys: NDArray[np.float64]
    state: NDArray[np.float64]
    user: NDArray[np.int32]
    rising: NDArray[np.int64]
    level_of: NDArray[np.float64]
    blocked: NDArray[np.int8]


KEPT = Flows._fields[: Flows._fields.index("starts")]
"""The arrays that are no scratch."""


def room(flows: int, entries: int, resources: int) -> Flows:
    """Return empty arrays for so many of each."""
    return Flows(
        np.zeros(flows, FLOW), np.zeros(resources, RESOURCE), np.zeros(1, COUNTS), np.zeros(flows, np.int64),
        np.zeros(flows, np.int8), np.zeros(flows, np.int64), np.zeros(resources, np.int64),
        np.zeros(entries, np.int32), np.zeros(entries, np.int32), np.zeros(entries, np.int32),
        np.zeros(entries, np.int32), np.zeros(entries), np.full(resources, SLACK, np.int32),
        np.zeros(flows + 1, np.int64), np.zeros(entries, np.int64), np.zeros(entries), np.zeros(resources),
        np.zeros((flows, 3)), *scratch_for(flows, entries, resources),
    )  # fmt: skip


@_structref.register
class NetworkType(_types.StructRef):  # type: ignore[misc, name-defined]
    """The compiled loops' view of `Flows`: one pointer, where a tuple of arrays would be copied at every call."""

    def preprocess_fields(self, fields: Any) -> Any:
        """Take the fields as they are."""
        return tuple((name, _types.unliteral(kind)) for name, kind in fields)


class _Network(structref.StructRefProxy):
    """What Python holds of a compiled view."""


_new_network: Any = _Network
_structref.define_constructor(_Network, NetworkType, list(Flows._fields))
_structref.define_boxing(NetworkType, _Network)
_network_type: Any = NetworkType
NETWORK: Any = (
    None
    if _COMPILES_NOT
    else _network_type([(name, _typeof(array)) for name, array in room(1, 1, 1)._asdict().items()])
)


def signature_of(returned: Any, *arguments: Any) -> Any:
    """Return the signature of a compiled function that takes a network; None where nothing is compiled."""
    return None if _COMPILES_NOT else returned(*arguments)


@compiled_as(signature_of(NETWORK, _typeof(room(1, 1, 1))))
def _view(arrays: Any) -> Any:
    return _new_network(*arrays)


def handle(arrays: Flows) -> Any:
    """Return what compiled functions take as `network`; it shares the arrays. Without compilation, the arrays."""
    return arrays if _COMPILES_NOT else _view(arrays)
