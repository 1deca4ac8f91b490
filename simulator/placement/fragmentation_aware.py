"""Fragmentation gradient descent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .policy import PlacementPolicy


class FragmentationAware(PlacementPolicy):
    """Each task goes to the node and accelerator where it leaves least that the tasks to come can not use (FGD).

    Q. Weng et al.: Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent,
    USENIX ATC 2023.
    """

    kind: Literal["fragmentation-aware"] = "fragmentation-aware"
    popular_share: float = Field(default=0.95, gt=0, le=1)
    """Share of the workload's tasks whose shapes are expected to come again, the most frequent first. 0.95 is the
    default of the authors' scripts (hkust-adsl/kubernetes-scheduler-simulator, `--pod-popularity-threshold`)."""

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .fragmentation_aware_kernel import choose

        return choose

    def expects_tasks(self) -> float:
        """Return the share of tasks whose shapes are told beforehand."""
        return self.popular_share
