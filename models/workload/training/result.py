"""What one step of training comes out at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...calibration.estimate import Basis
from .memory import TrainingMemory


@dataclass(frozen=True)
class TrainingStep:
    """One step of training. Phases lie end to end and add up to the step, on the stage that sets the pace."""

    step_s: float
    """Time of the step [s]."""
    tokens_per_s: float
    """Tokens trained on by all accelerators [1/s]."""
    mfu: float
    """Model operations over the peak dense rate of the products' format, causal attention counted by half."""
    mfu_full_attention: float
    """The same with attention counted in full, as PaLM and Megatron-LM count it."""
    hfu: float
    """Model operations and those computed again over the peak rate, causal attention counted by half."""
    phase_s: Mapping[str, float]
    """Time of each phase [s]; exchanges as far as no computing hides them."""
    phase_power_w: Mapping[str, float]
    """Mean power of an accelerator in each phase [W]."""
    power_w: float
    """Mean power of an accelerator over the step and over all stages [W]."""
    energy_per_token_j: float
    """Energy of all accelerators for a token [J]; the rest of the nodes is not in it."""
    sent_b: Mapping[tuple[str, str], float]
    """Bytes that an accelerator of the slowest stage sends in a step, by kind of link (scale-up, network, host) and
    collective."""
    memory: TrainingMemory
    """Memory of an accelerator of the fullest stage."""
    basis: Basis
    """The weakest basis that any part of the time rests on."""
    basis_share: Mapping[str, float]
    """Share of the kernels' and exchanges' time by basis."""
    notes: tuple[str, ...]
    """What was assumed for this step."""

    @property
    def network_b(self) -> float:
        """Bytes that an accelerator sends over the network in a step [B]."""
        return sum(size_b for (link, _), size_b in self.sent_b.items() if link == "network")

    @property
    def scale_up_b(self) -> float:
        """Bytes that an accelerator sends over scale-up links in a step [B]."""
        return sum(size_b for (link, _), size_b in self.sent_b.items() if link == "scale-up")
