"""Measuring without a GPU: a device and a clock of paper, and every torch kernel once on the CPU where torch is."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models import catalog
from models.calibration.measuring import family_names, layer_kernels, measure, model_shapes, suite, summary, timing
from models.calibration.measuring.case import Call, Case, DoesNotFitError, Family, Prepared
from models.calibration.measuring.gemm import families, forward_cases
from models.calibration.measuring.gpu_names import catalogue_name, file_stem
from models.calibration.measuring.measured_file import SCHEMA_VERSION, MeasuredFiles
from models.calibration.measuring.model_shapes import MODELS, Heads, Widths, heads_of, matrices_of
from models.calibration.measuring.monitor import MeanPower, NoMonitor, Reading, mean_power, parse_smi_line
from models.calibration.measuring.timing import TIME_ALONE, WITH_POWER, rotated_sets, settled, time_calls
from models.calibration.sources.own_measurements import measured_files, read_own_measurements
from models.neural_networks.transformer import Transformer
from models.problems import InputError

CALL_S = 2e-4
POWER_W = 400.0


class PaperClock:
    """A clock that stands still but for what runs on the paper device."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class PaperBench:
    """A device on which every call takes CALL_S."""

    l2_b = 1000
    name = "NVIDIA H100 80GB HBM3"
    accelerator = "h100-sxm"
    file_stem = "h100-sxm"
    uuid = None
    software = SimpleNamespace(torch="2.0", cuda="13.0")

    def __init__(self, clock: PaperClock, *, graphs: bool = True) -> None:
        self.clock = clock
        self.graphs = graphs
        self.log: list[str] = []

    def call(self, name: str) -> Call:
        def run() -> None:
            self.log.append(name)
            self.clock.now_s += CALL_S

        return run

    def event(self) -> float:
        return self.clock.now_s

    def seconds(self, earlier: float, later: float) -> float:
        return later - earlier

    def wait(self, event: float) -> None:
        assert event <= self.clock.now_s

    def synchronize(self) -> None:
        return None

    def capture(self, calls: Sequence[Call]) -> Callable[[], object] | None:
        return (lambda: [call() for call in calls]) if self.graphs else None

    def works(self) -> bool:
        return True

    def release(self) -> None:
        return None


class PaperMonitor:
    """Draws POWER_W; its energy counter moves every 50 ms."""

    name = "nvml"
    driver = "580.1"
    power_cap_w: float | None = 700.0

    def __init__(self, clock: PaperClock) -> None:
        self.clock = clock

    def read(self) -> Reading:
        at_s = self.clock()
        counted_s = int(at_s / 0.05 + 1e-9) * 0.05
        return Reading(at_s, 1.7e9, 2.6e9, 60.0, None, POWER_W * counted_s)

    def close(self) -> None:
        return None


def paper_family(name: str = "elementwise", rows: int = 3, prepare: Any = None) -> Family:
    def cases() -> list[Case]:
        shapes = [{"traffic_b": 6000 * (index + 1)} for index in range(rows)]
        return [Case(name, "elementwise", "bf16", "copy", shape, min(index, 1)) for index, shape in enumerate(shapes)]

    def ready(bench: Any, case: Case) -> Prepared:
        return Prepared([bench.call("one"), bench.call("two")], 2 * case.shape["traffic_b"])

    return Family(name, cases, prepare or ready)


def run(folder: Path, *given: Family, **options: Any) -> tuple[Path, list[str]]:
    clock = PaperClock()
    lines: list[str] = []
    path = measure(
        folder, bench=PaperBench(clock), monitor=PaperMonitor(clock), families=given or (paper_family(),), now=clock,
        on_progress=lines.append, **options,
    )  # fmt: skip
    return path, lines


# ---- Timing --------------------------------------------------------------------------------------------------------


def test_a_call_is_timed_as_long_as_it_takes_and_sets_are_taken_in_turn() -> None:
    clock = PaperClock()
    bench = PaperBench(clock)
    prepared = Prepared([bench.call("one"), bench.call("two")], 4000)
    found = time_calls(bench, prepared, PaperMonitor(clock), TIME_ALONE, clock)
    assert found.time_s == pytest.approx(CALL_S)
    assert found.time_p10_s == pytest.approx(CALL_S)
    assert found.time_p90_s == pytest.approx(CALL_S)
    assert found.calls_per_replay == 24  # 25 of 0.2 ms make 5 ms, and both sets are met equally often
    assert bench.log.count("one") == pytest.approx(bench.log.count("two"), abs=1)
    assert (found.method, found.cache, found.power) == ("graph", "rotated", None)
    assert (found.sm_clock_hz, found.memory_clock_hz, found.temperature_c) == (1.7e9, 2.6e9, 60.0)


