"""Slices of a torus."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class TorusSlice(PlacementPolicy):
    """A job's nodes form a box of the torus, which may reach round its ends; it waits until one is free.

    The box is the smallest that holds the job and, of those, the one with the least surface that is free first, along
    x, then y, then z: TPU slices are such boxes (N. P. Jouppi et al., ISCA 2023). Tasks that take a share of a node
    go to the first that fits, and jobs that no box takes to nodes outside of the torus.
    """

    kind: Literal["torus-slice"] = "torus-slice"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .torus_slice_kernel import choose

        return choose
