"""First fit."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class FirstFit(PlacementPolicy):
    """Each task goes to the first node, in the fleet's order, that has room."""

    kind: Literal["first-fit"] = "first-fit"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .first_fit_kernel import choose

        return choose
