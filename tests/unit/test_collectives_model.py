"""Collectives inside a scale-up domain: bytes, closed form, tables and readers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import catalog
from models.calibration.estimate import Basis
from models.calibration.fitting import Origin, fit_kernel, is_held_out
from models.calibration.kernels import Kernels
from models.calibration.operation import Rates, Shape
from models.calibration.operations.collectives import AllGather, AllReduce, AllToAll, PointToPoint, ReduceScatter
from models.calibration.sources import vidur_collectives
from models.calibration.sources.aiconfigurator_collectives import rows_of

LINKS = Rates(compute_flop_per_s=1.0, bandwidth_b_per_s=100e9)
FREE = {"latency_s": 2e-6, "growth": 1.0, "links": 0.5, "crowding": 1e-12, "ramp_s": 1e-30}


def shape(ranks: float, message_b: float) -> Shape:
    return {"ranks": np.array([ranks]), "message_b": np.array([message_b])}


@pytest.mark.parametrize(
    ("operation", "traffic_b"),
    [
        (AllReduce(), 1400.0),  # 2 x 7/8 of 800 bytes
        (AllGather(), 700.0),
        (ReduceScatter(), 700.0),
        (AllToAll(), 700.0),
        (PointToPoint(), 800.0),
    ],
)
def test_bytes_on_each_ranks_links_are_those_of_a_ring(operation: AllReduce, traffic_b: float) -> None:
    assert operation.work(shape(8, 800.0), "bf16").traffic_b == pytest.approx([traffic_b])


def test_a_large_message_takes_its_bytes_over_the_reachable_bandwidth() -> None:
    # 1 s x 50 GB/s over the links: all-gather of 100 GB by two, half of it over each rank's links; 2 us are nothing.
    assert AllGather().closed_form_s(shape(2, 100e9), "bf16", LINKS, FREE) == pytest.approx([1.0], rel=1e-5)


def test_a_small_message_takes_a_latency_that_grows_with_the_ranks() -> None:
    eight = AllGather().closed_form_s(shape(8, 1.0), "bf16", LINKS, FREE)
    assert eight == pytest.approx([8e-6], rel=1e-4)  # 2 us x (8 / 2)^1


def test_the_square_root_term_is_the_geometric_mean_of_ramp_and_links() -> None:
    # 4 s on the links, a ramp of 1 s: sqrt(4 x 1) = 2 s more.
    slow = {**FREE, "ramp_s": 1.0}
    assert AllGather().closed_form_s(shape(2, 400e9), "bf16", LINKS, slow) == pytest.approx([6.0], rel=1e-5)


def measured() -> pd.DataFrame:
    """A collective that takes half as long again as its closed form from 64 kB on: a change of protocol."""
    ranks, messages = np.meshgrid([2.0, 4.0, 8.0], 2.0 ** np.arange(9, 30), indexing="ij")
    rows = pd.DataFrame({"ranks": ranks.ravel(), "message_b": messages.ravel()})
    columns = {name: rows[name].to_numpy() for name in ("ranks", "message_b")}
    step = np.where(rows["message_b"] >= 65536, 1.5, 1.0)
    return rows.assign(time_s=step * AllReduce().closed_form_s(columns, "bf16", LINKS, {**FREE, "growth": 0.5}))


def test_a_fit_returns_what_was_measured_and_knows_its_range() -> None:
    rows = measured()
    kernel = fit_kernel(AllReduce(), rows, LINKS, Origin("nccl", "bf16", "made up", "none"))
    time_s, basis = kernel.predict(AllReduce(), {name: rows[name].to_numpy() for name in ("ranks", "message_b")}, LINKS)
    assert time_s == pytest.approx(rows["time_s"].to_numpy(), rel=0.05)
    assert (basis == Basis.MEASURED).all()
    for ranks, expected in ((6, Basis.MEASURED), (9, Basis.EXTRAPOLATED), (72, Basis.EXTRAPOLATED)):
        _, basis = kernel.predict(AllReduce(), shape(ranks, 1e6), LINKS)
        assert basis == [expected]


def test_a_message_beyond_the_largest_goes_on_as_the_largest_and_says_so() -> None:
    fitted = fit_kernel(AllReduce(), measured(), LINKS, Origin("nccl", "bf16", "made up", "none"))
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"), "nccl", {("all_reduce", "bf16"): fitted})
    found = kernels.collective("all_reduce", [2.0**29, 2.0**32], ranks=8)
    assert found.basis.tolist() == [Basis.MEASURED, Basis.EXTRAPOLATED]
    assert found.time_s[1] / found.time_s[0] == pytest.approx(8.0, rel=0.02)


def test_a_single_rank_takes_no_time_and_needs_no_measurement() -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"))
    found = kernels.collective("all_gather", 1e6, ranks=[1, 2])
    assert found.time_s[0] == 0.0 < found.time_s[1]
    assert found.basis.tolist() == [Basis.MEASURED, Basis.DATASHEET]


def test_a_message_that_was_held_out_is_answered_between_its_neighbours() -> None:
    kernel = fit_kernel(AllReduce(), measured(), LINKS, Origin("nccl", "bf16", "made up", "none"))
    held = measured()[is_held_out(AllReduce(), measured())]
    assert kernel.held_out is not None
    assert kernel.held_out.rows == len(held) > 0
    # Of what is held out only the ends of the range lie beyond a neighbour.
    ends = held["message_b"].isin([512.0, 2.0**29]).mean()
    assert kernel.held_out.fallback_share == pytest.approx(ends, abs=0.1)


def test_message_sizes_of_tables_are_elements_and_eager_rows_are_left_out() -> None:
    table = pd.DataFrame(
        {
            "op_name": ["all_reduce", "all_reduce", "alltoall", "all_reduce"],
            "kernel_source": ["NCCL", "NCCL", "NCCL", "vLLM_custom_eager"],
            "nccl_dtype": ["half", "int8", "int8", "half"],
            "num_gpus": [8, 8, 4, 8],
            "message_size": [1024, 1024, 512, 1024],
            "latency": [0.02, 0.03, 0.01, 0.5],
        }
    )
    rows = rows_of(table, "nccl_dtype").reset_index(drop=True)
    expected = pd.DataFrame(
        {
            "operation": ["all_reduce", "all_reduce", "all_to_all"],
            "dtype": ["bf16", "int8", "bf16"],  # A collective that only moves bytes has no number format.
            "ranks": [8.0, 8.0, 4.0],
            "message_b": [2048.0, 1024.0, 512.0],
            "time_s": [2e-5, 3e-5, 1e-5],
        }
    )
    pd.testing.assert_frame_equal(rows, expected, check_dtype=False)


def test_sends_inside_a_node_reach_most_of_nvlink_and_between_nodes_most_of_a_port(public_data) -> None:  # type: ignore[no-untyped-def]
    bandwidths = []
    for devices in (2, 1):
        rows = vidur_collectives.sends(public_data / "kernels", devices_per_node=devices)
        large = rows[rows["message_b"] > 60e6]
        bandwidths.append((large["message_b"] / large["time_s"]).median())
    assert 300e9 < bandwidths[0] < 450e9  # H100: 450 GB/s a direction
    assert 30e9 < bandwidths[1] < vidur_collectives.PORT_B_PER_S
