"""Power of an accelerator while a kernel runs: idle, plus what running, computing and moving memory add, up to the cap.

With u_c and u_m the shares of the datasheet's compute rate and bandwidth that a kernel reaches, its demand is

    x = (active + compute u_c^a + memory u_m^b) / (cap - idle),    P = idle + (cap - idle) x / (1 + x^8)^(1/8),

all of them W but the exponents, and the last step a smooth clip at the cap: a large matrix product demands more than
the cap allows and is held there. Where this falls short (attention, whose datasheet work leaves out what a kernel does
beside it) a small table corrects it: for prefill over the query heads that share a cache head, for decode over the
batch, and for both over memory utilisation. Utilisations are taken at the time that a kernel takes under the
accelerator's own cap; for a lower cap see `power_cap`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..accelerators.accelerator import Accelerator
from .estimate import Basis, FloatArray
from .fitted_kernel import HeldOutError
from .operation import Axis, Rates, Shape, Work
from .residual_table import ResidualTable

ACTIVE_SHARE = 0.1
"""Drawn above idle by any running kernel, as a share of (cap - idle). The lowest readings while kernels ran were 126 W
on H200 and 242 W on B200: shares of 0.08 and 0.12."""

_HEADS_AXIS = Axis("log2_heads_per_cache_head", tuple(float(knot) for knot in range(9)))
_BATCH_AXIS = Axis("log2_batch", tuple(float(knot) for knot in range(0, 13, 2)))
_MEMORY_AXIS = Axis("log2_memory_utilisation", tuple(float(knot) for knot in range(-8, 2)))

TABLE_AXES: Final[Mapping[str, tuple[Axis, Axis]]] = {
    "prefill_attention": (_HEADS_AXIS, _MEMORY_AXIS),
    "decode_attention": (_BATCH_AXIS, _MEMORY_AXIS),
}
"""Operations whose power has a table, and its axes; chosen among pairs of head, batch, length and utilisation."""


@dataclass(frozen=True)
class FittedPower:
    """Power of one operation in one number format on one accelerator, fitted to measurements."""

    operation: str
    dtype: str
    accelerator: str
    """Name in the catalogue of what was measured."""
    framework: str
    """Whose kernels were measured."""
    parameters: Mapping[str, float]
    """`compute_w`, `memory_w`, `active_w`, `idle_w`, `cap_w` [W], `compute_exponent`, `memory_exponent`; and what was
    measured: `least_time_s` [s], `least_` and `greatest_` `compute` and `memory` utilisation."""
    table: ResidualTable | None
    """Logarithm of measured over predicted power; None where the form is enough."""
    rows: int
    """Measurements that were fitted."""
    source: str
    """Distribution and version of the measurements, or the file."""
    device: str
    """The device as it named itself."""
    held_out: HeldOutError | None
    """Errors on held-out families, from a fit on the others, at the measured times."""
    firmest: int = Basis.MEASURED
    """The firmest `Basis` that its answers may claim: weaker where it stands in for another accelerator."""

    def predict(
        self, shape: Shape, compute: FloatArray, memory: FloatArray, time_s: FloatArray
    ) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return power as a share of (cap - idle), and whether it rests on measurements of its like.

        `compute` and `memory` are utilisations. A kernel shorter than those that were measured is none of their like.
        """
        known = self.parameters
        share = power_share(known, compute, memory)
        inside = time_s >= known["least_time_s"]
        if self.table is None:
            for name, utilisation in (("compute", compute), ("memory", memory)):
                inside &= (utilisation >= known[f"least_{name}"]) & (utilisation <= known[f"greatest_{name}"])
            return share, inside
        logarithm, covered = self.table(table_features(self.operation, shape, memory))
        idle_share = known["idle_w"] / (known["cap_w"] - known["idle_w"])
        return np.minimum((idle_share + share) * np.exp(logarithm) - idle_share, 1.0), inside & covered


def power_share(parameters: Mapping[str, float], compute: FloatArray, memory: FloatArray) -> FloatArray:
    """Return the closed form's power as a share of (cap - idle), from utilisations."""
    span_w = parameters["cap_w"] - parameters["idle_w"]
    demand = (
        parameters["active_w"]
        + parameters["compute_w"] * compute ** parameters["compute_exponent"]
        + parameters["memory_w"] * memory ** parameters["memory_exponent"]
    ) / span_w
    demand **= 2
    demand **= 2  # The eighth power by squares and its root by square roots: a tenth of the time of `**`.
    eighth = demand * demand
    share: FloatArray = np.sqrt(np.sqrt(np.sqrt(eighth / (1.0 + eighth))))
    return share


def table_features(operation: str, shape: Shape, memory: FloatArray) -> FloatArray:
    """Return the coordinates of an operation's kernels on its TABLE_AXES."""
    by_batch = TABLE_AXES[operation][0] is _BATCH_AXIS
    first = shape["batch"] if by_batch else shape["heads"] / shape["key_value_heads"]
    floor = 2.0 ** _MEMORY_AXIS.knots[0]  # Below the axis is as at its end: next to no memory traffic.
    return np.stack([np.log2(first), np.log2(np.maximum(memory, floor))], axis=1)


