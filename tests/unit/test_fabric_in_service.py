"""The fabric in a run: what goes out and comes back, what it draws, and what is refused before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hall import fleet, node
from models import catalog
from models.nodes.node import Node
from models.problems import InputError
from models.topology.fat_tree import FatTree
from models.topology.laid_out.scale_up import scale_up_domains
from models.topology.rail_optimized import RailOptimized
from models.topology.torus import Torus
from simulator.engine.settlement import Timeline
from simulator.metering.meter import Meter
from simulator.network.fabric_in_service import FabricInService
from simulator.network.network_load import NetworkLoad
from simulator.operations.component import Components
from simulator.scenario.loading import load_scenario
from simulator.simulation import read_every, simulate

SCENARIO = """\
name: fabric
start: 2024-01-01T00:00:00Z
until: 1 d
fleet:
  groups:
    - {name: gpu, rack: dgx-h100-rack, count: 16}
fabric:
  kind: rail-optimized
workload:
  kind: list
  jobs: [{duration: 2 h, tasks: 16}]
facility: {pue: 1.2}
"""


class FakeFeed:
    """Keeps what it was told last."""

    def __init__(self) -> None:
        self.power_w: dict[str, float] = {}

    def set_other_it(self, name: str, power_w: float) -> None:
        self.power_w[name] = power_w


class FakeShared:
    """Keeps the capacities of what was entered."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.capacity: list[float] = []

    def add_resources(self, names: list[str], capacities: np.ndarray) -> np.ndarray:
        first = len(self.names)
        self.names += names
        self.capacity += capacities.tolist()
        return np.arange(first, len(self.names))

    def set_capacity(self, resource: int, b_per_s: float) -> None:
        self.capacity[resource] = b_per_s


def networked(nics: int = 1) -> Node:
    network = {"count": nics, "bandwidth": {"value": "400 Gb/s", "source": "a test", "status": "assumption"}}
    return Node.model_validate(node().model_dump(mode="json", exclude_none=True) | {"network": network})


def eight_ports(nodes: int = 16) -> FabricInService:
    """A tree of four leaves of four nodes, joined by two spines with two cables to each."""
    return FabricInService(FatTree(ports=8).build(fleet([networked()] * nodes)))


def scenario(tmp_path: Path, text: str = SCENARIO) -> Path:
    path = tmp_path / "fabric.yaml"
    path.write_text(text)
    return path


def test_switches_and_cables_go_out_and_come_back_as_components() -> None:
    fabric, components, told = eight_ports(), Components(), []
    fabric.register(components)
    fabric.on_change.append(lambda: told.append(int(fabric.up.sum())))
    assert len(components.of_kind("switch")) == 6
    assert len(components.of_kind("link")) == 32
    whole = fabric.built.links
    components.take_out(components.find("switch", "leaf-0"))
    components.take_out(components.find("link", "n0/nic-0"))  # hangs on that leaf: out already
    components.bring_back(components.find("switch", "leaf-0"))
    components.bring_back(components.find("link", "n0/nic-0"))
    assert told == [whole - 16, whole - 2, whole]
    assert (fabric.switch_outages, fabric.cable_outages) == (1, 1)


def test_a_link_that_is_out_carries_nothing_and_everything_again_when_it_is_back() -> None:
    shared = FakeShared()
    fabric = FabricInService(eight_ports().built, None, shared)  # type: ignore[arg-type]
    components = Components()
    fabric.register(components)
    first = fabric.resources(np.array([0, 40, 0]))
    assert first.tolist() == [0, 1, 0]
    assert shared.names == ["n0/nic-0 up", f"{fabric.built.cable_names[20]} up"]
    components.take_out(components.find("link", "n0/nic-0"))
    assert shared.capacity == [0.0, 50e9]
    assert fabric.resources(np.array([1])).tolist() == [2]  # entered while it is out
    assert shared.capacity == [0.0, 50e9, 0.0]
    components.bring_back(components.find("link", "n0/nic-0"))
    assert shared.capacity == [50e9, 50e9, 50e9]


