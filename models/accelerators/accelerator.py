"""An accelerator, GPU or TPU: what one package can compute, hold, move and draw."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..section import Section
from ..sourced import Entry, Sourced
from ..units import Bandwidth, ComputeRate, Data, Mass, Power

Dtype = Literal["fp64", "tf32", "bf16", "fp16", "fp8", "fp4", "int8"]


class ComputeRates(Section):
    """Peak rates of the matrix units by number format: dense, never with structured sparsity. Absent: not supported."""

    fp64: Sourced[ComputeRate] | None = None
    """FLOP/s in double precision, on the matrix units where they do it."""
    tf32: Sourced[ComputeRate] | None = None
    """FLOP/s in TF32 (or a like format of 32-bit operands)."""
    bf16: Sourced[ComputeRate]
    """FLOP/s in bfloat16."""
    fp16: Sourced[ComputeRate] | None = None
    """FLOP/s in IEEE half precision."""
    fp8: Sourced[ComputeRate] | None = None
    """FLOP/s in 8-bit floating point."""
    fp4: Sourced[ComputeRate] | None = None
    """FLOP/s in 4-bit floating point (NVFP4, MXFP4)."""
    int8: Sourced[ComputeRate] | None = None
    """Operations/s in 8-bit integers."""


class Accelerator(Entry):
    """One accelerator package. Bandwidths of links are per direction; makers often print the sum of both."""

    vendor: str
    """Who makes it."""
    kind: Literal["gpu", "tpu"]
    """What it is."""
    year: int = Field(ge=2015)
    """The year in which it was first shipped."""
    memory: Sourced[Data]
    """B of high-bandwidth memory, as the maker prints it."""
    visible_memory: Sourced[Data] | None = None
    """B that programs can use, as the driver reports it. Makers print GB where they count in GiB."""
    memory_bandwidth: Sourced[Bandwidth]
    """B/s to and from its own memory."""
    compute: ComputeRates
    """Peak dense compute rates by number format."""
    scale_up: Literal["switch", "mesh", "torus-2d", "torus-3d", "none"]
    """How accelerators of one scale-up domain are joined (NVLink, Infinity Fabric, ICI)."""
    scale_up_bandwidth: Sourced[Bandwidth] | None = None
    """B/s per direction over all scale-up links of one accelerator."""
    host_bandwidth: Sourced[Bandwidth] | None = None
    """B/s per direction to the host's processor."""
    rated_power: Sourced[Power]
    """W, the maker's limit (TDP)."""
    provisioned_power: Sourced[Power]
    """W, the highest sustained draw that was measured; an assumption where nobody has."""
    idle_power: Sourced[Power]
    """W with no program on it."""
    embodied_carbon: Sourced[Mass] | None = None
    """kg of CO2 equivalent emitted in making it, where published."""

    @model_validator(mode="after")
    def _powers_in_order(self) -> Self:
        if not self.idle_power.value <= self.provisioned_power.value <= self.rated_power.value:
            raise ValueError("powers must rise: idle_power <= provisioned_power <= rated_power")
        if (self.scale_up == "none") != (self.scale_up_bandwidth is None):
            raise ValueError("scale_up_bandwidth is given exactly where scale_up is not 'none'")
        return self

    @property
    def memory_b(self) -> float:
        """B that programs can use: what the driver reports, else what the maker prints."""
        return (self.visible_memory or self.memory).value

    @property
    def memory_bandwidth_b_per_s(self) -> float:
        """B/s to and from its own memory."""
        return self.memory_bandwidth.value

    @property
    def scale_up_bandwidth_b_per_s(self) -> float:
        """B/s per direction over all scale-up links; 0 where it has none."""
        return self.scale_up_bandwidth.value if self.scale_up_bandwidth else 0.0

    def compute_flop_per_s(self, dtype: Dtype) -> float:
        """Return the peak dense rate [FLOP/s; operations/s for int8]; raise ValueError where it is not supported."""
        rate: Sourced[ComputeRate] | None = getattr(self.compute, dtype, None)
        if rate is None:
            have = ", ".join(name for name in ComputeRates.model_fields if getattr(self.compute, name) is not None)
            raise ValueError(f"{self.title} does not compute in {dtype}; it does in {have}")
        return rate.value