def test_steps_of_a_call_share_its_time() -> None:
    clock = PaperClock()
    bench = PaperBench(clock)
    found = time_calls(bench, Prepared([bench.call("loop")], 1, 8), PaperMonitor(clock), TIME_ALONE, clock)
    assert found.time_s == pytest.approx(CALL_S / 8)
    assert found.cache == "warm"


def test_what_can_not_be_recorded_is_launched_call_by_call_and_said() -> None:
    clock = PaperClock()
    bench = PaperBench(clock, graphs=False)
    found = time_calls(bench, Prepared([bench.call("one")], 1), NoMonitor(), TIME_ALONE, clock)
    assert found.method == "events"
    assert found.time_s == pytest.approx(CALL_S)


def test_a_loop_of_a_second_gives_power_from_the_counters_steps() -> None:
    clock = PaperClock()
    bench = PaperBench(clock)
    found = time_calls(bench, Prepared([bench.call("one")], 1), PaperMonitor(clock), WITH_POWER, clock)
    assert found.power is not None
    assert found.power.method == "energy counter"
    assert found.power.power_w == pytest.approx(POWER_W, rel=0.02)
    assert found.power.window_s >= 0.9


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [([1.0] * 5, True), ([1.0] * 4, False), ([1.5, 1.4, 1.3, 1.2, 1.1], False), ([None, None], True)],
)
def test_clocks_settle_when_five_looks_agree(clocks: list[float | None], expected: bool) -> None:
    assert settled(clocks) is expected


def test_sets_rotate_over_four_times_the_cache_and_never_more_than_64() -> None:
    assert rotated_sets(100, 1000) == 40
    assert rotated_sets(1, 1000) == 64
    assert rotated_sets(5000, 1000) == 1


# ---- Power ---------------------------------------------------------------------------------------------------------


def test_energy_is_taken_from_the_first_step_of_the_counter_to_the_last() -> None:
    energies = [100.0, 100.0, 150.0, 150.0, 200.0, 250.0, 250.0]
    readings = [Reading(0.1 * index, energy_j=energy) for index, energy in enumerate(energies)]
    found = mean_power(readings, least_window_s=0.25)
    assert found is not None
    assert found.method == "energy counter"
    assert found.power_w == pytest.approx(100.0 / 0.3)  # From 150 J at 0.2 s to 250 J at 0.5 s
    assert found.window_s == pytest.approx(0.3)
    assert mean_power(readings, least_window_s=0.5) is None


def test_without_a_counter_power_is_the_mean_of_the_second_half() -> None:
    readings = [Reading(0.25 * index, power_w=watt) for index, watt in enumerate((100.0, 200.0, 300.0, 310.0))]
    assert mean_power(readings, least_window_s=0.25) == MeanPower(305.0, "power readings", 0.25)


def test_a_silent_device_has_no_power() -> None:
    assert mean_power([Reading(0.0), Reading(1.0)], least_window_s=0.1) is None


def test_a_line_of_nvidia_smi_is_read_in_si_units() -> None:
    reading, cap_w, driver = parse_smi_line("1980, 2619, 41, 120.50, 700.00, 580.159.04\n", 3.0)
    assert reading == Reading(3.0, 1.98e9, 2.619e9, 41.0, 120.5, None)
    assert (cap_w, driver) == (700.0, "580.159.04")
    assert parse_smi_line("345, 2619, 30, [N/A], [N/A], 580.1", 0.0)[0].power_w is None


# ---- Names and shapes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "h100-sxm"),
        ("NVIDIA H200", "h200-sxm"),
        ("NVIDIA A100-SXM4-80GB", "a100-80gb-sxm"),
        ("NVIDIA B200", "b200"),
        ("NVIDIA GB200", "gb200"),
        ("NVIDIA H100 PCIe", None),
        ("NVIDIA H200 NVL", None),
    ],
)
def test_a_device_has_the_catalogues_name_only_where_it_is_that_form(device: str, name: str | None) -> None:
    assert catalogue_name(device) == name
    assert name is None or name in catalog.names("accelerators")