def test_routes_in_service_avoid_what_is_out() -> None:
    fabric, components = eight_ports(), Components()
    fabric.register(components)
    one = np.array([0])
    for spine in ("spine-0", "spine-1"):
        components.take_out(components.find("switch", spine))
        connected = fabric.routes(one, one + 9, one, one).connected.tolist()
        assert connected == [spine == "spine-0"]  # without the first there is the second
    assert fabric.cut_off(np.array([0, 9]))
    assert not fabric.cut_off(np.array([0, 3]))


def test_nodes_hang_together_while_they_share_one_rail() -> None:
    fabric = FabricInService(RailOptimized(ports=8, tiers=1).build(fleet([networked(2)] * 4)))
    components = Components()
    fabric.register(components)
    components.take_out(components.find("link", "n0/nic-0"))
    assert not fabric.cut_off(np.array([0, 1]))
    components.take_out(components.find("link", "n1/nic-1"))
    assert fabric.cut_off(np.array([0, 1]))
    assert not fabric.cut_off(np.array([2, 3]))


def test_a_switch_that_is_out_draws_nothing_and_none_does_in_the_dark() -> None:
    built = eight_ports().built
    switch = catalog.entry("switches", "quantum-2-qm9700")
    each_w = switch.power.value + 8 * switch.transceiver_power.value  # every port has its cable
    timeline, feed = Timeline(), FakeFeed()
    load = NetworkLoad(built.switches, timeline, feed, 0.0, Meter(3600.0, 3600.0))  # type: ignore[arg-type]
    assert feed.power_w["network"] == pytest.approx(6 * each_w, rel=1e-12)
    timeline.run(100.0)
    load.set_up(2, False)
    assert feed.power_w["network"] == pytest.approx(5 * each_w, rel=1e-12)
    timeline.run(150.0)
    load.set_up(2, True)
    load.powered = False
    timeline.run(170.0)
    load.powered = True
    load.close(200.0)
    assert load.in_service_s.tolist() == [180.0, 180.0, 130.0, 180.0, 180.0, 180.0]
    assert load.energy_j.sum() == pytest.approx(load.meter.integral, rel=1e-12)


def test_a_run_accounts_for_its_network(tmp_path: Path) -> None:
    loaded = load_scenario(scenario(tmp_path))
    result = simulate(loaded)
    # 64 nodes: two blocks of 32, 16 leaves of 64 ports, and 8 spines: 24 switches with 64 optical ports each.
    switch = catalog.entry("switches", "quantum-2-qm9700")
    whole_w = 24 * (switch.power.value + 64 * switch.transceiver_power.value)
    assert result.kpis["network_energy_kwh"] == pytest.approx(whole_w * 24 / 1e3, rel=1e-12)
    planned = read_every(loaded).loads  # what a building is sized for besides nodes
    assert [(load.name, load.power().values.max()) for load in planned] == [("network", pytest.approx(whole_w))]
    table = result.tables["network"]
    assert sum(table["energy_j"].to_pylist()) == pytest.approx(whole_w * 86_400, rel=1e-12)
    loads = dict(zip(*(result.tables["loads"][name].to_pylist() for name in ("load", "peak_power_w")), strict=True))
    assert loads == {"network": pytest.approx(whole_w, rel=1e-12)}
    without = simulate(scenario(tmp_path, SCENARIO.replace("fabric:\n  kind: rail-optimized\n", "")))
    assert without.kpis["network_energy_kwh"] is None
    energies = [each.kpis["it_energy_kwh"] for each in (result, without)]
    assert energies[0] - energies[1] == pytest.approx(whole_w * 24 / 1e3, rel=1e-9)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("fabric", "where", "words"),
    [
        ("kind: fat-tree\n  tiers: 2\n  ports: 16", 7, "two tiers of .* with 16 ports join 16 leaves; .* need 64"),
        ("kind: rail-optimized\n  ports: 12", 7, "three tiers of .* join 12 pods of 0|a spine has 6 ports down"),
        (
            "kind: fat-tree\n  nodes_per_block: 64",
            7,
            "take 512 ports of each leaf, and 512 go up; allowed: .* 64 ports",
        ),
        ("kind: fat-tree\n  groups: [gpus]", 7, "the fleet has no group 'gpus'; it has: gpu; nearest: 'gpu'"),
        ("kind: fat-tree\n  switch: qm9700", 9, "'qm9700' is not in the catalogue of switches"),
        ("kind: fat-tree\n  ports: 100", 7, "'ports' is 100; allowed: at most the 64 of 'quantum-2-qm9700'"),
        ("kind: torus\n  dimensions: [4, 4, 4]", 7, "a torus of 4 x 4 x 4 joins 64 accelerators; its nodes have 512"),
        ("kind: rail-optimised", 8, "'rail-optimised' is not one of .*; nearest: 'rail-optimized'"),
    ],
)
def test_a_fabric_that_does_not_fit_is_refused_where_it_stands(
    tmp_path: Path, fabric: str, where: int, words: str
) -> None:  # fmt: skip
    text = SCENARIO.replace("kind: rail-optimized", fabric)
    with pytest.raises(InputError, match=words) as caught:
        read_every(load_scenario(scenario(tmp_path, text)))
    assert f"fabric.yaml:{where}" in str(caught.value)


