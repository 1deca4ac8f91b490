"""A serving iteration: what a batch costs, against sums worked out by hand."""

from __future__ import annotations

import dataclasses
import math

import pytest

from models.accelerators.accelerator import Accelerator
from models.calibration.estimate import Basis
from models.calibration.fitted_kernel import FittedKernel
from models.calibration.host_overhead import HostOverhead, host_overhead
from models.calibration.kernels import Kernels
from models.catalog import entry
from models.neural_networks.transformer import Transformer
from models.workload.inference import Batch, Chunk, Layout, ServingEngine, iteration
from models.workload.inference.iteration import representative_chunk
from models.workload.inference.phases import prefill_attention_phase, token_phases
from models.workload.inference.steady import steady_decoding

ALONE = Layout()
NO_HOST = HostOverhead(0.0, 0.0, "assumption", "none in these tests")


@pytest.fixture
def h100() -> Kernels:
    found = entry("accelerators", "h100-sxm")
    assert isinstance(found, Accelerator)
    return Kernels(found)


def model(name: str) -> Transformer:
    found = entry("models", name)
    assert isinstance(found, Transformer)
    return found


def small(**changes: object) -> Transformer:
    fields = {
        "layers": 2, "hidden": 1024, "intermediate": 4096, "heads": 8, "key_value_heads": 2, "head_dim": 128,
        "vocabulary": 32000, "context": 4096, "dtype": "bf16",
    }  # fmt: skip
    return Transformer.model_validate(fields | changes)


def engine(kernels: Kernels, shape: Transformer, layout: Layout = ALONE, **given: object) -> ServingEngine:
    return ServingEngine(shape, kernels, layout, **({"overhead": NO_HOST} | given))  # type: ignore[arg-type]


def test_a_decode_iteration_is_the_sum_of_its_kernels(h100: Kernels) -> None:
    found = iteration(engine(h100, small()), Batch((), 32, 32 * 1000))
    # Four products a layer, query, key and value in one (1024 + 2 x 256 columns), gate and up in one.
    layer_s = sum(h100.gemm(32, n, k).time_s for n, k in ((1536, 1024), (1024, 1024), (8192, 1024), (1024, 4096)))
    # Embedding; two norms, the rotation of 1536 columns and the activation of 3 x 4096 a layer; 2 bytes an element.
    moved_s = h100.elementwise(32 * 2 * 2 * 1024).time_s + 2 * (
        2 * h100.elementwise(32 * 2 * 4 * 1024).time_s
        + h100.elementwise(32 * 2 * 2 * 1536).time_s
        + h100.elementwise(32 * 2 * 3 * 4096).time_s
    )
    attention_s = 2 * h100.decode_attention(32, 1000, heads=8, key_value_heads=2, head_dim=128).time_s
    logits_s = h100.gemm(32, 32000, 1024).time_s + h100.elementwise(14 * 32 * 32000).time_s
    assert found.time_s == pytest.approx(float(2 * layer_s + moved_s + attention_s + logits_s), rel=1e-12)
    assert found.interval_s == found.time_s


def test_prefill_and_decode_rows_share_one_matrix_product(h100: Kernels) -> None:
    phases = {phase.name: phase.time_s for phase in iteration(
        engine(h100, model("llama-3.1-8b")), Batch((Chunk(224),), 32, 32 * 100)).phases}  # fmt: skip
    together = {p.name: float(p.time_s) for p in token_phases(engine(h100, model("llama-3.1-8b")), 256)}
    apart = [{p.name: float(p.time_s) for p in token_phases(engine(h100, model("llama-3.1-8b")), n)} for n in (224, 32)]
    assert phases["mlp"] == together["mlp"]
    assert phases["mlp"] < 0.7 * sum(one["mlp"] for one in apart)  # The weights are read once.


def test_power_times_time_is_the_energy_of_the_phases_and_waiting_for_the_host_lowers_power(h100: Kernels) -> None:
    busy = iteration(engine(h100, model("llama-3.1-8b")), Batch((Chunk(512),), 64, 64 * 2000))
    energy_j = sum(phase.time_s * phase.power_w for phase in busy.phases)
    assert busy.power_w * busy.time_s == pytest.approx(energy_j)
    slow = HostOverhead(5e-3, 1e-4, "assumption", "slow")
    waiting = iteration(engine(h100, model("llama-3.1-8b"), overhead=slow), Batch((Chunk(512),), 64, 64 * 2000))
    assert waiting.time_s - busy.time_s == pytest.approx(5e-3 + 65 * 1e-4)
    idle_w, cap_w = h100.accelerator.idle_power.value, h100.accelerator.provisioned_power.value
    assert idle_w < waiting.power_w < busy.power_w <= cap_w


