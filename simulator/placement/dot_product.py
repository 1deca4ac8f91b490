"""Dot product."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class DotProduct(PlacementPolicy):
    """Each task goes to the node whose free resources align least with its demand.

    The score is the dot product of demand and free resources, accelerators and cores, each as a share of what the
    hall's largest node has, as in the baseline of Q. Weng et al., USENIX ATC 2023, after R. Grandl et al.:
    Multi-resource packing for cluster schedulers, 2014. Memory must fit and does not count.
    """

    kind: Literal["dot-product"] = "dot-product"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .dot_product_kernel import choose

        return choose
