"""How a training job is laid out over accelerators: degrees of parallelism, batches, what is kept or computed twice."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...neural_networks.transformer import Transformer
from ...problems import InputError, Problem
from ...section import Section

Precision = Literal["bf16", "fp16", "fp8", "fp8_block", "nvfp4"]
"""Number format of the matrix products of the layers. Attention, router and logits stay in 16 bits."""
Recompute = Literal["none", "selective", "full"]
RecomputePart = Literal["attention", "latent_projection", "norm", "activation"]
"""What selective recomputation computes again: the core of attention; the expansion of latent queries, keys and values;
the norms; the activation function of MLP and experts."""


class Layout(Section):
    """How a training job is laid out. Data parallelism is what the other degrees leave of the accelerators."""

    tensor: int = Field(default=1, ge=1)
    """Ranks that share each matrix."""
    pipeline: int = Field(default=1, ge=1)
    """Stages that share the layers."""
    virtual_pipeline: int = Field(default=1, ge=1)
    """Chunks of layers on each stage (interleaved schedule)."""
    context: int = Field(default=1, ge=1)
    """Ranks that share each sequence, passing keys and values around a ring."""
    expert: int = Field(default=1, ge=1)
    """Ranks that share the experts."""
    expert_tensor: int = Field(default=1, ge=1)
    """Ranks that share each expert's matrices."""
    micro_batch: int = Field(default=1, ge=1)
    """Sequences that pass together."""
    global_batch: int = Field(ge=1)
    """Sequences of one step."""
    sequence: int = Field(ge=1)
    """Tokens of a sequence."""
    sequence_parallel: bool = False
    """Whether norms and residuals are shared among the tensor-parallel ranks too."""
    zero: Literal[0, 1, 2, 3] = 0
    """What data-parallel ranks share: 1 the optimizer, 2 gradients too, 3 weights too (fully sharded)."""
    recompute: Recompute = "none"
    """What the backward pass computes again: nothing, `recompute_parts`, or whole layers."""
    recompute_parts: tuple[RecomputePart, ...] = ("attention",)
    """What selective recomputation computes again."""
    attention: Literal["flash", "unfused"] = "flash"
    """Fused attention that keeps no scores, or products and softmax one by one."""
    dropout: bool = False
    """Whether residuals (and scores of unfused attention) are dropped out, which keeps masks."""
    precision: Precision = "bf16"
    """Number format of the matrix products of the layers."""
    gradient_dtype: Literal["fp32", "bf16"] = "fp32"
    """Number format in which gradients are summed and exchanged."""
    overlap_data: bool = False
    """Whether the exchange of gradients and weights runs beside backward and forward."""
    overlap_tensor: bool = False
    """Whether tensor-parallel exchanges run beside the products that need them, in as many pieces as ranks."""
    overlap_pipeline: bool = False
    """Whether sends between stages run beside computing."""
    offloaded_layers: int = Field(default=0, ge=0)
    """Layers whose saved activations wait in the host's memory."""
    expert_load: float = Field(default=1.0, ge=1.0)
    """Tokens of the most loaded rank of experts over the mean; 1 is balanced, as benchmarks force it."""

    @property
    def model_parallel(self) -> int:
        """Accelerators that hold one copy of the model's dense part."""
        return self.tensor * self.context * self.pipeline

    @property
    def micro_batch_tokens(self) -> float:
        """Tokens of one micro-batch on one context-parallel rank."""
        return self.micro_batch * self.sequence / self.context

    @property
    def region_tokens(self) -> float:
        """Tokens of one micro-batch that one rank norms and adds: its share with sequence parallelism, else all."""
        return self.micro_batch_tokens / (self.tensor if self.sequence_parallel else 1)

    def data_parallel(self, accelerators: int) -> int:
        """Return how many copies of the model train side by side."""
        return accelerators // self.model_parallel

    def expert_data_parallel(self, accelerators: int) -> int:
        """Return how many copies of each expert there are."""
        return accelerators // (self.pipeline * self.expert * self.expert_tensor)

    def micro_batches(self, accelerators: int) -> int:
        """Return the micro-batches that one copy of the model takes in a step."""
        return self.global_batch // (self.micro_batch * self.data_parallel(accelerators))

    def key_value_heads(self, model: Transformer) -> int:
        """Return the heads of keys and values on one tensor-parallel rank; below the degree they are copied."""
        return max(model.key_value_heads // self.tensor, 1)

    def problems(self, model: Transformer, accelerators: int) -> tuple[Problem, ...]:
        """Return everything for which this layout can not run a model on so many accelerators."""
        found = [*self._degrees(model), *self._batches(accelerators)]
        if model.experts or self.expert > 1 or self.expert_tensor > 1:
            found += self._experts(model, accelerators)
        return tuple(Problem("", path, message) for path, message in found)

    def check(self, model: Transformer, accelerators: int) -> None:
        """Raise InputError with everything for which this layout can not run."""
        problems = self.problems(model, accelerators)
        if problems:
            raise InputError(problems)

    def _degrees(self, model: Transformer) -> list[tuple[str, str]]:
        found = []
        chunks = self.pipeline * self.virtual_pipeline
        if model.layers < chunks:
            interleaved = f" of {self.virtual_pipeline} chunks, {chunks} in all" if chunks > self.pipeline else ""
            found.append(("pipeline", f"{model.layers} layers can not fill {self.pipeline} stages{interleaved}"))
        if self.virtual_pipeline > 1 and self.pipeline == 1:
            found.append(("virtual_pipeline", "chunks are interleaved among stages; allowed from pipeline 2 on"))
        if model.heads % self.tensor:
            found.append(("tensor", f"{model.heads} heads are not divisible by {self.tensor}"))
        kept, copied = model.key_value_heads % self.tensor, self.tensor % model.key_value_heads
        if not model.latent_attention and kept and copied:
            message = f"{model.key_value_heads} key-value heads neither divide {self.tensor} nor are divisible by it"
            found.append(("tensor", message))
        if model.intermediate % self.tensor:
            found.append(("tensor", f"the MLP's {model.intermediate} neurons are not divisible by {self.tensor}"))
        if model.learned_positions and self.sequence > model.learned_positions:
            message = f"{self.sequence} tokens; the model has {model.learned_positions} learned positions"
            found.append(("sequence", message))
        if self.context > 1 and self.sequence % (2 * self.context):
            # Each rank takes one early and one late piece, so that causal attention is even.
            found.append(("context", f"{self.sequence} tokens are not divisible into 2 x {self.context} pieces"))
        if self.sequence_parallel and (self.sequence // self.context) % self.tensor:
            found.append(("tensor", f"{self.sequence // self.context} tokens are not divisible by {self.tensor}"))
        if self.offloaded_layers > model.layers:
            found.append(("offloaded_layers", f"{self.offloaded_layers} are more than the {model.layers} there are"))
        if self.attention == "unfused" and (self.context > 1 or model.latent_attention):
            found.append(("attention", "unfused attention is known without context parallelism and latent attention"))
        return found

    def _batches(self, accelerators: int) -> list[tuple[str, str]]:
        if accelerators % self.model_parallel:
            factors = f"tensor {self.tensor} x context {self.context} x pipeline {self.pipeline}"
            return [("accelerators", f"{accelerators} are not divisible by {factors} = {self.model_parallel}")]
        data = self.data_parallel(accelerators)
        if self.global_batch % (data * self.micro_batch):
            message = f"{self.global_batch} sequences are not divisible by {data} copies x {self.micro_batch} at a time"
            return [("global_batch", message)]
        micro_batches = self.micro_batches(accelerators)
        if self.virtual_pipeline > 1 and micro_batches % self.pipeline:
            message = f"{micro_batches} micro-batches; interleaving takes multiples of the {self.pipeline} stages"
            return [("global_batch", message)]
        return []

    def _experts(self, model: Transformer, accelerators: int) -> list[tuple[str, str]]:
        if model.experts is None:
            return [("expert", "the model has no experts; allowed: expert 1 and expert_tensor 1")]
        found = []
        if model.experts.count % self.expert:
            found.append(("expert", f"{model.experts.count} experts are not divisible by {self.expert}"))
        if model.experts.intermediate % self.expert_tensor:
            message = f"an expert's {model.experts.intermediate} neurons are not divisible by {self.expert_tensor}"
            found.append(("expert_tensor", message))
        stage = accelerators // self.pipeline
        if stage % (self.expert * self.expert_tensor):
            shared = self.expert * self.expert_tensor
            found.append(("expert", f"the {stage} accelerators of a stage are not divisible by {shared}"))
        if self.tensor > 1 and self.expert > 1 and not self.sequence_parallel:
            found.append(
                ("sequence_parallel", "expert beside tensor parallelism needs it: ranks must hold other tokens")
            )
        return found
