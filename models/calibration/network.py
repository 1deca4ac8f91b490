"""Collectives whose ranks lie in several scale-up domains: inside by the links, between by the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .estimate import Basis, Estimate

if TYPE_CHECKING:
    from .kernels import CollectiveName, Kernels


class Network(NamedTuple):
    """The network between scale-up domains as one accelerator sees it."""

    bandwidth_b_per_s: float
    """Of one accelerator's network port, per direction [B/s]."""
    latency_s: float = 1e-5
    """Of one message [s]: assumption."""


def network_collective(
    kernels: Kernels,
    name: CollectiveName,
    message_b: ArrayLike,
    *,
    ranks: ArrayLike,
    ranks_per_domain: int,
    network: Network,
) -> Estimate:
    """Return the time of a hierarchical collective: inside each domain, then between domains over every rank's port."""
    total = np.asarray(ranks, dtype=float)
    size_b = np.asarray(message_b, dtype=float)
    inside = kernels.collective(name, size_b, ranks=np.minimum(total, ranks_per_domain))
    domains = np.maximum(total / ranks_per_domain, 1.0)
    passes = 2.0 if name == "all_reduce" else 1.0
    between_s = np.where(
        domains > 1.0,
        network.latency_s * np.log2(np.maximum(domains, 2.0))
        + passes * (domains - 1.0) / domains * size_b / ranks_per_domain / network.bandwidth_b_per_s,
        0.0,
    )
    basis = np.where(domains > 1.0, Basis.DATASHEET, inside.basis).astype(np.uint8)
    return inside._replace(time_s=inside.time_s + between_s, basis=basis)
