"""A serving engine: a model on accelerators under a framework, and how the model is laid out over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...accelerators.accelerator import Accelerator
from ...calibration.host_overhead import HostOverhead, host_overhead
from ...calibration.kernels import Kernels
from ...calibration.network import Network
from ...calibration.number_formats import kernel_dtypes
from ...neural_networks.transformer import Transformer

_PARALLELISMS = ("tensor", "expert", "pipeline", "attention_data")


@dataclass(frozen=True)
class Layout:
    """How one replica of a model lies over accelerators.

    A stage of the pipeline has `tensor` times `attention_data` ranks. Attention and ordinary MLPs are split over
    `tensor` ranks; each of `attention_data` groups of them serves sequences of its own. The experts of a mixture lie
    over all ranks of the stage: shared out over `expert` of them, and each one split over the rest.
    """

    tensor: int = 1
    """Ranks that share the heads of attention."""
    expert: int = 1
    """Ranks that the experts are shared out over."""
    pipeline: int = 1
    """Stages that the layers are cut into."""
    attention_data: int = 1
    """Groups of ranks that attend for different sequences."""

    @property
    def stage_ranks(self) -> int:
        """Accelerators of one stage."""
        return self.tensor * self.attention_data

    @property
    def accelerators(self) -> int:
        """Accelerators of one replica."""
        return self.stage_ranks * self.pipeline

    @property
    def expert_tensor(self) -> int:
        """Ranks that share the inner width of one expert."""
        return self.stage_ranks // self.expert


@dataclass(frozen=True)
class ServingEngine:
    """One replica of a model as a framework serves it. Raises ValueError with all that can not run."""

    model: Transformer
    kernels: Kernels
    """The kernels of the accelerator under the framework."""
    layout: Layout = Layout()
    weight_dtype: str = "bf16"
    """Number format of the matrices; embedding, router and output projection stay in bf16."""
    static_scales: bool = False
    """Whether a checkpoint in fp8 brings the scales of activations, so that products need not find and apply them."""
    expert_dtype: str | None = None
    """Number format of the experts where it differs (gpt-oss: mxfp4)."""
    expert_skew: float = 1.2
    """Exponent of the power law by which tokens prefer experts; 0 is even. Assumption: the more skewed of the two that
    experts were measured at."""
    key_value_dtype: str = "bf16"
    """Number format of the key-value cache."""
    prefill_attention_dtype: str = "bf16"
    """Number format in which prompts attend to themselves."""
    memory_fraction: float = 0.9
    """Share of the accelerator's memory that the framework may take (vLLM's default)."""
    max_sequences: int = 256
    """Sequences that may run at once in the replica (vLLM's default up to 2025)."""
    token_budget: int = 8192
    """Tokens of one batch, prefill chunks and decode tokens together (vLLM's default for online serving)."""
    block_tokens: int = 16
    """Tokens of a block of the cache (vLLM's default)."""
    key_value_blocks: int | None = None
    """Blocks of the cache, where the user gives them; else they follow from the memory."""
    domain: int = 8
    """Accelerators of one scale-up domain."""
    network: Network | None = None
    """The network between domains; needed where a stage is wider than a domain."""
    overhead: HostOverhead | None = None
    """Host time of a step, where the user gives it; else that of the framework."""

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def accelerator(self) -> Accelerator:
        """What it runs on."""
        return self.kernels.accelerator

    @property
    def expert_format(self) -> str:
        """Number format of the experts' matrices."""
        return self.expert_dtype or self.weight_dtype

    @property
    def key_value_heads_per_rank(self) -> int:
        """Heads of keys and values on one rank; with fewer heads than ranks each rank holds a copy of one."""
        return -(-self.model.key_value_heads // self.layout.tensor)

    @property
    def stage_layers(self) -> int:
        """Layers of the fullest stage."""
        return -(-self.model.layers // self.layout.pipeline)

    @property
    def host(self) -> HostOverhead:
        """What the host adds to every step."""
        return self.overhead or host_overhead(self.kernels.framework)


def _problems(engine: ServingEngine) -> list[str]:
    layout = engine.layout
    least_one = [(f"layout.{name}", getattr(layout, name)) for name in _PARALLELISMS]
    least_one += [(name, getattr(engine, name)) for name in ("max_sequences", "token_budget", "block_tokens", "domain")]
    found = [f"{name} is {value}; it is at least 1" for name, value in least_one if value < 1]
    if found:
        return found
    if not 0.0 < engine.memory_fraction <= 1.0:
        found.append(f"memory_fraction is {engine.memory_fraction:g}; it is above 0 and at most 1")
    for dtype in (engine.weight_dtype, engine.expert_format, engine.key_value_dtype, engine.prefill_attention_dtype):
        if dtype not in kernel_dtypes():
            found.append(f"number format {dtype!r} is not known; known are {', '.join(kernel_dtypes())}")
    return [*found, *_attention_problems(engine), *_expert_problems(engine)]


def _attention_problems(engine: ServingEngine) -> Iterator[str]:
    model, layout = engine.model, engine.layout
    heads = model.key_value_heads
    if model.heads % layout.tensor:
        yield f"{model.heads} heads are not divisible by tensor parallelism {layout.tensor}"
    elif not model.latent_attention and heads % layout.tensor and layout.tensor % heads:
        yield f"{heads} key-value heads neither divide nor are divisible by tensor parallelism {layout.tensor}"
    if layout.pipeline > model.layers:
        yield f"{layout.pipeline} pipeline stages are more than the {model.layers} layers"
    if layout.stage_ranks > engine.domain and engine.network is None:
        yield f"a stage of {layout.stage_ranks} ranks is wider than a domain of {engine.domain}: give a network"


def _expert_problems(engine: ServingEngine) -> Iterator[str]:
    model, layout = engine.model, engine.layout
    if layout.expert > 1 and not model.experts:
        yield f"expert parallelism {layout.expert} needs a mixture of experts"
    if layout.stage_ranks % layout.expert:
        yield f"the {layout.stage_ranks} ranks of a stage are not divisible by expert parallelism {layout.expert}"
    if model.experts and model.experts.count % layout.expert:
        yield f"{model.experts.count} experts are not divisible by expert parallelism {layout.expert}"