def utilisations(work: Work, time_s: FloatArray, rates: Rates) -> tuple[FloatArray, FloatArray]:
    """Return the shares of the datasheet's compute rate and bandwidth that kernels reach."""
    per_s = 1.0 / np.maximum(time_s, 1e-300)
    compute = work.flop * per_s * (1.0 / rates.compute_flop_per_s)
    memory = work.traffic_b * per_s * (1.0 / rates.bandwidth_b_per_s if rates.bandwidth_b_per_s else 0.0)
    return compute, memory


_UNMEASURED: Final[Mapping[str, tuple[float, float]]] = {
    "gemm": (1.0, 0.75),
    "grouped_gemm": (1.0, 0.75),
    "prefill_attention": (0.75, 0.6),
    "prefill_attention_backward": (0.75, 0.6),
    "latent_prefill_attention": (0.75, 0.6),
    "decode_attention": (0.5, 0.65),
    "latent_decode_attention": (0.5, 0.65),
    "elementwise": (0.0, 0.65),
}
"""Shares of (cap - idle) added by computing and by moving memory at the datasheet's rates, where nobody measured power
and no fit stands in: assumption, rounded from what H200 and B200 draw."""
_LINKS = (0.0, 0.3)
"""The same for all other operations, which are the collectives: links in place of memory, assumption."""


def kernel_power_w(
    accelerator: Accelerator,
    fitted: Mapping[tuple[str, str], FittedPower],
    operation: str,
    dtype: str,
    shape: Shape,
    work: Work,
    time_s: FloatArray,
    rates: Rates,
) -> tuple[FloatArray, NDArray[np.uint8]]:
    """Return the mean power while each kernel runs [W], and the `Basis` of each.

    `fitted` has the fits by (operation, dtype). The firmest answer is MEASURED, inside the range of a fit of the
    operation and format themselves; EXTRAPOLATED outside of it or where a like one stands in; DATASHEET where only
    another accelerator's fit does, scaled between this one's idle and provisioned power, or none.
    """
    compute, memory = utilisations(work, time_s, rates)
    known = nearest_power(fitted, operation, dtype)
    if known is None:
        by_compute, by_memory = _UNMEASURED.get(operation, _LINKS)
        share = ACTIVE_SHARE + by_compute * compute + by_memory * memory
        basis = np.full(len(time_s), Basis.DATASHEET, dtype=np.uint8)
    elif (known.operation, known.dtype) == (operation, dtype):
        share, inside = known.predict(shape, compute, memory, time_s)
        basis = np.where(inside, known.firmest, max(known.firmest, Basis.EXTRAPOLATED)).astype(np.uint8)
    else:
        share = power_share(known.parameters, compute, memory)
        basis = np.full(len(time_s), max(known.firmest, Basis.EXTRAPOLATED), dtype=np.uint8)
    idle_w, cap_w = accelerator.idle_power.value, accelerator.provisioned_power.value
    return np.clip(idle_w + (cap_w - idle_w) * share, idle_w, cap_w), basis


def nearest_power(fitted: Mapping[tuple[str, str], FittedPower], operation: str, dtype: str) -> FittedPower | None:
    """Return the fit of an operation and format, else of the nearest format, else of the nearest operation."""
    for name in (operation, *_LIKE.get(operation, ())):
        for width in (dtype, *_NEAR.get(dtype, ())):
            known = fitted.get((name, width))
            if known is not None:
                return known
    return None


_LIKE: Final[Mapping[str, tuple[str, ...]]] = {
    "gemm": ("grouped_gemm",),
    "grouped_gemm": ("gemm",),
    "prefill_attention_backward": ("prefill_attention",),
    "latent_prefill_attention": ("prefill_attention",),
    "latent_decode_attention": ("decode_attention",),
    "elementwise": ("decode_attention",),
}
"""Operations whose power stands in where an operation's own was not measured: assumption, the same units are busy."""
_NEAR: Final[Mapping[str, tuple[str, ...]]] = {
    "fp16": ("bf16",),
    "fp8": ("fp8_block", "bf16"),
    "fp8_block": ("fp8", "bf16"),
    "int8": ("fp8", "fp8_block", "bf16"),
    "nvfp4": ("fp8_block", "fp8", "bf16"),
    "mxfp4": ("fp8_block", "fp8", "bf16"),
}
"""Number formats that stand in, nearest first: assumption."""

_STAND_INS: Final[Mapping[str, tuple[str, Basis]]] = {
    "h100-sxm": ("h200-sxm", Basis.EXTRAPOLATED),  # The same chip with other memory.
    "gb200": ("b200", Basis.EXTRAPOLATED),  # B200's chips beside another processor, at a higher cap.
    "b300": ("b200", Basis.DATASHEET),
    "gb300": ("b200", Basis.DATASHEET),
}


def power_stand_in(accelerator: str) -> tuple[str, Basis]:
    """Return whose measured power stands in for that of an accelerator without, and the firmest basis that is.

    Power is scaled between idle and provisioned power. Assumption: Blackwell is like B200, all others like H200.
    """
    return _STAND_INS.get(accelerator, ("h200-sxm", Basis.DATASHEET))


def stand_in(power: FittedPower, accelerator: str) -> FittedPower:
    """Return a fit as it answers for another accelerator: the same, but claiming less."""
    return dataclasses.replace(power, firmest=power_stand_in(accelerator)[1])