def test_chunks_of_a_prompt_attend_to_as_much_as_the_whole(h100: Kernels) -> None:
    # Long chunks are bound by computing; the second reads the cache of the first again, and starts one kernel more.
    one = engine(h100, small(layers=1, heads=64, key_value_heads=8))
    whole = float(prefill_attention_phase(one, 1, 8192, 0).time_s)
    halves = sum(float(prefill_attention_phase(one, 1, 4096, past).time_s) for past in (0, 4096))
    assert whole < halves < 1.05 * whole


def test_a_window_bounds_what_a_chunk_attends_to(h100: Kernels) -> None:
    windowed = engine(h100, small(sliding_window=128, full_attention_every=3, heads=64, key_value_heads=8))
    near, far = (float(prefill_attention_phase(windowed, 1, 2048, past).time_s) for past in (1024, 65536))
    assert far == pytest.approx(near, rel=0.05)


def test_equal_chunks_stand_for_unlike_ones_with_the_same_tokens_and_pairs() -> None:
    assert representative_chunk((Chunk(100, 50),) * 4) == (4.0, 100.0, 50.0)
    number, tokens, past = representative_chunk((Chunk(300), Chunk(100, 60)))
    assert number * tokens == pytest.approx(400)
    assert number * tokens**2 == pytest.approx(300**2 + 100**2)
    assert number * tokens * past == pytest.approx(100 * 60)


def test_tensor_parallelism_sums_twice_a_layer_and_once_after_the_embedding(h100: Kernels) -> None:
    shape = small(layers=3, key_value_heads=8)
    phases = {phase.name: float(phase.time_s) for phase in token_phases(engine(h100, shape, Layout(tensor=4)), 100)}
    assert phases["collectives"] == pytest.approx(
        float(7 * h100.collective("all_reduce", 100 * 1024 * 2, ranks=4).time_s)
    )


def test_a_pipeline_takes_as_long_but_lets_the_next_batch_in_sooner(h100: Kernels) -> None:
    shape, batch = model("llama-3.1-70b"), Batch((), 64, 64 * 1000)
    alone = iteration(engine(h100, shape, Layout(tensor=4)), batch)
    piped = iteration(engine(h100, shape, Layout(tensor=4, pipeline=4)), batch)
    hops_s = 3 * float(h100.collective("point_to_point", 64 * 8192 * 2 / 4, ranks=2).time_s)
    assert piped.time_s == pytest.approx(alone.time_s + hops_s)
    assert piped.interval_s < 0.3 * alone.time_s


def test_experts_see_the_tokens_of_all_groups_of_attention(h100: Kernels) -> None:
    shape = model("deepseek-v3")
    grouped = engine(h100, shape, Layout(tensor=1, attention_data=8, expert=8), weight_dtype="fp8_block")
    phases = {phase.name: float(phase.time_s) for phase in token_phases(grouped, 4096)}
    experts = h100.grouped_gemm(
        4096, hidden=7168, intermediate=2048, experts=256, active=8, expert_parallel=8, skew=1.2, dtype="fp8_block"
    )
    assert phases["experts"] == pytest.approx(58 * float(experts.time_s))
    # 512 tokens of a group go to 8 ranks and back.
    exchange = h100.collective("all_to_all", 2 * 7168 * 512 * 8, ranks=8)
    assert phases["collectives"] == pytest.approx(2 * 58 * float(exchange.time_s))


def test_fewer_weight_bits_make_decoding_faster(h100: Kernels) -> None:
    batch = Batch((), 8, 8 * 500)
    times = [
        iteration(engine(h100, model("llama-3.1-70b"), Layout(tensor=2), weight_dtype=dtype), batch).time_s
        for dtype in ("bf16", "fp8")
    ]
    assert times[0] > 1.5 * times[1]


