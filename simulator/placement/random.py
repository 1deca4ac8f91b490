"""Random placement."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class Random(PlacementPolicy):
    """Each task goes to one of the nodes that have room, each as likely, drawn from the stream `placement`.

    A share of an accelerator goes to one of the node's accelerators that have room, each as likely too.
    """

    kind: Literal["random"] = "random"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .random_kernel import choose

        return choose
