"""Energy: exact, whole, and each job's own share of it."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from models.compiled import plain
from simulator.engine import advance_kernel
from simulator.engine import state as layout
from simulator.placement.spread import Spread

# Idle 100 W for the processors and 50 W for each of two accelerators; 200 W and 400 W at full load.
GPU_NODE = node(cores=4, accelerators=2)


def test_two_jobs_share_a_node_and_one_is_throttled_half_way() -> None:
    # a holds one accelerator and 2 of 4 cores: half the idle power 100 + 350 + 100 * 2/4 = 500 W.
    # b holds the other one and 1 core:         half the idle power 100 + 350 + 100 * 1/4 = 475 W.
    # At 50 b is held to half its clock: 350 * 0.5 ** 2 = 87.5 W in the accelerator, so 212.5 W, and its other 50 s of
    # work take 100 s. a ends at 100; from then on its half of the idle power is unheld.
    jobs = workload(Job(0, 100, gpus=1, cores=2), Job(0, 100, gpus=1, cores=1))
    hall = Hall(fleet([GPU_NODE]), jobs).at(50, lambda batch: batch.set_job_clock([1], 0.5)).run()
    assert hall.ends_s == {"a": 100.0, "b": 150.0}
    assert hall.change_points == [(0.0, 975.0), (50.0, 712.5), (100.0, 312.5)]
    assert hall.of_jobs("energy_j") == {"a": 500.0 * 100, "b": 475.0 * 50 + 212.5 * 100}
    assert hall.state.nodes[0]["unheld_energy_j"] == 100.0 * 50
    assert hall.state.nodes[0]["energy_j"] == hall.energy_j == 50_000.0 + 45_000.0 + 5_000.0
    assert hall.peak_w == hall.state.nodes[0]["peak_w"] == 975.0
    assert_energy_is_whole(hall)


def test_a_throttled_node_slows_both_of_its_jobs() -> None:
    jobs = workload(Job(0, 100, gpus=1, cores=2), Job(0, 100, gpus=1, cores=1))
    hall = Hall(fleet([GPU_NODE]), jobs).at(50, lambda batch: batch.set_node_clock([0], 0.5)).run()
    assert hall.ends_s == {"a": 150.0, "b": 150.0}
    assert hall.of_jobs("energy_j") == {"a": 500.0 * 50 + 237.5 * 100, "b": 475.0 * 50 + 212.5 * 100}
    assert hall.state.nodes[0]["unheld_energy_j"] == 0.0


def test_sharers_of_an_accelerator_pay_in_proportion_to_the_use_they_bring() -> None:
    # Utilisation 0.5 + 0.3 * 0.5 = 0.65 on a square-root curve; a brings 50 of the 65 parts.
    box = node(cores=4, accelerators=1, curve="square_root")
    jobs = workload(Job(0, 10, gpus=0.5), Job(0, [(10, 0.5)], gpus=0.3))
    hall = Hall(fleet([box]), jobs).run(until_s=10)
    dynamic_w = 350.0 * math.sqrt(0.65)
    energy_j = hall.of_jobs("energy_j")
    assert energy_j["a"] == pytest.approx(10 * (0.5 * 150.0 + dynamic_w * 50 / 65), rel=1e-12)
    assert energy_j["b"] == pytest.approx(10 * (0.3 * 150.0 + dynamic_w * 15 / 65), rel=1e-12)
    assert hall.state.nodes[0]["unheld_energy_j"] == pytest.approx(10 * 0.2 * 150.0, rel=1e-12)
    assert_energy_is_whole(hall)


def test_an_exclusive_job_pays_for_the_whole_node() -> None:
    hall = Hall(fleet([GPU_NODE] * 2), workload(Job(0, [(10, 0.4)]))).run()
    # Idle 200 W, and 0.4 of 700 W in the accelerators and 100 W in the processors.
    assert hall.of_jobs("energy_j") == {"a": pytest.approx(10 * (200 + 0.4 * 800), rel=1e-14)}
    assert hall.state.nodes["unheld_energy_j"].tolist() == [0.0, 2000.0]


def test_a_job_of_cores_on_a_node_with_accelerators_pays_what_it_adds() -> None:
    hall = Hall(fleet([GPU_NODE]), workload(Job(0, 10, cores=2))).run()
    assert hall.of_jobs("energy_j") == {"a": 500.0}
    assert hall.state.nodes[0]["unheld_energy_j"] == 2000.0


def test_phases_change_power_at_their_borders() -> None:
    hall = Hall(fleet([node()]), workload(Job(5, [(10, 1.0), (20, 0.25), (5, 0.25), (1, 0.0)]))).run(until_s=50)
    assert hall.change_points == [(0.0, 100.0), (5.0, 200.0), (15.0, 125.0), (40.0, 100.0)]
    assert hall.of_jobs("energy_j") == {"a": 10 * 200.0 + 25 * 125.0 + 1 * 100.0}


def test_the_power_of_a_rack_is_there_while_any_of_its_nodes_is() -> None:
    halls = fleet(
        [node()] * 3, racks=[0, 0, 1], rack_power_w=[30.0, 7.0], commission_s=[0, 10, 20], retire_s=[40, 50, np.inf]
    )
    hall = Hall(halls, workload(Job(0, 60))).run(until_s=60)
    racks, nodes = hall.state.racks, hall.state.nodes
    assert racks["energy_j"][0] - nodes["energy_j"][:2].sum() == pytest.approx(30.0 * 60)  # n0 drains until 60
    assert racks["energy_j"][1] - nodes["energy_j"][2] == pytest.approx(7.0 * 40)
    assert nodes["energy_j"].tolist() == [60 * 200.0, 40 * 100.0, 40 * 100.0]
    assert_energy_is_whole(hall)


def test_a_run_to_until_covers_it_exactly() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(10, 100))).run(until_s=40)
    assert hall.energy_j == 40 * 100.0 + 10 * 100.0 + 30 * 200.0
    assert hall.of_jobs("energy_j") == {"a": 30 * 200.0}
    assert hall.of_jobs("status") == {"a": layout.RUNNING}
    assert hall.of_jobs("held_s") == {"a": 30.0}
    assert hall.state.nodes["held_s"].tolist() == [30.0, 0.0]
    assert hall.state.nodes["service_s"].tolist() == [40.0, 40.0]
    assert hall.state.meters["as_of_s"].tolist() == [40.0] * len(layout.QUANTITIES)


def test_what_ends_or_comes_at_until_counts_and_costs_nothing() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 40), Job(40, 1))).run(until_s=40)
    assert hall.of_jobs("status") == {"a": layout.COMPLETED, "b": layout.QUEUED}
    assert hall.energy_j == hall.of_jobs("energy_j")["a"] == 40 * 200.0


def test_a_run_without_until_ends_with_its_last_job() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 3), Job(10, 4)))
    hall.at(1000, lambda batch: batch.set_node_clock([0], 0.5)).run()
    assert hall.end_s == 14.0
    assert hall.energy_j == 3 * 200.0 + 7 * 100.0 + 4 * 200.0


def test_an_idle_hall_draws_idle_power_to_the_end() -> None:
    hall = Hall(fleet([node()] * 3), workload(Job(1e9, 1))).run(until_s=3.0e7)
    assert hall.energy_j == 300.0 * 3.0e7
    assert hall.change_points == [(0.0, 300.0)]


def test_a_job_without_work_takes_no_time_and_leaves_no_peak() -> None:
    jobs = workload(Job(0, 1), Job(5, 1), Job(5, 1))
    jobs = dataclasses.replace(jobs, phase_work_s=np.array([1.0, 0.0, 3.0]))
    hall = Hall(fleet([node()]), jobs).run(until_s=20)
    assert hall.starts_s == {"a": 0.0, "b": 5.0, "c": 5.0}
    assert hall.ends_s == {"a": 1.0, "b": 5.0, "c": 8.0}
    assert hall.of_jobs("energy_j")["b"] == 0.0


def test_peaks_pass_over_what_did_not_last() -> None:
    # b starts where a ends, and c does nothing at 30: at no time do two nodes work.
    jobs = workload(Job(0, 10), Job(10, 10), Job(30, 1))
    jobs = dataclasses.replace(jobs, phase_work_s=np.array([10.0, 10.0, 0.0]))
    hall = Hall(fleet([node()] * 2), jobs, placement=Spread()).run(until_s=40)
    assert hall.peak_w == 300.0
    assert hall.state.racks["peak_w"].tolist() == [300.0]
    assert hall.buckets()[:, 2].max() == 300.0
    late = Hall(fleet([node()]), dataclasses.replace(workload(Job(5, 1)), phase_work_s=np.zeros(1))).run(until_s=9)
    assert late.peak_w == late.state.nodes[0]["peak_w"] == 100.0


def mixed_hall(seed: int, *, interval_s: int = 60, start_utc_s: float = 0.0) -> Hall:
    """Shares, cores and whole nodes in phases, throttled, drained, retired and commissioned."""
    draws = np.random.default_rng(seed)
    shapes = [{"gpus": 0.3, "cores": 0.5}, {"gpus": 2}, {"cores": 1.5}, {"gpus": 0.5, "memory_gib": 9}, {}]
    jobs = [
        Job(
            float(draws.uniform(0, 400)),
            [(float(draws.uniform(0.1, 40)), float(draws.random())) for _ in range(draws.integers(1, 4))],
            tasks=int(draws.integers(1, 4)),
            checkpoint_s=10.0,
            **shapes[draws.integers(len(shapes))],  # type: ignore[arg-type]
        )
        for _ in range(60)
    ]
    box, other = node(cores=4, accelerators=2, curve="cubic"), node(cores=8, accelerators=4, curve="square_root")
    halls = fleet(
        [box, other, box, other, box],
        racks=[0, 0, 1, 1, 2],
        rack_power_w=[11.0, 0.0, 5.0],
        commission_s=[0, 0, 100.5, 0, 250],
        retire_s=[np.inf, 300, np.inf, np.inf, np.inf],
        drains=False,
    )
    hall = Hall(halls, workload(*jobs), placement=Spread(), interval_s=interval_s, start_utc_s=start_utc_s)
    hall.at(70.3, lambda batch: batch.set_node_clock([0, 1], 0.7))
    hall.at(140.1, lambda batch: batch.set_job_clock(range(0, 60, 3), 0.4))
    hall.at(210.9, lambda batch: batch.set_node_clock([0], 1.0))
    hall.at(260.0, lambda batch: batch.retire([3], drain=True))
    return hall


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("until_s", [None, 333.3])
def test_jobs_and_what_nobody_holds_make_the_whole(seed: int, until_s: float | None) -> None:
    hall = mixed_hall(seed).run(until_s)
    assert_energy_is_whole(hall)
    state = hall.state
    shared_j = state.racks["energy_j"].sum() - state.nodes["energy_j"].sum()
    expected_j = 11.0 * hall.end_s + 5.0 * max(hall.end_s - 250.0, 0.0)
    assert shared_j == pytest.approx(expected_j, rel=1e-9)


@pytest.mark.parametrize(("interval_s", "start_utc_s"), [(60, 0.0), (7, 1000.0), (3600, 86_399.0), (30, 12.5)])
def test_buckets_hold_what_the_change_points_say(interval_s: int, start_utc_s: float) -> None:
    hall = mixed_hall(1, interval_s=interval_s, start_utc_s=start_utc_s).run()
    at_s = np.array([point[0] for point in hall.change_points])
    level_w = np.array([point[1] for point in hall.change_points])
    first_edge_s = interval_s - start_utc_s % interval_s
    edges_s = np.concatenate([[0.0], np.arange(first_edge_s, hall.end_s, interval_s), [hall.end_s]])
    buckets = hall.buckets()
    assert len(buckets) == len(edges_s) - 1
    ends_s = np.append(at_s[1:], hall.end_s)
    energy_j = np.concatenate([[0.0], np.cumsum(level_w * (ends_s - at_s))])
    assert buckets[:, 0] == pytest.approx(np.diff(np.interp(edges_s, np.append(at_s, hall.end_s), energy_j)), rel=1e-9)
    for index, (from_s, to_s) in enumerate(itertools.pairwise(edges_s)):
        lasting = (np.minimum(ends_s, to_s) - np.maximum(at_s, from_s)) > 0
        assert buckets[index, 1] == level_w[lasting].min()
        assert buckets[index, 2] == level_w[lasting].max()


def test_a_running_sum_keeps_what_doubles_drop() -> None:
    row = np.zeros(1, layout.RACK)[0]
    for change_w in (1e16, 1.0, 1.0, -1e16, -1.0):
        plain(advance_kernel._add)(row, change_w)
    assert row["power_w"] + row["lost_w"] == 1.0  # a plain sum loses both ones and gives -1


def test_every_meter_integrates_its_own_quantity() -> None:
    jobs = workload(Job(0, 10, gpus=1.0, tasks=3), Job(2, [(4, 0.5)], gpus=2))
    hall = Hall(fleet([GPU_NODE] * 2), jobs).run(until_s=20)
    integral = dict(zip(layout.QUANTITIES, hall.state.meters["integral"].tolist(), strict=True))
    assert integral == {
        "it_power_w": hall.energy_j,
        "queued_jobs": 8.0,  # b waits from 2 to 10
        "running_jobs": 14.0,
        "held_nodes": 10 * 2 + 4.0,
        "nodes_in_service": 40.0,
        "granted_accelerators": 10 * 3 + 4 * 2.0,
        "active_accelerators": 10 * 3 + 4 * 2 * 0.5,
        "accelerators_in_service": 80.0,
        "facility_power_w": hall.energy_j,  # no building around it
        "grid_power_w": hall.energy_j,
        "backup_power_w": 0.0,
        "spilled_power_w": 0.0,
    }


@pytest.mark.parametrize("seed", range(3))
def test_meters_agree_with_the_tables_of_jobs_and_nodes(seed: int) -> None:
    state = mixed_hall(seed).run(333.3).state
    integral = dict(zip(layout.QUANTITIES, state.meters["integral"].tolist(), strict=True))
    assert integral["held_nodes"] == pytest.approx(state.nodes["held_s"].sum(), rel=1e-12)
    assert integral["nodes_in_service"] == pytest.approx(state.nodes["service_s"].sum(), rel=1e-12)
    assert integral["running_jobs"] == pytest.approx(state.jobs["held_s"].sum(), rel=1e-12)
