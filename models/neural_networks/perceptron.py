"""A multilayer perceptron: the smallest model that a hall can train."""

from __future__ import annotations

import itertools
from typing import Literal

from pydantic import Field

from ..sourced import Entry


class Perceptron(Entry):
    """Fully connected layers with biases."""

    kind: Literal["perceptron"] = "perceptron"
    """Fully connected layers."""
    widths: tuple[int, ...] = Field(min_length=2)
    """Neurons of each layer, from input to output."""

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(self.widths))

    @property
    def forward_flop_per_sample(self) -> int:
        """Multiplications and additions of the weights, two FLOP each."""
        return 2 * sum(inputs * outputs for inputs, outputs in itertools.pairwise(self.widths))