def test_a_checkpoint_with_scales_saves_what_products_spend_on_finding_them(h100: Kernels) -> None:
    scaling = FittedKernel(
        operation="activation_scale", dtype="fp8", framework="trtllm", parameters={"latency_s": 1e-6, "memory": 0.8},
        table=None, least={"elements": 1.0}, greatest={"elements": 1e12}, rows=1, source="", device="", held_out=None,
    )  # fmt: skip
    measured = dataclasses.replace(h100, fitted={("activation_scale", "fp8"): scaling})
    for kernels, saved_s in ((h100, 0.0), (measured, 1e-6)):
        finding, static = (
            {p.name: float(p.time_s) for p in token_phases(
                engine(kernels, small(hidden=8192), weight_dtype="fp8", static_scales=given), 1)}
            for given in (False, True)
        )  # fmt: skip
        # Two layers with two products of 8192 and of 1024 activations: latency and 5 bytes each over 0.8 of the rate.
        moving_s = 5.0 * (8192 + 1024) / (0.8 * kernels.accelerator.memory_bandwidth_b_per_s)
        expected_s = 2 * (2 * saved_s + (moving_s if saved_s else 0.0))
        assert finding["projections"] - static["projections"] == pytest.approx(expected_s, abs=1e-15)


def test_what_was_not_measured_is_answered_from_the_datasheet_and_says_so(h100: Kernels) -> None:
    found = iteration(engine(h100, small()), Batch((), 1, 10))
    assert found.basis == Basis.DATASHEET


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (Batch(), "the batch is empty"),
        (Batch((Chunk(0),)), "at least 1 token"),
        (Batch((), -1, 5), "not below 0"),
        (Batch((Chunk(9000),)), "9000 tokens, the engine's token_budget is 8192"),
        (Batch((), 257, 257), "257 sequences, the engine's max_sequences is 256"),
    ],
)
def test_a_batch_that_can_not_be_is_refused(h100: Kernels, batch: Batch, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        iteration(engine(h100, small()), batch)


@pytest.mark.parametrize(
    ("shape", "given", "message"),
    [
        ("llama-3.1-8b", {"layout": Layout(tensor=3)}, "32 heads are not divisible by tensor parallelism 3"),
        ("llama-3.1-8b", {"layout": Layout(pipeline=33)}, "33 pipeline stages are more than the 32 layers"),
        ("llama-3.1-8b", {"layout": Layout(tensor=2, expert=2)}, "needs a mixture of experts"),
        ("llama-3.1-8b", {"layout": Layout(tensor=0)}, "layout.tensor is 0; it is at least 1"),
        ("llama-3.1-8b", {"layout": Layout(tensor=16)}, "wider than a domain of 8: give a network"),
        ("mixtral-8x7b", {"layout": Layout(tensor=8, expert=3)}, "not divisible by expert parallelism 3"),
        ("llama-3.1-8b", {"weight_dtype": "fp7"}, "number format 'fp7' is not known"),
        ("llama-3.1-8b", {"memory_fraction": 1.5}, "memory_fraction is 1.5"),
    ],
)
def test_an_engine_that_can_not_run_is_refused(
    h100: Kernels, shape: str, given: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        engine(h100, model(shape), **given)  # type: ignore[arg-type]


def test_every_fault_of_an_engine_is_told(h100: Kernels) -> None:
    given = {"layout": Layout(tensor=3, pipeline=40), "weight_dtype": "fp7"}
    with pytest.raises(ValueError, match="fp7.*32 heads.*40 pipeline"):
        ServingEngine(model("llama-3.1-8b"), h100, **given)  # type: ignore[arg-type]


def test_an_unknown_framework_has_the_assumed_overhead() -> None:
    assert host_overhead("nobody's") == host_overhead(None)
    assert host_overhead(None).status == "assumption"
    for framework in ("vllm", "sglang", "trtllm"):
        found = host_overhead(framework)
        assert found.step_s >= 0.0
        assert found.sequence_s >= 0.0
        assert found.source


def test_a_lonely_client_waits_for_no_other_prompt(h100: Kernels) -> None:
    one = engine(h100, model("llama-3.1-8b"))
    found = steady_decoding(one, concurrency=1, input_tokens=1000, output_tokens=200)
    assert found.mixed_share == 0.0
    assert found.time_per_output_token_s == iteration(one, Batch((), 1, 1100)).time_s


def test_in_steady_state_as_many_requests_begin_as_end(h100: Kernels) -> None:
    one = engine(h100, model("llama-3.1-8b"))
    found = steady_decoding(one, concurrency=32, input_tokens=1000, output_tokens=199)
    assert found.mixed_share == pytest.approx(32 / 200)
    alone, mixed = (iteration(one, Batch(chunks, 32, round(32 * 1099.5))).time_s for chunks in ((), (Chunk(1000),)))
    assert found.decode_iteration_s == alone
    assert found.time_per_output_token_s == pytest.approx(alone + 0.16 * (mixed - alone))
    assert math.isfinite(found.time_per_output_token_s)