@pytest.mark.parametrize(
    ("placement", "fabric", "words"),
    [
        ("torus-slice", "kind: rail-optimized", "'torus-slice' places jobs in a torus; allowed: with a 'fabric' of"),
        ("rail", "kind: torus\n  dimensions: [8, 64]", "'rail' fills blocks of a tree; allowed: 'torus-slice'"),
    ],
)
def test_placement_and_fabric_belong_together(tmp_path: Path, placement: str, fabric: str, words: str) -> None:
    text = SCENARIO.replace("kind: rail-optimized", fabric) + f"placement: {{kind: {placement}}}\n"
    with pytest.raises(InputError, match=words):
        load_scenario(scenario(tmp_path, text))


def test_racks_join_their_accelerators() -> None:
    laid_out = fleet([catalog.entry("nodes", "gb200-tray")] * 36, racks=[0] * 18 + [1] * 18)
    object.__setattr__(laid_out, "rack_scale_up", np.array([72, 72]))
    domains = scale_up_domains(laid_out)
    assert domains.domain.tolist() == [0] * 18 + [1] * 18
    assert domains.all_joined(np.arange(18))
    assert not domains.all_joined(np.array([17, 18]))
    assert domains.bandwidth_b_per_s[0] == 900e9
    alone = scale_up_domains(fleet([catalog.entry("nodes", "dgx-h100")] * 3))
    assert alone.domain.tolist() == [0, 1, 2]


def test_a_training_job_that_the_fabric_can_not_connect_is_refused(tmp_path: Path) -> None:
    text = SCENARIO.replace("kind: rail-optimized", "kind: rail-optimized\n  groups: [gpu]")
    text = text.replace("count: 16}", "count: 4}\n    - {name: far, rack: dgx-h100-rack, count: 4}")
    text += "training:\n  - {name: big, accelerators: %s, step: {duration: 10 s, tokens: 1e6}, steps: 1000}\n"
    read_every(load_scenario(scenario(tmp_path, text % 128)))
    with pytest.raises(InputError, match="runs on 32 nodes of type 'dgx-h100'; the fabric joins 16 of them") as caught:
        read_every(load_scenario(scenario(tmp_path, text % 256)))
    assert "fabric.yaml:16" in str(caught.value)


def test_the_links_of_a_torus_are_no_scale_up_domain_beside_it() -> None:
    laid_out = fleet([catalog.entry("nodes", "tpu-v4-host")] * 16)
    object.__setattr__(laid_out, "rack_scale_up", np.array([4096]))
    torus = Torus(dimensions=(4, 4, 4)).build(laid_out)
    assert torus.scale_up.domain.tolist() == list(range(16))
    assert scale_up_domains(laid_out).domain.tolist() == [0] * 16
