"""Best fit."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class BestFit(PlacementPolicy):
    """Each task goes to the node on which least is left over.

    What is left is summed over accelerators, cores and memory, each as a share of the node's capacity.
    """

    kind: Literal["best-fit"] = "best-fit"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .best_fit_kernel import choose

        return choose
