"""Collectives between scale-up domains: bytes on a port, algorithms, and what an answer rests on."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from models import catalog
from models.calibration.estimate import Basis
from models.calibration.kernels import Kernels
from models.calibration.network import Network, measured_paths, port_traffic_b
from models.calibration.network_fit import fit_network, write_network
from models.calibration.operations.collectives import CollectiveName
from models.calibration.sources import simai_bus_bandwidth

PORT = 50e9


@pytest.fixture(scope="module")
def kernels() -> Kernels:
    return Kernels(catalog.entry("accelerators", "h100-sxm"))


@pytest.mark.parametrize(
    ("name", "algorithm", "bytes_on_a_port"),
    [
        # 4 domains of 8 ranks, 1,600 bytes: 200 a rank's place.
        ("all_reduce", "hierarchical", 300.0),  # 2 x 3/4 x 200
        ("all_reduce", "ring", 387.5),  # 2 x 31/32 x 200
        ("all_reduce", "tree", 400.0),  # 2 x 200
        ("all_gather", "ring", 193.75),
        ("all_gather", "hierarchical", 150.0),
        ("reduce_scatter", "ring", 193.75),
        ("all_to_all", "ring", 1200.0),  # each rank sends 3/4 of its own buffer out
        ("point_to_point", "ring", 1600.0),
    ],
)
def test_bytes_on_a_port(name: CollectiveName, algorithm: str, bytes_on_a_port: float) -> None:
    found = port_traffic_b(name, 1600.0, ranks=32, ranks_per_domain=8, algorithm=algorithm)  # type: ignore[arg-type]
    assert found == pytest.approx(bytes_on_a_port)


def test_nothing_leaves_a_single_domain(kernels: Kernels) -> None:
    assert port_traffic_b("all_reduce", 1600.0, ranks=8, ranks_per_domain=8) == 0.0
    inside = kernels.collective("all_reduce", 1e6, ranks=8)
    same = kernels.network_collective("all_reduce", 1e6, ranks=8, ranks_per_domain=8, network=Network(PORT))
    assert same.time_s == inside.time_s
    assert same.basis == inside.basis


def test_a_ring_of_single_ranks_takes_its_steps_and_its_bytes(kernels: Kernels) -> None:
    # 4 ranks in 4 domains: 3 steps of 10 us, 3/4 of 4 GB at half of 50 GB/s, 0.12 s.
    network = Network(PORT, latency_s=1e-5, efficiency=0.5)
    found = kernels.network_collective("all_gather", 4e9, ranks=4, ranks_per_domain=1, network=network)
    assert found.time_s == pytest.approx(0.12003)
    assert found.basis == Basis.DATASHEET


def test_an_all_reduce_takes_the_faster_of_ring_and_tree(kernels: Kernels) -> None:
    network = Network(PORT, latency_s=1e-5, efficiency=1.0)
    small, large = kernels.network_collective(
        "all_reduce", [64.0, 64e9], ranks=64, ranks_per_domain=1, network=network
    ).time_s
    assert small == pytest.approx(12e-5, rel=1e-3)  # 2 log2(64) steps up and down a tree
    assert large == pytest.approx(126e-5 + 2 * 63 / 64 * 64e9 / PORT)  # a ring moves fewer bytes


def test_a_hierarchical_all_reduce_adds_what_passes_inside_to_what_passes_between(kernels: Kernels) -> None:
    network = Network(PORT, latency_s=1e-5, efficiency=0.8, all_reduce="hierarchical")
    found = kernels.network_collective("all_reduce", 8e9, ranks=32, ranks_per_domain=8, network=network)
    inside_s = float(kernels.collective("all_reduce", 8e9, ranks=8).time_s)
    assert found.time_s == pytest.approx(inside_s + 4e-5 + 1.5e9 / (0.8 * PORT))


def test_the_slower_of_links_and_ports_sets_the_time(kernels: Kernels) -> None:
    swift = Network(1e15, latency_s=0.0, efficiency=1.0)
    found = kernels.network_collective("all_gather", 8e9, ranks=16, ranks_per_domain=8, network=swift)
    assert found.time_s == pytest.approx(kernels.collective("all_gather", 8e9, ranks=8).time_s)


def test_arguments_broadcast(kernels: Kernels) -> None:
    found = kernels.network_collective(
        "all_to_all", np.array([[1e8], [1e9]]), ranks=np.array([16, 32, 64]), ranks_per_domain=8, network=Network(PORT)
    )
    assert found.time_s.shape == found.basis.shape == (2, 3)
    assert (np.diff(found.time_s, axis=0) > 0).all()


@pytest.mark.parametrize(
    ("name", "message_b", "ranks", "network", "basis"),
    [
        ("all_gather", 1e9, 64, Network(PORT), Basis.MEASURED),
        ("reduce_scatter", 1e9, 1024, Network(PORT), Basis.MEASURED),
        ("all_to_all", 1e9, 64, Network(PORT), Basis.MEASURED),
        ("all_to_all", 1e9, 1024, Network(PORT), Basis.EXTRAPOLATED),  # measured to 16 nodes
        ("all_gather", 1e3, 64, Network(PORT), Basis.EXTRAPOLATED),  # measured from 16 MiB
        ("all_gather", 1e9, 64, Network(100e9), Basis.EXTRAPOLATED),  # measured on ports of 400 Gb/s
        ("all_gather", 1e9, 64, Network(PORT, latency_s=1e-6), Basis.EXTRAPOLATED),
        ("all_reduce", 1e9, 64, Network(PORT), Basis.EXTRAPOLATED),  # no sum between nodes was measured
        ("all_gather", 1e9, 64, Network(PORT, 1e-6, 0.9, "assumption"), Basis.DATASHEET),
    ],
)
def test_an_answer_says_what_it_rests_on(
    kernels: Kernels, name: CollectiveName, message_b: float, ranks: int, network: Network, basis: Basis
) -> None:
    found = kernels.network_collective(name, message_b, ranks=ranks, ranks_per_domain=8, network=network)
    assert found.basis == basis


def test_a_send_between_nodes_inside_the_measured_range_is_measured(kernels: Kernels) -> None:
    found = kernels.network_collective("point_to_point", 1e7, ranks=2, ranks_per_domain=1, network=Network(PORT))
    path = measured_paths()["point_to_point"]
    assert found.time_s == pytest.approx(path.step_s + 1e7 / (path.efficiency * PORT))
    assert found.basis == Basis.MEASURED


def test_shares_of_bus_bandwidth_become_times_by_simais_own_formula(public_data: Path) -> None:
    rows = simai_bus_bandwidth.rows(public_data / "kernels")
    two_nodes = rows[(rows["domains"] == 2) & (rows["message_b"] == 2**24)].set_index("collective")["time_s"]
    # 16 MiB over 16 ranks: 0.32 of eight ports, and 0.52 of one port for the half that leaves the node.
    assert two_nodes["all_gather"] == pytest.approx(2**24 * 15 / 16 / (0.32 * 8 * 48.5e9))
    assert two_nodes["all_to_all"] == pytest.approx(2**24 / 2 / (0.52 * 48.5e9))
    assert len(rows) == 77 + 44


def test_the_fit_that_comes_along_is_the_fit_of_the_public_tables(public_data: Path, tmp_path: Path) -> None:
    found = fit_network(public_data)
    assert set(found) == set(measured_paths())
    for name, path in found.items():
        kept = measured_paths()[name]
        assert path.rows == kept.rows
        for field in ("step_s", "efficiency", "ramp_s", "held_out_median", "held_out_p95"):
            assert math.isclose(getattr(path, field), getattr(kept, field), rel_tol=0.01, abs_tol=1e-12)
    write_network(found, tmp_path / "network.yaml")
    assert (tmp_path / "network.yaml").read_text(encoding="utf-8").startswith("# Traffic between scale-up domains")


def test_held_out_errors_between_nodes_reach_their_goal() -> None:
    for path in measured_paths().values():
        assert path.held_out_median < 0.10
        assert path.held_out_p95 < 0.30
