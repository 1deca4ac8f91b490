"""Collectives whose ranks lie in several scale-up domains: inside by the links, between by every rank's own port.

NCCL goes round rings or along trees, and so does this model; N ranks, g to a domain, d domains, a buffer of S bytes:

    ring  steps (N - 1) an all-gather or reduce-scatter, twice that an all-reduce; (N - 1) / N S / g bytes a step's
          port in all, for all g rings of a domain run at once, each over a port of its own
    tree  2 log2(d) steps an all-reduce, and 2 S / g bytes a port, S / g where there are two domains

An all-reduce takes the faster. `hierarchical` instead reduces inside each domain, then between the ranks of equal
place, then gathers: 2 (d - 1) / d S / g bytes a port. Links and ports work at the same time in a ring or a tree, so
the slower of them sets the time. Rates and steps were fitted to measurements: `fitted/network.yaml`.
"""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from ruamel.yaml import YAML

from .estimate import Basis, Estimate, FloatArray

if TYPE_CHECKING:
    from .operations.collectives import CollectiveName
    from .single_kernels import SingleKernels

Algorithm = Literal["ring", "tree", "hierarchical"]


class MeasuredPath(NamedTuple):
    """How one pattern of traffic between domains was measured to go."""

    step_s: float
    """Of one step between domains, with its share of launching [s]."""
    efficiency: float
    """Of the port's line rate that is reached."""
    ramp_s: float
    """Weight of the square root of the time on the port [s]; 0 where a straight line is enough."""
    port_b_per_s: float
    """Line rate of the ports that were measured [B/s]."""
    ranks_per_domain: float
    least_domains: float
    greatest_domains: float
    least_message_b: float
    greatest_message_b: float
    rows: int
    held_out_rows: int
    held_out_median: float
    held_out_p95: float
    source: str

    def time_s(self, steps: ArrayLike, port_b: ArrayLike, inside_s: ArrayLike, network: Network) -> FloatArray:
        """Return the time of so many steps and bytes on a port, while `inside_s` passes inside the domains [s]."""
        step_s = self.step_s if network.latency_s is None else network.latency_s
        efficiency = self.efficiency if network.efficiency is None else network.efficiency
        port_s = np.asarray(port_b, dtype=float) / (efficiency * network.bandwidth_b_per_s)
        total_s: FloatArray = np.asarray(steps) * step_s + np.maximum(port_s, inside_s) + np.sqrt(self.ramp_s * port_s)
        return total_s


class Network(NamedTuple):
    """The network between scale-up domains as one accelerator sees it."""

    bandwidth_b_per_s: float
    """Line rate of one accelerator's network port, per direction [B/s]."""
    latency_s: float | None = None
    """Of one step of a collective between domains [s]; None: as measured (`fitted/network.yaml`)."""
    efficiency: float | None = None
    """Of the line rate that large messages reach; None: as measured (`fitted/network.yaml`)."""
    source: str = "fitted/network.yaml"
    """Where latency and efficiency come from; `assumption` where nobody knows better."""
    all_reduce: Literal["ring or tree", "hierarchical"] = "ring or tree"
    """How sums pass between domains; NCCL takes the faster of ring and tree."""


@functools.cache
def measured_paths() -> dict[str, MeasuredPath]:
    """Return what was fitted: `ring`, `all_to_all` and `point_to_point`."""
    text = files("models.calibration").joinpath("fitted", "network.yaml").read_text(encoding="utf-8")
    table = YAML(typ="safe", pure=True).load(text)
    return {name: MeasuredPath(**entry) for name, entry in table["paths"].items()}


def port_traffic_b(
    name: CollectiveName,
    message_b: ArrayLike,
    *,
    ranks: ArrayLike,
    ranks_per_domain: int,
    algorithm: Algorithm = "ring",
) -> FloatArray:
    """Return the bytes that leave a domain through each rank's port [B].

    `algorithm` concerns sums and gathers; in an all-to-all and a send every byte leaves once, whatever the algorithm.
    """
    size_b = np.asarray(message_b, dtype=float)
    total = np.asarray(ranks, dtype=float)
    domains = np.maximum(total / ranks_per_domain, 1.0)
    share_b = size_b / ranks_per_domain
    if name == "point_to_point":
        crossing_b = size_b
    elif name == "all_to_all":
        crossing_b = size_b * (domains - 1.0) / domains
    elif algorithm == "tree" and name == "all_reduce":
        # Two trees of half the buffer; in each a domain sends to its parent and to up to two children, where it is
        # no leaf; with two domains both trees are one edge, with three one and a half (SimAI's `calcTreeBusBw`).
        crossing_b = share_b * np.where(domains <= 2.0, 1.0, np.where(domains <= 3.0, 1.5, 2.0))
    else:
        passes = 2.0 if name == "all_reduce" else 1.0
        round_trip = (
            (domains - 1.0) / domains if algorithm == "hierarchical" else (total - 1.0) / np.maximum(total, 1.0)
        )
        crossing_b = passes * round_trip * share_b
    return np.where(domains > 1.0, crossing_b, 0.0)