def test_an_unknown_device_names_its_file_by_itself() -> None:
    assert file_stem("NVIDIA GeForce RTX 4090") == "nvidia-geforce-rtx-4090"


def test_the_widths_are_the_catalogues() -> None:
    for name in MODELS:
        model = catalog.entry("models", name)
        assert isinstance(model, Transformer)
        latent, experts = model.latent_attention, model.experts
        assert MODELS[name] == Widths(
            model.hidden, model.intermediate, model.heads, model.key_value_heads, model.head_dim, model.vocabulary,
            experts.intermediate if experts else 0, model.gated_mlp,
            *((latent.query_rank, latent.key_value_rank, latent.rope_dim) if latent else (0, 0, 0)),
        )  # fmt: skip


def test_one_eighth_of_llama_70b_by_hand() -> None:
    matrices = matrices_of(MODELS["llama-3.1-70b"], 8)
    assert matrices["query_key_value"] == (8 * 128 + 2 * 128, 8192)
    assert matrices["attention_output"] == (8192, 1024)
    assert matrices["up"] == (2 * 28672 // 8, 8192)
    assert matrices["down"] == (8192, 3584)
    assert heads_of(MODELS["qwen3-235b-a22b"], 8) == Heads(8, 1, 128)  # 4 key-value heads on 8 ranks: copied


def test_a_layers_products_do_two_flop_a_weight_and_row_forward_and_twice_that_backward() -> None:
    widths = MODELS["llama-3.1-8b"]
    weights = 4096 * 6144 + 4096 * 4096 + 3 * 4096 * 14336

    def flop(kernels: Sequence[layer_kernels.KernelCall]) -> float:
        products = [kernel for kernel in kernels if kernel.operation == "gemm"]
        return sum(2 * each.shape["m"] * each.shape["n"] * each.shape["k"] * each.calls for each in products)

    assert flop(layer_kernels.forward_kernels(widths, 1, 2, 512)) == 2 * weights * 1024
    assert flop(layer_kernels.backward_kernels(widths, 1, 2, 512)) == 4 * weights * 1024
    assert flop(layer_kernels.decode_step_kernels(widths, 1, 16, 2048, 4)) == 4 * 2 * weights * 16


# ---- The plan ------------------------------------------------------------------------------------------------------


def test_no_two_cases_have_one_key() -> None:
    keys = [case.key for family in suite.FAMILIES for case in family.cases()]
    assert len(set(keys)) == len(keys)


def test_rounds_follow_each_other_and_every_family_is_in_each_tenth_of_the_second() -> None:
    plan = suite.in_order(case for family in suite.FAMILIES for case in family.cases())
    turns = [case.turn for case in plan]
    assert turns == sorted(turns)
    second = [case for case in plan if case.turn == 1]
    tenth = second[: len(second) // 5]
    assert {case.family for case in tenth} == set(family_names())


def test_the_first_round_fits_into_five_minutes() -> None:
    first = [case for family in suite.FAMILIES for case in family.cases() if case.turn == 0]
    assert len(first) * (WITH_POWER.loop_s + 0.4) < 300.0


def test_products_go_from_one_row_to_16384_and_are_ready_for_fp8() -> None:
    rows = {case.shape["m"] for case in forward_cases()}
    assert (min(rows), max(rows)) == (1, 16384)
    assert all(width % 16 == 0 for family in families() for width in family)
    assert len(families()) > 200


# ---- Files ---------------------------------------------------------------------------------------------------------


def test_what_is_measured_reads_back(tmp_path: Path) -> None:
    path, lines = run(tmp_path)
    assert path == tmp_path / "h100-sxm.parquet"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["h100-sxm.json", "h100-sxm.parquet"]
    own = read_own_measurements(path)
    (found,) = own.fitted
    assert (found.operation, found.accelerator, found.framework, found.dtype) == (
        "elementwise", "h100-sxm", "pytorch", "bf16",
    )  # fmt: skip
    assert found.source == "measured/h100-sxm.parquet, torch 2.0, cuda 13.0, driver 580.1"
    rows = found.rows.sort_values("traffic_b")
    assert rows["traffic_b"].tolist() == [6000.0, 12000.0, 18000.0]
    assert rows["time_s"].tolist() == pytest.approx([CALL_S] * 3)
    assert rows["power_w"].notna().tolist() == [True, False, False]  # Only the first round runs for a second
    assert rows["energy_j"].iloc[0] == pytest.approx(POWER_W * CALL_S, rel=0.02)
    assert lines[-1] == f"3 rows in '{path}', 0 failed or left out"


def test_layers_and_decoding_loops_are_validation(tmp_path: Path) -> None:
    def cases() -> list[Case]:
        shape = {"batch": 1, "tokens": 8, "tensor_parallel": 1}
        return [Case("transformer_layer", "layer_forward", "bf16", "eager", shape, 1, "validation", "llama-3.1-8b")]

    def ready(bench: Any, _: Case) -> Prepared:
        return Prepared([bench.call("layer")], 1)

    path, _ = run(tmp_path, Family("transformer_layer", cases, ready), paper_family())
    own = read_own_measurements(path)
    assert [each.operation for each in own.fitted] == ["elementwise"]
    assert [each.operation for each in own.validation] == ["layer_forward"]
    assert own.validation[0].rows["model"].tolist() == ["llama-3.1-8b"]
    for family in suite.FAMILIES:
        roles = {case.role for case in family.cases()}
        assert roles == ({"validation"} if family.name in {"transformer_layer", "decode_loop"} else {"fit"})


def test_finished_rows_are_not_measured_again(tmp_path: Path) -> None:
    run(tmp_path)
    before = read_own_measurements(tmp_path / "h100-sxm.parquet").fitted[0].rows
    path, lines = run(tmp_path, paper_family(rows=4))
    after = read_own_measurements(path).fitted[0].rows
    assert "4 rows, 3 of them finished" in lines[0]
    assert len(after) == 4
    kept = after[after["key"].isin(before["key"])].reset_index(drop=True)
    assert kept[before.columns].equals(before)
    assert len(json.loads(path.with_suffix(".json").read_text())["sessions"]) == 2


def test_a_budget_ends_the_session_and_the_next_goes_on(tmp_path: Path) -> None:
    path, lines = run(tmp_path, paper_family(rows=40), budget_s=4.0)
    done = len(read_own_measurements(path).fitted[0].rows)
    assert 1 < done < 40
    assert f"the 4 s are over: {40 - done} rows are left for the next call" in lines
    path, _ = run(tmp_path, paper_family(rows=40))
    assert len(read_own_measurements(path).fitted[0].rows) == 40


def test_what_a_killed_session_had_finished_is_kept_without_its_torn_line(tmp_path: Path) -> None:
    files = MeasuredFiles(tmp_path, "h100-sxm")
    key = paper_family().cases()[1].key
    files.append({"key": key, "operation": "elementwise", "time_s": 1.0})
    with files.journal.open("a", encoding="utf-8") as journal:
        journal.write('{"schema_version": 1, "key": "torn')
    assert [row["key"] for row in files.rows()] == [key]
    files.append({"key": "later", "operation": "elementwise", "time_s": 2.0})
    assert [row["key"] for row in files.rows()] == [key, "later"]
    assert measured_files(tmp_path) == ()  # A journal is no file of measurements


def test_a_stopped_session_keeps_its_rows(tmp_path: Path) -> None:
    def stopping(bench: Any, case: Case) -> Prepared:
        if case.shape["traffic_b"] > 6000:
            raise KeyboardInterrupt
        return Prepared([bench.call("one")], 1)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, paper_family(prepare=stopping))
    assert len(read_own_measurements(tmp_path / "h100-sxm.parquet").fitted[0].rows) == 1


def test_a_case_that_fails_or_does_not_fit_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    def failing(bench: Any, case: Case) -> Prepared:
        if case.shape["traffic_b"] == 12000:
            raise RuntimeError("no kernel for this\nand a long trace")
        if case.shape["traffic_b"] == 18000:
            raise DoesNotFitError("18000 bytes")
        return Prepared([bench.call("one")], 1)

    path, lines = run(tmp_path, paper_family(prepare=failing))
    failed = json.loads(path.with_suffix(".json").read_text())["sessions"][0]["failed"]
    assert list(failed.values()) == ["RuntimeError: no kernel for this", "does not fit: 18000 bytes"] or list(
        failed.values()
    ) == ["does not fit: 18000 bytes", "RuntimeError: no kernel for this"]
    assert len(read_own_measurements(path).fitted[0].rows) == 1
    assert lines[-1].endswith("2 failed or left out")


def test_another_schema_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path, _ = run(tmp_path)
    beside = path.with_suffix(".json")
    beside.write_text(beside.read_text().replace('"schema_version": 1', '"schema_version": 99'))
    with pytest.raises(InputError, match=r"schema_version: is 99, and this release reads 1: move the file away and"):
        read_own_measurements(path)


def test_a_parquet_file_that_its_provenance_does_not_know_is_refused(tmp_path: Path) -> None:
    path, _ = run(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="writing was cut off"):
        read_own_measurements(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(InputError, match="has no provenance"):
        read_own_measurements(path)


def test_an_unknown_group_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'elementwize' is no group of measurements; .*nearest: 'elementwise'"):
        run(tmp_path, only=["elementwize"])


def test_only_the_chosen_groups_are_measured(tmp_path: Path) -> None:
    path, lines = run(tmp_path, paper_family(), paper_family("memory_copy", 1), only=["memory_copy"])
    assert "1 rows, 0 of them finished" in lines[0]
    assert read_own_measurements(path).fitted[0].rows["family"].tolist() == ["memory_copy"]


def test_the_table_at_the_end_has_rates_and_spread(tmp_path: Path) -> None:
    path, _ = run(tmp_path)
    (row,) = summary(path)
    assert (row.operation, row.dtype, row.variant, row.rows) == ("elementwise", "bf16", "copy", 3)
    assert row.fastest_b_per_s == pytest.approx(18000 / CALL_S)
    assert row.fastest_flop_per_s is None
    assert row.spread == pytest.approx(0.0, abs=1e-6)
    assert row.sm_clock_hz == 1.7e9


# ---- Imports and torch ---------------------------------------------------------------------------------------------


def test_measuring_imports_neither_torch_nor_what_a_gpu_machine_may_lack() -> None:
    heavy = ("torch", "pydantic", "pandas", "scipy", "numba", "ruamel.yaml", "click", "rich")
    code = (
        f"import sys, models.calibration.measuring.__main__; print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_kind_of_kernel_runs_on_the_cpu_at_small_shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from models.calibration.measuring.torch_bench import TorchBench

    short = timing.Effort(0.002, 0.002, 0.0, 0.001, 0.0001, 3)
    monkeypatch.setattr(suite, "WITH_POWER", short)
    monkeypatch.setattr(suite, "TIME_ALONE", short)
    monkeypatch.setattr(suite, "_FIRST_WARM_UP_S", 0.001)
    monkeypatch.setitem(model_shapes.MODELS, "small", Widths(64, 96, 8, 2, 16, 128))
    small = {
        "m": 16, "n": 32, "k": 48, "batch": 2, "tokens": 8, "past_tokens": 8, "heads": 8, "key_value_heads": 2,
        "head_dim": 16, "window": 0, "traffic_b": 12 * 4096, "tensor_parallel": 2, "layers": 2, "steps": 2,
    }  # fmt: skip

    def shrunk(family: Family) -> Family:
        cases = [
            dataclasses.replace(
                case, shape={name: small[name] for name in case.shape}, model="small" if case.model else ""
            )
            for case in family.cases()
        ]
        return family._replace(cases=lambda: list({case.key: case for case in cases}.values()))

    kinds = [shrunk(family) for family in suite.FAMILIES]
    expected = sum(len(family.cases()) for family in kinds)
    path = measure(
        tmp_path, bench=TorchBench("cpu", pool_elements=2**20, l2_b=2**10), monitor=NoMonitor(), families=kinds
    )
    own = read_own_measurements(path)
    assert sum(len(each.rows) for each in (*own.fitted, *own.validation)) == expected
    assert {each.operation for each in own.validation} == {"layer_forward", "layer_backward", "decode_step"}
    assert json.loads(path.with_suffix(".json").read_text())["schema_version"] == SCHEMA_VERSION
