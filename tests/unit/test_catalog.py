"""Every entry of the catalogue, and how it is found."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models import catalog, catalog_files
from models.accelerators.accelerator import Accelerator, ComputeRates, Dtype
from models.nodes.node import Node
from models.nodes.node_power import PowerPart
from models.problems import InputError
from models.racks.rack import Rack
from models.sourced import numbers

# Chillers are many and all of one form: every twentieth is held here, and test_chillers.py goes through them all.
ALL = [(room, name) for room in catalog.rooms() for name in catalog.names(room)[:: 20 if room == "chillers" else 1]]

ASKED_FOR = {
    "accelerators": "a100-40gb-sxm a100-80gb-sxm h100-sxm h200-sxm b200 gb200 b300 gb300 l40s mi300x "
    "tpu-v4 tpu-v5e tpu-v5p tpu-v6e tpu-v7",
    "nodes": "dgx-a100 hgx-a100-40gb dgx-h100 hgx-h100 dgx-h200 dgx-b200 dgx-b300 l40s-8 mi300x-8 "
    "gb200-tray gb300-tray "
    "tpu-v4-host tpu-v5e-host tpu-v5p-host tpu-v6e-host tpu-v7-host cpu-dual-xeon-8480 cpu-128-core",
    "racks": "gb200-nvl72 gb300-nvl72 dgx-h100-rack dgx-b200-rack tpu-v4-cube tpu-v5e-slice-256 tpu-v5p-cube "
    "tpu-v6e-slice-256 tpu-v7-cube",
    "switches": "quantum-2-qm9700 spectrum-4-sn5600 spectrum-4-sn5610 spectrum-3-sn4600 spectrum-3-sn4600c",
    "chillers": "york-yk-2771kw-6.84cop-vsd trane-cvhf-2317kw-6.33cop-vsd copper-169-air-screw-575kw-3.49cop "
    "doe-2-centrifugal-5.50cop doe-2-air-scroll copper-167-air-screw-620kw-3.42cop",
    "models": "llama-3.1-8b llama-3.1-70b llama-3.1-405b mixtral-8x7b deepseek-v3 qwen3-32b "
    "qwen3-235b-a22b gpt-oss-120b "
    "gpt-3-175b megatron-22b megatron-175b megatron-530b megatron-1t mnist-perceptron",
}


def accelerator(name: str) -> Accelerator:
    return catalog.entry("accelerators", name)


def node(name: str) -> Node:
    return catalog.entry("nodes", name)


def rack(name: str) -> Rack:
    return catalog.entry("racks", name)


@pytest.mark.parametrize("room", ASKED_FOR)
def test_a_room_holds_what_it_should(room: str) -> None:
    assert set(ASKED_FOR[room].split()) <= set(catalog.names(room))


@pytest.mark.parametrize(("room", "name"), ALL)
def test_every_number_of_an_entry_has_a_source_and_a_status(room: str, name: str) -> None:
    found = numbers(catalog.entry(room, name))
    assert found
    for number in found:
        assert number.status != "scenario", number.path
        assert len(number.source) > 10, number.path


@pytest.mark.parametrize(("room", "name"), ALL)
def test_every_listed_source_is_used(room: str, name: str) -> None:
    shown = catalog.entry(room, name)
    used = {number.source for number in numbers(shown)}
    assert {source.text for source in shown.sources.values()} <= used


@pytest.mark.parametrize(("room", "name"), ALL)
def test_an_entry_is_described_with_every_number_and_its_status(room: str, name: str) -> None:
    text = catalog.describe(room, name)
    for number in numbers(catalog.entry(room, name)):
        assert re.search(rf"^  {re.escape(number.path)} .* {number.status} +\[\d+\]$", text, re.MULTILINE), number.path


# bf16 and fp8 dense, memory and its bandwidth, link per direction, limit; from the datasheets, by hand.
@pytest.mark.parametrize(
    ("name", "bf16_tflop", "fp8_tflop", "memory_gb", "memory_gb_per_s", "link_gb_per_s", "rated_w"),
    [
        ("a100-40gb-sxm", 312, None, 40, 1555, 300, 400),
        ("a100-80gb-sxm", 312, None, 80, 2039, 300, 400),
        ("h100-sxm", 989.4, 1978.9, 80, 3350, 450, 700),
        ("h200-sxm", 989.4, 1978.9, 141, 4800, 450, 700),
        ("b200", 2250, 4500, 180, 8000, 900, 1000),
        ("gb200", 2500, 5000, 186, 8000, 900, 1200),
        ("b300", 2250, 4500, 288, 8000, 900, 1100),
        ("gb300", 2500, 5000, 288, 8000, 900, 1400),
        ("l40s", 362.05, 733, 48, 864, 0, 350),
        ("mi300x", 1307.4, 2614.9, 192, 5300, 448, 750),
        ("tpu-v4", 275, None, 32, 1228, 300, 192),
        ("tpu-v5e", 197, None, 16, 819, 200, 130),
        ("tpu-v5p", 459, None, 95, 2765, 600, 450),
        ("tpu-v6e", 918, None, 32, 1638, 400, 360),
        ("tpu-v7", 2307, 4614, 192, 7370, 600, 1000),
    ],
)
def test_an_accelerator_has_the_figures_of_its_datasheet(
    name: str,
    bf16_tflop: float,
    fp8_tflop: float | None,
    memory_gb: float,
    memory_gb_per_s: float,
    link_gb_per_s: float,
    rated_w: float,
) -> None:
    chip = accelerator(name)
    assert chip.compute_flop_per_s("bf16") == pytest.approx(bf16_tflop * 1e12, rel=1e-12)
    assert (chip.compute.fp8 is None) == (fp8_tflop is None)
    if fp8_tflop is not None:
        assert chip.compute_flop_per_s("fp8") == pytest.approx(fp8_tflop * 1e12, rel=1e-12)
    assert chip.memory.value == pytest.approx(memory_gb * 1e9, rel=1e-12)
    assert chip.memory_bandwidth_b_per_s == pytest.approx(memory_gb_per_s * 1e9, rel=1e-12)
    assert chip.scale_up_bandwidth_b_per_s == pytest.approx(link_gb_per_s * 1e9, rel=1e-12)
    assert chip.rated_power.value == rated_w


@pytest.mark.parametrize("name", catalog.names("accelerators"))
def test_rates_are_dense_and_in_proportion(name: str) -> None:
    # Halving the width of the operands at most doubles a dense rate (FP4 of Blackwell Ultra: three times FP8). A rate
    # with sparsity taken for a dense one would show as four times bf16 in fp8 or int8.
    chip = accelerator(name)
    bf16 = chip.compute_flop_per_s("bf16")
    most: dict[Dtype, float] = {"fp64": 0.13, "tf32": 0.51, "fp16": 1.0, "fp8": 2.03, "int8": 2.03, "fp4": 6.0}
    for dtype, times in most.items():
        if getattr(chip.compute, dtype) is not None:
            assert chip.compute_flop_per_s(dtype) <= times * bf16
    # bf16 FLOP for each byte of memory traffic: 145 (MI300X and A100 lie near 200) to 560 (v6e); L40S has GDDR6.
    assert 140 < bf16 / chip.memory_bandwidth_b_per_s < 600


@pytest.mark.parametrize("name", catalog.names("accelerators"))
def test_visible_memory_is_the_printed_one_but_for_binary_prefixes_and_reserves(name: str) -> None:
    chip = accelerator(name)
    # 1.0737 where a maker prints GiB as GB and reserves nothing; Blackwell Ultra on the SXM board has 7% switched off.
    assert 0.99 < chip.memory_b / chip.memory.value <= 1024**3 / 1000**3 + 1e-9


@pytest.mark.parametrize("name", catalog.names("nodes"))
def test_a_nodes_parts_add_up_to_its_provisioned_power(name: str) -> None:
    shown = node(name)
    assert shown.rated_power is not None and shown.provisioned_power is not None
    # The parts' shares are written to a hundredth of a watt.
    assert shown.power.peak_power_w == pytest.approx(shown.provisioned_power_w, rel=1e-4)
    assert shown.provisioned_power_w <= shown.rated_power_w
    # Idle servers draw a fifth to half of their peak (SPECpower_ssj2008; the 8-GPU H100 node about 1.9 of 8.4 kW).
    assert 0.15 < shown.power.idle_power_w / shown.power.peak_power_w < 0.55


@pytest.mark.parametrize("name", [name for name in catalog.names("nodes") if node(name).accelerators])
def test_a_nodes_accelerators_draw_what_the_accelerator_draws(name: str) -> None:
    shown = node(name)
    chip = accelerator(shown.accelerator_name)
    parts: dict[str, PowerPart] = {part.name: part for part in shown.power.parts}
    idle, peak = parts["accelerators"].idle_power, parts["accelerators"].peak_power
    assert idle is not None
    assert (idle.value, peak.value) == (chip.idle_power.value, chip.provisioned_power.value)
    of_chip = {number.path: number.status for number in numbers(chip)}
    of_node = {number.path: number.status for number in numbers(shown)}
    assert of_node["power.parts[0].idle_power"] == of_chip["idle_power"]
    assert of_node["power.parts[0].peak_power"] == of_chip["provisioned_power"]


@pytest.mark.parametrize("name", catalog.names("racks"))
def test_a_rack_draws_what_its_nodes_and_shared_loads_draw(name: str) -> None:
    shown = rack(name)
    total_w = shown.nodes * shown.node_entry.provisioned_power_w + shown.shared_power_w
    assert shown.provisioned_power.value == pytest.approx(total_w, rel=1e-9)
    assert shown.provisioned_power.value <= shown.rated_power.value


def test_the_measured_node_plans_with_what_was_measured() -> None:
    shown = node("dgx-h100")
    statuses = {number.path: number.status for number in numbers(shown)}
    assert (shown.rated_power_w, shown.provisioned_power_w) == (10_200.0, 8_400.0)
    assert (statuses["rated_power"], statuses["provisioned_power"]) == ("datasheet", "measured")


@pytest.mark.parametrize(
    ("name", "accelerators"),
    [("gb200-nvl72", 72), ("gb300-nvl72", 72), ("dgx-h100-rack", 32), ("tpu-v4-cube", 64), ("tpu-v6e-slice-256", 256)],
)
def test_a_rack_holds_its_accelerators(name: str, accelerators: int) -> None:
    assert rack(name).accelerators == accelerators


def test_an_unsupported_number_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ValueError, match="A100 SXM4 80 GB does not compute in fp8; it does in fp64, tf32, bf16, fp16, int8"
    ):
        accelerator("a100-80gb-sxm").compute_flop_per_s("fp8")
    assert set(ComputeRates.model_fields) == set(Dtype.__args__)  # type: ignore[attr-defined]


def test_a_missing_entry_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="'dgx-h1oo' is not in the catalogue of nodes; nearest: 'dgx-h100'"):
        catalog.entry("nodes", "dgx-h1oo")
    with pytest.raises(InputError, match="'h200' is not in the catalogue of accelerators; nearest: 'h200-sxm'"):
        catalog.entry("accelerators", "h200")
    with pytest.raises(InputError, match="'node' is not a room of the catalogue; the rooms are .*; nearest: 'nodes'"):
        catalog.names("node")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", r"bad\.yaml: .*flow"),
        ("- a list", r"bad\.yaml: a catalogue file holds one mapping"),
        ("vendor: NVIDIA", r"bad\.yaml: title: is missing\n.*bad\.yaml: source: is missing\n.*sources: is missing"),
        (
            "title: a chip\nsource: s\nsources: {s: {text: t, status: datasheet}}\nmemory: 80",
            r"bad\.yaml: vendor: Field required\n(.*\n)*.*bad\.yaml: memory\.value: .*80 has no unit",
        ),
    ],
)
def test_a_broken_file_is_refused_by_name_with_all_that_is_wrong(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalog_files, "_folder", lambda room: tmp_path)
    monkeypatch.setattr(catalog_files, "names", lambda room: ("bad",))
    with pytest.raises(InputError, match=message):
        catalog.entry("accelerators", "bad")


def test_the_catalogue_may_be_asked_from_a_copy_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(Path(catalog.__file__).parent, tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__"))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from models import catalog; print(catalog.__file__)"
    code += "; catalog.entry('racks', 'gb200-nvl72').node_entry"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == str(tmp_path / "models" / "catalog.py")


def test_asking_for_an_entry_loads_neither_numpy_nor_the_other_rooms() -> None:
    code = """
import sys
from models import catalog
catalog.entry("accelerators", "h100-sxm")
heavy = {"numpy", "pandas", "scipy", "numba", "pyarrow", "matplotlib"} & set(sys.modules)
rooms = ("nodes.node", "racks.rack", "chillers.chiller", "neural_networks.transformer")
others = {f"models.{room}" for room in rooms} & set(sys.modules)
sys.exit(f"loaded {heavy | others}" if heavy | others else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