def network_collective(
    kernels: SingleKernels,
    name: CollectiveName,
    message_b: ArrayLike,
    *,
    ranks: ArrayLike,
    ranks_per_domain: int,
    network: Network,
) -> Estimate:
    """Return the time of a collective over `ranks`, `ranks_per_domain` in each domain; one domain is left to its links.

    Inside the range that was measured the `basis` is MEASURED, unless a latency or an efficiency was stated. An
    all-reduce between domains was not measured: it rests on the ring's steps and rates, so it is EXTRAPOLATED.
    """
    total, size_b = np.broadcast_arrays(np.asarray(ranks, dtype=float), np.asarray(message_b, dtype=float))
    local = np.minimum(total, ranks_per_domain)
    domains = np.maximum(total / ranks_per_domain, 1.0)
    # What stays in the domain of an all-to-all is the part that the domain's own ranks send one another.
    inside_b = size_b / domains if name == "all_to_all" else size_b
    inside = kernels.collective(name, inside_b, ranks=local)
    path = measured_paths()[name if name in ("all_to_all", "point_to_point") else "ring"]

    def crossing_b(algorithm: Algorithm) -> FloatArray:
        return port_traffic_b(name, size_b, ranks=total, ranks_per_domain=ranks_per_domain, algorithm=algorithm)

    if name in ("all_to_all", "point_to_point"):
        held_s = inside.time_s if name == "all_to_all" else 0.0
        time_s = path.time_s(1.0, crossing_b("ring"), held_s, network)
    elif name != "all_reduce":
        time_s = path.time_s(total - 1.0, crossing_b("ring"), inside.time_s, network)
    else:
        levels = 2.0 * np.ceil(np.log2(np.maximum(domains, 2.0)))
        if network.all_reduce == "hierarchical":
            time_s = inside.time_s + path.time_s(levels, crossing_b("hierarchical"), 0.0, network)
        else:
            ring_s = path.time_s(2.0 * (total - 1.0), crossing_b("ring"), inside.time_s, network)
            time_s = np.minimum(ring_s, path.time_s(levels, crossing_b("tree"), inside.time_s, network))
    between = domains > 1.0
    basis = _basis(path, name, size_b, domains, ranks_per_domain, network)
    return inside._replace(
        time_s=np.where(between, time_s, inside.time_s),
        basis=np.where(between, basis, inside.basis).astype(np.uint8),
        # No public table holds the power of an accelerator that waits for its network: the links' stands in.
        power_basis=np.where(between, Basis.DATASHEET, inside.power_basis).astype(np.uint8),
    )


def _basis(
    path: MeasuredPath, name: str, message_b: FloatArray, domains: FloatArray, ranks_per_domain: int, network: Network
) -> NDArray[np.uint8]:
    if network.latency_s is not None and network.efficiency is not None:
        return np.full(message_b.shape, Basis.DATASHEET, dtype=np.uint8)
    as_measured = (
        network.latency_s is None
        and network.efficiency is None
        and name != "all_reduce"
        and abs(network.bandwidth_b_per_s / path.port_b_per_s - 1.0) < _SAME_PORT
        and (ranks_per_domain == path.ranks_per_domain or name == "point_to_point")
    )
    inside = (
        as_measured
        & (domains >= path.least_domains)
        & ((domains <= path.greatest_domains) | (name == "point_to_point"))
        & (message_b >= path.least_message_b)
        & (message_b <= path.greatest_message_b)
    )
    return np.where(inside, Basis.MEASURED, Basis.EXTRAPOLATED).astype(np.uint8)


_SAME_PORT = 0.05
"""Share by which a port may differ from those that were measured and still count as one of them: assumption."""
