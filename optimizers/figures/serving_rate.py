"""How many requests a second a node serves within a service level: computed from calibrated kernels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from models import catalog
from models.calibration.fits import kernels_for, serving
from models.neural_networks.transformer import Transformer
from models.nodes.node import Node
from models.workload.inference.engine import Layout, ServingEngine
from models.workload.inference.memory import DoesNotFit, key_value_capacity
from models.workload.inference.steady import SteadyDecoding, steady_decoding
from models.workload.training_plan import accelerator_activity

from ..given.demand.serving import ServingDemand

FRAMEWORK = "trtllm"
"""Whose kernels and host overhead answer first: most of the serving points that the overhead is fitted to are of
TensorRT-LLM, so that its error is known best. That a service runs on it is an assumption."""


class CanNotServe(ValueError):
    """A model that a node can not serve at all, or not within the service level."""


@dataclass(frozen=True)
class ServingRate:
    """What a node serves in balance."""

    requests_per_s: float
    activity: float
    """How busy that keeps it, 0 to 1."""
    tensor: int
    """Accelerators that one replica of the model takes."""
    concurrency: int
    """Requests that run at once in a replica."""
    time_to_first_token_s: float
    time_per_output_token_s: float
    in_pieces: bool
    """Whether one piece of a prompt in an iteration is what limits it."""


def serving_rate(demand: ServingDemand, node: Node) -> ServingRate:
    """Return the most that a node serves of a demand, over all degrees of tensor parallelism within it.

    A replica in balance has N requests, as `steady_decoding` describes it: queues and bursts are not in it. N is the
    greatest number whose keys and values fit the memory, with which one iteration carries no more than one piece of a
    prompt, a request gets its first token in time (it waits for one mean iteration, then its prompt takes those that
    carry it) and each further one in time. Cached tokens take memory and are attended to, but are not computed. The
    weights are in the format in which the model was published, the cache in 16 bits.

    Raises CanNotServe with the reason where there is no such N.
    """
    assert demand.model is not None
    lengths = (float(demand.input_tokens), float(demand.output_tokens), float(demand.cached_input_tokens))
    limits = (float(demand.slo.time_to_first_token), float(demand.slo.time_per_output_token))
    if not isinstance(node.accelerator, str):
        raise CanNotServe("the node has no accelerator of the catalogue; state what it serves under 'stated'")
    found = _best(demand.model, node.accelerator, node.accelerators, lengths, limits)
    steady, tensor, concurrency, per_s = found
    first_s = steady.time_per_output_token_s + steady.prefill_iterations * steady.mixed_iteration_s
    return ServingRate(
        per_s,
        accelerator_activity(node, steady.power_w),
        tensor,
        concurrency,
        first_s,
        steady.time_per_output_token_s,
        in_pieces=(concurrency + 1) * steady.prefill_iterations > lengths[1] + steady.prefill_iterations,
    )


@functools.lru_cache(maxsize=256)
def _best(
    model_name: str,
    accelerator: str,
    accelerators: int,
    lengths: tuple[float, float, float],
    limits_s: tuple[float, float],
) -> tuple[SteadyDecoding, int, int, float]:
    """Return (steady state, tensor parallelism, requests of a replica, requests/s of the node) at its best."""
    model = catalog.entry("models", model_name)
    if not isinstance(model, Transformer):
        raise CanNotServe(f"'{model_name}' is a {model.kind}; only transformers are served")
    if sum(lengths) > model.context:
        raise CanNotServe(f"{sum(lengths):g} tokens are more than the {model.context} that '{model_name}' attends to")
    best: tuple[SteadyDecoding, int, int, float] | None = None
    reasons = []
    for tensor in (degree for degree in range(1, accelerators + 1) if accelerators % degree == 0):
        try:
            engine = serving_engine(model, accelerator, tensor, accelerators)
            tokens = key_value_capacity(engine).tokens
        except DoesNotFit as error:
            reasons.append(str(error))
            continue
        except ValueError:  # heads that can not be shared so
            continue
        found = _most(engine, tokens, lengths, limits_s)
        if found is None:
            reasons.append(f"with tensor parallelism {tensor} not even one request at a time is within the SLO")
            continue
        concurrency, steady = found
        begin = concurrency / (lengths[1] + steady.prefill_iterations)
        per_s = accelerators // tensor * begin / steady.time_per_output_token_s
        if best is None or per_s > best[3]:
            best = (steady, tensor, concurrency, per_s)
    if best is None:
        raise CanNotServe(reasons[-1] if reasons else f"no degree of tensor parallelism fits '{model_name}'")
    return best


def serving_engine(model: Transformer, accelerator: str, tensor: int, domain: int) -> ServingEngine:
    """Return an engine with the model's formats as published; fp8 mixtures have scales by blocks."""
    weights = "fp8_block" if model.dtype == "fp8" and model.experts is not None else model.dtype
    return ServingEngine(
        model,
        kernels_for(accelerator, serving(FRAMEWORK)),
        Layout(tensor=tensor),
        weight_dtype=weights,
        expert_dtype=model.experts.dtype if model.experts is not None else None,
        domain=domain,
    )


def _most(
    engine: ServingEngine, tokens: int, lengths: tuple[float, float, float], limits_s: tuple[float, float]
) -> tuple[int, SteadyDecoding] | None:
    """Return the most requests at once within the limits and their steady state; None where one is too many."""
    given, out, cached = lengths

    def steady(concurrency: int) -> SteadyDecoding:
        return steady_decoding(
            engine, concurrency=concurrency, input_tokens=given, output_tokens=out, cached_input_tokens=cached
        )

    def holds(concurrency: int) -> bool:
        one = steady(concurrency)
        in_one_piece = concurrency * one.prefill_iterations <= out + one.prefill_iterations
        first_s = one.time_per_output_token_s + one.prefill_iterations * one.mixed_iteration_s
        return in_one_piece and first_s <= limits_s[0] and one.time_per_output_token_s <= limits_s[1]

    low, high = 0, min(int(tokens // (given + out + cached)), engine.max_sequences, engine.token_budget - 1)
    while low < high:  # more requests never make a token come sooner
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return (low, steady(low)) if low else None
