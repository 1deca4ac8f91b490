"""Best fit."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class BestFit(PlacementPolicy):
    """Each task goes to the node on which least is left over.

    What is left is summed over accelerators and cores, each as a share of what the hall's largest node has, as in the
    baseline of Q. Weng et al., USENIX ATC 2023. Memory must fit and does not count.
    """

    kind: Literal["best-fit"] = "best-fit"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .best_fit_kernel import choose

        return choose
